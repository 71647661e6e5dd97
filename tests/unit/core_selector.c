// SPDX-License-Identifier: MIT
/*
 * The lists every selector shares, and the reading of a `path_selector`
 * value, with a table of selectors of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include "core/config.h"
#include "core/selector.h"

/* Selectors that parse: one takes no arguments, one takes those it likes. */
static int picky_create(struct selector *s, int argc, const char *const *argv,
			struct errmsg *e)
{
	unsigned int *state = s->priv;

	if (!state || *state != 0)
		return errmsg_set(e, EINVAL, "picky: no zeroed state");
	*state = 1;
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "good") != 0)
			return errmsg_set(e, EINVAL, "picky: '%s' is not good",
					  argv[i]);
	return 0;
}

static const struct selector_ops plain = {
	.name = "plain",
	.create = sel_create_plain,
};
static const struct selector_ops picky = {
	.name = "picky",
	.state_size = sizeof(unsigned int),
	.create = picky_create,
};
static const struct selector_ops *const table[] = {&plain, &picky, NULL};

#define MAX_WORDS 4

static const struct {
	const char *text;
	const struct selector_ops *ops; /* NULL: refused */
	int argc;
	const char *argv[MAX_WORDS];
	const char *error;
} parses[] = {
	{"plain", &plain, 0, {NULL}, ""},
	{"plain 0", &plain, 0, {NULL}, ""},
	{"  plain\t0 ", &plain, 0, {NULL}, ""},
	{"picky 1 good", &picky, 1, {"good"}, ""},
	{"picky  2\tx  y ", &picky, 2, {"x", "y"}, ""},
	{"picky 4 1 2 3 4", &picky, 4, {"1", "2", "3", "4"}, ""},
	{"", NULL, 0, {NULL}, "path selector: no name given"},
	{" \t ", NULL, 0, {NULL}, "path selector: no name given"},
	{"none", NULL, 0, {NULL},
	 "unknown path selector 'none' (known: plain, picky)"},
	{"Plain 0", NULL, 0, {NULL},
	 "unknown path selector 'Plain' (known: plain, picky)"},
	{"0", NULL, 0, {NULL},
	 "unknown path selector '0' (known: plain, picky)"},
	{"plain 1", NULL, 0, {NULL},
	 "path selector plain: 1 argument(s) announced, 0 given"},
	{"plain 0 x", NULL, 0, {NULL},
	 "path selector plain: 0 argument(s) announced, 1 given"},
	{"picky 2 good", NULL, 0, {NULL},
	 "path selector picky: 2 argument(s) announced, 1 given"},
	{"picky good", NULL, 0, {NULL},
	 "path selector picky: 'good' is not a number of arguments"},
	{"picky -1", NULL, 0, {NULL},
	 "path selector picky: '-1' is not a number of arguments"},
	{"picky +1 good", NULL, 0, {NULL},
	 "path selector picky: '+1' is not a number of arguments"},
	{"picky 1x good", NULL, 0, {NULL},
	 "path selector picky: '1x' is not a number of arguments"},
	{"picky 4294967297 good", NULL, 0, {NULL},
	 "path selector picky: '4294967297' is not a number of arguments"},
	{"picky 5 1 2 3 4 5", NULL, 0, {NULL},
	 "path selector picky: more than 4 arguments"},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parses); i++) {
		const struct selector_ops *ops = NULL;
		const char *argv[MAX_WORDS] = {NULL};
		struct errmsg e = {.text = ""};
		char buf[OPT_TEXT_SIZE];
		int argc = 0, rc;

		rc = selector_parse(table, parses[i].text, buf, sizeof(buf),
				    &ops, &argc, argv, MAX_WORDS, &e);
		if (rc != (parses[i].ops ? 0 : -EINVAL) ||
		    ops != parses[i].ops || argc != parses[i].argc ||
		    strcmp(e.text, parses[i].error) != 0)
			fail_msg("'%s': got %d, %s, %d words, '%s'; "
				 "expected %s, %d words, '%s'",
				 parses[i].text, rc, ops ? ops->name : "none",
				 argc, e.text,
				 parses[i].ops ? parses[i].ops->name : "none",
				 parses[i].argc, parses[i].error);
		for (int w = 0; w < argc; w++)
			assert_string_equal(argv[w], parses[i].argv[w]);
	}
}

static void test_parse_size(void **state)
{
	const struct selector_ops *ops;
	const char *argv[1];
	struct errmsg e;
	char buf[8];
	int argc;

	(void)state;
	assert_int_equal(selector_parse(table, "plain 0", buf, sizeof(buf),
					&ops, &argc, argv, 1, &e),
			 0);
	assert_int_equal(selector_parse(table, "plain 0 ", buf, sizeof(buf),
					&ops, &argc, argv, 1, &e),
			 -EINVAL);
	assert_string_equal(e.text, "path selector: longer than 7 bytes");
	/* nobody wants the text */
	assert_int_equal(selector_parse(table, "x", buf, sizeof(buf), &ops,
					&argc, argv, 1, NULL),
			 -EINVAL);
}

