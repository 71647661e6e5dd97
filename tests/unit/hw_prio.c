// SPDX-License-Identifier: MIT
/*
 * The prioritizers, on made-up trees of sysfs and real files: what each says,
 * and which arguments it takes.
 */
#include "tests/unit/fake_sysfs.h"

#include <errno.h>
#include "hw/prioritizers.h"

#define DISK "platform/host2/target2:0:1/2:0:1:3"

static const struct prioritizer_ops *const table[] = PRIORITIZER_TABLE;
static struct device dev;
static struct path_facts facts;

static int ask(const char *name, const char *args, struct prio_query *q)
{
	const struct prioritizer_ops *ops = prioritizer_find(table, name);

	assert_non_null(ops);
	*q = (struct prio_query){
		.dev = &dev,
		.dev_path = "/dev/disk/by-id/x",
		.facts = &facts,
		.args = args,
		.root = fake_root,
		.configured = 42,
		.timeout = 30 * NSEC_PER_SEC,
	};
	assert_int_equal(prioritizer_check(table, name, args, NULL), 0);
	return ops->get(q);
}

static void expect(const char *name, const char *args, int want)
{
	struct prio_query q;
	int got = ask(name, args, &q);

	if (got != want)
		fail_msg("%s %s: got %d (%s), expected %d", name, args, got,
			 q.message, want);
	/* Whoever knows nothing says why. */
	assert_int_equal(q.message[0] != '\0', want == PRIO_UNDEF);
}

static int setup(void **state)
{
	fake_setup(state);
	fake_device(&dev);
	facts = PATH_FACTS_NONE;
	return 0;
}

static void test_args(void **state)
{
	static const struct {
		const char *name, *args, *why; /* NULL: they are good */
	} rows[] = {
		{"const", "", NULL},
		{"const", "of another", NULL}, /* it looks at none */
		{"random", "", NULL},
		{"nosuch", "", "there is no prioritizer 'nosuch'"},
		{"sysfs", "", NULL},
		{"sysfs", "exclusive_pref_bit", NULL},
		{"sysfs", "exclusive", "'exclusive': exclusive_pref_bit is"},
		{"weightedpath", "", "'': weightedpath needs"},
		{"weightedpath", "devname", "'devname': a pattern and"},
		{"weightedpath", "name sd 1", "'name': weightedpath needs"},
		{"weightedpath", "devname sd", "'sd': no priority"},
		{"weightedpath", "devname sd 1 sde", "'sde': no priority"},
		{"weightedpath", "devname sd x", "'x': a priority is"},
		{"weightedpath", "devname sd -1", "'-1': a priority is"},
		{"weightedpath", "devname sd 65536", "'65536': a priority is"},
		{"weightedpath", "devname sd[ 1", "'sd[': "},
		{"weightedpath", "hbtl 1:.:.:. 2", NULL},
		{"weightedpath", "serial . 65535 b 0", NULL},
		{"weightedpath", "wwn . 5", NULL},
		{"path_latency", "", NULL},
		{"path_latency", "io_num=20 base_num=1.1", NULL},
		{"path_latency", "base_num=10 io_num=200", NULL},
		{"path_latency", "io_num=19", "'io_num=19': io_num=20..200"},
		{"path_latency", "io_num=201", "'io_num=201': "},
		{"path_latency", "io_num=", "'io_num=': "},
		{"path_latency", "io_num=5e1", "'io_num=5e1': "},
		{"path_latency", "base_num=1.09", "'base_num=1.09': "},
		{"path_latency", "base_num=10.1", "'base_num=10.1': "},
		{"path_latency", "base_num=nan", "'base_num=nan': "},
		{"path_latency", "base_num=2..0", "'base_num=2..0': "},
		{"path_latency", "base_num=-2", "'base_num=-2': "},
		{"path_latency", "io_nums=50", "'io_nums=50': "},
		{"datacore", "", "'': datacore needs"},
		{"datacore", "timeout=1000", "'': datacore needs"},
		{"datacore", "preferredsds=", "'preferredsds=': "},
		{"datacore", "preferredsds=a preferredsds=b", "'preferredsds=b"},
		{"datacore", "preferredsds=a timeout=0", "'timeout=0': "},
		{"datacore", "timeout=1000 preferredsds=a", NULL},
		{"datacore", "preferredsds=a1234567890123456", "'preferred"},
		{"datacore", "preferredsds=a123456789012345", NULL},
		{"iet", "", "'': iet needs"},
		{"iet", "preferredip=192.0.2.256", "'preferredip=192.0.2.256'"},
		{"iet", "preferredip=", "'preferredip=': "},
		{"iet", "192.0.2.1", "'192.0.2.1': "},
		{"iet", "preferredip=192.0.2.1 x", "'x': preferredip"},
		{"iet", "preferredip=192.0.2.1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct errmsg e = {.text = ""};
		int r = prioritizer_check(table, rows[i].name, rows[i].args,
					  &e);

		if (r != (rows[i].why ? -EINVAL : 0))
			fail_msg("%s '%s': %d %s", rows[i].name, rows[i].args,
				 r, e.text);
		if (rows[i].why &&
		    strncmp(e.text, rows[i].why, strlen(rows[i].why)))
			fail_msg("%s '%s': got %s, expected %s", rows[i].name,
				 rows[i].args, e.text, rows[i].why);
	}
}

static void test_const(void **state)
{
	(void)state;
	expect("const", "", 42);
}

static void test_random(void **state)
{
	bool seen[11] = {false};
	struct prio_query q;
	int distinct = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int n = ask("random", "", &q);

		assert_in_range(n, 1, 10);
		distinct += !seen[n];
		seen[n] = true;
	}
	assert_int_equal(distinct, 10);
}

