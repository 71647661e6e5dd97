/* SPDX-License-Identifier: MIT */
/*
 * Options that are the daemon's own: some are fixed with the mount, the others
 * each of its processes follows.
 */
#ifndef MPATHFS_FS_DAEMONCONF_H
#define MPATHFS_FS_DAEMONCONF_H

#include "core/base.h"
#include "core/errmsg.h"

struct config;
struct daemon;

/* How many there are to be, 1 to MAX_LANES. */
unsigned int daemonconf_lanes(const struct config *c);
/* Is the page cache to gather writes? */
bool daemonconf_writeback(const struct config *c);
/*
 * Can c be in force while d's mount is? -EINVAL: it says something else of what
 * was settled when that began, and the reason in e names it.
 */
int daemonconf_check(const struct daemon *d, const struct config *c,
		     struct errmsg *e) MUST_CHECK;
/* This process follows d's configuration. Any thread that may log. */
void daemonconf_apply(const struct daemon *d);

#endif
