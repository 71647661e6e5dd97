// SPDX-License-Identifier: MIT
/*
 * The pool of threads; see pool.h.
 *
 * Threads are started when a job finds none idle and fewer than max are at
 * work, not counting those whose job is late. They stay, and sleep when there
 * is nothing to do; one that comes back from a late job to find its place taken
 * ends, and is joined by the next call of the monitor's (or by pool_free()).
 *
 * One lock, a leaf, over all of it. A job is touched under the lock, but for
 * work(), which whoever runs it calls without; after its mail is posted it is
 * its owner's again.
 */
#include "core/pool.h"

#include <errno.h>
#include <pthread.h>

#include "core/thread.h"

enum { JOB_OWNED, JOB_QUEUED, JOB_RUNS }; /* owned: by the caller */

struct thread {
	struct cds_list_head link; /* in all, or in ended */
	struct thread_pool *pool;
	pthread_t id;
};

struct thread_pool {
	struct pool base;
	unsigned int max;
	struct mailbox *monitor;
	pthread_mutex_t lock;
	pthread_cond_t more;
	/* under the lock */
	struct cds_list_head queue; /* of jobs, oldest first */
	unsigned int queued;
	struct cds_list_head all;   /* threads */
	struct cds_list_head ended; /* past their last look at the pool */
	unsigned int idle;
	unsigned int places; /* taken: threads, without those that are late */
	bool stop;
};

static struct thread_pool *pool_of(struct pool *p)
{
	return container_of(p, struct thread_pool, base);
}

/* NULL: the thread is to end. */
static struct job *take_locked(struct thread_pool *p)
{
	struct job *j;

	if (p->places > p->max)
		return NULL;
	p->idle++;
	while (cds_list_empty(&p->queue) && !p->stop)
		pthread_cond_wait(&p->more, &p->lock);
	p->idle--;
	if (cds_list_empty(&p->queue))
		return NULL;
	j = cds_list_first_entry(&p->queue, struct job, link);
	cds_list_del(&j->link);
	p->queued--;
	j->state = JOB_RUNS;
	return j;
}

static void run_locked(struct thread_pool *p, struct job *j)
{
	pthread_mutex_unlock(&p->lock);
	j->work(j);
	pthread_mutex_lock(&p->lock);
	j->state = JOB_OWNED;
	if (j->late) {
		p->places++;
		atomic_fetch_sub_explicit(&p->base.nr_late, 1,
					  memory_order_relaxed);
	}
	pthread_mutex_unlock(&p->lock);
	mailbox_post(p->monitor, &j->mail); /* j is its owner's */
	pthread_mutex_lock(&p->lock);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct thread_pool *p = t->pool;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	while ((j = take_locked(p)))
		run_locked(p, j);
	p->places--;
	if (!p->stop) /* else pool_free() has the list */
		cds_list_move(&t->link, &p->ended);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* A thread for the work that waits: one that is idle, or one more. False: there
 * is none for the last. */
static bool start_locked(struct thread_pool *p)
{
	struct thread *t;

	pthread_cond_signal(&p->more);
	/* Those that are idle and were woken before count for a job each. */
	if (p->queued <= p->idle)
		return true;
	t = p->places < p->max ? calloc(1, sizeof(*t)) : NULL;
	if (!t)
		return false;
	t->pool = p;
	if (thread_start(&t->id, thread_main, t)) {
		free(t);
		return false;
	}
	cds_list_add(&t->link, &p->all);
	p->places++;
	return true;
}

/* They hold no lock any more: at most a return is still to come. */
static void join_list(struct cds_list_head *list)
{
	struct thread *t, *next;

	cds_list_for_each_entry_safe(t, next, list, link) {
		pthread_join(t->id, NULL);
		free(t);
	}
}

static void join_ended(struct thread_pool *p)
{
	CDS_LIST_HEAD(ended);

	pthread_mutex_lock(&p->lock);
	cds_list_splice(&p->ended, &ended);
	CDS_INIT_LIST_HEAD(&p->ended);
	pthread_mutex_unlock(&p->lock);
	join_list(&ended);
}

static bool thread_pool_submit(struct pool *base, struct job *j)
{
	struct thread_pool *p = pool_of(base);
	bool begins;

	join_ended(p);
	pthread_mutex_lock(&p->lock);
	assert(j->work && j->mail.deliver && j->state == JOB_OWNED);
	j->state = JOB_QUEUED;
	j->late = false;
	cds_list_add_tail(&j->link, &p->queue);
	p->queued++;
	begins = start_locked(p);
	pthread_mutex_unlock(&p->lock);
	return begins;
}

static bool thread_pool_recall(struct pool *base, struct job *j)
{
	struct thread_pool *p = pool_of(base);
	bool waits;

	pthread_mutex_lock(&p->lock);
	waits = j->state == JOB_QUEUED;
	if (waits) {
		cds_list_del(&j->link);
		p->queued--;
		j->state = JOB_OWNED;
	}
	pthread_mutex_unlock(&p->lock);
	return waits;
}

static void thread_pool_late(struct pool *base, struct job *j)
{
	struct thread_pool *p = pool_of(base);

	pthread_mutex_lock(&p->lock);
	assert(j->state != JOB_QUEUED);
	/* Else it has just ended: its mail is on the way. */
	if (j->state == JOB_RUNS && !j->late) {
		j->late = true;
		p->places--;
		atomic_fetch_add_explicit(&p->base.nr_late, 1,
					  memory_order_relaxed);
		start_locked(p);
	}
	pthread_mutex_unlock(&p->lock);
}

static const struct pool_ops thread_pool_ops = {
	.submit = thread_pool_submit,
	.recall = thread_pool_recall,
	.late = thread_pool_late,
};

int pool_new(unsigned int max, struct mailbox *monitor, struct pool **ret)
{
	struct thread_pool *p = calloc(1, sizeof(*p));

	assert(max);
	if (!p)
		return -ENOMEM;
	p->base.ops = &thread_pool_ops;
	p->max = max;
	p->monitor = monitor;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	CDS_INIT_LIST_HEAD(&p->queue);
	CDS_INIT_LIST_HEAD(&p->all);
	CDS_INIT_LIST_HEAD(&p->ended);
	*ret = &p->base;
	return 0;
}

void pool_free(struct pool *base)
{
	struct thread_pool *p = pool_of(base);
	CDS_LIST_HEAD(threads);

	pthread_mutex_lock(&p->lock);
	assert(cds_list_empty(&p->queue));
	p->stop = true;
	cds_list_splice(&p->all, &threads);
	cds_list_splice(&p->ended, &threads);
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	join_list(&threads);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
