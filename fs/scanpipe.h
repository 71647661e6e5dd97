/* SPDX-License-Identifier: MIT */
/*
 * The worker's end of the pipe through which it hears what a partition table
 * says (fs/scan.h): gathers the text, without blocking, up to its end. One
 * thread.
 */
#ifndef MPATHFS_FS_SCANPIPE_H
#define MPATHFS_FS_SCANPIPE_H

#include "core/base.h"
#include "core/errmsg.h"

struct part_table;

struct scanpipe {
	int fd; /* -1: closed */
	char *text;
	size_t len;
};

/*
 * *other: where the text is to be written, the caller's. The own end is added
 * to epoll. -errno.
 */
int scanpipe_open(struct scanpipe *s, int epoll, int *other);
void scanpipe_close(struct scanpipe *s);
/*
 * Takes what there is: -EAGAIN when more is to come, else it is closed: 0 and
 * the table, which is the caller's, or -errno with the reason in e.
 */
int scanpipe_take(struct scanpipe *s, struct part_table *ret,
		  struct errmsg *e) MUST_CHECK;

#endif
