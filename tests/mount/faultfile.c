// SPDX-License-Identifier: MIT
/*
 * faultfile BACKING MOUNTPOINT: a disk that fails with any errno.
 *
 * Mounts two files: `disk`, which is BACKING, and `fault`, which says what
 * reads and writes of disk end with; write to it "read ERRNO", "write ERRNO"
 * (by name: ENODATA) or "none". What fails does not touch BACKING. Stays in
 * the foreground until it is unmounted.
 *
 * libfuse's threads call the operations; the two faults are atomics.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int backing; /* file descriptor */
static _Atomic int read_fault, write_fault; /* errno; 0: none */

static bool is_disk(const char *path)
{
	return strcmp(path, "/disk") == 0;
}

static int errno_by_name(const char *name)
{
	for (int e = 1; e < 256; e++) {
		const char *known = strerrorname_np(e);

		if (known && strcmp(known, name) == 0)
			return e;
	}
	return 0;
}

static int set_fault(const char *words)
{
	char what[8], name[32];
	int e;

	if (strcmp(words, "none\n") == 0) {
		read_fault = 0;
		write_fault = 0;
		return 0;
	}
	if (sscanf(words, "%7s %31s", what, name) != 2)
		return -EINVAL;
	e = errno_by_name(name);
	if (e == 0)
		return -EINVAL;
	if (strcmp(what, "read") == 0)
		read_fault = e;
	else if (strcmp(what, "write") == 0)
		write_fault = e;
	else
		return -EINVAL;
	return 0;
}

static int ff_getattr(const char *path, struct stat *st,
		      struct fuse_file_info *fi)
{
	(void)fi;
	memset(st, 0, sizeof(*st));
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0755;
		return 0;
	}
	if (is_disk(path) && fstat(backing, st) < 0)
		return -errno;
	st->st_mode = S_IFREG | 0600;
	return is_disk(path) || strcmp(path, "/fault") == 0 ? 0 : -ENOENT;
}

static int ff_readdir(const char *path, void *buf, fuse_fill_dir_t fill,
		      off_t off, struct fuse_file_info *fi,
		      enum fuse_readdir_flags flags)
{
	(void)path;
	(void)off;
	(void)fi;
	(void)flags;
	fill(buf, "disk", NULL, 0, 0);
	fill(buf, "fault", NULL, 0, 0);
	return 0;
}

static int ff_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)size;
	(void)fi;
	return is_disk(path) ? -EPERM : 0;
}

static int ff_read(const char *path, char *buf, size_t size, off_t off,
		   struct fuse_file_info *fi)
{
	ssize_t n;

	(void)fi;
	if (!is_disk(path))
		return 0;
	if (read_fault)
		return -read_fault;
	n = pread(backing, buf, size, off);
	return n < 0 ? -errno : (int)n;
}

static int ff_write(const char *path, const char *buf, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	char words[64];
	ssize_t n;

	(void)fi;
	if (!is_disk(path)) {
		snprintf(words, sizeof(words), "%.*s", (int)size, buf);
		n = set_fault(words);
		return n < 0 ? (int)n : (int)size;
	}
	if (write_fault)
		return -write_fault;
	n = pwrite(backing, buf, size, off);
	return n < 0 ? -errno : (int)n;
}

static const struct fuse_operations ff_ops = {
	.getattr = ff_getattr,
	.truncate = ff_truncate,
	.read = ff_read,
	.write = ff_write,
	.readdir = ff_readdir,
};

int main(int argc, char **argv)
{
	char *fuse_argv[] = { argv[0], "-f", argc == 3 ? argv[2] : NULL, NULL };

	if (argc != 3) {
		fprintf(stderr, "usage: %s BACKING MOUNTPOINT\n", argv[0]);
		return 2;
	}
	backing = open(argv[1], O_RDWR | O_CLOEXEC);
	if (backing < 0) {
		perror(argv[1]);
		return 1;
	}
	return fuse_main(3, fuse_argv, &ff_ops, NULL);
}
