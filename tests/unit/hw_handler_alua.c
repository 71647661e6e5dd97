// SPDX-License-Identifier: MIT
/* The handler alua, command by command (census 3.1). Our group is 0x0101. */
#include "tests/unit/hw_handler_rig.h"

enum { IMPLICIT = 1, EXPLICIT = 2, BOTH = 3 };
enum { AO, ANO, STANDBY, UNAVAILABLE, LBA, OFFLINE = 0xe, TRANSITION = 0xf };
#define PREFERRED 0x80

/* Who it is */
#define STANDARD(tpgs) INQUIRY(36), DATA([5] = (tpgs) << 4, [35] = 0)
#define PORT VPD(0x83, 254), DATA(0, 0x83, 0, 8, 1, 0x95, 0, 4, 0, 0, 1, 1)
#define IDENTITY(tpgs) {STANDARD(tpgs)}, {PORT}

/* REPORT TARGET PORT GROUPS: with the extended header, and without. */
#define REPORT CDB(0xa3, 0x2a, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0), .room = 128
#define OLD_REPORT CDB(0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0), .room = 128
/* Two groups, ours is the second; the transition time; our state. */
#define SAYS(time, state)                                                      \
	DATA(0, 0, 0, 28, 0x10, time, 0, 0,                                    \
	     1, 0xff, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1,                            \
	     state, 0xcf, 1, 1, 0, 0, 0, 1, 0, 0, 0, 2)
/* LIO's: the length lacks the extension, and so does what is sent. */
#define SAYS_LIO(state)                                                        \
	DATA(0, 0, 0, 24, 0x10, 0, 0, 0,                                       \
	     1, 0xff, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1,                            \
	     state, 0xcf, 1, 1, 0, 0, 0, 1)
#define SAYS_LIO_EMPTY(state)                                                  \
	DATA(0, 0, 0, 20, 0x10, 0, 0, 0,                                       \
	     state, 0xcf, 1, 1, 0, 0, 0, 1, 0, 0, 0, 2,                        \
	     1, 0xff, 0, 2)
#define SAYS_OLD(state, knows)                                                 \
	DATA(0, 0, 0, 12, state, knows, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1)
#define IS(state) {REPORT, SAYS(0, state)}
#define REFUSED {REPORT, CHECK(5, 0x24, 0)}
#define CHANGING CHECK(2, 4, 0x0a)

/* SET TARGET PORT GROUPS */
#define SET                                                                    \
	CDB(0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0),                         \
		SENT(0, 0, 0, 0, 0, 0, 1, 1)

