// SPDX-License-Identifier: MIT
/*
 * no_path_retry, written once more and compared with core's at each step: when
 * the last path that is up goes, the volume waits, fails, or waits for so many
 * polling intervals; the first one back starts it anew. What an operator says
 * by hand stands until the setting is written.
 */
#include "tests/sim/sim.h"

static bool wants(const struct sim_vol *sv)
{
	if (sv->q.pin != PIN_NONE)
		return sv->q.pin == PIN_QUEUE;
	return sv->v->settings.v[OPT_NO_PATH_RETRY].num != NO_PATH_FAIL;
}

static void begin(struct sim_vol *sv)
{
	const struct setting *set = sv->v->settings.v;
	struct queue_model *q = &sv->q;

	q->on = wants(sv);
	q->deadline = 0;
	if (q->lost && q->on && q->pin == PIN_NONE &&
	    set[OPT_NO_PATH_RETRY].num > 0)
		q->deadline = sv->s->now +
			      (uint64_t)set[OPT_NO_PATH_RETRY].num *
				      (uint64_t)set[OPT_POLLING_INTERVAL].num *
				      NSEC_PER_SEC;
}

void queueing_note(struct sim_vol *sv, bool reset)
{
	bool lost = volume_up(sv->v) == 0;

	if (lost != sv->q.lost || reset) {
		sv->q.lost = lost;
		begin(sv);
	}
}

void queueing_check(struct sim_vol *sv)
{
	const struct volume_queueing *q = volume_queueing(sv->v);
	struct sim *s = sv->s;

	queueing_note(sv, false);
	if (sv->q.deadline && s->now >= sv->q.deadline) {
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
