// SPDX-License-Identifier: MIT
/* Vectors of paths, and the groups that each policy makes of them. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/group.h"
#include "core/path.h"
#include "core/prioritizer.h"
#include "core/volume_private.h"
#include "selectors/selectors.h"

#define MAX_PATHS 9

static const struct selector_ops *const table[] = SELECTOR_TABLE;
static struct device some_device;

/*
 * paths: one word for each of a, b, c...: its priority, "u" if unknown, then
 *   sN  serial, nN  node name, tN  target port group, hN  host adapter,
 *   m   marginal, x   failed, o   offline
 * want: the groups, best first.
 */
static const struct {
	enum grouping_policy policy;
	const char *paths, *want;
} rows[] = {
	/* each on its own: priority, then enabled before failed, then order */
	{POLICY_FAILOVER, "1", "a"},
	{POLICY_FAILOVER, "1 1 1", "a|b|c"},
	{POLICY_FAILOVER, "1 2 3", "c|b|a"},
	{POLICY_FAILOVER, "3 2 1", "a|b|c"},
	{POLICY_FAILOVER, "2 1 2 1", "a|c|b|d"},
	{POLICY_FAILOVER, "0 0 0", "a|b|c"},
	{POLICY_FAILOVER, "65535 1 65534", "a|c|b"},
	{POLICY_FAILOVER, "50x 10", "b|a"},
	{POLICY_FAILOVER, "50o 10", "b|a"},
	{POLICY_FAILOVER, "50x 10x", "a|b"},
	{POLICY_FAILOVER, "0x 0", "b|a"},
	{POLICY_FAILOVER, "u 10", "b|a"},
	{POLICY_FAILOVER, "u 0", "b|a"},
	/* a failed one counts 0, an unknown one -1 */
	{POLICY_FAILOVER, "u 10x", "b|a"},
	{POLICY_FAILOVER, "u u", "a|b"},
	{POLICY_FAILOVER, "50m 10", "b|a"},
	{POLICY_FAILOVER, "50m 10x", "b|a"},
	{POLICY_FAILOVER, "10m 50m 20", "c|b|a"},
	{POLICY_FAILOVER, "10m 50m 20m", "b|c|a"},

	{POLICY_MULTIBUS, "1", "a"},
	{POLICY_MULTIBUS, "1 50 10", "abc"},
	{POLICY_MULTIBUS, "1x 50 10o", "abc"},
	{POLICY_MULTIBUS, "u u", "ab"},
	{POLICY_MULTIBUS, "1m 2 3m", "b|ac"},
	{POLICY_MULTIBUS, "1 2m", "a|b"},
	{POLICY_MULTIBUS, "1x 90m", "a|b"},
	{POLICY_MULTIBUS, "1m 2m 3m", "abc"},
	/* adapters take turns in groups of more than two */
	{POLICY_MULTIBUS, "1h1 1h1", "ab"},
	{POLICY_MULTIBUS, "1h1 1h1 1h1", "abc"},
	{POLICY_MULTIBUS, "1h1 1h1 1h2", "acb"},
	{POLICY_MULTIBUS, "1h1 1h1 1h2 1h2", "acbd"},
	{POLICY_MULTIBUS, "1h1 1h1 1h1 1h2 1h2", "adbec"},
	{POLICY_MULTIBUS, "1h1 1h1 1h2 1h2 1h3 1h3", "acebdf"},
	{POLICY_MULTIBUS, "1h2 1h1 1h2 1h1", "abcd"},
	{POLICY_MULTIBUS, "1h1 1h1 1 1", "acbd"},

	{POLICY_GROUP_BY_PRIO, "10 10 10", "abc"},
	{POLICY_GROUP_BY_PRIO, "10 50 10 50", "bd|ac"},
	{POLICY_GROUP_BY_PRIO, "1 2 3 4 5 6", "f|e|d|c|b|a"},
	{POLICY_GROUP_BY_PRIO, "50 10 50 20 10 50", "acf|d|be"},
	{POLICY_GROUP_BY_PRIO, "65535 1 65534", "a|c|b"},
	{POLICY_GROUP_BY_PRIO, "u 10 u 10", "bd|ac"},
	{POLICY_GROUP_BY_PRIO, "0 u", "a|b"},
	{POLICY_GROUP_BY_PRIO, "50x 10 50x 10", "bd|ac"},
	{POLICY_GROUP_BY_PRIO, "50x 10 50 10", "ac|bd"},
	{POLICY_GROUP_BY_PRIO, "50 10 50m 10m", "a|b|c|d"},
	{POLICY_GROUP_BY_PRIO, "50m 10 50m 10", "bd|ac"},
	{POLICY_GROUP_BY_PRIO, "50m 10m 50m 10m", "ac|bd"},
	{POLICY_GROUP_BY_PRIO, "50m 10x 50 10m", "c|b|a|d"},
	{POLICY_GROUP_BY_PRIO, "9h1 5h1 9h1 5h1 9h2 5h2", "aec|bfd"},

	{POLICY_GROUP_BY_SERIAL, "1s1 1s1 1s2 1s2", "ab|cd"},
	{POLICY_GROUP_BY_SERIAL, "1s1 1s2 1s1 1s2", "ac|bd"},
	{POLICY_GROUP_BY_SERIAL, "1s1 9s2 1s1 9s2", "bd|ac"},
	{POLICY_GROUP_BY_SERIAL, "1s1 1s2 1s2", "bc|a"},
	{POLICY_GROUP_BY_SERIAL, "1s1 1s2 1s2x", "a|bc"},
	{POLICY_GROUP_BY_SERIAL, "1s1 1s2 1s3 1s4", "a|b|c|d"},
	{POLICY_GROUP_BY_SERIAL, "1 1s1 1 1s1", "ac|bd"},
	{POLICY_GROUP_BY_SERIAL, "1 1 1", "abc"},
	{POLICY_GROUP_BY_SERIAL, "1s1 5s1m 1s2 5s2", "cd|a|b"},
	/* the mean: (10+20)/2 = 15 < 16; (10+21)/2 = 15 */
	{POLICY_GROUP_BY_SERIAL, "10s1 20s1 16s2", "c|ab"},
	{POLICY_GROUP_BY_SERIAL, "15s1 10s2 21s2", "bc|a"},
	{POLICY_GROUP_BY_SERIAL, "10s1 90s1x 16s2", "c|ab"},
	{POLICY_GROUP_BY_SERIAL, "20s1 us1 16s2", "ab|c"},

	{POLICY_GROUP_BY_NODE_NAME, "1n1 1n1 1n2 1n2", "ab|cd"},
	{POLICY_GROUP_BY_NODE_NAME, "1n1 1n2 2n1 2n2", "ac|bd"},
	{POLICY_GROUP_BY_NODE_NAME, "1n1 3n2 2n1 3n2", "bd|ac"},
	{POLICY_GROUP_BY_NODE_NAME, "1n1 1 1n1 1", "ac|bd"},
	{POLICY_GROUP_BY_NODE_NAME, "1n1 1n1m 1n1", "ac|b"},
	{POLICY_GROUP_BY_NODE_NAME, "1n3 1n2 1n1", "a|b|c"},
	{POLICY_GROUP_BY_NODE_NAME, "1s1n1 1s1n2", "a|b"},

	{POLICY_GROUP_BY_TPG, "1t1 1t1 1t2 1t2", "ab|cd"},
	{POLICY_GROUP_BY_TPG, "1t2 50t1 1t2 50t1", "bd|ac"},
	{POLICY_GROUP_BY_TPG, "1t0 1t65535 1t0", "ac|b"},
	{POLICY_GROUP_BY_TPG, "50t1 10t1 50t2", "c|ab"},
	{POLICY_GROUP_BY_TPG, "50t1 50t1m 10t2", "a|c|b"},
	{POLICY_GROUP_BY_TPG, "50t1x 10t1 20t2", "c|ab"},
	/* one without: failover */
	{POLICY_GROUP_BY_TPG, "1t1 1t1 1 1t2", "a|b|c|d"},
	{POLICY_GROUP_BY_TPG, "1 9", "b|a"},
};

