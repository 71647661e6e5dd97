// SPDX-License-Identifier: MIT
/*
 * Requests, from arrival to answer; see lane.h. Part-sector writes are in
 * rmw.c, flushes in flush.c, what hangs is in hung.c; this file is the way of
 * all of them:
 *
 *   submit -> cut into pieces -> pick a path -> engine -> end, or another path,
 *   or parked until the monitor has found one -> answer when no piece is out
 *
 * Ordering: a piece that would write where another write's fate is unknown
 * (core/holds.h) is parked like one without a path. The test stands in the
 * dispatch of each piece, so that a retry passes it too.
 */
#include "core/lane_private.h"

#include <errno.h>
#include <string.h>

#include "core/device.h"
#include "core/group.h"
#include "core/path.h"
#include "core/volume.h"

/* A discard is cut, so that failover does not have to do all of it again. */
#define DISCARD_MAX (128ULL << 20)

static bool carries_data(enum io_op op)
{
	return op == IO_READ || op == IO_WRITE;
}

struct volume_lane *lane_volume(struct lane *l, struct volume *v)
{
	return &v->lanes[l->index];
}

const struct view *lane_view(struct volume *v)
{
	return atomic_load_explicit(&v->view, memory_order_acquire);
}

/* Single writer; relaxed: who reads it wants a moment's figure. */
static void add32(_Atomic uint32_t *n, uint32_t by)
{
	atomic_store_explicit(
		n, atomic_load_explicit(n, memory_order_relaxed) + by,
		memory_order_relaxed);
}

/* Keeps the volume in the lane's list while something of it waits here. */
static void relink(struct lane *l, struct volume_lane *vl)
{
	bool waits = !cds_list_empty(&vl->parked) || !cds_list_empty(&vl->held);

	if (waits == vl->linked)
		return;
	vl->linked = waits;
	if (waits)
		cds_list_add_tail(&vl->link, &l->waiting);
	else
		cds_list_del(&vl->link);
}

/* Did a's request arrive after b's? Who takes a place has it from then on. */
static bool is_younger(const struct piece *a, const struct piece *b)
{
	return a->req->hold.family > b->req->hold.family;
}

/* In the order of arrival, also if it comes back late from a path. */
static void park(struct lane *l, struct piece *p)
{
	struct volume_lane *vl = lane_volume(l, p->req->volume);
	struct cds_list_head *at = vl->parked.prev;

	while (at != &vl->parked &&
	       is_younger(cds_list_entry(at, struct piece, link), p))
		at = at->prev;
	p->state = PIECE_PARKED;
	vl->tried = lane_view(p->req->volume)->seq;
	cds_list_add(&p->link, at);
	add32(&vl->parked_n, 1);
	relink(l, vl);
}

static void unpark(struct lane *l, struct piece *p)
{
	struct volume_lane *vl = lane_volume(l, p->req->volume);

	assert(p->state == PIECE_PARKED);
	cds_list_del(&p->link);
	add32(&vl->parked_n, (uint32_t)-1);
	relink(l, vl);
}

void lane_hold_request(struct lane *l, struct request *r)
{
	struct volume_lane *vl = lane_volume(l, r->volume);

	r->phase = PHASE_HELD;
	cds_list_add_tail(&r->link, &vl->held);
	relink(l, vl);
}

static void unhold_request(struct lane *l, struct request *r)
{
	assert(r->phase == PHASE_HELD);
	cds_list_del(&r->link);
	relink(l, lane_volume(l, r->volume));
}

/* Those who waited for a hold look again: on every lane. */
void lane_release_hold(struct lane *l, struct request *r)
{
	if (!r->hold.held)
		return;
	holds_remove(&r->volume->holds, &r->hold);
	for (unsigned int i = 0; i < l->nr_lanes; i++)
		mailbox_poke(l->peers[i]);
}

void lane_finish(struct lane *l, struct request *r)
{
	struct volume_lane *vl = lane_volume(l, r->volume);

	assert(r->outstanding == 0);
	assert(r->phase != PHASE_DONE);
	r->phase = PHASE_DONE;
	free(r->barrier);
	r->barrier = NULL;
	lane_release_hold(l, r);
	/* Failed or not: part of it may be on the medium. Before the answer. */
	if (io_op_modifies(r->op))
		atomic_store_explicit(&vl->writes, vl->writes + 1,
				      memory_order_release);
	else if (r->op == IO_FLUSH && !r->error)
		flush_ended(r);
	add32(&vl->requests, (uint32_t)-1);
	l->front->done(l->front, r, r->error);
}

/* The piece has ended for good; what next for its request? */
static void piece_end(struct lane *l, struct piece *p, int err)
{
	struct request *r = p->req;

	p->state = PIECE_FREE;
	assert(r->outstanding > 0);
	r->outstanding--;
	if (err && !r->error)
		r->error = err;
	lane_continue(l, r);
}

