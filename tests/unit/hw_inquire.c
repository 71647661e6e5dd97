// SPDX-License-Identifier: MIT
/* The WWID by INQUIRY, from a disk by script; and what counts of it and of
 * sysfs. */
#include "tests/unit/fake_sysfs.h"
#include "tests/unit/scripted_sg.h"

#include <fcntl.h>
#include "hw/identity.h"

#define INQUIRY(hi, lo)                                                        \
	.cdb = {0x12, 1, 0x83, hi, lo}, .cdb_len = 6, .room = (hi) << 8 | (lo)

/* One designator: NAA 6. */
static const uint8_t page[] = {
	0,    0x83, 0,	  20,	1,    3,    0,	  16,	0x60, 0x05, 0x07, 0x68,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c};
#define NAA "3600507680102030405060708090a0b0c"

static int inquire(const struct sg_step *steps, size_t n, char *ret,
		   size_t size, struct errmsg *e)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), r;

	assert_true(fd >= 0);
	e->text[0] = '\0';
	strcpy(ret, "as it was");
	sg_expect(steps, n);
	r = identity_inquire_wwid(fd, 7, ret, size, e);
	sg_all_done();
	close(fd);
	if (r) {
		assert_string_equal(ret, "as it was");
		assert_string_not_equal(e->text, "");
	}
	return r;
}

/* What has taken the name is not asked. */
static void test_node(void **state)
{
	struct errmsg e;
	char got[64];

	(void)state;
	assert_int_equal(identity_of_node("/dev/null", makedev(1, 3), got,
					  sizeof(got), &e), -ESTALE);
	assert_int_equal(identity_of_node("/nowhere", 0, got, sizeof(got), &e),
			 -ENOENT);
}

static void test_name(void **state)
{
	static const struct sg_step steps[] = {
		{INQUIRY(0, 254), .data = page, .data_len = sizeof(page)}};
	/* "recovered error": it has done it */
	static const struct sg_step recovered[] = {
		{INQUIRY(0, 254), .data = page, .data_len = sizeof(page),
		 .status = 2, .sense_len = 18, .sense = {0x70, 0, 1}}};
	struct errmsg e;
	char got[64];

	(void)state;
	assert_int_equal(inquire(steps, 1, got, sizeof(got), &e), 0);
	assert_string_equal(got, NAA);
	assert_int_equal(sg_timeout_ms, 7000);
	assert_int_equal(inquire(recovered, 1, got, sizeof(got), &e), 0);
	assert_string_equal(got, NAA);
	/* no room: not a part of it */
	assert_int_equal(inquire(steps, 1, got, sizeof(NAA) - 1, &e),
			 -EOVERFLOW);
	assert_non_null(strstr(e.text, "room"));
}

/* A page of more than 254 bytes is read again; the name stands last. */
static void test_long(void **state)
{
	enum { REST = 400, ALL = 4 + 4 + REST + sizeof(page) - 4 };
	static uint8_t all[ALL] = {0, 0x83, (ALL - 4) >> 8, (ALL - 4) & 0xff};
	static const struct sg_step steps[] = {
		{INQUIRY(0, 254), .data = all, .data_len = 254},
		{INQUIRY(ALL >> 8, ALL & 0xff), .data = all, .data_len = ALL}};
	struct errmsg e;
	char got[64];
	size_t at = 4;

	(void)state;
	/* designators of the vendor's, which do not count */
	for (; at < ALL - (sizeof(page) - 4); at += 4 + 200 - 2) {
		static const uint8_t head[] = {1, 0, 0, 200 - 2};

		memcpy(all + at, head, sizeof(head));
	}
	assert_int_equal(at, 4 + 4 + REST);
	memcpy(all + at, page + 4, sizeof(page) - 4);
	assert_int_equal(inquire(steps, 2, got, sizeof(got), &e), 0);
	assert_string_equal(got, NAA);
}

/* It says more than it sends: what is missing names nothing. */
static void test_short(void **state)
{
	static const struct sg_step steps[] = {
		{INQUIRY(0, 254), .data = page, .data_len = 12}};
	struct errmsg e;
	char got[64];

	(void)state;
	assert_int_equal(inquire(steps, 1, got, sizeof(got), &e), 0);
	assert_string_equal(got, "36005076800000000" "0000000000000000");
}

