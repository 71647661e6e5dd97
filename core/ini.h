/* SPDX-License-Identifier: MIT */
/*
 * An INI file as a sequence of headings and KEY = VALUE lines, each with its
 * exact line number; what the INI library would cut or change without a word
 * is an error instead.
 */
#ifndef MPATHFS_CORE_INI_H
#define MPATHFS_CORE_INI_H

#include <stdio.h>
#include "core/base.h"
#include "core/errmsg.h"

/*
 * The longest line, in bytes without its end; only comments may be longer. The
 * library's own limit, as it is built by default, is 197.
 */
enum { INI_LINE_LIMIT = 190 };

/* All required; called in the order of the lines, by ini_read's caller. */
struct ini_sink {
	/*
	 * A heading, without its brackets and the blanks inside them; NULL: one
	 * that is wrong, which error() has told already.
	 */
	void (*section)(void *ctx, unsigned int line, const char *name);
	void (*value)(void *ctx, unsigned int line, const char *key,
		      const char *value);
	void (*error)(void *ctx, unsigned int line, const char *reason);
};

/*
 * Reads f to its end. Mistakes go to the sink; returned are only 0 or -errno
 * of reading (-EISDIR, -EIO, -ENOMEM).
 */
int ini_read(FILE *f, const struct ini_sink *sink, void *ctx) MUST_CHECK;

/*
 * The line that ini_read() takes for key and value: "KEY = VALUE", without the
 * blanks where it would not be taken with them. -EINVAL with the reason in e:
 * no line gives back that value.
 */
int ini_format(const char *key, const char *value,
	       char line[INI_LINE_LIMIT + 1], struct errmsg *e) MUST_CHECK;

#endif
