// SPDX-License-Identifier: MIT
/* Attributes of a disk in sysfs; see sysfs.h. No state. */
#include "hw/sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

char *sysfs_follow(const char *dir, const char *link)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, link) >= PATH_MAX)
		return NULL;
	return realpath(path, NULL);
}

char *sysfs_disk(const char *root, dev_t dev)
{
	char path[PATH_MAX], *dir;

	if (snprintf(path, sizeof(path), "%s/sys/dev/block/%u:%u", root,
		     major(dev), minor(dev)) >= PATH_MAX)
		return NULL;
	dir = realpath(path, NULL);
	if (!dir)
		return NULL;
	/* A partition is a directory of its disk's. */
	if (snprintf(path, sizeof(path), "%s/partition", dir) < PATH_MAX &&
	    !access(path, F_OK))
		*strrchr(dir, '/') = '\0';
	return dir;
}

size_t sysfs_bytes(const char *dir, const char *name, void *buf, size_t size)
{
	char path[PATH_MAX];
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, buf, size);
	return n < 0 ? 0 : (size_t)n;
}

bool sysfs_text(const char *dir, const char *name, char *buf, size_t size)
{
	char text[256];
	size_t n = sysfs_bytes(dir, name, text, sizeof(text) - 1);
	char *start = text;

	text[n] = '\0';
	while (isspace((unsigned char)*start))
		start++;
	n = strlen(start);
	while (n && isspace((unsigned char)start[n - 1]))
		n--;
	if (n >= size)
		n = 0;
	memcpy(buf, start, n);
	buf[n] = '\0';
	return n > 0;
}

int sysfs_write(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	CLEANUP_CLOSE int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -errno;
	return 0;
}
