// SPDX-License-Identifier: MIT
/*
 * The timers of transports: what they are to be (census 5.2), and that each
 * path is told of them on the pool, when its device is there and when they are
 * others.
 */
#include "core/transport.h"
#include "tests/unit/prio_rig.h"

static void set(struct settings *s, enum opt o, const char *text)
{
	assert_int_equal(option_parse(o, text, NULL, &s->v[o], NULL), 0);
	s->v[o].origin = ORIGIN_DEFAULTS;
}

static const struct {
	const char *fast_io_fail, *dev_loss, *polling;
	int64_t no_path_retry;
	int64_t want_fast, want_dev_loss;
	bool raised, off;
} resolutions[] = {
	{"5", "unset", "5", NO_PATH_FAIL, 5, 0, false, false},
	{"5", "30", "5", NO_PATH_FAIL, 5, 30, false, false},
	{"off", "30", "5", NO_PATH_FAIL, TMO_OFF, 30, false, false},
	{"0", "30", "5", NO_PATH_FAIL, 0, 30, false, false},
	{"5", "infinity", "5", NO_PATH_FAIL, 5, UINT32_MAX, false, false},
	/* not less than I/O waits: 12 x 5 s, a second for the minute, and 5 */
	{"5", "unset", "5", 12, 5, 66, false, false},
	{"5", "60", "5", 12, 5, 66, true, false},
	{"5", "66", "5", 12, 5, 66, false, false},
	{"5", "67", "5", 12, 5, 67, false, false},
	{"5", "10", "1", 1, 5, 10, false, false},
	{"5", "5", "1", 1, 5, 6, true, false},
	{"5", "600", "60", 100, 5, 6105, true, false},
	{"5", "600", "86400", 100000, 5, UINT32_MAX, true, false},
	{"5", "600", "5", NO_PATH_QUEUE, 5, UINT32_MAX, true, false},
	{"5", "unset", "5", NO_PATH_QUEUE, 5, UINT32_MAX, false, false},
	{"5", "infinity", "5", NO_PATH_QUEUE, 5, UINT32_MAX, false, false},
	/* fast_io_fail is off if it is not less */
	{"30", "30", "5", NO_PATH_FAIL, TMO_OFF, 30, false, true},
	{"30", "31", "5", NO_PATH_FAIL, 30, 31, false, false},
	{"30", "10", "5", 12, 30, 66, true, false},
	{"70", "10", "5", 12, TMO_OFF, 66, true, true},
	{"70", "unset", "5", NO_PATH_FAIL, 70, 0, false, false},
	/* but only than one that somebody has set */
	{"70", "unset", "5", 12, 70, 66, false, false},
};

static void test_resolve(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(resolutions); i++) {
		static struct settings s;
		struct transport_timers t;
		struct transport_notes n;

		for (enum opt o = 0; o < OPT_COUNT; o++)
			option_builtin(o, &s.v[o]);
		set(&s, OPT_FAST_IO_FAIL_TMO, resolutions[i].fast_io_fail);
		set(&s, OPT_DEV_LOSS_TMO, resolutions[i].dev_loss);
		set(&s, OPT_POLLING_INTERVAL, resolutions[i].polling);
		transport_resolve(&s, resolutions[i].no_path_retry, &t, &n);
		if (t.fast_io_fail != resolutions[i].want_fast ||
		    t.dev_loss != resolutions[i].want_dev_loss ||
		    n.raised != resolutions[i].raised ||
		    n.without_fast_io_fail != resolutions[i].off)
			fail_msg("row %zu: got %lld %lld %d %d", i,
				 (long long)t.fast_io_fail,
				 (long long)t.dev_loss, n.raised,
				 n.without_fast_io_fail);
		assert_int_equal(t.least,
				 t.dev_loss && !s.v[OPT_DEV_LOSS_TMO].num);
		assert_int_equal(t.queue,
				 resolutions[i].no_path_retry == NO_PATH_QUEUE);
		assert_int_equal(t.eh_deadline, TMO_UNSET);
		assert_int_equal(t.max_retries, TMO_UNSET);
	}
}

/* On a monitor; what the devices were told, by the last letter. */
static char told[512];
static struct transport_report answer_of;

static void record(const struct device *d, const struct transport_timers *t,
		   struct transport_report *ret)
{
	size_t n = strlen(told);

	assert_true(d->fd >= 0); /* it is open */
	snprintf(told + n, sizeof(told) - n, "%c %lld %lld\n",
		 d->path[strlen(d->path) - 1], (long long)t->fast_io_fail,
		 (long long)t->dev_loss);
	*ret = answer_of;
}

static void expect_told(const char *want)
{
	if (strcmp(told, want))
		fail_msg("got\n%sexpected\n%s", told, want);
	told[0] = '\0';
}

