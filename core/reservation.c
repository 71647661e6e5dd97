// SPDX-License-Identifier: MIT
/*
 * The state of a volume's reservation; see reservation.h. Which operation
 * follows from it, and what follows from an operation. Monitor.
 *
 *   not registered --register--> registered --its end, clear--> not registered
 *          ^  `--adopt: our key is there--^   `--another host has ended it--'
 *
 * Where reservation_key says which key it would be, nobody knows at first:
 * until a path has told, none takes I/O.
 */
#include "core/reservation.h"

#include <stdio.h>
#include <string.h>

#include "core/monitor_private.h"
#include "core/path.h"
#include "core/reservation_private.h"
#include "core/reserve_send.h"

static struct reservation *of(const struct volume *v)
{
	return &v->run->reservation;
}

const struct reservation *volume_reservation(const struct volume *v)
{
	return of(v);
}

bool reservation_is_up(const struct path *p)
{
	return p->health.active && !p->health.held && p->dev;
}

bool reservation_bars(const struct path *p)
{
	const struct reservation *r = of(p->volume);

	return r->unknown || (r->key ? !p->reserve.in : p->reserve.fenced);
}

bool reservation_by_file(const struct volume *v)
{
	return !strcmp(v->settings.v[OPT_RESERVATION_KEY].text, "file");
}

uint64_t reservation_stale(const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (p->reserve.stale && reservation_is_up(p) &&
		    !p->reserve.tried)
			return p->reserve.stale;
	}
	return 0;
}

/* It is to be registered, or the opposite, and that may go well now. */
static bool is_due(const struct path *p)
{
	return reservation_is_up(p) && !p->reserve.tried &&
	       (reservation_bars(p) || p->reserve.stale);
}

bool reservation_wants(const struct path *p, const struct reserve *r)
{
	switch (r->op) {
	case RESERVE_OP_JOIN:
		return is_due(p) && !p->reserve.stale;
	case RESERVE_OP_ADOPT:
		return is_due(p);
	case RESERVE_OP_LEAVE:
		return is_due(p) && p->reserve.stale == r->other;
	default:
		return true;
	}
}

/* Which of ours is to be begun? False: none. */
static bool what_is_due(const struct volume *v, enum reserve_op *ret)
{
	const struct reservation *r = of(v);
	bool any = false;

	for (unsigned int i = 0; i < v->npaths; i++)
		any |= is_due(v->paths[i]);
	if (!any || (r->unknown && !r->candidate.key))
		return false;
	*ret = RESERVE_OP_JOIN;
	if (r->unknown)
		*ret = RESERVE_OP_ADOPT;
	else if (reservation_stale(v))
		*ret = RESERVE_OP_LEAVE;
	return true;
}

/* The volume is not registered, or not any more: who could not be need not be
 * either. */
static void need_not_be(struct monitor *m, struct path *p)
{
	p->reserve.out = false;
	monitor_set_why(p, "the volume is not registered");
	monitor_event(m, false, "path-registered", p->volume->name, p->name,
		      p->health.why, "I/O may be sent down it");
}

void reservation_step(struct monitor *m, struct volume *v)
{
	enum reserve_op op;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		if (!reservation_is_up(p))
			p->reserve.in = p->reserve.out = p->reserve.tried =
				false;
		else if (p->reserve.out && !reservation_bars(p))
			need_not_be(m, p);
	}
	if (what_is_due(v, &op) && !operation_waiting(v, op))
		(void)operation_new(m, v, op, 0);
}

bool reservation_holds(const struct volume *v)
{
	bool joins = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (p->health.offered)
			return of(v)->hold;
		joins |= reservation_is_up(p) && reservation_bars(p) &&
			 !p->reserve.out;
	}
	return joins || of(v)->hold;
}

void reservation_path_good(struct path *p)
{
	p->reserve.tried = false;
}

/* Once in a polling interval: it may be that another host has reserved it, and
 * then each I/O meets that. */
