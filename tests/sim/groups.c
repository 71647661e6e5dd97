// SPDX-License-Identifier: MIT
/*
 * Rules of groups: which paths belong together, which group is current and why
 * it became that (census 1.2), which one is best (6.4), and when core goes back
 * to it (failback, 6.5).
 */
#include <stdio.h>
#include <string.h>

#include "core/group.h"
#include "core/failback.h"
#include "core/prioritizer.h"
#include "tests/sim/array.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

/* The monitor may sleep so long over a timer. */
#define SLACK NSEC_PER_SEC

static bool is_group_of(const struct volume *v, const struct group *g)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		if (v->groups[i] == g)
			return true;
	return false;
}

/* 0: there is none. */
static uint64_t first_serial(const struct volume *v)
{
	return v->ngroups ? v->groups[0]->serial : 0;
}

bool groups_anew(const struct sim_vol *sv)
{
	return sv->v->groups != sv->g.groups ||
	       first_serial(sv->v) != sv->g.first;
}

void groups_same(struct sim_vol *sv)
{
	sv->g.groups = sv->v->groups;
	sv->g.first = first_serial(sv->v);
}

/* Which paths belong together */

static bool alike(const struct sim_vol *sv, const struct path *a,
		  const struct path_setup *sa, const struct path *b,
		  const struct path_setup *sb)
{
	if (a->health.marginal != b->health.marginal)
		return false;
	switch ((enum grouping_policy)sv->v->settings
			.v[OPT_PATH_GROUPING_POLICY]
			.num) {
	case POLICY_MULTIBUS:
		return true;
	case POLICY_GROUP_BY_PRIO:
		return a->priority == b->priority;
	case POLICY_GROUP_BY_SERIAL:
		return !strcmp(sa->serial, sb->serial);
	case POLICY_GROUP_BY_NODE_NAME:
		return !strcmp(sa->node, sb->node);
	case POLICY_GROUP_BY_TPG:
		return sa->tpg == sb->tpg;
	default:
		return a == b;
	}
}

static const struct group *group_of(const struct volume *v,
				    const struct path *p, unsigned int *n)
{
	const struct group *ret = NULL;

	*n = 0;
	for (unsigned int i = 0; i < v->ngroups; i++)
		for (unsigned int k = 0; k < v->groups[i]->npaths; k++)
			if (v->groups[i]->paths[k] == p) {
				ret = v->groups[i];
				++*n;
			}
	return ret;
}

static void check_partition(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	const struct group *of[SIM_PATHS];
	const struct path_setup *setup[SIM_PATHS];
	unsigned int n;

	for (unsigned int i = 0; i < v->npaths; i++) {
		of[i] = group_of(v, v->paths[i], &n);
		setup[i] = admin_path(sv, v->paths[i]->name)->setup;
		for (unsigned int k = 0; k < i; k++) {
			const struct path *a = v->paths[i], *b = v->paths[k];
			bool is = alike(sv, a, setup[i], b, setup[k]);

			if ((of[i] == of[k]) != is)
				sim_fail(s,
					 "%s: %s and %s are %s one group, "
					 "which path_grouping_policy = %s "
					 "forbids",
					 v->name, a->name, b->name,
					 is ? "not" : "in",
					 v->settings.v[OPT_PATH_GROUPING_POLICY]
						 .text);
		}
	}
	coverage_hit(s->cov, "grouped",
		     v->settings.v[OPT_PATH_GROUPING_POLICY].text);
}

/* What a group is worth */

struct worth {
	bool marginal;
	int64_t mean;
	unsigned int n;
};

static struct worth worth_of(const struct group *g)
{
	struct worth w = {.marginal = true};
	int64_t sum = 0, known = 0;

	for (unsigned int i = 0; i < g->npaths; i++) {
		const struct path *p = g->paths[i];

		w.marginal = w.marginal && p->health.marginal;
		if (!atomic_load(&p->usable))
			continue;
		w.n++;
		if (p->priority != PRIO_UNDEF) {
			sum += p->priority;
			known++;
		}
	}
	w.mean = known ? sum / known : w.n ? PRIO_UNDEF : 0;
	return w;
}

static bool worth_more(const struct worth *a, const struct worth *b)
{
	if (a->marginal != b->marginal)
		return b->marginal;
	return a->mean != b->mean ? a->mean > b->mean : a->n > b->n;
}

static const struct group *best_group(const struct volume *v)
{
	const struct group *best = NULL;
	struct worth most = {.n = 0};

	for (unsigned int i = 0; i < v->ngroups; i++) {
		struct worth w = worth_of(v->groups[i]);

		if (!w.n || v->groups[i]->bypassed)
			continue;
		if (!best || worth_more(&w, &most)) {
			best = v->groups[i];
			most = w;
		}
	}
	return best;
}

