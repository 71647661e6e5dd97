/* SPDX-License-Identifier: MIT */
/*
 * Which WWID has which alias: one of each belongs to one of the other. And the
 * text of the bindings file: lines "ALIAS WWID", '#' begins a comment.
 *
 * A line that is no binding is left out but not lost: the text keeps it at its
 * end, and what may have been its alias stays reserved. So a slip of whoever
 * edits the file never hands a name to another LUN.
 *
 * All zero is an empty table. Not locked.
 */
#ifndef MPATHFS_CORE_BINDING_TABLE_H
#define MPATHFS_CORE_BINDING_TABLE_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/statetable.h"
#include "core/textlist.h"

struct binding {
	char alias[NAME_SIZE];
	char wwid[NAME_SIZE];
};

struct binding_table {
	struct binding **by_alias; /* as alias_compare() has it */
	struct binding **by_wwid;
	size_t n;
	size_t room;	     /* of both */
	struct textlist odd; /* lines that are no bindings */
};

/* Leaves an empty table. */
void binding_table_clear(struct binding_table *t);

/* NULL: not bound. Valid until the table changes. */
const struct binding *binding_table_alias(const struct binding_table *t,
					  const char *alias);
const struct binding *binding_table_wwid(const struct binding_table *t,
					 const char *wwid);

/* Does an odd line begin with that word? */
bool binding_table_reserved(const struct binding_table *t, const char *alias);

/*
 * Binds the two. -EINVAL: not an alias or not a WWID; -EEXIST: one of them is
 * bound already; -ENOMEM. The reason in e.
 */
int binding_table_add(struct binding_table *t, const char *alias,
		      const char *wwid, struct errmsg *e) MUST_CHECK;

/*
 * Adds all that text says, len bytes, which it changes; text[len] is writable.
 * Of two lines with the same alias or WWID the first counts. w is told what is
 * wrong, with file as the name of the file. 0 or -ENOMEM.
 */
int binding_table_parse(struct binding_table *t, char *text, size_t len,
			const char *file,
			const struct state_warn *w) MUST_CHECK;

/* The text of it, malloc'ed; parsed, it gives the same table. 0 or -ENOMEM. */
int binding_table_render(const struct binding_table *t, char **ret,
			 size_t *len) MUST_CHECK;

#endif
