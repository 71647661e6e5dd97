/* SPDX-License-Identifier: MIT */
/* What `mpathfs --list` prints: what would be mounted, and what would not. */
#ifndef MPATHFS_FS_LISTING_H
#define MPATHFS_FS_LISTING_H

#include "core/base.h"
#include "core/errmsg.h"

struct daemon;

/*
 * Prints it to stdout. A device that does not answer is listed as such, and
 * holds up the command for some seconds and no more. Single-threaded process;
 * -errno with the reason in e.
 */
int listing_print(const struct daemon *d, struct errmsg *e) MUST_CHECK;

#endif
