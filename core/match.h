/* SPDX-License-Identifier: MIT */
/*
 * A pattern as multipath.conf has them: a POSIX extended regular expression
 * that matches anywhere in a text. A leading '!' turns the answer round; a text
 * that begins with a literal '!' is matched by "\!...". Refused, beside what is
 * no regular expression, is what would take all memory, and what is in quotes,
 * which multipath.conf has round its patterns and the INI has not.
 */
#ifndef MPATHFS_CORE_MATCH_H
#define MPATHFS_CORE_MATCH_H

#include <regex.h>
#include "core/base.h"
#include "core/errmsg.h"

struct match {
	regex_t re;
	char *text; /* as written */
	bool invert;
};

/* -EINVAL with the reason in e, -ENOMEM; then *m needs no match_fini(). */
int match_init(struct match *m, const char *pattern,
	       struct errmsg *e) MUST_CHECK;
void match_fini(struct match *m);
bool match_text(const struct match *m, const char *text);

#endif