static const struct hrow rows[] = {
	/* nothing to be done */
	{"optimized, both", .step = {IDENTITY(BOTH), IS(AO)},
	 .result = ACTIVATE_OK},
	{"optimized, explicit", .step = {IDENTITY(EXPLICIT), IS(AO)},
	 .result = ACTIVATE_OK},
	{"optimized, implicit", .step = {IDENTITY(IMPLICIT), IS(AO)},
	 .result = ACTIVATE_OK},
	{"non-optimized, implicit", .step = {IDENTITY(IMPLICIT), IS(ANO)},
	 .result = ACTIVATE_OK},
	{"non-optimized, both, 1", "1", .step = {IDENTITY(BOTH), IS(ANO)},
	 .result = ACTIVATE_OK},
	{"lba-dependent, explicit", .step = {IDENTITY(EXPLICIT), IS(LBA)},
	 .result = ACTIVATE_OK},
	{"lba-dependent, implicit", .step = {IDENTITY(IMPLICIT), IS(LBA)},
	 .result = ACTIVATE_OK},
	/* set */
	{"non-optimized, both",
	 .step = {IDENTITY(BOTH), IS(ANO), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"non-optimized, both, 0", "0",
	 .step = {IDENTITY(BOTH), IS(ANO), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"non-optimized, both, preferred, 1", "1",
	 .step = {IDENTITY(BOTH), IS(PREFERRED | ANO), {SET},
		  IS(PREFERRED | AO)},
	 .result = ACTIVATE_OK},
	{"non-optimized, explicit, 1", "1",
	 .step = {IDENTITY(EXPLICIT), IS(ANO), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"standby, both",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"standby, both, 1", "1",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"unavailable, explicit",
	 .step = {IDENTITY(EXPLICIT), IS(UNAVAILABLE), {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"not as good as it was told to be",
	 .step = {IDENTITY(EXPLICIT), IS(UNAVAILABLE), {SET}, IS(ANO)},
	 .result = ACTIVATE_OK},
	{"set, and in transition",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET}, IS(TRANSITION)},
	 .result = ACTIVATE_WAIT, .text = "transitioning"},
	{"set, and offline",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET}, IS(OFFLINE)},
	 .result = ACTIVATE_OFFLINED, .text = "offline"},
	{"set, and no effect",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET}, IS(STANDBY)},
	 .result = ACTIVATE_RETRY, .text = "standby, though it was told"},
	/* not to be set */
	{"standby, implicit", .step = {IDENTITY(IMPLICIT), IS(STANDBY)},
	 .result = ACTIVATE_RETRY, .text = "standby, and the array alone"},
	{"unavailable, implicit",
	 .step = {IDENTITY(IMPLICIT), IS(UNAVAILABLE)},
	 .result = ACTIVATE_RETRY, .text = "unavailable, and the array alone"},
	{"offline", .step = {IDENTITY(BOTH), IS(OFFLINE)},
	 .result = ACTIVATE_OFFLINED, .text = "offline"},
	{"in transition", .step = {IDENTITY(BOTH), IS(TRANSITION)},
	 .result = ACTIVATE_WAIT, .text = "transitioning"},
	{"a reserved state", .step = {IDENTITY(BOTH), IS(7)},
	 .result = ACTIVATE_NOSYS, .text = "no name"},
	/* the extended header */
	{"no extended header",
	 .step = {IDENTITY(BOTH), REFUSED, {OLD_REPORT, SAYS_OLD(AO, 0xcf)}},
	 .result = ACTIVATE_OK},
	{"an extended header ignored",
	 .step = {IDENTITY(BOTH), {REPORT, SAYS_OLD(AO, 0xcf)}},
	 .result = ACTIVATE_OK},
	{"an extended header that is not counted (LIO)",
	 .step = {IDENTITY(BOTH), {REPORT, SAYS_LIO(AO)}},
	 .result = ACTIVATE_OK},
	{"the same, and a last group without ports",
	 .step = {IDENTITY(BOTH), {REPORT, SAYS_LIO_EMPTY(AO)}},
	 .result = ACTIVATE_OK},
	{"more than that is missing",
	 .step = {IDENTITY(BOTH),
		  {REPORT, DATA(0, 0, 0, 19, 0x10, 0, 0, 0, 1, 0xff, 0, 2, 0, 0,
				0, 1, 0, 0, 0, 1, AO, 0xcf, 1)}},
	 .result = ACTIVATE_IO, .text = "malformed"},
	{"no extended header, remembered for the second report",
	 .step = {IDENTITY(BOTH), REFUSED,
		  {OLD_REPORT, SAYS_OLD(STANDBY, 0xcf)}, {SET},
		  {OLD_REPORT, SAYS_OLD(AO, 0xcf)}},
	 .result = ACTIVATE_OK},
	{"no report at all",
	 .step = {IDENTITY(BOTH), REFUSED, {OLD_REPORT, CHECK(5, 0x20, 0)}},
	 .result = ACTIVATE_IO, .text = "REPORT TARGET PORT GROUPS: "},
	/* a report that fails */
	{"report: in transition", .step = {IDENTITY(BOTH), {REPORT, CHANGING}},
	 .result = ACTIVATE_WAIT, .text = "transitioning"},
	{"report: an attention",
	 .step = {IDENTITY(BOTH), {REPORT, ATTENTION}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"report: an attention, as a descriptor",
	 .step = {IDENTITY(BOTH),
		  {REPORT, CHECK_DESCRIPTOR(6, 0x2a, 6)}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"report: aborted by another host",
	 .step = {IDENTITY(BOTH), {REPORT, ABORTED},
		  {REPORT, CHECK(0xb, 0, 0)}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"report: aborted six times",
	 .step = {IDENTITY(BOTH), {REPORT, ABORTED}, {REPORT, ABORTED},
		  {REPORT, ABORTED}, {REPORT, ABORTED}, {REPORT, ABORTED},
		  {REPORT, ABORTED}},
	 .result = ACTIVATE_IO, .text = "Aborted"},
	{"report: an error of before",
	 .step = {IDENTITY(BOTH), {REPORT, CHECK_DEFERRED(3, 0x0c, 0)},
		  IS(AO)},
	 .result = ACTIVATE_OK},
	{"report: six attentions",
	 .step = {IDENTITY(BOTH), {REPORT, ATTENTION}, {REPORT, ATTENTION},
		  {REPORT, ATTENTION}, {REPORT, ATTENTION},
		  {REPORT, ATTENTION}, {REPORT, ATTENTION}},
	 .result = ACTIVATE_WAIT, .text = "unit attention"},
	{"report: not ready otherwise",
	 .step = {IDENTITY(BOTH), {REPORT, CHECK(2, 4, 1)}},
	 .result = ACTIVATE_IO, .text = "02/04/01"},
	{"report: hardware error",
	 .step = {IDENTITY(BOTH), {REPORT, CHECK(4, 0x44, 0)}},
	 .result = ACTIVATE_IO, .text = "04/44/00"},
	{"report: no connection", .step = {IDENTITY(BOTH), {REPORT, HOST(1)}},
	 .result = ACTIVATE_RES_TEMP_UNAVAIL, .text = "NO_CONNECT"},
	{"report: no answer", .step = {IDENTITY(BOTH), {REPORT, HOST(3)}},
	 .result = ACTIVATE_IO, .text = "in time"},
	{"report: failfast", .step = {IDENTITY(BOTH), {REPORT, HOST(15)}},
	 .result = ACTIVATE_IO, .text = "REPORT"},
	{"report: busy", .step = {IDENTITY(BOTH), {REPORT, BUSY}},
	 .result = ACTIVATE_IO, .text = "SCSI status"},
	{"report: no memory",
	 .step = {IDENTITY(BOTH), {REPORT, .error = ENOMEM}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "memory"},
	{"report: gone", .step = {IDENTITY(BOTH), {REPORT, .error = ENODEV}},
	 .result = ACTIVATE_OFFLINED, .text = "No such device"},
	/* a report that is wrong */
	{"report: without the group",
	 .step = {IDENTITY(BOTH),
		  {REPORT, DATA(0, 0, 0, 8, 0, 0xff, 0, 1, 0, 0, 0, 0)}},
	 .result = ACTIVATE_IO, .text = "has not the path's group"},
	{"report: empty", .step = {IDENTITY(BOTH), {REPORT, DATA(0, 0, 0, 0)}},
	 .result = ACTIVATE_IO, .text = "has not the path's group"},
	{"report: nothing", .step = {IDENTITY(BOTH), {REPORT}},
	 .result = ACTIVATE_IO, .text = "malformed"},
	{"report: cut short",
	 .step = {IDENTITY(BOTH),
		  {REPORT, DATA(0, 0, 0, 12, AO, 0xcf, 1, 1, 0, 0)}},
	 .result = ACTIVATE_IO, .text = "cut short"},
	{"report: more ports than there are",
	 .step = {IDENTITY(BOTH),
		  {REPORT, DATA(0, 0, 0, 12, AO, 0xcf, 1, 1, 0, 0, 0, 200, 0,
				0, 0, 1)}},
	 .result = ACTIVATE_IO, .text = "malformed"},
	{"report: of 4 GB",
	 .step = {IDENTITY(BOTH), {REPORT, DATA(0xff, 0xff, 0xff, 0xff, 0)}},
	 .result = ACTIVATE_IO, .text = "claims to have"},
	{"report: longer than 128 bytes",
	 .step = {IDENTITY(BOTH),
		  {REPORT, DATA(0, 0, 0, 140, AO, 0, 0, 9, [11] = 30,
				[127] = 0)},
		  {CDB(0xa3, 0x2a, 0, 0, 0, 0, 0, 0, 0, 144, 0, 0),
		   .room = 144,
		   DATA(0, 0, 0, 140, AO, 0, 0, 9, [11] = 30, [132] = AO,
			0xcf, 1, 1, [139] = 1, [143] = 1)}},
	 .result = ACTIVATE_OK},
	/* setting that fails */
	{"set: an attention",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, ATTENTION}, {SET},
		  IS(AO)},
	 .result = ACTIVATE_OK},
	{"set: aborted by another host",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, ABORTED}, {SET},
		  IS(AO)},
	 .result = ACTIVATE_OK},
	{"set: an error of before",
	 .step = {IDENTITY(BOTH), IS(STANDBY),
		  {SET, CHECK_DEFERRED(4, 0x44, 0)}, {SET}, IS(AO)},
	 .result = ACTIVATE_OK},
	{"set: refused, and done by another path",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, CHECK(5, 0x67, 0x0a)},
		  IS(AO)},
	 .result = ACTIVATE_OK},
	{"set: refused",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, CHECK(5, 0x67, 0x0a)},
		  IS(STANDBY)},
	 .result = ACTIVATE_RETRY, .text = "standby, though"},
	{"set: no answer",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, HOST(3)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "SET TARGET PORT GROUPS: "},
	{"set: no connection",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, HOST(1)}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "NO_CONNECT"},
	{"set: reservation conflict",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, .status = 0x18}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "Reservation"},
	{"set: no memory",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, .error = ENOMEM}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "memory"},
	{"set: not permitted",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, .error = EPERM}},
	 .result = ACTIVATE_TEMP_BUSY, .text = "not permitted"},
	{"set: gone",
	 .step = {IDENTITY(BOTH), IS(STANDBY), {SET, .error = ENXIO}},
	 .result = ACTIVATE_OFFLINED, .text = "No such device"},
	/* who it is */
	{"no ALUA", .step = {{STANDARD(0)}}, .result = ACTIVATE_NOSYS,
	 .text = "no ALUA"},
	{"a tape", .step = {{INQUIRY(36), DATA([0] = 1, [5] = 0x30, [35] = 0)}},
	 .result = ACTIVATE_NOSYS, .text = "no disk"},
	{"no SCSI disk", .step = {{INQUIRY(36), .error = ENOTTY}},
	 .result = ACTIVATE_NOSYS, .text = "Inappropriate"},
	{"no answer to INQUIRY", .step = {{INQUIRY(36), HOST(3)}},
	 .result = ACTIVATE_IO, .text = "INQUIRY: "},
	{"no page 0x83",
	 .step = {{STANDARD(BOTH)}, {VPD(0x83, 254), CHECK(5, 0x24, 0)}},
	 .result = ACTIVATE_NOSYS, .text = "no VPD page 0x83"},
	{"page 0x83 met by an attention",
	 .step = {{STANDARD(BOTH)}, {VPD(0x83, 254), ATTENTION}, {PORT},
		  IS(AO)},
	 .result = ACTIVATE_OK},
	{"page 0x83, and no such LUN",
	 .step = {{STANDARD(BOTH)}, {VPD(0x83, 254), CHECK(5, 0x25, 0)}},
	 .result = ACTIVATE_IO, .text = "05/25/00"},
	{"no group in page 0x83",
	 .step = {{STANDARD(BOTH)},
		  {VPD(0x83, 254), DATA(0, 0x83, 0, 8, 1, 0x94, 0, 4, 0, 0, 0,
					1)}},
	 .result = ACTIVATE_NOSYS, .text = "no target port group"},
	{"another page than 0x83",
	 .step = {{STANDARD(BOTH)}, {VPD(0x83, 254), DATA(0, 0x80, 0, 0)}},
	 .result = ACTIVATE_NOSYS, .text = "page 0x83"},
	{"gone before page 0x83",
	 .step = {{STANDARD(BOTH)}, {VPD(0x83, 254), .error = ENODEV}},
	 .result = ACTIVATE_OFFLINED, .text = "port group"},
};

