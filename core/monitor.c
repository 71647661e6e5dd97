// SPDX-License-Identifier: MIT
/*
 * What follows from what: a path fails, and a group, a state, a queue change;
 * see monitor.h. Rules of the census: choice of group 1.2, queueing and
 * failback 6.5.
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
#include "core/monitor_private.h"

/* A path on which something is in flight and nothing has come back so long. */
#define STALL_AFTER (2 * NSEC_PER_SEC)
#define STALL_LOOK (500 * NSEC_PER_MSEC)

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

static void set_why(struct path *p, const char *cause)
{
	snprintf(p->health.why, sizeof(p->health.why), "%s", cause);
	p->health.since = clock_realtime();
}

void monitor_path_failed(struct monitor *m, struct path *p, const char *cause)
{
	if (!p->health.active)
		return;
	p->health.active = false;
	p->health.fail_count++;
	p->volume->run->stats.path_faults++;
	p->volume->run->failback_at = 0; /* any failure stops the timer */
	set_why(p, cause);
	monitor_event(m, true, "path-failed", p->volume->name, p->name, cause,
		      "%u of %u paths usable", volume_usable(p->volume),
		      p->volume->npaths);
	m->p.front->keep_changed(m->p.front);
}

void monitor_path_reinstated(struct monitor *m, struct path *p,
			     const char *cause)
{
	if (p->health.active)
		return;
	p->health.active = true;
	p->health.stalled = false;
	p->health.progress_time = m->now;
	p->volume->run->newly_up = true;
	set_why(p, cause);
	monitor_event(m, false, "path-reinstated", p->volume->name, p->name,
		      cause, "%u of %u paths usable",
		      volume_usable(p->volume), p->volume->npaths);
	m->p.front->keep_changed(m->p.front);
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
	check_soon(m, p);
	if (!p->health.active)
		return; /* one more of those that were out when it failed */
	p->health.offered = false; /* the lane has stored that */
	monitor_path_failed(m, p, cause);
	/* Lanes must look after what is still out on it, in any case. */
	monitor_settle(m, p->volume, true);
}

void monitor_watch_path(struct path *p)
{
	p->fault.mail.deliver = fault_arrives;
}

/* Queueing: no_path_retry */

static int64_t retries(const struct volume *v)
{
	return v->settings.v[OPT_NO_PATH_RETRY].num;
}

static uint64_t countdown(const struct volume *v)
{
	uint64_t s = (uint64_t)v->settings.v[OPT_POLLING_INTERVAL].num;

	return (uint64_t)retries(v) * s * NSEC_PER_SEC;
}

static bool wants_queueing(const struct volume *v)
{
	if (v->run->pin != PIN_NONE)
		return v->run->pin == PIN_QUEUE;
	return retries(v) != NO_PATH_FAIL;
}

void monitor_reset_queueing(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->on = wants_queueing(v);
	q->pinned_off = v->run->pin == PIN_FAIL;
	q->deadline = 0;
	if (q->since && q->on && v->run->pin == PIN_NONE &&
	    retries(v) != NO_PATH_QUEUE)
		q->deadline = m->now + countdown(v);
}

/* total_q_time is of queueing only, not of failing. */
static void count_queueing(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	if (q->counted_from)
		v->run->stats.total_q_time_ns += m->now - q->counted_from;
	q->counted_from = q->since && q->on ? m->now : 0;
}

static void paths_lost(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->since = m->now;
	monitor_reset_queueing(m, v);
	if (!q->on) {
		v->run->stats.map_failures++;
		monitor_event(m, true, "all-paths-failed", v->name, NULL,
			      "no usable path",
			      "I/O fails with EIO until one returns");
	} else if (q->deadline) {
		monitor_event(m, true, "all-paths-failed", v->name, NULL,
			      "no usable path",
			      "I/O waits for %llu s, then fails",
			      (unsigned long long)(countdown(v) / NSEC_PER_SEC));
	} else {
		monitor_event(m, true, "all-paths-failed", v->name, NULL,
			      "no usable path",
			      "I/O waits until one returns");
	}
}

static void paths_back(struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->since = 0;
	q->deadline = 0;
	q->on = wants_queueing(v);
}

static void queueing_step(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;
	bool up = volume_up(v) > 0;

	if (!up && !q->since)
		paths_lost(m, v);
	else if (up && q->since)
		paths_back(v);
	count_queueing(m, v);
	if (!q->deadline || m->now < q->deadline)
		return;
	q->deadline = 0;
	q->on = false;
	count_queueing(m, v);
	v->run->stats.q_timeouts++;
	v->run->stats.map_failures++;
	monitor_event(m, true, "queueing-ended", v->name, NULL,
		      "no_path_retry has run out",
		      "I/O fails with EIO until a path returns");
}

/* Failback */

/* Makes g the choice; `disabled` groups stay so. */
static void switch_to(struct monitor *m, struct volume *v, struct group *g,
		      const char *cause)
{
	v->next = g;
	v->current = NULL;
	v->run->stats.switch_grp++;
	v->run->failback_at = 0;
	monitor_event(m, false, "switch-group", v->name, NULL, cause,
		      "to group %u", g->id);
}