static void test_weightedpath(void **state)
{
	static const struct {
		const char *args;
		int want;
	} rows[] = {
		{"devname sdb 7", 7},
		{"devname ^sd[ab]$ 7", 7},
		{"devname sda 7", 0},
		{"devname sda 7 sd 3 sdb 9", 3}, /* the first one */
		{"devname b.. 7", 0},
		{"devname (sda|sdb) 0 . 9", 0},
		{"hbtl ^2:.:1:3$ 11", 11},
		{"hbtl ^3: 11 ^2: 12", 12},
		{"serial ^S12 5", 5},
		{"wwn ^0x1:0x2:0x3:0x4$ 6", 6},
		{"wwn :0x4$ 60000", 60000},
	};

	(void)state;
	strcpy(facts.name, "sdb");
	strcpy(facts.hctl, "2:0:1:3");
	strcpy(facts.serial, "S1234");
	strcpy(facts.host_node, "0x1");
	strcpy(facts.host_port, "0x2");
	strcpy(facts.node_name, "0x3");
	strcpy(facts.target_port, "0x4");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect("weightedpath", rows[i].args, rows[i].want);
	facts = PATH_FACTS_NONE; /* a file */
	expect("weightedpath", "devname ^x$ 4", 4);
	expect("weightedpath", "hbtl . 4", 0);
	expect("weightedpath", "serial ^$ 4", 4);
}

static void test_sysfs(void **state)
{
	static const struct {
		const char *state, *preferred; /* NULL: no such attribute */
		int plain, exclusive;
	} rows[] = {
		{"active/optimized", NULL, 50, 50},
		{"active/optimized", "0", 50, 50},
		{"active/optimized", "1", 50, 130},
		{"active/non-optimized", "0", 10, 10},
		{"active/non-optimized", "1", 90, 90},
		{"lba-dependent", "0", 5, 5},
		{"lba-dependent", "1", 85, 85},
		{"standby", "0", 1, 1},
		{"standby", "1", 81, 81},
		{"unavailable", "0", 0, 0},
		{"unavailable", "1", 80, 80},
		{"transitioning", "0", 0, 0},
		{"offline", "0", 0, 0},
	};

	(void)state;
	expect("sysfs", "", PRIO_UNDEF);
	fake_disk(DISK);
	expect("sysfs", "", PRIO_UNDEF);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_attr("sys/devices/" DISK, "access_state", rows[i].state);
		if (rows[i].preferred)
			fake_attr("sys/devices/" DISK, "preferred_path",
				  rows[i].preferred);
		expect("sysfs", "", rows[i].plain);
		expect("sysfs", "exclusive_pref_bit", rows[i].exclusive);
	}
	dev.limits.is_block = false;
	expect("sysfs", "", PRIO_UNDEF);
}

