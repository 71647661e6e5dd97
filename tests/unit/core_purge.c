// SPDX-License-Identifier: MIT
/*
 * purge_disconnected: which disks are deleted on a monitor, and by hw/purge.c
 * in made-up trees of sysfs.
 */
#include "tests/unit/fake_sysfs.h"
#include "tests/unit/prio_rig.h"

#include "core/purge.h"
#include "hw/purge.h"

/* The paths whose disk was deleted. */
static char deleted[16];
static int delete_result;

static int record(const struct device *d, struct errmsg *e)
{
	size_t n = strlen(deleted);

	assert_true(d->fd >= 0);
	deleted[n] = d->path[strlen(d->path) - 1];
	deleted[n + 1] = '\0';
	return delete_result ? errmsg_set(e, -delete_result, "stays") : 0;
}

static int purge_setup(void **state)
{
	struct rig *r;

	assert_int_equal(prio_setup(state), 0);
	r = *state;
	r->m->p.disk_delete = record;
	r->m->p.prioritizers = NULL;
	deleted[0] = '\0';
	delete_result = 0;
	return 0;
}

#define PURGE_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(test, purge_setup, prio_teardown)

#define PURGE "polling_interval = 5\nmax_polling_interval = 5\n"               \
	      "purge_disconnected = yes\n"

static void check(struct rig *r, const char *path, enum check_state s)
{
	verdict_of(path)->state = s;
	check_now_path(r, path);
}

static bool has_event(struct rig *r, const char *text)
{
	return strstr(r->log, text) != NULL;
}

static void test_deletes(void **state)
{
	struct rig *r = *state;

	start(r, PURGE);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 1); /* not on the monitor */
	rig_expect_state(r, "b", "failed");
	answer(r, 1);
	assert_string_equal(deleted, "b");
	assert_true(has_event(r, "path-purged v b: checker directio: "
				 "disconnected, check 2\n"));
	/* Once: whatever is found as long as the disk is still there. */
	check(r, "b", CHECK_DISCONNECTED);
	check(r, "b", CHECK_DOWN);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 0);
	/* Well again and taken away again is another matter. */
	check(r, "b", CHECK_UP);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 1);
	answer(r, 1);
	assert_string_equal(deleted, "bb");
}

/* The LUN is back before anybody has begun: its disk stays. */
static void test_is_back(void **state)
{
	struct rig *r = *state;

	start(r, PURGE);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 1);
	check(r, "b", CHECK_UP);
	assert_int_equal(pool.n, 0);
	rig_expect_state(r, "b", "active");
	check(r, "b", CHECK_DISCONNECTED);
	answer(r, 1);
	assert_string_equal(deleted, "b");
}

/* Well and taken away again while it is being deleted: one at a time. */
static void test_deletes_slowly(void **state)
{
	struct rig *r = *state;

	start(r, PURGE);
	check(r, "b", CHECK_DISCONNECTED);
	pool.begun[0] = true;
	check(r, "b", CHECK_UP);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 1);
	answer(r, 1);
	check(r, "b", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 1);
	answer(r, 1);
	assert_string_equal(deleted, "bb");
}

/* Any other failure, or without the option: the disk stays. */
static void test_stays(void **state)
{
	struct rig *r = *state;

	start(r, PURGE);
	check(r, "a", CHECK_DOWN);
	check(r, "b", CHECK_TIMEOUT);
	check(r, "c", CHECK_UNCHECKED);
	assert_int_equal(pool.n, 0);
	start(r, "polling_interval = 5\nmax_polling_interval = 5\n");
	check(r, "a", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 0);
}

/* The device is not the one that was opened: whatever it is, it stays. */
static void test_doubt(void **state)
{
	struct rig *r = *state;
	struct path *p;

	start(r, PURGE);
	p = rig_path(r, "b");
	verdict_of("b")->state = CHECK_PENDING; /* the checker is out */
	check_now_path(r, "b");
	rig_device(r, "b", FILE_SIZE / 2); /* and meanwhile */
	verdict_of("b")->state = CHECK_DISCONNECTED;
	rig_turn(r);
	rig_expect_state(r, "b", "failed");
	assert_int_equal(pool.n, 0);
	assert_false(p->check.purged);
}

static void test_refused(void **state)
{
	struct rig *r = *state;

	start(r, PURGE);
	delete_result = -EACCES;
	check(r, "a", CHECK_DISCONNECTED);
	answer(r, 1);
	assert_true(has_event(r, "path-not-purged v a: stays\n"));
	check(r, "a", CHECK_DISCONNECTED);
	assert_int_equal(pool.n, 0);
}

/* In sysfs */

#define DISK "pci0000:00/0000:00:01.0/host2/target2:0:1/2:0:1:3"

static void expect_file(const char *name, const char *want)
{
	char path[512], got[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fake_root, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, want);
}

static int purge(uint64_t diskseq, struct errmsg *e)
{
	struct device d;

	fake_device(&d);
	d.id.diskseq = diskseq;
	return purge_disk(fake_root, &d, e);
}

static void test_sysfs(void **state)
{
	struct errmsg e = {.text = ""};

	(void)state;
	assert_int_equal(purge(7, &e), -ENOTTY); /* gone already */
	fake_disk(DISK);
	fake_bytes("sys/devices/" DISK "/delete", "", 0);
	fake_attr("sys/devices/" DISK "/block/sdb", "diskseq", "8");
	assert_int_equal(purge(7, &e), -ESTALE);
	assert_string_equal(e.text, "sdb is another disk now");
	expect_file("sys/devices/" DISK "/delete", "");
	assert_int_equal(purge(8, &e), 0);
	expect_file("sys/devices/" DISK "/delete", "1");
	fake_bytes("sys/devices/" DISK "/delete", "", 0);
	assert_int_equal(purge(0, &e), 0); /* the kernel has no such number */
	expect_file("sys/devices/" DISK "/delete", "1");
}

static void test_sysfs_refuses(void **state)
{
	struct errmsg e = {.text = ""};
	struct device d;

	(void)state;
	fake_disk(DISK); /* without `delete` */
	assert_int_equal(purge(0, &e), -ENOENT);
	assert_string_equal(e.text, "sdb: delete: No such file or directory");
	fake_device(&d);
	d.limits.is_block = false;
	assert_int_equal(purge_disk(fake_root, &d, &e), -ENOTTY);
}

static void test_sysfs_others(void **state)
{
	struct errmsg e = {.text = ""};

	(void)state;
	fake_attr("sys/devices/virtual/block/loop0", "size", "1");
	fake_attr("sys/devices/virtual/block/loop0", "delete", "");
	fake_link("sys/dev/block/8:16", "../../devices/virtual/block/loop0");
	assert_int_equal(purge(0, &e), -ENOTTY);
	assert_string_equal(e.text, "loop0 is no SCSI disk");
	expect_file("sys/devices/virtual/block/loop0/delete", "\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PURGE_TEST(test_deletes),
		PURGE_TEST(test_is_back),
		PURGE_TEST(test_deletes_slowly),     PURGE_TEST(test_stays),
		PURGE_TEST(test_doubt),	      PURGE_TEST(test_refused),
		FAKE_TEST(test_sysfs),	      FAKE_TEST(test_sysfs_refuses),
		FAKE_TEST(test_sysfs_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
