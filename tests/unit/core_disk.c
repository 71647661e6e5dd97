// SPDX-License-Identifier: MIT
/*
 * The disks of this machine: loop devices come, change and go, and their
 * partitions with them. As root.
 *
 * In a /run of its own, so that the kernel is listened to whether udevd runs
 * or not; with MPATHFS_TEST_UDEVD (tests/mount/disks.t) it is the udevd there,
 * which has a rule that makes the backing file the ID_SERIAL.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <cmocka.h>
#include "core/disk.h"
#include "hw/identity.h"

#define FILE_SIZE (4 << 20)
#define DEADLINE_MS 60000
#define BURST 1000

static bool with_udevd;
static char dir[64], file[96];
static char loop[32]; /* "loop3" */
static int loop_fd = -1;
static struct disk_source *source;

static PRINTF_LIKE(1, 2) void shell(const char *fmt, ...)
{
	char command[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/*
 * It is detached when the last one closes it, so that it is never somebody
 * else's that is detached, and none stays behind.
 */
static void hold(void)
{
	struct loop_info64 info;
	char node[64];

	snprintf(node, sizeof(node), "/dev/%s", loop);
	loop_fd = open(node, O_RDONLY | O_CLOEXEC);
	assert_true(loop_fd >= 0);
	assert_int_equal(ioctl(loop_fd, LOOP_GET_STATUS64, &info), 0);
	info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	assert_int_equal(ioctl(loop_fd, LOOP_SET_STATUS64, &info), 0);
}

/* losetup -f: two at once may choose the same device; one of them fails. */
static void attach(void)
{
	char command[160], line[64] = "";

	snprintf(command, sizeof(command),
		 "losetup -P -f --show %s 2>/dev/null", file);
	for (int i = 0; i < 20 && !line[0]; i++) {
		FILE *p = popen(command, "re");

		assert_non_null(p);
		if (!fgets(line, sizeof(line), p))
			line[0] = '\0';
		pclose(p);
	}
	assert_int_equal(sscanf(line, "/dev/%31s", loop), 1);
	hold();
}

static void detach(void)
{
	close(loop_fd);
	loop_fd = -1;
}

static int setup(void **state)
{
	struct errmsg e;

	(void)state;
	if (disk_source_new(&identity_probe, &source, &e))
		fail_msg("%s", e.text);
	assert_string_equal(source->kind, with_udevd ? "udev" : "kernel");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	source->free(source);
	if (loop_fd >= 0)
		detach();
	return 0;
}

/* Waiting */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What has come of the one disk that is looked at. */
struct seen {
	const char *name;
	size_t n[DISK_REMOVE + 1]; /* events, by action */
	enum disk_action last;
	uint64_t size;		   /* of the last one */
	char serial[64];	   /* its ID_SERIAL */
	bool partition, lost;
	size_t wrong;		   /* other size than its serial's */
};

static void note(struct seen *s, const struct disk_event *ev)
{
	const char *serial = disk_property(ev->disk, "ID_SERIAL");

	if (strcmp(ev->disk->name, s->name) != 0)
		return;
	s->n[ev->action]++;
	s->last = ev->action;
	s->size = ev->disk->size;
	s->partition = ev->disk->use.partition;
	snprintf(s->serial, sizeof(s->serial), "%s", serial ? serial : "");
	if (ev->disk->size > FILE_SIZE && !strcmp(s->serial, file))
		s->wrong++;
}

static void receive(struct seen *s)
{
	struct disk_event *ev = NULL;
	struct errmsg e;
	bool lost = false;
	size_t n = 0;

	if (source->receive(source, &ev, &n, &lost, &e))
		fail_msg("%s", e.text);
	s->lost = s->lost || lost;
	for (size_t i = 0; i < n; i++) {
		note(s, &ev[i]);
		disk_free(ev[i].disk);
	}
	free(ev);
}

static void wait_until(struct seen *s, bool (*done)(const struct seen *s))
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (receive(s), !done(s)) {
		struct pollfd p = {.fd = source->fd, .events = POLLIN};
		uint64_t now = now_ms();

		if (now >= end)
			fail_msg("%s: add %zu change %zu remove %zu, size %llu",
				 s->name, s->n[DISK_ADD], s->n[DISK_CHANGE],
				 s->n[DISK_REMOVE],
				 (unsigned long long)s->size);
		poll(&p, 1, (int)(end - now));
	}
}

/* udevd has come to it: before that, an event of whoever had the loop device
 * last may tell of its size. */
static bool is_told(const struct seen *s)
{
	return !with_udevd || s->serial[0];
}

static bool has_size(const struct seen *s)
{
	return s->size > 0 && is_told(s);
}

static bool is_large(const struct seen *s)
{
	return s->size == 2 * FILE_SIZE && is_told(s);
}

static bool is_empty(const struct seen *s)
{
	return s->n[DISK_CHANGE] && !s->size;
}

static bool changed(const struct seen *s)
{
	return s->n[DISK_CHANGE];
}

static bool changed_often(const struct seen *s)
{
	return s->n[DISK_CHANGE] >= BURST;
}

static bool was_lost(const struct seen *s)
{
	return s->lost;
}

static bool is_there(const struct seen *s)
{
	return s->n[DISK_ADD] && s->last != DISK_REMOVE;
}

static bool is_gone(const struct seen *s)
{
	return s->n[DISK_REMOVE] && s->last == DISK_REMOVE;
}

/* What udevd has been told is done. */
static void settle(void)
{
	if (with_udevd)
		shell("udevadm settle --timeout=60");
}

/* Attached, and all that this has brought is received. */
static void attached(void)
{
	struct seen s = {.name = loop};

	attach();
	wait_until(&s, has_size);
	/* Looking for partitions brings one more. */
	settle();
	receive(&s);
}

/* Enumeration */

static struct disk *found;

static void keep(void *ctx, struct disk *d)
{
	if (strcmp(d->name, ctx) != 0) {
		disk_free(d);
		return;
	}
	assert_null(found);
	found = d;
}

/* The disk of that name, or NULL; free it. */
static struct disk *find(char *name)
{
	struct errmsg e;

	found = NULL;
	if (source->enumerate(source, keep, name, &e))
		fail_msg("%s", e.text);
	return found;
}

static void expect_held(char *name, const char *by)
{
	struct disk *d = find(name);

	assert_non_null(d);
	assert_string_equal(d->use.held_by, by);
	disk_free(d);
}

static void test_enumerate(void **state)
{
	struct stat st;
	struct disk *d;
	char text[64];

	(void)state;
	attached();
	d = find(loop);
	assert_non_null(d);
	snprintf(text, sizeof(text), "/dev/%s", loop);
	assert_string_equal(d->node, text);
	assert_int_equal(stat(text, &st), 0);
	assert_int_equal(d->devt, st.st_rdev);
	assert_int_equal(d->size, FILE_SIZE);
	assert_false(d->read_only);
	assert_string_equal(d->protocol, "undef");
	assert_false(d->use.hidden || d->use.partition || d->use.usb);
	assert_string_equal(d->use.held_by, "");
	assert_string_equal(d->facts.name, loop);
	assert_string_equal(d->own_wwid, "");
	assert_string_equal(disk_property(d, "DEVTYPE"), "disk");
	if (with_udevd)
		assert_string_equal(disk_property(d, "ID_SERIAL"), file);
	disk_free(d);
	assert_null(find((char[]){"nosuchdisk"}));
}

/* Attached and detached, it stays: without a file it is of size 0. */
static void test_events(void **state)
{
	struct seen s = {.name = loop}, gone = {.name = loop};

	(void)state;
	attach();
	wait_until(&s, has_size);
	assert_int_equal(s.size, FILE_SIZE);
	if (with_udevd)
		assert_string_equal(s.serial, file);
	detach();
	wait_until(&gone, is_empty);
	assert_false(s.lost || gone.lost);
}

/* Another file at once, on the same loop device. False: somebody else took the
 * device in between; it is his now. */
static bool change_file(const char *other)
{
	char command[256];

	detach();
	snprintf(command, sizeof(command), "losetup /dev/%s %s 2>/dev/null",
		 loop, other);
	if (system(command) != 0)
		return false;
	hold();
	return true;
}

/*
 * The disk of the first event is gone when it is received, and another one has
 * its name: what udevd said of the first is not told of the second.
 */
static void test_another_disk(void **state)
{
	struct seen s = {.name = loop};
	char other[128];

	(void)state;
	snprintf(other, sizeof(other), "%s.other", file);
	shell("truncate -s %d %s", 2 * FILE_SIZE, other);
	do {
		attach();
		settle();
	} while (!change_file(other));
	settle();
	wait_until(&s, is_large);
	receive(&s);
	assert_int_equal(s.size, 2 * FILE_SIZE);
	if (with_udevd)
		assert_string_equal(s.serial, other);
	assert_int_equal(s.wrong, 0);
}

/* What we hold open ourselves is not held; what is mounted is. */
static void test_held(void **state)
{
	char node[96];
	int fd;

	(void)state;
	attached();
	snprintf(node, sizeof(node), "/dev/%s", loop);
	fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC);
	assert_true(fd >= 0);
	expect_held(loop, "");
	close(fd);
	shell("mkfs.ext4 -q %s && mkdir -p %s/m && mount %s %s/m", node, dir,
	      node, dir);
	snprintf(node, sizeof(node), "mounted at %s/m", dir);
	expect_held(loop, node);
	shell("umount %s/m", dir);
	expect_held(loop, "");
}