void reservation_conflict(struct monitor *m, struct path *p)
{
	struct path_reserve *pr = &p->reserve;

	if (!of(p->volume)->key || !pr->in ||
	    (pr->looked && m->now < pr->looked + schedule_least(p)))
		return;
	pr->looked = m->now;
	pr->in = false;
	monitor_settle(m, p->volume, false);
}

/* What follows from an operation */

static void path_joined(struct monitor *m, struct path *p)
{
	struct path_reserve *pr = &p->reserve;
	bool was_out = pr->out;

	pr->in = true;
	pr->out = pr->tried = pr->fenced = false;
	pr->stale = 0;
	if (!was_out)
		return;
	monitor_set_why(p, "its reservation key is registered");
	monitor_event(m, false, "path-registered", p->volume->name, p->name,
		      "reservation", "I/O may be sent down it");
}

static void path_refused(struct monitor *m, struct path *p, const char *why)
{
	struct path_reserve *pr = &p->reserve;
	char cause[160];
	bool was_out = pr->out;

	pr->in = false;
	pr->out = pr->tried = true;
	snprintf(cause, sizeof(cause), "not registered: %.120s",
		 *why ? why : "I/O of before is still out");
	if (was_out && !strcmp(p->health.why, cause))
		return;
	monitor_set_why(p, cause);
	monitor_event(m, true, "path-not-registered", p->volume->name, p->name,
		      cause, "no I/O is sent down it");
}

/* Those that were not asked, and may be registered behind that host's back. */
static void fence_stale(struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->reserve.fenced |= v->paths[i]->reserve.stale != 0;
}

static bool was_asked(const struct operation *op, const struct path *p)
{
	for (unsigned int i = 0; i < op->r.n; i++)
		if (op->paths[i] == p)
			return true;
	return false;
}

/* Paths that were down, if they are up by now or not, had no part in it; what
 * they had before that they have. */
static void note_stale(const struct operation *op, uint64_t key)
{
	for (unsigned int i = 0; i < op->v->npaths; i++) {
		struct path *p = op->v->paths[i];

		if (!was_asked(op, p) && !p->reserve.stale)
			p->reserve.stale = key;
	}
}

/* The volume is not registered: what is left there is to go. Where that would
 * undermine what another host has done, no I/O comes before. */
static void path_left(struct monitor *m, struct path *p,
		      const struct operation *op,
		      const struct reserve_target *t)
{
	struct path_reserve *pr = &p->reserve;

	pr->tried = t->stale && op->r.op == RESERVE_OP_LEAVE;
	if (pr->fenced && pr->tried)
		path_refused(m, p, t->why);
	else if (pr->fenced)
		pr->out = false; /* I/O waits for it */
}

/* One that may be registered already, and was not asked whether that is right,
 * is to leave first. */
static void path_in_or_not(struct monitor *m, struct path *p,
			   const struct operation *op,
			   const struct reserve_target *t)
{
	enum reserve_op what = op->r.op;

	if (t->in)
		path_joined(m, p);
	else if (what == RESERVE_OP_JOIN || what == RESERVE_OP_ADOPT ||
		 (what == RESERVE_OP_LEAVE && t->stale))
		path_refused(m, p, *t->why ? t->why : op->r.message);
	else
		p->reserve.in = false; /* to be joined */
}

/* Also of one that has failed since it was asked. */
static void note_target(struct path_reserve *pr, const struct reserve_target *t,
			bool lost)
{
	pr->in = false;
	pr->stale = t->stale;
	pr->fenced = t->stale && (pr->fenced || lost);
}

static void take_targets(struct monitor *m, struct operation *op)
{
	for (unsigned int i = 0; i < op->r.n; i++) {
		const struct reserve_target *t = &op->r.target[i];
		struct path *p = op->paths[i];

		if (!p)
			continue;
		note_target(&p->reserve, t, op->r.lost);
		if (!reservation_is_up(p))
			continue;
		if (of(op->v)->key)
			path_in_or_not(m, p, op, t);
		else
			path_left(m, p, op, t);
	}
}

static unsigned int count_in(const struct volume *v)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < v->npaths; i++)
		n += v->paths[i]->reserve.in;
	return n;
}