static void test_rows(void **state)
{
	(void)state;
	handler_rows(&handler_alua, rows, ARRAY_SIZE(rows));
	assert_int_equal(sg_timeout_ms, 60000);
}

/* What is about states may take 255 s, or checker_timeout; what only asks has
 * 60 s, so that a dead path is not waited for as long. */
#define IN(s) .timeout_ms = (s) * 1000
#define TIMED(ask, set)                                                        \
	{STANDARD(BOTH), IN(ask)}, {PORT, IN(ask)}, {REFUSED_AS, IN(set)},     \
		{OLD_REPORT, SAYS_OLD(STANDBY, 0xcf), IN(set)},                \
		{SET, ATTENTION, IN(set)}, {SET, IN(set)},                     \
		{OLD_REPORT, SAYS_OLD(TRANSITION, 0xcf), IN(set)}
#define REFUSED_AS REPORT, CHECK(5, 0x24, 0)

static const struct sg_step by_default[] = {TIMED(60, 255)};
static const struct sg_step longer[] = {TIMED(300, 300)};
static const struct sg_step waiting[] = {
	{STANDARD(BOTH), IN(60)}, {PORT, IN(60)}, {TUR, IN(60)},
	{OLD_REPORT, SAYS_OLD(AO, 0xcf), IN(255)}};

