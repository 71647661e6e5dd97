// SPDX-License-Identifier: MIT
/* Vectors of paths, and the groups that each policy makes of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/group.h"
#include "core/path.h"
#include "core/volume_private.h"
#include "selectors/selectors.h"

#define MAX_PATHS 6

static const struct selector_ops *const table[] = SELECTOR_TABLE;

/* prio: of paths a, b, c...; 0 ends. want: the groups, best first. */
static const struct {
	enum grouping_policy policy;
	int prio[MAX_PATHS + 1];
	const char *want;
} rows[] = {
	{POLICY_FAILOVER, {1}, "a"},
	{POLICY_FAILOVER, {1, 1, 1}, "a|b|c"},
	{POLICY_FAILOVER, {1, 2, 3}, "c|b|a"},
	{POLICY_FAILOVER, {2, 1, 2, 1}, "a|c|b|d"},
	{POLICY_MULTIBUS, {1}, "a"},
	{POLICY_MULTIBUS, {1, 50, 10}, "abc"},
	{POLICY_GROUP_BY_PRIO, {10, 10, 10}, "abc"},
	{POLICY_GROUP_BY_PRIO, {10, 50, 10, 50}, "bd|ac"},
	{POLICY_GROUP_BY_PRIO, {1, 2, 3, 4, 5, 6}, "f|e|d|c|b|a"},
	{POLICY_GROUP_BY_PRIO, {50, 10, 50, 20, 10, 50}, "acf|d|be"},
	{POLICY_GROUP_BY_PRIO, {65535, 1, 65534}, "a|c|b"},
};

static struct volume *make(const int *prio)
{
	struct volume *v = volume_new("v", 1, 2);
	char name[2] = "a";

	v->paths = calloc(MAX_PATHS, sizeof(struct path *));
	for (; prio[v->npaths]; name[0]++) {
		unsigned int i = v->npaths++;

		v->paths[i] = path_new(v, name, "/dev/null", prio[i], i, 2);
	}
	for (int o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &v->settings.v[o]);
	return v;
}

static int group(struct volume *v, struct errmsg *e)
{
	return volume_group_paths(v, v->paths, v->npaths, &v->settings, table,
				  &v->groups, &v->ngroups, e);
}

static void text(const struct volume *v, char *buf)
{
	for (unsigned int i = 0; i < v->ngroups; i++) {
		const struct group *g = v->groups[i];

		assert_int_equal(g->id, i + 1);
		assert_int_equal(g->nr_lanes, 2);
		assert_false(g->bypassed);
		if (i)
			*buf++ = '|';
		for (unsigned int k = 0; k < g->npaths; k++)
			*buf++ = g->paths[k]->name[0];
	}
	*buf = '\0';
}

static void test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct volume *v = make(rows[i].prio);
		struct errmsg e;
		char got[32];

		v->settings.v[OPT_PATH_GROUPING_POLICY].num = rows[i].policy;
		assert_int_equal(group(v, &e), 0);
		text(v, got);
		if (strcmp(got, rows[i].want))
			fail_msg("row %zu: got %s, expected %s", i + 1, got,
				 rows[i].want);
		volume_free(v);
	}
}

/* A selector that is refused: nothing is made, nothing changed. */
static void test_refused(void **state)
{
	static const int prio[] = {1, 2, 0};
	struct volume *v = make(prio);
	struct errmsg e = {.text = ""};

	(void)state;
	strcpy(v->settings.v[OPT_PATH_SELECTOR].text, "round-robin 1 x y");
	assert_int_equal(group(v, &e), -EINVAL);
	assert_true(e.text[0] != '\0');
	assert_null(v->groups);
	assert_int_equal(v->ngroups, 0);
	volume_free(v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
