// SPDX-License-Identifier: MIT
/*
 * What every path selector must do, whatever its algorithm: each test here
 * runs once for each entry of the table, so that a new selector has them all
 * from its first day. The I/O is to places far from each other, and comes from
 * each of 64 CPUs in turn: what a selector goes by varies.
 *
 * SRCDIR is the top of the source tree, for the manual page (default: ".").
 */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include "selectors/selectors.h"
#include "tests/unit/fake_cpu.h"

static const struct selector_ops *const all[] = SELECTOR_TABLE;

#define NR_SELECTORS (ARRAY_SIZE(all) - 1)

/* Selects and starts; the path must be there. */
static unsigned int submit(struct model *m, size_t bytes)
{
	int i = model_select(m, bytes);

	if (i < 0)
		fail_msg("%s: no path, but %u are valid", m->s.ops->name,
			 m->s.nr_valid);
	model_start(m, (unsigned int)i, bytes);
	return (unsigned int)i;
}

static void none_in_flight(const struct model *m)
{
	for (unsigned int i = 0; i < m->n; i++) {
		assert_int_equal(m->load[i].ios, 0);
		assert_int_equal(m->load[i].bytes, 0);
	}
}

static void test_ops(void **state)
{
	const struct selector_ops *ops = *state;

	assert_non_null(ops->name);
	assert_true(strlen(ops->name) > 0 && !strpbrk(ops->name, " \t\n"));
	assert_non_null(ops->create);
	assert_non_null(ops->add_path);
	assert_non_null(ops->fail);
	assert_non_null(ops->reinstate);
	assert_non_null(ops->select);
	assert_non_null(ops->status);
	for (size_t i = 0; i < NR_SELECTORS; i++)
		if (all[i] != ops)
			assert_string_not_equal(all[i]->name, ops->name);
}

/* The name alone, and with a count of 0, is good for every selector. */
static void test_defaults(void **state)
{
	const struct selector_ops *ops = *state;
	struct errmsg e = {.text = ""};
	char text[NAME_SIZE];

	if (selector_check(all, ops->name, &e))
		fail_msg("'%s': %s", ops->name, e.text);
	snprintf(text, sizeof(text), "%s 0", ops->name);
	if (selector_check(all, text, &e))
		fail_msg("'%s': %s", text, e.text);
}

static void test_one_path(void **state)
{
	struct model m;

	model_init(&m, *state, 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(submit(&m, 4096), 0);
	for (int i = 0; i < 100; i++)
		model_end(&m, 0, 4096);
	none_in_flight(&m);
	model_destroy(&m);
}

static void test_no_path(void **state)
{
	struct model m;

	model_init(&m, *state, 0);
	assert_int_equal(model_select(&m, 4096), -1);
	model_destroy(&m);
}

/* Equal paths that complete in order: each is used, and about as often. */
static void equal_shares(const struct selector_ops *ops, unsigned int n,
			 unsigned int depth)
{
	unsigned int *q = calloc(depth, sizeof(*q));
	unsigned int used[MODEL_PATHS] = {0};
	unsigned int rounds = 16 * n;
	struct model m;

	assert_non_null(q);
	model_init(&m, ops, n);
	for (unsigned int i = 0; i < rounds; i++) {
		if (i >= depth)
			model_end(&m, q[i % depth], 4096);
		q[i % depth] = submit(&m, 4096);
		used[q[i % depth]]++;
	}
	for (unsigned int i = 0; i < n; i++)
		if (used[i] < 4 || used[i] > 64)
			fail_msg("%s: path %u of %u got %u of %u I/Os",
				 ops->name, i, n, used[i], rounds);
	for (unsigned int i = 0; i < MIN(depth, rounds); i++)
		model_end(&m, q[i], 4096);
	none_in_flight(&m);
	model_destroy(&m);
	free(q);
}

static void test_no_starvation(void **state)
{
	static const unsigned int depths[] = {1, 2, 7, 32, 200};

	for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
		equal_shares(*state, 2, depths[d]);
		equal_shares(*state, 5, depths[d]);
	}
}

static void test_64_paths(void **state)
{
	equal_shares(*state, 64, 1);
	equal_shares(*state, 64, 128);
}

/* A path that never completes anything keeps no other from its share. */
static void test_hung_path(void **state)
{
	unsigned int used[3] = {0};
	struct model m;

	model_init(&m, *state, 3);
	for (int i = 0; i < 300; i++) {
		unsigned int p = submit(&m, 4096);

		used[p]++;
		if (p != 0)
			model_end(&m, p, 4096);
	}
	assert_true(used[1] >= 50 && used[2] >= 50);
	model_destroy(&m);
}

