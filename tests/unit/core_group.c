// SPDX-License-Identifier: MIT
/*
 * A group and its selector instances: what a selector is told and when, on a
 * selector that notes every call.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/group.h"
#include "core/path.h"
#include "selectors/selectors.h"

#define PATHS 3

/* Takes the first valid path. Its log: one word a call, "f0 r1 s2+512 e2". */
static char calls[256];
static bool refuse_path;

static void note(const char *what, unsigned int index)
{
	size_t n = strlen(calls);

	snprintf(calls + n, sizeof(calls) - n, "%s%s%u", n ? " " : "", what,
		 index);
}

static int spy_create(struct selector *s, int argc, const char *const *argv,
		      struct errmsg *e)
{
	(void)argv;
	assert_non_null(s->priv); /* of state_size, zeroed */
	assert_int_equal(*(int *)s->priv, 0);
	return argc ? errmsg_set(e, EINVAL, "spy: no arguments") : 0;
}

static int spy_add(struct selector *s, struct sel_path *p, int argc,
		   const char *const *argv, struct errmsg *e)
{
	(void)argc;
	(void)argv;
	assert_non_null(p->priv);
	if (refuse_path && p->index == 1)
		return errmsg_set(e, EINVAL, "spy: not this one");
	sel_add(s, p);
	return 0;
}

static void spy_fail(struct selector *s, struct sel_path *p)
{
	note("f", p->index);
	sel_fail(s, p);
}

static void spy_reinstate(struct selector *s, struct sel_path *p)
{
	note("r", p->index);
	sel_reinstate_tail(s, p);
}

static struct sel_path *spy_select(struct selector *s, uint64_t off,
				   size_t bytes, uint64_t now)
{
	assert_int_equal(off, 1536);
	(void)bytes;
	(void)now;
	if (cds_list_empty(&s->valid))
		return NULL;
	return cds_list_first_entry(&s->valid, struct sel_path, link);
}

static void spy_start(struct selector *s, struct sel_path *p, size_t bytes,
		      uint64_t now)
{
	(void)s;
	assert_int_equal(now, 7);
	note("s", p->index);
	note("+", (unsigned int)bytes);
}

static void spy_end(struct selector *s, struct sel_path *p, size_t bytes,
		    uint64_t start, uint64_t now)
{
	(void)s;
	assert_int_equal(start, 7);
	assert_int_equal(now, 9);
	note("e", p->index);
	note("-", (unsigned int)bytes);
}

static void spy_status(const struct selector *s, const struct sel_path *p,
		       char *buf, size_t size)
{
	(void)s;
	(void)p;
	snprintf(buf, size, "0");
}

static const struct selector_ops spy = {
	.name = "spy",
	.state_size = sizeof(int),
	.path_size = sizeof(int),
	.create = spy_create,
	.add_path = spy_add,
	.fail = spy_fail,
	.reinstate = spy_reinstate,
	.select = spy_select,
	.start_io = spy_start,
	.end_io = spy_end,
	.status = spy_status,
};

static const struct selector_ops *const table[] = {&spy, &sel_round_robin,
						   NULL};

struct fixture {
	struct path *path[PATHS];
	struct group *g;
};

static int setup(void **state)
{
	static struct fixture f;
	struct errmsg e;
	char name[2] = "a";

	for (int i = 0; i < PATHS; i++, name[0]++) {
		f.path[i] = path_new(NULL, name, "/dev/null", 10 * i + 5, 1, 2);
		atomic_store(&f.path[i]->usable, true);
	}
	assert_int_equal(group_new(2, table, "spy 0", f.path, PATHS, 2, &f.g,
				   &e),
			 0);
	calls[0] = '\0';
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	group_free(f->g);
	for (int i = 0; i < PATHS; i++)
		path_free(f->path[i]);
	return 0;
}

static void use(struct fixture *f, int i, bool usable)
{
	atomic_store(&f->path[i]->usable, usable);
}

static void expect_calls(const char *want)
{
	assert_string_equal(calls, want);
	calls[0] = '\0';
}

static int pick(struct fixture *f, unsigned int lane, uint64_t view)
{
	return group_pick(f->g, lane, view, 1536, 512, 7);
}

