// SPDX-License-Identifier: MIT
/* Opening files as devices, and seeing that they are still what they were. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "core/device.h"

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void make(const char *name, off_t size)
{
	int fd = open(in_dir(name), O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static struct device *opened(const char *name, bool read_only)
{
	struct errmsg e = {.text = ""};
	struct device *d;

	if (device_open(&device_node_ops, in_dir(name), read_only, &d, &e))
		fail_msg("%s: %s", name, e.text);
	return d;
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/mpathfs-device.XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	assert_true(strncmp(dir, "/tmp/mpathfs-device.", 20) == 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void test_limits(void **state)
{
	static const struct {
		off_t size;
		bool read_only, any_block; /* 1: no direct I/O */
	} rows[] = {
		{1 << 20, false, false}, {1 << 20, true, false},
		{1000001, false, true},	 {1, false, true},
		{4097, true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct device_limits *l;
		struct device *d;
		char text[16];

		make("file", rows[i].size);
		d = opened("file", rows[i].read_only);
		l = &d->limits;
		assert_int_equal(l->size, rows[i].size);
		/* Looked at only, it is what it would be: writable. */
		assert_false(l->read_only);
		assert_false(l->is_block);
		assert_true(l->max_io >= 65536);
		if (rows[i].any_block)
			assert_int_equal(l->block, 1);
		assert_int_equal(l->size % l->block, 0);
		assert_true(atomic_load(&d->nowait));
		assert_string_equal(d->path, in_dir("file"));
		device_devt_text(d, text, sizeof(text));
		assert_string_equal(text, "-");
		device_close(d);
	}
}

static void test_refused(void **state)
{
	struct {
		const char *name;
		int rc;
		const char *text;
	} rows[] = {
		{"none", -ENOENT, "No such file or directory"},
		{"sub", -ENOTBLK, "neither a block device nor a file"},
		{"fifo", -ENOTBLK, "neither a block device nor a file"},
		{"null", -ENOTBLK, "neither a block device nor a file"},
		{"empty", -ENODATA, "its size is 0"},
		{"loop", -ELOOP, "Too many levels of symbolic links"},
		{"file/x", -ENOTDIR, "Not a directory"},
	};

	(void)state;
	make("file", 4096);
	make("empty", 0);
	assert_int_equal(mkdir(in_dir("sub"), 0700), 0);
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_int_equal(symlink("/dev/null", in_dir("null")), 0);
	assert_int_equal(symlink("loop", in_dir("loop")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct device *d = (struct device *)&d;
		struct errmsg e = {.text = ""};
		char want[256];
		int rc = device_open(&device_node_ops, in_dir(rows[i].name),
				     false, &d, &e);

		snprintf(want, sizeof(want), "%s: %s", in_dir(rows[i].name),
			 rows[i].text);
		if (rc != rows[i].rc || strcmp(e.text, want))
			fail_msg("%s: got %d, '%s'; expected %d, '%s'",
				 rows[i].name, rc, e.text, rows[i].rc, want);
		assert_ptr_equal(d, &d); /* untouched */
	}
}

/* max_sectors_kb; that the kernel is told, tests/mount/options.t sees. */
static void test_limit(void **state)
{
	static const struct {
		uint32_t kb, want;
	} rows[] = {
		{0, 1 << 20}, {1 << 20, 1 << 20}, {1024, 1 << 20},
		{512, 512 << 10}, {4, 4096}, {7, 7168},
	};
	struct errmsg e = {.text = ""};

	(void)state;
	make("file", 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct device *d = opened("file", false);
		int rc = device_limit(d, rows[i].kb, &e);

		/* In whole blocks, of whatever file system /tmp is. */
		if (rc || d->limits.max_io != ROUND_DOWN(rows[i].want,
							 d->limits.block))
			fail_msg("%u KiB: got %d, %u bytes; expected %u",
				 rows[i].kb, rc, d->limits.max_io,
				 rows[i].want);
		device_close(d);
	}
}

static void test_recheck(void **state)
{
	struct errmsg e = {.text = ""};
	struct device *d;

	(void)state;
	make("file", 8192);
	d = opened("file", false);
	assert_int_equal(device_recheck(d, &e), 0);
	make("file", 4096);
	assert_int_equal(device_recheck(d, &e), -ENOSPC);
	assert_string_equal(e.text, "size is 4096 now, it was 8192 bytes");
	make("file", 12288);
	assert_int_equal(device_recheck(d, NULL), -ENOSPC);
	make("file", 8192);
	assert_int_equal(device_recheck(d, &e), 0);
	/* Under another name, or none, it is the same file still. */
	assert_int_equal(unlink(in_dir("file")), 0);
	make("file", 4096);
	assert_int_equal(device_recheck(d, &e), 0);
	device_close(d);
}

/* Two descriptors of one file are told apart from two files. */
static void test_identity(void **state)
{
	struct device *a, *b, *c;

	(void)state;
	make("a", 4096);
	make("c", 4096);
	assert_int_equal(symlink("a", in_dir("b")), 0);
	a = opened("a", false);
	b = opened("b", false);
	c = opened("c", false);
	assert_true(a->id.dev == b->id.dev && a->id.ino == b->id.ino);
	assert_false(a->id.dev == c->id.dev && a->id.ino == c->id.ino);
	device_close(a);
	device_close(b);
	device_close(c);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_limits),
		TEST(test_refused),
		TEST(test_limit),
		TEST(test_recheck),
		TEST(test_identity),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
