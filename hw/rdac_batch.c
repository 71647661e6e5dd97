// SPDX-License-Identifier: MIT
/*
 * Batches of volumes to be moved; see rdac_batch.h.
 *
 * A slot for each controller has up to three batches: one that is open, one
 * that is being sent, and the result of the one before. If all slots are taken,
 * the one that was used least of late becomes another controller's, unless it
 * is sending; whoever has a ticket of it begins anew. Tickets are never given
 * twice, so that an old one fits nowhere.
 *
 * One lock guards all of it; it is held for a moment only.
 */
#include "hw/rdac_batch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* More than a host has controllers that fail over at the same time. */
#define NR_SLOTS 64

struct slot {
	struct rdac_controller controller;
	/* tickets; 0: none */
	uint64_t open, sent, ended;
	struct rdac_batch next; /* of `open` */
	struct rdac_batch last; /* of `ended` */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock. */
static struct slot slots[NR_SLOTS];
static uint64_t last_ticket;

static bool same(const struct rdac_controller *a,
		 const struct rdac_controller *b)
{
	return !memcmp(a->array, b->array, sizeof(a->array)) &&
	       a->index == b->index && !strcmp(a->host, b->host);
}

/* Its last ticket; 0: it has never been used. */
static uint64_t last_use(const struct slot *s)
{
	return MAX(MAX(s->open, s->sent), s->ended);
}

static struct slot *slot_for(const struct rdac_controller *c)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < NR_SLOTS; i++) {
		struct slot *s = &slots[i];

		if (last_use(s) && same(&s->controller, c))
			return s;
		if (!s->sent && (!oldest || last_use(s) < last_use(oldest)))
			oldest = s;
	}
	if (oldest) {
		memset(oldest, 0, sizeof(*oldest));
		oldest->controller = *c;
	}
	return oldest;
}

uint64_t rdac_batch_join(const struct rdac_controller *c, uint8_t lun)
{
	uint64_t ticket = 0;
	struct slot *s;

	pthread_mutex_lock(&lock);
	s = slot_for(c);
	if (s) {
		if (!s->open) {
			s->open = ++last_ticket;
			memset(&s->next, 0, sizeof(s->next));
		}
		s->next.wants[lun] = true;
		ticket = s->open;
	}
	pthread_mutex_unlock(&lock);
	return ticket;
}

static enum rdac_turn turn(struct slot *s, uint64_t ticket,
			   struct rdac_batch *ret)
{
	if (s->ended == ticket) {
		*ret = s->last;
		return RDAC_ENDED;
	}
	if (s->sent)
		return RDAC_UNDER_WAY; /* it, or the one before it */
	*ret = s->next;
	s->sent = ticket;
	s->open = 0;
	return RDAC_SEND;
}

enum rdac_turn rdac_batch_turn(uint64_t ticket, struct rdac_batch *ret)
{
	enum rdac_turn t = RDAC_FORGOTTEN;

	if (!ticket)
		return t;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < NR_SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->open == ticket || s->sent == ticket ||
		    s->ended == ticket) {
			t = turn(s, ticket, ret);
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	return t;
}

void rdac_batch_end(uint64_t ticket, enum activate_result result,
		    const char *message)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < NR_SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->sent != ticket)
			continue;
		s->ended = ticket;
		s->sent = 0;
		s->last.result = result;
		snprintf(s->last.message, sizeof(s->last.message), "%s",
			 message);
	}
	pthread_mutex_unlock(&lock);
}
