// SPDX-License-Identifier: MIT
/*
 * Back to the best group; see failback.h. And the switch of groups as such.
 * Monitor.
 */
#include "core/failback.h"

#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"

/* The table: the first row that fits */

enum { MODE_ANY = 1, MODE_TIMER };

struct row {
	const char *name;
	int64_t mode; /* FAILBACK_..., MODE_ANY or MODE_TIMER */
	bool (*when)(const struct failback_situation *s); /* NULL: always */
	enum failback_action action;
};

static bool no_need(const struct failback_situation *s)
{
	return !s->need;
}

static bool no_need_due(const struct failback_situation *s)
{
	return !s->need && s->due;
}

static bool disorder(const struct failback_situation *s)
{
	return s->disorder;
}

static bool first_up(const struct failback_situation *s)
{
	return s->first_up;
}

static bool first_up_disorder(const struct failback_situation *s)
{
	return s->first_up && s->disorder;
}

static bool newly_up(const struct failback_situation *s)
{
	return s->newly_up;
}

static bool not_armed(const struct failback_situation *s)
{
	return !s->armed;
}

static bool due(const struct failback_situation *s)
{
	return s->due;
}

static bool due_disorder(const struct failback_situation *s)
{
	return s->due && s->disorder;
}

/* clang-format off */
static const struct row rows[FROW_COUNT] = {
	[FROW_MANUAL] = { "manual",
		FAILBACK_MANUAL, NULL, FAILBACK_DISARM },
	[FROW_NO_NEED_DUE] = { "nothing to do, timer ends",
		MODE_ANY, no_need_due, FAILBACK_DISARM },
	[FROW_NO_NEED] = { "nothing to do",
		MODE_ANY, no_need, FAILBACK_STAY },
	[FROW_IMMEDIATE_DISORDER] = { "immediate, wrong order",
		FAILBACK_IMMEDIATE, disorder, FAILBACK_REGROUP },
	[FROW_IMMEDIATE] = { "immediate",
		FAILBACK_IMMEDIATE, NULL, FAILBACK_SWITCH },
	[FROW_FOLLOW_DISORDER] = { "followover, first path, wrong order",
		FAILBACK_FOLLOWOVER, first_up_disorder, FAILBACK_REGROUP },
	[FROW_FOLLOW] = { "followover, first path",
		FAILBACK_FOLLOWOVER, first_up, FAILBACK_SWITCH },
	[FROW_FOLLOW_NOT] = { "followover, not that",
		FAILBACK_FOLLOWOVER, NULL, FAILBACK_STAY },
	[FROW_TIMER_UP] = { "timer, a path came up",
		MODE_TIMER, newly_up, FAILBACK_ARM },
	[FROW_TIMER_BEGINS] = { "timer, none ran",
		MODE_TIMER, not_armed, FAILBACK_ARM },
	[FROW_TIMER_DISORDER] = { "timer ends, wrong order",
		MODE_TIMER, due_disorder, FAILBACK_REGROUP },
	[FROW_TIMER_DUE] = { "timer ends",
		MODE_TIMER, due, FAILBACK_SWITCH },
	[FROW_TIMER_RUNS] = { "timer runs",
		MODE_TIMER, NULL, FAILBACK_STAY },
};
/* clang-format on */

enum failback_action failback_decide(int64_t mode,
				     const struct failback_situation *s,
				     enum failback_row *row)
{
	unsigned int i = 0;

	assert(s->need || !s->disorder);
	assert(s->armed || !s->due);
	for (; i < FROW_COUNT; i++) {
		const struct row *r = &rows[i];

		if ((r->mode == MODE_ANY || r->mode == mode ||
		     (r->mode == MODE_TIMER && mode > 0)) &&
		    (!r->when || r->when(s)))
			break;
	}
	assert(i < FROW_COUNT);
	*row = (enum failback_row)i;
	return rows[i].action;
}

const char *failback_row_name(enum failback_row row)
{
	return rows[row].name;
}