static void dispatch(struct lane *l, struct piece *p, struct group *g,
		     int index)
{
	struct path *path = g->paths[index];

	p->state = PIECE_OUT;
	p->path = path;
	p->index = index;
	p->group_serial = g->serial;
	p->start = l->now;
	p->hung = false;
	atomic_fetch_add_explicit(&path->load.ios, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&path->load.bytes, p->io.len,
				  memory_order_relaxed);
	group_start_io(g, l->index, index, p->io.len, l->now);
	cds_list_add_tail(&p->link, &l->out);
	l->nr_out++;
	p->io.dev = path->dev;
	l->engine->ops->submit(l->engine, &p->io);
}

static bool must_wait(const struct piece *p)
{
	const struct request *r = p->req;
	struct holds *h = &r->volume->holds;

	if (!io_op_modifies(p->io.op) || !holds_any(h))
		return false;
	return holds_conflict(h, p->io.off, p->io.off + p->io.len,
			      r->hold.family);
}

/* The first that waits for the group to be made ready says so. */
static void want_group(struct lane *l, struct volume *v)
{
	if (atomic_load_explicit(&v->wanted, memory_order_relaxed) ||
	    atomic_exchange_explicit(&v->wanted, true, memory_order_relaxed))
		return;
	mailbox_poke(l->monitor); /* release: the flag comes first */
}

/* Finds the piece a path, or parks or ends it. */
static void piece_start(struct lane *l, struct piece *p)
{
	struct request *r = p->req;
	const struct view *v = lane_view(r->volume);
	int index = -1;

	if (r->error || r->killed || v->gone) {
		piece_end(l, p, v->gone ? ENODEV : EINTR);
		return;
	}
	if (must_wait(p)) {
		park(l, p);
		return;
	}
	if (v->unready_since)
		want_group(l, r->volume);
	if (v->group)
		index = group_pick(v->group, l->index, v->seq, p->io.off,
				   p->io.len, l->now);
	if (index >= 0)
		dispatch(l, p, v->group, index);
	else if (v->group || v->queue)
		park(l, p); /* a group: the monitor knows, a new view comes */
	else
		piece_end(l, p, EIO);
}

/* No longer on its path, whatever the result. */
static void account(struct lane *l, struct piece *p)
{
	struct group *g = view_group(lane_view(p->req->volume),
				     p->group_serial);

	assert(p->state == PIECE_OUT);
	cds_list_del(&p->link);
	l->nr_out--;
	atomic_fetch_sub_explicit(&p->path->load.bytes, p->io.len,
				  memory_order_relaxed);
	if (g)
		group_end_io(g, l->index, p->index, p->io.len, p->start,
			     l->now);
	hung_known_again(l, p);
}

/* Last of all that touches the path for this attempt: it may go after that. */
static void leave_path(struct piece *p)
{
	atomic_fetch_sub_explicit(&p->path->load.ios, 1, memory_order_release);
	p->path = NULL;
}

void lane_recalled(struct lane *l, struct piece *p)
{
	account(l, p);
	leave_path(p);
	piece_start(l, p);
	lane_barriers_check(l);
}

/* The time, as far as v's groups were ready for I/O. May go back a little: the
 * monitor's clock is not the lane's. */
static uint64_t ready_time(const struct lane *l, const struct view *v)
{
	uint64_t t = v->unready_since ? v->unready_since : l->now;

	return t - v->unready_ns;
}

/* A path error: another path, unless the request has met them for too long. */
static void path_failed(struct lane *l, struct piece *p, int error)
{
	struct request *r = p->req;
	const struct view *v = lane_view(r->volume);
	uint64_t t = ready_time(l, v);

	path_count_error(p->path, l->index);
	path_fail(p->path, l->monitor, error, p->io.op, p->io.off);
	leave_path(p);
	if (!r->first_error)
		r->first_error = t;
	if (r->orphan || r->error)
		piece_end(l, p, EIO);
	else if (t > r->first_error && v->retry_limit < t - r->first_error)
		piece_end(l, p, EIO);
	else
		piece_start(l, p);
}

/* Some, but not all: the rest is tried again, where there has been progress. */
static void short_transfer(struct lane *l, struct piece *p, uint64_t done)
{
	leave_path(p);
	p->io.off += done;
	p->io.len -= done;
	p->io.buf = (char *)p->io.buf + done;
	if (p->req->orphan)
		piece_end(l, p, EIO);
	else
		piece_start(l, p);
}

