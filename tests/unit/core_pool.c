// SPDX-License-Identifier: MIT
/*
 * The pool on real threads: jobs wait at gates that the test opens, so that it
 * says what runs side by side. Nothing sleeps; a fault is a test that hangs.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "core/pool.h"

#define JOBS 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct gated {
	struct job job;
	bool open, begun; /* under lock */
	unsigned int runs; /* no lock: the pool's hand-over orders it */
	unsigned int ends; /* mails */
};

struct fixture {
	struct mailbox box;
	struct pool *pool;
	struct gated g[JOBS];
	unsigned int ends;
};

static void work(struct job *j)
{
	struct gated *g = container_of(j, struct gated, job);

	pthread_mutex_lock(&lock);
	g->begun = true;
	pthread_cond_broadcast(&changed);
	while (!g->open)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	g->runs++;
}

static void on_end(struct mail *m, void *owner)
{
	struct gated *g = container_of(m, struct gated, job.mail);
	struct fixture *f = owner;

	g->ends++;
	f->ends++;
}

static void submit(struct fixture *f, unsigned int i)
{
	struct gated *g = &f->g[i];

	g->job.work = work;
	g->job.mail.deliver = on_end;
	g->begun = false;
	f->pool->ops->submit(f->pool, &g->job);
}

static void open_gate(struct gated *g)
{
	pthread_mutex_lock(&lock);
	g->open = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void wait_begun(struct gated *g)
{
	pthread_mutex_lock(&lock);
	while (!g->begun)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static bool has_begun(struct gated *g)
{
	bool ret;

	pthread_mutex_lock(&lock);
	ret = g->begun;
	pthread_mutex_unlock(&lock);
	return ret;
}

static void wait_ends(struct fixture *f, unsigned int n)
{
	while (f->ends < n) {
		mailbox_wait(&f->box);
		mailbox_deliver(&f->box);
	}
	assert_int_equal(f->ends, n);
}

static void start(struct fixture *f, unsigned int max)
{
	memset(f, 0, sizeof(*f));
	assert_int_equal(mailbox_init(&f->box, f), 0);
	assert_int_equal(pool_new(max, &f->box, &f->pool), 0);
}

static void stop(struct fixture *f)
{
	pool_free(f->pool);
	mailbox_fini(&f->box);
}

/* Two at a time, in order. */
static void test_bounded(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 2);
	for (unsigned int i = 0; i < 4; i++)
		submit(&f, i);
	wait_begun(&f.g[0]);
	wait_begun(&f.g[1]);
	assert_false(has_begun(&f.g[2]));
	open_gate(&f.g[1]);
	wait_begun(&f.g[2]);
	assert_false(has_begun(&f.g[3]));
	open_gate(&f.g[2]);
	wait_begun(&f.g[3]);
	open_gate(&f.g[3]);
	open_gate(&f.g[0]);
	wait_ends(&f, 4);
	stop(&f);
}

/* One that blocks does not hold up another while there are places, also where
 * a thread is idle and both come at once. */
static void test_side_by_side(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 3);
	open_gate(&f.g[0]);
	submit(&f, 0);
	wait_ends(&f, 1); /* its thread is idle, or about to be */
	for (unsigned int i = 1; i <= 3; i++)
		submit(&f, i);
	for (unsigned int i = 1; i <= 3; i++)
		wait_begun(&f.g[i]);
	for (unsigned int i = 1; i <= 3; i++)
		open_gate(&f.g[i]);
	wait_ends(&f, 4);
	stop(&f);
}

static void test_recall(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 1);
	submit(&f, 0);
	submit(&f, 1);
	submit(&f, 2);
	wait_begun(&f.g[0]);
	assert_false(f.pool->ops->recall(f.pool, &f.g[0].job)); /* runs */
	assert_true(f.pool->ops->recall(f.pool, &f.g[1].job));
	assert_false(f.pool->ops->recall(f.pool, &f.g[1].job)); /* ours again */
	open_gate(&f.g[0]);
	open_gate(&f.g[2]);
	wait_ends(&f, 2);
	assert_false(f.pool->ops->recall(f.pool, &f.g[0].job)); /* has ended */
	assert_int_equal(f.g[1].runs, 0);
	submit(&f, 1); /* may be submitted again */
	open_gate(&f.g[1]);
	wait_ends(&f, 3);
	assert_int_equal(f.g[1].runs, 1);
	stop(&f);
}

/* A job that is given up gives back its place, and its mail still comes. */
static void test_late(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 1);
	for (unsigned int i = 0; i < 8; i++) {
		submit(&f, i);
		wait_begun(&f.g[i]);
		f.pool->ops->late(f.pool, &f.g[i].job);
		f.pool->ops->late(f.pool, &f.g[i].job); /* once is enough */
		assert_int_equal(atomic_load(&f.pool->nr_late), i + 1);
	}
	submit(&f, 8);
	submit(&f, 9);
	wait_begun(&f.g[8]);
	/* One is back: its thread goes, the place is taken. */
	open_gate(&f.g[0]);
	wait_ends(&f, 1);
	assert_int_equal(atomic_load(&f.pool->nr_late), 7);
	assert_false(has_begun(&f.g[9]));
	open_gate(&f.g[9]);
	open_gate(&f.g[8]);
	wait_ends(&f, 3);
	for (unsigned int i = 1; i < 8; i++)
		open_gate(&f.g[i]);
	wait_ends(&f, 10);
	assert_int_equal(atomic_load(&f.pool->nr_late), 0);
	f.pool->ops->late(f.pool, &f.g[0].job); /* it has ended: nothing */
	assert_int_equal(atomic_load(&f.pool->nr_late), 0);
	/* Bounded as before. */
	f.g[0].open = f.g[1].open = false;
	submit(&f, 0);
	submit(&f, 1);
	wait_begun(&f.g[0]);
	assert_false(has_begun(&f.g[1]));
	open_gate(&f.g[0]);
	open_gate(&f.g[1]);
	wait_ends(&f, 12);
	stop(&f);
}

/* Late while one waits: it begins at once. */
static void test_late_makes_room(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 1);
	submit(&f, 0);
	submit(&f, 1);
	wait_begun(&f.g[0]);
	f.pool->ops->late(f.pool, &f.g[0].job);
	wait_begun(&f.g[1]);
	open_gate(&f.g[0]);
	open_gate(&f.g[1]);
	wait_ends(&f, 2);
	stop(&f);
}

static void test_many(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 4);
	for (unsigned int i = 0; i < JOBS; i++)
		f.g[i].open = true;
	for (unsigned int round = 1; round <= 50; round++) {
		for (unsigned int i = 0; i < JOBS; i++)
			submit(&f, i);
		wait_ends(&f, round * JOBS);
	}
	for (unsigned int i = 0; i < JOBS; i++) {
		assert_int_equal(f.g[i].runs, 50);
		assert_int_equal(f.g[i].ends, 50);
	}
	stop(&f);
}

/* Threads begin with the work: without any there is nothing to end. */
static void test_unused(void **state)
{
	static struct fixture f;

	(void)state;
	start(&f, 4);
	stop(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_late_makes_room),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_unused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