/* A path that another lane has just failed is passed over, and out. */
static void test_pick_skips(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pick(f, 0, 1), 0);
	use(f, 0, false);
	assert_int_equal(pick(f, 0, 1), 1);
	expect_calls("f0");
	assert_int_equal(pick(f, 0, 1), 1);
	use(f, 1, false);
	use(f, 2, false);
	assert_int_equal(pick(f, 0, 1), -1);
	expect_calls("f1 f2");
	assert_int_equal(pick(f, 0, 1), -1);
	expect_calls("");
}

/* Paths come back to a lane with the next view, each told once. */
static void test_sync(void **state)
{
	struct fixture *f = *state;

	use(f, 0, false);
	use(f, 2, false);
	assert_int_equal(pick(f, 0, 1), 1);
	expect_calls("f0 f2");
	use(f, 0, true);
	assert_int_equal(pick(f, 0, 1), 1); /* the same view: not yet */
	expect_calls("");
	assert_int_equal(pick(f, 0, 2), 1);
	expect_calls("r0");
	use(f, 1, false);
	assert_int_equal(pick(f, 0, 3), 0);
	expect_calls("f1");
}

/* Each lane's instance learns for itself. */
static void test_lanes(void **state)
{
	struct fixture *f = *state;

	use(f, 0, false);
	assert_int_equal(pick(f, 0, 1), 1);
	expect_calls("f0");
	assert_int_equal(pick(f, 1, 1), 1);
	expect_calls("f0");
	use(f, 0, true);
	assert_int_equal(pick(f, 1, 2), 1);
	expect_calls("r0");
	assert_int_equal(pick(f, 0, 2), 1);
	expect_calls("r0");
}

static void test_bracket(void **state)
{
	struct fixture *f = *state;
	int i = pick(f, 1, 1);

	group_start_io(f->g, 1, i, 4096, 7);
	use(f, 0, false);
	assert_int_equal(pick(f, 1, 2), 1);
	group_end_io(f->g, 1, i, 4096, 7, 9); /* after it has failed */
	expect_calls("s0 +4096 f0 e0 -4096");
}

static void test_priority(void **state)
{
	static const struct {
		bool use[PATHS];
		unsigned int usable;
		int priority;
	} rows[] = {
		{{true, true, true}, 3, 15},  {{true, false, true}, 2, 15},
		{{false, true, true}, 2, 20}, {{true, false, false}, 1, 5},
		{{false, false, false}, 0, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int k = 0; k < PATHS; k++)
			use(f, k, rows[i].use[k]);
		assert_int_equal(group_usable(f->g), rows[i].usable);
		assert_int_equal(group_priority(f->g), rows[i].priority);
	}
	/* The mean is an integer, and the sum may be large. */
	f->path[0]->priority = f->path[1]->priority = 0x7fffffff;
	use(f, 0, true);
	use(f, 1, true);
	assert_int_equal(group_priority(f->g), 0x7fffffff);
	f->path[1]->priority = 0x7ffffffe;
	assert_int_equal(group_priority(f->g), 0x7ffffffe);
}

static void test_refused(void **state)
{
	static const struct {
		const char *selector;
		bool refuse_path;
		const char *text;
	} rows[] = {
		{"spy 1 x", false, "spy: no arguments"},
		{"spy 0", true, "spy: not this one"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct errmsg e = {.text = ""};
		struct group *g = f->g;
		int r;

		refuse_path = rows[i].refuse_path;
		r = group_new(1, table, rows[i].selector, f->path, PATHS, 2, &g,
			      &e);
		refuse_path = false;
		assert_int_equal(r, -EINVAL);
		assert_string_equal(e.text, rows[i].text);
		assert_ptr_equal(g, f->g); /* untouched */
	}
}

/* An I/O tells its group from a later one by the serial. */
static void test_serial(void **state)
{
	struct fixture *f = *state;
	struct group *g;
	struct errmsg e;

	assert_int_equal(group_new(2, table, "round-robin 0", f->path, PATHS, 2,
				   &g, &e),
			 0);
	assert_true(g->serial != f->g->serial);
	group_start_io(g, 0, 0, 512, 7); /* has none: nothing to call */
	group_end_io(g, 0, 0, 512, 7, 9);
	group_free(g);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_pick_skips), TEST(test_sync),	  TEST(test_lanes),
		TEST(test_bracket),    TEST(test_priority), TEST(test_refused),
		TEST(test_serial),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