static const struct group *first_usable(const struct volume *v, bool bypassed)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		if (v->groups[i]->bypassed == bypassed &&
		    group_usable(v->groups[i]))
			return v->groups[i];
	return NULL;
}

/* Events */

static uint64_t timer_of(const struct sim_vol *sv)
{
	int64_t mode = sv->v->settings.v[OPT_FAILBACK].num;

	return mode > 0 ? (uint64_t)mode * NSEC_PER_SEC : 0;
}

/* Nothing is decided while priorities are asked, twice at most. */
static uint64_t priority_time(const struct sim_vol *sv)
{
	return 2 * (uint64_t)sv->v->settings.v[OPT_CHECKER_TIMEOUT].num *
	       NSEC_PER_SEC;
}

/* All paths of the chosen group that can be used have just come up. */
static bool first_is_back(struct sim_vol *sv)
{
	const struct group *g = sv->v->next;
	uint64_t span = priority_time(sv) + SLACK;

	for (unsigned int i = 0; i < g->npaths; i++) {
		const struct sim_path *sp = admin_path(sv, g->paths[i]->name);

		if (atomic_load(&g->paths[i]->usable) &&
		    (sp->check.last == CHECK_UP ||
		     sp->check.last == CHECK_GHOST) &&
		    sp->up_at + span < sv->s->now)
			return false;
	}
	return true;
}

/* Does a timer run that can have begun then? What was decided a moment before
 * is still done. */
static bool runs_since(const struct sim_vol *sv, uint64_t begun)
{
	uint64_t now = sv->s->now;

	return now > begun + NSEC_PER_MSEC && now < begun + timer_of(sv);
}

static void failed_back(struct sim *s, struct sim_vol *sv, const char *cause)
{
	int64_t mode = sv->v->settings.v[OPT_FAILBACK].num;

	if (mode == FAILBACK_MANUAL)
		sim_fail(s, "%s: %s, but failback is manual", sv->name, cause);
	else if (mode > 0 && (runs_since(sv, sv->last_failure) ||
			      runs_since(sv, sv->g.armed)))
		sim_fail(s,
			 "%s: %s too early: a path failed at %.6f s and came "
			 "up at %.6f s",
			 sv->name, cause, (double)sv->last_failure / 1e9,
			 (double)sv->g.armed / 1e9);
	/* Put in order on that occasion, another group may be the best. */
	else if (mode == FAILBACK_FOLLOWOVER && !groups_anew(sv) &&
		 !first_is_back(sv))
		sim_fail(s,
			 "%s: %s, but no first path of group %u has come back "
			 "just now",
			 sv->name, cause, sv->v->next->id);
}

/* Why is this group current now? */
static void chosen(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	const struct group *g = v->current;
	const char *why = NULL;

	if (g == sv->g.asked)
		why = "asked for";
	else if (g == first_usable(v, false))
		why = "the first";
	else if (!first_usable(v, false) && g == first_usable(v, true))
		why = "the first of the disabled";
	else if (groups_anew(sv))
		why = "the successor after grouping anew";
	if (why)
		coverage_hit(s->cov, "group chosen", why);
	else
		sim_fail(
			s,
			"%s: group %u is current, for which there is no reason",
			v->name, g->id);
	sv->g.asked = NULL;
}

void groups_event(struct sim *s, struct sim_vol *sv, struct sim_path *sp,
		  const struct event *ev)
{
	struct volume *v = sv->v;

	(void)sp;
	/* It may be gone and back within one turn of the monitor. */
	if (!is_group_of(v, sv->g.current) || !group_usable(sv->g.current))
		sv->g.lost = true;
	if (sv->last_up == s->now && !strcmp(ev->name, "path-reinstated"))
		sv->g.came_up = true;
	if (!strcmp(ev->name, "switch-group")) {
		sv->g.asked = v->next;
		sv->g.switches++;
		sv->g.worse = false; /* by hand: the time begins anew */
		if (starts_with(ev->cause, "failback"))
			failed_back(s, sv, ev->cause);
	} else if (!strcmp(ev->name, "path-priority")) {
		sv->g.priorities = true;
	} else if (!strcmp(ev->name, "group-disabled") ||
		   !strcmp(ev->name, "path-activation-failed")) {
		sv->g.lost = true; /* it is chosen anew, and may be well soon */
	} else if (!strcmp(ev->name, "group-active") && v->current) {
		chosen(s, sv);
	}
}

