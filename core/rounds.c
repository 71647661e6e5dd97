// SPDX-License-Identifier: MIT
/*
 * Rounds of activation; see rounds.h. The decisions are activation.c's; here
 * are the paths, the threads and the time:
 *
 *   chosen -> I/O wants the group -> BEGIN: every usable path of it
 *     -> after the delay, if any: to the pool (or called, if at_once)
 *     -> each answer: ENDED, what it asks for is done, the volume is settled
 *     -> the last one: I/O goes on, or another round
 *
 * An answer counts for its path, and for the group that the path is in by then,
 * also when another one has become current. dm drops the current group in any
 * case when a controller is busy; here only if it is that one: a group that an
 * operator has switched to meanwhile stays.
 *
 * A group that a handler found busy is enabled again when an activation of it
 * ends well, or when the checker finds one of its paths up again; one that an
 * operator has disabled is not: his word is not the handler's to take back.
 */
#include "core/rounds.h"

#include <stdio.h>
#include <string.h>

#include "core/activate.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"

/* A controller that is always busy must not take the monitor all its time. */
#define LEAST_DELAY NSEC_PER_MSEC

static struct rounds *rounds_of(struct volume *v)
{
	return &v->run->rounds;
}

static bool covered(const struct path *p)
{
	return p->activation && p->activation->covered;
}

static void uncover(struct path *p)
{
	if (p->activation)
		p->activation->covered = false;
}

/* What came of it */

static const char *what_follows(unsigned int todo)
{
	if (todo & ACTIVATION_FAIL_PATH)
		return "the path fails";
	if (todo & ACTIVATION_BYPASS)
		return "its group is disabled, another one is tried";
	return "the group is activated again";
}

static void set_busy(struct monitor *m, struct volume *v, struct group *g,
		     bool busy, const char *cause)
{
	if (busy && v->current == g)
		v->current = NULL;
	if (busy ? g->bypassed : !g->busy)
		return; /* is so already, or by hand */
	g->bypassed = g->busy = busy;
	monitor_event(m, busy, busy ? "group-disabled" : "group-enabled",
		      v->name, NULL, cause, "group %u", g->id);
}

void rounds_ended(struct monitor *m, struct path *p,
		  enum activate_result result, const char *message)
{
	struct volume *v = p->volume;
	struct rounds *r = rounds_of(v);
	struct group *g = volume_group_of(v, p);
	struct activation_input in = {
		.event = ACTIVATION_ENDED,
		.result = result,
		.path = p,
		.handler = r->handler,
		.retries = r->features.pg_init_retries,
	};
	unsigned int todo;
	char cause[160];

	if (!r->handler && result != ACTIVATE_NOSYS)
		in.result = result = ACTIVATE_OK; /* it was set to none since */
	if (m->stopping && result != ACTIVATE_OK)
		in.result = ACTIVATE_IO; /* nobody waits for another try */
	todo = activation_step(&r->a, &in);
	r->settle = true;
	snprintf(cause, sizeof(cause), "%s: %s%s%s", r->cause,
		 activate_result_text(result), *message ? ", " : "", message);
	snprintf(r->last, sizeof(r->last), "%s", cause);
	if (result != ACTIVATE_OK) {
		v->run->stats.activation_failures++;
		monitor_event(m, true, "path-activation-failed", v->name,
			      p->name, cause, "%s", what_follows(todo));
	}
	if (todo & ACTIVATION_FAIL_PATH)
		monitor_path_failed(m, p, cause);
	if (todo & (ACTIVATION_BYPASS | ACTIVATION_UNBYPASS))
		set_busy(m, v, g, todo & ACTIVATION_BYPASS, cause);
	if (todo & ACTIVATION_DROP)
		v->current = NULL;
}

void rounds_dropped(struct path *p)
{
	static const struct activation_input in = {
		.event = ACTIVATION_DROPPED,
	};
	struct rounds *r = rounds_of(p->volume);

	p->activation->counted = false;
	activation_step(&r->a, &in);
	r->settle = true;
}

/* Beginning */

static bool waits(const struct path *p)
{
	return p->activation && p->activation->state == ACTIVATE_WAITS;
}

/* First who is to be left out, then the others: an answer that comes at once
 * may change what is current. */
static void launch_waiting(struct monitor *m, struct volume *v)
{
	const struct rounds *r = rounds_of(v);

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		if (!waits(p) || (p->health.offered && r->handler &&
				  volume_group_of(v, p) == v->current))
			continue;
		p->activation->state = ACTIVATE_IDLE;
		rounds_dropped(p);
	}
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		if (!waits(p))
			continue;
		activate_begin(m, p->activation, r->handler, r->args);
	}
}

static void delay_ends(struct timer *t, void *owner, uint64_t now)
{
	struct rounds *r = container_of(t, struct rounds, start);
	struct volume *v = container_of(r, struct volume_run, rounds)->volume;

	(void)now;
	launch_waiting(owner, v);
	monitor_settle(owner, v, false);
}

