// SPDX-License-Identifier: MIT
/*
 * What outlives a worker: the ring of events, the text, the poll handles; and
 * that a writer may be killed at any moment.
 */
#include "fs/keep.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define KILLS 150

static int setup(void **state)
{
	struct keep *k;

	if (keep_new(&k) < 0)
		return -1;
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	keep_free(*state);
	return 0;
}

static void events_read_back(void **state)
{
	struct keep *k = *state;
	char buf[64];

	assert_int_equal(keep_event_read(k, 0, buf, sizeof(buf)), 0);
	assert_int_equal(keep_event_append(k, "{\"a\":1}"), 0);
	assert_int_equal(keep_event_append(k, "{}"), 0);
	assert_int_equal(keep_event_tail(k), 0);
	assert_int_equal(keep_event_head(k), 11);
	assert_int_equal(keep_event_read(k, 0, buf, sizeof(buf)), 11);
	assert_memory_equal(buf, "{\"a\":1}\n{}\n", 11);
	assert_int_equal(keep_event_read(k, 8, buf, 2), 2);
	assert_memory_equal(buf, "{}", 2);
	assert_int_equal(keep_event_read(k, 11, buf, sizeof(buf)), 0);
	assert_int_equal(keep_event_read(k, 99, buf, sizeof(buf)), 0);
}

static void long_line_is_refused(void **state)
{
	struct keep *k = *state;
	char line[KEEP_LINE_MAX + 2];

	memset(line, 'x', sizeof(line));
	line[KEEP_LINE_MAX + 1] = '\0';
	assert_int_equal(keep_event_append(k, line), -E2BIG);
	assert_int_equal(keep_event_head(k), 0);
	line[KEEP_LINE_MAX] = '\0';
	assert_int_equal(keep_event_append(k, line), 0);
	assert_int_equal(keep_event_head(k), KEEP_LINE_MAX + 1);
}

/* Line i: its number, and a length that differs from the one before. */
static void make_line(char *line, unsigned int i)
{
	int n = snprintf(line, KEEP_LINE_MAX, "{\"i\":%u,\"pad\":\"", i);
	int pad = (int)(i * 37 % 900);

	memset(line + n, 'a' + (int)(i % 26), (size_t)pad);
	strcpy(line + n + pad, "\"}");
}

/* Reads from pos to the head; each line is whole and numbered on. */
static unsigned int check_lines(struct keep *k, uint64_t pos)
{
	static char buf[KEEP_LINE_MAX + 1];
	char want[KEEP_LINE_MAX + 1];
	unsigned int count = 0, i = 0;
	char *end;
	size_t n;

	while ((n = keep_event_read(k, pos, buf, sizeof(buf))) > 0) {
		end = memchr(buf, '\n', n);
		assert_non_null(end);
		*end = '\0';
		if (count == 0)
			assert_int_equal(sscanf(buf, "{\"i\":%u,", &i), 1);
		make_line(want, i++);
		assert_string_equal(buf, want);
		pos += (size_t)(end - buf) + 1;
		count++;
	}
	assert_int_equal(pos, keep_event_head(k));
	return count;
}

static void ring_wraps(void **state)
{
	struct keep *k = *state;
	char line[KEEP_LINE_MAX];
	char lost[400];
	uint64_t tail;

	for (unsigned int i = 0; i < 20000; i++) {
		make_line(line, i);
		assert_int_equal(keep_event_append(k, line), 0);
	}
	tail = keep_event_tail(k);
	assert_true(tail > 0);
	assert_true(check_lines(k, tail) > 1000);

	/* What has been overwritten: one line of what was asked for. */
	assert_int_equal(keep_event_read(k, 0, lost, sizeof(lost)), 400);
	assert_memory_equal(lost, "{\"event\":\"lost\",\"bytes\":400} ", 29);
	assert_ptr_equal(memchr(lost, '\n', sizeof(lost)), lost + 399);
	/* ... or up to the tail, be it too short for words. */
	assert_int_equal(keep_event_read(k, tail - 3, lost, 400), 3);
	assert_memory_equal(lost, "  \n", 3);
}

static void text_is_kept(void **state)
{
	static char large[(8 << 20) + 1];
	struct keep *k = *state;

	assert_string_equal(keep_text(k), "");
	assert_int_equal(keep_text_set(k, "v.hold a"), 0);
	assert_string_equal(keep_text(k), "v.hold a");
	memset(large, 'x', sizeof(large) - 1);
	assert_int_equal(keep_text_set(k, large), -E2BIG);
	assert_string_equal(keep_text(k), "v.hold a");
	large[sizeof(large) - 2] = '\0';
	assert_int_equal(keep_text_set(k, large), 0);
	assert_string_equal(keep_text(k), large);
}

static void polls_are_unique_and_bounded(void **state)
{
	struct keep *k = *state;
	uint64_t buf[KEEP_POLLS];

	for (uint64_t kh = 1; kh <= KEEP_POLLS; kh++)
		assert_int_equal(keep_poll_add(k, kh), 0);
	assert_int_equal(keep_poll_add(k, 7), 0);    /* it is there already */
	assert_int_equal(keep_poll_add(k, 1000), 1); /* the oldest goes */
	assert_int_equal(keep_poll_add(k, 1001), 2);
	assert_int_equal(keep_poll_get(k, buf), KEEP_POLLS);
	keep_poll_clear(k);
	assert_int_equal(keep_poll_get(k, buf), 0);
	assert_int_equal(keep_poll_add(k, 5), 0);
	assert_int_equal(keep_poll_get(k, buf), 1);
	assert_int_equal(buf[0], 5);
}

