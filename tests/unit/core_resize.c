// SPDX-License-Identifier: MIT
/* Disks of another size than their volume, or read-only. */
#include "tests/unit/discovery_rig.h"

#define TAKE_ALL "[defaults]\nfind_multipaths = no\n"

static void test_size_differs(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a")->size = 2 * MIB;
	rig_plug(r, "sdc", "3600a")->block = 4096;
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sda sdc");
	rig_expect_event(r, "path-refused 3600a sdb: its size is 2097152");
	rig_expect_reason(r, "sdb", "its size is 2097152 bytes");
	rig_expect_remedy(r, "sdb", "`resize` written to the volume's control");
	assert_int_equal(rig_disk_at("sdb")->open, 0);
	/* larger blocks than a volume has that is in use */
	rig_plug(r, "sdd", "3600b");
	rig_event(r, DISK_ADD, "sdd");
	rig_settle(r);
	rig_plug(r, "sde", "3600b")->block = 4096;
	rig_event(r, DISK_ADD, "sde");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdc; 3600b: sdd");
	rig_expect_reason(r, "sde", "its logical block has 4096 bytes");
	rig_expect_remedy(r, "sde", "`rescan` written to control");
	/* udevd tells of each that is closed as of a change */
	rig_forget_log(r);
	rig_event(r, DISK_CHANGE, "sdb");
	rig_event(r, DISK_CHANGE, "sde");
	rig_settle(r);
	rig_pass(r, 60 * SEC);
	rig_expect_no_event(r, "path-refused");
	rig_disk_at("sde")->block = 512;
	if (discovery_rescan(r->d, r->now, &e))
		fail_msg("%s", e.text);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdc; 3600b: sdd sde");
	rig_expect_event(r, "path-refused 3600a sdb");
	/* it becomes what it should be */
	rig_disk_at("sdb")->size = MIB;
	rig_event(r, DISK_CHANGE, "sdb");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb sdc; 3600b: sdd sde");
}

static void resize_disk(struct rig *r, const char *name, uint64_t size)
{
	rig_disk_at(name)->size = size;
	rig_event(r, DISK_CHANGE, name);
	rig_settle(r);
}

static void expect_size(struct rig *r, uint64_t size)
{
	const struct volume *v = rig_volume(r, "3600a");
	const struct view *view = atomic_load(&v->view);

	assert_int_equal(volume_size(v), size);
	assert_int_equal(view->size, size);
}

static void start_two(struct rig *r, const char *auto_resize)
{
	char text[128];

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	snprintf(text, sizeof(text), TAKE_ALL "auto_resize = %s\n",
		 auto_resize);
	rig_start(r, text);
	expect_size(r, MIB);
}

