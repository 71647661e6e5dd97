// SPDX-License-Identifier: MIT
/* The handler emc, command by command (census 3.2). */
#include "tests/unit/hw_handler_rig.h"

/* VPD page 0xc0: state of the LUN, default and current SP, failover mode. */
#define C0(lun, def, cur, mode, ndu)                                           \
	VPD(0xc0, 252),                                                        \
		DATA(0, 0xc0, 0, 248, lun, def, 0, 1, cur, 0, [28] = (mode),   \
		     [48] = (ndu), [251] = 0)
#define OWNED C0(2, 0, 0, 4, 0)
#define BOUND C0(1, 1, 0, 4, 0)

/* Standard data: with the serial "SN" and a model, and an old one's. */
#define STANDARD(...)                                                          \
	INQUIRY(252), DATA([4] = 200, [8] = 'D', 'G', 'C', [99] = 4,           \
			   [160] = 2, 'S', 'N', __VA_ARGS__, [204] = 0)
#define NEW_MODEL STANDARD('C', 'X', '4', '0')
#define FC_MODEL STANDARD('F', 'C', '4', '7')
#define LEGACY INQUIRY(252), DATA([4] = 31, [8] = 'D', 'G', 'C', [35] = 0)

#define LONG_DATA(flags)                                                       \
	SENT(0, 0, 0, 0, 0, 0, 0, 0, 0x22, 9, flags, 0xff, 0xff, 0, 0, 0, 0,   \
	     0, 0)
#define SHORT_DATA(flags) SENT(0, 0, 0, 0, 0x22, 2, flags, 0xff)
#define LONG CDB(0x55, 0, 0, 0, 0, 0, 0, 0, 19, 0), LONG_DATA(0x81)
#define LONG_HONOR CDB(0x55, 0, 0, 0, 0, 0, 0, 0, 19, 0), LONG_DATA(0x01)
#define SHORT CDB(0x15, 0x10, 0, 0, 8, 0), SHORT_DATA(0x81)
#define SHORT_HONOR CDB(0x15, 0x10, 0, 0, 8, 0), SHORT_DATA(0x01)

