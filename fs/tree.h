/* SPDX-License-Identifier: MIT */
/*
 * The tree of the mount: everything but the data of a volume. Low-level
 * operations of libfuse over tables of directories (fs/node.h).
 *
 * Threads: tree_new() before the first fork; everything else on the monitor's
 * thread. Nothing blocks: a request that has to wait is kept (fs/waiting.h).
 */
#ifndef MPATHFS_FS_TREE_H
#define MPATHFS_FS_TREE_H

#include "core/base.h"
#include "core/errmsg.h"

struct daemon;
struct discovery;
struct event;
struct fuse_buf;
struct fuse_lowlevel_ops;
struct monitor;
struct partitions;
struct path;
struct reload;
struct tree;
struct volume;

/* For mount_new(), with a struct tree as userdata. */
extern const struct fuse_lowlevel_ops tree_ops;

/* What the tree needs of its worker. */
struct tree_env {
	struct daemon *daemon;
	struct monitor *monitor;
	struct partitions *partitions;
	unsigned int generation; /* of the worker */
	struct discovery *discovery;
	/* reload.h */
	int (*reconfigure)(struct reload *r, bool dry, uint32_t *id,
			   struct errmsg *e);
	struct reload *reload;
};

/* NULL: no memory. */
struct tree *tree_new(void);
/* In the worker, before the first request. env is copied. */
void tree_attach(struct tree *t, const struct tree_env *env);
/* At the worker's end, or never. No request is answered here. */
void tree_free(struct tree *t);

/*
 * A request that a lane read from mount->channel[channel] and does not handle
 * itself; buf is the caller's. In place of fuse_session_process_buf(), which
 * hides what poll needs to know.
 */
void tree_process(struct tree *t, unsigned int channel,
		  const struct fuse_buf *buf);

/* monitor_front.event: into the log and the events file; wakes its readers. */
void tree_event(struct tree *t, const struct event *ev);
/* monitor_front.checked: answers who wrote to the path's `check`. */
void tree_checked(struct tree *t, const struct path *p);
/* partitions_params.reread: answers who wants that volume's table read. */
void tree_reread(struct tree *t, const struct volume *v, int result);
/* Answers who waits for that reading of the configuration; e: why it failed. */
void tree_reloaded(struct tree *t, uint32_t id, bool dry, int result,
		   const struct errmsg *e);
/* monitor_front.reserved: answers who waits for what that ticket is of. */
void tree_reserved(struct tree *t, uint64_t ticket, int result);
/* The kernel must ask for the attributes of that file again. */
void tree_forget(struct tree *t, uint64_t ino);
/*
 * Volumes or paths have come or gone (after monitor_apply() and
 * monitor_front.volume_changed): whoever waits for one that has gone is told.
 */
void tree_changed(struct tree *t);
/* Who has waited too long for an answer gets one; returns when to call it again
 * at the latest (ns). After each monitor_run(). */
uint64_t tree_run(struct tree *t, uint64_t now);
/* After a restart: all that poll(2) look again. */
void tree_wake_pollers(struct tree *t);

#endif
