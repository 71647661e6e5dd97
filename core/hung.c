// SPDX-License-Identifier: MIT
/*
 * What hangs: pieces that are still out on a path that is no longer in use.
 *
 *   never submitted   taken back from the submitter's queue, another path
 *   a read, a flush   after HUNG_AFTER another request takes its place, with a
 *                     buffer of its own (the old one is the kernel's until it
 *                     comes back), and answers; what comes back late is thrown
 *                     away
 *   a write           its range is held: nothing that overlaps is written
 *                     until it has come back. With replay_writes = wait it is
 *                     not answered before that either; with quarantine a copy
 *                     goes down another path at once and answers, the hold
 *                     stays
 */
#include "core/lane_private.h"

#include <errno.h>

#include "core/path.h"
#include "core/volume.h"

#define HUNG_AFTER NSEC_PER_SEC
/* When the front had no free request to take a place. */
#define RETRY_AFTER (100 * NSEC_PER_MSEC)

static bool usable(const struct path *p)
{
	return atomic_load_explicit(&p->usable, memory_order_relaxed);
}

/* Another request answers in r's place. False: none free now. */
static bool replace(struct lane *l, struct request *r)
{
	struct request *heir = l->front->replace(l->front, r);

	if (!heir)
		return false;
	r->orphan = true;
	r->error = r->error ? r->error : EIO; /* nothing more is issued */
	lane_end_parked(l, r, EIO); /* something is out: r has not ended */
	lane_begin(l, heir, r);
	if (r->phase == PHASE_EDGES) /* it has written nothing, nor will it */
		lane_release_hold(l, r);
	return true;
}

/* Returns when to look at p again; 0: it has been dealt with. */
static uint64_t give_up(struct lane *l, struct piece *p)
{
	struct request *r = p->req;
	bool again = true;

	/* Not of an edge that is being read: that changes nothing, no risk. */
	if (io_op_modifies(p->io.op)) {
		if (!r->hold.held)
			holds_add(&r->volume->holds, &r->hold, r->io_off,
				  r->io_end);
		again = lane_view(r->volume)->quarantine;
	}
	if (again && !r->orphan && !replace(l, r))
		return l->now + RETRY_AFTER;
	p->hung = true;
	return 0;
}

static uint64_t look(struct lane *l, struct piece *p)
{
	if (p->hung || usable(p->path))
		return 0;
	if (l->engine->ops->recall(l->engine, &p->io)) {
		lane_recalled(l, p);
		return 0;
	}
	if (l->now < p->start + HUNG_AFTER)
		return p->start + HUNG_AFTER;
	return give_up(l, p);
}

void hung_scan(struct lane *l)
{
	struct piece *p, *next;
	uint64_t soonest = 0;

	/* New pieces come at the tail, on usable paths: they end the walk. */
	cds_list_for_each_entry_safe(p, next, &l->out, link) {
		uint64_t t = look(l, p);

		if (t && (!soonest || t < soonest))
			soonest = t;
	}
	l->hung_scan = soonest;
}

void hung_known_again(struct lane *l, const struct piece *p)
{
	struct request *r = p->req;

	if (!r->hold.held || r->barrier)
		return;
	for (int i = 0; i < REQUEST_PIECES; i++)
		if (&r->piece[i] != p && r->piece[i].state == PIECE_OUT)
			return;
	lane_release_hold(l, r);
}