void groups_new(struct sim_vol *sv)
{
	sv->g = (struct group_model){
		.current = sv->v->current,
		.groups = sv->v->groups,
		.first = first_serial(sv->v),
	};
}

void groups_set(struct sim_vol *sv)
{
	sv->g.worse = false;
	sv->g.armed = 0;
}

/* The state after a turn of the monitor */

static void check_membership(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	int64_t policy = v->settings.v[OPT_PATH_GROUPING_POLICY].num;
	int64_t mode = v->settings.v[OPT_FAILBACK].num;
	bool anew = groups_anew(sv);
	unsigned int n;

	for (unsigned int i = 0; i < v->npaths; i++) {
		group_of(v, v->paths[i], &n);
		if (n != 1)
			sim_fail(s, "%s %s: in %u groups", v->name,
				 v->paths[i]->name, n);
		if (!prio_heard(admin_path(sv, v->paths[i]->name),
				v->paths[i]->priority))
			sim_fail(s, "%s %s: nobody gave it priority %d",
				 v->name, v->paths[i]->name,
				 v->paths[i]->priority);
	}
	/* A priority that changes is followed at once only where failback is
	 * immediate. */
	if (policy != POLICY_GROUP_BY_PRIO ||
	    (sv->g.priorities ? mode == FAILBACK_IMMEDIATE : anew))
		check_partition(s, sv);
	sv->g.priorities = false;
	groups_same(sv);
}

static void check_current(struct sim *s, const struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	unsigned int usable = 0;

	for (unsigned int i = 0; i < v->npaths; i++)
		usable += atomic_load(&v->paths[i]->usable);
	if (v->current && !group_usable(v->current))
		sim_fail(s, "%s: group %u is current and has no usable path",
			 v->name, v->current->id);
	if (!v->current && usable)
		sim_fail(s, "%s: no group, but %u usable paths", v->name,
			 usable);
}

static void check_failback(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	const struct group *best = best_group(v);
	int64_t mode = v->settings.v[OPT_FAILBACK].num;
	bool worse = v->current && best && best != v->current;
	uint64_t since;

	if (worse && !sv->g.worse)
		sv->g.worse_since = s->now;
	sv->g.worse = worse;
	/* A path that comes up begins the time anew where there is a need. */
	if (sv->g.came_up && !v->run->failback.waiting) {
		sv->g.came_up = false;
		if (worse)
			sv->g.armed = s->now;
	}
	if (!worse)
		return;
	/* Priorities are asked, or groups are about to be put in order. */
	if (mode == FAILBACK_IMMEDIATE && !v->run->failback.regroup &&
	    !v->run->failback.waiting)
		sim_fail(s, "%s: group %u is current, %u is better", v->name,
			 v->current->id, best->id);
	since = MAX(MAX(sv->last_failure, sv->last_up), sv->g.worse_since);
	if ((mode > 0 || mode == FAILBACK_IMMEDIATE) &&
	    s->now > since + timer_of(sv) + priority_time(sv) + SLACK)
		sim_fail(s,
			 "%s: group %u is better than %u since %.6f s, and "
			 "failback is %lld",
			 v->name, best->id, v->current->id, (double)since / 1e9,
			 (long long)mode);
}

/* A change of group that nothing asked for. */
static void check_switch(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	const struct group *was = sv->g.current;

	if (was != v->current && was && v->current && !s->acting &&
	    !sv->g.switches && !sv->g.lost && is_group_of(v, was) &&
	    group_usable(was) && !was->bypassed)
		sim_fail(s, "%s: group %u was left, though it is well", v->name,
			 was->id);
	sv->g.current = v->current;
	sv->g.lost = false;
	sv->g.switches = 0;
}

static void cover_failback(struct sim *s, const struct volume *v)
{
	struct failback *f = &v->run->failback;

	for (int row = 0; f->reached; row++, f->reached >>= 1)
		if (f->reached & 1)
			coverage_hit(s->cov, "failback",
				     failback_row_name((enum failback_row)row));
}

void groups_check(struct sim_vol *sv, bool pending)
{
	const struct volume *v = sv->v;
	const struct view *view = atomic_load(&v->view);
	struct sim *s = sv->s;

	check_membership(s, sv);
	if (view->group != (view->unready_since ? NULL : v->current))
		sim_fail(s, "%s: lanes see another group", v->name);
	if (view->unready_since && !v->current && !v->run->ghost.until)
		sim_fail(s, "%s: not ready, but no group is current", v->name);
	if (!pending) { /* else a lane's report will change it */
		check_current(s, sv);
		check_failback(s, sv);
	}
	check_switch(s, sv);
	cover_failback(s, sv->v);
}
