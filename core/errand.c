// SPDX-License-Identifier: MIT
/* What is done for a path on the pool, and comes back by mail; see errand.h. */
#include "core/errand.h"

#include "core/monitor_private.h"
#include "core/path.h"

/* A place in the pool is not given to one that hangs for longer. */
#define PATIENCE (30 * NSEC_PER_SEC)

static void work(struct job *j)
{
	struct errand *e = container_of(j, struct errand, job);

	e->work(e);
}

static void came_back(struct mail *mail, void *owner)
{
	struct errand *e = container_of(mail, struct errand, job.mail);
	struct monitor *m = owner;

	timer_clear(&m->timers, &e->timer);
	e->path->errands.out[e->kind] = NULL;
	if (!e->dropped)
		e->ended(m, e);
	free(e);
}

/* One that no thread has begun yet has not hung. */
static void is_late(struct timer *t, void *owner, uint64_t now)
{
	struct errand *e = container_of(t, struct errand, timer);
	struct monitor *m = owner;
	struct pool *pool = m->p.pool;

	(void)now;
	if (pool->ops->recall(pool, &e->job)) {
		timer_set(&m->timers, &e->timer, m->now + PATIENCE);
		pool->ops->submit(pool, &e->job);
	} else {
		pool->ops->late(pool, &e->job);
	}
}

void errand_begin(struct monitor *m, struct path *p, struct errand *e)
{
	assert(!p->errands.out[e->kind]);
	e->path = p;
	e->dropped = false;
	e->job = (struct job){.work = work, .mail.deliver = came_back};
	e->timer = (struct timer){.due = is_late};
	p->errands.out[e->kind] = e;
	timer_set(&m->timers, &e->timer, m->now + PATIENCE);
	m->p.pool->ops->submit(m->p.pool, &e->job);
}

bool errand_out(const struct path *p, enum errand_kind kind)
{
	return p->errands.out[kind] != NULL;
}

bool errands_out(const struct path *p)
{
	for (int i = 0; i < ERRAND_KINDS; i++)
		if (p->errands.out[i])
			return true;
	return false;
}

/* True: no thread had begun it, and it is gone. */
static bool take_back(struct monitor *m, struct errand *e)
{
	if (!m->p.pool->ops->recall(m->p.pool, &e->job))
		return false;
	timer_clear(&m->timers, &e->timer);
	e->path->errands.out[e->kind] = NULL;
	free(e);
	return true;
}

void errand_withdraw(struct monitor *m, struct path *p, enum errand_kind kind)
{
	if (p->errands.out[kind])
		(void)take_back(m, p->errands.out[kind]);
}

void errands_drop(struct monitor *m, struct path *p)
{
	struct pool *pool = m->p.pool;

	for (int i = 0; i < ERRAND_KINDS; i++) {
		struct errand *e = p->errands.out[i];

		if (!e || e->dropped || take_back(m, e))
			continue;
		e->dropped = true;
		if (timer_is_set(&e->timer)) { /* else it is late */
			timer_clear(&m->timers, &e->timer);
			pool->ops->late(pool, &e->job);
		}
	}
}
