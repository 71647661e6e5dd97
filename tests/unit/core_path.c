// SPDX-License-Identifier: MIT
/* A path: which errors condemn it, one report a failure, what is counted. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/path.h"

/* Census 1.2: every errno that a block device may give. */
static const struct {
	int error;
	bool path;
} classes[] = {
	{EOPNOTSUPP, false}, {ENOSPC, false},	 {EREMOTEIO, false},
	{EBADE, false},	     {ENODATA, false},	 {EILSEQ, false},
	{EINVAL, false}, /* from user space: our own buffer */
	{EIO, true},	     {ENOLINK, true},	 {ETIMEDOUT, true},
	{ENOMEM, true},	     {EBUSY, true},	 {EAGAIN, true},
	{ENODEV, true},	     {ENXIO, true},	 {ETOOMANYREFS, true},
	{EOVERFLOW, true},   {ETIME, true},	 {ESTALE, true},
	{ECANCELED, true},   {ENOTCONN, true},	 {ESHUTDOWN, true},
	{EPERM, true},	     {EFBIG, true},	 {4095, true},
};

static void test_error_classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (path_error(classes[i].error) != classes[i].path)
			fail_msg("%s: got %d, expected %d",
				 strerror(classes[i].error),
				 !classes[i].path, classes[i].path);
}

static void test_fault_text(void **state)
{
	static const struct {
		int error;
		enum io_op op;
		uint64_t off;
		const char *text;
	} rows[] = {
		{EIO, IO_WRITE, 1048576, "EIO on write at sector 2048"},
		{ENOLINK, IO_READ, 0, "ENOLINK on read at sector 0"},
		{ETIMEDOUT, IO_DISCARD, 1023,
		 "ETIMEDOUT on discard at sector 1"},
		{ENODEV, IO_ZERO, 1ULL << 50,
		 "ENODEV on write-zeroes at sector 2199023255552"},
		{EIO, IO_FLUSH, 4096, "EIO on flush"},
		{0, IO_READ, 512, "end of device on read at sector 1"},
		{4000, IO_READ, 512, "errno 4000 on read at sector 1"},
	};
	char buf[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct path_fault f = {.error = rows[i].error,
				       .op = rows[i].op,
				       .off = rows[i].off};

		path_fault_text(&f, buf, sizeof(buf));
		assert_string_equal(buf, rows[i].text);
		path_fault_text(&f, buf, 5); /* cut, not overrun */
		assert_int_equal(strlen(buf), 4);
	}
}

static unsigned int reports;

static void count_report(struct mail *m, void *owner)
{
	struct path *p = container_of(m, struct path, fault.mail);

	(void)owner;
	reports++;
	atomic_store_explicit(&p->fault.reported, false, memory_order_release);
}

static struct path *fresh(unsigned int nr_lanes)
{
	struct path *p = path_new(NULL, "sda", "/dev/sda", 7, 3, nr_lanes);

	assert_non_null(p);
	p->fault.mail.deliver = count_report;
	reports = 0;
	return p;
}

static void test_one_report(void **state)
{
	struct path *p = fresh(1);
	struct mailbox monitor;

	(void)state;
	assert_int_equal(mailbox_init(&monitor, NULL), 0);
	/* Not in use is not failed: a stalled path would come back. */
	path_fail(p, &monitor, EIO, IO_READ, 0);
	assert_int_equal(mailbox_deliver(&monitor), 1);
	reports = 0;
	for (int round = 0; round < 3; round++) {
		atomic_store(&p->usable, true);
		path_fail(p, &monitor, EIO, IO_WRITE, 512);
		path_fail(p, &monitor, ENOLINK, IO_READ, 1024);
		assert_false(atomic_load(&p->usable));
		assert_false(path_idle(p)); /* the mail is in it */
		/* The first is what is told. */
		assert_int_equal(p->fault.error, EIO);
		assert_int_equal(p->fault.op, IO_WRITE);
		assert_int_equal(p->fault.off, 512);
		assert_int_equal(mailbox_deliver(&monitor), 1);
		assert_true(path_idle(p));
	}
	assert_int_equal(reports, 3);
	path_free(p);
	mailbox_fini(&monitor);
}

