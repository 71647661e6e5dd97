// SPDX-License-Identifier: MIT
/*
 * Rules of paths that are held out though their checker says good, or are used
 * last (census 6.6): why (enough failures, two in a short time), for how long
 * (recovery_time since the last bad, the time of a sample), what ends it early
 * (no other path), and that such a path takes no I/O. And of ghost_delay.
 *
 * Failures are counted from events; where core counts fewer (it forgets) that
 * is no matter: there must have been enough.
 */
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/path.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

static uint64_t value(const struct sim_vol *sv, enum opt o)
{
	int64_t n = sv->v->settings.v[o].num;

	return n > 0 ? (uint64_t)n : 0;
}

/* san_path_err, or delay_* in its place. */
struct rules {
	uint64_t threshold, recovery; /* ns */
};

static struct rules rules_of(const struct sim_vol *sv)
{
	uint64_t min = value(sv, OPT_POLLING_INTERVAL);
	uint64_t max = value(sv, OPT_MAX_POLLING_INTERVAL);

	if (value(sv, OPT_SAN_PATH_ERR_THRESHOLD))
		return (struct rules){
			value(sv, OPT_SAN_PATH_ERR_THRESHOLD),
			value(sv, OPT_SAN_PATH_ERR_RECOVERY_TIME) *
				NSEC_PER_SEC};
	max = max ? MAX(max, min) : 4 * min;
	return (struct rules){1, value(sv, OPT_DELAY_WAIT_CHECKS) * max *
					 NSEC_PER_SEC};
}

/* Were there two failures within so many seconds? */
static bool failed_twice(const struct doubt_model *d, uint64_t span)
{
	for (unsigned int i = 1; i < MIN(d->nfailed, ARRAY_SIZE(d->failed));
	     i++)
		if (d->failed[(d->nfailed - i) % ARRAY_SIZE(d->failed)] -
			    d->failed[(d->nfailed - i - 1) %
				      ARRAY_SIZE(d->failed)] <=
		    span)
			return true;
	return false;
}

static void becomes_marginal(struct sim *s, struct sim_path *sp,
			     const struct event *ev)
{
	struct doubt_model *d = &sp->doubt;
	struct sim_vol *sv = sp->sv;
	uint64_t span = value(sv, OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME);
	bool out = starts_with(ev->detail, "held out");

	doubt_seen(sp, true); /* or this would come later */
	d->out |= out;
	d->last_resort |= !out;
	/* By hand it changes nothing but where the path stands. */
	if (!starts_with(ev->cause, "operator")) {
		d->since = s->now;
		d->shaky = starts_with(ev->cause, "san_path_err");
	}
	if (starts_with(ev->cause, "san_path_err") &&
	    d->flaps <= rules_of(sv).threshold)
		sim_fail(s, "%s %s: %s, but it has failed %u times", sv->name,
			 sp->name, ev->cause, d->flaps);
	/* Used last, it may be by the failure that is just being told. */
	if (starts_with(ev->cause, "marginal_path") && !d->changed &&
	    !failed_twice(d, span * NSEC_PER_SEC) &&
	    !(!out && d->nfailed && s->now - d->bad <= span * NSEC_PER_SEC))
		sim_fail(s, "%s %s: %s, but there were no two", sv->name,
			 sp->name, ev->cause);
	coverage_hit(s->cov, out ? "held out" : "used last",
		     d->shaky				  ? "san_path_err"
		     : starts_with(ev->cause, "operator") ? "operator"
							  : "marginal_path");
}

/* A sample was good: as we have counted, too? */
static void sampled(struct sim *s, struct sim_path *sp, const char *cause)
{
	struct doubt_model *d = &sp->doubt;
	uint64_t rate = value(sp->sv, OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD);
	unsigned long long errors, reads;

	if (sscanf(cause, "marginal_path: %llu errors in %llu reads", &errors,
		   &reads) != 2)
		return;
	if (errors * 1000 > rate * reads)
		sim_fail(s, "%s %s: trusted again with %s", sp->sv->name,
			 sp->name, cause);
	if (reads > d->reads + 64) /* what was out when it began */
		sim_fail(s, "%s %s: %s, but it had %llu", sp->sv->name,
			 sp->name, cause, (unsigned long long)d->reads);
}

static unsigned int others_up(const struct sim_vol *sv, const char *name)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < sv->v->npaths; i++) {
		const struct path *p = sv->v->paths[i];

		n += strcmp(p->name, name) && p->health.active &&
		     !p->health.held && p->dev;
	}
	return n;
}

static void trusted_again(struct sim *s, struct sim_path *sp,
			  const struct event *ev)
{
	struct doubt_model *d = &sp->doubt;
	struct sim_vol *sv = sp->sv;
	bool by_time = starts_with(ev->cause, "san_path_err: good for");

	if (by_time && !d->changed &&
	    s->now < MAX(d->since, d->bad) + rules_of(sv).recovery)
		sim_fail(s, "%s %s: back too early: bad at %.6f s, out at %.6f",
			 sv->name, sp->name, (double)d->bad / 1e9,
			 (double)d->since / 1e9);
	if (!strcmp(ev->cause, "no other path is left") &&
	    others_up(sv, sp->name))
		sim_fail(s, "%s %s: back for want of others, but %u are up",
			 sv->name, sp->name, others_up(sv, sp->name));
	if (!d->changed)
		sampled(s, sp, ev->cause);
	coverage_hit(s->cov, "trusted again",
		     by_time ? "good for long enough"
		     : starts_with(ev->cause, "marginal_path") ? "sampled"
		     : starts_with(ev->cause, "no other")      ? "no other path"
		     : starts_with(ev->cause, "setting")       ? "setting"
							       : "operator");
	memset(d, 0, sizeof(*d));
}

