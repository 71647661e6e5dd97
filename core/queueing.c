// SPDX-License-Identifier: MIT
/*
 * What becomes of I/O while no path is left: no_path_retry, and what an
 * operator said by hand (census 6.5). Monitor.
 *
 *   fail    it fails
 *   queue   it waits
 *   N       it waits for N polling intervals, to the clock, then it fails until
 *           a path returns; whatever the intervals of the checks are
 *
 * A path counts when I/O may be sent down it. So a passive one (ghost) counts
 * until it fails: upstream counts it even then, and I/O to such a volume waits
 * without end.
 *
 * The countdown begins when the last path fails. Of a volume that has had none
 * since it was configured it begins when each path has been looked at, or
 * checker_timeout has passed: one whose first check runs may well be good.
 * When polling_interval changes, what has passed counts.
 */
#include "core/monitor_private.h"
#include "core/path.h"

static int64_t retries(const struct volume *v)
{
	return volume_no_path_retry(v);
}

static uint64_t seconds(const struct volume *v, enum opt o)
{
	return (uint64_t)v->settings.v[o].num * NSEC_PER_SEC;
}

static uint64_t countdown(const struct volume *v)
{
	return (uint64_t)retries(v) * seconds(v, OPT_POLLING_INTERVAL);
}

static bool wants_queueing(const struct volume *v)
{
	if (v->run->pin != PIN_NONE)
		return v->run->pin == PIN_QUEUE;
	return retries(v) != NO_PATH_FAIL;
}

/* Does time matter? */
static bool counts_down(const struct volume *v)
{
	return v->run->queueing.since && v->run->queueing.on &&
	       v->run->pin == PIN_NONE && retries(v) > 0;
}

static bool first_check_runs(const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i]->check.state == CHECK_UNCHECKED &&
		    !v->paths[i]->health.held)
			return true;
	return false;
}

/* By then each path has been checked for the first time. */
static uint64_t first_checks(const struct volume *v)
{
	uint64_t longest = seconds(v, OPT_CHECKER_TIMEOUT);

	for (unsigned int i = 0; i < v->npaths; i++)
		longest = MAX(longest, schedule_timeout(v->paths[i]));
	return longest;
}

static void set_deadline(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->deadline = 0;
	if (!counts_down(v))
		return;
	if (!q->from && !(q->fresh && first_check_runs(v)))
		q->from = m->now;
	q->deadline = countdown(v) +
		      (q->from ? q->from :
				 q->since + first_checks(v));
}

/* total_q_time is of queueing only, not of failing. */
static void count_queueing(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	if (q->counted_from)
		v->run->stats.total_q_time_ns += m->now - q->counted_from;
	q->counted_from = q->since && q->on ? m->now : 0;
}

/* No path is left, and what waited fails now. */
static void stop(struct monitor *m, struct volume *v, const char *cause)
{
	v->run->stats.map_failures++;
	monitor_event(m, true, "queueing-ended", v->name, NULL, cause,
		      "I/O fails with EIO until a path returns");
}

void queueing_restart(struct monitor *m, struct volume *v, const char *cause)
{
	struct volume_queueing *q = &v->run->queueing;
	bool was = q->on;

	q->rule = retries(v);
	q->on = wants_queueing(v);
	q->pinned_off = v->run->pin == PIN_FAIL;
	q->from = 0;
	set_deadline(m, v);
	if (was && !q->on && q->since)
		stop(m, v, cause);
}

void queueing_end(struct monitor *m, struct volume *v, const char *cause)
{
	struct volume_queueing *q = &v->run->queueing;

	if (!q->on)
		return;
	q->on = false;
	q->deadline = 0;
	count_queueing(m, v);
	stop(m, v, cause);
	monitor_settle(m, v, true);
}

void queueing_configure(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->fresh |= !q->known;
	if (!q->known || q->rule != retries(v))
		queueing_restart(m, v, "reconfigure");
	else if (q->deadline)
		set_deadline(m, v);
	q->known = true;
}

static void paths_lost(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;

	q->since = m->now;
	q->on = wants_queueing(v);
	q->from = 0;
	set_deadline(m, v);
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

	q->since = q->from = q->deadline = 0;
	q->on = wants_queueing(v);
}

void queueing_step(struct monitor *m, struct volume *v)
{
	struct volume_queueing *q = &v->run->queueing;
	bool up = volume_up(v) > 0;

	if (!up && !q->since)
		paths_lost(m, v);
	else if (up && q->since)
		paths_back(v);
	else if (q->deadline && !q->from)
		set_deadline(m, v);
	q->fresh = q->fresh && !up;
	count_queueing(m, v);
	if (!q->deadline || m->now < q->deadline)
		return;
	q->deadline = 0;
	q->on = false;
	count_queueing(m, v);
	v->run->stats.q_timeouts++;
	stop(m, v, "no_path_retry has run out");
}
