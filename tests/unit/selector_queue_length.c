// SPDX-License-Identifier: MIT
/* queue-length: scenarios, its status and arguments, and an oracle. */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include "selectors/selectors.h"

static const struct scenario scenarios[] = {
	{"equals take turns when idle", 3, {NULL},
	 STEPS(PICK(0), PICK(1), PICK(2), PICK(0))},
	{"no path", 0, {NULL}, STEPS(PICK(-1))},
	{"one path", 1, {NULL}, STEPS(IO(0, 512), IO(0, 512), PICK(0))},
	{"the fewest I/Os, not bytes", 2, {NULL},
	 STEPS(IO(0, 512), IO(1, 1048576), IO(0, 512), IO(1, 1048576),
	       /* 2 and 2; an end makes 1 the shorter */
	       END(1, 1048576), IO(1, 512), IO(0, 512),
	       /* 3 and 2 */
	       IO(1, 512))},
	{"equals take turns when busy", 3, {NULL},
	 STEPS(IO(0, 512), IO(1, 512), IO(2, 512), IO(0, 512), IO(1, 512),
	       IO(2, 512), PICK(0), PICK(1), PICK(2))},
	{"the scan ends at an idle path", 3, {NULL},
	 /* order 1 2 0 with 0 busy: 1, then order 2 0 1: 2 */
	 STEPS(IO(0, 512), PICK(1), PICK(2),
	       /* order 0 1 2: 1 is the first idle one */
	       PICK(1), PICK(2), END(0, 512), PICK(0))},
	{"strictly fewer only", 2, {NULL},
	 /* 1 each, order 0 1 */
	 STEPS(IO(0, 512), IO(1, 512), PICK(0), PICK(1), PICK(0))},
	{"a reinstated path is the last", 3, {NULL},
	 STEPS(FAIL(0), BACK(0), PICK(1), PICK(2), PICK(0))},
	{"reinstated in their order", 3, {NULL},
	 STEPS(FAIL(1), FAIL(0), BACK(1), BACK(0), PICK(2), PICK(1), PICK(0))},
	{"a fail does not reset the count", 2, {NULL},
	 STEPS(IO(0, 512), FAIL(0), IO(1, 512), END(1, 512), BACK(0),
	       /* 0 still has one in flight */
	       PICK(1), PICK(1), END(0, 512), PICK(0))},
	{"all failed, one back", 2, {NULL},
	 STEPS(FAIL(0), FAIL(1), PICK(-1), BACK(1), PICK(1), PICK(1))},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(&sel_queue_length, scenarios, ARRAY_SIZE(scenarios));
}

static void test_status(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, &sel_queue_length, 2);
	model_start(&m, 1, 4096);
	model_start(&m, 1, 512);
	model_check_status(&m, -1, "0");
	model_check_status(&m, 0, "0");
	model_check_status(&m, 1, "2");
	atomic_store(&m.load[0].ios, UINT32_MAX);
	model_check_status(&m, 0, "4294967295");
	model_destroy(&m);
}

static const struct path_args path_args[] = {
	{0, {NULL}, 0, ""},
	{1, {"0"}, 0, ""},
	{1, {"1000"}, 0, ""},
	{1, {"4294967296"}, -EINVAL,
	 "queue-length ps: invalid repeat count: '4294967296'"},
	{1, {"+1"}, -EINVAL, "queue-length ps: invalid repeat count: '+1'"},
	{1, {"one"}, -EINVAL, "queue-length ps: invalid repeat count: 'one'"},
	{2, {"1", "1"}, -EINVAL,
	 "queue-length ps: incorrect number of arguments: 2 given, at most 1 "
	 "taken"},
};

static void test_path_args(void **state)
{
	struct model m;

	(void)state;
	model_create(&m, &sel_queue_length);
	path_args_run(&m, path_args, ARRAY_SIZE(path_args));
	/* those that were refused are not in the list; no count has an effect */
	assert_int_equal(m.s.nr_valid, 3);
	for (int i = 0; i < 6; i++)
		assert_int_equal(model_select(&m, 512), i % 3);
	model_destroy(&m);
}

/* The minimum first, then the first that has it. */
static unsigned int ql_oracle(const struct oracle *o, const struct model *m,
			      size_t bytes)
{
	uint32_t min = UINT32_MAX;
	unsigned int i;

	(void)bytes;
	for (i = 0; i < o->n; i++)
		min = MIN(min, m->load[o->order[i]].ios);
	for (i = 0; m->load[o->order[i]].ios != min; i++)
		;
	return i;
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
		struct oracle o = {.pick = ql_oracle};

		model_init(&m, &sel_queue_length, 1 + seed_below(&seed, 8));
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
