// SPDX-License-Identifier: MIT
/*
 * Paths on which something is in flight and nothing comes back: another path
 * is better, but a stalled one is better than none. Monitor.
 */
#include "core/monitor_private.h"

#include <stdatomic.h>

#define STALL_AFTER (2 * NSEC_PER_SEC)
#define LOOK_EVERY (500 * NSEC_PER_MSEC)

/* What has come back since the last look, and when that last moved. */
static bool stalled_now(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;
	struct path_totals t;
	uint64_t progress;

	/* Nothing is out, as on most paths at most times: nothing to sum up. */
	if (!atomic_load_explicit(&p->load.ios, memory_order_relaxed)) {
		h->progress_time = m->now;
		return false;
	}
	path_totals(p, &t);
	progress = t.ios[0] + t.ios[1] + t.errors;
	if (progress != h->progress) {
		h->progress = progress;
		h->progress_time = m->now;
	}
	return m->now - h->progress_time >= STALL_AFTER;
}

static void look_at_volume(struct monitor *m, struct volume *v)
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
		monitor_set_why(p, stalled ? "no I/O has come back for 2 s" :
				     "I/O comes back again");
		monitor_event(m, stalled, stalled ? "path-stalled" :
						    "path-moving",
			      v->name, p->name, p->health.why,
			      "%u in flight", atomic_load(&p->load.ios));
	}
	if (changed)
		monitor_settle(m, v, false);
}

static void look(struct timer *t, void *owner, uint64_t now)
{
	struct monitor *m = owner;

	for (unsigned int i = 0; i < m->nvolumes; i++)
		look_at_volume(m, m->volumes[i]);
	timer_set(&m->timers, t, now + LOOK_EVERY);
}

void stall_watch(struct monitor *m)
{
	m->stall_look.due = look;
	timer_set(&m->timers, &m->stall_look, LOOK_EVERY);
}
