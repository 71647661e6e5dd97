// SPDX-License-Identifier: MIT
/* Who holds a disk: made-up tables, and a made-up directory of sysfs. */
#include "core/disk_holders.h"

#include <errno.h>
#include "tests/unit/fake_sysfs.h"

#define DISK "sys/devices/x/block/sdb"

static const char mountinfo[] =
	"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"23 22 8:18 / /mnt/my\\040data rw - ext4 /dev/sdb2 rw\n"
	"24 22 0:40 / /proc rw - proc proc rw\n"
	"25 22 0:41 / /net rw - nfs server:/dev/null rw\n"
	"26 22 0:42 / /null rw - btrfs /dev/null rw\n"
	"27 22 8:33 /a /much/longer/than/what/there/is/room/for/in/this/text "
	"rw - ext4 /dev/sdc1 rw\n";
static const char swaps[] =
	"Filename\tType\tSize\tUsed\tPriority\n"
	"/dev/nothing\tpartition\t1\t0\t-2\n"
	"/etc/passwd\tfile\t1\t0\t-3\n";

static void put_disk(const char *devt)
{
	fake_attr(DISK, "dev", devt);
	fake_bytes(DISK "/holders/.keep", "", 0);
}

static void put_partition(const char *name, const char *devt)
{
	char dir[128];

	snprintf(dir, sizeof(dir), DISK "/%s", name);
	fake_attr(dir, "dev", devt);
	fake_attr(dir, "partition", "1");
	snprintf(dir, sizeof(dir), DISK "/%s/holders/.keep", name);
	fake_bytes(dir, "", 0);
}

static void expect(const char *want)
{
	char tables[2][128], dir[128], got[64] = "x";
	struct disk_holders *h;

	fake_bytes("mountinfo", mountinfo, strlen(mountinfo));
	fake_bytes("swaps", swaps, strlen(swaps));
	snprintf(tables[0], sizeof(tables[0]), "%s/mountinfo", fake_root);
	snprintf(tables[1], sizeof(tables[1]), "%s/swaps", fake_root);
	snprintf(dir, sizeof(dir), "%s/" DISK, fake_root);
	assert_int_equal(disk_holders_new(tables[0], tables[1], &h), 0);
	disk_holders_find(h, dir, got, sizeof(got));
	disk_holders_free(h);
	assert_string_equal(got, want);
}

static void test_nobody(void **state)
{
	(void)state;
	expect(""); /* no such disk */
	put_disk("8:16");
	expect("");
	put_partition("sdb1", "8:17");
	fake_attr(DISK "/queue", "dev", "8:18"); /* no partition */
	expect("");
}

static void test_mounted(void **state)
{
	(void)state;
	put_disk("8:1");
	expect("mounted at /");
	put_disk("8:16");
	put_partition("sdb1", "8:17");
	put_partition("sdb2", "8:18");
	expect("mounted at /mnt/my data");
	put_disk("8:33");
	expect("mounted at /much/longer/than/what/there/is/room/for/in/this/tex");
}

static void test_stacked(void **state)
{
	(void)state;
	put_disk("8:1");
	fake_link(DISK "/holders/dm-3", "../../dm-3");
	expect("dm-3");
}

static void test_partition_stacked(void **state)
{
	(void)state;
	put_disk("8:16");
	put_partition("sdb1", "8:17");
	fake_link(DISK "/sdb1/holders/md0", "../../../md0");
	expect("md0");
}

/* No table of swap is a kernel without swap; no mountinfo, an error. */
static void test_tables(void **state)
{
	char name[128];
	struct disk_holders *h = NULL;

	(void)state;
	fake_bytes("mountinfo", mountinfo, strlen(mountinfo));
	snprintf(name, sizeof(name), "%s/mountinfo", fake_root);
	assert_int_equal(disk_holders_new(name, "/nonexistent", &h), 0);
	disk_holders_free(h);
	assert_int_equal(disk_holders_new("/nonexistent", "/nonexistent", &h),
			 -EIO);
	assert_int_equal(disk_holders_new(NULL, NULL, &h), 0);
	disk_holders_free(h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_nobody),	 FAKE_TEST(test_mounted),
		FAKE_TEST(test_stacked), FAKE_TEST(test_partition_stacked),
		FAKE_TEST(test_tables),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
