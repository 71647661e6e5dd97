// SPDX-License-Identifier: MIT
/*
 * What follows from what: a path fails, and a group, a state, a queue change;
 * see monitor.h. The rules themselves: choice of group in volume.c, queueing.c,
 * failback.c, stall.c.
 *
 * Everything that changes a volume ends in monitor_settle(), the one place
 * where lanes are told and people are.
 */
#include "core/monitor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/group.h"
#include "core/keybook.h"
#include "core/monitor_private.h"
#include "core/pool.h"

/* Threads for what blocks, unless the owner has a pool. */
#define POOL_MAX 16

void monitor_event(struct monitor *m, bool bad, const char *name,
		   const char *volume, const char *path, const char *cause,
		   const char *detail, ...)
{
	struct event ev = {
		.name = name,
		.volume = volume,
		.path = path,
		.cause = cause,
		.bad = bad,
	};
	char text[256] = "";
	va_list ap;

	if (detail) {
		va_start(ap, detail);
		vsnprintf(text, sizeof(text), detail, ap);
		va_end(ap);
	}
	ev.detail = text;
	m->p.front->event(m->p.front, &ev);
}

void monitor_set_why(struct path *p, const char *cause)
{
	snprintf(p->health.why, sizeof(p->health.why), "%s", cause);
	p->health.since = clock_realtime();
}

void monitor_path_failed(struct monitor *m, struct path *p, const char *cause)
{
	bool delayed = p->health.delayed, active = p->health.active;

	p->health.active = false;
	identity_forget(p);
	prio_forget(p);
	doubt_bad(m, p, active);
	if (active) {
		p->health.fail_count++;
		p->volume->run->stats.path_faults++;
		p->volume->run->failback.at = 0; /* any failure stops it */
		rounds_path_failed(p);
	} else if (!delayed) {
		return; /* nothing new */
	}
	monitor_set_why(p, cause);
	monitor_event(m, true, "path-failed", p->volume->name, p->name, cause,
		      "%u of %u paths usable", volume_usable(p->volume),
		      p->volume->npaths);
	m->keep_soon = true;
}

void monitor_path_reinstated(struct monitor *m, struct path *p,
			     const char *cause)
{
	if (p->health.active)
		return;
	p->health.active = true;
	p->health.stalled = false;
	p->health.progress_time = m->now;
	p->volume->run->failback.newly_up = true;
	monitor_set_why(p, cause);
	monitor_event(m, false, "path-reinstated", p->volume->name, p->name,
		      cause, "%u of %u paths usable",
		      volume_usable(p->volume), p->volume->npaths);
	rounds_path_up(m, p);
	transport_configure_path(m, p);
	m->keep_soon = true;
}

/* A lane's report, on the monitor. */
static void fault_arrives(struct mail *mail, void *owner)
{
	struct path *p = container_of(mail, struct path, fault.mail);
	struct monitor *m = owner;
	char cause[128];

	path_fault_text(&p->fault, cause, sizeof(cause));
	/* release: the fields have been read, the next report may overwrite.
	 * acquire: what lanes stored in `usable` comes before what we do. */
	atomic_exchange_explicit(&p->fault.reported, false,
				 memory_order_acq_rel);
	p->health.io_failed = m->now;
	identity_forget(p);
	prio_forget(p); /* a read is owed, however well it was just now */
	check_soon(m, p);
	if (!p->health.active)
		return; /* one more of those that were out when it failed */
	p->health.offered = false; /* the lane has stored that */
	monitor_path_failed(m, p, cause);
	/* Lanes must look after what is still out on it, in any case. */
	monitor_settle(m, p->volume, true);
}

/* A lane's report, likewise. */
static void conflict_arrives(struct mail *mail, void *owner)
{
	struct path *p = container_of(mail, struct path, conflict.mail);

	atomic_store_explicit(&p->conflict.reported, false,
			      memory_order_release);
	reservation_conflict(owner, p);
}

void monitor_watch_path(struct path *p)
{
	p->fault.mail.deliver = fault_arrives;
	p->conflict.mail.deliver = conflict_arrives;
	doubt_init(p);
}

/* Settling */

static void group_cause(const struct volume *v, const struct group *before,
			char *buf, size_t size)
{
	const struct failback *f = &v->run->failback;

	if (f->asked == v->current)
		snprintf(buf, size, "%s", f->cause);
	else if (before)
		snprintf(buf, size, "group %u has no usable path", before->id);
	else
		snprintf(buf, size, "the first with a usable path");
}

static void report_group(struct monitor *m, struct volume *v,
			 const struct group *before)
{
	char cause[64], was[32] = "";

	if (v->current == before || !v->current)
		return;
	group_cause(v, before, cause, sizeof(cause));
	v->run->failback.asked = NULL;
	if (before)
		snprintf(was, sizeof(was), "; was group %u", before->id);
	monitor_event(m, false, "group-active", v->name, NULL, cause,
		      "group %u, priority %d%s", v->current->id,
		      group_priority(v->current), was);
}

static void report_state(struct monitor *m, struct volume *v)
{
	enum volume_state s = volume_state(v), was = v->run->shown;

	if (s == was)
		return;
	v->run->shown = s;
	monitor_event(m, s > was, "volume-state", v->name, NULL,
		      volume_state_text(s), "was %s; %u of %u paths usable",
		      volume_state_text(was), volume_usable(v), v->npaths);
}

