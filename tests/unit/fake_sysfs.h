/* SPDX-License-Identifier: MIT */
/*
 * A /sys and a /dev of the test's own, below a directory made for it, for what
 * takes a root.
 */
#ifndef MPATHFS_TESTS_UNIT_FAKE_SYSFS_H
#define MPATHFS_TESTS_UNIT_FAKE_SYSFS_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/facts.h"

#define FAKE_ROOT "/tmp/mpathfs-sysfs."

static char fake_root[64];

static inline int fake_setup(void **state)
{
	(void)state;
	strcpy(fake_root, FAKE_ROOT "XXXXXX");
	assert_non_null(mkdtemp(fake_root));
	return 0;
}

static inline int fake_teardown(void **state)
{
	char command[128];

	(void)state;
	assert_true(!strncmp(fake_root, FAKE_ROOT, strlen(FAKE_ROOT)));
	snprintf(command, sizeof(command), "rm -r %s", fake_root);
	return system(command);
}

/* Makes the directories above what name is. */
static inline void fake_place(const char *name, char *path, size_t size)
{
	assert_true(snprintf(path, size, "%s/%s", fake_root, name) < (int)size);
	for (char *p = path + strlen(fake_root) + 1; (p = strchr(p, '/'));
	     *p++ = '/') {
		*p = '\0';
		(void)mkdir(path, 0755);
	}
}

static inline void fake_bytes(const char *name, const void *bytes, size_t n)
{
	char path[512];
	int fd;

	fake_place(name, path, sizeof(path));
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* As the kernel writes them: with a newline. */
static inline void fake_attr(const char *dir, const char *name,
			     const char *text)
{
	char path[512], line[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(line, sizeof(line), "%s\n", text);
	fake_bytes(path, line, strlen(line));
}

static inline void fake_link(const char *name, const char *target)
{
	char path[512];

	fake_place(name, path, sizeof(path));
	assert_int_equal(symlink(target, path), 0);
}

/* What 8:16 is, sdb: below dir (from sys/devices on), "" for what is not SCSI;
 * its `device` is what its directory is in. */
#define FAKE_DISK "sys/devices/%s/block/sdb"

static inline void fake_disk(const char *dir)
{
	char name[512], target[512];

	snprintf(name, sizeof(name), FAKE_DISK "/size", dir);
	fake_bytes(name, "1\n", 2);
	snprintf(name, sizeof(name), FAKE_DISK "/device", dir);
	fake_link(name, "../..");
	snprintf(target, sizeof(target), "../../devices/%s/block/sdb", dir);
	fake_link("sys/dev/block/8:16", target);
}

static inline void fake_device(struct device *d)
{
	memset(d, 0, sizeof(*d));
	d->limits.is_block = true;
	d->id.rdev = makedev(8, 16);
	d->facts = PATH_FACTS_NONE;
}

#define FAKE_TEST(test)                                                        \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)

#endif