static void tell_lost(struct monitor *m, const struct operation *op)
{
	monitor_event(m, true, "reservation-lost", op->v->name, NULL,
		      "another host has ended our registration",
		      "key 0x%llx - I/O may meet that host's reservation",
		      (unsigned long long)op->r.key);
}

static void tell_registered(struct monitor *m, const struct operation *op,
			    const char *name, const char *cause)
{
	monitor_event(m, false, name, op->v->name, NULL, cause,
		      "%s: key 0x%llx, on %u of %u paths",
		      reserve_op_text(op->r.op),
		      (unsigned long long)op->r.key_after, count_in(op->v),
		      op->v->npaths);
}

static void tell_done(struct monitor *m, const struct operation *op)
{
	const struct reserve *r = &op->r;
	const char *word = reserve_op_text(r->op);

	switch (r->op) {
	case RESERVE_OP_REGISTER:
	case RESERVE_OP_REGISTER_IGNORE:
		tell_registered(m, op, "reservation", "operator");
		break;
	case RESERVE_OP_PREEMPT:
	case RESERVE_OP_PREEMPT_ABORT:
		monitor_event(m, false, "reservation", op->v->name, NULL,
			      "operator", "%s: 0x%llx, %s", word,
			      (unsigned long long)r->other,
			      reserve_type_text(r->type));
		break;
	case RESERVE_OP_CLEAR:
		monitor_event(m, false, "reservation", op->v->name, NULL,
			      "operator", "%s", word);
		break;
	default:
		monitor_event(m, false, "reservation", op->v->name, NULL,
			      "operator", "%s: %s", word,
			      reserve_type_text(r->type));
	}
}

static void tell(struct monitor *m, const struct operation *op)
{
	const struct reserve *r = &op->r;

	if (r->lost)
		tell_lost(m, op);
	if (r->error && op->ticket)
		monitor_event(m, true, "reservation-failed", op->v->name, NULL,
			      r->message, "%s", reserve_op_text(r->op));
	else if (op->ticket && r->op != RESERVE_OP_LOOK)
		tell_done(m, op);
	else if (r->op == RESERVE_OP_ADOPT && !r->error && r->key_after)
		tell_registered(m, op, "reservation",
				"our key is registered already");
}

static void take_setting(struct monitor *m, struct volume *v);

/* Our key is there, or is not; or the device has no such thing at all. Only
 * where nobody has answered it is to be asked again; or for the key that the
 * setting has been changed to meanwhile. */
static void adopted(struct monitor *m, struct operation *op)
{
	struct reservation *rs = of(op->v);
	const struct reserve *r = &op->r;

	if (r->no_answer) {
		for (unsigned int i = 0; i < r->n; i++)
			if (op->paths[i])
				path_refused(m, op->paths[i], r->message);
		return;
	}
	rs->unknown = false;
	rs->key = r->error ? 0 : r->key_after;
	rs->aptpl = rs->candidate.aptpl;
	if (r->error)
		monitor_event(m, true, "reservation-failed", op->v->name, NULL,
			      r->message, "taken for not registered");
	take_targets(m, op);
	m->keep_soon = true;
	if (rs->later && !rs->key && !r->error)
		take_setting(m, op->v);
	rs->later = false;
}

static void take_look(struct operation *op)
{
	struct reserve_seen *seen = &of(op->v)->seen;

	if (op->r.error)
		return;
	free(seen->keys);
	*seen = op->r.seen;
	op->r.seen.keys = NULL;
}

static void changed(struct monitor *m, struct operation *op)
{
	struct reservation *rs = of(op->v);
	const struct reserve *r = &op->r;
	uint64_t before = rs->key;

	rs->key = r->key_after;
	if (rs->key != before)
		rs->aptpl = r->aptpl;
	if (rs->key)
		rs->unknown = rs->later = false; /* that is known now */
	if (r->lost)
		fence_stale(op->v);
	take_targets(m, op);
	if (before && rs->key != before && !r->lost &&
	    r->op != RESERVE_OP_CLEAR)
		note_stale(op, before);
	m->keep_soon |= rs->key != before;
}

