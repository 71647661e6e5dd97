// SPDX-License-Identifier: MIT
/* The machine of activations: each row of census 1.3, and whole rounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "core/activation.h"

/* Only their addresses count. */
static const int lead_of_none, other_of_none;
#define LEAD ((const struct path *)&lead_of_none)
#define OTHER ((const struct path *)&other_of_none)

/* A state, as far as the tests compare it. */
struct state {
	bool required, queue_io, delay;
	unsigned int in_progress, count;
	const struct path *lead;
};

struct step_case {
	const char *name;
	struct state before;
	struct activation_input in;
	struct state after;
	unsigned int todo;
	uint64_t rows; /* 1 << enum activation_row */
	bool disabled;
};

#define R(row) (1ULL << AROW_##row)
#define FAIL ACTIVATION_FAIL_PATH
#define DROP ACTIVATION_DROP
#define BYPASS ACTIVATION_BYPASS
#define UNBYPASS ACTIVATION_UNBYPASS
#define START ACTIVATION_START

/* In the first round, one activation out, the lead's or another's. */
#define ONE_OUT {.queue_io = true, .in_progress = 1, .count = 1, .lead = LEAD}
#define TWO_OUT {.queue_io = true, .in_progress = 2, .count = 1, .lead = LEAD}
#define READY {.count = 1, .lead = LEAD}
#define ANSWER(RESULT, PATH, RETRIES)                                          \
	{.event = ACTIVATION_ENDED, .result = ACTIVATE_##RESULT, .path = PATH, \
	 .handler = true, .retries = RETRIES}

