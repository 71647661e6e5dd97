// SPDX-License-Identifier: MIT
/*
 * The counters of a volume, recounted from its events; and: each event has a
 * cause.
 */
#include <string.h>

#include "core/volume_private.h"
#include "tests/sim/models.h"

static void check_cause(struct sim_vol *sv, const struct event *ev)
{
	if (!ev->cause || !*ev->cause)
		sim_fail(sv->s, "%s: %s %s has no cause", sv->name, ev->name,
			 ev->path ? ev->path : "");
}

/* By the clock, or by the operator's word. */
static void queueing_ended(struct stats_model *k, const char *cause)
{
	k->map_failures++;
	if (starts_with(cause, "no_path_retry"))
		k->q_timeouts++;
}

/* The daemon's own count; to group anew is a load, with or without a switch. */
static void count_switch(struct sim_vol *sv, const struct event *ev)
{
	if (!starts_with(ev->cause, "failback"))
		return;
	if (groups_anew(sv))
		sv->stats.switch_maybe++;
	else
		sv->stats.switch_grp++;
}

void stats_event(struct sim_vol *sv, struct sim_path *sp,
		 const struct event *ev)
{
	struct stats_model *k = &sv->stats;

	check_cause(sv, ev);
	if (!strcmp(ev->name, "path-failed"))
		k->path_faults += !sp->doubt.out; /* else it was no use */
	else if (!strcmp(ev->name, "switch-group"))
		count_switch(sv, ev);
	else if (!strcmp(ev->name, "queueing-ended"))
		queueing_ended(k, ev->cause);
	else if (!strcmp(ev->name, "all-paths-failed") &&
		 !volume_queueing(sv->v)->on)
		k->map_failures++;
}

/* Time that I/O had to wait for a path. */
static void count_time(struct sim_vol *sv)
{
	struct stats_model *k = &sv->stats;
	uint64_t now = sv->s->now;

	if (k->counts)
		k->q_time += now - k->since;
	k->since = now;
	k->counts = sv->q.on && sv->q.lost;
}

void stats_reset(struct sim_vol *sv)
{
	sv->stats = (struct stats_model){
		.since = sv->s->now,
		.counts = sv->stats.counts,
	};
}

static void compare(struct sim_vol *sv, const char *what, uint64_t got,
		    uint64_t expected)
{
	if (got != expected)
		sim_fail(sv->s, "%s: %s is %llu; counted %llu", sv->name, what,
			 (unsigned long long)got, (unsigned long long)expected);
}

void stats_check(struct sim_vol *sv)
{
	const struct volume_stats *got = volume_stats(sv->v);
	const struct stats_model *k = &sv->stats;
	const struct volume_queueing *q = volume_queueing(sv->v);
	uint64_t running = q->counted_from ? sv->s->now - q->counted_from : 0;

	count_time(sv);
	compare(sv, "path_faults", got->path_faults, k->path_faults);
	if (got->switch_grp < k->switch_grp ||
	    got->switch_grp > k->switch_grp + k->switch_maybe)
		compare(sv, "switch_grp", got->switch_grp, k->switch_grp);
	compare(sv, "q_timeouts", got->q_timeouts, k->q_timeouts);
	compare(sv, "map_failures", got->map_failures, k->map_failures);
	compare(sv, "total_q_time", got->total_q_time_ns + running, k->q_time);
}
