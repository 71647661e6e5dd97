// SPDX-License-Identifier: MIT
/*
 * What is left of a batch of events: every pair and triple of add (a), change
 * (c) and remove (r) of one disk, and of two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/disk.h"

#define DISKS 2
#define MAX_EVENTS 3

/* Of one disk: the events, and what is left of them. */
static const struct {
	const char *events, *left;
} rules[] = {
	{"", ""},	{"a", "a"},	{"c", "c"},	{"r", "r"},
	{"aa", "aa"},	{"ac", "ac"},	{"ar", "r"},	{"ca", "a"},
	{"cc", "cc"},	{"cr", "r"},	{"ra", "ra"},	{"rc", "rc"},
	{"rr", "r"},	{"aaa", "aaa"}, {"aac", "aac"}, {"aar", "r"},
	{"aca", "aa"},	{"acc", "acc"}, {"acr", "r"},	{"ara", "ra"},
	{"arc", "rc"},	{"arr", "r"},	{"caa", "aa"},	{"cac", "ac"},
	{"car", "r"},	{"cca", "a"},	{"ccc", "ccc"}, {"ccr", "r"},
	{"cra", "ra"},	{"crc", "rc"},	{"crr", "r"},	{"raa", "raa"},
	{"rac", "rac"}, {"rar", "r"},	{"rca", "ra"},	{"rcc", "rcc"},
	{"rcr", "r"},	{"rra", "ra"},	{"rrc", "rc"},	{"rrr", "r"},
};

static const char letters[] = {
	[DISK_ADD] = 'a', [DISK_CHANGE] = 'c', [DISK_REMOVE] = 'r'};

static const char *const names[DISKS] = {"sda", "sdaa"};

static const char *rule(const char *events)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].events, events))
			return rules[i].left;
	fail_msg("no rule for '%s'", events);
	return NULL;
}

/* Event number i of the batch: its devt tells it from the others. */
static struct disk_event event(unsigned int code, size_t i)
{
	struct disk_event ev = {.action = (enum disk_action)(code % 3)};

	ev.disk = calloc(1, sizeof(*ev.disk));
	assert_non_null(ev.disk);
	ev.disk->properties = calloc(1, sizeof(char *));
	assert_non_null(ev.disk->properties);
	strcpy(ev.disk->name, names[code / 3]);
	ev.disk->devt = (dev_t)i;
	return ev;
}

/* The actions of one disk in the batch, in order, as letters. */
static void letters_of(const struct disk_event *ev, size_t n, const char *name,
		       char *buf)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(ev[i].disk->name, name))
			*buf++ = letters[ev[i].action];
	*buf = '\0';
}

static void check(const unsigned int *codes, size_t n)
{
	struct disk_event ev[MAX_EVENTS];
	char got[MAX_EVENTS + 1], given[DISKS][MAX_EVENTS + 1];
	size_t left;

	for (size_t i = 0; i < n; i++)
		ev[i] = event(codes[i], i);
	for (size_t d = 0; d < DISKS; d++)
		letters_of(ev, n, names[d], given[d]);
	left = disk_merge(ev, n);
	for (size_t d = 0; d < DISKS; d++) {
		letters_of(ev, left, names[d], got);
		if (strcmp(got, rule(given[d])) != 0)
			fail_msg("'%s' (%s, beside '%s'): got '%s', expected "
				 "'%s'", given[d], names[d], given[!d], got,
				 rule(given[d]));
	}
	/* What is left is in its order, and the later ones of those alike. */
	for (size_t i = 1; i < left; i++)
		assert_true(ev[i - 1].disk->devt < ev[i].disk->devt);
	if (n)
		assert_int_equal(ev[left - 1].disk->devt, n - 1);
	for (size_t i = 0; i < left; i++)
		disk_free(ev[i].disk);
}

static void test_all(void **state)
{
	enum { KINDS = 3 * DISKS };
	size_t cases = 0;

	(void)state;
	check(NULL, 0);
	for (unsigned int i = 0; i < KINDS * KINDS * KINDS; i++) {
		unsigned int codes[] = {i % KINDS, i / KINDS % KINDS,
					i / KINDS / KINDS};

		for (size_t n = 1; n <= MAX_EVENTS; n++, cases++)
			check(codes, n);
	}
	assert_int_equal(cases, MAX_EVENTS * KINDS * KINDS * KINDS);
}

/* A burst: in the end one event says what has become of the disk. */
static void test_burst(void **state)
{
	enum { N = DISK_BATCH_MAX };
	static struct disk_event ev[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		ev[i] = event(i % 2 ? DISK_REMOVE : DISK_ADD, i);
	assert_int_equal(disk_merge(ev, N), 1);
	assert_int_equal(ev[0].action, DISK_REMOVE);
	assert_int_equal(ev[0].disk->devt, N - 1);
	disk_free(ev[0].disk);
	for (size_t i = 0; i < N; i++)
		ev[i] = event(i % 2 ? DISK_ADD : DISK_REMOVE, i);
	assert_int_equal(disk_merge(ev, N), 2);
	assert_int_equal(ev[0].action, DISK_REMOVE);
	assert_int_equal(ev[1].action, DISK_ADD);
	disk_free(ev[0].disk);
	disk_free(ev[1].disk);
}

static void test_property(void **state)
{
	char *properties[] = {(char[]){"ID_SERIAL_SHORT=a"},
			      (char[]){"ID_SERIAL=b=c"}, (char[]){"EMPTY="},
			      (char[]){"ID"}, NULL};
	struct disk d = {.properties = properties};

	(void)state;
	assert_string_equal(disk_property(&d, "ID_SERIAL"), "b=c");
	assert_string_equal(disk_property(&d, "EMPTY"), "");
	assert_null(disk_property(&d, "ID"));
	assert_null(disk_property(&d, "ID_SERIA"));
	properties[0] = NULL;
	assert_null(disk_property(&d, "ID_SERIAL"));
	disk_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_property),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
