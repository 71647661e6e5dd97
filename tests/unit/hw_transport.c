// SPDX-License-Identifier: MIT
/*
 * The timers of transports (census 5.2), on made-up trees of sysfs: what is
 * written, where, and in which order. Behind the files stands a model of the
 * kernel's FC transport that refuses what that refuses.
 */
#include "tests/unit/fake_sysfs.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "core/config.h"
#include "core/transport.h"
#include "hw/transport.h"

#define FC                                                                     \
	"pci0000:00/0000:00:01.0/host2/rport-2:0-1/target2:0:1/2:0:1:3"
#define RPORT "sys/class/fc_remote_ports/rport-2:0-1"

static char written[512]; /* a line each: NAME/ATTRIBUTE = TEXT[ -> ERRNO] */
static bool recording;
static int refuse;	  /* every write; 0: by the model */
static int64_t dev_loss, fast_io_fail;

/* As drivers/scsi/scsi_transport_fc.c: what may be set to what. */
static int model(const char *attr, const char *text)
{
	int64_t n = strtoll(text, NULL, 10);

	if (refuse)
		return refuse;
	if (!strcmp(attr, "dev_loss_tmo")) {
		if (n > 600 && fast_io_fail == -1)
			return EINVAL;
		dev_loss = n;
	} else if (!strcmp(attr, "fast_io_fail_tmo")) {
		if (!strcmp(text, "off"))
			fast_io_fail = -1;
		else if (n >= dev_loss)
			return EINVAL;
		else
			fast_io_fail = n;
	}
	return 0;
}

ssize_t write(int fd, const void *buf, size_t n)
{
	char link[64], path[512], text[64], *attr, *name;
	size_t len = strlen(written);
	ssize_t got;
	int r;

	if (!recording)
		return syscall(SYS_write, fd, buf, n);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, sizeof(path) - 1);
	assert_true(got > 0);
	path[got] = '\0';
	snprintf(text, sizeof(text), "%.*s", (int)n, (const char *)buf);
	attr = strrchr(path, '/');
	*attr++ = '\0';
	name = strrchr(path, '/') + 1;
	r = model(attr, text);
	snprintf(written + len, sizeof(written) - len, "%s/%s = %s%s%s\n", name,
		 attr, text, r ? " -> " : "", r ? strerrorname_np(r) : "");
	errno = r;
	return r ? -1 : (ssize_t)n;
}

static void put_fc(const char *dev_loss_text)
{
	fake_disk(FC);
	fake_attr(RPORT, "dev_loss_tmo", dev_loss_text);
	fake_attr(RPORT, "fast_io_fail_tmo", "off");
	fake_attr("sys/class/scsi_host/host2", "eh_deadline", "off");
	fake_attr("sys/class/scsi_disk/2:0:1:3", "max_retries", "5");
	dev_loss = strtoll(dev_loss_text, NULL, 10);
	fast_io_fail = -1;
}

static struct transport_report tell(struct transport_timers t)
{
	struct transport_report r = {.refused = ""};

	written[0] = '\0';
	recording = true;
	transport_write_disk(fake_root, makedev(8, 16), &t, &r);
	recording = false;
	return r;
}

#define UNSET .eh_deadline = TMO_UNSET, .max_retries = TMO_UNSET

