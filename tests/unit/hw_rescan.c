// SPDX-License-Identifier: MIT
/* What is written where when a disk is to be looked at anew. */
#include "tests/unit/fake_sysfs.h"

#include <errno.h>
#include "hw/rescan.h"

#define SCSI "platform/host2/target2:0:1/2:0:1:3"
#define DISK makedev(8, 16)

static void expect_attr(const char *name, const char *want)
{
	char path[512], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fake_root, name);
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(text, want);
}

static void test_scsi(void **state)
{
	struct errmsg e;

	(void)state;
	fake_disk(SCSI);
	assert_int_equal(rescan_disk(fake_root, DISK, &e), -ENOENT);
	assert_string_equal(e.text, "sdb: rescan: No such file or directory");
	fake_bytes("sys/devices/" SCSI "/rescan", "", 0);
	assert_int_equal(rescan_disk(fake_root, DISK, &e), 0);
	expect_attr("sys/devices/" SCSI "/rescan", "1");
}

/* `device` of a namespace is its controller. */
static void test_nvme(void **state)
{
	struct errmsg e;

	(void)state;
	fake_attr("sys/devices/fabrics/nvme3/nvme3c3n1", "size", "1");
	fake_link("sys/devices/fabrics/nvme3/nvme3c3n1/device", "../../nvme3");
	fake_link("sys/dev/block/8:16",
		  "../../devices/fabrics/nvme3/nvme3c3n1");
	fake_bytes("sys/devices/fabrics/nvme3/rescan_controller", "", 0);
	assert_int_equal(rescan_disk(fake_root, DISK, &e), 0);
	expect_attr("sys/devices/fabrics/nvme3/rescan_controller", "1");
}

static void test_others(void **state)
{
	struct errmsg e;

	(void)state;
	assert_int_equal(rescan_disk(fake_root, DISK, &e), -ENOTTY);
	fake_disk("virtual");
	assert_int_equal(rescan_disk(fake_root, DISK, &e), -ENOTTY);
	assert_string_equal(e.text, "sdb: nothing to rescan");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_scsi),
		FAKE_TEST(test_nvme),
		FAKE_TEST(test_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
