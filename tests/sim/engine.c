// SPDX-License-Identifier: MIT
/*
 * The simulated I/O engine: attempts, and what becomes of each.
 *
 *   submit -> BATCH -> flush -> DEVICE -> its time comes -> ENDED -> reap:
 * done()
 *                            \-> QUEUE (busy), until a recall or the fault ends
 *
 * At flush the fate is decided: how long it takes, what it returns, and when it
 * lands on the medium, which is anywhere between then and its end. A hang
 * postpones both, also of what is on the path already. A write that ends with
 * an error may have landed.
 */
#include <errno.h>
#include <string.h>

#include "tests/sim/array.h"
#include "tests/sim/models.h"

/* What takes long takes this much longer. */
#define DELAYED 50

static struct sim_engine *engine_of(struct engine *e)
{
	return container_of(e, struct sim_engine, base);
}

static struct attempt *attempt_of(const struct io *io)
{
	return (struct attempt *)(uintptr_t)io->iocb[0];
}

static bool active(const struct attempt *a, enum fault_kind k)
{
	const struct fault *f = &a->sp->fault[k];
	struct sim *s = a->e->s;

	if (!f->until || (f->spare && !a->app))
		return false;
	if (f->pct >= 100)
		return true;
	return sim_hash(s->plan->seed + (uint64_t)k, a->number,
			a->app ? a->app->it->id : NO_APP) %
		       100 <
	       f->pct;
}

/* A number of its own for each attempt, whatever the others do. */
static uint64_t chance_of(const struct attempt *a, unsigned int salt)
{
	uint64_t who = a->app ? (uint64_t)a->app->it->id << 32 | a->number
			      : ~a->number;

	return sim_hash(a->e->s->plan->seed + salt, who,
			a->sp->sv->index * SIM_PATHS + a->sp->index) >>
	       8;
}

static bool is_hung(const struct attempt *a)
{
	return active(a, FAULT_HANG);
}

static void take_error(struct attempt *a, int err)
{
	bool exact = a->e->s->plan->exact;

	a->res = -err;
	/* A quarter of the writes that fail have landed; of a script's, none.
	 */
	if (exact || a->io->op == IO_READ || chance_of(a, 1) % 4)
		a->land_len = 0;
}

static void take_short(struct attempt *a)
{
	uint32_t unit = MAX(a->dev->d.limits.block, (uint32_t)WORD);
	uint64_t n = a->io->len / unit;

	if ((a->io->op != IO_READ && a->io->op != IO_WRITE) || !n)
		return;
	a->res = (int64_t)(chance_of(a, 2) % n * unit);
	a->land_len = (uint64_t)a->res;
}

/* What is on its way, or that its end is at 0 now. */
static int64_t answer_of_dead(const struct attempt *a)
{
	if (chance_of(a, 3) % 3)
		return chance_of(a, 3) % 3 == 1 ? -EIO : -ENODEV;
	switch (a->io->op) {
	case IO_READ:
		return 0;
	case IO_WRITE:
		return -ENOSPC;
	case IO_FLUSH:
		return -EIO;
	default:
		return -EINVAL;
	}
}

static void decide_result(struct attempt *a)
{
	const struct fault *f = a->sp->fault;

	a->res = a->io->op == IO_FLUSH ? 0 : (int64_t)a->io->len;
	a->land_len = (uint64_t)a->res;
	if (a->dev->dead) {
		a->res = answer_of_dead(a);
		a->land_len = 0;
	} else if (!array_serves(a->sp) && !checker_command(a->io)) {
		a->res = -EIO;
		a->land_len = 0;
	} else if (a->app && active(a, FAULT_STRANGER)) {
		a->res = -EIO; /* what it means that it tells of itself */
		a->land_len = 0;
	} else if (active(a, FAULT_ERROR)) {
		take_error(a, f[FAULT_ERROR].err);
	} else if (active(a, FAULT_TARGET)) {
		take_error(a, f[FAULT_TARGET].err);
	} else if (active(a, FAULT_SHORT)) {
		take_short(a);
	} else if (is_hung(a) && f[FAULT_HANG].err &&
		   (a->e->s->plan->exact || chance_of(a, 4) % 2)) {
		take_error(a, f[FAULT_HANG].err);
	}
}

