// SPDX-License-Identifier: MIT
/*
 * The pool on simulated time. A job's work is done in one piece, at the end of
 * the time that it takes; that is mostly short, sometimes seconds, now and then
 * a minute, and as long as the path hangs that it is for. One that nobody waits
 * for any more (late) gives its place to the next.
 */
#include <stdio.h>

#include "core/mailbox.h"
#include "core/monitor.h"
#include "core/activate.h"
#include "tests/sim/array.h"
#include "tests/sim/models.h"

#define THREADS 4

/* ENDED: its mail is on its way, or was read. */
enum { JOB_OWNED, JOB_QUEUED, JOB_RUNS, JOB_ENDED };

static struct sim_pool *pool_of(struct pool *p)
{
	return container_of(p, struct sim_pool, base);
}

static bool is_activation(const struct job *j, const struct path *p)
{
	return p->activation && j == &p->activation->job;
}

/*
 * A check's is in the path, as are those that errands point to; a prioritizer's
 * begins what the path points to.
 */
static bool is_of(const struct job *j, const struct path *p)
{
	for (int i = 0; i < ERRAND_KINDS; i++)
		if (p->errands.out[i] && j == &p->errands.out[i]->job)
			return true;
	return j == &p->check.job.job || (const void *)j == p->prio.job ||
	       is_activation(j, p);
}

/* NULL: none of a path's, or of one that has been taken out. */
static const struct path *path_of(struct sim *s, const struct job *j,
				  struct sim_path **sp)
{
	*sp = NULL;
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		struct sim_vol *sv = &s->vols[i];

		for (unsigned int k = 0; sv->v && k < sv->v->npaths; k++) {
			if (!is_of(j, sv->v->paths[k]))
				continue;
			*sp = admin_path(sv, sv->v->paths[k]->name);
			return sv->v->paths[k];
		}
	}
	return NULL;
}

static uint64_t time_of(struct sim *s, const struct sim_path *sp)
{
	uint64_t x = sim_jitter(s, 99);

	if (s->plan->exact || s->healed)
		return NSEC_PER_MSEC;
	if (sp && sp->fault[FAULT_DELAY].until)
		return sim_jitter(s, 3 * NSEC_PER_SEC);
	if (x < 1)
		return sim_jitter(s, 60 * NSEC_PER_SEC);
	if (x < 8)
		return sim_jitter(s, 2 * NSEC_PER_SEC);
	return sim_jitter(s, 10 * NSEC_PER_MSEC);
}

static void begin(struct sim *s, struct job *j)
{
	struct sim_pool *p = &s->pool_sim;
	struct sim_path *sp;
	const struct path *path = path_of(s, j, &sp);
	uint64_t end = s->now + time_of(s, sp);

	if (p->nrun == ARRAY_SIZE(p->run)) {
		sim_fail(s, "more late jobs than there is room for");
		return;
	}
	if (sp && sp->fault[FAULT_HANG].until && !sp->fault[FAULT_HANG].spare)
		end = MAX(end, sp->fault[FAULT_HANG].until);
	if (path && is_activation(j, path))
		activation_begun(s, sp);
	j->state = JOB_RUNS;
	p->run[p->nrun++] = (struct sim_job){.job = j, .end = end};
	p->busy++;
}

static void begin_queued(struct sim *s)
{
	struct sim_pool *p = &s->pool_sim;

	while (p->busy < THREADS && !cds_list_empty(&p->queue)) {
		struct job *j =
			cds_list_first_entry(&p->queue, struct job, link);

		cds_list_del(&j->link);
		begin(s, j);
	}
}

static bool sim_pool_submit(struct pool *base, struct job *j)
{
	struct sim_pool *p = pool_of(base);

	if (j->state == JOB_QUEUED || j->state == JOB_RUNS)
		sim_fail(p->s, "a job is submitted twice");
	j->state = JOB_QUEUED;
	j->late = false;
	cds_list_add_tail(&j->link, &p->queue);
	begin_queued(p->s);
	return j->state == JOB_RUNS;
}

static bool sim_pool_recall(struct pool *base, struct job *j)
{
	(void)base;
	if (j->state != JOB_QUEUED)
		return false;
	cds_list_del(&j->link);
	j->state = JOB_OWNED;
	return true;
}

static void sim_pool_late(struct pool *base, struct job *j)
{
	struct sim_pool *p = pool_of(base);

	if (j->late || j->state == JOB_ENDED)
		return;
	if (j->state != JOB_RUNS)
		sim_fail(p->s, "a job that nobody began is late");
	j->late = true;
	p->base.nr_late++;
	p->busy--;
	begin_queued(p->s);
}

static const struct pool_ops sim_pool_ops = {
	.submit = sim_pool_submit,
	.recall = sim_pool_recall,
	.late = sim_pool_late,
};

struct pool *pool_init(struct sim *s)
{
	struct sim_pool *p = &s->pool_sim;

	p->base.ops = &sim_pool_ops;
	p->base.nr_late = 0;
	p->s = s;
	p->nrun = p->busy = 0;
	CDS_INIT_LIST_HEAD(&p->queue);
	return &p->base;
}

uint64_t pool_next(const struct sim *s)
{
	const struct sim_pool *p = &s->pool_sim;
	uint64_t next = NEVER;

	for (unsigned int i = 0; i < p->nrun; i++)
		next = MIN(next, p->run[i].end);
	return next;
}

void pool_run(struct sim *s)
{
	struct sim_pool *p = &s->pool_sim;
	unsigned int i = 0;
	struct job *j;

	while (p->run[i].end > s->now)
		i++;
	j = p->run[i].job;
	p->run[i] = p->run[--p->nrun];
	if (j->late)
		p->base.nr_late--;
	else
		p->busy--;
	j->work(j);
	j->state = JOB_ENDED;
	mailbox_post(monitor_mailbox(s->m), &j->mail);
	begin_queued(s);
}

void pool_hang(struct sim *s, const struct sim_path *sp, uint64_t until)
{
	struct sim_pool *p = &s->pool_sim;

	struct sim_path *of;

	for (unsigned int i = 0; i < p->nrun; i++)
		if (path_of(s, p->run[i].job, &of) && of == sp)
			p->run[i].end = MAX(p->run[i].end, until);
}

void pool_heal(struct sim *s)
{
	struct sim_pool *p = &s->pool_sim;

	for (unsigned int i = 0; i < p->nrun; i++)
		p->run[i].end = MIN(p->run[i].end, s->now + NSEC_PER_MSEC);
}

bool pool_busy(const struct sim *s)
{
	return s->pool_sim.nrun > 0; /* else nothing waits either */
}