static void piece_done(struct io *io, int64_t res)
{
	struct piece *p = container_of(io, struct piece, io);
	struct lane *l = p->req->lane;
	bool sized = carries_data(io->op);
	bool refused = path_write_refused(io, res);

	account(l, p);
	res = path_result(io, res);
	if (res < 0 && !refused && path_error((int)-res)) {
		path_failed(l, p, (int)-res);
	} else if (res < 0) {
		/* The LUN has answered: the path is well, and moves. */
		path_count(p->path, l->index, io->op, 0, l->now - p->start);
		if (res == -EBADE)
			path_conflict(p->path, l->monitor);
		leave_path(p);
		piece_end(l, p, refused ? EROFS : (int)-res);
	} else if (sized && res == 0) {
		path_failed(l, p, 0); /* the end of a device that shrank */
	} else {
		path_count(p->path, l->index, io->op, (uint64_t)res,
			   l->now - p->start);
		if (sized && (uint64_t)res < io->len) {
			short_transfer(l, p, (uint64_t)res);
		} else {
			leave_path(p);
			piece_end(l, p, 0);
		}
	}
	lane_barriers_check(l);
}

void lane_piece_begin(struct lane *l, struct request *r, struct piece *p,
		      enum io_op op, char *buf, uint64_t off, uint64_t len)
{
	assert(p->state == PIECE_FREE);
	p->req = r;
	p->io.op = op;
	p->io.dsync = r->dsync;
	p->io.buf = buf;
	p->io.off = off;
	p->io.len = len;
	p->io.done = piece_done;
	r->outstanding++;
	piece_start(l, p);
}

static struct piece *free_piece(struct request *r)
{
	for (int i = 0; i < REQUEST_PIECES; i++)
		if (r->piece[i].state == PIECE_FREE)
			return &r->piece[i];
	return NULL;
}

/* Issues what is left of the range, as far as there are pieces free. */
static void issue(struct lane *l, struct request *r)
{
	struct piece *p;

	while (r->cursor < r->io_end && !r->error && (p = free_piece(r))) {
		uint64_t off = r->cursor;
		bool data = carries_data(r->op);
		uint64_t max = data ? lane_view(r->volume)->max_io :
				      DISCARD_MAX;
		uint64_t len = MIN(r->io_end - off, max);

		r->cursor += len;
		/* May end in here and come back to lane_continue(), where
		 * r->stepping keeps it from ending the request twice. */
		lane_piece_begin(l, r, p, r->op,
				 data ? r->buf + (off - r->io_off) : NULL, off,
				 len);
	}
}

void lane_continue(struct lane *l, struct request *r)
{
	if (r->stepping)
		return; /* whoever steps looks again afterwards */
	r->stepping = true;
	if (r->phase == PHASE_EDGES && !r->outstanding && !r->error)
		rmw_merge(r);
	if (r->phase == PHASE_DATA)
		issue(l, r);
	r->stepping = false;
	if (!r->outstanding && (r->error || r->cursor >= r->io_end))
		lane_finish(l, r);
}

/* The whole blocks that r touches, and where its data lies in the first. */
static void align(struct request *r, uint32_t block)
{
	uint64_t end = r->off + r->len;

	r->io_off = r->off - r->off % block;
	r->io_end = end % block ? end + block - end % block : end;
	r->cursor = r->io_off;
	r->shift = (uint32_t)(r->off - r->io_off);
}

static void reset(struct lane *l, struct request *r, struct request *elder)
{
	r->lane = l;
	r->phase = PHASE_DATA;
	r->barrier = NULL;
	r->outstanding = 0;
	r->error = 0;
	r->first_error = 0;
	r->shift = 0;
	r->hold.held = false;
	r->hold.family = elder ? elder->hold.family :
				 ++l->families * LANE_MAX + l->index;
	r->killed = elder && elder->killed;
	r->orphan = r->stepping = r->merged = false;
	for (int i = 0; i < REQUEST_PIECES; i++)
		r->piece[i].state = PIECE_FREE;
}

static int refuse(const struct request *r, const struct view *v)
{
	if (v->gone)
		return ENODEV;
	if (r->killed) /* as was the one whose place it takes */
		return EINTR;
	if (r->op == IO_FLUSH)
		return 0;
	if (io_op_modifies(r->op) && v->read_only)
		return EROFS;
	if (r->off > v->size || r->len > v->size - r->off)
		return r->op == IO_READ ? EIO : ENOSPC; /* it has shrunk */
	return 0;
}

void lane_begin(struct lane *l, struct request *r, struct request *elder)
{
	const struct view *v = lane_view(r->volume);

	reset(l, r, elder);
	add32(&lane_volume(l, r->volume)->requests, 1);
	r->error = refuse(r, v);
	if (r->error || (!r->len && r->op != IO_FLUSH)) {
		lane_finish(l, r);
		return;
	}
	if (r->op == IO_FLUSH) {
		flush_begin(l, r);
		return;
	}
	align(r, v->block);
	if (r->op == IO_WRITE && r->io_end - r->io_off != r->len)
		rmw_begin(l, r);
	else
		lane_continue(l, r);
}