static void opens_are_per_volume(void **state)
{
	struct keep *k = *state;

	atomic_fetch_add(keep_opens(k, 0), 2);
	atomic_fetch_add(keep_opens(k, KEEP_MAX_VOLUMES - 1), 1);
	assert_int_equal(atomic_load(keep_opens(k, 0)), 2);
	assert_int_equal(atomic_load(keep_opens(k, 1)), 0);
	assert_int_equal(atomic_load(keep_opens(k, KEEP_MAX_VOLUMES - 1)), 1);
}

/* A text of one letter, of a length that follows from the letter. */
static void make_text(char *text, unsigned int i)
{
	size_t n = 1 + i % 26 * 1777;

	memset(text, 'a' + (int)(i % 26), n);
	text[n] = '\0';
}

static void check_text(const char *text)
{
	char want[26 * 1777 + 2];

	if (*text == '\0')
		return;
	make_text(want, (unsigned int)(*text - 'a'));
	assert_string_equal(text, want);
}

/* Child: writes without end, from line number i on. */
static void write_on(struct keep *k, unsigned int i, int told)
{
	char line[KEEP_LINE_MAX];
	char text[26 * 1777 + 2];

	for (;; i++) {
		make_line(line, i);
		make_text(text, i);
		if (keep_event_append(k, line) || keep_text_set(k, text) ||
		    write(told, "", 1) != 1)
			_exit(1);
	}
}

/* The number of the line that ends at the head, or -1. */
static int last_number(struct keep *k)
{
	static char buf[KEEP_LINE_MAX + 1];
	uint64_t head = keep_event_head(k);
	uint64_t pos = keep_event_tail(k);
	size_t n;
	int i = -1;

	if (head - pos > KEEP_LINE_MAX)
		pos = head - KEEP_LINE_MAX;
	n = keep_event_read(k, pos, buf, sizeof(buf) - 1);
	if (n == 0)
		return -1;
	buf[n - 1] = '\0'; /* the newline of the last */
	sscanf(strrchr(buf, '\n') ? strrchr(buf, '\n') + 1 : buf, "{\"i\":%d",
	       &i);
	return i;
}

/* Lets a child write some lines, then kills it wherever it is. */
static void write_and_kill(struct keep *k, unsigned int spin)
{
	unsigned int next = (unsigned int)(last_number(k) + 1);
	int told[2];
	char drain[64];
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_on(k, next, told[1]);
	close(told[1]);
	for (unsigned int i = 0; i < 8 + spin % 7; i++)
		assert_true(read(told[0], drain, sizeof(drain)) > 0);
	for (volatile unsigned int i = 0; i < spin; i++)
		;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(told[0]);
}

static void killed_writer_leaves_all_whole(void **state)
{
	struct keep *k = *state;
	const char *env = getenv("SEED");
	unsigned int seed = env ? (unsigned int)strtoul(env, NULL, 10)
				: (unsigned int)time(NULL);
	uint64_t head = 0;

	print_message("# SEED=%u\n", seed);
	for (int i = 0; i < KILLS; i++) {
		write_and_kill(k, (unsigned int)rand_r(&seed) % 30000);
		assert_true(keep_event_head(k) > head);
		head = keep_event_head(k);
		assert_true(check_lines(k, keep_event_tail(k)) > 0);
		check_text(keep_text(k));
		assert_true(*keep_text(k) != '\0');
	}
	assert_true(keep_event_tail(k) > 0); /* it has gone round */
}

static void a_request_counts_once(void **state)
{
	struct keep *k = *state;
	_Atomic uint32_t *n = keep_opens(k, 7), *other = keep_opens(k, 8);

	assert_int_equal(keep_count(k, n, 2, true), 0);
	assert_int_equal(keep_count(k, n, 2, true), 0); /* comes again */
	assert_int_equal(*n, 1);
	assert_int_equal(keep_count(k, n, 4, true), 1);
	assert_int_equal(keep_count(k, other, 6, true), 0);
	assert_int_equal(keep_count(k, n, 8, false), 2);
	assert_int_equal(keep_count(k, n, 8, false), 2);
	assert_int_equal(*n, 1);
	/* Killed when it had been noted and not counted yet. */
	assert_int_equal(keep_count(k, n, 10, false), 1);
	*n = 1;
	assert_int_equal(keep_count(k, n, 10, false), 1);
	assert_int_equal(*n, 0);
	assert_int_equal(keep_count(k, n, 12, false), 0);
	assert_int_equal(*n, 0);
	assert_int_equal(*other, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(events_read_back),
		TEST(long_line_is_refused),
		TEST(ring_wraps),
		TEST(text_is_kept),
		TEST(polls_are_unique_and_bounded),
		TEST(opens_are_per_volume),
		TEST(a_request_counts_once),
		TEST(killed_writer_leaves_all_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