/* A path fails with I/O in flight: its I/O ends on the failed path. */
static void test_fail_in_flight(void **state)
{
	unsigned int q[32];
	unsigned int victim;
	struct model m;

	model_init(&m, *state, 4);
	for (size_t i = 0; i < ARRAY_SIZE(q); i++)
		q[i] = submit(&m, 4096);
	victim = q[0];
	model_fail(&m, victim);
	/* model_select() fails the test if it is returned */
	for (size_t i = 0; i < ARRAY_SIZE(q); i++) {
		model_end(&m, q[i], 4096);
		q[i] = submit(&m, 4096);
		assert_int_not_equal(q[i], victim);
	}
	assert_int_equal(m.load[victim].ios, 0);
	for (size_t i = 0; i < ARRAY_SIZE(q); i++)
		model_end(&m, q[i], 4096);
	none_in_flight(&m);
	model_destroy(&m);
}

/* The same while it comes back before its old I/O has ended. */
static void test_reinstate_in_flight(void **state)
{
	unsigned int used = 0;
	unsigned int victim;
	struct model m;

	model_init(&m, *state, 2);
	victim = submit(&m, 4096);
	model_fail(&m, victim);
	model_reinstate(&m, victim);
	model_end(&m, victim, 4096);
	for (int i = 0; i < 32; i++) {
		unsigned int p = submit(&m, 4096);

		used += p == victim;
		model_end(&m, p, 4096);
	}
	assert_true(used > 0 && used < 32);
	none_in_flight(&m);
	model_destroy(&m);
}

static void test_all_failed(void **state)
{
	struct model m;

	model_init(&m, *state, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_not_equal(model_select(&m, 4096), -1);
		model_fail(&m, i);
	}
	assert_int_equal(model_select(&m, 4096), -1);
	assert_int_equal(model_select(&m, 1), -1);
	model_reinstate(&m, 1);
	assert_int_equal(model_select(&m, 4096), 1);
	model_fail(&m, 1);
	assert_int_equal(model_select(&m, 4096), -1);
	for (unsigned int i = 0; i < 3; i++)
		model_reinstate(&m, i);
	assert_int_equal(m.s.nr_valid, 3);
	model_destroy(&m);
}

/* A reinstated path takes I/O again, also where others never went away. */
static void test_reinstate(void **state)
{
	for (unsigned int victim = 0; victim < 4; victim++) {
		unsigned int used = 0;
		struct model m;

		model_init(&m, *state, 4);
		model_fail(&m, victim);
		for (int i = 0; i < 64; i++)
			model_end(&m, submit(&m, 4096), 4096);
		model_reinstate(&m, victim);
		for (int i = 0; i < 64; i++) {
			unsigned int p = submit(&m, 4096);

			used += p == victim;
			model_end(&m, p, 4096);
		}
		if (used < 4 || used > 60)
			fail_msg("path %u got %u of 64 I/Os", victim, used);
		none_in_flight(&m);
		model_destroy(&m);
	}
}

/* Sizes at the ends of size_t do no harm. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 511, SIZE_MAX >> 7, SIZE_MAX};
	struct model m;

	model_init(&m, *state, 3);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned int p = submit(&m, sizes[i]);

		/* the next choice sees it in flight */
		assert_int_not_equal(model_select(&m, 4096), -1);
		model_end(&m, p, sizes[i]);
	}
	none_in_flight(&m);
	model_destroy(&m);
}

/* Anything, in any order; at the end all is back. */
static void test_random(void **state)
{
	struct inflight q[256];
	uint64_t seed = seed_init();
	unsigned int n = 0;
	struct model m;

	model_init(&m, *state, 6);
	for (int i = 0; i < 20000; i++) {
		unsigned int p = seed_below(&seed, m.n);

		if (seed_below(&seed, 16) == 0 && m.valid[p])
			model_fail(&m, p);
		else if (seed_below(&seed, 8) == 0 && !m.valid[p])
			model_reinstate(&m, p);
		if (n == ARRAY_SIZE(q) || (n && seed_below(&seed, 2))) {
			unsigned int k = seed_below(&seed, n);

			model_end(&m, q[k].path, q[k].bytes);
			q[k] = q[--n];
		} else if (m.s.nr_valid == 0) {
			assert_int_equal(model_select(&m, 512), -1);
		} else {
			q[n].bytes = 512 * (1 + seed_below(&seed, 256));
			q[n].path = submit(&m, q[n].bytes);
			n++;
		}
	}
	while (n > 0) {
		n--;
		model_end(&m, q[n].path, q[n].bytes);
	}
	none_in_flight(&m);
	model_destroy(&m);
}