void lane_kill(struct lane *l, struct request *r)
{
	r->killed = true;
	if (r->phase == PHASE_HELD) {
		unhold_request(l, r);
		r->error = EINTR;
		lane_finish(l, r);
		return;
	}
	if (lane_end_parked(l, r, EINTR))
		lane_continue(l, r);
}

bool lane_end_parked(struct lane *l, struct request *r, int err)
{
	bool stepping = r->stepping, any = false;

	r->stepping = true; /* done() comes when we are through with r */
	for (int i = 0; i < REQUEST_PIECES; i++) {
		if (r->piece[i].state != PIECE_PARKED)
			continue;
		unpark(l, &r->piece[i]);
		piece_end(l, &r->piece[i], err);
		any = true;
	}
	r->stepping = stepping;
	return any;
}

static void retry_parked(struct lane *l, struct volume_lane *vl)
{
	struct cds_list_head pieces, requests;
	struct piece *p, *pn;
	struct request *r, *rn;

	/* What fails again parks again, behind what is on this list. */
	CDS_INIT_LIST_HEAD(&pieces);
	CDS_INIT_LIST_HEAD(&requests);
	cds_list_splice(&vl->parked, &pieces);
	CDS_INIT_LIST_HEAD(&vl->parked);
	cds_list_splice(&vl->held, &requests);
	CDS_INIT_LIST_HEAD(&vl->held);
	atomic_store_explicit(&vl->parked_n, 0, memory_order_relaxed);
	relink(l, vl);
	cds_list_for_each_entry_safe(p, pn, &pieces, link)
		piece_start(l, p);
	cds_list_for_each_entry_safe(r, rn, &requests, link)
		rmw_begin(l, r);
}

void lane_submit(struct lane *l, struct request *r, uint64_t now)
{
	struct volume_lane *vl = lane_volume(l, r->volume);

	l->now = now;
	/* There is news for those that wait: nobody overtakes them. */
	if (!cds_list_empty(&vl->parked) &&
	    vl->tried != lane_view(r->volume)->seq)
		retry_parked(l, vl);
	lane_begin(l, r, NULL);
}

static void poked(struct lane *l)
{
	struct cds_list_head volumes;

	/* What waits again comes back to l->waiting, not to this list. */
	CDS_INIT_LIST_HEAD(&volumes);
	cds_list_splice(&l->waiting, &volumes);
	CDS_INIT_LIST_HEAD(&l->waiting);
	while (!cds_list_empty(&volumes)) {
		struct volume_lane *vl = cds_list_first_entry(
			&volumes, struct volume_lane, link);

		cds_list_del(&vl->link);
		vl->linked = false;
		retry_parked(l, vl);
	}
	l->hung_scan = l->now; /* a path may be out of use now */
}

unsigned int lane_run(struct lane *l, uint64_t now)
{
	unsigned int did;

	l->now = now;
	if (l->nr_out)
		l->engine->ops->flush(l->engine);
	did = l->engine->ops->reap(l->engine);
	did += mailbox_deliver(l->mailbox);
	if (mailbox_take_poke(l->mailbox)) {
		poked(l);
		did++;
	}
	if (l->hung_scan && now >= l->hung_scan)
		hung_scan(l);
	if (l->nr_out) /* what the above has begun */
		l->engine->ops->flush(l->engine);
	return did;
}

uint64_t lane_deadline(const struct lane *l)
{
	return l->hung_scan;
}

unsigned int lane_inflight(const struct lane *l)
{
	return l->nr_out;
}

int lane_new(unsigned int index, unsigned int nr_lanes, struct engine *e,
	     struct lane_front *front, struct mailbox *const *mailboxes,
	     struct mailbox *monitor, struct lane **ret)
{
	struct lane *l = calloc(1, sizeof(*l));

	assert(index < nr_lanes && nr_lanes <= LANE_MAX);
	if (!l)
		return -ENOMEM;
	l->index = index;
	l->nr_lanes = nr_lanes;
	l->engine = e;
	l->front = front;
	l->monitor = monitor;
	memcpy(l->peers, mailboxes, nr_lanes * sizeof(l->peers[0]));
	l->mailbox = l->peers[index];
	l->mailbox->owner = l;
	CDS_INIT_LIST_HEAD(&l->out);
	CDS_INIT_LIST_HEAD(&l->waiting);
	CDS_INIT_LIST_HEAD(&l->barriers);
	*ret = l;
	return 0;
}

void lane_free(struct lane *l)
{
	assert(!l->nr_out);
	assert(cds_list_empty(&l->barriers));
	free(l);
}
