// SPDX-License-Identifier: MIT
/*
 * The front end of the lanes: gives the plan's I/Os to core as requests, takes
 * the answers, and asks of each whether it may be what it is.
 *
 * Answers:
 *   0        what lun.c says of reads, writes and flushes
 *   EIO      a path error was met and the time for retries is over, or there
 *            was no usable path and the volume does not wait
 *   EINTR    it was killed
 *   ENODEV   its volume has been removed
 *   EROFS    a write, of a volume that is read-only
 *   another  an attempt of it returned just that, and it is no path error
 */
#include <errno.h>
#include <string.h>

#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

#define POISON_NEW 0xa5
#define POISON_OLD 0xdd

static struct sim_lane *lane_of(struct sim *s, const struct app *a)
{
	return &s->lanes[a->it->lane];
}

static struct slot *slot_of(struct request *r)
{
	return container_of(r, struct slot, r);
}

/* Of the buffer, what core may have touched. */
static size_t used(const struct request *r)
{
	return MIN((size_t)r->len + REQUEST_SLACK, (size_t)SLOT_SIZE);
}

static struct slot *take_slot(struct sim *s, struct app *a)
{
	struct sim_lane *l = lane_of(s, a);
	struct slot *slot = l->free;
	const struct item *it = a->it;
	struct request *r;

	if (!slot)
		return NULL;
	l->free = slot->next;
	slot->app = a;
	slot->out = 0;
	slot->live = true;
	r = &slot->r;
	r->op = it->op;
	r->dsync = it->dsync;
	r->volume = a->volume;
	r->off = it->off;
	r->len = it->len;
	r->buf = it->op == IO_READ || it->op == IO_WRITE ? slot->buf : NULL;
	a->sv->live++;
	a->cur = r;
	return slot;
}

static void free_slot(struct sim *s, struct slot *slot)
{
	struct sim_lane *l = lane_of(s, slot->app);

	if (slot->r.buf)
		memset(slot->r.buf, POISON_OLD, slot->r.len);
	slot->live = false;
	slot->app->sv->live--;
	slot->next = l->free;
	l->free = slot;
	if (l->head != l->tail)
		sim_wake_lane(s, slot->app->it->lane, 0);
}

void front_submit(struct sim *s, struct app *a)
{
	struct sim_lane *l = lane_of(s, a);
	struct slot *slot;

	a->volume = s->table[a->it->vol];
	if (!a->volume || a->answered) { /* nothing there; killed meanwhile */
		if (!a->answered)
			s->unanswered--;
		a->answered = true;
		return;
	}
	slot = take_slot(s, a);
	if (!slot) {
		l->backlog[l->tail++] = (uint16_t)a->it->id;
		return;
	}
	a->submitted = true;
	a->inv = s->now;
	a->flush_need = a->sv->acked;
	if (a->it->op == IO_WRITE)
		lun_pattern(a, slot->r.buf, a->it->off, a->it->len);
	else if (slot->r.buf)
		memset(slot->r.buf, POISON_NEW, used(&slot->r));
	sim_log(s, "#%u %s %s %llu+%u", a->it->id, io_op_name(a->it->op),
		a->sv->name, (unsigned long long)a->it->off, a->it->len);
	cpu_use(a->it->lane);
	lane_submit(l->lane, &slot->r, s->now);
	sim_wake_lane(s, a->it->lane, 0);
}

void front_pump(struct sim *s, unsigned int lane)
{
	struct sim_lane *l = &s->lanes[lane];

	while (l->free && l->head != l->tail)
		front_submit(s, &s->apps[l->backlog[l->head++]]);
}

void front_kill(struct sim *s, struct app *a)
{
	if (a->answered)
		return;
	a->killed = true;
	if (!a->submitted) { /* not in core yet, or never: the mount's */
		a->answered = true;
		s->unanswered--;
		return;
	}
	sim_log(s, "kill #%u", a->it->id);
	s->killed[s->nkilled++] = (uint16_t)a->it->id;
	cpu_use(a->it->lane);
	lane_kill(lane_of(s, a)->lane, a->cur);
	sim_wake_lane(s, a->it->lane, 0);
}

/* Answers */

static bool told(const struct app *a, int err)
{
	for (unsigned int i = 0; i < a->nerrs; i++)
		if (a->errs[i] == err)
			return true;
	return false;
}

static bool retried_enough(const struct sim *s, const struct app *a,
			   const struct view *v)
{
	return a->first_path_error && v->retry_limit != UINT64_MAX &&
	       s->now - a->first_path_error > v->retry_limit;
}

static bool explained(const struct sim *s, const struct app *a, int err)
{
	const struct view *v = atomic_load(&a->volume->view);

	if (told(a, err))
		return true;
	switch (err) {
	case EIO:
		return a->retried_out || retried_enough(s, a, v) ||
		       a->sv->failing >= a->inv;
	case EINTR:
		return a->killed;
	case ENODEV:
		return v->gone;
	case EROFS:
		return v->read_only && io_op_modifies(a->it->op);
	default:
		return false;
	}
}

