// SPDX-License-Identifier: MIT
/*
 * Operations on a volume's reservation, carried out: the file of keys, the
 * paths, I/O that is held. What to do next is reserve.c's. Monitor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/pool.h"
#include "core/reservation_private.h"
#include "core/reserve_send.h"

/* How often it is looked whether I/O has come back. */
#define DRAIN_LOOK (5 * NSEC_PER_MSEC)

static struct reservation *of(struct volume *v)
{
	return &v->run->reservation;
}

static struct operation *first(struct volume *v)
{
	struct cds_list_head *q = &of(v)->queue;

	return cds_list_empty(q)
		       ? NULL
		       : cds_list_first_entry(q, struct operation, link);
}

static void begin_soon(struct monitor *m, struct volume *v)
{
	struct operation *op = first(v);

	if (op && op->stage == WAITS)
		timer_set(&m->timers, &of(v)->kick, m->now);
}

struct operation *operation_new(struct monitor *m, struct volume *v,
				enum reserve_op what, uint64_t ticket)
{
	struct operation *op = calloc(1, sizeof(*op));

	if (!op)
		return NULL;
	op->v = v;
	op->r.op = what;
	op->ticket = ticket;
	cds_list_add_tail(&op->link, &of(v)->queue);
	begin_soon(m, v);
	return op;
}

struct operation *operation_waiting(struct volume *v, enum reserve_op what)
{
	struct operation *op;

	cds_list_for_each_entry (op, &of(v)->queue, link)
		if (op->r.op == what && op->stage == WAITS)
			return op;
	return NULL;
}

/* The end */

static void operation_free(struct operation *op)
{
	cds_list_del(&op->link);
	reserve_fini(&op->r);
	free(op->r.target);
	free(op->paths);
	free(op->names);
	free(op);
}

static void tell(struct monitor *m, const struct operation *op, int error)
{
	struct monitor_front *f = m->p.front;

	if (op->ticket && f->reserved)
		f->reserved(f, op->v, op->ticket, -error);
}

static void finish(struct monitor *m, struct operation *op)
{
	struct volume *v = op->v;

	tell(m, op, op->r.error);
	operation_free(op);
	begin_soon(m, v);
}

void operations_drop(struct monitor *m, struct volume *v)
{
	struct operation *op;

	while ((op = first(v))) {
		for (unsigned int i = 0; i < op->r.n; i++)
			if (op->paths[i])
				reserve_forget(m, op->paths[i]);
		if (m->keybook)
			keybook_forget(m->keybook, &op->store);
		tell(m, op, ENODEV);
		operation_free(op);
	}
}

/* Running */

static void pump(struct monitor *m, struct operation *op);

/* Those too that are down and not asked: what is still out there would meet a
 * conflict when its path is registered no more. */
static bool all_idle(const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (atomic_load_explicit(&v->paths[i]->load.ios,
					 memory_order_acquire))
			return false;
	return true;
}

static void look_whether_drained(struct timer *t, void *owner, uint64_t now)
{
	struct reservation *r = container_of(t, struct reservation, drain);
	struct volume *v =
		container_of(r, struct volume_run, reservation)->volume;
	struct monitor *m = owner;
	struct operation *op = first(v);
	bool idle = all_idle(v);

	if (!idle && now < r->drain_until) {
		timer_set(&m->timers, t, now + DRAIN_LOOK);
		return;
	}
	reserve_held(&op->r, idle);
	pump(m, op);
}

/* Lanes send nothing more; what is out must come back before our paths are
 * registered no more, for a moment. */
static void hold_io(struct monitor *m, struct operation *op)
{
	struct volume *v = op->v;
	struct reservation *r = of(v);

	r->hold = true;
	monitor_settle(m, v, true); /* and a grace period */
	r->drain_until =
		m->now +
		(uint64_t)v->settings.v[OPT_CHECKER_TIMEOUT].num * NSEC_PER_SEC;
	timer_set(&m->timers, &r->drain, m->now);
}

static void note_busy(struct operation *op)
{
	for (unsigned int i = 0; i < op->r.n; i++) {
		const struct path *p = op->paths[i];

		op->r.target[i].busy =
			p && atomic_load_explicit(&p->load.ios,
						  memory_order_acquire);
	}
}

/* True: something is out, or has been. */
static bool send_asked(struct monitor *m, struct operation *op)
{
	bool sent = false;

	for (unsigned int i = 0; i < op->r.n; i++) {
		if (!op->r.target[i].ask)
			continue;
		op->r.target[i].ask = false;
		sent = true;
		reserve_send(m, op->paths[i], &op->r.command, op, i);
	}
	return sent;
}

/* The file of keys after it, where that has to change. */
static bool store_after(struct monitor *m, struct operation *op,
			struct prkey key)
{
	struct keybook_query *q = &op->store;

	if (!m->keybook || !reservation_by_file(op->v))
		return false;
	op->stage = STORES_AFTER;
	q->set = true;
	q->key = key;
	keybook_ask(m->keybook, q);
	return true;
}

static void run_ended(struct monitor *m, struct operation *op)
{
	struct reservation *r = of(op->v);
	struct prkey before = {r->key, r->aptpl};
	bool stored = op->stage == RUNS && op->store.set;

	r->hold = false;
	reservation_ended(m, op);
	if (stored && op->r.error && store_after(m, op, before))
		return;
	if (!r->key && before.key && !op->r.lost &&
	    store_after(m, op, (struct prkey){0}))
		return;
	finish(m, op);
}

