// SPDX-License-Identifier: MIT
/*
 * Rules of activation (census 1.3): one round at a time, no more of them than
 * pg_init_retries allows; no I/O to a group while its round runs, nor before
 * its first one; what each class of answer does; I/O that is held is waited for
 * by somebody.
 *
 * A round is known from its event; who is in it are the usable paths of the
 * current group, each until it has answered, is late, or goes out of use.
 */
#include <stdio.h>
#include <string.h>

#include "core/features.h"
#include "core/group.h"
#include "core/rounds.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

static bool has_handler(const struct volume *v)
{
	return v->settings.v[OPT_HARDWARE_HANDLER].num > 0;
}

/* Asked for at every step, and seldom another. */
static unsigned int retries(struct sim_vol *sv)
{
	const char *text = sv->v->settings.v[OPT_FEATURES].text;
	struct features f = {.pg_init_retries = 0};

	if (!strcmp(text, sv->features))
		return sv->retries;
	snprintf(sv->features, sizeof(sv->features), "%s", text);
	sv->retries = features_parse(text, &f, NULL) ? 0 : f.pg_init_retries;
	return sv->retries;
}

static struct sim_path *sim_path_of(struct sim_vol *sv, const struct path *p)
{
	return admin_path(sv, p->name);
}

/* Is its answer still awaited? */
static bool awaited(const struct sim_vol *sv, const struct sim_path *sp)
{
	const struct activation_model *k = &sp->act;
	uint64_t timeout =
		(uint64_t)sv->v->settings.v[OPT_CHECKER_TIMEOUT].num *
		NSEC_PER_SEC;

	return k->pending && (!k->begun || sv->s->now < k->begun + timeout);
}

void activation_begun(struct sim *s, struct sim_path *sp)
{
	sp->act.begun = s->now;
	sp->act.out++;
	if (sp->act.out > 1)
		sim_fail(s, "%s %s: is activated twice at once", sp->sv->name,
			 sp->name);
}

void activation_answer(struct sim *s, struct sim_path *sp,
		       enum activate_result r)
{
	coverage_hit(s->cov, "activation answer", activate_result_text(r));
	sp->act.last = r;
	sp->act.answered_at = s->now;
	sp->act.pending = false;
	if (sp->act.out)
		sp->act.out--;
}

/* Who waits for his turn in a group that is not current will not get it. */
static void forget_waiting(struct sim_vol *sv)
{
	const struct volume *v = sv->v;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct sim_path *sp = sim_path_of(sv, v->paths[i]);

		if (!sp->act.begun &&
		    volume_group_of(v, v->paths[i]) != v->current)
			sp->act.pending = false;
	}
}

/* A round begins, or I/O goes on: then all of the last round have ended. */
static void none_awaited(struct sim *s, struct sim_vol *sv, const char *what)
{
	const struct volume *v = sv->v;

	forget_waiting(sv);
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct sim_path *sp = sim_path_of(sv, v->paths[i]);

		if (awaited(sv, sp) && sp->act.begun &&
		    atomic_load(&v->paths[i]->usable))
			sim_fail(s,
				 "%s: a round %s, but that of %s has not ended",
				 v->name, what, sp->name);
		sp->act.pending = false;
	}
}

static void round_begins(struct sim *s, struct sim_vol *sv, const char *detail)
{
	const struct volume *v = sv->v;
	const struct group *g = v->current;
	unsigned int n;

	none_awaited(s, sv, "begins");
	if (sscanf(detail, "group %*u, round %u,", &n) != 1)
		n = 0;
	if (!n || n > MAX(retries(sv), sv->act_retries) + 1)
		sim_fail(s, "%s: round %u, but pg_init_retries is %u", v->name,
			 n, retries(sv));
	if (n == 1) /* since then, the largest counts */
		sv->act_retries = retries(sv);
	for (unsigned int i = 0; i < g->npaths; i++) {
		struct sim_path *sp = sim_path_of(sv, g->paths[i]);

		if (!atomic_load(&g->paths[i]->usable))
			continue;
		/* The round of a path that joins a ready group holds nobody. */
		sp->act.pending = strstr(detail, "I/O waits") != NULL;
		sp->act.begun = 0;
	}
}

