// SPDX-License-Identifier: MIT
/*
 * When partition tables are read, and what follows from what they say, with a
 * reader that the test plays: it gets the pipe and writes what it likes.
 */
#include "fs/partitions.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include "core/monitor_private.h"
#include "fs/scan.h"
#include "fs/slice.h"
#include "tests/unit/fake_volume.h"

#define SIZE (1u << 20)
#define P1 "{\"number\":1,\"start\":512,\"size\":1024,\"type\":\"\"," \
	   "\"uuid\":\"\",\"name\":\"one\"}"
#define P2 "{\"number\":2,\"start\":4096,\"size\":4096,\"type\":\"\"," \
	   "\"uuid\":\"\",\"name\":\"\"}"
#define P2_LARGER "{\"number\":2,\"start\":4096,\"size\":8192,\"type\":\"\"," \
		  "\"uuid\":\"\",\"name\":\"\"}"
#define P2_MOVED "{\"number\":2,\"start\":8192,\"size\":8192,\"type\":\"\"," \
		 "\"uuid\":\"\",\"name\":\"\"}"
#define P3_OVER "{\"number\":3,\"start\":1048064,\"size\":8192,\"type\":\"\"," \
		"\"uuid\":\"\",\"name\":\"\"}"
#define TABLE(entries) "{\"table\":\"gpt\",\"partitions\":[" entries "]}"

static const struct fake_desc descs[FAKE_VOLUMES] = {
	{
		.name = "va",
		.wwid = "va",
		.size = SIZE,
		.current = 1,
		.paths = {{"a", 8, 0, 1, .check = CHECK_UP}},
	},
	{
		.name = "vb",
		.wwid = "vb",
		.size = SIZE,
		.current = 1,
		.paths = {{"b", 8, 16, 1, .check = CHECK_UP}},
	},
};

struct fixture {
	struct fake_volume f[FAKE_VOLUMES];
	struct volume *volumes[FAKE_VOLUMES];
	struct monitor monitor;
	struct slices *slices;
	struct partitions *p;
	uint64_t now;
	/* what was asked for: the last one */
	struct scan what;
	int pipe; /* -1: nothing */
	unsigned int scans;
	int refuse; /* what the reader says instead */
	/* what was told */
	char events[512];
	unsigned int resized;
	unsigned int answers;
	int result;
};

static int on_scan(void *arg, const struct scan *what, int pipe)
{
	struct fixture *x = arg;

	x->scans++;
	if (x->refuse) {
		close(pipe);
		return x->refuse;
	}
	assert_int_equal(x->pipe, -1);
	x->what = *what;
	x->pipe = pipe;
	return 0;
}

static void on_event(void *arg, const struct event *ev)
{
	struct fixture *x = arg;
	size_t len = strlen(x->events);

	snprintf(x->events + len, sizeof(x->events) - len, "%s %s (%s) %s\n",
		 ev->volume, ev->name, ev->cause, ev->detail);
}

static void on_resized(void *arg, const struct volume *v,
		       const struct slice *s)
{
	struct fixture *x = arg;

	(void)v;
	(void)s;
	x->resized++;
}

static void on_reread(void *arg, const struct volume *v, int result)
{
	struct fixture *x = arg;

	(void)v;
	x->answers++;
	x->result = result;
}

/* As a new worker does. */
static void start(struct fixture *x)
{
	const struct partitions_params params = {
		.monitor = &x->monitor,
		.host.slices = x->slices,
		.host.event = on_event,
		.host.resized = on_resized,
		.host.arg = x,
		.scan = on_scan,
		.reread = on_reread,
	};

	assert_int_equal(partitions_new(&params, &x->p), 0);
	partitions_look(x->p);
}

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	for (unsigned int i = 0; i < FAKE_VOLUMES; i++) {
		fake_new(&x->f[i], &descs[i], i + 7);
		x->volumes[i] = x->f[i].v;
	}
	x->monitor.volumes = x->volumes;
	x->monitor.nvolumes = 1; /* vb is for those who want two */
	x->slices = calloc(1, sizeof(*x->slices));
	assert_non_null(x->slices);
	x->pipe = -1;
	x->now = NSEC_PER_SEC;
	start(x);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	if (x->pipe >= 0)
		close(x->pipe);
	partitions_free(x->p);
	for (unsigned int i = 0; i < FAKE_VOLUMES; i++)
		fake_free(&x->f[i]);
	free(x->slices);
	free(x);
	return 0;
}

/* The reader writes text (NULL: nothing) and ends; the worker hears it. */
static void say(struct fixture *x, const char *text)
{
	struct pollfd p = {.fd = partitions_fd(x->p), .events = POLLIN};

	assert_int_not_equal(x->pipe, -1);
	if (text)
		assert_int_equal(write(x->pipe, text, strlen(text)),
				 strlen(text));
	close(x->pipe);
	x->pipe = -1;
	assert_int_equal(poll(&p, 1, 0), 1);
	partitions_run(x->p, x->now);
}