static void test_timeouts(void **state)
{
	(void)state;
	assert_true(handler_alua.longest == 255 * SEC);
	handler_expect("60 s and 255 s",
		       handler_call(&handler_alua, by_default,
				    ARRAY_SIZE(by_default), 0),
		       ACTIVATE_WAIT, "transitioning");
	handler_expect("while it waits",
		       handler_call(&handler_alua, waiting,
				    ARRAY_SIZE(waiting), SEC),
		       ACTIVATE_OK, NULL);
	handler_begin(NULL);
	handler_request.memo = 0;
	handler_request.timeout = 300 * SEC;
	handler_expect("checker_timeout",
		       handler_call(&handler_alua, longer, ARRAY_SIZE(longer),
				    0),
		       ACTIVATE_WAIT, "transitioning");
}

/* Calls of one activation */

static const struct sg_step standby_then_changing[] = {
	IDENTITY(BOTH), IS(STANDBY), {SET}, {REPORT, SAYS(5, TRANSITION)}};
static const struct sg_step changing[] = {
	IDENTITY(BOTH), {REPORT, SAYS(5, TRANSITION)}};
static const struct sg_step changing_untimed[] = {IDENTITY(BOTH),
						  IS(TRANSITION)};
static const struct sg_step changing_by_tur[] = {IDENTITY(BOTH),
						 {TUR, CHANGING}};
