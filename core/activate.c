// SPDX-License-Identifier: MIT
/*
 * One path's activation; see activate.h.
 *
 *   IDLE -> (WAITS ->) RUNS -> the thread's mail: rounds_ended(), IDLE
 *                       ^ |--> "wait": PAUSES, until the handler's time
 *                       | |         |
 *                       '-(---------'
 *                         `--> too late: rounds_ended() with an error; RUNS
 *                              still, until the mail
 */
#include "core/activate.h"

#include <stdio.h>

#include "core/monitor_private.h"
#include "core/path.h"

/* A thread of the pool, or the monitor. */
static void work(struct job *j)
{
	struct path_activation *pa =
		container_of(j, struct path_activation, job);

	pa->result = pa->handler->activate(&pa->request);
}

static void submit(struct monitor *m, struct path_activation *pa)
{
	pa->state = ACTIVATE_RUNS;
	pa->request.dev = pa->path->dev; /* maybe opened anew in a pause */
	pa->request.now = m->now;
	pa->request.message[0] = '\0';
	timer_set(&m->timers, &pa->timer,
		  m->now + MAX(pa->request.timeout, pa->handler->longest));
	m->p.pool->ops->submit(m->p.pool, &pa->job);
}

static void answered(struct monitor *m, struct path_activation *pa)
{
	pa->counted = false;
	/* It waits no longer. */
	if (pa->result == ACTIVATE_WAIT)
		pa->result = ACTIVATE_IO;
	rounds_ended(m, pa->path, pa->result, pa->request.message);
}

/* Nobody waits with it when the mount goes away. */
static bool may_wait(const struct monitor *m, const struct path_activation *pa)
{
	return pa->result == ACTIVATE_WAIT && pa->counted && !m->stopping;
}

/* Mail: the thread is through with it. */
static void came_back(struct mail *mail, void *owner)
{
	struct path_activation *pa =
		container_of(mail, struct path_activation, job.mail);
	struct monitor *m = owner;

	pa->state = ACTIVATE_IDLE;
	timer_clear(&m->timers, &pa->timer);
	if (!pa->path)
		return;
	if (may_wait(m, pa)) {
		pa->state = ACTIVATE_PAUSES;
		timer_set(&m->timers, &pa->timer, m->now + pa->request.again);
		return;
	}
	if (pa->counted)
		answered(m, pa);
	monitor_settle(m, pa->path->volume, false);
}

/* Out of use by now, of a group that is not, or to be activated otherwise: the
 * next round is not to wait for that. */
static bool is_wanted(const struct path_activation *pa)
{
	const struct path *p = pa->path;
	const struct volume *v = p->volume;

	return p->health.offered && volume_group_of(v, p) == v->current &&
	       v->run->rounds.handler == pa->handler;
}

/* That the array was not ready is no reason to fail a path that has not. */
static void go_on(struct monitor *m, struct path_activation *pa)
{
	if (is_wanted(pa) && !m->stopping) {
		submit(m, pa);
		return;
	}
	pa->state = ACTIVATE_IDLE;
	if (pa->path->health.active && !m->stopping)
		rounds_dropped(pa->path);
	else
		answered(m, pa);
	monitor_settle(m, pa->path->volume, false);
}

static void is_late(struct monitor *m, struct path_activation *pa)
{
	struct pool *pool = m->p.pool;

	if (pool->ops->recall(pool, &pa->job)) {
		submit(m, pa); /* it was the pool that had no thread for it */
		return;
	}
	pool->ops->late(pool, &pa->job);
	pa->counted = false;
	rounds_ended(m, pa->path, ACTIVATE_IO, "activation timed out");
	monitor_settle(m, pa->path->volume, false);
}

static void time_is_up(struct timer *t, void *owner, uint64_t now)
{
	struct path_activation *pa =
		container_of(t, struct path_activation, timer);

	(void)now;
	if (pa->state == ACTIVATE_PAUSES)
		go_on(owner, pa);
	else
		is_late(owner, pa);
}

struct path_activation *activate_of(struct path *p)
{
	struct path_activation *pa = p->activation;

	if (pa)
		return pa;
	pa = calloc(1, sizeof(*pa));
	if (!pa)
		return NULL;
	pa->path = p;
	pa->job.work = work;
	pa->job.mail.deliver = came_back;
	pa->timer.due = time_is_up;
	p->activation = pa;
	return pa;
}

void activate_begin(struct monitor *m, struct path_activation *pa,
		    const struct handler_ops *handler, const char *args)
{
	struct volume *v = pa->path->volume;
	const struct setting *s = v->settings.v;
	uint64_t timeout = schedule_timeout(pa->path);

	assert(pa->state != ACTIVATE_RUNS);
	v->run->stats.activations++;
	if (pa->handler != handler)
		pa->request.memo = 0;
	pa->handler = handler;
	/* A copy: the setting may change while a thread reads it. */
	snprintf(pa->args, sizeof(pa->args), "%s", args);
	pa->request = (struct activate_request){
		.dev = pa->path->dev,
		.args = pa->args,
		.root = "",
		.timeout = MAX(timeout, handler->patience),
		.now = m->now,
		.retain = s[OPT_RETAIN_ATTACHED_HW_HANDLER].num,
		.memo = pa->request.memo,
	};
	pa->state = ACTIVATE_IDLE;
	if (handler->at_once) {
		work(&pa->job);
		answered(m, pa);
	} else {
		submit(m, pa);
	}
}

void activate_forget(struct monitor *m, struct path *p)
{
	struct path_activation *pa = p->activation;
	struct pool *pool = m->p.pool;

	if (!pa)
		return;
	timer_clear(&m->timers, &pa->timer);
	pa->path = NULL;
	if (pa->state == ACTIVATE_WAITS || pa->state == ACTIVATE_PAUSES ||
	    (pa->state == ACTIVATE_RUNS && pool->ops->recall(pool, &pa->job)))
		pa->state = ACTIVATE_IDLE;
	else if (pa->state == ACTIVATE_RUNS)
		pool->ops->late(pool, &pa->job);
}

bool activate_busy(const struct path *p)
{
	return p->activation && p->activation->state == ACTIVATE_RUNS;
}

void activate_free(struct path *p)
{
	assert(!activate_busy(p));
	free(p->activation);
	p->activation = NULL;
}