/* Several lanes at once: still one report each time it was in use. */
struct racer {
	struct path *p;
	struct mailbox *monitor;
	pthread_barrier_t *start;
};

#define RACERS 3
#define ROUNDS 300

static void *race(void *arg)
{
	struct racer *r = arg;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(r->start);
		path_fail(r->p, r->monitor, EIO, IO_READ, 0);
		pthread_barrier_wait(r->start);
	}
	return NULL;
}

static void test_lanes_race(void **state)
{
	struct path *p = fresh(1);
	pthread_barrier_t start;
	pthread_t thread[RACERS];
	struct mailbox monitor;
	struct racer r = {p, &monitor, &start};

	(void)state;
	assert_int_equal(mailbox_init(&monitor, NULL), 0);
	pthread_barrier_init(&start, NULL, RACERS + 1);
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race, &r), 0);
	for (int i = 0; i < ROUNDS; i++) {
		atomic_store(&p->usable, true);
		pthread_barrier_wait(&start);
		pthread_barrier_wait(&start);
		assert_int_equal(mailbox_deliver(&monitor), 1);
	}
	for (int i = 0; i < RACERS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(reports, ROUNDS);
	pthread_barrier_destroy(&start);
	path_free(p);
	mailbox_fini(&monitor);
}

static void test_state(void **state)
{
	static const struct {
		bool held, active, stalled;
		enum check_state check;
		const char *text;
	} rows[] = {
		{false, true, false, CHECK_UP, "active"},
		{false, true, false, CHECK_UNCHECKED, "active"},
		{false, false, false, CHECK_UP, "failed"},
		{false, false, true, CHECK_DOWN, "failed"},
		{false, true, true, CHECK_UP, "stalled"},
		{false, true, false, CHECK_GHOST, "standby"},
		{false, true, true, CHECK_GHOST, "stalled"},
		{true, true, false, CHECK_UP, "offline"},
		{true, false, true, CHECK_DOWN, "offline"},
	};
	struct path *p = fresh(1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		p->health.held = rows[i].held;
		p->health.active = rows[i].active;
		p->health.stalled = rows[i].stalled;
		p->check.state = rows[i].check;
		assert_string_equal(path_state_text(path_state(p)),
				    rows[i].text);
	}
	path_free(p);
}

static void test_latency_buckets(void **state)
{
	static const struct {
		uint64_t ns;
		unsigned int bucket;
	} rows[] = {
		{0, 0},	       {999, 0},      {1000, 0},    {1999, 0},
		{2000, 1},     {3999, 1},     {4000, 2},    {1000000, 9},
		{1024000, 10}, {8388608000, 23}, {8388607999, 22},
		{1ULL << 60, 23}, {UINT64_MAX, 23},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct path *p = fresh(1);
		struct path_totals t;
		unsigned int got = 0;

		path_count(p, 0, IO_READ, 512, rows[i].ns);
		path_totals(p, &t);
		while (!t.latency[got])
			got++;
		if (got != rows[i].bucket)
			fail_msg("%llu ns: got bucket %u, expected %u",
				 (unsigned long long)rows[i].ns, got,
				 rows[i].bucket);
		path_free(p);
	}
}

static void test_totals(void **state)
{
	struct path *p = fresh(3);
	struct path_totals t;

	(void)state;
	path_count(p, 0, IO_READ, 512, 1000);
	path_count(p, 2, IO_READ, 1024, 2000);
	path_count(p, 1, IO_WRITE, 4096, 3000);
	path_count(p, 1, IO_DISCARD, 8192, 4000);
	path_count_error(p, 0);
	path_count_error(p, 2);
	path_totals(p, &t);
	assert_int_equal(t.ios[0], 2);
	assert_int_equal(t.bytes[0], 1536);
	assert_int_equal(t.ios[1], 2);
	assert_int_equal(t.bytes[1], 12288);
	assert_int_equal(t.errors, 2);
	assert_int_equal(t.ns, 10000);
	assert_int_equal(t.latency[0] + t.latency[1] + t.latency[2], 4);
	path_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_classes),
		cmocka_unit_test(test_fault_text),
		cmocka_unit_test(test_one_report),
		cmocka_unit_test(test_lanes_race),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_latency_buckets),
		cmocka_unit_test(test_totals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