static void schedule(struct sim *s, struct attempt *a, uint64_t end)
{
	uint64_t span = end - s->now;

	a->gen++;
	a->done_at = end;
	if (!a->landed && !s->plan->exact &&
	    (chance_of(a, 5) % 4 == 0 || is_hung(a)))
		sim_at(s, s->now + chance_of(a, 6) % (span + 1), a, true);
	sim_at(s, end, a, false);
}

static uint64_t end_of_hang(const struct attempt *a)
{
	uint64_t until = a->sp->fault[FAULT_HANG].until;

	if (a->e->s->plan->exact)
		return until;
	return until + chance_of(a, 7) % (5 * NSEC_PER_MSEC);
}

static void send(struct attempt *a)
{
	struct sim *s = a->e->s;
	uint64_t time = a->sp->setup->latency;

	a->state = AT_DEVICE;
	if (!s->plan->exact)
		time = time / 2 + chance_of(a, 8) % time;
	if (active(a, FAULT_DELAY))
		time *= DELAYED;
	decide_result(a);
	schedule(s, a,
		 is_hung(a) ? MAX(end_of_hang(a), s->now + time)
			    : s->now + time);
}

static void start(struct attempt *a)
{
	if (active(a, FAULT_BUSY) && !a->dev->dead)
		a->state = AT_QUEUE;
	else
		send(a);
}

void engine_hang(struct sim *s, struct sim_path *sp)
{
	struct attempt *a;

	cds_list_for_each_entry (a, &sp->out, link) {
		if (a->state != AT_DEVICE || !is_hung(a))
			continue;
		if (!a->landed)
			decide_result(a);
		schedule(s, a, MAX(end_of_hang(a), a->done_at));
	}
}

void engine_unqueue(struct sim *s, struct sim_path *sp)
{
	struct attempt *a;

	(void)s;
	cds_list_for_each_entry (a, &sp->out, link)
		if (a->state == AT_QUEUE)
			start(a);
}

static void wake_owner(struct sim *s, const struct sim_engine *e)
{
	if (e->lane < s->plan->nlanes)
		sim_wake_lane(s, e->lane, sim_jitter(s, 20 * NSEC_PER_USEC));
	else
		sim_wake_monitor(s, sim_jitter(s, 200 * NSEC_PER_USEC));
}

void attempt_event(struct sim *s, const struct event_at *ev)
{
	struct attempt *a = ev->a;

	if (a->gen != ev->gen || a->state != AT_DEVICE)
		return;
	if (!a->landed)
		lun_land(s, a);
	if (ev->lands)
		return;
	a->state = AT_ENDED;
	a->next = NULL;
	*a->e->ended_tail = a;
	a->e->ended_tail = &a->next;
	wake_owner(s, a->e);
}

/* The contract */

static void identify(struct sim *s, struct attempt *a)
{
	struct piece *p;

	if (a->e->lane == s->plan->nlanes) {
		a->app = NULL;
		a->slot = NULL;
		a->number = a->sp->serial;
		return;
	}
	p = container_of(a->io, struct piece, io);
	a->slot = container_of(p->req, struct slot, r);
	a->app = a->slot->app;
	a->app->out++;
	a->number = a->app->attempts++;
	a->slot->out++;
}