/* One word of a row; returns what is behind it. */
static const char *describe(struct path *p, const char *s)
{
	char *end;

	p->dev = &some_device;
	p->health.active = true;
	p->priority = *s == 'u' ? PRIO_UNDEF : (int)strtol(s, &end, 10);
	for (s = *s == 'u' ? s + 1 : end; *s && *s != ' ';) {
		char what = *s++;
		long n = isdigit((unsigned char)*s) ? strtol(s, &end, 10) : -1;

		if (n >= 0)
			s = end;
		switch (what) {
		case 's':
			sprintf(p->said.serial, "S%ld", n);
			break;
		case 'n':
			sprintf(p->said.node_name, "N%ld", n);
			break;
		case 't':
			p->said.tpg = (int)n;
			break;
		case 'h':
			sprintf(p->said.adapter, "H%ld", n);
			break;
		case 'm':
			p->health.marginal = true;
			break;
		case 'x':
			p->health.active = false;
			break;
		case 'o':
			p->health.held = true;
			break;
		default:
			fail_msg("'%c' in a row", what);
		}
	}
	return *s ? s + 1 : s;
}

static struct volume *make(const char *paths)
{
	struct volume *v = volume_new("v", 1, 2);
	char name[2] = "a";

	v->paths = calloc(MAX_PATHS, sizeof(struct path *));
	for (; *paths; name[0]++) {
		unsigned int i = v->npaths++;

		assert_true(i < MAX_PATHS);
		v->paths[i] = path_new(v, name, "/dev/null", 1, i, 2);
		paths = describe(v->paths[i], paths);
	}
	for (int o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &v->settings.v[o]);
	volume_offer_paths(v);
	return v;
}

static void unmake(struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->dev = NULL; /* not the path's to close */
	volume_free(v);
}