/* What goes wrong, and what is said of it. */
static void test_errors(void **state)
{
	static const uint8_t other[] = {0, 0x80, 0, 4, 'a', 'b', 'c', 'd'};
	static const uint8_t none[] = {0, 0x83, 0, 0};
	static const uint8_t bad[] = {0, 0x83, 0, 8, 1, 3, 0, 4, 1, 2, 3, 4};
	static const struct {
		struct sg_step step;
		int error;
		const char *text;
	} rows[] = {
		{{INQUIRY(0, 254), .data = other, .data_len = sizeof(other)},
		 ENODATA, "no such page"},
		{{INQUIRY(0, 254)}, ENODATA, "no such page"},
		{{INQUIRY(0, 254), .data = bad, .data_len = sizeof(bad)},
		 EINVAL, "malformed"},
		{{INQUIRY(0, 254), .data = none, .data_len = sizeof(none)},
		 ENODATA, "no name"},
		{{INQUIRY(0, 254), .status = 2, .sense_len = 18,
		  .sense = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24}},
		 ENODATA, "no VPD page"},
		{{INQUIRY(0, 254), .status = 2, .sense_len = 18,
		  .sense = {0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 4, 3}},
		 EIO, "page 0x83: Device not ready"},
		{{INQUIRY(0, 254), .host_status = 1}, EIO, "NO_CONNECT"},
		{{INQUIRY(0, 254), .host_status = 3}, ETIMEDOUT, "in time"},
		{{INQUIRY(0, 254), .status = 0x18}, EIO, "Reservation"},
		{{INQUIRY(0, 254), .error = ENODEV}, ENODEV, "No such device"},
		{{INQUIRY(0, 254), .error = ENOTTY}, ENOTTY, "Inappropriate"},
		{{INQUIRY(0, 254), .error = EPERM}, EPERM, "not permitted"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct errmsg e;
		char got[64];
		int r = inquire(&rows[i].step, 1, got, sizeof(got), &e);

		if (r != -rows[i].error || !strstr(e.text, rows[i].text))
			fail_msg("row %zu: got %d '%s', expected %d '%s'", i, r,
				 e.text, -rows[i].error, rows[i].text);
	}
}

#define DISK "pci0000:00/0000:00:01.0/host2/target2:0:1/2:0:1:3"

/* The kernel's copy of the page, which tells of another LUN. */
static void put_disk(void)
{
	uint8_t old[sizeof(page)];

	memcpy(old, page, sizeof(page));
	old[sizeof(page) - 1] = 0x0d;
	fake_disk(DISK);
	fake_bytes("sys/devices/" DISK "/vpd_pg83", old, sizeof(old));
}

#define OLD_NAA "3600507680102030405060708090a0b0d"

static int ask(const struct sg_step *steps, size_t n, bool send, char got[64])
{
	struct errmsg e;
	struct device d;
	int r;

	fake_device(&d);
	d.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(d.fd >= 0);
	sg_expect(steps, n);
	r = identity_ask(fake_root, &d, send, got, 64, &e);
	sg_all_done();
	close(d.fd);
	return r;
}

static void test_ask(void **state)
{
	static const struct sg_step good[] = {
		{INQUIRY(0, 254), .data = page, .data_len = sizeof(page)}};
	static const struct sg_step dead[] = {{INQUIRY(0, 254), .error = ENODEV}};
	static const struct sg_step may_not[] = {
		{INQUIRY(0, 254), .error = ENOTTY}};
	static const struct sg_step no_page[] = {
		{INQUIRY(0, 254), .status = 2, .sense_len = 18,
		 .sense = {0x70, 0, 5, [7] = 10, [12] = 0x24}}};
	char got[64];

	(void)state;
	put_disk();
	/* The disk knows better than the kernel. */
	assert_int_equal(ask(good, 1, true, got), 0);
	assert_string_equal(got, NAA);
	assert_int_equal(sg_timeout_ms, 5000);
	assert_int_equal(ask(NULL, 0, false, got), 0);
	assert_string_equal(got, OLD_NAA);
	/* No answer is none. */
	assert_int_equal(ask(dead, 1, true, got), -ENODEV);
	assert_int_equal(ask(may_not, 1, true, got), 0);
	assert_string_equal(got, OLD_NAA);
	assert_int_equal(ask(no_page, 1, true, got), 0);
	assert_string_equal(got, OLD_NAA);
}

static void test_ask_others(void **state)
{
	char got[64];

	(void)state;
	assert_int_equal(ask(NULL, 0, true, got), 0); /* there is no such disk */
	assert_string_equal(got, "");
	/* What a host calls its virtio disk is not asked for. */
	fake_attr("sys/devices/pci0000:00/virtio3/block/vda", "serial", "disk");
	fake_link("sys/devices/pci0000:00/virtio3/block/vda/device",
		  "../../../virtio3");
	fake_link("sys/dev/block/8:16",
		  "../../devices/pci0000:00/virtio3/block/vda");
	assert_int_equal(ask(NULL, 0, true, got), 0);
	assert_string_equal(got, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_node),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_errors),
		FAKE_TEST(test_ask),
		FAKE_TEST(test_ask_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