/* One of those that have been counted. */
static void enlist(struct monitor *m, struct path *p)
{
	struct path_activation *pa = activate_of(p);

	if (!pa) {
		rounds_ended(m, p, ACTIVATE_IO, "no memory");
		return;
	}
	pa->covered = true;
	if (pa->state != ACTIVATE_IDLE) {
		rounds_ended(m, p, ACTIVATE_IO,
			     "the one before has not come back");
		return;
	}
	pa->state = ACTIVATE_WAITS;
	pa->counted = true;
}

static const struct path *first_usable(const struct group *g)
{
	for (unsigned int i = 0; i < g->npaths; i++)
		if (g->paths[i]->health.offered)
			return g->paths[i];
	return NULL;
}

static unsigned int usable_paths(const struct group *g)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < g->npaths; i++)
		n += g->paths[i]->health.offered;
	return n;
}

static void report_round(struct monitor *m, struct volume *v, unsigned int n)
{
	const struct rounds *r = rounds_of(v);
	char delay[32] = "";

	if (r->a.delay)
		snprintf(delay, sizeof(delay), ", in %u ms",
			 r->features.pg_init_delay_ms);
	monitor_event(m, false, "group-activating", v->name, NULL, r->cause,
		      "group %u, round %u, %u paths%s%s", v->current->id,
		      r->a.count, n, delay,
		      r->a.queue_io ? " - I/O waits" : "");
}

static void begin_round(struct monitor *m, struct volume *v)
{
	struct rounds *r = rounds_of(v);
	struct group *g = v->current;
	const struct activation_input in = {
		.event = ACTIVATION_BEGIN,
		.paths = usable_paths(g),
		.path = first_usable(g),
	};
	uint64_t delay = (uint64_t)r->features.pg_init_delay_ms * NSEC_PER_MSEC;

	if (!(activation_step(&r->a, &in) & ACTIVATION_START))
		return;
	report_round(m, v, in.paths);
	for (unsigned int i = 0; i < g->npaths; i++)
		if (g->paths[i]->health.offered)
			enlist(m, g->paths[i]);
	if (r->a.delay)
		timer_set(&m->timers, &r->start,
			  m->now + MAX(delay, LEAST_DELAY));
	else
		launch_waiting(m, v);
}

/* A path of the current group has come up: that one alone. */
static void join(struct monitor *m, struct path *p)
{
	static const struct activation_input in = {
		.event = ACTIVATION_JOIN,
	};
	struct path_activation *pa = activate_of(p);
	struct rounds *r = rounds_of(p->volume);

	if (!pa || pa->state != ACTIVATE_IDLE)
		return; /* the one before: when it ends */
	if (!(activation_step(&r->a, &in) & ACTIVATION_START))
		return;
	pa->covered = pa->counted = true;
	activate_begin(m, pa, r->handler, r->args);
}

static void join_those_that_came(struct monitor *m, struct volume *v)
{
	const struct group *g = v->current;

	for (unsigned int i = 0; g && g == v->current && i < g->npaths; i++) {
		struct path *p = g->paths[i];

		if (p->health.offered && !covered(p))
			join(m, p);
	}
}

static bool wanted(struct volume *v)
{
	return atomic_load_explicit(&v->wanted, memory_order_relaxed);
}

/* Since when is I/O held? */
static void note_hold(struct monitor *m, struct volume *v)
{
	struct rounds *r = rounds_of(v);
	bool holds = activation_holds(&r->a) || v->run->ghost.until ||
		     reservation_holds(v);

	if (holds == (r->unready_since != 0))
		return;
	if (holds) {
		r->unready_since = m->now;
		/* Lanes say it anew, once they have seen it is not ready. */
		atomic_store_explicit(&v->wanted, false, memory_order_relaxed);
		return;
	}
	r->unready_ns += m->now - r->unready_since;
	r->unready_since = 0;
	if (v->current && r->a.count)
		monitor_event(m, false, "group-activated", v->name, NULL,
			      r->cause, "group %u, rounds: %u - I/O goes on",
			      v->current->id, r->a.count);
}

bool rounds_step(struct monitor *m, struct volume *v)
{
	struct rounds *r = rounds_of(v);

	r->settle = false;
	for (unsigned int i = 0; i < v->npaths; i++)
		if (!v->paths[i]->health.offered)
			uncover(v->paths[i]);
	note_hold(m, v);
	if (!r->handler || !v->current || v->run->ghost.until)
		return false;
	/* After a first round I/O has wanted it, and waits. */
	if (r->a.required && (r->a.count || wanted(v)))
		begin_round(m, v);
	join_those_that_came(m, v);
	if (!r->settle)
		note_hold(m, v);
	return r->settle;
}

void rounds_wanted(struct monitor *m)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (rounds_of(m->volumes[i])->a.required)
			monitor_settle(m, m->volumes[i], false);
}

