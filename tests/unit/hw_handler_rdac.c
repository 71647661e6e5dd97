// SPDX-License-Identifier: MIT
/* The handler rdac, command by command, and its batches (census 3.3). */
#include "tests/unit/hw_handler_rig.h"

#include <pthread.h>
#include "hw/rdac_batch.h"

/* The rig's time, or near it. */
#define NOW (1000 * SEC)

enum { OWNER = 0x01, IOSHIP = 0x20, AVT = 0x80, PREFERRED = 1, OTHER = 2 };

/* VPD pages: who owns the volume; its number and array; slot; most volumes. */
#define C9 VPD(0xc9, 48)
#define ACCESS(bits, preference)                                               \
	C9, DATA(0, 0xc9, 0, 44, 'v', 'a', 'c', 'e', bits, preference, [47] = 0)
#define C8 VPD(0xc8, 175)
#define VOLUME(array, lun)                                                     \
	C8, DATA(0, 0xc8, 0, 171, 'e', 'd', 'i', 'd', [90] = (array),          \
		 [174] = (lun))
#define C4 VPD(0xc4, 32)
#define SLOT(slot)                                                             \
	C4, DATA(0, 0xc4, 0, 28, 's', 'u', 'b', 's', [29] = (slot), [31] = 0)
#define C2 VPD(0xc2, 255)
#define MOST(luns)                                                             \
	C2, DATA(0, 0xc2, 0, 251, 's', 'w', 'r', '4', [15] = (luns), [254] = 0)

/* MODE SELECT, of volumes [44 + lun] = 0x81, or [50 + lun]. */
#define SMALL(...)                                                             \
	CDB(0x15, 0, 0, 0, 0x6e, 0),                                           \
		SENT([4] = 0x2c, [5] = 0x68, [39] = 2, [42] = 20, [43] = 2,    \
		     __VA_ARGS__, [109] = 0)
#define LARGE(...)                                                             \
	CDB(0x55, 0, 0, 0, 0, 0, 0, 0x01, 0x34, 0),                            \
		SENT([8] = 0x6c, [9] = 1, [10] = 0x01, [11] = 0x28, [45] = 2,  \
		     [48] = 20, [49] = 2, __VA_ARGS__, [307] = 0)