static void answer(struct sim *s, struct app *a, struct request *r, int err)
{
	if (a->answered) {
		sim_fail(s, "#%u is answered twice", a->it->id);
		return;
	}
	sim_log(s, "#%u answered: %s", a->it->id,
		err ? strerrorname_np(err) : "ok");
	if (err && !explained(s, a, err))
		sim_fail(s, "#%u is answered %s, for which there is no reason",
			 a->it->id, strerrorname_np(err));
	else if (!err && a->it->op == IO_READ)
		lun_check_read(s, a, r->buf + r->shift);
	else if (!err)
		lun_check_write(s, a);
	a->answered = true;
	a->resp = s->now;
	if (lost_is(a->sv)) /* its file may be closed now */
		sim_wake_monitor(s, sim_jitter(s, 200000));
	a->cur = NULL;
	s->unanswered--;
	s->answers++;
	s->cov->errs[err]++;
}

static struct sim *sim_of(struct lane_front *f)
{
	return container_of(f, struct sim, lfront);
}

static void on_done(struct lane_front *f, struct request *r, int err)
{
	struct sim *s = sim_of(f);
	struct slot *slot = slot_of(r);

	if (!slot->live) {
		sim_fail(s, "a request ends twice");
		return;
	}
	if (slot->out)
		sim_fail(s, "#%u ends while %u attempts of it are on devices",
			 slot->app->it->id, slot->out);
	if (!r->orphan)
		answer(s, slot->app, r, err);
	free_slot(s, slot);
}

/* Is a write of it on a device? */
static bool write_is_out(const struct slot *slot)
{
	const struct sim_vol *sv = slot->app->sv;

	for (unsigned int i = 0; i < sv->setup->npaths; i++) {
		const struct attempt *a;

		cds_list_for_each_entry (a, &sv->paths[i].out, link)
			if (a->slot == slot && io_op_modifies(a->io->op))
				return true;
	}
	return false;
}

static struct request *on_replace(struct lane_front *f, struct request *r)
{
	struct sim *s = sim_of(f);
	struct app *a = slot_of(r)->app;
	struct slot *heir;

	if (a->cur != r) {
		sim_fail(s, "#%u: one that was replaced is replaced again",
			 a->it->id);
		return NULL;
	}
	if (write_is_out(slot_of(r)) &&
	    !atomic_load(&a->volume->view)->quarantine)
		sim_fail(s,
			 "#%u hangs and is to be sent again, but replay_writes "
			 "is wait",
			 a->it->id);
	if (!s->plan->exact && sim_jitter(s, 9) == 0)
		return NULL; /* as if none were free */
	heir = take_slot(s, a);
	if (!heir)
		return NULL;
	if (heir->r.op == IO_WRITE)
		memcpy(heir->r.buf, request_payload(r), r->len);
	else if (heir->r.buf)
		memset(heir->r.buf, POISON_NEW, used(&heir->r));
	s->cov->orphans++;
	sim_log(s, "#%u hangs, another takes its place", a->it->id);
	return &heir->r;
}

void front_delivered(struct sim *s, struct attempt *at)
{
	struct app *a = at->app;
	bool sized = at->io->op == IO_READ || at->io->op == IO_WRITE;
	struct path *p;

	if (!a)
		return;
	if (at->res >= 0 && !(sized && at->res == 0))
		return;
	if (answered_by_target(at)) {
		if (a->nerrs < ARRAY_SIZE(a->errs) && !told(a, (int)-at->res))
			a->errs[a->nerrs++] = (int)-at->res;
		return;
	}
	if (!a->first_path_error)
		a->first_path_error = s->now;
	/* What is left of it may wait for long before it ends. */
	a->retried_out |= retried_enough(s, a, atomic_load(&a->volume->view));
	p = container_of(at->io, struct piece, io)->path;
	if (at->sp->sv->v && volume_path(at->sp->sv->v, at->sp->name) == p) {
		at->sp->down = true;
		at->sp->errors++;
		doubt_seen(at->sp, false);
		at->sp->io_failed = true;
		at->sp->io_failed_at = s->now;
		at->sp->check.read_well = false;
	}
}

void front_init(struct sim *s)
{
	s->lfront.done = on_done;
	s->lfront.replace = on_replace;
	for (unsigned int i = 0; i < s->plan->nlanes; i++) {
		struct sim_lane *l = &s->lanes[i];

		l->head = l->tail = 0;
		l->free = NULL;
		for (int k = SLOTS; k-- > 0;) {
			l->slots[k].live = false;
			l->slots[k].next = l->free;
			l->free = &l->slots[k];
		}
	}
}
