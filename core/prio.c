// SPDX-License-Identifier: MIT
/*
 * The refresh of priorities; see prio.h.
 *
 * A round of a volume: the paths that are due are asked, which ends at once or
 * puts a job on the pool. While one of those is out, the round goes on; late
 * ones are given up, and keep what they had. Then: has any changed? Those not
 * asked yet are. At the end the answers become priorities, all at once: a
 * group's mean is never of an old and a new half.
 *
 * A job and all that it looks at (the path, its open device) stay until its
 * mail has come, see path_idle(); a late one's answer is not used.
 */
#include "core/prio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/choice.h"
#include "core/device.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/pool.h"
#include "core/prioritizer.h"

/* One question that may block. */
struct prio_job {
	struct job job;
	struct path *path;
	const struct prioritizer_ops *ops;
	struct prio_query query;
	char args[OPT_TEXT_SIZE]; /* what query points at */
	struct path_facts facts;
	uint64_t deadline; /* ns */
	bool late;	   /* given up: the answer is for nobody */
	bool dropped;	   /* and so is the path */
	int answer;
};

static const struct settings *settings_of(const struct path *p)
{
	return &p->volume->settings;
}

static bool is_up(const struct path *p)
{
	return check_is_good(p->check.state);
}

/* args and facts are the caller's, for as long as the query. */
static struct prio_query query_of(const struct path *p,
				  const struct settings *s, const char *args,
				  struct path_facts *facts)
{
	path_facts_merge(&p->line.facts, &p->said, facts);
	return (struct prio_query){
		.dev = p->dev,
		.dev_path = p->dev_path,
		.facts = facts,
		.args = args,
		.root = "",
		.configured = p->line.priority,
		.timeout = schedule_timeout_by(p, s),
	};
}

/* It does not block; or there is none, and the lines' words hold. */
static bool at_once(const struct prio_choice *c)
{
	return !c->ops || !c->ops->blocks;
}

static void take_answer(struct path *p, const struct prio_query *q, int answer)
{
	p->prio.answered = true;
	p->prio.answer = answer;
	p->prio.access_state = q->access_state;
	snprintf(p->prio.why, sizeof(p->prio.why), "%s", q->message);
}

static int ask_now(struct path *p, const struct settings *s,
		   const struct prio_choice *c)
{
	struct path_facts facts;
	struct prio_query q = query_of(p, s, c->args, &facts);
	int answer = p->line.priority;

	if (c->ops)
		answer = c->ops->needs_device && !p->dev ? PRIO_UNDEF :
							   c->ops->get(&q);
	take_answer(p, &q, answer);
	return answer;
}

bool prio_differs(const struct settings *a, const struct settings *b)
{
	return strcmp(a->v[OPT_PRIO].text, b->v[OPT_PRIO].text) ||
	       strcmp(a->v[OPT_PRIO_ARGS].text, b->v[OPT_PRIO_ARGS].text) ||
	       a->v[OPT_DETECT_PRIO].num != b->v[OPT_DETECT_PRIO].num;
}

void prio_begin(struct monitor *m, struct path *p, const struct settings *s,
		bool changed)
{
	const struct prio_choice c =
		choose_prio(m->p.prioritizers, &p->said, s);
	int priority = PRIO_UNDEF;

	if (at_once(&c)) {
		priority = ask_now(p, s, &c);
		p->prio.answered = false; /* not in a round */
	}
	if (priority != PRIO_UNDEF || changed)
		p->priority = priority;
}

void prio_learn(struct monitor *m, struct path *p)
{
	const struct prioritizer_ops *was = path_prio(m, p).ops;

	if (!path_learn(p))
		return;
	p->prio.foreign |= path_prio(m, p).ops != was;
	prio_refresh(m, p->volume, true); /* it may belong to another group */
}

/* Rounds */

static void want_round(struct monitor *m, struct volume *v)
{
	struct prio_round *r = &v->run->prio;

	if (r->linked || r->gone)
		return;
	r->linked = true;
	cds_list_add_tail(&r->link, &m->prio_rounds);
}

static void unlink_round(struct prio_round *r)
{
	if (r->linked)
		cds_list_del(&r->link);
	r->linked = false;
}

void prio_refresh(struct monitor *m, struct volume *v, bool regroup)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->prio.due = true;
	v->run->prio.regroup |= regroup;
	want_round(m, v);
}

bool prio_under_way(const struct volume *v)
{
	return v->run->prio.linked;
}

/* Its answer is of no use any more. It gives back its place in the pool. */
static void abandon(struct monitor *m, struct path *p)
{
	struct prio_job *j = p->prio.job;

	if (!j || j->late)
		return;
	j->late = true;
	if (m->p.pool->ops->recall(m->p.pool, &j->job)) {
		p->prio.job = NULL;
		free(j);
	} else {
		m->p.pool->ops->late(m->p.pool, &j->job);
	}
}

void prio_changed(struct monitor *m, struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path_prio *k = &v->paths[i]->prio;

		k->foreign = true;
		k->answered = false; /* what the former one said */
		k->access_state = NULL;
		abandon(m, v->paths[i]);
	}
	v->run->prio.under_way = v->run->prio.all = false;
	prio_refresh(m, v, true);
}