static void sim_submit(struct engine *base, struct io *io)
{
	struct sim_engine *e = engine_of(base);
	struct sim *s = e->s;
	struct attempt *a = s->free;

	if (!a) {
		sim_fail(s, "more attempts than there is room for");
		return;
	}
	s->free = a->next;
	a->io = io;
	a->e = e;
	a->dev = container_of(io->dev, struct sim_dev, d);
	a->sp = a->dev->sp;
	a->begun = s->now;
	a->state = AT_BATCH;
	a->landed = false;
	a->next = NULL;
	io->engine = base;
	io->iocb[0] = (uintptr_t)a;
	identify(s, a);
	a->sp->serial++;
	a->dev->out++;
	e->out++;
	rules_submit(s, a);
	cds_list_add_tail(&a->link, &a->sp->out);
	*e->batch_tail = a;
	e->batch_tail = &a->next;
}

static void sim_flush(struct engine *base)
{
	struct sim_engine *e = engine_of(base);
	struct attempt *a = e->batch, *next;

	e->batch = NULL;
	e->batch_tail = &e->batch;
	for (; a; a = next) {
		next = a->next;
		start(a);
	}
}

static void forget(struct sim *s, struct attempt *a)
{
	cds_list_del(&a->link);
	a->dev->out--;
	a->e->out--;
	if (a->app)
		a->app->out--;
	if (a->slot)
		a->slot->out--;
	a->state = AT_FREE;
	a->gen++;
	a->next = s->free;
	s->free = a;
}

static void trace(struct sim *s, const struct attempt *a)
{
	if (a->app)
		sim_log(s, "  #%u %s %s %s: %lld after %.6f s", a->app->it->id,
			a->sp->sv->name, a->sp->name, io_op_name(a->io->op),
			(long long)a->res, (double)(s->now - a->begun) / 1e9);
}

bool answered_by_target(const struct attempt *a)
{
	int err = a->res < 0 ? (int)-a->res : 0;

	if ((err == ENOSPC || err == EINVAL) && io_op_modifies(a->io->op) &&
	    a->dev->dead)
		return false; /* it ends at 0 */
	return target_error(err);
}

/* Of a check's read: its block, or the LUN's own answer, the same by any path. */
static bool way_is_well(int64_t res)
{
	return res > 0 || res == -EBADE || res == -ENODATA;
}

static unsigned int sim_reap(struct engine *base)
{
	struct sim_engine *e = engine_of(base);
	struct sim *s = e->s;
	struct attempt *a;
	unsigned int n = 0;

	while ((a = e->ended) && !s->failed) {
		struct io *io = a->io;
		struct path *path = NULL;
		int64_t res = a->res;
		bool well = res >= 0 || answered_by_target(a);

		e->ended = a->next;
		if (!e->ended)
			e->ended_tail = &e->ended;
		trace(s, a);
		if (!a->app && !checker_command(io))
			checks_read(s, a->sp, io, a->begun, way_is_well(res));
		if (a->app)
			path = container_of(io, struct piece, io)->path;
		front_delivered(s, a);
		forget(s, a);
		io->done(io, res);
		n++;
		if (path && !well && atomic_load(&path->usable))
			sim_fail(s, "%s: %s returned %s and is still in use",
				 path->volume->name, path->name,
				 strerrorname_np((int)-res));
	}
	return n;
}

static bool sim_recall(struct engine *base, struct io *io)
{
	struct attempt *a = attempt_of(io);

	(void)base;
	if (a->state != AT_QUEUE)
		return false;
	forget(engine_of(base)->s, a);
	return true;
}

static void sim_clear(struct engine *base)
{
	(void)base;
}

const struct engine_ops sim_engine_ops = {
	.submit = sim_submit,
	.flush = sim_flush,
	.reap = sim_reap,
	.recall = sim_recall,
	.clear = sim_clear,
};

void engine_reset(struct sim_engine *e, struct sim *s, unsigned int lane)
{
	e->base.ops = &sim_engine_ops;
	e->base.fd = -1;
	e->s = s;
	e->lane = lane;
	e->batch = NULL;
	e->batch_tail = &e->batch;
	e->ended = NULL;
	e->ended_tail = &e->ended;
	e->out = 0;
}