/* What the first call finds; nothing comes of those that end there. */
static const struct hrow rows[] = {
	{"owner", .step = {{ACCESS(OWNER, PREFERRED)}}, .result = ACTIVATE_OK},
	{"owner, IOSHIP", .step = {{ACCESS(OWNER | IOSHIP, OTHER)}},
	 .result = ACTIVATE_OK},
	{"owner, AVT", .step = {{ACCESS(OWNER | AVT, OTHER)}},
	 .result = ACTIVATE_OK},
	{"not owner, AVT", .step = {{ACCESS(AVT, PREFERRED)}},
	 .result = ACTIVATE_OK},
	{"not owner, IOSHIP, not preferred", .step = {{ACCESS(IOSHIP, OTHER)}},
	 .result = ACTIVATE_OK},
	{"not owner, IOSHIP, preferred",
	 .step = {{ACCESS(IOSHIP, PREFERRED)}, {VOLUME(100, 3)}, {SLOT('1')}},
	 .result = ACTIVATE_WAIT, .text = "its turn"},
	{"not owner, IOSHIP and AVT, preferred",
	 .step = {{ACCESS(IOSHIP | AVT, PREFERRED)}, {VOLUME(100, 3)},
		  {SLOT('1')}},
	 .result = ACTIVATE_WAIT, .text = "its turn"},
	{"not owner", .step = {{ACCESS(0, OTHER)}, {VOLUME(100, 3)},
			       {SLOT('1')}},
	 .result = ACTIVATE_WAIT, .text = "its turn"},
	{"an attention",
	 .step = {{C9, ATTENTION}, {ACCESS(OWNER, PREFERRED)}},
	 .result = ACTIVATE_OK},
	{"three attentions",
	 .step = {{C9, ATTENTION}, {C9, ATTENTION}, {C9, ATTENTION}},
	 .result = ACTIVATE_IO, .text = "06/29/00"},
	{"no page 0xc9", .step = {{C9, CHECK(5, 0x24, 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc9: "},
	{"another page than 0xc9",
	 .step = {{C9, DATA(0, 0x83, 0, 44, 'v', 'a', 'c', 'e', 1)}},
	 .result = ACTIVATE_NOSYS, .text = "not as RDAC"},
	{"a page 0xc9 of another array",
	 .step = {{C9, DATA(0, 0xc9, 0, 44, 'x', 'y', 'z', '1', 1)}},
	 .result = ACTIVATE_NOSYS, .text = "not as RDAC"},
	{"nothing behind the number",
	 .step = {{C9, DATA(0x20, 0xc9, 0, 44, 'v', 'a', 'c', 'e', 1)}},
	 .result = ACTIVATE_IO, .text = "not connected"},
	{"no connection", .step = {{C9, HOST(1)}}, .result = ACTIVATE_IO,
	 .text = "NO_CONNECT"},
	{"gone", .step = {{C9, .error = ENODEV}}, .result = ACTIVATE_OFFLINED,
	 .text = "No such device"},
	{"no page 0xc8",
	 .step = {{ACCESS(0, 1)}, {C8, CHECK(5, 0x24, 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc8: "},
	{"a page 0xc8 of another array",
	 .step = {{ACCESS(0, 1)}, {C8, DATA(0, 0xc8, 0, 4, 'e', 'd', 'i')}},
	 .result = ACTIVATE_NOSYS, .text = "0xc8: not as RDAC"},
	{"no page 0xc4",
	 .step = {{ACCESS(0, 1)}, {VOLUME(100, 3)}, {C4, HOST(3)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc4: "},
	/* or it were volume 0 of an array of no name that is moved */
	{"a page 0xc8 that is cut short",
	 .step = {{ACCESS(0, 1)},
		  {C8, DATA(0, 0xc8, 0, 171, 'e', 'd', 'i', 'd', [90] = 100,
			    [173] = 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc8: cut short"},
	{"a page 0xc4 that is cut short",
	 .step = {{ACCESS(0, 1)}, {VOLUME(100, 3)},
		  {C4, DATA(0, 0xc4, 0, 28, 's', 'u', 'b', 's', [28] = 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc4: cut short"},
	{"a page 0xc9 that is cut short",
	 .step = {{C9, DATA(0, 0xc9, 0, 44, 'v', 'a', 'c', 'e')}},
	 .result = ACTIVATE_NOSYS, .text = "not as RDAC"},
	{"aborted",
	 .step = {{C9, ABORTED}, {C9, CHECK(0xb, 0x47, 0)},
		  {ACCESS(OWNER, PREFERRED)}},
	 .result = ACTIVATE_OK},
	{"an error of before",
	 .step = {{C9, CHECK_DEFERRED(3, 0x0c, 0)}, {ACCESS(OWNER, PREFERRED)}},
	 .result = ACTIVATE_OK},
	{"a page 0xc4 of another array",
	 .step = {{ACCESS(0, 1)}, {VOLUME(100, 3)}, {C4, DATA(0, 0xc4)}},
	 .result = ACTIVATE_NOSYS, .text = "0xc4: not as RDAC"},
};

static void test_rows(void **state)
{
	(void)state;
	handler_rows(&handler_rdac, rows, ARRAY_SIZE(rows));
	assert_int_equal(sg_timeout_ms, 60000);
}

/* What the second call comes to, which sends. Volume 3 of array `n`. */
#define MOVE_3 SMALL([44 + 3] = 0x81)
static const struct hrow sending[] = {
	{"done", .step = {{MOST(31)}, {MOVE_3}}, .result = ACTIVATE_OK},
	{"no sense",
	 .step = {{MOST(31)}, {MOVE_3, CHECK(0, 0, 0)}, {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"no sense, and never any",
	 .step = {{MOST(31)}, {MOVE_3, CHECK(0, 0, 0)},
		  {MOVE_3, CHECK(0, 0, 0)}, {MOVE_3, CHECK(0, 0, 0)},
		  {MOVE_3, CHECK(0, 0, 0)}, {MOVE_3, CHECK(0, 0, 0)},
		  {MOVE_3, CHECK(0, 0, 0)}},
	 .result = ACTIVATE_OK},
	{"no sense, then refused",
	 .step = {{MOST(31)}, {MOVE_3, CHECK(0, 0, 0)},
		  {MOVE_3, CHECK(5, 0x26, 0)}},
	 .result = ACTIVATE_IO, .text = "05/26/00"},
	{"recovered", .step = {{MOST(31)}, {MOVE_3, CHECK(1, 0x17, 0)}},
	 .result = ACTIVATE_OK},
	{"done, large", .step = {{MOST(32)}, {LARGE([50 + 3] = 0x81)}},
	 .result = ACTIVATE_OK},
	{"done, largest", .step = {{MOST(255)}, {LARGE([50 + 3] = 0x81)}},
	 .result = ACTIVATE_OK},
	{"an attention", .step = {{MOST(0)}, {MOVE_3, ATTENTION}, {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"aborted", .step = {{MOST(0)}, {MOVE_3, CHECK(0xb, 0x44, 0)},
			     {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"aborted by another host", .step = {{MOST(0)}, {MOVE_3, ABORTED},
					     {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"aborted six times",
	 .step = {{MOST(0)}, {MOVE_3, ABORTED}, {MOVE_3, ABORTED},
		  {MOVE_3, ABORTED}, {MOVE_3, ABORTED}, {MOVE_3, ABORTED},
		  {MOVE_3, ABORTED}},
	 .result = ACTIVATE_IO, .text = "Aborted"},
	{"an error of before",
	 .step = {{MOST(0)}, {MOVE_3, CHECK_DEFERRED(5, 0x91, 0x36)},
		  {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"becoming ready", .step = {{MOST(0)}, {MOVE_3, CHECK(2, 4, 1)},
				    {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"five of them together",
	 .step = {{MOST(0)}, {MOVE_3, CHECK(2, 4, 1)}, {MOVE_3, ATTENTION},
		  {MOVE_3, CHECK(0xb, 0, 0)}, {MOVE_3, CHECK(2, 4, 1)},
		  {MOVE_3, ATTENTION}, {MOVE_3}},
	 .result = ACTIVATE_OK},
	{"six of them",
	 .step = {{MOST(0)}, {MOVE_3, CHECK(2, 4, 1)}, {MOVE_3, ATTENTION},
		  {MOVE_3, CHECK(0xb, 0, 0)}, {MOVE_3, CHECK(2, 4, 1)},
		  {MOVE_3, ATTENTION}, {MOVE_3, CHECK(2, 4, 1)}},
	 .result = ACTIVATE_IO, .text = "02/04/01"},
	{"locked", .step = {{MOST(0)}, {MOVE_3, CHECK(5, 0x91, 0x36)}},
	 .result = ACTIVATE_WAIT, .text = "locked"},
	{"refused", .step = {{MOST(0)}, {MOVE_3, CHECK(5, 0x26, 0)}},
	 .result = ACTIVATE_IO, .text = "MODE SELECT: "},
	{"not ready otherwise", .step = {{MOST(0)}, {MOVE_3, CHECK(2, 4, 3)}},
	 .result = ACTIVATE_IO, .text = "02/04/03"},
	{"no answer", .step = {{MOST(0)}, {MOVE_3, HOST(3)}},
	 .result = ACTIVATE_IO, .text = "in time"},
	{"no connection", .step = {{MOST(0)}, {MOVE_3, HOST(1)}},
	 .result = ACTIVATE_IO, .text = "NO_CONNECT"},
	{"gone", .step = {{MOST(0)}, {MOVE_3, .error = ENODEV}},
	 .result = ACTIVATE_OFFLINED, .text = "MODE SELECT: "},
	{"no page 0xc2", .step = {{C2, CHECK(5, 0x24, 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc2: "},
	{"a page 0xc2 that is cut short",
	 .step = {{C2, DATA(0, 0xc2, 0, 251, 's', 'w', 'r', '4', [14] = 0)}},
	 .result = ACTIVATE_IO, .text = "VPD page 0xc2: cut short"},
};

static const struct sg_step join_101[] = {
	{ACCESS(0, OTHER)}, {VOLUME(101, 3)}, {SLOT('2')}};

static void test_sending(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sending); i++) {
		const struct hrow *row = &sending[i];

		print_message("# %s\n", row->name);
		handler_begin(NULL);
		handler_expect(row->name,
			       handler_call(&handler_rdac, join_101,
					    ARRAY_SIZE(join_101), 0),
			       ACTIVATE_WAIT, "its turn");
		assert_int_equal(handler_request.again, 20 * NSEC_PER_MSEC);
		handler_expect(row->name,
			       handler_call(&handler_rdac, row->step,
					    handler_steps(row->step),
					    handler_request.again),
			       row->result, row->text);
	}
}

/* Activations side by side */

static struct activate_request others[6];

/* The next call of the i-th. */
static enum activate_result call(unsigned int i, const struct sg_step *steps,
				 size_t n, uint64_t after)
{
	struct activate_request mine = handler_request;
	enum activate_result r;

	if (!others[i].dev)
		others[i] = mine;
	handler_request = others[i];
	r = handler_call(&handler_rdac, steps, n, after);
	others[i] = handler_request;
	handler_request = mine;
	return r;
}

#define CALL(i, steps) call(i, steps, ARRAY_SIZE(steps), 20 * NSEC_PER_MSEC)
#define CALL_NOTHING(i) call(i, NULL, 0, 20 * NSEC_PER_MSEC)

static int reset_others(void **state)
{
	memset(others, 0, sizeof(others));
	return handler_setup(state);
}

#define BATCH_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(test, reset_others, handler_teardown)

#define JOIN(array, slot, lun)                                                 \
	{{ACCESS(0, OTHER)}, {VOLUME(array, lun)}, {SLOT(slot)}}
static const struct sg_step join_0[] = JOIN(102, '1', 0);
static const struct sg_step join_7[] = JOIN(102, '1', 7);
static const struct sg_step join_31[] = JOIN(102, '1', 31);
static const struct sg_step join_200[] = JOIN(102, '1', 200);
static const struct sg_step join_other_slot[] = JOIN(102, '2', 7);
static const struct sg_step join_other_array[] = JOIN(103, '1', 7);
static const struct sg_step move_0_7_31[] = {
	{MOST(31)},
	{SMALL([44] = 0x81, [44 + 7] = 0x81, [44 + 31] = 0x81)}};
static const struct sg_step move_7[] = {{MOST(31)}, {SMALL([44 + 7] = 0x81)}};
static const struct sg_step move_7_200[] = {
	{MOST(255)}, {LARGE([50 + 7] = 0x81, [50 + 200] = 0x81)}};
static const struct sg_step move_7_31[] = {
	{MOST(31)}, {SMALL([44 + 7] = 0x81, [44 + 31] = 0x81)}};
static const struct sg_step locked_7[] = {
	{MOST(31)}, {SMALL([44 + 7] = 0x81), CHECK(5, 0x91, 0x36)}};
static const struct sg_step fails_0_7[] = {
	{MOST(31)}, {SMALL([44] = 0x81, [44 + 7] = 0x81), CHECK(4, 0x44, 0)}};
static const struct sg_step is_owner[] = {{ACCESS(OWNER, PREFERRED)}};

/* One command for all of one controller's, and none for its other paths. */
static void test_batch(void **state)
{
	(void)state;
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(1, join_0), ACTIVATE_WAIT);
	assert_int_equal(CALL(2, join_31), ACTIVATE_WAIT);
	assert_int_equal(CALL(3, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(4, join_other_slot), ACTIVATE_WAIT);
	assert_int_equal(CALL(5, join_other_array), ACTIVATE_WAIT);
	assert_int_equal(CALL(2, move_0_7_31), ACTIVATE_OK);
	assert_int_equal(CALL_NOTHING(0), ACTIVATE_OK);
	assert_int_equal(CALL_NOTHING(1), ACTIVATE_OK);
	assert_int_equal(CALL_NOTHING(3), ACTIVATE_OK);
	assert_int_equal(CALL(4, move_7), ACTIVATE_OK);
	assert_int_equal(CALL(5, move_7), ACTIVATE_OK);
}

/* Hosts number their volumes as they like. */
static void test_other_host(void **state)
{
	(void)state;
	strcpy(handler_dev.facts.hctl, "2:0:0:0");
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	strcpy(handler_dev.facts.hctl, "2:0:1:7");
	assert_int_equal(CALL(1, join_200), ACTIVATE_WAIT);
	strcpy(handler_dev.facts.hctl, "3:0:0:0");
	assert_int_equal(CALL(2, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(2, move_7), ACTIVATE_OK);
	assert_int_equal(CALL(0, move_7_200), ACTIVATE_OK);
	assert_int_equal(CALL_NOTHING(1), ACTIVATE_OK);
}

/* What went wrong goes wrong for all, and the next batch is another one. */
static void test_batch_fails(void **state)
{
	(void)state;
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(1, join_0), ACTIVATE_WAIT);
	assert_int_equal(CALL(0, fails_0_7), ACTIVATE_IO);
	assert_int_equal(CALL_NOTHING(1), ACTIVATE_IO);
	assert_non_null(strstr(others[1].message, "04/44/00"));
	assert_int_equal(others[1].ticket, 0);
	assert_int_equal(CALL(2, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(2, move_7), ACTIVATE_OK);
}

/* While a batch is being sent others gather for the next, and wait. */
static void test_next_batch(void **state)
{
	struct rdac_controller c = {.array = {102}, .index = 0};
	struct rdac_batch b;
	uint64_t first;

	(void)state;
	first = rdac_batch_join(&c, 0, NOW);
	assert_int_equal(rdac_batch_turn(first, NOW, &b), RDAC_SEND);
	assert_true(b.wants[0]);
	assert_int_equal(rdac_batch_turn(first, NOW, &b), RDAC_UNDER_WAY);
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL_NOTHING(0), ACTIVATE_WAIT);
	assert_non_null(strstr(others[0].message, "moves volumes"));
	rdac_batch_end(first, ACTIVATE_OK, "");
	assert_int_equal(rdac_batch_turn(first, NOW, &b), RDAC_ENDED);
	assert_int_equal(CALL(0, move_7), ACTIVATE_OK);
	/* Two batches later nobody knows how it ended: it begins anew. */
	assert_int_equal(rdac_batch_turn(first, NOW, &b), RDAC_FORGOTTEN);
	others[0].ticket = first;
	assert_int_equal(CALL(0, is_owner), ACTIVATE_OK);
}

/* Another host has the configuration: all begin anew, for a minute. */
static void test_locked(void **state)
{
	(void)state;
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(1, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(0, locked_7), ACTIVATE_WAIT);
	assert_int_equal(CALL_NOTHING(1), ACTIVATE_WAIT);
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(1, is_owner), ACTIVATE_OK);
	assert_int_equal(call(0, locked_7, ARRAY_SIZE(locked_7), 60 * SEC),
			 ACTIVATE_IO);
	assert_non_null(strstr(others[0].message, "locked"));
}

/* A sender that does not come back: the others give up after a minute. */
static void test_sender_hangs(void **state)
{
	struct rdac_controller c = {.array = {102}, .index = 0};
	struct rdac_batch b;
	uint64_t ticket;

	(void)state;
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	ticket = others[0].ticket;
	assert_int_equal(rdac_batch_turn(ticket, NOW, &b), RDAC_SEND);
	assert_int_equal(call(0, NULL, 0, 30 * SEC), ACTIVATE_WAIT);
	assert_int_equal(call(0, NULL, 0, 30 * SEC), ACTIVATE_IO);
	/* its batch is closed: this is for the next */
	assert_true(rdac_batch_join(&c, 8, NOW) > ticket);
	rdac_batch_end(ticket, ACTIVATE_IO, "late");
	assert_int_equal(call(1, is_owner, 1, 0), ACTIVATE_OK);
}

/* All of the room is taken by batches that are being sent: come again. */
static void test_full(void **state)
{
	struct rdac_controller c = {.array = {200}};
	uint64_t tickets[65];
	struct rdac_batch b;
	unsigned int n = 0;

	(void)state;
	for (; n < ARRAY_SIZE(tickets); n++) {
		c.array[1] = (uint8_t)n;
		tickets[n] = rdac_batch_join(&c, 1, NOW);
		if (!tickets[n])
			break;
		assert_int_equal(rdac_batch_turn(tickets[n], NOW, &b), RDAC_SEND);
	}
	assert_int_equal(n, 64);
	assert_int_equal(CALL(0, join_other_array), ACTIVATE_WAIT);
	assert_int_equal(others[0].ticket, 0);
	assert_int_equal(CALL(0, join_other_array), ACTIVATE_WAIT);
	assert_int_equal(others[0].ticket, 0);
	while (n--)
		rdac_batch_end(tickets[n], ACTIVATE_OK, "");
	assert_int_equal(CALL(0, join_other_array), ACTIVATE_WAIT);
	assert_int_equal(CALL(0, move_7), ACTIVATE_OK);
}

/* One that nobody comes back for makes room for others. */
static void test_abandoned(void **state)
{
	struct rdac_controller c = {.array = {201}};
	struct rdac_batch b;

	(void)state;
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	for (unsigned int n = 0; n < 64; n++) {
		c.array[1] = (uint8_t)n;
		assert_true(rdac_batch_join(&c, 1, NOW));
	}
	assert_int_equal(rdac_batch_turn(others[0].ticket, NOW, &b), RDAC_FORGOTTEN);
	assert_int_equal(CALL(0, join_7), ACTIVATE_WAIT);
	assert_int_equal(CALL(0, move_7), ACTIVATE_OK);
}

/* A volume whose activation has been given up meanwhile stays where it is: by
 * now it is used by the other controller. */
static void test_changed_his_mind(void **state)
{
	(void)state;
	assert_int_equal(CALL(0, join_31), ACTIVATE_WAIT);
	assert_int_equal(call(1, join_7, ARRAY_SIZE(join_7), 11 * SEC),
			 ACTIVATE_WAIT);
	assert_int_equal(CALL(1, move_7), ACTIVATE_OK);
	/* And if he comes back after all he begins anew. */
	assert_int_equal(CALL(0, join_31), ACTIVATE_WAIT);
}

/* One that comes back in time is moved, however long that takes. */
static void test_waits_long(void **state)
{
	struct rdac_controller c = {.array = {102}, .index = 0};
	struct rdac_batch b;
	uint64_t first;

	(void)state;
	first = rdac_batch_join(&c, 0, NOW);
	assert_int_equal(rdac_batch_turn(first, NOW, &b), RDAC_SEND);
	assert_int_equal(CALL(0, join_31), ACTIVATE_WAIT);
	assert_int_equal(CALL(1, join_7), ACTIVATE_WAIT);
	for (int i = 0; i < 20; i++)
		for (unsigned int k = 0; k < 2; k++)
			assert_int_equal(call(k, NULL, 0, 2 * SEC),
					 ACTIVATE_WAIT);
	rdac_batch_end(first, ACTIVATE_OK, "");
	assert_int_equal(CALL(0, move_7_31), ACTIVATE_OK);
	assert_int_equal(CALL_NOTHING(1), ACTIVATE_OK);
}

/* Threads of the pool: each volume is in a batch of those that were sent. */
enum { THREADS = 4, ROUNDS = 500 };
static unsigned int sent[RDAC_LUNS]; /* by whoever sends: one at a time */

static void *racer(void *arg)
{
	const uint8_t lun = *(const uint8_t *)arg;
	const struct rdac_controller c = {.array = {210}, .host = "5"};
	struct rdac_batch b;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t ticket = rdac_batch_join(&c, lun, NOW);
		enum rdac_turn t;

		do
			t = rdac_batch_turn(ticket, NOW, &b);
		while (t == RDAC_UNDER_WAY);
		if (t != RDAC_SEND)
			continue;
		for (int k = 0; k < RDAC_LUNS; k++)
			sent[k] += b.wants[k];
		if (!b.wants[lun])
			return "not in its own batch";
		rdac_batch_end(ticket, ACTIVATE_OK, "");
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t thread[THREADS];
	uint8_t lun[THREADS];
	void *fault;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		lun[i] = (uint8_t)(i * 60);
		assert_int_equal(
			pthread_create(&thread[i], NULL, racer, &lun[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &fault), 0);
		assert_null(fault);
	}
	for (int i = 0; i < RDAC_LUNS; i++)
		if (i % 60 == 0 && i / 60 < THREADS)
			assert_in_range(sent[i], 1, ROUNDS);
		else
			assert_int_equal(sent[i], 0);
}

static const struct {
	struct sg_step step;
	const char *state;
	bool usable, preferred;
} accesses[] = {
	{{ACCESS(OWNER, PREFERRED)}, "active/optimized", true, true},
	{{ACCESS(OWNER, OTHER)}, "active/optimized", true, false},
	{{ACCESS(0, PREFERRED)}, "standby", false, true},
	{{ACCESS(0, OTHER)}, "standby", false, false},
	{{ACCESS(IOSHIP, OTHER)}, "active/non-optimized", true, false},
	{{ACCESS(IOSHIP | OWNER, OTHER)}, "active/optimized", true, false},
	{{ACCESS(AVT, PREFERRED)}, "active/non-optimized", true, true},
};

static void test_access(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct path_access a;

		sg_expect(&accesses[i].step, 1);
		assert_int_equal(handler_rdac.access(&handler_request, &a),
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
		HANDLER_TEST(test_rows),     HANDLER_TEST(test_sending),
		BATCH_TEST(test_batch),	     BATCH_TEST(test_other_host),
		BATCH_TEST(test_batch_fails), BATCH_TEST(test_next_batch),
		BATCH_TEST(test_locked),     BATCH_TEST(test_sender_hangs),
		BATCH_TEST(test_full),	     BATCH_TEST(test_abandoned),
		BATCH_TEST(test_changed_his_mind), BATCH_TEST(test_waits_long),
		HANDLER_TEST(test_threads),  HANDLER_TEST(test_access),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
