// SPDX-License-Identifier: MIT
/* Who a disk is and how it is reached, on made-up trees of sysfs. */
#include "tests/unit/fake_sysfs.h"

#include "hw/identity.h"

#define PCI "pci0000:00/0000:00:01.0"
#define SCSI "/host2/target2:0:1/2:0:1:3"
#define LUN "2:0:1:3"

#define DEV makedev(8, 16)

/* 8:16 is the disk in sys/devices/DIR; device, if not NULL, its link. */
static void put_disk(const char *where, const char *device)
{
	char name[512];

	snprintf(name, sizeof(name), "sys/devices/%s/size", where);
	fake_bytes(name, "1\n", 2);
	if (device) {
		snprintf(name, sizeof(name), "sys/devices/%s/device", where);
		fake_link(name, device);
	}
	snprintf(name, sizeof(name), "../../devices/%s", where);
	fake_link("sys/dev/block/8:16", name);
}

static void put_scsi(const char *where)
{
	char name[512];

	snprintf(name, sizeof(name), "%s/block/sdb", where);
	put_disk(name, "../..");
}

static const struct {
	const char *where;  /* of a SCSI disk, the directory of its LUN */
	const char *class;  /* a directory in sys/class */
	const char *want;
} scsi_rows[] = {
	{PCI "/host2/rport-2:0-1/target2:0:1/" LUN, NULL, "scsi:fcp"},
	{PCI "/host2/target2:0:1/" LUN, "fc_host/host2", "scsi:fcp"},
	{"platform/host2/session4/target2:0:0/" LUN, "iscsi_session/session4",
	 "scsi:iscsi"},
	{"platform/host2/session4/target2:0:0/" LUN, NULL, "scsi:unspec"},
	{PCI "/host2/port-2:0/end_device-2:0/target2:0:0/" LUN, NULL,
	 "scsi:sas"},
	/* SATA behind SAS */
	{PCI "/host2/port-2:0/expander-2:0/port-2:0:3/end_device-2:0:3/" LUN,
	 NULL, "scsi:sas"},
	{PCI "/host2/port-2:1/target2:0:0/" LUN, "srp_remote_ports/port-2:1",
	 "scsi:srp"},
	{PCI "/host2/port-2:1/target2:0:0/" LUN, NULL, "scsi:unspec"},
	{PCI SCSI, "spi_host/host2", "scsi:spi"},
	{PCI SCSI, "spi_host/host22", "scsi:unspec"},
	{PCI "/ata3" SCSI, NULL, "scsi:ata"},
	{PCI "/usb1/1-2/1-2:1.0" SCSI, NULL, "scsi:usb"},
	{PCI "/fw1/fw1.0" SCSI, NULL, "scsi:sbp"},
	{"pseudo_0/adapter0" SCSI, NULL, "scsi:unspec"},
	{PCI "/virtio0" SCSI, NULL, "scsi:unspec"},
};

static void expect_protocol(const char *what, const char *want)
{
	char got[24] = "?";

	identity_protocol(fake_root, DEV, got, sizeof(got));
	if (strcmp(got, want) != 0)
		fail_msg("%s: got %s, expected %s", what, got, want);
}

static void renew(void **state)
{
	assert_int_equal(fake_teardown(state), 0);
	fake_setup(state);
}

static void test_scsi_protocols(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(scsi_rows); i++) {
		char dir[128];

		put_scsi(scsi_rows[i].where);
		if (scsi_rows[i].class) {
			snprintf(dir, sizeof(dir), "sys/class/%s",
				 scsi_rows[i].class);
			fake_attr(dir, "uevent", "");
		}
		expect_protocol(scsi_rows[i].where, scsi_rows[i].want);
		renew(state);
	}
}

#define NVME PCI "/nvme/nvme0"
#define SUBSYSTEM "virtual/nvme-subsystem/nvme-subsys0"