static int group(struct volume *v, struct errmsg *e)
{
	return volume_group_paths(v, v->paths, v->npaths, &v->settings, table,
				  &v->groups, &v->ngroups, e);
}

static struct volume *grouped(enum grouping_policy policy, const char *paths)
{
	struct volume *v = make(paths);
	struct errmsg e;

	v->settings.v[OPT_PATH_GROUPING_POLICY].num = policy;
	assert_int_equal(group(v, &e), 0);
	return v;
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
		struct volume *v = grouped(rows[i].policy, rows[i].paths);
		char got[32];

		text(v, got);
		if (strcmp(got, rows[i].want))
			fail_msg("'%s': got %s, expected %s", rows[i].paths,
				 got, rows[i].want);
		/* What was just grouped is in order. */
		assert_true(volume_groups_ordered(v));
		unmake(v);
	}
}

/* What is given by the `path =` line goes before what the device says. */
static void test_given(void **state)
{
	struct volume *v = make("1s1n1t1 1s1n1t1 1s2n2t2");
	struct path_facts *given = &v->paths[1]->line.facts;
	struct errmsg e;
	char got[32];

	(void)state;
	strcpy(given->serial, "S2");
	strcpy(given->node_name, "N2");
	given->tpg = 2;
	for (int policy = POLICY_GROUP_BY_SERIAL;
	     policy <= POLICY_GROUP_BY_TPG; policy++) {
		v->settings.v[OPT_PATH_GROUPING_POLICY].num = policy;
		assert_int_equal(group(v, &e), 0);
		text(v, got);
		assert_string_equal(got, "bc|a");
		volume_free_groups(v->groups, v->ngroups);
		v->groups = NULL;
		v->ngroups = 0;
	}
	unmake(v);
}

/* The groups stand still; what is best, and are they in order? 0: none. */
static const struct {
	const char *before, *after; /* as above */
	unsigned int best;
	bool ordered;
} bests[] = {
	{"9s1 9s1 5s2", "9s1 9s1 5s2", 1, true},
	{"9s1 9s1 5s2", "9s1x 9s1 5s2", 1, true},
	{"9s1 9s1 5s2", "9s1x 9s1x 5s2", 2, true},
	{"9s1 9s1 5s2", "9s1x 9s1x 5s2x", 0, true},
	{"9s1 9s1 5s2", "1s1 1s1 5s2", 2, false},
	{"9s1 9s1 5s2", "1s1 9s1 5s2", 1, true}, /* (1+9)/2 = 5, and more */
	{"5s1 5s1 5s2", "5s1x 5s1 5s2", 1, true}, /* equal: the first */
	{"5s1 5s1 5s2 5s2", "5s1x 5s1 5s2 5s2", 2, true},
	{"9s1 5s2", "9s1m 5s2", 2, false},
	{"9s1 5s2", "9s1m 5s2m", 1, true},
	{"9s1 5s2", "9s1m 5s2x", 1, true}, /* better than none */
	{"9s1 9s1 5s2", "9s1m 9s1 5s2", 1, true}, /* not all of it */
	{"9s1 5s2", "us1 5s2", 2, false},
	{"9s1 5s2", "us1 us2", 1, true},
	{"9s1 9s1 5s2", "us1 9s1 5s2", 1, true},
};

static void describe_all(struct volume *v, const char *paths)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		p->health.marginal = false;
		paths = describe(p, paths);
	}
	volume_offer_paths(v);
}

static void test_best(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bests); i++) {
		struct volume *v =
			grouped(POLICY_GROUP_BY_SERIAL, bests[i].before);
		const struct group *best;

		describe_all(v, bests[i].after);
		best = volume_best_group(v);
		if ((best ? best->id : 0) != bests[i].best)
			fail_msg("'%s': best is %u, expected %u",
				 bests[i].after, best ? best->id : 0,
				 bests[i].best);
		if (volume_groups_ordered(v) != bests[i].ordered)
			fail_msg("'%s': order", bests[i].after);
		unmake(v);
	}
}

static void test_best_bypassed(void **state)
{
	struct volume *v = grouped(POLICY_FAILOVER, "9 5 7");

	(void)state;
	v->groups[0]->bypassed = true;
	assert_int_equal(volume_best_group(v)->id, 2);
	v->groups[1]->bypassed = v->groups[2]->bypassed = true;
	assert_null(volume_best_group(v));
	unmake(v);
}

/* A selector that is refused: nothing is made, nothing changed. */
static void test_refused(void **state)
{
	struct volume *v = make("1 2");
	struct errmsg e = {.text = ""};

	(void)state;
	strcpy(v->settings.v[OPT_PATH_SELECTOR].text, "round-robin 1 x y");
	assert_int_equal(group(v, &e), -EINVAL);
	assert_true(e.text[0] != '\0');
	assert_null(v->groups);
	assert_int_equal(v->ngroups, 0);
	unmake(v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_best_bypassed),
		cmocka_unit_test(test_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
