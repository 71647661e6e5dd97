// SPDX-License-Identifier: MIT
/*
 * Rules of the checks: a path is never checked twice at once, is looked at in
 * time (max_polling_interval, and the time that its check takes), at once when
 * somebody asks; one that has failed I/O comes back only after a real read on
 * it went well, or the LUN itself refused it, whatever its checker says; and none before its prioritizer was
 * asked, if another one is used.
 */
#include <string.h>

#include "core/device.h"
#include "tests/sim/array.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

/* Checks are spread over the second, and the monitor wakes up late. */
#define SLACK (1300 * NSEC_PER_MSEC)

static uint64_t seconds(const struct sim_vol *sv, enum opt o)
{
	return (uint64_t)sv->v->settings.v[o].num * NSEC_PER_SEC;
}

static uint64_t longest(const struct sim_vol *sv)
{
	uint64_t max = seconds(sv, OPT_MAX_POLLING_INTERVAL);
	uint64_t min = seconds(sv, OPT_POLLING_INTERVAL);

	return max ? MAX(max, min) : 4 * min;
}

void checks_new(struct sim_path *sp)
{
	struct check_model *k = &sp->check;

	/* One of a former path of that name may still be out. */
	k->orphans += k->running;
	k->running = k->by_read = k->read_well = false;
	k->due = NEVER;
	k->last = CHECK_UNCHECKED;
	sp->io_failed = false;
	sp->up_at = 0;
	k->failed_at = sp->sv->s->now;
	k->late = 0;
	memset(&sp->act, 0, sizeof(sp->act));
	memset(&sp->doubt, 0, sizeof(sp->doubt));
}

void checks_begun(struct sim *s, struct sim_path *sp)
{
	struct check_model *k = &sp->check;

	if (k->running)
		sim_fail(s, "%s %s: checked twice at once", sp->sv->name,
			 sp->name);
	k->running = true;
	k->begun = s->now;
	k->timeout =
		sp->sv->v ? seconds(sp->sv, OPT_CHECKER_TIMEOUT) : NEVER / 2;
	k->number++;
}

static bool is_late(const struct sim *s, const struct sim_path *sp)
{
	const struct volume *v = sp->sv->v;
	const struct path *p = v ? volume_path(v, sp->name) : NULL;

	return s->now >= sp->check.begun + sp->check.timeout ||
	       (p && p->check.late);
}

void checks_ended(struct sim *s, struct sim_path *sp, enum check_state state)
{
	struct check_model *k = &sp->check;
	char which[48];

	if (!k->running && !k->orphans)
		sim_fail(s, "%s %s: a check ends that never began",
			 sp->sv->name, sp->name);
	if (!k->running)
		k->orphans -= k->orphans > 0;
	k->by_read = false;
	snprintf(which, sizeof(which), "%s after %s", check_state_text(state),
		 check_state_text(k->last));
	coverage_hit(s->cov, "check", which);
	k->running = false;
	if (state != CHECK_UNCHECKED && state != CHECK_PENDING) {
		k->last = state;
		/* One that is late has been taken for a failure. */
		doubt_seen(sp, !is_late(s, sp) && (state == CHECK_UP ||
						   state == CHECK_GHOST));
	}
}

void checks_read(struct sim *s, struct sim_path *sp, const struct io *io,
		 uint64_t begun_at, bool well)
{
	struct check_model *k = &sp->check;

	if (well && begun_at >= sp->io_failed_at)
		k->read_well = true;
	if (k->running && k->by_read && checker_read(io, k->priv))
		checks_ended(s, sp, well ? CHECK_UP : CHECK_DOWN);
	else
		doubt_read(sp);
}

/*
 * What a path is worth is asked before it comes back, unless it is the only
 * one: else it would be used in the group that it was in. A prioritizer that
 * does not answer in time does not hold it up.
 */
static void check_weighed(struct sim *s, const struct sim_path *sp,
			  const struct path *p)
{
	const struct volume *v = p->volume;

	if (volume_up(v) > 1 && strcmp(v->settings.v[OPT_PRIO].text, "const") &&
	    sp->weighed_at < sp->check.failed_at && !p->prio.job &&
	    p->prio.timeouts == sp->check.late)
		sim_fail(s,
			 "%s %s: failed at %.6f s, and is back with the "
			 "priority that it had",
			 v->name, sp->name, (double)sp->check.failed_at / 1e9);
}

void checks_event(struct sim *s, struct sim_path *sp, const struct event *ev)
{
	bool ready = starts_with(ev->cause, "checker ") &&
		     strstr(ev->cause, ": ready");
	const struct path *p = volume_path(sp->sv->v, sp->name);

	if (p && !strcmp(ev->name, "path-failed")) {
		sp->check.failed_at = s->now;
		sp->check.late = p->prio.timeouts;
	}
	if (strcmp(ev->name, "path-reinstated") != 0)
		return;
	if (p && starts_with(ev->cause, "checker "))
		check_weighed(s, sp, p);
	if (sp->down) /* a report of a later failure is on its way */
		return;
	if (sp->io_failed && ready && !sp->check.read_well)
		sim_fail(s,
			 "%s %s: failed I/O at %.6f s, and is back without a "
			 "read that went well",
			 sp->sv->name, sp->name,
			 (double)sp->io_failed_at / 1e9);
	sp->io_failed = false;
}

/* A check that takes too long has failed. */
static void check_patience(struct sim_vol *sv, const struct sim_path *sp,
			   const struct path *p)
{
	const struct check_model *k = &sp->check;
	struct sim *s = sv->s;

	if (!p || !k->running || p->health.reopen || p->health.opening ||
	    s->now < k->begun + k->timeout + SLACK)
		return;
	if (p->check.state == CHECK_UP || p->check.state == CHECK_GHOST)
		sim_fail(s, "%s %s: its check hangs since %.6f s, and it is %s",
			 sv->name, sp->name, (double)k->begun / 1e9,
			 check_state_text(p->check.state));
}

static void check_path(struct sim_vol *sv, struct sim_path *sp,
		       const struct path *p)
{
	struct check_model *k = &sp->check;
	struct sim *s = sv->s;
	/* The one that is under way has the limit that it began with. */
	uint64_t limit =
		longest(sv) +
		MAX(seconds(sv, OPT_CHECKER_TIMEOUT), k->timeout) + SLACK;

	/* Being opened, it cannot be checked; nor while a check is out. */
	if (!p || !p->dev || p->health.reopen || p->health.opening ||
	    k->running || p->check.out || p->check.late) {
		k->due = NEVER;
		check_patience(sv, sp, p);
		return;
	}
	if (k->number != k->seen || k->due == NEVER) {
		k->seen = k->number;
		k->due = s->now + limit;
	}
	k->due = MIN(k->due, s->now + limit);
	if (s->now > k->due)
		sim_fail(s, "%s %s: not checked since %.6f s", sv->name,
			 sp->name, (double)k->begun / 1e9);
}

void checks_check(struct sim_vol *sv)
{
	for (unsigned int i = 0; i < sv->setup->npaths; i++)
		check_path(sv, &sv->paths[i],
			   volume_path(sv->v, sv->paths[i].name));
}
