// SPDX-License-Identifier: MIT
/* What is read of a disk, on made-up trees of sysfs. */
#include "tests/unit/fake_sysfs.h"

#include "tests/unit/scripted_sg.h"

#include "hw/facts.h"
#include "hw/sysfs.h"

#define FC                                                                     \
	"pci0000:00/0000:00:01.0/0000:03:00.1/host2/rport-2:0-1/target2:0:1/"  \
	"2:0:1:3"

/* Page 0x83 of two designators: NAA 6, and target port group 4242. */
static const uint8_t page83[] = {
	0x00, 0x83, 0x00, 0x1c,
	0x01, 0x03, 0x00, 0x10, 0x60, 0x05, 0x07, 0x68, 1, 2, 3, 4, 5, 6, 7, 8,
	9, 10, 11, 12,
	0x01, 0x15, 0x00, 0x04, 0x00, 0x00, 0x10, 0x92,
};
static const uint8_t page80[] = {0x00, 0x80, 0x00, 0x08, ' ', ' ', 'S',
				 '1',  '2',  '3',  '4',	 ' '};

static struct path_facts identify(void)
{
	struct path_facts f = PATH_FACTS_NONE;

	facts_of_disk(fake_root, makedev(8, 16), &f);
	return f;
}

static void expect_none(const struct path_facts *f)
{
	static const struct path_facts none = {.tpg = TPG_UNKNOWN};

	assert_true(path_facts_same(f, &none));
	assert_string_equal(f->vendor, "");
	assert_string_equal(f->product, "");
	assert_string_equal(f->revision, "");
}

static void put_fc(void)
{
	uint8_t inquiry[36] = {0, 0, 6, 2, 31, 1 << 4};

	fake_disk(FC);
	fake_attr("sys/devices/" FC, "vendor", "IBM     ");
	fake_attr("sys/devices/" FC, "model", "2145            ");
	fake_attr("sys/devices/" FC, "rev", "0000");
	fake_bytes("sys/devices/" FC "/vpd_pg80", page80, sizeof(page80));
	fake_bytes("sys/devices/" FC "/vpd_pg83", page83, sizeof(page83));
	fake_bytes("sys/devices/" FC "/inquiry", inquiry, sizeof(inquiry));
	fake_attr("sys/class/fc_host/host2", "node_name", "0x20000024ff000001");
	fake_attr("sys/class/fc_host/host2", "port_name", "0x21000024ff000001");
	fake_attr("sys/class/fc_remote_ports/rport-2:0-1", "node_name",
		  "0x5005076801000001");
	fake_attr("sys/class/fc_remote_ports/rport-2:0-1", "port_name",
		  "0x5005076801100001");
}

static void test_fc(void **state)
{
	struct path_facts f;

	(void)state;
	put_fc();
	f = identify();
	assert_string_equal(f.name, "sdb");
	assert_string_equal(f.hctl, "2:0:1:3");
	assert_string_equal(f.vendor, "IBM");
	assert_string_equal(f.product, "2145");
	assert_string_equal(f.revision, "0000");
	assert_string_equal(f.serial, "S1234");
	assert_int_equal(f.tpg, 4242);
	assert_true(f.implicit_only);
	assert_int_equal(f.tpgs, 1);
	assert_int_equal(f.kind, DEVICE_SCSI);
	assert_false(f.access_state);
	fake_attr("sys/devices/" FC, "access_state", "standby");
	assert_true(identify().access_state);
	assert_string_equal(f.adapter, "0000:03:00.1");
	assert_string_equal(f.host_node, "0x20000024ff000001");
	assert_string_equal(f.host_port, "0x21000024ff000001");
	assert_string_equal(f.node_name, "0x5005076801000001");
	assert_string_equal(f.target_port, "0x5005076801100001");
}

/* A partition is a way to the same disk. */
static void test_partition(void **state)
{
	struct path_facts f;
	char path[512];

	(void)state;
	put_fc();
	fake_attr("sys/devices/" FC "/block/sdb/sdb1", "partition", "1");
	snprintf(path, sizeof(path), "%s/sys/dev/block/8:16", fake_root);
	assert_int_equal(unlink(path), 0);
	fake_link("sys/dev/block/8:16", "../../devices/" FC "/block/sdb/sdb1");
	f = identify();
	assert_string_equal(f.name, "sdb");
	assert_string_equal(f.serial, "S1234");
}

/* Where the remote port says nothing, what its transport says. */
static void test_fc_transport(void **state)
{
	struct path_facts f;

	(void)state;
	fake_disk(FC);
	fake_attr("sys/class/fc_transport/target2:0:1", "node_name", "0xa");
	fake_attr("sys/class/fc_transport/target2:0:1", "port_name", "0xb");
	f = identify();
	assert_string_equal(f.node_name, "0xa");
	assert_string_equal(f.target_port, "0xb");
}

