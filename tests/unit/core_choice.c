// SPDX-License-Identifier: MIT
/*
 * Detection on a monitor: what paths tell of themselves when they are opened
 * decides who checks and weighs them and how they are grouped; at the start, by
 * reconfiguration, by an operator, and when a device comes back as another.
 */
#include "core/choice.h"
#include "tests/unit/prio_rig.h"

/* What a, b and c tell. */
static struct path_facts tells[3];

static void tell(const struct device *d, struct path_facts *ret)
{
	*ret = tells[d->path[strlen(d->path) - 1] - 'a'];
}

static bool has_tpgs(const struct path_facts *f)
{
	return f->tpgs != 0;
}

static unsigned int for_tpgs(const struct path_facts *f)
{
	return (f->tpgs ? CHECKER_DETECTED : 0) |
	       (f->kind == DEVICE_SCSI ? CHECKER_BY_DEFAULT : 0);
}

static const struct prioritizer_ops states = {
	.name = "quick", .get = say, .match = has_tpgs, .fits = has_tpgs,
	.alua = true, .needs_device = true};
static const struct prioritizer_ops *const states_table[] = {
	&states, &slow_prio, &line, NULL};

static const struct checker_ops ready_checker = {
	.name = "none", .start = plain_start, .match = for_tpgs};
static const struct checker_ops *const both_checkers[] = {
	&script_checker, &ready_checker, NULL};

static int choice_setup(void **state)
{
	struct rig *r;

	assert_int_equal(prio_setup(state), 0);
	r = *state;
	for (int i = 0; i < 3; i++)
		tells[i] = (struct path_facts){
			.kind = DEVICE_SCSI, .tpgs = 3, .tpg = i / 2};
	r->m->p.identify = tell;
	r->m->p.prioritizers = states_table;
	r->m->p.checkers = both_checkers;
	return 0;
}

#define CHOICE_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, choice_setup, prio_teardown)

static void apply(struct rig *r, const char *options)
{
	struct errmsg e = {.text = ""};
	char text[1024];

	snprintf(text, sizeof(text),
		 "[volume v]\npath = a @a\npath = b @b\npath = c @c\n%s",
		 options);
	if (rig_apply(r, text, true, &e))
		fail_msg("%s: %s", options, e.text);
	rig_turn(r);
}

static void expect_policy(struct rig *r, const char *text, enum origin origin)
{
	const struct setting *s =
		&rig_volume(r, "v")->settings.v[OPT_PATH_GROUPING_POLICY];

	if (strcmp(s->text, text) || s->origin != origin)
		fail_msg("policy: got %s (%s), expected %s (%s)", s->text,
			 origin_text(s->origin), text, origin_text(origin));
}

static void expect_prio(struct rig *r, const char *path, const char *name,
			enum chosen_by by)
{
	const struct prio_choice c = path_prio(r->m, rig_path(r, path));

	assert_string_equal(c.ops->name, name);
	assert_int_equal(c.by, by);
}

/* All three are of an array with states, and nobody has to say so. */
static void test_start(void **state)
{
	struct rig *r = *state;
	char text[CHOICE_TEXT];

	said[1].priority = 10;
	apply(r, "path_grouping_policy = multibus\n");
	expect_prio(r, "a", "quick", CHOSEN_BY_DEVICE);
	expect_prios(r, 10, 10, 30);
	expect_groups(r, "c|ab");
	expect_policy(r, "group_by_prio", ORIGIN_DETECTED);
	assert_string_equal(rig_path(r, "a")->check.checker.ops->name, "none");
	choice_text(rig_path(r, "a"), CHOSEN_BY_DEVICE, OPT_PRIO, text);
	assert_string_equal(text, "detected: TPGS 3");
	/* The configuration as such is what it was. */
	assert_string_equal(rig_volume(r, "v")
				    ->run->base.v[OPT_PATH_GROUPING_POLICY]
				    .text,
			    "multibus");
}

/* One that has no states: what is configured holds for the groups, and the
 * others are weighed by theirs. */
static void test_mixed(void **state)
{
	struct rig *r = *state;

	tells[1].tpgs = 0;
	apply(r, "path_grouping_policy = multibus\n");
	expect_groups(r, "abc");
	expect_policy(r, "multibus", ORIGIN_VOLUME);
	expect_prios(r, 10, 1, 30);
	assert_string_equal(rig_path(r, "b")->check.checker.ops->name, "none");
}

static void test_tpg(void **state)
{
	struct rig *r = *state;

	apply(r, "detect_pgpolicy_use_tpg = yes\n");
	expect_policy(r, "group_by_tpg", ORIGIN_DETECTED);
	expect_groups(r, "c|ab");
}

static void test_tpg_unknown(void **state)
{
	struct rig *r = *state;

	tells[1].tpg = TPG_UNKNOWN;
	apply(r, "detect_pgpolicy_use_tpg = yes\n");
	expect_policy(r, "group_by_prio", ORIGIN_DETECTED);
	expect_groups(r, "c|b|a");
}