void rounds_text(const struct rounds *r, char *buf, size_t size)
{
	if (r->a.in_progress)
		snprintf(buf, size, "round %u, %u path%s under way", r->a.count,
			 r->a.in_progress, r->a.in_progress > 1 ? "s" : "");
	else if (activation_holds(&r->a))
		snprintf(buf, size, "waits for I/O");
	else
		snprintf(buf, size, "%s", r->handler ? "ready" : "none");
}

/* Choice of a group, settings */

void rounds_chosen(struct volume *v, struct group *g)
{
	struct rounds *r = rounds_of(v);
	struct activation_input in = {
		.event = g ? ACTIVATION_CHOSEN : ACTIVATION_NONE,
		.handler = r->handler,
		.bypassed = g && g->bypassed,
	};

	if (g)
		in.path = first_usable(g);
	activation_step(&r->a, &in);
	for (unsigned int i = 0; i < v->npaths; i++)
		uncover(v->paths[i]);
}

void rounds_regrouped(struct volume *v)
{
	const struct group *g = rounds_of(v)->handler ? v->current : NULL;
	bool news = false, ready = false;

	for (unsigned int i = 0; g && i < g->npaths; i++) {
		news |= g->paths[i]->health.offered && !covered(g->paths[i]);
		ready |= covered(g->paths[i]);
	}
	/* Not ready: all are new, and yet to be offered. */
	if (g && (news || !ready))
		rounds_chosen(v, v->current);
}

/* "COUNT NAME ARGS..." or "0". */
static void take_handler(struct monitor *m, struct rounds *r, const char *text)
{
	const char *words = strchr(text, ' ');
	char name[OPT_TEXT_SIZE];
	size_t len;

	snprintf(r->handler_text, sizeof(r->handler_text), "%s", text);
	r->handler = NULL;
	if (!words)
		return;
	words++;
	len = strcspn(words, " ");
	snprintf(name, sizeof(name), "%.*s", (int)len, words);
	snprintf(r->args, sizeof(r->args), "%s",
		 words[len] ? words + len + 1 : "");
	snprintf(r->cause, sizeof(r->cause), "handler %.48s", name);
	r->handler = handler_find(m->p.handlers, name);
	if (r->handler && !r->handler->activate)
		r->handler = NULL;
}

/*
 * The setting. With "0" it is that for the array behind the paths: the kernel
 * attaches its own by the same rules, and dm goes by what is attached, unless
 * it is told not to (retain_attached_hw_handler).
 */
static void effective_handler(struct monitor *m, const struct volume *v,
			      char *buf, size_t size)
{
	const struct setting *s = v->settings.v;
	const struct handler_ops *h = NULL;

	snprintf(buf, size, "%s", s[OPT_HARDWARE_HANDLER].text);
	if (strcmp(buf, "0") || !s[OPT_RETAIN_ATTACHED_HW_HANDLER].num)
		return;
	for (unsigned int i = 0; !h && i < v->npaths; i++)
		h = handler_match(m->p.handlers, &v->paths[i]->said);
	if (h)
		snprintf(buf, size, "1 %s", h->name);
}

void rounds_configure(struct monitor *m, struct volume *v)
{
	const struct setting *s = v->settings.v;
	struct rounds *r = rounds_of(v);
	char text[OPT_TEXT_SIZE];
	struct errmsg e;
	int rc = features_parse(s[OPT_FEATURES].text, &r->features, &e);

	assert(!rc); /* refused when it was set */
	(void)rc;
	r->start.due = delay_ends;
	effective_handler(m, v, text, sizeof(text));
	if (!strcmp(r->handler_text, text))
		return;
	take_handler(m, r, text);
	if (v->current)
		rounds_chosen(v, v->current);
}

/* Paths come and go */

void rounds_path_failed(struct path *p)
{
	const struct activation_input in = {
		.event = ACTIVATION_PATH_FAILED,
		.path = p,
	};

	activation_step(&rounds_of(p->volume)->a, &in);
}

void rounds_path_up(struct monitor *m, struct path *p)
{
	struct group *g = volume_group_of(p->volume, p);

	if (g && g->busy && p->check.state == CHECK_UP)
		set_busy(m, p->volume, g, false, "a path of it is up again");
}

void rounds_drop_path(struct monitor *m, struct path *p)
{
	if (rounds_of(p->volume)->a.lead == p)
		rounds_path_failed(p);
	if (p->activation && p->activation->counted)
		rounds_dropped(p);
	activate_forget(m, p);
}

void rounds_end(struct monitor *m, struct volume *v)
{
	static const struct activation_input in = {
		.event = ACTIVATION_DISABLE,
	};

	activation_step(&rounds_of(v)->a, &in);
	timer_clear(&m->timers, &rounds_of(v)->start);
	for (unsigned int i = 0; i < v->npaths; i++)
		rounds_drop_path(m, v->paths[i]);
}
