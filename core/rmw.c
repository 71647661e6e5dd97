// SPDX-License-Identifier: MIT
/*
 * Part-sector writes: read the blocks that are covered in part, put the new
 * bytes into them, write the whole.
 *
 * Between the read and the write nobody else may write there, on any lane:
 *
 *   1. the range is held (core/holds.h): later writes wait, also other
 *      part-sector ones, which queue up behind it;
 *   2. a barrier goes through every lane: each passes it when no write of its
 *      own that overlaps is on a device any more. A lane looks at its own list
 *      only, and a write that it dispatches afterwards sees the hold, so the
 *      fast path of writes pays for this with one load of a counter;
 *   3. the edges are read, merged, written, and the range is let go.
 */
#include "core/lane_private.h"

#include <errno.h>
#include <string.h>

#include "core/volume.h"

/* The largest block; device.c refuses larger ones. */
#define EDGE_SIZE 4096

/* A barrier's visit to one lane. */
struct visit {
	struct mail mail;
	struct cds_list_head link; /* the lane's list, while it cannot pass */
	struct request *r;
};

struct barrier {
	_Atomic unsigned int pending; /* lanes that have not let it pass */
	uint32_t block;
	struct mail passed; /* to the request's own lane */
	struct visit visit[LANE_MAX];
};

static char *edge(const struct request *r, int which)
{
	/* Behind the data at its largest: aligned, it grows by two blocks. */
	size_t room = ROUND_UP((size_t)r->len + 2 * EDGE_SIZE,
			       (size_t)EDGE_SIZE);

	return r->buf + room + (size_t)which * EDGE_SIZE;
}

static bool head_is_partial(const struct request *r)
{
	return r->shift != 0;
}

static bool tail_is_partial(const struct request *r)
{
	return r->io_end != r->off + r->len;
}

/* Is the tail's block another one than the head's, or the head's whole? */
static bool tail_is_own(const struct request *r, uint32_t block)
{
	return r->io_end - r->io_off > block || !head_is_partial(r);
}

static void read_edges(struct lane *l, struct request *r)
{
	uint32_t block = r->barrier->block;

	r->phase = PHASE_EDGES;
	r->stepping = true; /* both are to be out before we look */
	if (head_is_partial(r))
		lane_piece_begin(l, r, &r->piece[0], IO_READ, edge(r, 0),
				 r->io_off, block);
	if (tail_is_partial(r) && tail_is_own(r, block))
		lane_piece_begin(l, r, &r->piece[1], IO_READ, edge(r, 1),
				 r->io_end - block, block);
	r->stepping = false;
	lane_continue(l, r);
}

void rmw_merge(struct request *r)
{
	uint32_t block = r->barrier->block;
	size_t end = r->shift + (size_t)r->len;
	size_t rest = (size_t)(r->io_end - r->io_off) - end;

	memmove(r->buf + r->shift, r->buf, r->len);
	memcpy(r->buf, edge(r, 0), r->shift);
	if (rest)
		memcpy(r->buf + end,
		       edge(r, tail_is_own(r, block)) + block - rest, rest);
	r->merged = true;
	r->phase = PHASE_DATA;
}

static void passed(struct mail *m, void *owner)
{
	struct barrier *b = container_of(m, struct barrier, passed);
	struct request *r = b->visit[0].r;
	struct lane *l = owner;

	if (r->killed) {
		r->error = EINTR;
		lane_finish(l, r);
		return;
	}
	read_edges(l, r);
}

static bool overlaps(const struct piece *p, const struct request *r)
{
	return p->req->hold.family != r->hold.family &&
	       p->req->volume == r->volume && io_op_modifies(p->io.op) &&
	       p->io.off < r->io_end && r->io_off < p->io.off + p->io.len;
}

static bool may_pass(struct lane *l, const struct request *r)
{
	const struct piece *p;

	cds_list_for_each_entry(p, &l->out, link)
		if (overlaps(p, r))
			return false;
	return true;
}

/* The last lane to let it pass tells the request's own; b may be gone then. */
static void let_pass(struct visit *v)
{
	struct request *r = v->r;
	struct barrier *b = r->barrier;

	if (atomic_fetch_sub_explicit(&b->pending, 1, memory_order_acq_rel) == 1)
		mailbox_post(r->lane->mailbox, &b->passed);
}

static void arrive(struct mail *m, void *owner)
{
	struct visit *v = container_of(m, struct visit, mail);
	struct lane *l = owner;

	if (may_pass(l, v->r))
		let_pass(v);
	else
		cds_list_add_tail(&v->link, &l->barriers);
}

void lane_barriers_check(struct lane *l)
{
	struct visit *v, *next;

	if (cds_list_empty(&l->barriers))
		return;
	cds_list_for_each_entry_safe(v, next, &l->barriers, link) {
		if (!may_pass(l, v->r))
			continue;
		cds_list_del(&v->link);
		let_pass(v);
	}
}

void rmw_begin(struct lane *l, struct request *r)
{
	struct holds *h = &r->volume->holds;
	struct barrier *b;

	if (!holds_try_add(h, &r->hold, r->io_off, r->io_end)) {
		lane_hold_request(l, r);
		return;
	}
	b = calloc(1, sizeof(*b));
	if (!b) {
		r->error = ENOMEM;
		lane_finish(l, r);
		return;
	}
	b->block = lane_view(r->volume)->block;
	b->passed.deliver = passed;
	atomic_init(&b->pending, l->nr_lanes);
	r->barrier = b;
	r->phase = PHASE_BARRIER;
	for (unsigned int i = 0; i < l->nr_lanes; i++) {
		b->visit[i].r = r;
		b->visit[i].mail.deliver = arrive;
	}
	/* Once the last is posted, b may be gone. */
	for (unsigned int i = 0; i < l->nr_lanes; i++)
		mailbox_post(l->peers[i], &b->visit[i].mail);
}