/* What the rules wait for; they look at the time themselves. */
static void set_timer(struct monitor *m, struct volume *v)
{
	const struct volume_run *run = v->run;
	uint64_t at = TIMER_NEVER;

	if (run->queueing.deadline)
		at = MIN(at, run->queueing.deadline);
	/* While it waits for priorities, their end is what brings us here. */
	if (run->failback.at && !run->failback.waiting)
		at = MIN(at, run->failback.at);
	if (run->failback.regroup)
		at = m->now + 1; /* when this turn is over */
	if (run->ghost.until)
		at = MIN(at, run->ghost.until);
	timer_set(&m->timers, &v->run->timer, at);
}

static void volume_due(struct timer *t, void *owner, uint64_t now)
{
	struct volume_run *run = container_of(t, struct volume_run, timer);

	(void)now;
	if (!failback_regroup(owner, run->volume))
		monitor_settle(owner, run->volume, false);
}

void monitor_watch_volume(struct volume *v)
{
	v->run->timer.due = volume_due;
}

void monitor_settle(struct monitor *m, struct volume *v, bool force)
{
	struct monitor_front *f = m->p.front;
	const struct group *before = v->current;
	const struct view *view =
		atomic_load_explicit(&v->view, memory_order_relaxed);
	bool changed = force;

	if (view && view->gone)
		return; /* removed: what comes in late changes nothing */
	/* Again, if a handler has answered at once; see rounds.c on how often. */
	do {
		doubt_rescue(m, v);
		prio_rescue(m, v);
		ghost_step(m, v);
		reservation_step(m, v);
		changed |= volume_offer_paths(v);
		queueing_step(m, v);
		volume_choose_group(v);
		failback_step(m, v);
		volume_choose_group(v);
	} while (rounds_step(m, v));
	/* A path that comes or goes is news to the selectors, even where the
	 * view itself stays the same. */
	if (volume_publish(v, false, changed)) {
		f->grace(f);
		f->poke_lanes(f);
	}
	report_group(m, v, before);
	report_state(m, v);
	set_timer(m, v);
	doubt_regroup(m, v);
}

/* Once for all paths that came or went: a fabric takes thousands along. */
static void keep_if_changed(struct monitor *m)
{
	if (!m->keep_soon)
		return;
	m->keep_soon = false;
	m->p.front->keep_changed(m->p.front);
}

uint64_t monitor_run(struct monitor *m, uint64_t now)
{
	uint64_t next;

	m->now = now;
	m->p.engine->ops->reap(m->p.engine);
	mailbox_deliver(&m->mailbox);
	if (mailbox_take_poke(&m->mailbox))
		rounds_wanted(m);
	apply_free_retired(m);
	timers_run(&m->timers, now);
	next = prio_run(m); /* which may set timers */
	next = MIN(next, timers_next(&m->timers));
	m->p.engine->ops->flush(m->p.engine);
	keep_if_changed(m);
	return next;
}

bool monitor_quiet(struct monitor *m)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		apply_end_timers(m, m->volumes[i]);
	m->p.engine->ops->reap(m->p.engine);
	mailbox_deliver(&m->mailbox);
	/* What waited for a place in the engine may have got one. */
	m->p.engine->ops->flush(m->p.engine);
	apply_free_retired(m);
	if (m->nopening || m->nretired_paths || keybook_busy(m->keybook) ||
	    !cds_list_empty(&m->retired_volumes))
		return false;
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (!volume_idle(m->volumes[i]))
			return false;
	return true;
}

unsigned int monitor_late_probes(const struct monitor *m)
{
	return m->nr_late_reads +
	       atomic_load_explicit(&m->p.pool->nr_late, memory_order_relaxed);
}

struct monitor_front *monitor_front_of(struct monitor *m)
{
	return m->p.front;
}

struct mailbox *monitor_mailbox(struct monitor *m)
{
	return &m->mailbox;
}

struct volume *monitor_volume(struct monitor *m, unsigned int index)
{
	return index < m->nvolumes ? m->volumes[index] : NULL;
}

struct volume *monitor_volume_by_name(struct monitor *m, const char *name)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (!strcmp(m->volumes[i]->name, name))
			return m->volumes[i];
	return NULL;
}

struct volume *monitor_volume_by_key(struct monitor *m, const char *key)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (!strcmp(m->volumes[i]->key, key))
			return m->volumes[i];
	return NULL;
}

struct volume *monitor_volume_by_id(struct monitor *m, uint32_t id)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (m->volumes[i]->id == id)
			return m->volumes[i];
	return NULL;
}

int monitor_new(const struct monitor_params *p, struct monitor **ret)
{
	struct monitor *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->p = *p;
	if (!m->p.devices)
		m->p.devices = &device_node_ops;
	CDS_INIT_LIST_HEAD(&m->retired_volumes);
	CDS_INIT_LIST_HEAD(&m->prio_rounds);
	timer_queue_init(&m->timers, m);
	stall_watch(m);
	r = mailbox_init(&m->mailbox, m);
	if (r)
		goto free_monitor;
	if (!m->p.pool) {
		r = pool_new(POOL_MAX, &m->mailbox, &m->p.pool);
		if (r)
			goto fini_mailbox;
		m->own_pool = true;
	}
	if (m->p.state_dir)
		m->keybook = keybook_new(m, m->p.state_dir);
	r = m->p.state_dir && !m->keybook ? -ENOMEM : 0;
	if (r)
		goto free_pool;
	*ret = m;
	return 0;

free_pool:
	if (m->own_pool)
		pool_free(m->p.pool);
fini_mailbox:
	mailbox_fini(&m->mailbox);
free_monitor:
	free(m);
	return r;
}