static const struct hrow rows[] = {
	{"owned", .step = {{OWNED}}, .result = ACTIVATE_OK},
	{"owned, by ALUA", .step = {{C0(2, 0, 1, 6, 0)}},
	 .result = ACTIVATE_OK},
	/* which form */
	{"a model with the long page",
	 .step = {{BOUND}, {NEW_MODEL}, {LONG}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"a model with the short page",
	 .step = {{BOUND}, {FC_MODEL}, {SHORT}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"a model with little to say",
	 .step = {{BOUND}, {LEGACY}, {SHORT}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"an empty model",
	 .step = {{BOUND},
		  {INQUIRY(252), DATA([4] = 200, [160] = 2, [204] = 0)},
		  {SHORT},
		  {OWNED}},
	 .result = ACTIVATE_OK},
	{"little to say, and not of DGC",
	 .step = {{BOUND},
		  {INQUIRY(252), DATA([4] = 31, [8] = 'H', 'P', ' ', [35] = 0)}},
	 .result = ACTIVATE_NOSYS, .text = "no CLARiiON"},
	{"a model beyond the end",
	 .step = {{BOUND},
		  {INQUIRY(252), DATA([4] = 200, [99] = 4, [160] = 41,
				      [204] = 0)}},
	 .result = ACTIVATE_NOSYS, .text = "over the end"},
	{"a model beyond what was asked for",
	 .step = {{BOUND},
		  {INQUIRY(252), DATA([4] = 255, [99] = 255, [160] = 255,
				      [251] = 0)}},
	 .result = ACTIVATE_NOSYS, .text = "over the end"},
	{"no standard data", .step = {{BOUND}, {INQUIRY(252), HOST(1)}},
	 .result = ACTIVATE_IO, .text = "INQUIRY: "},
	/* words */
	{"short, by word", "1 0", .step = {{BOUND}, {SHORT}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"long, by word", "0 0", .step = {{BOUND}, {LONG}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"short, honors reservations", "1 1",
	 .step = {{BOUND}, {SHORT_HONOR}, {OWNED}}, .result = ACTIVATE_OK},
	{"long, honors reservations", "0 1",
	 .step = {{BOUND}, {LONG_HONOR}, {OWNED}}, .result = ACTIVATE_OK},
	/* page 0xc0 */
	{"unbound", "0 0", .step = {{C0(0, 0, 0, 4, 0)}, {LONG}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"an upgrade", .step = {{C0(1, 0, 0, 4, 1)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "microcode"},
	{"an upgrade, though it owns it", .step = {{C0(2, 0, 0, 4, 0x80)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "microcode"},
	{"a state that there is not", .step = {{C0(3, 0, 0, 4, 0)}},
	 .result = ACTIVATE_NOSYS, .text = "unknown state"},
	{"another failover mode", .step = {{C0(2, 0, 0, 1, 0)}},
	 .result = ACTIVATE_NOSYS, .text = "failover mode"},
	{"a failover mode with a high bit", .step = {{C0(2, 0, 0, 12, 0)}},
	 .result = ACTIVATE_NOSYS, .text = "failover mode"},
	{"a failover mode in the other half too",
	 .step = {{C0(2, 0, 0, 0x34, 0)}}, .result = ACTIVATE_OK},
	{"no such page", .step = {{VPD(0xc0, 252), CHECK(5, 0x24, 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc0: "},
	{"a page cut short", .step = {{VPD(0xc0, 252), DATA(0, 0xc0, 0, 248)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc0: cut short"},
	{"a page cut short before the upgrade",
	 .step = {{VPD(0xc0, 252),
		   DATA(0, 0xc0, 0, 248, 2, [28] = 4, [47] = 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc0: cut short"},
	{"the page is met by aborts, and an error of before",
	 .step = {{VPD(0xc0, 252), ABORTED},
		  {VPD(0xc0, 252), CHECK_DEFERRED(3, 0x0c, 0)},
		  {VPD(0xc0, 252), CHECK(0xb, 0, 0)}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"the trespass is aborted",
	 "0 0", .step = {{BOUND}, {LONG, ABORTED}, {LONG}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"the trespass is aborted four times",
	 "0 0", .step = {{BOUND}, {LONG, ABORTED}, {LONG, ABORTED},
			 {LONG, ABORTED}, {LONG, CHECK(0xb, 0, 0)}},
	 .result = ACTIVATE_IO, .text = "0b/00/00"},
	{"an attention before the page",
	 .step = {{VPD(0xc0, 252), ATTENTION}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"attentions before the page",
	 .step = {{VPD(0xc0, 252), ATTENTION}, {VPD(0xc0, 252), ATTENTION},
		  {VPD(0xc0, 252), ATTENTION}},
	 .result = ACTIVATE_IO, .text = "06/29/00"},
	{"device gone", .step = {{VPD(0xc0, 252), .error = ENODEV}},
	 .result = ACTIVATE_OFFLINED, .text = "No such device"},
	/* the trespass */
	{"the array copies", "0 0", .step = {{BOUND}, {LONG, CHECK(5, 4, 0)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "copies the LUN"},
	{"the array copies, short", "1 0",
	 .step = {{BOUND}, {SHORT, CHECK(5, 4, 0)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "copies the LUN"},
	{"an upgrade begins", "0 0", .step = {{BOUND}, {LONG, CHECK(2, 4, 3)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "microcode"},
	{"another illegal request", "0 0",
	 .step = {{BOUND}, {LONG, CHECK(5, 0x26, 0)}}, .result = ACTIVATE_IO,
	 .text = "trespass: "},
	{"not ready otherwise", "0 0",
	 .step = {{BOUND}, {LONG, CHECK(2, 4, 2)}}, .result = ACTIVATE_IO,
	 .text = "02/04/02"},
	{"no sense", "0 0", .step = {{BOUND}, {LONG, HOST(7)}},
	 .result = ACTIVATE_IO, .text = "trespass: "},
	{"reservation conflict", "0 1",
	 .step = {{BOUND}, {LONG_HONOR, .status = 0x18}},
	 .result = ACTIVATE_IO, .text = "Reservation"},
	{"an attention in its way", "0 0",
	 .step = {{BOUND}, {LONG, ATTENTION}, {LONG}, {OWNED}},
	 .result = ACTIVATE_OK},
	{"three attentions, and one more", "0 0",
	 .step = {{BOUND}, {LONG, ATTENTION}, {LONG, ATTENTION},
		  {LONG, ATTENTION}, {LONG, ATTENTION}},
	 .result = ACTIVATE_IO, .text = "06/29/00"},
	{"it stays where it was", "0 0", .step = {{BOUND}, {LONG}, {BOUND}},
	 .result = ACTIVATE_IO, .text = "stays with the other"},
	{"an upgrade right after it", "0 0",
	 .step = {{BOUND}, {LONG}, {C0(1, 0, 0, 4, 1)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "microcode"},
	{"silence after it", "0 0",
	 .step = {{BOUND}, {LONG}, {VPD(0xc0, 252), HOST(3)}},
	 .result = ACTIVATE_IO, .text = "in time"},
};

static void test_rows(void **state)
{
	(void)state;
	handler_rows(&handler_emc, rows, ARRAY_SIZE(rows));
	assert_int_equal(sg_timeout_ms, 60000);
}

static const struct {
	struct sg_step step;
	const char *state;
	bool usable, preferred;
} accesses[] = {
	{{C0(2, 0, 0, 4, 0)}, "active/optimized", true, true},
	{{C0(2, 1, 0, 4, 0)}, "active/optimized", true, false},
	{{C0(1, 1, 1, 6, 0)}, "standby", false, true},
	{{C0(0, 0, 1, 4, 0)}, "standby", false, false},
};

static void test_access(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct path_access a;

		sg_expect(&accesses[i].step, 1);
		assert_int_equal(handler_emc.access(&handler_request, &a),
				 ACTIVATE_OK);
		assert_string_equal(a.state, accesses[i].state);
		assert_int_equal(a.usable, accesses[i].usable);
		assert_int_equal(a.preferred, accesses[i].preferred);
		sg_all_done();
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		HANDLER_TEST(test_rows),
		HANDLER_TEST(test_access),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
