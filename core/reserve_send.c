// SPDX-License-Identifier: MIT
/*
 * One command on one path; see reserve_send.h.
 *
 *   IDLE -> OUT -> the thread's mail: reservation_answered(), IDLE
 *             `--> too late: reservation_answered() with no answer; OUT still,
 *                  until the mail
 */
#include "core/reserve_send.h"

#include <stdio.h>

#include "core/monitor_private.h"
#include "core/path.h"
#include "core/reservation_private.h"

/* A path's; made by its first command. */
struct reserve_job {
	struct job job;
	struct timer timer;
	struct reserve_request request;
	enum reserve_verdict (*reserve)(struct reserve_request *r);
	enum reserve_verdict verdict;
	struct operation *op; /* NULL: nobody waits for it */
	unsigned int target;
	bool out;
};

static void work(struct job *j)
{
	struct reserve_job *rj = container_of(j, struct reserve_job, job);

	rj->verdict = rj->reserve(&rj->request);
}

static void came_back(struct mail *mail, void *owner)
{
	struct reserve_job *rj =
		container_of(mail, struct reserve_job, job.mail);
	struct monitor *m = owner;
	struct operation *op = rj->op;

	rj->out = false;
	rj->op = NULL;
	timer_clear(&m->timers, &rj->timer);
	if (op)
		reservation_answered(m, op, rj->target, rj->verdict,
				     &rj->request, rj->request.message);
	/* Whatever it has read and nobody has taken. */
	if (!rj->out) {
		free(rj->request.keys);
		rj->request.keys = NULL;
	}
}

static void is_late(struct timer *t, void *owner, uint64_t now)
{
	struct reserve_job *rj = container_of(t, struct reserve_job, timer);
	struct monitor *m = owner;
	struct pool *pool = m->p.pool;
	struct operation *op = rj->op;

	if (pool->ops->recall(pool, &rj->job)) {
		/* It was the pool that had no thread for it. */
		timer_set(&m->timers, t, now + rj->request.timeout);
		pool->ops->submit(pool, &rj->job);
		return;
	}
	pool->ops->late(pool, &rj->job);
	rj->op = NULL;
	reservation_answered(m, op, rj->target, RESERVE_NO_ANSWER, NULL,
			     reserve_verb_reads(rj->request.command.verb)
				     ? "no answer in time"
				     : "no answer in time; it may be done yet");
}

static struct reserve_job *job_of(struct monitor *m, struct path *p)
{
	struct reserve_job *rj = p->reserve.job;

	if (rj)
		return rj;
	rj = calloc(1, sizeof(*rj));
	if (!rj)
		return NULL;
	rj->reserve = m->p.reserve;
	rj->job.work = work;
	rj->job.mail.deliver = came_back;
	rj->timer.due = is_late;
	p->reserve.job = rj;
	return rj;
}

void reserve_send(struct monitor *m, struct path *p,
		  const struct reserve_command *c, struct operation *op,
		  unsigned int target)
{
	struct reserve_job *rj = p ? job_of(m, p) : NULL;
	const char *why = !p	    ? "the path has gone"
			  : !rj	    ? "no memory"
			  : rj->out ? "the one before has not come back"
			  : !p->dev ? "its device is not open"
				    : NULL;

	if (why) {
		reservation_answered(m, op, target, RESERVE_NO_ANSWER, NULL,
				     why);
		return;
	}
	rj->request = (struct reserve_request){
		.dev = p->dev,
		.timeout = schedule_timeout(p),
		.command = *c,
	};
	rj->op = op;
	rj->target = target;
	rj->out = true;
	timer_set(&m->timers, &rj->timer, m->now + rj->request.timeout);
	m->p.pool->ops->submit(m->p.pool, &rj->job);
}

void reserve_forget(struct monitor *m, struct path *p)
{
	struct reserve_job *rj = p->reserve.job;
	struct pool *pool = m->p.pool;

	if (!rj || !rj->out || !rj->op)
		return;
	rj->op = NULL;
	timer_clear(&m->timers, &rj->timer);
	if (pool->ops->recall(pool, &rj->job))
		rj->out = false;
	else
		pool->ops->late(pool, &rj->job);
}

bool reserve_awaited(const struct path *p)
{
	return p->reserve.job && p->reserve.job->op;
}

bool reserve_busy(const struct path *p)
{
	return p->reserve.job && p->reserve.job->out;
}

void reserve_free(struct path *p)
{
	assert(!reserve_busy(p));
	free(p->reserve.job);
	p->reserve.job = NULL;
}