static void test_nvme_protocols(void **state)
{
	static const char *const transports[] = {"pcie", "rdma", "fc", "tcp",
						 "loop", "apple-nvme"};
	char want[32];

	(void)state;
	put_disk(NVME "/nvme0n1", "../../nvme0");
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		fake_attr("sys/devices/" NVME, "transport", transports[i]);
		snprintf(want, sizeof(want), "nvme:%s", transports[i]);
		expect_protocol(NVME, want);
	}
	fake_attr("sys/devices/" NVME, "transport", "new");
	expect_protocol(NVME, "nvme:unspec");
	renew(state);
	put_disk(SUBSYSTEM "/nvme0n1", "../../nvme-subsys0");
	expect_protocol(SUBSYSTEM, "nvme:unspec");
}

static void expect_joined(const char *want)
{
	char got[32];

	identity_joined(fake_root, DEV, got, sizeof(got));
	if (strcmp(got, want) != 0)
		fail_msg("got '%s', expected '%s'", got, want);
}

/* Of which paths the kernel has made a disk, by the controllers' links. */
static void test_nvme_joined(void **state)
{
	(void)state;
	put_disk(NVME "/nvme0n1", "../../nvme0");
	expect_joined(""); /* one controller's, whatever the parameter */
	renew(state);
	put_disk(SUBSYSTEM "/nvme0n1", "../../nvme-subsys0");
	expect_joined("none now");
	fake_attr("sys/devices/fabrics/nvme10/nvme0c10n1", "size", "1");
	fake_attr("sys/devices/fabrics/nvme2/nvme0c2n1", "size", "1");
	fake_attr("sys/devices/fabrics/nvme2/nvme0c2n2", "size", "1");
	fake_attr("sys/devices/fabrics/nvme3/nvme0c3n2", "size", "1");
	fake_link("sys/devices/" SUBSYSTEM "/nvme10",
		  "../../../fabrics/nvme10");
	expect_joined("nvme0c10n1");
	fake_link("sys/devices/" SUBSYSTEM "/nvme2", "../../../fabrics/nvme2");
	fake_link("sys/devices/" SUBSYSTEM "/nvme3", "../../../fabrics/nvme3");
	fake_attr("sys/devices/" SUBSYSTEM, "model", "x");
	expect_joined("nvme0c2n1, nvme0c10n1");
	fake_attr("sys/devices/fabrics/nvme3/nvme0c3n1", "size", "1");
	/* What does not fit is cut; that there are some is what counts. */
	expect_joined("nvme0c2n1, nvme0c3n1, nvme0c10n");
}

static void test_other_protocols(void **state)
{
	static const struct {
		const char *where, *device, *want;
	} rows[] = {
		{"css0/0.0.0001/0.0.4711/block/dasda", "../../../0.0.4711",
		 "ccw"},
		{PCI "/cciss0/c0d0/block/cciss!c0d0", "../..", "cciss"},
		{"virtual/block/loop0", NULL, "undef"},
		{PCI "/virtio3/block/vda", "../..", "undef"},
		{"virtual/block/nvme", NULL, "undef"},
	};

	expect_protocol("nothing", "undef");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put_disk(rows[i].where, rows[i].device);
		expect_protocol(rows[i].where, rows[i].want);
		renew(state);
	}
}

static void expect_wwid(const char *want, const char *want_from)
{
	char got[NAME_SIZE] = "?", from[32] = "?";

	identity_wwid(fake_root, DEV, got, sizeof(got), from, sizeof(from));
	assert_string_equal(got, want);
	assert_string_equal(from, want_from);
}