void doubt_seen(struct sim_path *sp, bool good)
{
	struct doubt_model *d = &sp->doubt;

	d->flaps += good && d->was_bad;
	d->was_bad = !good;
}

void doubt_event_seen(struct sim *s, struct sim_path *sp,
		      const struct event *ev)
{
	struct doubt_model *d = &sp->doubt;

	if (!strcmp(ev->name, "path-marginal")) {
		becomes_marginal(s, sp, ev);
	} else if (!strcmp(ev->name, "path-failed")) {
		d->bad = s->now;
		doubt_seen(sp, false);
		if (!d->out)
			d->failed[d->nfailed++ % ARRAY_SIZE(d->failed)] =
				s->now;
		d->out = false;
	} else if (!strcmp(ev->name, "path-activation-failed") ||
		   !strcmp(ev->name, "path-still-failed")) {
		doubt_seen(sp, false);
	} else if (strcmp(ev->name, "path-reinstated") != 0) {
		return;
	} else if (starts_with(ev->cause, "checker ")) {
		doubt_seen(sp, true);
		d->out = false;
	} else {
		trusted_again(s, sp, ev);
	}
}

void doubt_read(struct sim_path *sp)
{
	sp->doubt.reads++;
}

void doubt_set(struct sim_vol *sv)
{
	for (unsigned int i = 0; i < sv->setup->npaths; i++)
		sv->paths[i].doubt.changed = true;
}

/* A check that runs then decides, and if it knows nothing, the next. */
static uint64_t patience(const struct sim_vol *sv)
{
	uint64_t max = MAX(value(sv, OPT_MAX_POLLING_INTERVAL),
			   4 * value(sv, OPT_POLLING_INTERVAL));

	return (2 + max + 2 * value(sv, OPT_CHECKER_TIMEOUT)) * NSEC_PER_SEC;
}

/* Past its time, and nothing bad has been seen of it. */
static void check_overdue(struct sim *s, const struct sim_vol *sv,
			  const struct sim_path *sp, const struct path *p)
{
	const struct doubt_model *d = &sp->doubt;

	if (!p->health.delayed || !d->shaky || d->changed || d->bad > d->since)
		return;
	if (s->now > d->since + rules_of(sv).recovery + patience(sv))
		sim_fail(s, "%s %s: held out since %.6f s, which is too long",
			 sv->name, sp->name, (double)d->since / 1e9);
}

static void cover(struct sim *s, struct path *p)
{
	struct shaky *k = &p->doubt.shaky;
	struct marginal *m = &p->doubt.marginal;

	for (int row = 0; k->reached; row++, k->reached >>= 1)
		if (k->reached & 1)
			coverage_hit(s->cov, "shaky", shaky_row_name(row));
	for (int row = 0; m->reached; row++, m->reached >>= 1)
		if (m->reached & 1)
			coverage_hit(s->cov, "marginal",
				     marginal_row_name(row));
}

void doubt_check(struct sim_vol *sv)
{
	struct sim *s = sv->s;
	bool any_up = volume_up(sv->v) > 0;

	for (unsigned int i = 0; i < sv->v->npaths; i++) {
		struct path *p = sv->v->paths[i];
		struct sim_path *sp = admin_path(sv, p->name);

		sp->doubt.out |= p->health.delayed;
		if (p->health.delayed && atomic_load(&p->usable))
			sim_fail(s, "%s %s: held out, and in use", sv->name,
				 sp->name);
		/* A passive one is none, where the array alone decides. */
		if (p->health.delayed && !p->health.held && p->dev && !any_up &&
		    !(p->check.state == CHECK_GHOST &&
		      sp->setup->implicit_only))
			sim_fail(s, "%s %s: held out, and there is no other",
				 sv->name, sp->name);
		check_overdue(s, sv, sp, p);
		cover(s, p);
	}
}

/* Of a new volume with passive paths only, I/O waits. */
void ghost_submit(struct sim *s, const struct attempt *a)
{
	const struct sim_vol *sv = a->sp->sv;
	const struct volume *v = sv->v;
	bool ghost = false;

	if (!v || a->app->volume != v || sv->ghost_over ||
	    s->now >= sv->ghost_until)
		return;
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (p->check.state == CHECK_UP && atomic_load(&p->usable))
			return;
		ghost |= p->check.state == CHECK_GHOST;
	}
	if (ghost)
		sim_fail(s, "%s: #%u is sent, but ghost_delay lasts to %.6f s",
			 sv->name, a->app->it->id,
			 (double)sv->ghost_until / 1e9);
}

/* A path is up, or each has been looked at and none is usable. */
static bool ghost_ends(const struct volume *v)
{
	bool unchecked = false, usable = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];
		bool is_usable = p->health.active && !p->health.held && p->dev;

		if (is_usable && p->check.state == CHECK_UP)
			return true;
		usable |= is_usable && p->check.state == CHECK_GHOST;
		unchecked |=
			p->check.state == CHECK_UNCHECKED && !p->health.held;
	}
	return !usable && !unchecked;
}

void ghost_note(struct sim_vol *sv)
{
	sv->ghost_over |= ghost_ends(sv->v);
}

void ghost_event(struct sim_vol *sv, const struct event *ev)
{
	ghost_note(sv);
	if (!strcmp(ev->name, "ghost-delay-ended"))
		coverage_hit(sv->s->cov, "ghost_delay ended", ev->cause);
}

void ghost_new(struct sim_vol *sv)
{
	sv->ghost_until =
		sv->s->now + value(sv, OPT_GHOST_DELAY) * NSEC_PER_SEC;
	sv->ghost_over = false;
}