static const struct sg_step changing_by_attention[] = {
	IDENTITY(BOTH), {TUR, CHECK(6, 4, 0x0a)}};
static const struct sg_step changing_by_report[] = {
	IDENTITY(BOTH), {TUR}, {REPORT, SAYS(5, TRANSITION)}};
static const struct sg_step now_optimized[] = {IDENTITY(BOTH), {TUR}, IS(AO)};
static const struct sg_step now_standby[] = {IDENTITY(BOTH), {TUR},
					     IS(STANDBY)};
static const struct sg_step standby_set[] = {
	IDENTITY(BOTH), {TUR, CHECK(2, 4, 0x0b)}, IS(STANDBY), {SET}, IS(AO)};
static const struct sg_step standby_set_changing[] = {
	IDENTITY(BOTH), {TUR}, IS(STANDBY), {SET},
	{REPORT, SAYS(5, TRANSITION)}};

#define CALL(steps, after, want, text)                                         \
	handler_expect(#steps,                                                 \
		       handler_call(&handler_alua, steps, ARRAY_SIZE(steps),   \
				    after),                                    \
		       want, text)
#define WAITS(steps, after) CALL(steps, after, ACTIVATE_WAIT, "transitioning")

/* TEST UNIT READY goes before each report; the state is not set twice. */
static void test_transition(void **state)
{
	(void)state;
	WAITS(standby_then_changing, 0);
	WAITS(changing_by_tur, SEC / 10);
	WAITS(changing_by_attention, SEC);
	WAITS(changing_by_report, SEC);
	CALL(now_optimized, 2 * SEC, ACTIVATE_OK, NULL);
}

/* It was set, it changed, and is passive for all that. */
static void test_transition_to_nothing(void **state)
{
	(void)state;
	WAITS(standby_then_changing, 0);
	CALL(now_standby, 2 * SEC, ACTIVATE_RETRY, "though it was told");
}

/* The array was at it by itself: then it is told. */
static void test_transition_before(void **state)
{
	(void)state;
	WAITS(changing_untimed, 0);
	CALL(standby_set, 2 * SEC, ACTIVATE_OK, NULL);
}