/* The path's fate after an answer that is not ok. */
static void answered_badly(struct sim *s, struct sim_vol *sv,
			   struct sim_path *sp, const struct event *ev)
{
	bool fails = strstr(ev->detail, "the path fails");
	bool again = strstr(ev->detail, "activated again");
	bool own = strstr(ev->cause, activate_result_text(sp->act.last));
	unsigned int rounds = volume_rounds(sv->v)->a.count;
	bool spent = rounds > retries(sv);

	sp->act.pending = false;
	if (!own)
		return; /* late, or the one before has not come back */
	switch (sp->act.last) {
	case ACTIVATE_TEMP_BUSY:
		if (fails || again)
			sim_fail(s, "%s %s: a busy controller, and %s",
				 sv->name, sp->name, ev->detail);
		break;
	case ACTIVATE_RETRY:
	case ACTIVATE_IMM_RETRY:
	case ACTIVATE_RES_TEMP_UNAVAIL:
		if ((!fails && spent) || (fails && !spent))
			sim_fail(s, "%s %s: %s in round %u of %u, and %s",
				 sv->name, sp->name,
				 activate_result_text(sp->act.last), rounds,
				 retries(sv) + 1, ev->detail);
		break;
	case ACTIVATE_NOSYS:
		if (!fails && has_handler(sv->v))
			sim_fail(s, "%s %s: no such thing, and %s", sv->name,
				 sp->name, ev->detail);
		break;
	default:
		if (!fails)
			sim_fail(s, "%s %s: %s, and %s", sv->name, sp->name,
				 activate_result_text(sp->act.last),
				 ev->detail);
	}
}

void activation_event(struct sim *s, struct sim_vol *sv, struct sim_path *sp,
		      const struct event *ev)
{
	if (!strcmp(ev->name, "group-activating"))
		round_begins(s, sv, ev->detail);
	else if (!strcmp(ev->name, "group-activated"))
		none_awaited(s, sv, "is said to have ended");
	else if (sp && !strcmp(ev->name, "path-activation-failed"))
		answered_badly(s, sv, sp, ev);
	else if (sp && !strcmp(ev->name, "path-failed"))
		sp->act.pending = false;
}

void activation_submit(struct sim *s, const struct attempt *a)
{
	const struct sim_vol *sv = a->sp->sv;
	const struct volume *v = sv->v;
	const struct group *g = v ? v->current : NULL;
	bool any = false, awaits = false;

	if (!g || !has_handler(v) || a->app->volume != v)
		return;
	for (unsigned int i = 0; i < g->npaths; i++) {
		const struct sim_path *sp =
			sim_path_of((struct sim_vol *)sv, g->paths[i]);

		any |= sp->act.answered_at || /* or it came too late */
		       (sp->act.begun && !awaited(sv, sp));
		awaits |= awaited(sv, sp) && atomic_load(&g->paths[i]->usable);
	}
	if (!any)
		sim_fail(s,
			 "%s: #%u goes to group %u, which was never activated",
			 v->name, a->app->it->id, g->id);
	if (awaits)
		sim_fail(s,
			 "%s: #%u goes to group %u, whose round has not ended",
			 v->name, a->app->it->id, g->id);
}

static void cover(struct sim *s, struct volume *v)
{
	struct activation *a = &v->run->rounds.a;

	for (int row = 0; a->reached; row++, a->reached >>= 1)
		if (a->reached & 1)
			coverage_hit(s->cov, "activation",
				     activation_row_name(row));
}

/* Who is held waits for something that is under way. */
static void check_held(struct sim *s, const struct sim_vol *sv, bool pending)
{
	const struct volume *v = sv->v;
	const struct rounds *r = volume_rounds(v);
	const struct view *view = atomic_load(&v->view);

	if (!view->unready_since || pending || r->a.disabled)
		return;
	if (v->run->ghost.until)
		return; /* for active paths that may come */
	if (!r->handler)
		sim_fail(s, "%s: I/O is held without a handler", v->name);
	if (atomic_load(&v->wanted) && !r->a.in_progress &&
	    !atomic_load(&monitor_mailbox(s->m)->poked))
		sim_fail(s, "%s: I/O is held, but nothing is activated",
			 v->name);
}

void activation_check(struct sim_vol *sv, bool pending)
{
	struct volume *v = sv->v;
	struct sim *s = sv->s;

	for (unsigned int i = 0; i < v->npaths; i++)
		if (!atomic_load(&v->paths[i]->usable))
			sim_path_of(sv, v->paths[i])->act.pending = false;
	cover(s, v);
	check_held(s, sv, pending);
	sv->act_retries = MAX(sv->act_retries, retries(sv));
}