static void test_trigger(void **state)
{
	struct seen s = {.name = loop};
	struct errmsg e;

	(void)state;
	attached();
	assert_int_equal(source->trigger(source, loop, &e), 0);
	wait_until(&s, changed);
	assert_int_equal(s.size, FILE_SIZE);
	assert_int_equal(source->trigger(source, "nosuchdisk", &e), -ENOENT);
	assert_non_null(strstr(e.text, "nosuchdisk"));
	assert_int_equal(source->trigger(source, "../block/x", &e), -EINVAL);
}

static void trigger_often(int n)
{
	struct errmsg e;

	for (int i = 0; i < n; i++)
		if (source->trigger(source, loop, &e))
			fail_msg("%s", e.text);
}

/* Nobody receives while they come, and none is lost. */
static void test_burst(void **state)
{
	struct seen s = {.name = loop};

	(void)state;
	attached();
	trigger_often(BURST);
	wait_until(&s, changed_often);
	assert_false(s.lost);
}

static void set_buffer(int size)
{
	assert_int_equal(setsockopt(source->fd, SOL_SOCKET, SO_RCVBUFFORCE,
				    &size, sizeof(size)), 0);
}

/* Too small a buffer: it says so, and goes on. */
static void test_lost(void **state)
{
	struct seen s = {.name = loop}, next = {.name = loop};

	(void)state;
	attached();
	set_buffer(1); /* the kernel makes it its least */
	trigger_often(BURST / 10);
	settle();
	wait_until(&s, was_lost);
	set_buffer(16 << 20);
	while (s.lost) {
		s.lost = false;
		receive(&s);
	}
	trigger_often(1);
	wait_until(&next, changed);
	assert_false(next.lost);
}

