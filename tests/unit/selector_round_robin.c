// SPDX-License-Identifier: MIT
/* round-robin: scenarios, its status and arguments, and an oracle. */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include "selectors/selectors.h"

static const struct scenario scenarios[] = {
	{"turns in the group's order", 3, {NULL},
	 STEPS(PICK(0), PICK(1), PICK(2), PICK(0), PICK(1), PICK(2))},
	{"one path", 1, {NULL}, STEPS(PICK(0), PICK(0))},
	{"no path", 0, {NULL}, STEPS(PICK(-1))},
	{"load and size do not matter", 2, {NULL},
	 STEPS(IO(0, 1048576), IO(1, 512), IO(0, 1048576), IO(1, 512),
	       END(1, 512), END(1, 512), PICK(0))},
	{"a failed path is left out", 3, {NULL},
	 STEPS(PICK(0), FAIL(1), PICK(2), PICK(0), PICK(2))},
	{"a reinstated path is used next", 3, {NULL},
	 STEPS(FAIL(2), PICK(0), BACK(2), PICK(2), PICK(1), PICK(0), PICK(2))},
	{"the last reinstated is first", 3, {NULL},
	 STEPS(FAIL(0), FAIL(1), PICK(2), BACK(0), BACK(1), PICK(1), PICK(0),
	       PICK(2))},
	{"all failed, one back", 2, {NULL},
	 STEPS(FAIL(0), FAIL(1), PICK(-1), BACK(1), PICK(1), PICK(1))},
	{"in flight over a fail", 2, {NULL},
	 STEPS(IO(0, 4096), FAIL(0), IO(1, 4096), END(0, 4096), BACK(0),
	       PICK(0), END(1, 4096))},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(&sel_round_robin, scenarios, ARRAY_SIZE(scenarios));
}

static void test_status(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, &sel_round_robin, 1);
	model_start(&m, 0, 4096);
	model_check_status(&m, -1, "0");
	model_check_status(&m, 0, "");
	model_destroy(&m);
}

static const struct path_args path_args[] = {
	{0, {NULL}, 0, ""},
	{1, {"1"}, 0, ""},
	{1, {"0"}, 0, ""},
	{1, {"1000"}, 0, ""},
	{1, {"4294967295"}, 0, ""},
	{1, {"4294967296"}, -EINVAL,
	 "round-robin ps: invalid repeat count: '4294967296'"},
	{1, {"-1"}, -EINVAL, "round-robin ps: invalid repeat count: '-1'"},
	{1, {"1x"}, -EINVAL, "round-robin ps: invalid repeat count: '1x'"},
	{1, {""}, -EINVAL, "round-robin ps: invalid repeat count: ''"},
	{2, {"1", "1"}, -EINVAL,
	 "round-robin ps: incorrect number of arguments: 2 given, at most 1 "
	 "taken"},
};

static void test_path_args(void **state)
{
	struct model m;

	(void)state;
	model_create(&m, &sel_round_robin);
	path_args_run(&m, path_args, ARRAY_SIZE(path_args));
	/* those that were refused are not in the list; no count has an effect */
	assert_int_equal(m.s.nr_valid, 5);
	for (int i = 0; i < 10; i++)
		assert_int_equal(model_select(&m, 512), i % 5);
	model_destroy(&m);
}

static unsigned int rr_oracle(const struct oracle *o, const struct model *m,
			      size_t bytes)
{
	(void)o;
	(void)m;
	(void)bytes;
	return 0;
}

static size_t size_any(uint64_t *seed)
{
	return 512 * (1 + (size_t)seed_below(seed, 2048));
}

static void test_random(void **state)
{
	uint64_t seed = seed_init();
	struct model m;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		struct oracle o = {.pick = rr_oracle, .back_to_head = true};

		model_init(&m, &sel_round_robin, 1 + seed_below(&seed, 8));
		oracle_run(&o, &m, &seed, size_any, 200);
		model_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_path_args),
		cmocka_unit_test(test_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
