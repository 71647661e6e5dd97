// SPDX-License-Identifier: MIT
/* Volumes that lose their last disk. */
#include "tests/unit/discovery_rig.h"

#define TAKE_ALL "[defaults]\nfind_multipaths = no\n"

static void lose(struct rig *r, const char *flush, bool deferred, bool open,
		 bool queue)
{
	char text[256];
	struct errmsg e;

	snprintf(text, sizeof(text),
		 TAKE_ALL "flush_on_last_del = %s\ndeferred_remove = %s\n"
			  "no_path_retry = %s\n",
		 flush, deferred ? "yes" : "no", queue ? "queue" : "fail");
	assert_int_equal(rig_reconfigure(r, text, false, &e), 0);
	rig_add(r, "sda", "3600a");
	rig_settle(r);
	rig_expect(r, "3600a: sda");
	rig_forget_log(r);
	strcpy(r->busy, open ? "3600a" : "");
	rig_unplug(r, "sda");
	rig_settle(r);
}

/* "gone", "queueing" or "failed" */
static const char *what_is_left(struct rig *r)
{
	const struct volume *v = monitor_volume_by_name(r->m, "3600a");

	if (!v)
		return "gone";
	assert_int_equal(v->npaths, 0);
	return volume_state_text(volume_state(v));
}

static void test_last_disk(void **state)
{
	static const struct {
		const char *flush;
		bool deferred, open, queue;
		const char *then, *closed; /* also after the last close */
	} cases[] = {
		{"unused", false, false, false, "gone", "gone"},
		{"unused", false, false, true, "gone", "gone"},
		{"unused", false, true, false, "failed", "gone"},
		{"unused", false, true, true, "queueing", "gone"},
		{"unused", true, false, false, "gone", "gone"},
		{"unused", true, false, true, "gone", "gone"},
		{"unused", true, true, false, "failed", "gone"},
		{"unused", true, true, true, "queueing", "gone"},
		{"always", false, false, false, "gone", "gone"},
		{"always", false, false, true, "gone", "gone"},
		{"always", false, true, false, "gone", "gone"},
		{"always", false, true, true, "gone", "gone"},
		{"always", true, false, false, "gone", "gone"},
		{"always", true, false, true, "gone", "gone"},
		{"always", true, true, false, "failed", "gone"},
		{"always", true, true, true, "failed", "gone"},
		{"never", false, false, false, "gone", "gone"},
		{"never", false, false, true, "queueing", "queueing"},
		{"never", false, true, false, "failed", "gone"},
		{"never", false, true, true, "queueing", "queueing"},
		{"never", true, false, false, "gone", "gone"},
		{"never", true, false, true, "queueing", "queueing"},
		{"never", true, true, false, "failed", "gone"},
		{"never", true, true, true, "queueing", "gone"},
	};
	struct rig *r = *state;
	unsigned int bad = 0;

	rig_start(r, TAKE_ALL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *then, *closed, *back = "";
		struct volume *v;

		lose(r, cases[i].flush, cases[i].deferred, cases[i].open,
		     cases[i].queue);
		then = what_is_left(r);
		if (strcmp(then, "gone")) {
			/* A path that returns ends all that. */
			rig_add(r, "sdb", "3600a");
			rig_settle(r);
			v = rig_volume(r, "3600a");
			if (v->npaths != 1 ||
			    v->run->queueing.on != cases[i].queue)
				back = ", does not come back";
			rig_unplug(r, "sdb");
			rig_settle(r);
		}
		r->busy[0] = '\0';
		rig_pass(r, SEC);
		closed = what_is_left(r);
		if (!strcmp(then, cases[i].then) &&
		    !strcmp(closed, cases[i].closed) && !*back)
			continue;
		bad++;
		print_message(
			"# %s%s%s%s: got %s, then %s%s; expected %s, %s\n",
			cases[i].flush, cases[i].deferred ? " deferred" : "",
			cases[i].open ? " open" : "",
			cases[i].queue ? " queueing" : "", then, closed, back,
			cases[i].then, cases[i].closed);
	}
	assert_int_equal(bad, 0);
}