static void test_iscsi(void **state)
{
	struct path_facts f;

	(void)state;
	fake_disk("platform/host7/session4/target7:0:0/7:0:0:1");
	fake_attr("sys/class/iscsi_session/session4", "targetname",
		  "iqn.2003-01.org.example:one");
	fake_attr("sys/class/iscsi_host/host7", "ipaddress", "192.0.2.7");
	f = identify();
	assert_string_equal(f.hctl, "7:0:0:1");
	assert_string_equal(f.node_name, "iqn.2003-01.org.example:one");
	assert_string_equal(f.adapter, "192.0.2.7");
	assert_string_equal(f.target_port, "");
	assert_int_equal(f.tpg, TPG_UNKNOWN);
	assert_false(f.implicit_only);
}

static void test_sas(void **state)
{
	struct path_facts f;

	(void)state;
	fake_disk("platform/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0");
	fake_attr("sys/class/sas_device/end_device-0:0", "sas_address",
		  "0x5000c50000000001");
	f = identify();
	assert_string_equal(f.node_name, "0x5000c50000000001");
	assert_string_equal(f.adapter, "host0");
}

static void link_to(const char *disk, const char *device)
{
	char path[512];

	snprintf(path, sizeof(path), "sys/devices/%s/device", disk);
	if (device)
		fake_link(path, device);
	snprintf(path, sizeof(path), "../../devices/%s", disk);
	fake_link("sys/dev/block/8:16", path);
}

#define NVME_HEAD "virtual/nvme-subsystem/nvme-subsys0/nvme0n1"
#define NVME "pci0000:00/0000:00:05.0/nvme/nvme0"

static void test_nvme(void **state)
{
	struct path_facts f;

	(void)state;
	fake_attr("sys/devices/" NVME, "serial", "NV1         ");
	fake_attr("sys/devices/" NVME, "model", "Disk");
	fake_attr("sys/devices/" NVME, "firmware_rev", "1.0");
	fake_attr("sys/devices/" NVME, "address",
		  "traddr=192.0.2.1,trsvcid=4420");
	fake_attr("sys/devices/" NVME "/nvme0n1", "size", "1");
	link_to(NVME "/nvme0n1", "../../nvme0");
	f = identify();
	assert_string_equal(f.name, "nvme0n1");
	assert_int_equal(f.kind, DEVICE_NVME);
	assert_string_equal(f.vendor, "NVME");
	assert_string_equal(f.product, "Disk");
	assert_string_equal(f.revision, "1.0");
	assert_string_equal(f.serial, "NV1");
	assert_string_equal(f.node_name, "traddr=192.0.2.1,trsvcid=4420");
	assert_string_equal(f.adapter, "0000:00:05.0");
	assert_string_equal(f.hctl, "0:0:1:0");
	fake_attr("sys/devices/" NVME, "cntlid", "2");
	fake_attr("sys/devices/" NVME "/nvme0n1", "nsid", "7");
	f = identify();
	assert_string_equal(f.hctl, "0:2:1:7");
}

/* What the kernel has joined, and what it hides, has no place of its own. */
static void test_nvme_head(void **state)
{
	struct path_facts f;

	fake_attr("sys/devices/" NVME_HEAD, "size", "1");
	fake_attr("sys/devices/" NVME_HEAD "/..", "model", "Array");
	link_to(NVME_HEAD, "../../nvme-subsys0");
	f = identify();
	assert_string_equal(f.vendor, "NVME");
	assert_string_equal(f.product, "Array");
	assert_string_equal(f.hctl, "");
	assert_int_equal(fake_teardown(state), 0);
	fake_setup(state);
	fake_attr("sys/devices/" NVME "/nvme0c0n1", "size", "1");
	fake_attr("sys/devices/" NVME, "cntlid", "2");
	link_to(NVME "/nvme0c0n1", "../../nvme0");
	assert_string_equal(identify().hctl, "");
}

static struct path_facts open_and_identify(void)
{
	struct path_facts f = PATH_FACTS_NONE;
	struct device d;

	fake_device(&d);
	facts_of_device(fake_root, &d, &f);
	return f;
}

