/* SPDX-License-Identifier: MIT */
/*
 * Reading the configuration again while the mount is served. The files are read
 * on a thread: they may lie on a volume whose paths the monitor has to bring
 * back first, and to know a user's name may mean to ask a server. Only when all
 * is there does the monitor compare or carry it out. One after another, in the
 * order in which it was asked for.
 *
 * Monitor's thread.
 */
#ifndef MPATHFS_FS_RELOAD_H
#define MPATHFS_FS_RELOAD_H

#include "core/base.h"
#include "core/errmsg.h"

struct daemon;
struct discovery;
struct monitor;
struct reload;

/* sock: the worker's end of the pair to the supervisor. NULL: no memory. */
struct reload *reload_new(struct daemon *d, struct monitor *m,
			  struct discovery *discovery, int sock);
/* Not while it is busy. */
void reload_free(struct reload *r);

/*
 * dry: only to tell the difference. The events say how it went. id: of who waits
 * for tree_reloaded() with that number; NULL: nobody does. 0 or -errno with the
 * reason in e.
 */
int reload_begin(struct reload *r, bool dry, uint32_t *id,
		 struct errmsg *e) MUST_CHECK;
/* Likewise, of SIGHUP: the supervisor is told when it has ended. */
void reload_by_signal(struct reload *r);
bool reload_busy(const struct reload *r);

#endif
