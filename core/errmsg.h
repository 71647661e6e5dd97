/* SPDX-License-Identifier: MIT */
/*
 * The text for people that travels beside an errno: filled once, where the
 * fault is known; logged or printed once, by whoever decides what follows.
 */
#ifndef MPATHFS_CORE_ERRMSG_H
#define MPATHFS_CORE_ERRMSG_H

#include <stdarg.h>
#include "core/base.h"

struct errmsg {
	char text[512];
};

/*
 * Fills e (which may be NULL: the caller does not want the text) and returns
 * -errnum, so that "return errmsg_set(e, EINVAL, ...)" says both at once.
 * Text longer than the buffer is cut. Never allocates, any thread.
 */
int errmsg_set(struct errmsg *e, int errnum, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The text alone: it is no error, or one that is known already. */
void errmsg_put(struct errmsg *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "prefix: " before what is there already; cuts at the buffer's end. */
void errmsg_prefix(struct errmsg *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