/* Now, to be, and what the port is told in that order. */
static const struct {
	const char *now;
	struct transport_timers t;
	const char *want;
	bool capped;
	int64_t dev_loss;
} fc[] = {
	{"60", {5, 0, UNSET}, "fast_io_fail_tmo = 5\n", false, 60},
	{"60", {5, 30, UNSET}, "fast_io_fail_tmo = 5\ndev_loss_tmo = 30\n",
	 false, 30},
	{"60", {5, UINT32_MAX, UNSET},
	 "fast_io_fail_tmo = 5\ndev_loss_tmo = 4294967295\n", false,
	 UINT32_MAX},
	/* room first */
	{"30", {50, 100, UNSET},
	 "dev_loss_tmo = 51\nfast_io_fail_tmo = 50\ndev_loss_tmo = 100\n",
	 false, 100},
	{"5", {5, 0, UNSET}, "dev_loss_tmo = 6\nfast_io_fail_tmo = 5\n", false,
	 6},
	{"6", {5, 0, UNSET}, "fast_io_fail_tmo = 5\n", false, 6},
	/* off and 0 */
	{"60", {TMO_OFF, 0, UNSET}, "fast_io_fail_tmo = off\n", false, 60},
	{"60", {0, 0, UNSET}, "fast_io_fail_tmo = 0\n", false, 60},
	{"60", {TMO_OFF, 600, UNSET},
	 "fast_io_fail_tmo = off\ndev_loss_tmo = 600\n", false, 600},
	/* no more than 600 without fast_io_fail */
	{"60", {TMO_OFF, 601, UNSET},
	 "fast_io_fail_tmo = off\ndev_loss_tmo = 600\n", true, 600},
	{"60", {0, UINT32_MAX, UNSET},
	 "fast_io_fail_tmo = 0\ndev_loss_tmo = 600\n", true, 600},
	/* unless I/O is queued without end: then as the kernel says */
	{"60", {TMO_OFF, UINT32_MAX, UNSET, .queue = true},
	 "fast_io_fail_tmo = off\ndev_loss_tmo = 4294967295 -> EINVAL\n",
	 false, 60},
	{"60", {0, UINT32_MAX, UNSET, .queue = true},
	 "fast_io_fail_tmo = 0\ndev_loss_tmo = 4294967295\n", false,
	 UINT32_MAX},
	/* a least one, which nobody has set: what is longer stays */
	{"600", {5, 66, UNSET, .least = true}, "fast_io_fail_tmo = 5\n", false,
	 600},
	{"66", {5, 66, UNSET, .least = true}, "fast_io_fail_tmo = 5\n", false,
	 66},
	{"60", {5, 66, UNSET, .least = true},
	 "fast_io_fail_tmo = 5\ndev_loss_tmo = 66\n", false, 66},
	{"60", {70, 66, UNSET, .least = true},
	 "dev_loss_tmo = 71\nfast_io_fail_tmo = 70\n", false, 71},
	{"600", {TMO_OFF, 6105, UNSET, .least = true},
	 "fast_io_fail_tmo = off\n", false, 600},
	{"60", {TMO_OFF, 6105, UNSET, .least = true},
	 "fast_io_fail_tmo = off\ndev_loss_tmo = 600\n", true, 600},
};

/* want without the port's name, which stands before each line of got. */
static void expect_port(size_t row, const char *want)
{
	static const char name[] = "rport-2:0-1/";
	char got[512], *p = got;

	strcpy(got, written);
	while ((p = strstr(p, name)))
		memmove(p, p + strlen(name), strlen(p + strlen(name)) + 1);
	if (strcmp(got, want))
		fail_msg("row %zu: got\n%sexpected\n%s", row, got, want);
}

static void test_fc(void **state)
{
	(void)state;
	put_fc("60");
	for (size_t i = 0; i < ARRAY_SIZE(fc); i++) {
		struct transport_report r;
		char path[512];

		snprintf(path, sizeof(path), "%s/sys/dev/block/8:16",
			 fake_root);
		fake_attr(RPORT, "dev_loss_tmo", fc[i].now);
		dev_loss = strtoll(fc[i].now, NULL, 10);
		fast_io_fail = -1;
		r = tell(fc[i].t);
		expect_port(i, fc[i].want);
		assert_true(r.supported);
		assert_string_equal(r.protocol, "scsi:fcp");
		assert_int_equal(r.capped, fc[i].capped);
		assert_false(r.busy);
		assert_int_equal(dev_loss, fc[i].dev_loss);
		assert_int_equal(!*r.refused, !strstr(fc[i].want, "EINVAL"));
	}
}

