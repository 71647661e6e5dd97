/* SPDX-License-Identifier: MIT */
/*
 * Requests whose answer has to wait, and poll(2).
 *
 * A reader of `events` waits for the next line, a writer to `check` for the
 * check's end, one who has a partition table read or a LUN's reservation asked
 * for or changed, or the configuration read again, for the end of that. The request is kept together with the
 * channel that it came on, because the kernel looks for it there. An
 * interrupted one is answered with EINTR. What waits when the worker dies is
 * sent again to the next worker by the kernel; poll handles are in the keep.
 *
 * Monitor's thread. Each function that keeps a request owns it then: it may be
 * answered before the function returns.
 */
#ifndef MPATHFS_FS_WAITING_H
#define MPATHFS_FS_WAITING_H

#include "core/base.h"

struct asked;
struct fuse_req;
struct path;
struct tree;
struct volume;

void waiting_init(struct tree *t);
/* Forgets all; the kernel still has them. */
void waiting_free(struct tree *t);

/*
 * Up to size bytes of the log at position pos, as soon as there are any;
 * nonblock: now, or EAGAIN. fh: the reader's handle.
 */
void waiting_read_events(struct tree *t, struct fuse_req *req, uint64_t fh,
			 uint64_t pos, size_t size, bool nonblock);
/* The write of that many bytes, when p's check has ended. */
void waiting_check(struct tree *t, struct fuse_req *req, const struct path *p,
		   size_t written);
/* The same, when v's partition table has been read. */
void waiting_reread(struct tree *t, struct fuse_req *req,
		    const struct volume *v, size_t written);
/* The same, when the configuration has been read for that id. */
void waiting_reload(struct tree *t, struct fuse_req *req, uint32_t id,
		    size_t written);
/*
 * The same, when v's reservation has been asked or changed by that ticket.
 * what: an open, or a read, that goes on then; NULL: the write of so many bytes.
 */
void waiting_reserved(struct tree *t, struct fuse_req *req,
		      const struct volume *v, uint64_t ticket,
		      const struct asked *what, size_t written);
/* Tell me when there is more of the log. handle: the kernel's, not 0. */
void waiting_poll(struct tree *t, uint64_t handle);

/* There is more of the log. */
void waiting_wake_events(struct tree *t);
/* p's check has ended. */
void waiting_wake_check(struct tree *t, const struct path *p);
/* v's table has been read, or could not be: 0 or -errno. */
void waiting_wake_reread(struct tree *t, const struct volume *v, int result);
/* The reading of that id has ended: 0 or -errno. */
void waiting_wake_reload(struct tree *t, uint32_t id, int result);
/* What was waited for by that ticket has ended: 0 or -errno. */
void waiting_wake_reserved(struct tree *t, uint64_t ticket, int result);
/* Writers that have waited for uxsock_timeout get ETIMEDOUT. Returns when the
 * next one has (ns). */
uint64_t waiting_run(struct tree *t, uint64_t now);
/* Paths may have gone: who waits for one of those gets ENODEV. */
void waiting_sweep(struct tree *t);
void waiting_wake_pollers(struct tree *t);

#endif
