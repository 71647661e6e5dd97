/* SPDX-License-Identifier: MIT */
/*
 * The rig of monitor_rig.h with two prioritizers that say what the test wants,
 * one of which asks on a pool whose threads are the test's steps.
 */
#ifndef MPATHFS_TESTS_UNIT_PRIO_RIG_H
#define MPATHFS_TESTS_UNIT_PRIO_RIG_H

#include "core/pool.h"
#include "core/prioritizer.h"
#include "tests/unit/monitor_rig.h"

/* What both say of a path, by the last letter of its device; and how often they
 * were asked. */
static struct said {
	int priority;
	unsigned int asked;
	const char *access_state;
} said[3];

static inline int say(struct prio_query *q)
{
	struct said *s = &said[q->dev_path[strlen(q->dev_path) - 1] - 'a'];

	s->asked++;
	assert_non_null(q->dev);
	assert_int_equal(q->timeout, 30 * SEC);
	assert_string_equal(q->root, "");
	q->access_state = s->access_state;
	if (s->priority == PRIO_UNDEF)
		snprintf(q->message, sizeof(q->message), "no answer");
	return s->priority;
}

static inline int line_get(struct prio_query *q)
{
	return q->configured;
}

static inline int even(const char *args, struct errmsg *e)
{
	return strlen(args) % 2 ? errmsg_set(e, EINVAL, "odd") : 0;
}

static const struct prioritizer_ops quick = {
	.name = "quick", .get = say, .check_args = even, .needs_device = true};
static const struct prioritizer_ops slow_prio = {
	.name = "slow", .get = say, .needs_device = true, .blocks = true};
static const struct prioritizer_ops line = {.name = "const", .get = line_get};
static const struct prioritizer_ops *const table[] = {&quick, &slow_prio, &line,
						      NULL};

/* A pool on which nothing happens by itself. */
static struct {
	struct pool base;
	struct job *jobs[8];
	bool begun[8];
	unsigned int n, late;
} pool;

static inline bool pool_submit(struct pool *p, struct job *j)
{
	(void)p;
	assert_true(pool.n < ARRAY_SIZE(pool.jobs));
	pool.begun[pool.n] = false;
	pool.jobs[pool.n++] = j;
	return true;
}

static inline unsigned int job_index(const struct job *j)
{
	for (unsigned int i = 0; i < pool.n; i++)
		if (pool.jobs[i] == j)
			return i;
	fail_msg("no such job");
	return 0;
}

static inline void remove_job(unsigned int i)
{
	for (pool.n--; i < pool.n; i++) {
		pool.jobs[i] = pool.jobs[i + 1];
		pool.begun[i] = pool.begun[i + 1];
	}
}

static inline bool pool_recall(struct pool *p, struct job *j)
{
	unsigned int i = job_index(j);

	(void)p;
	if (pool.begun[i])
		return false;
	remove_job(i);
	return true;
}

static inline void pool_late(struct pool *p, struct job *j)
{
	(void)p;
	assert_true(pool.begun[job_index(j)]);
	pool.late++;
}

static const struct pool_ops pool_ops = {pool_submit, pool_recall, pool_late};

/* The oldest n jobs end. */
static inline void answer(struct rig *r, unsigned int n)
{
	while (n--) {
		struct job *j = pool.jobs[0];

		assert_true(pool.n > 0);
		remove_job(0);
		j->work(j);
		mailbox_post(&r->m->mailbox, &j->mail);
	}
	rig_turn(r);
}

static inline int check_prio(const char *prio, const char *args, struct errmsg *e)
{
	return prioritizer_check(table, prio, args, e);
}

static struct config_registry registry;
static struct pool *own_pool;

static inline int prio_setup(void **state)
{
	static const char *const names[] = {"quick", "slow", "const", NULL};
	struct rig *r;

	assert_int_equal(rig_setup(state), 0);
	r = *state;
	registry = fake_registry;
	registry.prioritizers = names;
	registry.check_prio = check_prio;
	memset(&pool, 0, sizeof(pool));
	pool.base.ops = &pool_ops;
	own_pool = r->m->p.pool;
	r->m->p.pool = &pool.base;
	r->m->p.prioritizers = table;
	r->m->p.registry = &registry;
	for (int i = 0; i < 3; i++)
		said[i] = (struct said){.priority = 10 * (i + 1)};
	return 0;
}

static inline int prio_teardown(void **state)
{
	struct rig *r = *state;

	assert_int_equal(pool.n, 0); /* nothing is asked for nobody */
	r->m->p.pool = own_pool;
	return rig_teardown(state);
}

/* Three paths a, b, c; each checked once. */
static inline void start(struct rig *r, const char *options)
{
	struct errmsg e = {.text = ""};
	char text[1024];

	snprintf(text, sizeof(text),
		 "[volume v]\npath = a @a 3\npath = b @b 2\npath = c @c 1\n%s",
		 options);
	if (rig_apply(r, text, true, &e))
		fail_msg("%s: %s", options, e.text);
	rig_turn(r);
}

static inline void expect_prios(struct rig *r, int a, int b, int c)
{
	int got[3] = {rig_path(r, "a")->priority, rig_path(r, "b")->priority,
		      rig_path(r, "c")->priority};

	if (got[0] != a || got[1] != b || got[2] != c)
		fail_msg("priorities: got %d %d %d, expected %d %d %d", got[0],
			 got[1], got[2], a, b, c);
}

static inline void expect_groups(struct rig *r, const char *want)
{
	const struct volume *v = rig_volume(r, "v");
	char got[32], *p = got;

	for (unsigned int i = 0; i < v->ngroups; i++) {
		if (i)
			*p++ = '|';
		for (unsigned int k = 0; k < v->groups[i]->npaths; k++)
			*p++ = v->groups[i]->paths[k]->name[0];
	}
	*p = '\0';
	assert_string_equal(got, want);
}

static inline void check_now_path(struct rig *r, const char *path)
{
	struct errmsg e;

	assert_int_equal(monitor_path_check(r->m, rig_path(r, path), r->now,
					    &e),
			 0);
	rig_turn(r);
}

static inline void forget_asked(void)
{
	for (int i = 0; i < 3; i++)
		said[i].asked = 0;
}

static inline void expect_asked(unsigned int a, unsigned int b, unsigned int c)
{
	if (said[0].asked != a || said[1].asked != b || said[2].asked != c)
		fail_msg("asked: got %u %u %u, expected %u %u %u",
			 said[0].asked, said[1].asked, said[2].asked, a, b, c);
	forget_asked();
}

#define PRIO_TEST(test)                                                        \
	cmocka_unit_test_setup_teardown(test, prio_setup, prio_teardown)

#endif