/* A blocked port takes nothing now: no fault, and not the rest of it in a wrong
 * order. */
static void test_busy(void **state)
{
	struct transport_report r;

	(void)state;
	put_fc("30");
	refuse = EBUSY;
	r = tell((struct transport_timers){50, 100, UNSET});
	assert_string_equal(written, "rport-2:0-1/dev_loss_tmo = 51 -> EBUSY\n");
	assert_true(r.busy);
	assert_string_equal(r.refused, "");
	r = tell((struct transport_timers){5, 100, UNSET});
	refuse = 0;
	assert_string_equal(written,
			    "rport-2:0-1/fast_io_fail_tmo = 5 -> EBUSY\n"
			    "rport-2:0-1/dev_loss_tmo = 100 -> EBUSY\n");
	assert_true(r.busy);
	assert_string_equal(r.refused, "");
}

static void test_refused(void **state)
{
	struct transport_report r;

	(void)state;
	put_fc("60");
	refuse = EACCES;
	r = tell((struct transport_timers){5, 100, UNSET});
	refuse = 0;
	assert_string_equal(r.refused, "rport-2:0-1: fast_io_fail_tmo = 5: "
				       "Permission denied");
	assert_false(r.busy);
	fake_attr(RPORT, "dev_loss_tmo", "soon");
	r = tell((struct transport_timers){5, 100, UNSET});
	assert_string_equal(written, "");
	assert_string_equal(r.refused, "rport-2:0-1: no dev_loss_tmo");
}

/* Of the host and the disk, whatever the transport. */
static void test_disk(void **state)
{
	struct transport_report r;

	(void)state;
	fake_disk("pci0000:00/0000:00:01.0/host2/target2:0:1/2:0:1:3");
	fake_attr("sys/class/scsi_host/host2", "eh_deadline", "off");
	fake_attr("sys/class/scsi_disk/2:0:1:3", "max_retries", "5");
	r = tell((struct transport_timers){5, 100, 20, 3, false, false});
	assert_string_equal(written, "host2/eh_deadline = 20\n"
				     "2:0:1:3/max_retries = 3\n");
	assert_false(r.supported);
	assert_string_equal(r.protocol, "scsi:unspec");
	tell((struct transport_timers){5, 0, TMO_OFF, TMO_OFF, false, false});
	assert_string_equal(written, "host2/eh_deadline = off\n"
				     "2:0:1:3/max_retries = -1\n");
	tell((struct transport_timers){5, 0, 0, 0, false, false});
	assert_string_equal(written, "host2/eh_deadline = 0\n"
				     "2:0:1:3/max_retries = 0\n");
	/* Not every driver has a deadline. */
	refuse = EINVAL;
	r = tell((struct transport_timers){5, 0, 7, TMO_UNSET, false, false});
	refuse = 0;
	assert_string_equal(r.refused, "");
}

static void test_iscsi(void **state)
{
	struct transport_report r;

	(void)state;
	fake_disk("platform/host7/session4/target7:0:0/7:0:0:1");
	fake_attr("sys/class/iscsi_session/session4", "recovery_tmo", "120");
	r = tell((struct transport_timers){5, 100, UNSET});
	assert_string_equal(written, "session4/recovery_tmo = 5\n");
	assert_true(r.supported);
	assert_string_equal(r.protocol, "scsi:iscsi");
	r = tell((struct transport_timers){0, 100, UNSET});
	assert_string_equal(written, "");
	r = tell((struct transport_timers){TMO_OFF, 100, UNSET});
	assert_string_equal(written, "");
	assert_string_equal(r.refused, "");
}