/* As long as the array says it takes, to the last moment. */
static void test_expiry(void **state)
{
	(void)state;
	WAITS(changing, 0);
	WAITS(changing_by_tur, 5 * SEC - 1);
	CALL(changing_by_tur, 1, ACTIVATE_IO, "transitioning, for 5 s");
	handler_begin(NULL);
	WAITS(changing, 0);
	WAITS(changing_by_report, 5 * SEC - 1);
	CALL(changing_by_report, 1, ACTIVATE_IO, "transitioning, for 5 s");
}

/* 255 s if it does not say. */
static void test_expiry_unsaid(void **state)
{
	(void)state;
	WAITS(changing_untimed, 0);
	WAITS(changing_by_tur, 255 * SEC - 1);
	CALL(changing_by_tur, 1, ACTIVATE_IO, "for 255 s");
}

/* The transition that we have caused has its own time. */
static void test_two_transitions(void **state)
{
	(void)state;
	WAITS(changing, 0);
	WAITS(standby_set_changing, 4 * SEC);
	WAITS(changing_by_tur, 4 * SEC);
	CALL(now_optimized, SEC / 2, ACTIVATE_OK, NULL);
}

/* Ever longer, but never more than 2 s. */
static void test_pauses(void **state)
{
	static const uint64_t want[] = {100, 100, 200, 400, 800, 1600, 2000,
					2000};
	uint64_t after = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (i)
			WAITS(changing_by_tur, after);
		else
			WAITS(changing_untimed, 0);
		after = handler_request.again;
		assert_int_equal(after / NSEC_PER_MSEC, want[i]);
	}
}

static const struct sg_step memo_first[] = {
	IDENTITY(BOTH), REFUSED, {OLD_REPORT, SAYS_OLD(AO, 0x01)}};
static const struct sg_step memo_second[] = {
	IDENTITY(BOTH), {OLD_REPORT, SAYS_OLD(AO, 0x01)}};
static const struct sg_step memo_broken[] = {
	IDENTITY(BOTH), {OLD_REPORT, CHECK(4, 0x44, 0)}};
static const struct sg_step memo_dead[] = {IDENTITY(BOTH),
				      {OLD_REPORT, HOST(1)}};

/* What is remembered of a path from one activation to the next. */
static void test_memo(void **state)
{
	(void)state;
	CALL(memo_first, 0, ACTIVATE_OK, NULL);
	handler_begin(NULL);
	CALL(memo_second, 0, ACTIVATE_OK, NULL);
	/* It has no other state: a report that fails tells nothing. */
	handler_begin(NULL);
	CALL(memo_broken, 0, ACTIVATE_OK, NULL);
	handler_begin(NULL);
	CALL(memo_dead, 0, ACTIVATE_OK, NULL);
}

static const struct {
	struct sg_step report;
	const char *state;
	bool usable, preferred;
} accesses[] = {
	{IS(AO), "active/optimized", true, false},
	{IS(PREFERRED | AO), "active/optimized", true, true},
	{IS(ANO), "active/non-optimized", true, false},
	{IS(LBA), "lba-dependent", true, false},
	{IS(PREFERRED | STANDBY), "standby", false, true},
	{IS(UNAVAILABLE), "unavailable", false, false},
	{IS(OFFLINE), "offline", false, false},
	{IS(TRANSITION), "transitioning", false, false},
	{{REPORT, CHANGING}, "transitioning", false, false},
};

static void test_access(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		const struct sg_step steps[] = {IDENTITY(EXPLICIT),
						accesses[i].report};
		struct path_access a;

		sg_expect(steps, ARRAY_SIZE(steps));
		assert_int_equal(handler_alua.access(&handler_request, &a),
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
		HANDLER_TEST(test_timeouts),
		HANDLER_TEST(test_transition),
		HANDLER_TEST(test_transition_to_nothing),
		HANDLER_TEST(test_transition_before),
		HANDLER_TEST(test_expiry),
		HANDLER_TEST(test_expiry_unsaid),
		HANDLER_TEST(test_two_transitions),
		HANDLER_TEST(test_pauses),
		HANDLER_TEST(test_memo),
		HANDLER_TEST(test_access),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