static int transport_setup(void **state)
{
	struct rig *r;

	assert_int_equal(prio_setup(state), 0);
	r = *state;
	r->m->p.set_transport = record;
	r->m->p.prioritizers = NULL;
	answer_of = (struct transport_report){.supported = true,
					      .protocol = "scsi:fcp"};
	told[0] = '\0';
	return 0;
}

#define TRANSPORT_TEST(test)                                                   \
	cmocka_unit_test_setup_teardown(test, transport_setup, prio_teardown)

static void all_back(struct rig *r)
{
	while (pool.n)
		answer(r, 1);
}

static void test_told(void **state)
{
	struct rig *r = *state;

	start(r, "no_path_retry = 12\n");
	assert_int_equal(pool.n, 3); /* on the pool, not here */
	expect_told("");
	all_back(r);
	expect_told("a 5 66\nb 5 66\nc 5 66\n");
	rig_pass(r, 100 * SEC);
	all_back(r);
	expect_told("");
	/* What an operator says of queueing counts; the same again does not. */
	rig_set(r, OPT_NO_PATH_RETRY, "queue");
	all_back(r);
	expect_told("a 5 4294967295\nb 5 4294967295\nc 5 4294967295\n");
	rig_set(r, OPT_NO_PATH_RETRY, "queue");
	rig_set(r, OPT_FAILBACK, "immediate");
	assert_int_equal(pool.n, 0);
	/* And a new configuration. */
	start(r, "no_path_retry = fail\nfast_io_fail_tmo = 7\n"
		 "dev_loss_tmo = 20\n");
	rig_set(r, OPT_NO_PATH_RETRY, "default");
	all_back(r);
	all_back(r);
	assert_non_null(strstr(told, "a 7 20\nb 7 20\nc 7 20\n"));
}

static unsigned int count(const char *log, const char *what)
{
	unsigned int n = 0;

	while ((log = strstr(log, what))) {
		log++;
		n++;
	}
	return n;
}

/* a is reached by FC, b by iSCSI, of c it is not known. */
static void tell_protocol(const struct device *d, struct path_facts *ret)
{
	const char last = d->path[strlen(d->path) - 1];

	strcpy(ret->protocol, last == 'a' ? "scsi:fcp" :
			      last == 'b' ? "scsi:iscsi" :
					    "");
}

#define BY_HAND "[volume v]\npath = a @a 3\npath = b @b 2\npath = c @c 1\n"

/* [protocol]: by each path's own, before [overrides] and what is detected, but
 * not before what the volume says itself. */
static void test_protocols(void **state)
{
	static const char rules[] =
		BY_HAND "[overrides]\nfast_io_fail_tmo = 9\n"
			"dev_loss_tmo = 50\n"
			"[protocol scsi:fcp]\ndev_loss_tmo = 10\n"
			"[protocol scsi:iscsi]\nfast_io_fail_tmo = 3\n"
			"[protocol scsi:fcp]\ndev_loss_tmo = 20\n";
	static const char others[] =
		BY_HAND "[overrides]\nfast_io_fail_tmo = 9\n"
			"dev_loss_tmo = 50\n"
			"[protocol scsi:fcp]\ndev_loss_tmo = 30\n"
			"[protocol nvme:tcp]\ndev_loss_tmo = 31\n";
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	r->m->p.identify = tell_protocol;
	assert_int_equal(rig_apply(r, rules, true, &e), 0);
	rig_turn(r);
	all_back(r);
	expect_told("a 9 20\nb 3 50\nc 9 50\n");
	/* What another configuration would change of that. */
	rig_config(r, others);
	r->log[0] = '\0';
	assert_int_equal(monitor_compare(r->m, r->f->config, r->now, &e), 0);
	assert_int_equal(count(r->log, "difference"), 3);
	assert_int_equal(count(r->log, ": setting changed"), 3);
	/* Those alone are told of which something has changed. */
	assert_int_equal(rig_apply(r, others, true, &e), 0);
	rig_turn(r);
	all_back(r);
	expect_told("a 9 30\nb 9 50\n");
	assert_int_equal(rig_apply(r, BY_HAND "dev_loss_tmo = 70\n"
				   "[protocol scsi:fcp]\ndev_loss_tmo = 20\n",
				   true, &e), 0);
	rig_turn(r);
	all_back(r);
	expect_told("a 5 70\nb 5 70\nc 5 70\n");
}

/* What changes while it is under way is told when it is back. */
static void test_under_way(void **state)
{
	struct rig *r = *state;

	start(r, "no_path_retry = 12\n");
	rig_set(r, OPT_NO_PATH_RETRY, "fail");
	assert_int_equal(pool.n, 3);
	answer(r, 3);
	expect_told("a 5 66\nb 5 66\nc 5 66\n");
	all_back(r);
	expect_told("a 5 0\nb 5 0\nc 5 0\n");
}