static void test_datacore(void **state)
{
	char inquiry[128];

	(void)state;
	expect("datacore", "preferredsds=north", PRIO_UNDEF);
	fake_disk(DISK);
	memset(inquiry, ' ', sizeof(inquiry));
	memcpy(inquiry + 112, "sds-north", 9);
	fake_bytes("sys/devices/" DISK "/inquiry", inquiry, sizeof(inquiry));
	expect("datacore", "preferredsds=sds-north", 1);
	expect("datacore", "timeout=100 preferredsds=north", 1);
	expect("datacore", "preferredsds=south", 0);
	/* elsewhere in the data it is no name */
	memcpy(inquiry + 100, "south", 5);
	fake_bytes("sys/devices/" DISK "/inquiry", inquiry, sizeof(inquiry));
	expect("datacore", "preferredsds=south", 0);
	/* the last byte of it */
	memcpy(inquiry + 123, "south", 5);
	fake_bytes("sys/devices/" DISK "/inquiry", inquiry, sizeof(inquiry));
	expect("datacore", "preferredsds=south", 1);
	/* of another array, which has no such bytes */
	fake_bytes("sys/devices/" DISK "/inquiry", inquiry, 36);
	expect("datacore", "preferredsds=north", 0);
}

static void test_iet(void **state)
{
	(void)state;
	strcpy(facts.name, "sdb");
	expect("iet", "preferredip=192.0.2.1", PRIO_UNDEF);
	fake_link("dev/disk/by-path/pci-0000:00:1f.2-ata-1", "../../sda");
	expect("iet", "preferredip=192.0.2.1", 10);
	fake_link("dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.x-lun-1",
		  "../../sdc");
	fake_link("dev/disk/by-path/ip-192.0.2.2:3260-iscsi-iqn.192.0.2.1-lun-1",
		  "../../sdb");
	expect("iet", "preferredip=192.0.2.1", 10);
	expect("iet", "preferredip=192.0.2.2", 20);
	strcpy(facts.name, "sdc");
	expect("iet", "preferredip=192.0.2.1", 20);
	facts.name[0] = '\0'; /* a file */
	expect("iet", "preferredip=192.0.2.1", PRIO_UNDEF);
}

/* A real file, read past the page cache if the file system can; the formula's
 * bounds: log_b(10^8) is 32 by default, 8 for 10, 193.27 for 1.1. */
static void test_path_latency(void **state)
{
	struct prio_query q;
	char path[128];
	int n, fine, coarse;

	(void)state;
	fake_bytes("file", path, 0);
	snprintf(path, sizeof(path), "%s/file", fake_root);
	assert_int_equal(truncate(path, 65536), 0);
	dev.fd = open(path, O_RDONLY);
	assert_true(dev.fd >= 0);
	dev.limits.size = 65536;
	dev.limits.block = 512;
	n = ask("path_latency", "", &q);
	assert_in_range(n, 4, 32); /* 10 s to 1 us */
	coarse = ask("path_latency", "io_num=20 base_num=10", &q);
	assert_in_range(coarse, 1, 8);
	fine = ask("path_latency", "io_num=20 base_num=1.1", &q);
	assert_in_range(fine, 24, 193);
	/* 16 steps of the one are 2 of the other, give or take the noise. */
	assert_true(fine > coarse);
	/* a failed read, a short one, and a file that is only cached */
	assert_int_equal(truncate(path, 512), 0);
	expect("path_latency", "", PRIO_UNDEF);
	assert_int_equal(truncate(path, 65536), 0);
	dev.limits.block = 1;
	expect("path_latency", "", PRIO_UNDEF);
	dev.limits.block = 512;
	close(dev.fd);
	dev.fd = -1;
	expect("path_latency", "", PRIO_UNDEF);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, fake_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_args),	 TEST(test_const),
		TEST(test_random),	 TEST(test_weightedpath),
		TEST(test_sysfs),	 TEST(test_datacore),
		TEST(test_iet),		 TEST(test_path_latency),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
