// SPDX-License-Identifier: MIT
/* The handler hp_sw, command by command (census 3.4). */
#include "tests/unit/hw_handler_rig.h"

#define START CDB(0x1b, 0, 0, 0, 1, 0)
#define PASSIVE TUR, CHECK(2, 4, 2)
#define SWITCHING START, CHECK(2, 4, 3)

static const struct hrow rows[] = {
	{"active", .step = {{TUR}}, .result = ACTIVATE_OK},
	{"recovered error", .step = {{TUR, CHECK(1, 0x17, 1)}},
	 .result = ACTIVATE_OK},
	{"passive", .step = {{PASSIVE}, {START}}, .result = ACTIVATE_OK},
	{"passive, by a descriptor",
	 .step = {{TUR, CHECK_DESCRIPTOR(2, 4, 2)}, {START}},
	 .result = ACTIVATE_OK},
	{"attention, active", .step = {{TUR, ATTENTION}, {TUR}},
	 .result = ACTIVATE_OK},
	{"attentions, passive, attention",
	 .step = {{TUR, ATTENTION}, {TUR, CHECK(6, 0x2a, 1)}, {PASSIVE},
		  {START, ATTENTION}, {START}},
	 .result = ACTIVATE_OK},
	{"switch in progress, once",
	 .step = {{PASSIVE}, {SWITCHING}, {START}}, .result = ACTIVATE_OK},
	{"switch in progress, three times",
	 .step = {{PASSIVE}, {SWITCHING}, {SWITCHING}, {SWITCHING}, {START}},
	 .result = ACTIVATE_OK},
	{"switch in progress, and no end",
	 .step = {{PASSIVE}, {SWITCHING}, {SWITCHING}, {SWITCHING},
		  {SWITCHING}},
	 .result = ACTIVATE_RETRY, .text = "in progress"},
	{"not ready for another reason", .step = {{TUR, CHECK(2, 4, 3)}},
	 .result = ACTIVATE_IO, .text = "TEST UNIT READY: "},
	{"aborted, and an error of before",
	 .step = {{TUR, ABORTED}, {TUR, CHECK_DEFERRED(4, 0x44, 0)},
		  {PASSIVE}, {START, ABORTED}, {START}},
	 .result = ACTIVATE_OK},
	{"hardware error", .step = {{TUR, CHECK(4, 0x44, 0)}},
	 .result = ACTIVATE_IO, .text = "04/44/00"},
	{"busy", .step = {{TUR, BUSY}}, .result = ACTIVATE_IO,
	 .text = "SCSI status"},
	{"no connection", .step = {{TUR, HOST(1)}}, .result = ACTIVATE_IO,
	 .text = "NO_CONNECT"},
	{"no answer", .step = {{TUR, HOST(3)}}, .result = ACTIVATE_IO,
	 .text = "in time"},
	{"start is refused", .step = {{PASSIVE}, {START, CHECK(5, 0x20, 0)}},
	 .result = ACTIVATE_IO, .text = "START STOP UNIT: "},
	{"start is not answered", .step = {{PASSIVE}, {START, HOST(3)}},
	 .result = ACTIVATE_IO, .text = "in time"},
	{"device gone", .step = {{TUR, .error = ENODEV}},
	 .result = ACTIVATE_OFFLINED, .text = "No such device"},
	{"device gone in between",
	 .step = {{PASSIVE}, {START, .error = ENXIO}},
	 .result = ACTIVATE_OFFLINED, .text = "START STOP UNIT"},
	{"no SCSI disk", .step = {{TUR, .error = ENOTTY}},
	 .result = ACTIVATE_NOSYS, .text = "Inappropriate"},
	{"no memory", .step = {{TUR, .error = ENOMEM}}, .result = ACTIVATE_IO,
	 .text = "memory"},
};

static void test_rows(void **state)
{
	(void)state;
	handler_rows(&handler_hp_sw, rows, ARRAY_SIZE(rows));
	assert_int_equal(sg_timeout_ms, 60000);
}

/* One unit attention after the other: not for ever. */
static void test_attentions(void **state)
{
	struct sg_step steps[17];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		steps[i] = (struct sg_step){TUR, ATTENTION};
	handler_expect("attentions",
		       handler_call(&handler_hp_sw, steps, ARRAY_SIZE(steps),
				    0),
		       ACTIVATE_IO, "06/29/00");
}

static void test_access(void **state)
{
	static const struct sg_step active = {TUR}, passive = {PASSIVE},
				    dead = {TUR, HOST(1)};
	struct path_access a = {.state = "as it was"};

	(void)state;
	sg_expect(&active, 1);
	assert_int_equal(handler_hp_sw.access(&handler_request, &a),
			 ACTIVATE_OK);
	assert_string_equal(a.state, "active/optimized");
	assert_true(a.usable);
	sg_expect(&dead, 1);
	assert_int_equal(handler_hp_sw.access(&handler_request, &a),
			 ACTIVATE_IO);
	assert_string_equal(a.state, "active/optimized");
	sg_expect(&passive, 1);
	assert_int_equal(handler_hp_sw.access(&handler_request, &a),
			 ACTIVATE_OK);
	assert_string_equal(a.state, "standby");
	assert_false(a.usable || a.preferred);
	sg_all_done();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		HANDLER_TEST(test_rows),
		HANDLER_TEST(test_attentions),
		HANDLER_TEST(test_access),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