/* At each moment there is a path. */
static void test_auto_resize(void **state)
{
	struct rig *r = *state;

	start_two(r, "grow_only");
	resize_disk(r, "sda", 2 * MIB);
	rig_expect(r, "3600a: sda! sdb");
	expect_size(r, MIB);
	rig_pass(r, 60 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	rig_forget_log(r);
	resize_disk(r, "sdb", 2 * MIB);
	expect_size(r, 2 * MIB);
	rig_expect_event(r, "volume-resized 3600a: auto_resize");
	rig_expect_no_event(r, "all-paths-failed");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda sdb");
	/* not smaller */
	resize_disk(r, "sda", MIB);
	resize_disk(r, "sdb", MIB);
	rig_pass(r, 20 * SEC);
	expect_size(r, 2 * MIB);
	rig_expect(r, "3600a: sda! sdb!");
	/* and then larger: no path is in use that could notice */
	resize_disk(r, "sda", 3 * MIB);
	resize_disk(r, "sdb", 3 * MIB);
	rig_pass(r, 20 * SEC);
	expect_size(r, 3 * MIB);
	rig_expect(r, "3600a: sda sdb");
}

static void test_auto_shrink(void **state)
{
	struct rig *r = *state;

	start_two(r, "grow_shrink");
	resize_disk(r, "sda", 4096);
	resize_disk(r, "sdb", 4096);
	rig_pass(r, 20 * SEC);
	expect_size(r, 4096);
	rig_expect(r, "3600a: sda sdb");
	/* A disk that had been refused fits now. */
	rig_plug(r, "sdc", "3600a")->size = MIB;
	rig_event(r, DISK_ADD, "sdc");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	resize_disk(r, "sda", MIB);
	resize_disk(r, "sdb", MIB);
	rig_pass(r, 20 * SEC);
	expect_size(r, MIB);
	rig_expect(r, "3600a: sda sdb sdc");
}

static void resize_word(struct rig *r)
{
	struct errmsg e;

	if (monitor_volume_control(r->m, rig_volume(r, "3600a"), "resize",
				   r->now, &e))
		fail_msg("%s", e.text);
	rig_settle(r);
}

static void test_resize_by_hand(void **state)
{
	struct rig *r = *state;

	start_two(r, "never");
	resize_word(r); /* there is nothing to do */
	rig_expect_no_event(r, "resize");
	resize_disk(r, "sda", 2 * MIB);
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	resize_word(r);
	expect_size(r, MIB);
	rig_expect_event(r, "resize-waits 3600a: operator");
	resize_disk(r, "sdb", 2 * MIB); /* which was waited for */
	rig_pass(r, 20 * SEC);
	expect_size(r, 2 * MIB);
	rig_expect(r, "3600a: sda sdb");
	/* Both first, then the word. */
	resize_disk(r, "sda", MIB);
	resize_disk(r, "sdb", MIB);
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb!");
	resize_word(r);
	rig_pass(r, 20 * SEC);
	expect_size(r, MIB);
	rig_expect(r, "3600a: sda sdb");
}

/* Who was waited for loses its device meanwhile, and comes back with another. */
static void test_resize_waits_for_lost(void **state)
{
	struct rig *r = *state;

	start_two(r, "never");
	resize_disk(r, "sda", 2 * MIB);
	resize_word(r);
	rig_expect_event(r, "resize-waits 3600a: operator");
	rig_disk_at("sdb")->diskseq++;
	resize_disk(r, "sdb", 2 * MIB);
	rig_pass(r, 20 * SEC);
	expect_size(r, 2 * MIB);
	rig_expect_event(r, "volume-resized 3600a: operator");
	rig_expect(r, "3600a: sda sdb");
}

/* What may be followed now was there before. */
static void test_resize_allowed_later(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	start_two(r, "never");
	resize_disk(r, "sda", 2 * MIB);
	resize_disk(r, "sdb", 2 * MIB);
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb!");
	if (rig_reconfigure(r, TAKE_ALL "auto_resize = grow_only\n", false, &e))
		fail_msg("%s", e.text);
	rig_pass(r, 20 * SEC);
	expect_size(r, 2 * MIB);
	rig_expect_event(r, "volume-resized 3600a: auto_resize");
	rig_expect(r, "3600a: sda sdb");
}

static void test_read_only(void **state)
{
	struct rig *r = *state;

	start_two(r, "never");
	rig_disk_at("sdb")->read_only = true;
	rig_event(r, DISK_CHANGE, "sdb");
	rig_settle(r);
	assert_true(volume_read_only(rig_volume(r, "3600a")));
	rig_expect_event(r, "volume-read-only 3600a sdb");
	rig_disk_at("sdb")->read_only = false;
	rig_event(r, DISK_CHANGE, "sdb");
	rig_settle(r);
	assert_false(volume_read_only(rig_volume(r, "3600a")));
	rig_expect_event(r, "volume-writable 3600a sdb");
	rig_expect(r, "3600a: sda sdb");
}

/* Not every change makes an event: a check notices it. */
static void test_read_only_untold(void **state)
{
	struct rig *r = *state;

	start_two(r, "never");
	rig_disk_at("sdb")->read_only = true;
	rig_pass(r, 60 * SEC);
	assert_true(volume_read_only(rig_volume(r, "3600a")));
	rig_expect_event(r, "volume-read-only 3600a sdb");
	rig_disk_at("sdb")->read_only = false;
	rig_pass(r, 60 * SEC);
	assert_false(volume_read_only(rig_volume(r, "3600a")));
	rig_expect_event(r, "volume-writable 3600a sdb");
	rig_expect_no_event(r, "path-failed");
	rig_expect(r, "3600a: sda sdb");
}

/* Protected when they were opened: they are opened anew, one by one. */
static void test_unprotected(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a")->read_only = true;
	rig_plug(r, "sdb", "3600a")->read_only = true;
	rig_start(r, TAKE_ALL);
	assert_true(volume_read_only(rig_volume(r, "3600a")));
	rig_pass(r, 60 * SEC);
	rig_expect_no_event(r, "path-failed");
	rig_disk_at("sda")->read_only = false;
	rig_event(r, DISK_CHANGE, "sda");
	rig_disk_at("sdb")->read_only = false;
	rig_event(r, DISK_CHANGE, "sdb");
	rig_settle(r);
	rig_pass(r, 60 * SEC);
	assert_false(volume_read_only(rig_volume(r, "3600a")));
	rig_expect_event(r, "path-failed 3600a sda: device: it was "
			    "write-protected when it was opened");
	rig_expect_event(r, "volume-writable 3600a sdb");
	rig_expect_no_event(r, "all-paths-failed");
	rig_expect_no_event(r, "volume-state 3600a: failed");
	rig_expect_no_event(r, "volume-state 3600a: queueing");
	rig_expect(r, "3600a: sda sdb");
	rig_forget_log(r);
	rig_pass(r, 60 * SEC);
	rig_expect_no_event(r, "path-failed");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_size_differs), RIG_TEST(test_auto_resize),
		RIG_TEST(test_auto_shrink),  RIG_TEST(test_resize_by_hand),
		RIG_TEST(test_resize_waits_for_lost),
		RIG_TEST(test_resize_allowed_later),
		RIG_TEST(test_read_only),    RIG_TEST(test_read_only_untold),
		RIG_TEST(test_unprotected),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