/* Has it read, whatever comes of it. */
static void reread(struct fixture *x, const char *text)
{
	struct errmsg e;

	assert_int_equal(partitions_reread(x->p, x->volumes[0], &e), 0);
	partitions_run(x->p, x->now);
	say(x, text);
}

static void check_events(struct fixture *x, const char *expected)
{
	assert_string_equal(x->events, expected);
	x->events[0] = '\0';
}

static size_t count(struct fixture *x)
{
	size_t n;

	partitions_of(x->p, x->volumes[0], &n);
	return n;
}

static const struct partition *at(struct fixture *x, size_t i)
{
	size_t n;
	const struct partition *p = partitions_of(x->p, x->volumes[0], &n);

	assert_true(i < n);
	return &p[i];
}

static void test_changes(void **state)
{
	struct fixture *x = *state;
	struct slice *one, *two;

	partitions_run(x->p, x->now);
	assert_string_equal(x->what.volume, "va");
	assert_int_equal(x->what.size, SIZE);
	say(x, TABLE(P1 "," P2));
	check_events(x, "va partitions-changed (gpt) appeared: 1 2\n");
	assert_string_equal(partitions_table(x->p, x->volumes[0]), "gpt");
	assert_string_equal(at(x, 0)->is.name, "one");
	one = at(x, 0)->slice;
	two = at(x, 1)->slice;
	reread(x, TABLE(P1 "," P2));
	check_events(x, "");
	reread(x, TABLE(P1 "," P2_LARGER));
	check_events(x, "va partitions-changed (gpt) resized: 2\n");
	assert_int_equal(x->resized, 1);
	assert_ptr_equal(at(x, 1)->slice, two);
	two->opens = 1;
	reread(x, TABLE(P2_MOVED "," P3_OVER));
	check_events(x, "va partitions-changed (gpt) appeared: 3; vanished: 1; "
			"moved: 2\n"
			"va partitions-cut (gpt) 1 reach beyond the end of "
			"the volume: cut there\n");
	assert_int_equal(at(x, 1)->is.size, 512);
	assert_false(one->shown);
	assert_false(two->shown);
	assert_int_equal(two->start, 4096);
	reread(x, "{\"table\":\"\",\"partitions\":[]}");
	check_events(x, "va partitions-changed (no table) vanished: 2 3\n");
	assert_int_equal(count(x), 0);
	reread(x, TABLE(P1 "," P2));
	assert_ptr_equal(at(x, 1)->slice, two);
	assert_int_equal(x->resized, 2); /* it had 8192 */
	assert_int_equal(x->answers, 5);
	assert_int_equal(x->result, 0);
}

static const struct bad_case {
	const char *text, *cause;
} bad_cases[] = {
	{NULL, "it could not be read"},
	{"", "it could not be read"},
	{"{", "it is cut off, or no JSON"},
	{"nonsense", "it is cut off, or no JSON"},
	{"{}", "it is no table"},
	{TABLE(P1 "," P1), "entry 1: not in order"},
};

/* Whatever the reader says, what is there stays; it is read again later. */
static void test_failures(void **state)
{
	struct fixture *x = *state;
	char expected[256];
	unsigned int scans;
	uint64_t next;

	partitions_run(x->p, x->now);
	say(x, TABLE(P1 "," P2));
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		x->events[0] = '\0';
		reread(x, bad_cases[i].text);
		snprintf(expected, sizeof(expected),
			 "va partitions-unread (%s) its files stay as they "
			 "are; read again later\n",
			 bad_cases[i].cause);
		check_events(x, expected);
		assert_true(x->result < 0);
		assert_int_equal(count(x), 2);
		/* not now */
		scans = x->scans;
		next = partitions_run(x->p, x->now);
		assert_true(next > x->now && next < x->now + 60 * NSEC_PER_SEC);
		assert_int_equal(x->scans, scans);
		x->now = next;
		partitions_run(x->p, x->now);
		assert_int_equal(x->scans, scans + 1);
		say(x, TABLE(P1 "," P2));
		check_events(x, "");
	}
}

static void test_slow(void **state)
{
	struct fixture *x = *state;
	uint64_t next = partitions_run(x->p, x->now);

	assert_int_equal(x->scans, 1);
	assert_int_equal(partitions_run(x->p, x->now), next);
	x->now = next;
	partitions_run(x->p, x->now);
	check_events(x, "va partitions-unread (no answer for 20 s) its files "
			"stay as they are; read again later\n");
	assert_int_equal(write(x->pipe, "x", 1), -1); /* EPIPE: nobody hears */
	assert_int_equal(errno, EPIPE);
	close(x->pipe);
	x->pipe = -1;
	/* nobody to read it: told once */
	x->refuse = -EPIPE;
	for (int i = 0; i < 3; i++) {
		x->now = partitions_run(x->p, x->now);
		assert_int_equal(x->scans, i + 1);
	}
	check_events(x, "");
}