void prio_checked(struct monitor *m, struct path *p, bool newly_up)
{
	if (newly_up) {
		prio_refresh(m, p->volume, false);
		return;
	}
	p->prio.due = true;
	want_round(m, p->volume);
}

/* Paths that come back */

bool prio_is_known(struct monitor *m, struct path *p, const char *cause)
{
	struct path_prio *k = &p->prio;

	/* One that cannot be asked, or that nothing can go wrong with. */
	if (p->health.active || k->known || !is_up(p) || !p->dev ||
	    p->health.reopen || (k->job && k->job->late) ||
	    !path_prio(m, p).ops || volume_up(p->volume) == 0)
		return true;
	if (!k->awaited)
		snprintf(k->cause, sizeof(k->cause), "%s", cause);
	k->awaited = k->due = true;
	want_round(m, p->volume);
	return false;
}

void prio_forget(struct path *p)
{
	p->prio.known = p->prio.awaited = false;
}

static void bring_back(struct monitor *m, struct path *p)
{
	p->prio.awaited = false;
	if (!p->health.delayed) /* else held out meanwhile: doubt.c's then */
		monitor_path_usable(m, p, p->prio.cause);
}

/* Those that were asked in this round. True: there was one. */
static bool bring_back_asked(struct monitor *m, struct volume *v)
{
	bool any = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path_prio *k = &v->paths[i]->prio;

		if (!k->awaited || k->due)
			continue;
		k->known = true;
		bring_back(m, v->paths[i]);
		any = true;
	}
	return any;
}

void prio_rescue(struct monitor *m, struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths && !volume_up(v); i++)
		if (v->paths[i]->prio.awaited)
			bring_back(m, v->paths[i]);
}

/* Jobs */

static void job_work(struct job *job)
{
	struct prio_job *j = container_of(job, struct prio_job, job);

	j->answer = j->ops->get(&j->query);
}

static void job_ended(struct mail *mail, void *owner)
{
	struct prio_job *j = container_of(mail, struct prio_job, job.mail);
	struct path *p = j->path;

	p->prio.job = NULL;
	if (!j->dropped) {
		if (j->late)
			p->prio.due = true; /* it answers again */
		else
			take_answer(p, &j->query, j->answer);
		want_round(owner, p->volume);
	}
	free(j);
}

static void ask_later(struct monitor *m, struct path *p,
		      const struct prio_choice *c)
{
	const struct settings *s = settings_of(p);
	struct prio_job *j = calloc(1, sizeof(*j));

	if (!j)
		return; /* it keeps what it has; after the next check, again */
	j->path = p;
	j->ops = c->ops;
	snprintf(j->args, sizeof(j->args), "%s", c->args);
	j->query = query_of(p, s, j->args, &j->facts);
	j->deadline = m->now + j->query.timeout;
	j->job.work = job_work;
	j->job.mail.deliver = job_ended;
	p->prio.job = j;
	m->p.pool->ops->submit(m->p.pool, &j->job);
}

static void give_up(struct monitor *m, struct path *p)
{
	const char *name = p->prio.job->ops->name;

	p->prio.timeouts++;
	abandon(m, p);
	monitor_event(m, true, "priority-late", p->volume->name, p->name,
		      "prioritizer timeout", "%s has not answered", name);
}

void prio_drop_path(struct monitor *m, struct path *p)
{
	p->prio.awaited = false;
	if (p->prio.job) /* the volume may go before it ends */
		p->prio.job->dropped = true;
	abandon(m, p);
}

void prio_drop_volume(struct volume *v)
{
	unlink_round(&v->run->prio);
	v->run->prio.gone = true;
}

/* A round's steps */

/* What is configured cannot work there; said once. */
static void note_fallback(struct monitor *m, struct path *p, bool fallback)
{
	const char *wanted = settings_of(p)->v[OPT_PRIO].text;

	if (fallback && !p->prio.fallback)
		monitor_event(m, true, "prioritizer-fallback", p->volume->name,
			      p->name, "its device has no such thing",
			      "const instead of %s", wanted);
	p->prio.fallback = fallback;
}

static void ask(struct monitor *m, struct path *p, const struct prio_choice *c)
{
	struct path_prio *k = &p->prio;

	k->due = false;
	note_fallback(m, p, c->by == CHOSEN_AS_FALLBACK);
	if (at_once(c))
		(void)ask_now(p, settings_of(p), c);
	else if (!k->job && p->dev && !p->health.reopen)
		ask_later(m, p, c); /* one a path, also if it is late */
}

/* Is it due, and can it be asked? If so, by *ret. What costs no I/O is known of
 * a path that is down, too. */
static bool path_due(const struct monitor *m, const struct path *p,
		     struct prio_choice *ret)
{
	if (!p->prio.due)
		return false;
	*ret = path_prio(m, p);
	return is_up(p) || (p->prio.foreign && at_once(ret));
}

static bool due(const struct monitor *m, const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct prio_choice c;

		if (path_due(m, v->paths[i], &c))
			return true;
	}
	return false;
}