/* The list of the known ones is cut, not overrun. */
static void test_parse_many(void **state)
{
	static const struct selector_ops one = {
		.name = "a-selector-of-a-rather-long-name",
	};
	const struct selector_ops *many[65] = {NULL};
	const struct selector_ops *ops;
	struct errmsg e = {.text = ""};
	const char *argv[1];
	char buf[8];
	int argc;

	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_SIZE(many); i++)
		many[i] = &one;
	assert_int_equal(selector_parse(many, "x", buf, sizeof(buf), &ops,
					&argc, argv, 1, &e),
			 -EINVAL);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static const struct {
	const char *text;
	int rc;
	const char *error;
} checks[] = {
	{"plain 0", 0, ""},
	{"picky", 0, ""},
	{"picky 2 good good", 0, ""},
	{"picky 1 bad", -EINVAL, "picky: 'bad' is not good"},
	{"plain 2 1 1", -EINVAL,
	 "plain ps: incorrect number of arguments: 2 given, at most 0 taken"},
	{"plain 2 1", -EINVAL,
	 "path selector plain: 2 argument(s) announced, 1 given"},
};

static void test_check(void **state)
{
	char text[OPT_TEXT_SIZE + 1] = "picky 60";
	struct errmsg e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		e.text[0] = '\0';
		assert_int_equal(selector_check(table, checks[i].text, &e),
				 checks[i].rc);
		assert_string_equal(e.text, checks[i].error);
	}
	/* as many words as the longest value holds, and one byte more */
	for (size_t i = strlen(text); i + 2 < OPT_TEXT_SIZE; i += 2)
		memcpy(text + i, " x", 3);
	assert_int_equal(selector_check(table, text, &e), -EINVAL);
	assert_non_null(strstr(e.text, "60 argument(s) announced, 59 given"));
	memset(text, 'x', OPT_TEXT_SIZE);
	assert_int_equal(selector_check(table, text, &e), -EINVAL);
	assert_string_equal(e.text, "path selector: longer than 127 bytes");
}

static const struct {
	const char *word;
	unsigned int max;
	int rc;
	unsigned int want;
} numbers[] = {
	{"0", 0, 0, 0},
	{"1", 0, -EINVAL, 7},
	{"100", 100, 0, 100},
	{"101", 100, -EINVAL, 7},
	{"007", 100, 0, 7},
	{"4294967295", UINT32_MAX, 0, UINT32_MAX},
	{"4294967296", UINT32_MAX, -EINVAL, 7},
	{"18446744073709551616", UINT32_MAX, -EINVAL, 7},
	{"", 100, -EINVAL, 7},
	{" 1", 100, -EINVAL, 7},
	{"1 ", 100, -EINVAL, 7},
	{"-0", 100, -EINVAL, 7},
	{"0x1", 100, -EINVAL, 7},
};

static void test_arg_uint(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		unsigned int got = 7;
		int rc = sel_arg_uint(numbers[i].word, numbers[i].max, &got);

		if (rc != numbers[i].rc || got != numbers[i].want)
			fail_msg("'%s': got %d, %u, expected %d, %u",
				 numbers[i].word, rc, got, numbers[i].rc,
				 numbers[i].want);
	}
}

/* The lists as text: the valid paths, a bar, the failed ones. */
static void lists_are(const struct selector *s, const char *want)
{
	const struct sel_path *p;
	char got[16];
	size_t n = 0;

	cds_list_for_each_entry(p, &s->valid, link)
		got[n++] = (char)('0' + p->index);
	assert_int_equal(s->nr_valid, n);
	got[n++] = '|';
	cds_list_for_each_entry(p, &s->failed, link)
		got[n++] = (char)('0' + p->index);
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void test_lists(void **state)
{
	struct path_load load = {0};
	struct sel_path p[4] = {0};
	struct selector s;

	(void)state;
	sel_lists_init(&s);
	lists_are(&s, "|");
	for (unsigned int i = 0; i < ARRAY_SIZE(p); i++) {
		p[i].load = &load;
		p[i].index = i;
		sel_add(&s, &p[i]);
	}
	lists_are(&s, "0123|");
	sel_rotate(&s, &p[1]);
	lists_are(&s, "0231|");
	sel_rotate(&s, &p[1]);
	lists_are(&s, "0231|");
	sel_fail(&s, &p[2]);
	sel_fail(&s, &p[0]);
	lists_are(&s, "31|20");
	sel_reinstate_head(&s, &p[0]);
	lists_are(&s, "031|2");
	sel_reinstate_tail(&s, &p[2]);
	lists_are(&s, "0312|");
	for (unsigned int i = 0; i < ARRAY_SIZE(p); i++)
		sel_fail(&s, &p[i]);
	lists_are(&s, "|0123");
	sel_reinstate_head(&s, &p[3]);
	lists_are(&s, "3|012");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_size),
		cmocka_unit_test(test_parse_many),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_arg_uint),
		cmocka_unit_test(test_lists),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
