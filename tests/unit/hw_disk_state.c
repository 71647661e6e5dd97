// SPDX-License-Identifier: MIT
/* What the kernel says of the way to a disk, on made-up trees of sysfs. */
#include "tests/unit/fake_sysfs.h"

#include "hw/disk_state.h"

#define SCSI "platform/host2/target2:0:1/2:0:1:3"

static void expect(enum check_state want, const char *message)
{
	char got[96] = "?";
	enum check_state s =
		disk_state_of(fake_root, makedev(8, 16), got, sizeof(got));

	if (s != want || strcmp(got, message))
		fail_msg("got %s '%s', expected %s '%s'", check_state_text(s),
			 got, check_state_text(want), message);
}

struct row {
	const char *text;
	enum check_state state;
};

static void expect_rows(const char *dir, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char message[96] = "";

		fake_attr(dir, "state", rows[i].text);
		if (rows[i].state != CHECK_UP)
			snprintf(message, sizeof(message),
				 "the kernel says '%s'", rows[i].text);
		expect(rows[i].state, message);
	}
}

static void test_scsi(void **state)
{
	static const struct row rows[] = {
		{"running", CHECK_UP},
		{"offline", CHECK_DOWN},
		{"blocked", CHECK_PENDING},
		{"quiesce", CHECK_PENDING},
		{"transport-offline", CHECK_DOWN},
		{"created", CHECK_DOWN},
		{"created-blocked", CHECK_DOWN},
		{"cancel", CHECK_DOWN},
		{"deleted", CHECK_DOWN},
	};

	(void)state;
	fake_disk(SCSI);
	expect(CHECK_UP, ""); /* there is no such attribute */
	expect_rows("sys/devices/" SCSI, rows, ARRAY_SIZE(rows));
}

/* Its name tells an NVMe disk; `device` of a namespace is its controller. */
static void fake_nvme(void)
{
	fake_attr("sys/devices/fabrics/nvme3/nvme3c3n1", "size", "1");
	fake_link("sys/devices/fabrics/nvme3/nvme3c3n1/device", "../../nvme3");
	fake_link("sys/dev/block/8:16",
		  "../../devices/fabrics/nvme3/nvme3c3n1");
}

static void test_nvme(void **state)
{
	static const struct row rows[] = {
		{"live", CHECK_UP},
		{"dead", CHECK_DOWN},
		{"new", CHECK_PENDING},
		{"deleting", CHECK_PENDING},
		{"deleting (no IO)", CHECK_PENDING},
		{"connecting", CHECK_DOWN},
		{"resetting", CHECK_DOWN},
	};

	(void)state;
	fake_nvme();
	expect(CHECK_UP, "");
	expect_rows("sys/devices/fabrics/nvme3", rows, ARRAY_SIZE(rows));
}

/* Another kind of disk says nothing, whatever its attributes are. */
static void test_others(void **state)
{
	struct device file;
	char message[96] = "?";

	(void)state;
	expect(CHECK_UP, ""); /* there is no such disk in sysfs */
	fake_disk("virtual");
	fake_attr("sys/devices/virtual", "state", "offline");
	expect(CHECK_UP, "");
	fake_device(&file);
	file.limits.is_block = false;
	assert_int_equal(disk_state(&file, message, sizeof(message)), CHECK_UP);
	assert_string_equal(message, "");
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