void monitor_switch_group(struct monitor *m, struct volume *v,
			  struct group *g, const char *cause)
{
	/* dm's switch_group: every group is enabled again. */
	for (unsigned int i = 0; i < v->ngroups; i++)
		v->groups[i]->bypassed = false;
	switch_to(m, v, g, cause);
}

static void failback_step(struct monitor *m, struct volume *v)
{
	int64_t mode = v->settings.v[OPT_FAILBACK].num;
	struct volume_run *run = v->run;
	struct group *best = volume_best_group(v);
	bool newly_up = run->newly_up;

	run->newly_up = false;
	if (mode == FAILBACK_MANUAL || v->ngroups < 2 || !best || !v->current ||
	    best == v->current) {
		run->failback_at = 0;
		return;
	}
	if (mode == FAILBACK_IMMEDIATE) {
		switch_to(m, v, best, "failback immediate");
		return;
	}
	if (newly_up || !run->failback_at) {
		run->failback_at = m->now + (uint64_t)mode * NSEC_PER_SEC;
		return;
	}
	if (m->now >= run->failback_at)
		switch_to(m, v, best, "failback timer");
}

/* Settling */

static void report_group(struct monitor *m, struct volume *v,
			 const struct group *before)
{
	if (v->current == before || !v->current)
		return;
	if (before)
		monitor_event(m, false, "group-active", v->name, NULL, NULL,
			      "group %u, priority %d; was group %u",
			      v->current->id, group_priority(v->current),
			      before->id);
	else
		monitor_event(m, false, "group-active", v->name, NULL, NULL,
			      "group %u, priority %d", v->current->id,
			      group_priority(v->current));
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

void monitor_settle(struct monitor *m, struct volume *v, bool force)
{
	struct monitor_front *f = m->p.front;
	const struct group *before = v->current;
	const struct view *view =
		atomic_load_explicit(&v->view, memory_order_relaxed);
	bool changed;

	if (view && view->gone)
		return; /* removed: what comes in late changes nothing */
	changed = volume_offer_paths(v) || force;
	queueing_step(m, v);
	volume_choose_group(v);
	failback_step(m, v);
	volume_choose_group(v);
	/* A path that comes or goes is news to the selectors, even where the
	 * view itself stays the same. */
	if (volume_publish(v, false, changed)) {
		f->grace(f);
		f->poke_lanes(f);
	}
	report_group(m, v, before);
	report_state(m, v);
}

/* What has come back since the last look, and when that last moved. */
static bool stalled_now(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;
	struct path_totals t;
	uint64_t progress;

	path_totals(p, &t);
	progress = t.ios[0] + t.ios[1] + t.errors;
	if (progress != h->progress || !atomic_load(&p->load.ios)) {
		h->progress = progress;
		h->progress_time = m->now;
	}
	return m->now - h->progress_time >= STALL_AFTER;
}

static void look_for_stalls(struct monitor *m, struct volume *v)
{
	bool changed = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		bool stalled = stalled_now(m, p);

		if (stalled == p->health.stalled)
			continue;
		p->health.stalled = stalled;
		changed = true;
		if (!p->health.active || p->health.held)
			continue; /* out of use in any case */
		set_why(p, stalled ? "no I/O has come back for 2 s" :
				     "I/O comes back again");
		monitor_event(m, stalled, stalled ? "path-stalled" :
						    "path-moving",
			      v->name, p->name, p->health.why,
			      "%u in flight", atomic_load(&p->load.ios));
	}
	if (changed)
		monitor_settle(m, v, false);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return b && b < a ? b : a;
}

static uint64_t run_volume(struct monitor *m, struct volume *v, bool stalls)
{
	struct volume_run *run = v->run;
	uint64_t next = UINT64_MAX;

	if (stalls)
		look_for_stalls(m, v);
	if ((run->queueing.deadline && m->now >= run->queueing.deadline) ||
	    (run->failback_at && m->now >= run->failback_at))
		monitor_settle(m, v, false);
	for (unsigned int i = 0; i < v->npaths; i++)
		next = earlier(next, check_run(m, v->paths[i]));
	next = earlier(next, run->queueing.deadline);
	return earlier(next, run->failback_at);
}

uint64_t monitor_run(struct monitor *m, uint64_t now)
{
	bool stalls = now >= m->next_stall_look;
	uint64_t next;

	m->now = now;
	m->p.engine->ops->reap(m->p.engine);
	mailbox_deliver(&m->mailbox);
	apply_free_retired(m);
	if (stalls)
		m->next_stall_look = now + STALL_LOOK;
	next = m->next_stall_look;
	for (unsigned int i = 0; i < m->nvolumes; i++)
		next = earlier(next, run_volume(m, m->volumes[i], stalls));
	m->p.engine->ops->flush(m->p.engine);
	return next;
}

bool monitor_quiet(struct monitor *m)
{
	m->p.engine->ops->reap(m->p.engine);
	mailbox_deliver(&m->mailbox);
	apply_free_retired(m);
	if (m->nopening || m->nretired_paths ||
	    !cds_list_empty(&m->retired_volumes))
		return false;
	for (unsigned int i = 0; i < m->nvolumes; i++)
		if (!volume_idle(m->volumes[i]))
			return false;
	return true;
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
	r = mailbox_init(&m->mailbox, m);
	if (r) {
		free(m);
		return r;
	}
	*ret = m;
	return 0;
}