/* While udevd looks at the partition it cannot go, and nothing tells when it
 * can: tried again. */
static void partition(int op)
{
	struct blkpg_partition p = {
		.start = 1 << 20, .length = 1 << 20, .pno = 1};
	struct blkpg_ioctl_arg arg = {
		.op = op, .datalen = sizeof(p), .data = &p};
	uint64_t end = now_ms() + DEADLINE_MS;
	char node[64];
	int fd, r;

	snprintf(node, sizeof(node), "/dev/%s", loop);
	fd = open(node, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	while ((r = ioctl(fd, BLKPG, &arg)) && errno == EBUSY &&
	       now_ms() < end)
		poll(NULL, 0, 1);
	if (r)
		fail_msg("%s: BLKPG %d: %s", node, op, strerror(errno));
	close(fd);
}

/* Real adds and removes, in a burst: the last of them is what is true. */
static void test_add_remove(void **state)
{
	char name[40];
	struct seen s = {.name = name}, last = {.name = name};

	(void)state;
	attached();
	snprintf(name, sizeof(name), "%sp1", loop);
	for (int i = 0; i < BURST / 2; i++) {
		partition(BLKPG_ADD_PARTITION);
		partition(BLKPG_DEL_PARTITION);
	}
	settle();
	wait_until(&s, is_gone);
	assert_false(s.lost);
	/* One batch, or a few where others have events too. */
	assert_in_range(s.n[DISK_ADD] + s.n[DISK_REMOVE], 1, 10);
	assert_null(find(name));
	partition(BLKPG_ADD_PARTITION);
	wait_until(&last, is_there);
	assert_true(last.partition);
	assert_int_equal(last.size, 1 << 20);
	partition(BLKPG_DEL_PARTITION);
	wait_until(&last, is_gone);
}

/* Without udevd: what is in its database by hand is believed. */
static void test_database(void **state)
{
	struct seen s = {.name = loop};
	struct disk *d;

	(void)state;
	if (with_udevd)
		return;
	attached();
	d = find(loop);
	assert_non_null(d);
	assert_null(disk_property(d, "ID_SERIAL"));
	shell("mkdir -p /run/udev/data && printf 'E:ID_SERIAL=by hand\\n' "
	      ">/run/udev/data/b%u:%u", major(d->devt), minor(d->devt));
	disk_free(d);
	d = find(loop);
	assert_string_equal(disk_property(d, "ID_SERIAL"), "by hand");
	disk_free(d);
	trigger_often(1);
	wait_until(&s, changed);
	assert_string_equal(s.serial, "by hand");
}

/* Mounts are ours alone from here on. */
static void leave_run(void)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
			 0);
	if (!with_udevd)
		assert_int_equal(mount("none", "/run", "tmpfs", 0, NULL), 0);
}

static int setup_all(void **state)
{
	int fd;

	(void)state;
	leave_run();
	strcpy(dir, "/tmp/mpathfs-disk.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/file", dir);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, FILE_SIZE), 0);
	return close(fd);
}

static int teardown_all(void **state)
{
	(void)state;
	assert_true(!strncmp(dir, "/tmp/mpathfs-disk.", 18));
	shell("rm -r %s", dir);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_enumerate), TEST(test_events),
		TEST(test_another_disk), TEST(test_held),
		TEST(test_trigger),   TEST(test_burst),	 TEST(test_lost),
		TEST(test_add_remove), TEST(test_database),
	};

	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	with_udevd = getenv("MPATHFS_TEST_UDEVD");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