/* The controller is asked whether it has access states, and then only. */
static void test_ana(void **state)
{
	static const uint8_t none[4096], cmic[4096] = {[76] = 1 << 3};
	struct sg_step s = {
		.is_nvme = true,
		.nvme = {.opcode = 6, .cdw10 = 1, .data_len = 4096},
		.data = cmic,
		.data_len = 4096,
	};
	struct path_facts f;

	fake_attr("sys/devices/" NVME "/nvme0n1", "size", "1");
	link_to(NVME "/nvme0n1", "../../nvme0");
	sg_nsid = 1;
	sg_expect(&s, 1);
	fake_attr("sys/devices/" NVME, "transport", "tcp");
	f = open_and_identify();
	assert_true(f.ana && f.implicit_only);
	assert_string_equal(f.protocol, "nvme:tcp");
	s.data = none;
	sg_expect(&s, 1);
	f = open_and_identify();
	assert_false(f.ana || f.implicit_only);
	s.nvme_status = 0x370;
	sg_expect(&s, 1);
	f = open_and_identify();
	assert_false(f.ana || f.implicit_only);
	sg_all_done();
	assert_int_equal(fake_teardown(state), 0);
	fake_setup(state);
	sg_expect(NULL, 0);
	fake_attr("sys/devices/" NVME_HEAD, "size", "1");
	link_to(NVME_HEAD, "../../nvme-subsys0");
	assert_false(open_and_identify().ana);
	sg_nsid = 0;
}

#define VIRTIO "pci0000:00/0000:00:06.0/virtio3"

static void test_virtio(void **state)
{
	struct path_facts f;

	(void)state;
	fake_attr("sys/devices/" VIRTIO "/block/vda", "serial", "disk-1");
	link_to(VIRTIO "/block/vda", "../../../virtio3");
	f = identify();
	assert_string_equal(f.name, "vda");
	assert_int_equal(f.kind, DEVICE_OTHER);
	assert_string_equal(f.serial, "disk-1");
	assert_string_equal(f.adapter, "0000:00:06.0");
}

/* Nothing there, or nothing that makes sense: unknown, and no error. */
static void test_unknown(void **state)
{
	uint8_t rubbish[4096];
	struct path_facts f;
	struct device file;

	(void)state;
	f = identify();
	expect_none(&f);
	fake_device(&file);
	file.limits.is_block = false;
	f = PATH_FACTS_NONE;
	put_fc();
	facts_identify(&file, &f);
	assert_int_equal(f.kind, DEVICE_OTHER);
	f.kind = DEVICE_UNKNOWN;
	expect_none(&f);
	memset(rubbish, 0xff, sizeof(rubbish));
	fake_bytes("sys/devices/" FC "/vpd_pg80", rubbish, sizeof(rubbish));
	fake_bytes("sys/devices/" FC "/vpd_pg83", rubbish, sizeof(rubbish));
	fake_bytes("sys/devices/" FC "/inquiry", rubbish, 5);
	fake_bytes("sys/class/fc_remote_ports/rport-2:0-1/node_name", rubbish,
		   sizeof(rubbish));
	f = identify();
	assert_string_equal(f.serial, "");
	assert_int_equal(f.tpg, TPG_UNKNOWN);
	assert_false(f.implicit_only);
	assert_string_equal(f.hctl, "2:0:1:3");
}

/* A text is read whole or not at all. */
static void test_sysfs_text(void **state)
{
	char dir[128], buf[8];

	(void)state;
	fake_attr("d", "seven", "  1234567 \t");
	fake_attr("d", "eight", "12345678");
	fake_attr("d", "blank", " ");
	snprintf(dir, sizeof(dir), "%s/d", fake_root);
	assert_true(sysfs_text(dir, "seven", buf, sizeof(buf)));
	assert_string_equal(buf, "1234567");
	assert_false(sysfs_text(dir, "eight", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_false(sysfs_text(dir, "blank", buf, sizeof(buf)));
	assert_false(sysfs_text(dir, "none", buf, sizeof(buf)));
}

/* How long the kernel waits for a command. */
static void test_timeout(void **state)
{
	static const struct {
		const char *text; /* NULL: no such file */
		uint32_t want;
	} rows[] = {
		{NULL, 0},	 {"30", 30},   {"180", 180}, {"0", 0},
		{"86400", 86400}, {"86401", 0}, {"-1", 0},    {"30 s", 0},
		{"", 0},
	};

	(void)state;
	put_fc();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t got;

		if (rows[i].text)
			fake_attr("sys/devices/" FC, "timeout", rows[i].text);
		got = identify().timeout;
		if (got != rows[i].want)
			fail_msg("'%s': got %u, expected %u",
				 rows[i].text ? rows[i].text : "none", got,
				 rows[i].want);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_fc),	  FAKE_TEST(test_partition),
		FAKE_TEST(test_fc_transport), FAKE_TEST(test_iscsi),
		FAKE_TEST(test_sas),	  FAKE_TEST(test_nvme),
		FAKE_TEST(test_nvme_head), FAKE_TEST(test_ana),
		FAKE_TEST(test_virtio),	  FAKE_TEST(test_unknown),
		FAKE_TEST(test_sysfs_text), FAKE_TEST(test_timeout),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
