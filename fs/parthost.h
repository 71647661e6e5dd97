/* SPDX-License-Identifier: MIT */
/*
 * The partitions' ties to the rest of the worker: the tree, the events and, by
 * way of the supervisor, who reads the tables. Monitor's thread.
 */
#ifndef MPATHFS_FS_PARTHOST_H
#define MPATHFS_FS_PARTHOST_H

#include "core/base.h"

struct daemon;
struct monitor;
struct partitions;

struct parthost {
	/* set by the worker; sock: to the supervisor */
	struct daemon *daemon;
	struct monitor *monitor;
	int sock;
	/* set by parthost_start() */
	struct partitions *partitions;
};

/* Makes h->partitions. -errno. h must live as long as they do. */
int parthost_start(struct parthost *h) MUST_CHECK;
/* The kernel has let somebody write past the end of that cached file. */
void parthost_past_end(struct parthost *h, uint64_t ino);

#endif
