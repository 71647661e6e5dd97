/* SPDX-License-Identifier: MIT */
/*
 * The partitions of the volumes, as the worker knows them: when a table has to
 * be read, what it said last, and the slices (fs/slice.h) that follow from it.
 *
 * A table is read when a volume appears or has another size, when a file of it
 * that was open for writing is closed after writes, and when somebody says so.
 * Reading goes on elsewhere (fs/scanner.h) and is never waited for.
 *
 * Monitor's thread only.
 */
#ifndef MPATHFS_FS_PARTITIONS_H
#define MPATHFS_FS_PARTITIONS_H

#include "core/base.h"
#include "core/errmsg.h"
#include "fs/partlist.h"

struct monitor;
struct partitions;
struct scan;
struct volume;

struct partitions_params {
	struct monitor *monitor;
	struct partlist_host host;
	/* arg, here and below: the host's. */
	/*
	 * Have that table read; what is read goes to pipe, which is taken also
	 * when it fails. -errno.
	 */
	int (*scan)(void *arg, const struct scan *what, int pipe);
	/* partitions_reread() has led to this: 0 or -errno. */
	void (*reread)(void *arg, const struct volume *v, int result);
};

int partitions_new(const struct partitions_params *p, struct partitions **ret);
void partitions_free(struct partitions *p);
/* For epoll: readable when partitions_run() has something to do. */
int partitions_fd(const struct partitions *p);
/* Does what is due; returns when to call it again at the latest (ns). */
uint64_t partitions_run(struct partitions *p, uint64_t now);

/* Volumes have come, gone or changed. */
void partitions_look(struct partitions *p);
/* A file of the volume that was open for writing has been closed. */
void partitions_written(struct partitions *p, const struct volume *v);
/* An operator wants it read: 0, params.reread will be called; or -errno. */
int partitions_reread(struct partitions *p, const struct volume *v,
		      struct errmsg *e);

/* By number. */
const struct partition *partitions_of(const struct partitions *p,
				      const struct volume *v, size_t *n);
/* "gpt"; "": no table, or it has not been read yet. */
const char *partitions_table(const struct partitions *p,
			     const struct volume *v);

#endif
