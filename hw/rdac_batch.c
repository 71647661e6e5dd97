// SPDX-License-Identifier: MIT
/*
 * Batches of volumes to be moved; see rdac_batch.h.
 *
 * A slot for each controller has up to three batches: one that is open, one
 * that is being sent, and the result of the one before. If all slots are taken,
 * the one that was used least of late becomes another controller's, unless it
 * is sending; whoever has a ticket of it begins anew. Batches are numbered, so
 * that an old one fits nowhere; a ticket is its number and the volume's.
 *
 * One lock guards all of it; it is held for a moment only.
 */
#include "hw/rdac_batch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* More than a host has controllers that fail over at the same time. */
#define NR_SLOTS 64

/* A handler's pause is 2 s at most. */
#define STALE (10 * NSEC_PER_SEC)

enum { LUN_BITS = 8 };

struct slot {
	struct rdac_controller controller;
	/* batches; 0: none */
	uint64_t open, sent, ended;
	/* of `open`: */
	bool wants[RDAC_LUNS];
	uint64_t asked[RDAC_LUNS]; /* ns: when that was last said */
	bool moves[RDAC_LUNS];	   /* of `sent` */
	struct rdac_batch last;	   /* of `ended` */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock. */
static struct slot slots[NR_SLOTS];
static uint64_t last_batch;

static bool same(const struct rdac_controller *a,
		 const struct rdac_controller *b)
{
	return !memcmp(a->array, b->array, sizeof(a->array)) &&
	       a->index == b->index && !strcmp(a->host, b->host);
}

/* Its last batch; 0: it has never been used. */
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

static void want(struct slot *s, uint8_t lun, uint64_t now)
{
	s->wants[lun] = true;
	s->asked[lun] = now;
}

uint64_t rdac_batch_join(const struct rdac_controller *c, uint8_t lun,
			 uint64_t now)
{
	uint64_t ticket = 0;
	struct slot *s;

	pthread_mutex_lock(&lock);
	s = slot_for(c);
	if (s) {
		if (!s->open) {
			s->open = ++last_batch;
			memset(s->wants, 0, sizeof(s->wants));
		}
		want(s, lun, now);
		ticket = s->open << LUN_BITS | lun;
	}
	pthread_mutex_unlock(&lock);
	return ticket;
}

/* Times of others may be a little later than ours. */
static void close_batch(struct slot *s, uint64_t now, struct rdac_batch *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < RDAC_LUNS; i++)
		ret->wants[i] = s->wants[i] && s->asked[i] + STALE >= now;
	memcpy(s->moves, ret->wants, sizeof(s->moves));
	s->sent = s->open;
	s->open = 0;
}

static enum rdac_turn turn(struct slot *s, uint64_t ticket, uint64_t now,
			   struct rdac_batch *ret)
{
	uint64_t batch = ticket >> LUN_BITS;

	uint8_t lun = (uint8_t)ticket;

	if (s->ended == batch) {
		*ret = s->last;
		return ret->wants[lun] ? RDAC_ENDED : RDAC_FORGOTTEN;
	}
	if (s->open == batch)
		want(s, lun, now);
	if (s->sent)
		return RDAC_UNDER_WAY; /* it, or the one before it */
	close_batch(s, now, ret);
	return RDAC_SEND;
}

static bool has(const struct slot *s, uint64_t batch)
{
	return s->open == batch || s->sent == batch || s->ended == batch;
}

enum rdac_turn rdac_batch_turn(uint64_t ticket, uint64_t now,
			       struct rdac_batch *ret)
{
	enum rdac_turn t = RDAC_FORGOTTEN;

	if (!ticket)
		return t;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < NR_SLOTS; i++) {
		if (has(&slots[i], ticket >> LUN_BITS)) {
			t = turn(&slots[i], ticket, now, ret);
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

		if (s->sent != ticket >> LUN_BITS)
			continue;
		memcpy(s->last.wants, s->moves, sizeof(s->moves));
		s->ended = s->sent;
		s->sent = 0;
		s->last.result = result;
		snprintf(s->last.message, sizeof(s->last.message), "%s",
			 message);
	}
	pthread_mutex_unlock(&lock);
}
