/* SPDX-License-Identifier: MIT */
/*
 * A list of texts that it owns, grown as needed. All zero is an empty one. Not
 * locked.
 */
#ifndef MPATHFS_CORE_TEXTLIST_H
#define MPATHFS_CORE_TEXTLIST_H

#include "core/base.h"

struct textlist {
	char **text;
	size_t n;
	size_t room; /* how many fit */
};

/* Leaves an empty list. */
void textlist_clear(struct textlist *l);
/* Puts a copy of text before the one at pos, 0..n. 0 or -ENOMEM. */
int textlist_insert(struct textlist *l, size_t pos,
		    const char *text) MUST_CHECK;
/* Takes the one at pos out, 0..n-1. */
void textlist_remove(struct textlist *l, size_t pos);
/*
 * In a list sorted as strcmp() does: where text is, or (false) where it would
 * have to go.
 */
bool textlist_find(const struct textlist *l, const char *text, size_t *pos);

#endif