static void test_scsi_wwid(void **state)
{
	static const uint8_t page[] = {0, 0x83, 0,    12,   1,	  3, 0, 8,
				       0x50, 0x05, 0x07, 0x68, 1, 2, 3, 0xaf};
	/* Two designators: the second one, the better, is not all there. */
	static const uint8_t torn[] = {0, 0x83, 0,    32,   1,	  3, 0, 8,
				       0x50, 0x05, 0x07, 0x68, 1, 2, 3, 0xaf,
				       1, 3, 0,	   16,	 0x60};
	/* One SCSI name of 200 bytes: no text of 127 is it. */
	static uint8_t longer[4 + 4 + 200] = {0, 0x83, 0, 204, 3, 8, 0, 200};
	const char *file = "sys/devices/" PCI SCSI "/vpd_pg83";

	(void)state;
	put_scsi(PCI SCSI);
	expect_wwid("", "");
	fake_bytes(file, page, sizeof(page));
	expect_wwid("3500507680102" "03af", "sysfs vpd_pg83");
	fake_bytes(file, torn, sizeof(torn));
	expect_wwid("", "");
	memset(longer + 8, 'a', 200);
	memcpy(longer + 8, "iqn.", 4);
	fake_bytes(file, longer, sizeof(longer));
	expect_wwid("", "");
	fake_bytes(file, "\0\x83", 2);
	expect_wwid("", "");
}

static void test_nvme_wwid(void **state)
{
	char text[200];

	(void)state;
	put_disk(NVME "/nvme0n1", "../../nvme0");
	expect_wwid("", "");
	fake_attr("sys/devices/" NVME "/nvme0n1", "wwid",
		  "eui.0025388b71b0e2a1");
	expect_wwid("eui.0025388b71b0e2a1", "sysfs wwid");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fake_attr("sys/devices/" NVME "/nvme0n1", "wwid", text);
	expect_wwid("", "");
}

#define DASD "css0/0.0.0001/0.0.4711"

static void test_dasd_wwid(void **state)
{
	static const struct {
		const char *uid, *want;
	} rows[] = {
		{"IBM.75000000092461.4400.8a", "IBM.75000000092461.4400.8a"},
		{"IBM.75000000092461.4400.8a.000000010000022e0000000000000000",
		 "IBM.75000000092461.4400.8a"},
		{"IBM.1.2.3.", "IBM.1.2.3"},
		{"IBM", "IBM"},
	};

	(void)state;
	put_disk(DASD "/block/dasda", "../..");
	expect_wwid("", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_attr("sys/devices/" DASD, "uid", rows[i].uid);
		expect_wwid(rows[i].want, "sysfs uid");
	}
}

static void test_other_wwid(void **state)
{
	expect_wwid("", "");
	put_disk(PCI "/virtio3/block/vda", "../..");
	expect_wwid("", "");
	fake_attr("sys/devices/" PCI "/virtio3/block/vda", "serial", "disk 1 ");
	expect_wwid("disk 1", "sysfs serial");
	renew(state);
	put_disk("virtual/block/loop0", NULL);
	expect_wwid("", "");
}

/* As discovery asks: of this machine, where there is no disk of that number. */
static void test_probe(void **state)
{
	struct path_facts f = PATH_FACTS_NONE;
	char buf[NAME_SIZE] = "?", from[32] = "?";

	(void)state;
	identity_probe.protocol(makedev(4000, 1), buf, sizeof(buf));
	assert_string_equal(buf, "undef");
	identity_probe.facts(makedev(4000, 1), &f);
	assert_string_equal(f.name, "");
	identity_probe.wwid(makedev(4000, 1), buf, sizeof(buf), from,
			    sizeof(from));
	assert_string_equal(buf, "");
	assert_string_equal(from, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_scsi_protocols),
		FAKE_TEST(test_nvme_protocols), FAKE_TEST(test_nvme_joined),
		FAKE_TEST(test_other_protocols),
		FAKE_TEST(test_scsi_wwid),
		FAKE_TEST(test_nvme_wwid),
		FAKE_TEST(test_dasd_wwid),
		FAKE_TEST(test_other_wwid),
		FAKE_TEST(test_probe),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