static void pump(struct monitor *m, struct operation *op)
{
	if (op->pumping)
		return;
	op->pumping = true;
	while (op->r.next == RESERVE_ASK && send_asked(m, op))
		;
	op->pumping = false;
	if (op->r.next == RESERVE_HOLD)
		hold_io(m, op);
	else if (op->r.next == RESERVE_END)
		run_ended(m, op);
}

/* Taken out meanwhile: it may be freed, now that nothing of it is out. */
static void forget_gone(struct operation *op, unsigned int target)
{
	const struct volume *v = op->v;

	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i] == op->paths[target])
			return;
	op->paths[target] = NULL;
}

void operation_drop_path(struct volume *v, const struct path *p)
{
	struct operation *op = first(v);

	/* What is awaited comes back before: see forget_gone(). */
	for (unsigned int i = 0; op && !reserve_awaited(p) && i < op->r.n; i++)
		if (op->paths[i] == p)
			op->paths[i] = NULL;
}

void reservation_answered(struct monitor *m, struct operation *op,
			  unsigned int target, enum reserve_verdict v,
			  struct reserve_request *q, const char *message)
{
	forget_gone(op, target);
	note_busy(op);
	reserve_answered(&op->r, target, v, q, message);
	pump(m, op);
}

/* Beginning */

/* Those of the group in use first: most likely they are well. */
static void add_targets(struct operation *op, bool current)
{
	struct volume *v = op->v;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		bool is_current = volume_group_of(v, p) == v->current;

		if (is_current != current || !reservation_is_up(p) ||
		    !reservation_wants(p, &op->r))
			continue;
		strcpy(op->names[op->r.n], p->name);
		op->paths[op->r.n] = p;
		op->r.target[op->r.n] =
			(struct reserve_target){.name = op->names[op->r.n],
						.in = p->reserve.in,
						.stale = p->reserve.stale};
		op->r.n++;
	}
}

static int take_targets(struct operation *op)
{
	struct volume *v = op->v;

	op->paths = calloc(v->npaths + 1, sizeof(struct path *));
	op->names = calloc(v->npaths + 1, sizeof(*op->names));
	op->r.target = calloc(v->npaths + 1, sizeof(*op->r.target));
	if (!op->paths || !op->names || !op->r.target)
		return -ENOMEM;
	add_targets(op, true);
	add_targets(op, false);
	op->r.away = op->r.n < v->npaths;
	return 0;
}

static void run(struct monitor *m, struct operation *op)
{
	struct reservation *rs = of(op->v);
	struct reserve *r = &op->r;

	if (r->op == RESERVE_OP_ADOPT && !rs->unknown) {
		finish(m, op); /* an operator's word has told meanwhile */
		return;
	}
	op->stage = RUNS;
	r->key = r->op == RESERVE_OP_ADOPT ? rs->candidate.key : rs->key;
	r->aptpl = r->op == RESERVE_OP_ADOPT ? rs->candidate.aptpl : rs->aptpl;
	if (r->op == RESERVE_OP_REGISTER || r->op == RESERVE_OP_REGISTER_IGNORE)
		r->aptpl = op->key.aptpl;
	r->all_tg_pt = op->v->settings.v[OPT_ALL_TG_PT].num;
	if (r->op == RESERVE_OP_LEAVE)
		r->other = reservation_stale(op->v);
	if (take_targets(op))
		r->n = 0; /* no path can be asked */
	reserve_begin(r);
	pump(m, op);
}

static void stored(struct keybook_query *q, struct monitor *m)
{
	struct operation *op = container_of(q, struct operation, store);

	if (op->stage == STORES_AFTER) {
		finish(m, op);
		return;
	}
	if (!q->why.text[0]) {
		run(m, op);
		return;
	}
	op->r.error = EIO;
	op->r.next = RESERVE_END;
	op->r.key_after = of(op->v)->key;
	snprintf(op->r.message, sizeof(op->r.message),
		 "the file of keys: %.100s", q->why.text);
	run_ended(m, op);
}

static void prepare_store(struct operation *op)
{
	struct keybook_query *q = &op->store;

	snprintf(q->wwid, sizeof(q->wwid), "%s", op->v->wwid);
	q->key = op->key;
	q->set = true;
	q->ended = stored;
}

static void begin(struct monitor *m, struct operation *op)
{
	bool registers = op->r.op == RESERVE_OP_REGISTER ||
			 op->r.op == RESERVE_OP_REGISTER_IGNORE;

	prepare_store(op);
	if (registers && op->key.key && m->keybook &&
	    reservation_by_file(op->v)) {
		op->stage = STORES;
		keybook_ask(m->keybook, &op->store);
		return;
	}
	op->store.set = false;
	run(m, op);
}

static void kicked(struct timer *t, void *owner, uint64_t now)
{
	struct reservation *r = container_of(t, struct reservation, kick);
	struct volume *v =
		container_of(r, struct volume_run, reservation)->volume;
	struct operation *op = first(v);

	(void)now;
	if (op && op->stage == WAITS)
		begin(owner, op);
}

void operations_init(struct volume *v)
{
	struct reservation *r = of(v);

	CDS_INIT_LIST_HEAD(&r->queue);
	r->kick.due = kicked;
	r->drain.due = look_whether_drained;
}
