/* SPDX-License-Identifier: MIT */
/*
 * Reading the partition table of a volume with libblkid: what a child of the
 * supervisor does (fs/scanner.h). It looks at bytes that anybody may have
 * written, and its reads go through the mount: it may crash, and it may hang.
 */
#ifndef MPATHFS_FS_SCAN_H
#define MPATHFS_FS_SCAN_H

#include "core/base.h"
#include "core/errmsg.h"

struct part_table;

/* What is to be read. */
struct scan {
	char volume[NAME_SIZE];
	uint64_t size;	/* bytes; the kernel's idea of it may be wrong */
	uint32_t block; /* logical, bytes */
};

/* An order as words on a socket, and back (-EINVAL). */
#define SCAN_WORDS (NAME_SIZE + 40)
void scan_print(const struct scan *s, char buf[SCAN_WORDS]);
int scan_parse(const char *words, struct scan *ret);

/* The table of what is open at fd: -errno with the reason in e. */
int scan_table(int fd, const struct scan *s, struct part_table *ret,
	       struct errmsg *e);
/*
 * The child: reads the table of s->volume below the mount and writes it as
 * text (fs/parttable.h) to out. The exit code.
 */
int scan_child(const char *mountpoint, const struct scan *s, int out);

#endif
