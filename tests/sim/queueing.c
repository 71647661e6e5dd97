// SPDX-License-Identifier: MIT
/*
 * no_path_retry, written once more and compared with core's at each step: when
 * the last path that is up goes, the volume waits, fails, or waits for so many
 * polling intervals; the first one back starts it anew. Of a volume that has
 * had none yet the countdown begins when each path has been looked at, or after
 * checker_timeout. What an operator says by hand stands until the setting is
 * written.
 */
#include <string.h>

#include "core/path.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

/* Set nowhere, it is what the features say. */
static int64_t retries(const struct sim_vol *sv)
{
	const struct setting *set = sv->v->settings.v;

	if (set[OPT_NO_PATH_RETRY].origin == ORIGIN_BUILTIN &&
	    strstr(set[OPT_FEATURES].text, "queue_if_no_path"))
		return NO_PATH_QUEUE;
	return set[OPT_NO_PATH_RETRY].num;
}

static uint64_t seconds(const struct sim_vol *sv, enum opt o)
{
	return (uint64_t)sv->v->settings.v[o].num * NSEC_PER_SEC;
}

static bool wants(const struct sim_vol *sv)
{
	if (sv->q.pin != PIN_NONE)
		return sv->q.pin == PIN_QUEUE;
	return retries(sv) != NO_PATH_FAIL;
}

static bool all_looked_at(const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i]->check.state == CHECK_UNCHECKED &&
		    !v->paths[i]->health.held)
			return false;
	return true;
}

static void count_down(struct sim_vol *sv)
{
	struct queue_model *q = &sv->q;

	q->deadline = 0;
	if (!q->lost || !q->on || q->pin != PIN_NONE || retries(sv) <= 0)
		return;
	if (!q->from && (!q->fresh || all_looked_at(sv->v)))
		q->from = sv->s->now;
	q->deadline = (q->from ? q->from
			       : q->since + seconds(sv, OPT_CHECKER_TIMEOUT)) +
		      (uint64_t)retries(sv) * seconds(sv, OPT_POLLING_INTERVAL);
}

static void hit(struct sim_vol *sv, const char *what)
{
	coverage_hit(sv->s->cov, "queueing", what);
}

static void begin(struct sim_vol *sv)
{
	sv->q.on = wants(sv);
	sv->q.from = 0;
	sv->q.rule = retries(sv);
	count_down(sv);
}

void queueing_note(struct sim_vol *sv)
{
	struct queue_model *q = &sv->q;
	bool lost = volume_up(sv->v) == 0;

	if (lost && !q->lost) {
		q->since = sv->s->now;
		q->lost = true;
		begin(sv);
		hit(sv, !q->on	      ? "lost, fails"
			: q->deadline ? "lost, counts down"
				      : "lost, waits");
	} else if (!lost && q->lost) {
		hit(sv, q->on ? "back, had waited" : "back, had failed");
		q->lost = false;
		begin(sv);
	} else if (q->deadline && !q->from) {
		count_down(sv);
		if (q->from)
			hit(sv, "every path has been looked at");
	}
	q->fresh = q->fresh && lost;
}

void queueing_new(struct sim_vol *sv)
{
	memset(&sv->q, 0, sizeof(sv->q));
	sv->q.fresh = true;
	begin(sv);
}

void queueing_pin(struct sim_vol *sv, enum queue_pin pin)
{
	sv->q.pin = pin;
	hit(sv, pin == PIN_FAIL	   ? "by hand, fails"
		: pin == PIN_QUEUE ? "by hand, waits"
				   : "the setting is in force");
	queueing_note(sv);
	begin(sv);
}

void queueing_lost(struct sim_vol *sv)
{
	if (sv->q.on)
		hit(sv, "its last disk is gone");
	sv->q.on = false;
	sv->q.deadline = 0;
}

void queueing_set(struct sim_vol *sv)
{
	if (sv->q.rule != retries(sv)) {
		begin(sv);
	} else if (sv->q.deadline) {
		count_down(sv);
		hit(sv, "another interval");
	}
}

void queueing_check(struct sim_vol *sv)
{
	const struct volume_queueing *q = volume_queueing(sv->v);
	struct sim *s = sv->s;

	queueing_note(sv);
	/* An operator's word may come first in the same moment. */
	if (sv->q.deadline &&
	    (s->now > sv->q.deadline ||
	     (s->now == sv->q.deadline && !(s->acting && q->deadline)))) {
		hit(sv, "time is over");
		sv->q.deadline = 0;
		sv->q.on = false;
	}
	if (q->on != sv->q.on || (q->since != 0) != sv->q.lost ||
	    q->deadline != sv->q.deadline)
		sim_fail(s,
			 "%s: waits %d, no path %d, until %.9f s; expected %d, "
			 "%d, %.9f s",
			 sv->name, q->on, q->since != 0,
			 (double)q->deadline / 1e9, sv->q.on, sv->q.lost,
			 (double)sv->q.deadline / 1e9);
	if (q->pinned_off && q->on)
		sim_fail(s, "%s: waits, though it was told not to", sv->name);
}