/* Each detection is turned off and on by a new configuration. */
static void test_reconfigure(void **state)
{
	struct rig *r = *state;

	apply(r, "path_grouping_policy = multibus\npath_checker = directio\n");
	expect_groups(r, "c|b|a");
	apply(r, "path_grouping_policy = multibus\npath_checker = directio\n"
		 "detect_pgpolicy = no\n");
	expect_groups(r, "abc");
	expect_prios(r, 10, 20, 30);
	apply(r, "path_grouping_policy = group_by_prio\ndetect_prio = no\n"
		 "path_checker = directio\ndetect_checker = no\n");
	expect_prios(r, 1, 1, 1);
	expect_groups(r, "abc");
	expect_policy(r, "group_by_prio", ORIGIN_VOLUME);
	/* And is at once checked by what is configured. */
	assert_string_equal(rig_path(r, "a")->check.checker.ops->name,
			    "directio");
	assert_int_equal(verdict_of("a")->starts, 1);
	apply(r, "path_grouping_policy = multibus\n");
	expect_prios(r, 10, 20, 30);
	expect_groups(r, "c|b|a");
	assert_string_equal(rig_path(r, "a")->check.checker.ops->name, "none");
}

/* An operator's live word outranks it, and `default` is detection again. */
static void test_operator(void **state)
{
	struct rig *r = *state;

	apply(r, "");
	rig_set(r, OPT_PATH_GROUPING_POLICY, "multibus");
	expect_groups(r, "abc");
	expect_policy(r, "multibus", ORIGIN_LIVE);
	rig_set(r, OPT_PATH_GROUPING_POLICY, "default");
	expect_groups(r, "c|b|a");
	expect_policy(r, "group_by_prio", ORIGIN_DETECTED);
	rig_set(r, OPT_PRIO, "const");
	expect_prio(r, "a", "const", CHOSEN_BY_SETTING);
	expect_prios(r, 1, 1, 1);
	expect_policy(r, "failover", ORIGIN_BUILTIN);
	rig_set(r, OPT_PRIO, "default");
	expect_prios(r, 10, 20, 30);
	expect_policy(r, "group_by_prio", ORIGIN_DETECTED);
	rig_set(r, OPT_PATH_CHECKER, "directio");
	assert_int_equal(verdict_of("a")->starts, 1);
	rig_set(r, OPT_PATH_CHECKER, "default");
	assert_int_equal(verdict_of("a")->starts, 1);
}

/* Priorities by hand are meant, unless detection is asked for beside them. */
static void test_by_hand(void **state)
{
	struct rig *r = *state;
	const struct setting *s;
	struct errmsg e = {.text = ""};

	start(r, "path_grouping_policy = multibus\n");
	expect_prios(r, 3, 2, 1);
	expect_groups(r, "abc");
	s = &rig_volume(r, "v")->settings.v[OPT_DETECT_PRIO];
	assert_string_equal(s->text, "no");
	assert_non_null(strstr(s->where, "main:2"));
	assert_int_equal(rig_apply(r,
				   "[volume v]\npath = a @a 3\npath = b @b 2\n"
				   "path = c @c\ndetect_prio = yes\n",
				   true, &e),
			 0);
	rig_turn(r);
	expect_prios(r, 10, 20, 30);
}

/* The device that comes back is of another kind than the one that went. */
static void test_comes_back(void **state)
{
	struct rig *r = *state;

	tells[0] = (struct path_facts){.kind = DEVICE_OTHER,
				       .tpg = TPG_UNKNOWN};
	apply(r, "path_grouping_policy = multibus\npolling_interval = 5\n");
	expect_groups(r, "abc");
	expect_prio(r, "a", "const", CHOSEN_BY_SETTING);
	assert_string_equal(rig_path(r, "a")->check.checker.ops->name,
			    "directio");
	tells[0] = tells[1];
	rig_device(r, "a", FILE_SIZE / 2);
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	rig_device(r, "a", FILE_SIZE);
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "active");
	expect_prio(r, "a", "quick", CHOSEN_BY_DEVICE);
	expect_prios(r, 10, 20, 30);
	expect_policy(r, "group_by_prio", ORIGIN_DETECTED);
	expect_groups(r, "c|b|a");
	assert_string_equal(rig_path(r, "a")->check.checker.ops->name, "none");
}

/* What is configured cannot work: said once, and const instead. */
static void test_fallback(void **state)
{
	struct rig *r = *state;
	char text[CHOICE_TEXT];

	tells[0].tpgs = 0;
	apply(r, "prio = quick\n");
	expect_prio(r, "a", "const", CHOSEN_AS_FALLBACK);
	expect_prios(r, 1, 20, 30);
	rig_pass(r, 100 * SEC);
	assert_non_null(strstr(r->log, "prioritizer-fallback v a: its device "
				       "has no such thing\n"));
	assert_null(strstr(strstr(r->log, "prioritizer-fallback") + 1,
			   "prioritizer-fallback"));
	choice_text(rig_path(r, "a"), CHOSEN_AS_FALLBACK, OPT_PRIO, text);
	assert_string_equal(text, "fallback: no quick on this device");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CHOICE_TEST(test_start),       CHOICE_TEST(test_mixed),
		CHOICE_TEST(test_tpg),	       CHOICE_TEST(test_tpg_unknown),
		CHOICE_TEST(test_reconfigure), CHOICE_TEST(test_operator),
		CHOICE_TEST(test_by_hand),     CHOICE_TEST(test_comes_back),
		CHOICE_TEST(test_fallback),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