static void test_sas(void **state)
{
	struct transport_report r;

	(void)state;
	fake_disk("platform/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0");
	fake_attr("sys/class/sas_end_device/end_device-0:0",
		  "I_T_nexus_loss_timeout", "1");
	r = tell((struct transport_timers){5, 100, UNSET});
	assert_string_equal(written,
			    "end_device-0:0/I_T_nexus_loss_timeout = 100\n");
	assert_true(r.supported);
	tell((struct transport_timers){5, 66, UNSET, .least = true});
	assert_string_equal(written,
			    "end_device-0:0/I_T_nexus_loss_timeout = 66\n");
	fake_attr("sys/class/sas_end_device/end_device-0:0",
		  "I_T_nexus_loss_timeout", "100");
	tell((struct transport_timers){5, 66, UNSET, .least = true});
	assert_string_equal(written, "");
	tell((struct transport_timers){5, 0, UNSET});
	assert_string_equal(written, "");
}

#define FABRICS "virtual/nvme-fabrics/ctl/nvme3"

/* As long as it is, or longer. */
static const struct {
	const char *now;
	int64_t fast_io_fail, dev_loss;
	const char *want;
} nvme[] = {
	{"600", 5, 0, "nvme3/fast_io_fail_tmo = 5\n"},
	{"600", TMO_OFF, 600, "nvme3/fast_io_fail_tmo = -1\n"},
	{"600", 0, 601,
	 "nvme3/fast_io_fail_tmo = 0\nnvme3/ctrl_loss_tmo = 601\n"},
	{"600", 5, UINT32_MAX,
	 "nvme3/fast_io_fail_tmo = 5\nnvme3/ctrl_loss_tmo = -1\n"},
	{"off", 5, 700, "nvme3/fast_io_fail_tmo = 5\n"},
};

static void test_nvme(void **state)
{
	struct transport_report r;

	(void)state;
	fake_attr("sys/devices/" FABRICS "/nvme3n1", "size", "1");
	fake_link("sys/devices/" FABRICS "/nvme3n1/device", "../../nvme3");
	fake_link("sys/dev/block/8:16", "../../devices/" FABRICS "/nvme3n1");
	fake_link("sys/class/nvme/nvme3", "../../devices/" FABRICS);
	fake_attr("sys/devices/" FABRICS, "transport", "tcp");
	/* As of PCI Express. */
	r = tell((struct transport_timers){5, 0, UNSET});
	assert_string_equal(written, "");
	assert_false(r.supported);
	fake_attr("sys/devices/" FABRICS, "fast_io_fail_tmo", "off");
	for (size_t i = 0; i < ARRAY_SIZE(nvme); i++) {
		fake_attr("sys/devices/" FABRICS, "ctrl_loss_tmo", nvme[i].now);
		r = tell((struct transport_timers){nvme[i].fast_io_fail,
						   nvme[i].dev_loss, UNSET});
		assert_string_equal(written, nvme[i].want);
		assert_true(r.supported);
		assert_string_equal(r.protocol, "nvme:tcp");
		assert_string_equal(r.refused, "");
	}
}

static void test_others(void **state)
{
	struct transport_report r;
	char path[512];

	(void)state;
	r = tell((struct transport_timers){5, 100, 1, 1, false, false}); /* no such disk */
	assert_string_equal(written, "");
	assert_false(r.supported);
	snprintf(path, sizeof(path), "../../devices/virtual/block/loop0");
	fake_attr("sys/devices/virtual/block/loop0", "size", "1");
	fake_link("sys/dev/block/8:16", path);
	r = tell((struct transport_timers){5, 100, 1, 1, false, false});
	assert_string_equal(written, "");
	assert_false(r.supported);
	assert_string_equal(r.protocol, "undef");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_fc),	 FAKE_TEST(test_busy),
		FAKE_TEST(test_refused), FAKE_TEST(test_disk),
		FAKE_TEST(test_iscsi),	 FAKE_TEST(test_sas),
		FAKE_TEST(test_others),	 FAKE_TEST(test_nvme),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