/* A file open for writing is closed; the same before and after a reading. */
static void test_written(void **state)
{
	struct fixture *x = *state;
	struct volume *v = x->volumes[0];

	partitions_run(x->p, x->now);
	say(x, TABLE(P1));
	partitions_written(x->p, v);
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 1); /* nothing was written */
	v->lanes[0].writes = 1;
	partitions_written(x->p, v);
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 2);
	/* what is written while it is read is for the next reading */
	v->lanes[0].writes = 2;
	partitions_written(x->p, v);
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 2);
	say(x, TABLE(P1));
	assert_int_equal(x->scans, 3);
	say(x, TABLE(P1 "," P2));
	assert_int_equal(count(x), 2);
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 3);
}

static void test_no_path(void **state)
{
	struct fixture *x = *state;
	struct path *path = x->volumes[0]->paths[0];
	struct errmsg e;

	path->health.active = false;
	assert_int_equal(partitions_run(x->p, x->now), UINT64_MAX);
	assert_int_equal(x->scans, 0);
	assert_int_equal(partitions_reread(x->p, x->volumes[0], &e), -EIO);
	/* asked, and then the last path goes */
	path->health.active = true;
	assert_int_equal(partitions_reread(x->p, x->volumes[0], &e), 0);
	path->health.active = false;
	partitions_run(x->p, x->now);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->result, -EIO);
	path->health.active = true;
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 1);
}

static void test_skipped(void **state)
{
	struct fixture *x = *state;
	struct setting *skip = &x->volumes[0]->settings.v[OPT_SKIP_KPARTX];
	struct errmsg e;

	partitions_run(x->p, x->now);
	say(x, TABLE(P1));
	assert_int_equal(partitions_reread(x->p, x->volumes[0], &e), 0);
	partitions_run(x->p, x->now);
	close(x->pipe);
	x->pipe = -1;
	x->events[0] = '\0';
	skip->num = true;
	partitions_look(x->p);
	assert_int_equal(x->result, -EOPNOTSUPP);
	check_events(x, "va partitions-changed (no table) vanished: 1\n");
	assert_int_equal(partitions_reread(x->p, x->volumes[0], &e),
			 -EOPNOTSUPP);
	x->volumes[0]->lanes[0].writes++;
	partitions_written(x->p, x->volumes[0]);
	assert_int_equal(partitions_run(x->p, x->now), UINT64_MAX);
	assert_int_equal(x->scans, 2);
	skip->num = false;
	partitions_look(x->p);
	partitions_run(x->p, x->now);
	assert_int_equal(x->scans, 3);
}

/* The next worker has the slices before it has read anything. */
static void test_restart(void **state)
{
	struct fixture *x = *state;
	struct slice *one, *stray;
	bool resized;

	partitions_run(x->p, x->now);
	say(x, TABLE(P1 "," P2));
	one = at(x, 0)->slice;
	/* killed while it took over another table */
	stray = slice_show(x->slices, 7, 2, 65536, 512, &resized);
	partitions_free(x->p);
	x->events[0] = '\0';
	start(x);
	assert_int_equal(count(x), 3);
	assert_ptr_equal(at(x, 0)->slice, one);
	partitions_run(x->p, x->now);
	say(x, TABLE(P1 "," P2));
	assert_int_equal(count(x), 2);
	assert_ptr_equal(at(x, 0)->slice, one);
	assert_false(stray->shown);
}

/* A volume goes while its table is read; another comes. */
static void test_gone(void **state)
{
	struct fixture *x = *state;
	struct slice *one;

	partitions_run(x->p, x->now);
	say(x, TABLE(P1));
	one = at(x, 0)->slice;
	one->opens = 1;
	x->volumes[0]->lanes[0].writes++;
	partitions_written(x->p, x->volumes[0]);
	partitions_run(x->p, x->now);
	x->monitor.nvolumes = 0;
	partitions_look(x->p);
	assert_false(one->shown);
	assert_ptr_equal(slice_find(x->slices, 7, one->id), one);
	assert_int_equal(write(x->pipe, "x", 1), -1);
	close(x->pipe);
	x->pipe = -1;
	assert_int_equal(partitions_run(x->p, x->now), UINT64_MAX);
	x->monitor.nvolumes = 1;
	partitions_look(x->p);
	assert_int_equal(count(x), 0);
	partitions_run(x->p, x->now);
	say(x, TABLE(P1));
	assert_ptr_equal(at(x, 0)->slice, one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