static void ask_due(struct monitor *m, struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct prio_choice c;

		if (path_due(m, v->paths[i], &c))
			ask(m, v->paths[i], &c);
	}
}

/* One has changed: so may those have that were not asked. */
static void ask_others(struct monitor *m, struct volume *v)
{
	v->run->prio.all = true;
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->prio.due |= !v->paths[i]->prio.answered;
	ask_due(m, v);
}

/* The first deadline of the jobs that are out, in *next; late ones are not. */
static bool jobs_out(struct monitor *m, struct volume *v, uint64_t *next)
{
	bool out = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		struct prio_job *j = p->prio.job;

		if (!j || j->late)
			continue;
		if (m->now >= j->deadline) {
			give_up(m, p);
			continue;
		}
		out = true;
		*next = MIN(*next, j->deadline);
	}
	return out;
}

/* What its priority would be by now. */
static int next_priority(const struct path *p)
{
	const struct path_prio *k = &p->prio;

	if (k->answered && (k->answer != PRIO_UNDEF || is_up(p)))
		return k->answer;
	return k->foreign ? PRIO_UNDEF : p->priority;
}

static bool any_changed(const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (next_priority(v->paths[i]) != v->paths[i]->priority)
			return true;
	return false;
}

static void priority_text(int priority, char *buf, size_t size)
{
	if (priority == PRIO_UNDEF)
		snprintf(buf, size, "unknown");
	else
		snprintf(buf, size, "%d", priority);
}

static const char *why_of(const struct path *p)
{
	return p->priority == PRIO_UNDEF ? p->prio.why : "";
}

static void set_priority(struct monitor *m, struct path *p, int priority)
{
	const struct prio_choice c = path_prio(m, p);
	char cause[NAME_SIZE + 16], new[16], old[16];

	snprintf(cause, sizeof(cause), "prioritizer %.120s",
		 c.ops ? c.ops->name : settings_of(p)->v[OPT_PRIO].text);
	priority_text(priority, new, sizeof(new));
	priority_text(p->priority, old, sizeof(old));
	p->priority = priority;
	monitor_event(m, false, "path-priority", p->volume->name, p->name,
		      cause, "%s, was %s%s%s", new, old,
		      *why_of(p) ? "; " : "", why_of(p));
}

/* Sets what has changed. *known: of one, it is the first that is known. */
static bool set_priorities(struct monitor *m, struct volume *v, bool *known)
{
	bool changed = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		int priority = next_priority(p);

		p->prio.answered = false;
		p->prio.foreign = false;
		if (priority == p->priority)
			continue;
		*known |= p->priority == PRIO_UNDEF;
		set_priority(m, p, priority);
		changed = true;
	}
	return changed;
}

static void regroup(struct monitor *m, struct volume *v)
{
	struct errmsg e;

	choose_policy(m->p.prioritizers, v->paths, v->npaths, &v->run->base,
		      &v->settings);
	if (apply_regroup(m, v, &v->settings, &e))
		monitor_event(m, true, "regroup-failed", v->name, NULL, e.text,
			      "I/O goes on in the old groups");
}

/*
 * A priority that was unknown has had no part in the grouping yet. One that
 * changes is followed at once only where the operator wants that, as upstream.
 */
static bool must_regroup(const struct volume *v, bool known)
{
	return v->settings.v[OPT_PATH_GROUPING_POLICY].num ==
		       POLICY_GROUP_BY_PRIO &&
	       (known ||
		v->settings.v[OPT_FAILBACK].num == FAILBACK_IMMEDIATE);
}

static void end_round(struct monitor *m, struct volume *v)
{
	struct prio_round *r = &v->run->prio;
	bool known = false, again = r->regroup;
	bool changed = set_priorities(m, v, &known);
	bool back = bring_back_asked(m, v);

	r->under_way = r->all = r->regroup = false;
	v->run->failback.refreshed = v->run->failback.waiting || back;
	if (again || (changed && must_regroup(v, known)))
		regroup(m, v);
	else if (changed || back || v->run->failback.waiting)
		monitor_settle(m, v, false);
}

/* True: the last round is at its end, and nobody is due. */
static bool step(struct monitor *m, struct volume *v, uint64_t *next)
{
	struct prio_round *r = &v->run->prio;

	/* Whoever is asked is due no more: this ends. */
	while (r->under_way || r->regroup || due(m, v)) {
		if (!r->under_way)
			ask_due(m, v);
		r->under_way = true;
		if (jobs_out(m, v, next))
			return false;
		if (!r->all && any_changed(v)) {
			ask_others(m, v);
			continue;
		}
		end_round(m, v);
	}
	return true;
}

uint64_t prio_run(struct monitor *m)
{
	struct prio_round *r, *tmp;
	uint64_t next = UINT64_MAX;

	cds_list_for_each_entry_safe(r, tmp, &m->prio_rounds, link) {
		struct volume_run *run = container_of(r, struct volume_run,
						      prio);

		if (step(m, run->volume, &next))
			unlink_round(r);
	}
	return next;
}