/* clang-format off */
static const struct step_case steps[] = {
	/* the choice */
	{"chosen", {.count = 7, .delay = true},
	 {.event = ACTIVATION_CHOSEN, .handler = true, .path = LEAD},
	 {.required = true, .queue_io = true, .lead = LEAD}, 0, R(CHOSEN), 0},
	{"chosen, bypassed: the round is delayed", {.count = 7},
	 {.event = ACTIVATION_CHOSEN, .handler = true, .bypassed = true, .path = LEAD},
	 {.required = true, .queue_io = true, .delay = true, .lead = LEAD}, 0,
	 R(CHOSEN_BYPASSED), 0},
	{"chosen, without a handler: I/O goes on",
	 {.required = true, .queue_io = true, .count = 3},
	 {.event = ACTIVATION_CHOSEN, .bypassed = true, .path = LEAD},
	 {.lead = LEAD}, 0, R(CHOSEN_PLAIN), 0},
	{"none is left",
	 {.required = true, .queue_io = true, .count = 1, .lead = LEAD},
	 {.event = ACTIVATION_NONE}, {.count = 1}, 0, R(NONE), 0},

	/* beginning */
	{"begin", {.required = true, .queue_io = true, .lead = LEAD},
	 {.event = ACTIVATION_BEGIN, .paths = 2}, TWO_OUT, START, R(BEGIN), 0},
	{"begin keeps the delay",
	 {.required = true, .queue_io = true, .delay = true, .lead = LEAD},
	 {.event = ACTIVATION_BEGIN, .paths = 1},
	 {.queue_io = true, .delay = true, .in_progress = 1, .count = 1, .lead = LEAD},
	 START, R(BEGIN), 0},
	{"begin without a usable path: nothing to wait for",
	 {.required = true, .queue_io = true},
	 {.event = ACTIVATION_BEGIN}, {.count = 1}, 0, R(BEGIN_EMPTY), 0},
	{"one round at a time",
	 {.required = true, .queue_io = true, .in_progress = 1},
	 {.event = ACTIVATION_BEGIN, .paths = 2},
	 {.required = true, .queue_io = true, .in_progress = 1}, 0,
	 R(BEGIN_BUSY), 0},
	{"not required", READY, {.event = ACTIVATION_BEGIN, .paths = 2}, READY,
	 0, R(BEGIN_NOT_REQUIRED), 0},
	{"disabled: no round", {.required = true, .queue_io = true},
	 {.event = ACTIVATION_BEGIN, .paths = 2},
	 {.required = true, .queue_io = true}, 0, R(BEGIN_DISABLED), true},

	/* one path alone */
	{"join", READY, {.event = ACTIVATION_JOIN},
	 {.in_progress = 1, .count = 1, .lead = LEAD}, START, R(JOIN), 0},
	{"join a running round", ONE_OUT, {.event = ACTIVATION_JOIN}, TWO_OUT,
	 START, R(JOIN), 0},
	{"join: the round that comes has it",
	 {.required = true, .queue_io = true},
	 {.event = ACTIVATION_JOIN}, {.required = true, .queue_io = true}, 0,
	 R(JOIN_LATER), 0},
	{"join, disabled", READY, {.event = ACTIVATION_JOIN}, READY, 0,
	 R(JOIN_DISABLED), true},

	/* paths fail */
	{"the lead fails", TWO_OUT,
	 {.event = ACTIVATION_PATH_FAILED, .path = LEAD},
	 {.queue_io = true, .in_progress = 2, .count = 1}, 0, R(LEAD_FAILED), 0},
	{"another fails", TWO_OUT,
	 {.event = ACTIVATION_PATH_FAILED, .path = OTHER}, TWO_OUT, 0,
	 R(OTHER_FAILED), 0},

	/* answers: the last of a round */
	{"ok", ONE_OUT, ANSWER(OK, LEAD, 0), READY, UNBYPASS,
	 R(OK) | R(WELL) | R(END), 0},
	{"nosys", ONE_OUT, ANSWER(NOSYS, OTHER, 9), READY, FAIL,
	 R(NOSYS) | R(ERROR) | R(END), 0},
	{"nosys, the handler is gone", ONE_OUT,
	 {.event = ACTIVATION_ENDED, .result = ACTIVATE_NOSYS, .path = LEAD},
	 READY, UNBYPASS, R(NOSYS_NO_HANDLER) | R(WELL) | R(END), 0},
	{"busy, of the lead", ONE_OUT, ANSWER(TEMP_BUSY, LEAD, 9),
	 {.count = 1}, BYPASS | DROP, R(TEMP_BUSY) | R(LEAD_LOST) | R(END), 0},
	{"busy, of another", ONE_OUT, ANSWER(TEMP_BUSY, OTHER, 9), READY,
	 BYPASS, R(TEMP_BUSY) | R(ERROR) | R(END), 0},
	{"retry", ONE_OUT, ANSWER(RETRY, LEAD, 1),
	 {.required = true, .queue_io = true, .delay = true, .count = 1, .lead = LEAD},
	 0, R(RETRY) | R(TRY_FOLLOWS) | R(AGAIN_DELAYED), 0},
	{"retry, none allowed", ONE_OUT, ANSWER(RETRY, LEAD, 0), READY,
	 FAIL | UNBYPASS, R(RETRY_SPENT) | R(WELL) | R(END), 0},
	{"retry, disabled", ONE_OUT, ANSWER(RETRY, LEAD, 9), READY,
	 FAIL | UNBYPASS, R(RETRY_SPENT) | R(WELL) | R(END), true},
	{"retry at once",
	 {.queue_io = true, .delay = true, .in_progress = 1, .count = 1, .lead = LEAD},
	 ANSWER(IMM_RETRY, LEAD, 1),
	 {.required = true, .queue_io = true, .count = 1, .lead = LEAD},
	 0, R(IMM_RETRY) | R(TRY_FOLLOWS) | R(AGAIN), 0},
	{"retry at once, none allowed", ONE_OUT, ANSWER(IMM_RETRY, LEAD, 0),
	 READY, FAIL | UNBYPASS, R(IMM_RETRY_SPENT) | R(WELL) | R(END), 0},
	{"unavailable", ONE_OUT, ANSWER(RES_TEMP_UNAVAIL, OTHER, 50),
	 {.required = true, .queue_io = true, .count = 1, .lead = LEAD},
	 0, R(UNAVAIL) | R(TRY_FOLLOWS) | R(AGAIN), 0},
	{"unavailable, none allowed", ONE_OUT,
	 ANSWER(RES_TEMP_UNAVAIL, OTHER, 0), READY, FAIL | UNBYPASS,
	 R(UNAVAIL_SPENT) | R(WELL) | R(END), 0},
	{"the 50th other try",
	 {.queue_io = true, .in_progress = 1, .count = 50, .lead = LEAD},
	 ANSWER(IMM_RETRY, LEAD, 50),
	 {.required = true, .queue_io = true, .count = 50, .lead = LEAD},
	 0, R(IMM_RETRY) | R(TRY_FOLLOWS) | R(AGAIN), 0},
	{"no 51st",
	 {.queue_io = true, .in_progress = 1, .count = 51, .lead = LEAD},
	 ANSWER(IMM_RETRY, LEAD, 50), {.count = 51, .lead = LEAD},
	 FAIL | UNBYPASS, R(IMM_RETRY_SPENT) | R(WELL) | R(END), 0},
	{"offline, of the lead: chosen anew", ONE_OUT,
	 ANSWER(OFFLINED, LEAD, 9), {.count = 1}, FAIL | DROP,
	 R(OFFLINED) | R(LEAD_LOST) | R(END), 0},
	{"offline, of another: the group stays", ONE_OUT,
	 ANSWER(OFFLINED, OTHER, 9), READY, FAIL,
	 R(OFFLINED) | R(ERROR) | R(END), 0},
	{"failed, of the lead", ONE_OUT, ANSWER(IO, LEAD, 9), {.count = 1},
	 FAIL | DROP, R(IO) | R(LEAD_LOST) | R(END), 0},

	/* answers: others are out */
	{"ok, one is out", TWO_OUT, ANSWER(OK, LEAD, 0), ONE_OUT, UNBYPASS,
	 R(OK) | R(WELL) | R(OTHERS_RUN), 0},
	{"retry, one is out: the round that runs ends first", TWO_OUT,
	 ANSWER(RETRY, LEAD, 1),
	 {.required = true, .queue_io = true, .in_progress = 1, .count = 1, .lead = LEAD},
	 0, R(RETRY) | R(TRY_FOLLOWS) | R(OTHERS_RUN), 0},
	{"ok, after a retry: again, at once, not enabled",
	 {.required = true, .queue_io = true, .in_progress = 1, .count = 1, .lead = LEAD},
	 ANSWER(OK, OTHER, 1),
	 {.required = true, .queue_io = true, .count = 1, .lead = LEAD}, 0,
	 R(OK) | R(TRY_FOLLOWS) | R(AGAIN), 0},
	{"failed, of the lead, one is out", TWO_OUT, ANSWER(IO, LEAD, 1),
	 {.queue_io = true, .in_progress = 1, .count = 1}, FAIL | DROP,
	 R(IO) | R(LEAD_LOST) | R(OTHERS_RUN), 0},
	{"the last of a round, another group is chosen: its delay stays",
	 {.required = true, .queue_io = true, .delay = true, .in_progress = 1, .lead = OTHER},
	 ANSWER(OK, LEAD, 0),
	 {.required = true, .queue_io = true, .delay = true, .lead = OTHER}, 0,
	 R(OK) | R(TRY_FOLLOWS) | R(END_OTHER), 0},

	/* without an answer */
	{"dropped, the last", ONE_OUT, {.event = ACTIVATION_DROPPED}, READY, 0,
	 R(END), 0},
	{"dropped, one is out", TWO_OUT, {.event = ACTIVATION_DROPPED}, ONE_OUT,
	 0, R(OTHERS_RUN), 0},
	{"dropped, a round follows",
	 {.required = true, .queue_io = true, .in_progress = 1, .count = 1, .lead = LEAD},
	 {.event = ACTIVATION_DROPPED},
	 {.required = true, .queue_io = true, .count = 1, .lead = LEAD}, 0,
	 R(AGAIN), 0},
};
/* clang-format on */