/* What it says, done */

/* Makes g the choice; `disabled` groups stay so. */
static void choose(struct monitor *m, struct volume *v, struct group *g,
		   const char *cause)
{
	v->next = g;
	v->current = NULL;
	v->run->failback.at = 0;
	v->run->failback.asked = g;
	v->run->failback.cause = cause;
	monitor_event(m, false, "switch-group", v->name, NULL, cause,
		      "to group %u", g->id);
}

void monitor_switch_group(struct monitor *m, struct volume *v,
			  struct group *g, const char *cause)
{
	/* dm's switch_group: every group is enabled again. */
	for (unsigned int i = 0; i < v->ngroups; i++)
		v->groups[i]->bypassed = v->groups[i]->busy = false;
	choose(m, v, g, cause);
}

static const char *cause_text(int64_t mode)
{
	if (mode == FAILBACK_IMMEDIATE)
		return "failback immediate";
	return mode == FAILBACK_FOLLOWOVER ? "failback followover" :
					     "failback timer";
}

static bool is_down(const struct path *p)
{
	return !p->health.checker_up && p->check.state != CHECK_UNCHECKED;
}

/* Its checker had found p bad until now, as it has all others of g. */
static bool is_first_up(const struct group *g, const struct path *p)
{
	bool found = false;

	for (unsigned int i = 0; i < g->npaths; i++) {
		if (g->paths[i] == p)
			found = true;
		else if (!is_down(g->paths[i]))
			return false;
	}
	return found;
}

static struct failback_situation look(struct monitor *m, struct volume *v,
				      const struct group *best)
{
	const struct failback *f = &v->run->failback;
	struct failback_situation s = {
		.newly_up = f->newly_up,
		.armed = f->at != 0,
		.due = f->at && m->now >= f->at,
	};

	if (v->ngroups < 2 || !best || !v->current)
		return s;
	s.disorder = !volume_groups_ordered(v);
	s.need = s.disorder || best != v->current;
	s.first_up = f->came_up && is_first_up(best, f->came_up);
	return s;
}

/* A path has come up, and what it is worth now is not known yet. */
static bool must_wait(struct volume *v)
{
	struct failback *f = &v->run->failback;

	if (f->regroup)
		return true;
	f->waiting = f->newly_up && v->run->prio.linked && !f->refreshed;
	return f->waiting;
}

void failback_step(struct monitor *m, struct volume *v)
{
	struct failback *f = &v->run->failback;
	int64_t mode = v->settings.v[OPT_FAILBACK].num;
	struct group *best = volume_best_group(v);
	struct failback_situation s;
	enum failback_action action;
	enum failback_row row;

	if (must_wait(v))
		return;
	s = look(m, v, best);
	f->newly_up = f->refreshed = false;
	f->came_up = NULL;
	action = failback_decide(mode, &s, &row);
	f->reached |= 1u << row;
	if (action == FAILBACK_SWITCH) {
		choose(m, v, best, cause_text(mode));
		v->run->stats.switch_grp++;
	} else if (action == FAILBACK_ARM) {
		f->at = m->now + (uint64_t)mode * NSEC_PER_SEC;
	} else if (action != FAILBACK_STAY) {
		f->at = 0;
		f->regroup = action == FAILBACK_REGROUP;
	}
}

bool failback_regroup(struct monitor *m, struct volume *v)
{
	struct group *best;
	struct errmsg e;

	if (!v->run->failback.regroup)
		return false;
	v->run->failback.regroup = false;
	if (apply_regroup(m, v, &v->settings, &e)) {
		monitor_event(m, true, "regroup-failed", v->name, NULL, e.text,
			      "I/O goes on in the old groups");
		return true;
	}
	best = volume_best_group(v);
	if (best && best != v->current) {
		choose(m, v, best, cause_text(v->settings.v[OPT_FAILBACK].num));
		monitor_settle(m, v, true);
	}
	return true;
}