/* A device that is opened anew knows nothing. */
static void test_reopened(void **state)
{
	struct rig *r = *state;

	start(r, "polling_interval = 5\n");
	all_back(r);
	expect_told("a 5 0\nb 5 0\nc 5 0\n");
	rig_device(r, "a", FILE_SIZE / 2);
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	rig_device(r, "a", FILE_SIZE);
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	all_back(r);
	expect_told("a 5 0\n");
}

/* A blocked port: again when the path is back. */
static void test_busy(void **state)
{
	struct rig *r = *state;

	answer_of.busy = true;
	start(r, "polling_interval = 5\n");
	answer(r, 3);
	expect_told("a 5 0\nb 5 0\nc 5 0\n");
	assert_int_equal(pool.n, 0); /* not over and over */
	answer_of.busy = false;
	rig_fault(r, "b");
	rig_pass(r, 6 * SEC);
	fake_flush(&r->engine.base);
	while (r->engine.n)
		fake_complete(&r->engine, 0, 4096);
	rig_turn(r);
	rig_expect_state(r, "b", "active");
	all_back(r);
	expect_told("b 5 0\n");
}

static void test_events(void **state)
{
	struct rig *r = *state;

	strcpy(answer_of.refused, "rport-2:0-1: dev_loss_tmo = 10: no");
	answer_of.capped = true;
	start(r, "no_path_retry = 12\ndev_loss_tmo = 10\n"
		 "fast_io_fail_tmo = 70\n");
	answer(r, 1);
	assert_non_null(strstr(r->log, "transport-adjusted v a: no_path_retry\n"
				       "transport-adjusted v a: dev_loss_tmo "
				       "is not more than it\n"
				       "transport-adjusted v a: "
				       "fast_io_fail_tmo is not set\n"
				       "transport-refused v a: rport-2:0-1: "
				       "dev_loss_tmo = 10: no\n"));
	all_back(r);
}

/* Once for each protocol, and only to who has asked for it. */
static void test_unsupported(void **state)
{
	struct rig *r = *state;

	answer_of = (struct transport_report){.protocol = "scsi:ata"};
	start(r, "no_path_retry = 12\n");
	all_back(r);
	assert_int_equal(count(r->log, "transport-"), 0);
	start(r, "no_path_retry = 13\nfast_io_fail_tmo = 9\n");
	all_back(r);
	assert_int_equal(count(r->log, "transport-unsupported v a: scsi:ata"),
			 1);
	assert_int_equal(count(r->log, "transport-"), 1);
	strcpy(answer_of.protocol, "nvme:tcp");
	start(r, "no_path_retry = 14\nfast_io_fail_tmo = 9\n");
	all_back(r);
	assert_int_equal(count(r->log, "transport-"), 2);
	/* of all disks of a kind, as the table says of NVMe */
	strcpy(answer_of.protocol, "nvme:pcie");
	start(r, "no_path_retry = 15\nfast_io_fail_tmo = 9\n");
	rig_volume(r, "v")->settings.v[OPT_FAST_IO_FAIL_TMO].origin =
		ORIGIN_DEVICE;
	all_back(r);
	assert_int_equal(count(r->log, "transport-"), 2);
}

/* A write that hangs gives its place back, and holds the path when it goes. */
static void test_hangs(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	start(r, "polling_interval = 5\n");
	answer(r, 2);
	assert_int_equal(pool.n, 1);
	pool.begun[0] = true;
	rig_pass(r, 31 * SEC);
	assert_int_equal(pool.late, 1);
	assert_false(path_idle(rig_path(r, "c")));
	assert_int_equal(rig_apply(r, "[volume v]\npath = a @a 3\n"
				      "path = b @b 2\n", true, &e), 0);
	rig_turn(r);
	assert_int_equal(r->m->nretired_paths, 1);
	assert_int_equal(pool.late, 1);
	answer(r, 1);
	rig_open_all(r);
	assert_int_equal(r->m->nretired_paths, 0);
}

/* One that no thread has begun is taken back. */
static void test_goes(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	start(r, "polling_interval = 5\n");
	assert_int_equal(rig_apply(r, "[volume v]\npath = a @a 3\n", true, &e),
			 0);
	assert_int_equal(pool.n, 1);
	all_back(r);
	expect_told("a 5 0\n");
	rig_open_all(r);
	assert_int_equal(r->m->nretired_paths, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		TRANSPORT_TEST(test_told),
		TRANSPORT_TEST(test_protocols),
		TRANSPORT_TEST(test_under_way),
		TRANSPORT_TEST(test_reopened),
		TRANSPORT_TEST(test_busy),
		TRANSPORT_TEST(test_events),
		TRANSPORT_TEST(test_unsupported),
		TRANSPORT_TEST(test_hangs),
		TRANSPORT_TEST(test_goes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