void reservation_ended(struct monitor *m, struct operation *op)
{
	if (op->r.op == RESERVE_OP_LOOK)
		take_look(op);
	else if (op->r.op == RESERVE_OP_ADOPT)
		adopted(m, op);
	else
		changed(m, op);
	tell(m, op);
	monitor_settle(m, op->v, false);
}

/* Settings */

static void take_candidate(struct monitor *m, struct volume *v,
			   struct prkey key)
{
	struct reservation *r = of(v);

	r->candidate = key;
	r->unknown = key.key != 0;
	m->keep_soon = true;
}

/* Of the file of keys. */
static void told_key(struct keybook_query *q, struct monitor *m)
{
	struct reservation *r = container_of(q, struct reservation, asked);
	struct volume *v =
		container_of(r, struct volume_run, reservation)->volume;

	if (q->why.text[0])
		monitor_event(m, true, "reservation-failed", v->name, NULL,
			      q->why.text, "taken for not registered");
	take_candidate(m, v, q->why.text[0] ? (struct prkey){0} : q->key);
	if (r->later && !r->unknown) {
		r->later = false;
		take_setting(m, v);
	}
	monitor_settle(m, v, false);
}

static void ask_file(struct monitor *m, struct volume *v)
{
	struct reservation *r = of(v);
	struct keybook_query *q = &r->asked;

	if (q->waits)
		return;
	*q = (struct keybook_query){.ended = told_key};
	snprintf(q->wwid, sizeof(q->wwid), "%s", v->wwid);
	r->unknown = true;
	r->candidate = (struct prkey){0};
	keybook_ask(m->keybook, q);
}

static void take_setting(struct monitor *m, struct volume *v)
{
	const char *text = v->settings.v[OPT_RESERVATION_KEY].text;
	struct prkey key;

	if (!*text)
		return;
	if (prkey_parse(text, &key))
		take_candidate(m, v, key);
	else if (m->keybook)
		ask_file(m, v);
}

/* What the last worker knew; false: nothing. */
static bool is_kept(struct monitor *m, struct volume *v)
{
	struct monitor_front *f = m->p.front;
	const char *text =
		f->kept_registered ? f->kept_registered(f, v->key) : NULL;
	struct prkey key = {0};

	if (!text)
		return false;
	if (prkey_parse(text, &key))
		take_candidate(m, v, key);
	return true;
}

void reservation_configure(struct monitor *m, struct volume *v)
{
	const char *text = v->settings.v[OPT_RESERVATION_KEY].text;
	struct reservation *r = of(v);
	bool first = !r->told;

	if (!m->p.reserve || (!first && !strcmp(r->setting, text)))
		return;
	r->told = true;
	snprintf(r->setting, sizeof(r->setting), "%s", text);
	if (r->key || (first && is_kept(m, v)))
		return;
	r->later = r->unknown;
	if (!r->unknown)
		take_setting(m, v);
}

bool reservation_kept(const struct volume *v, char *buf, size_t size)
{
	const struct reservation *r = of(v);
	struct prkey key =
		r->unknown ? r->candidate : (struct prkey){r->key, r->aptpl};

	if (r->unknown ? !key.key : !*r->setting)
		return false;
	if (key.key)
		snprintf(buf, size, "0x%llx%s", (unsigned long long)key.key,
			 key.aptpl ? ":aptpl" : "");
	else
		snprintf(buf, size, "none");
	return true;
}

/* Its life */

void reservation_init(struct volume *v)
{
	operations_init(v);
}

void reservation_drop_path(struct path *p)
{
	p->reserve.in = false;
	operation_drop_path(p->volume, p);
}

void reservation_end(struct monitor *m, struct volume *v)
{
	struct reservation *r = of(v);

	timer_clear(&m->timers, &r->kick);
	timer_clear(&m->timers, &r->drain);
	if (m->keybook)
		keybook_forget(m->keybook, &r->asked);
	operations_drop(m, v);
	timer_clear(&m->timers, &r->kick);
}

void reservation_fini(struct volume *v)
{
	assert(cds_list_empty(&of(v)->queue));
	free(of(v)->seen.keys);
}