static struct activation make(const struct state *s, bool disabled)
{
	return (struct activation){
		.required = s->required,
		.queue_io = s->queue_io,
		.delay = s->delay,
		.in_progress = s->in_progress,
		.count = s->count,
		.lead = s->lead,
		.disabled = disabled,
	};
}

static void print_names(uint64_t rows)
{
	for (int i = 0; i < AROW_COUNT; i++)
		if (rows >> i & 1)
			print_error("  row: %s\n",
				    activation_row_name((enum activation_row)i));
}

static void check_step(const struct step_case *c)
{
	struct activation got = make(&c->before, c->disabled);
	struct activation want = make(&c->after, c->disabled);
	unsigned int todo = activation_step(&got, &c->in);

	if (todo == c->todo && got.reached == c->rows &&
	    got.required == want.required && got.queue_io == want.queue_io &&
	    got.delay == want.delay && got.in_progress == want.in_progress &&
	    got.count == want.count && got.lead == want.lead &&
	    got.disabled == want.disabled)
		return;
	print_names(got.reached);
	fail_msg("%s: got required %d queue_io %d delay %d in_progress %u "
		 "count %u todo %x rows %llx; expected %d %d %d %u %u %x %llx",
		 c->name, got.required, got.queue_io, got.delay,
		 got.in_progress, got.count, todo,
		 (unsigned long long)got.reached, want.required, want.queue_io,
		 want.delay, want.in_progress, want.count, c->todo,
		 (unsigned long long)c->rows);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		check_step(&steps[i]);
}

