// SPDX-License-Identifier: MIT
/*
 * Open files of the tree, in a search tree by their number; see handle.h.
 *
 * Numbers: bit 63 says events. Of a snapshot: bits 62..40 the worker's
 * generation, 39..0 a counter. Of events: bits 62..56 the generation, 55..40 a
 * counter, 39..0 the position of the log at which the reader began. Ten years
 * of 3 kB of events a second fit that, and a daemon that lives longer only has
 * its readers begin too early.
 */
#include "fs/handle.h"

#include <search.h>
#include "fs/node.h"

#define LOW_BITS 40
#define LOW_MASK ((UINT64_C(1) << LOW_BITS) - 1)
#define EVENTS_BIT (UINT64_C(1) << 63)

uint64_t handle_number(struct tree *t)
{
	uint64_t generation = t->env.generation & ((1u << 23) - 1);

	return generation << LOW_BITS | (++t->last_fh & LOW_MASK);
}

uint64_t handle_number_events(struct tree *t, uint64_t base)
{
	uint64_t generation = t->env.generation & 0x7f;
	uint64_t fh = 0;

	/*
	 * Few are open at once, so one of 65536 is free; if not, two readers
	 * share what poll(2) knows of them, and no more.
	 */
	for (unsigned int i = 0; i <= UINT16_MAX; i++) {
		fh = EVENTS_BIT | generation << 56 |
		     (++t->last_fh & UINT16_MAX) << LOW_BITS |
		     (base & LOW_MASK);
		if (!handle_find(t, fh))
			break;
	}
	return fh;
}

uint64_t handle_events_base(uint64_t fh)
{
	return fh & LOW_MASK;
}

static int handle_compare(const void *pa, const void *pb)
{
	const struct handle *a = pa, *b = pb;

	return a->fh < b->fh ? -1 : a->fh > b->fh;
}

struct handle *handle_find(struct tree *t, uint64_t fh)
{
	struct handle key = {.fh = fh};
	struct handle **found = tfind(&key, &t->handles, handle_compare);

	return found ? *found : NULL;
}

struct handle *handle_get(struct tree *t, uint64_t fh)
{
	struct handle *h = handle_find(t, fh);

	if (h)
		return h;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->fh = fh;
	if (tsearch(h, &t->handles, handle_compare))
		return h;
	free(h);
	return NULL;
}

static void handle_free(void *p)
{
	struct handle *h = p;

	free(h->text);
	free(h);
}

void handle_drop(struct tree *t, uint64_t fh)
{
	struct handle *h = handle_find(t, fh);

	if (!h)
		return;
	tdelete(h, &t->handles, handle_compare);
	handle_free(h);
}

void handle_drop_all(struct tree *t)
{
	tdestroy(t->handles, handle_free);
	t->handles = NULL;
}