/* Into a buffer of each size, of the heap, so that ASan sees a byte more. */
static void status_terminated(const struct model *m, const struct sel_path *p)
{
	for (size_t size = 1; size <= 64; size++) {
		char *buf = malloc(size);

		assert_non_null(buf);
		memset(buf, 'x', size);
		m->s.ops->status(&m->s, p, buf, size);
		assert_non_null(memchr(buf, '\0', size));
		assert_null(strpbrk(buf, "\t\n"));
		free(buf);
	}
}

static void test_status(void **state)
{
	char instance[128];
	struct model m;

	model_init(&m, *state, 2);
	model_start(&m, 1, 123456789);
	model_fail(&m, 0);
	status_terminated(&m, NULL);
	status_terminated(&m, &m.path[0]);
	status_terminated(&m, &m.path[1]);
	/* of the instance: the number of the words that follow */
	m.s.ops->status(&m.s, NULL, instance, sizeof(instance));
	assert_true(instance[0] >= '0' && instance[0] <= '9');
	model_end(&m, 1, 123456789);
	model_destroy(&m);
}

/* -EINVAL and a text that names the selector. */
static void refused(const struct selector_ops *ops, const char *what, int rc,
		    const struct errmsg *e)
{
	if (rc != -EINVAL || !strstr(e->text, ops->name))
		fail_msg("%s: %s: got %d '%s', expected %d and a text with "
			 "its name",
			 ops->name, what, rc, e->text, -EINVAL);
}

static void test_bad_args(void **state)
{
	static const char *const words[] = {
		"1 nonsense", "9 1 2 3 4 5 6 7 8 9", "0 x", "1", "x", "-1"};
	const struct selector_ops *ops = *state;
	char text[NAME_SIZE];
	struct errmsg e;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		e.text[0] = '\0';
		snprintf(text, sizeof(text), "%s %s", ops->name, words[i]);
		refused(ops, text, selector_check(all, text, &e), &e);
	}
}

static void test_bad_path_args(void **state)
{
	static const char *const argv[] = {"nonsense", "1", "1", "1", "1",
					   "1",	       "1", "1", "1"};
	const struct selector_ops *ops = *state;
	struct errmsg e = {.text = ""};
	struct model m;

	model_create(&m, ops);
	refused(ops, "path argument 'nonsense'", model_add(&m, 1, argv, &e),
		&e);
	e.text[0] = '\0';
	refused(ops, "8 path arguments", model_add(&m, 8, argv + 1, &e), &e);
	/* nothing of a refused path stays behind */
	assert_int_equal(model_select(&m, 4096), -1);
	assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	assert_int_equal(model_select(&m, 4096), 0);
	/* without a text */
	assert_int_equal(model_add(&m, 1, argv, NULL), -EINVAL);
	model_destroy(&m);
}

static void test_man_section(void **state)
{
	const struct selector_ops *ops = *state;
	const char *srcdir = getenv("SRCDIR");
	char path[4096], line[1024], want[NAME_SIZE];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/mpathfs-selectors.7",
		 srcdir ? srcdir : ".");
	snprintf(want, sizeof(want), ".Ss %s\n", ops->name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: %s (SRCDIR is the top of the tree)", path,
			 strerror(errno));
	while (!found && fgets(line, sizeof(line), f))
		found = strcmp(line, want) == 0;
	fclose(f);
	if (!found)
		fail_msg("%s: no section '.Ss %s'", path, ops->name);
}

static const struct {
	const char *name;
	CMUnitTestFunction run;
} suite[] = {
	{"ops are complete, the name is unique", test_ops},
	{"good without arguments", test_defaults},
	{"no path", test_no_path},
	{"one path", test_one_path},
	{"64 paths", test_64_paths},
	{"no starvation", test_no_starvation},
	{"a hung path starves no other", test_hung_path},
	{"fail with I/O in flight", test_fail_in_flight},
	{"reinstate with I/O in flight", test_reinstate_in_flight},
	{"reinstate", test_reinstate},
	{"all failed", test_all_failed},
	{"any size", test_sizes},
	{"random", test_random},
	{"status is terminated", test_status},
	{"bad arguments", test_bad_args},
	{"bad path arguments", test_bad_path_args},
	{"manual section", test_man_section},
};

int main(void)
{
	static char names[NR_SELECTORS * ARRAY_SIZE(suite)][NAME_SIZE];
	static struct CMUnitTest tests[NR_SELECTORS * ARRAY_SIZE(suite)];
	size_t n = 0;

	for (size_t i = 0; i < NR_SELECTORS; i++) {
		for (size_t t = 0; t < ARRAY_SIZE(suite); t++, n++) {
			snprintf(names[n], sizeof(names[n]), "%s: %s",
				 all[i]->name, suite[t].name);
			tests[n].name = names[n];
			tests[n].test_func = suite[t].run;
			tests[n].initial_state = (void *)all[i];
		}
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