/* A row that no case takes is one that nothing tests. */
static void test_every_row_is_tested(void **state)
{
	uint64_t rows = R(DISABLE); /* below */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		rows |= steps[i].rows;
	for (int i = 0; i < AROW_COUNT; i++)
		if (!(rows >> i & 1))
			fail_msg("row '%s' is not tested",
				 activation_row_name((enum activation_row)i));
}

static void choose(struct activation *a)
{
	const struct activation_input in = {
		.event = ACTIVATION_CHOSEN,
		.handler = true,
		.path = LEAD,
	};

	activation_step(a, &in);
}

static unsigned int begin(struct activation *a, unsigned int paths)
{
	const struct activation_input in = {
		.event = ACTIVATION_BEGIN,
		.paths = paths,
	};

	return activation_step(a, &in);
}

static unsigned int answer(struct activation *a, enum activate_result result,
			   unsigned int retries)
{
	const struct activation_input in = {
		.event = ACTIVATION_ENDED,
		.result = result,
		.path = LEAD,
		.handler = true,
		.retries = retries,
	};

	return activation_step(a, &in);
}

/* How many rounds of that many paths, which all ask for more, there are. */
static unsigned int rounds(unsigned int retries, unsigned int paths,
			   enum activate_result result)
{
	struct activation a = {0};
	unsigned int n = 0;

	choose(&a);
	while (begin(&a, paths) & START) {
		n++;
		assert_true(n < 100);
		assert_int_equal(a.in_progress, paths);
		for (unsigned int i = 0; i < paths; i++)
			answer(&a, result, retries);
		assert_int_equal(a.in_progress, 0);
	}
	assert_false(activation_holds(&a));
	assert_int_equal(a.count, n);
	return n;
}

/* pg_init_retries beyond the first, however many paths ask for another. */
static void test_retries_count_rounds(void **state)
{
	static const unsigned int retries[] = {0, 1, 2, 50};
	static const enum activate_result results[] = {
		ACTIVATE_RETRY, ACTIVATE_IMM_RETRY, ACTIVATE_RES_TEMP_UNAVAIL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(retries); i++)
		for (unsigned int paths = 1; paths <= 4; paths++)
			for (size_t k = 0; k < ARRAY_SIZE(results); k++)
				assert_int_equal(
					rounds(retries[i], paths, results[k]),
					retries[i] + 1);
}

/* Whether the next round waits is the last answer's word. */
static void test_delay_is_of_the_last_answer(void **state)
{
	struct activation a = {0};

	(void)state;
	choose(&a);
	begin(&a, 2);
	answer(&a, ACTIVATE_RETRY, 9);
	answer(&a, ACTIVATE_IMM_RETRY, 9);
	assert_false(a.delay);
	begin(&a, 2);
	answer(&a, ACTIVATE_IMM_RETRY, 9);
	answer(&a, ACTIVATE_RETRY, 9);
	assert_true(a.delay);
	begin(&a, 1);
	assert_int_equal(answer(&a, ACTIVATE_OK, 9), UNBYPASS);
	assert_false(activation_holds(&a));
}

/* A choice while a round runs: it ends first, then its own begins anew. */
static void test_choice_during_a_round(void **state)
{
	struct activation a = {0};

	(void)state;
	choose(&a);
	begin(&a, 2);
	choose(&a);
	assert_int_equal(a.count, 0);
	assert_int_equal(begin(&a, 3), 0);
	answer(&a, ACTIVATE_OK, 0);
	assert_int_equal(begin(&a, 3), 0);
	answer(&a, ACTIVATE_OK, 0);
	assert_true(activation_holds(&a));
	assert_int_equal(begin(&a, 3), START);
	assert_int_equal(a.in_progress, 3);
}

static void test_disable(void **state)
{
	const struct activation_input in = {.event = ACTIVATION_DISABLE};
	struct activation a = {0};

	(void)state;
	choose(&a);
	begin(&a, 1);
	assert_int_equal(activation_step(&a, &in), 0);
	assert_true(a.disabled);
	assert_int_equal(answer(&a, ACTIVATE_RETRY, 50), FAIL | UNBYPASS);
	choose(&a);
	assert_int_equal(begin(&a, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_row_is_tested),
		cmocka_unit_test(test_retries_count_rounds),
		cmocka_unit_test(test_delay_is_of_the_last_answer),
		cmocka_unit_test(test_choice_during_a_round),
		cmocka_unit_test(test_disable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