/* What waits fails when the time has run out, and then it goes. */
static void test_queueing_ends(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_start(r, TAKE_ALL "flush_on_last_del = never\nno_path_retry = 3\n");
	rig_unplug(r, "sda");
	rig_settle(r);
	assert_string_equal(what_is_left(r), "queueing");
	assert_int_equal(monitor_volume_control(r->m, rig_volume(r, "3600a"),
						"switch-group 1", r->now, &e),
			 -EINVAL);
	assert_int_equal(monitor_volume_control(r->m, rig_volume(r, "3600a"),
						"resize", r->now, &e),
			 -ENODEV);
	rig_pass(r, 14 * SEC);
	assert_string_equal(what_is_left(r), "queueing");
	rig_pass(r, 2 * SEC);
	assert_string_equal(what_is_left(r), "gone");
	rig_expect_event(r, "volume-removed 3600a: its last disk is gone");
}

static int flush(struct rig *r, const char *name, struct errmsg *e)
{
	return discovery_flush(r->d, rig_volume(r, name), r->now, e);
}

/* An operator ends it, though its disks are there, or never flush_on_last_del
 * says; not while it is open, nor what is named by hand. */
static void test_flush(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_plug(r, "sdc", "3600c");
	rig_plug(r, "sdd", "3600d");
	rig_start(r, TAKE_ALL "flush_on_last_del = never\n"
		     "no_path_retry = queue\n[volume v]\npath = d /dev/sdd\n");
	strcpy(r->busy, "3600a");
	assert_int_equal(flush(r, "3600a", &e), -EBUSY);
	assert_string_equal(e.text, "a file of it is open");
	assert_int_equal(flush(r, "v", &e), -EPERM);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb; 3600c: sdc; v: d");
	r->busy[0] = '\0';
	assert_int_equal(flush(r, "3600a", &e), 0);
	rig_settle(r);
	rig_expect(r, "3600c: sdc; v: d");
	rig_expect_event(r, "volume-removed 3600a: operator");
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 60 * SEC);
	rig_expect(r, "3600c: sdc; v: d");
	/* one that has lost its disks, and waits for them */
	rig_unplug(r, "sdc");
	rig_settle(r);
	rig_expect(r, "3600c:; v: d");
	assert_int_equal(flush(r, "3600c", &e), 0);
	rig_settle(r);
	rig_expect(r, "v: d");
	/* and back */
	assert_int_equal(discovery_add(r->d, "sdb", r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600a: sdb; v: d");
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb; v: d");
	/* then flush_on_last_del holds again */
	rig_unplug(r, "sda");
	rig_unplug(r, "sdb");
	rig_settle(r);
	rig_expect(r, "3600a:; v: d");
}

/* A write of before may still land: nobody writes there until it has. */
static void test_io_left_behind(void **state)
{
	struct rig *r = *state;
	struct volume *v;

	rig_plug(r, "sda", "3600a");
	rig_start(r, TAKE_ALL "flush_on_last_del = always\n");
	v = rig_volume(r, "3600a");
	v->lanes[0].requests = 1;
	rig_unplug(r, "sda");
	rig_settle(r);
	assert_string_equal(what_is_left(r), "gone");
	rig_add(r, "sdb", "3600a");
	rig_settle(r);
	rig_pass(r, 20 * SEC);
	assert_string_equal(what_is_left(r), "gone");
	v->lanes[0].requests = 0;
	rig_pass(r, 6 * SEC);
	rig_settle(r);
	rig_expect(r, "3600a: sdb");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_last_disk),
		RIG_TEST(test_queueing_ends),
		RIG_TEST(test_flush),
		RIG_TEST(test_io_left_behind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
