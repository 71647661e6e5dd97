/* SPDX-License-Identifier: MIT */
/*
 * The grammar of multipath.conf (census 5.1), line by line:
 *
 *   section {
 *           keyword value
 *           "quoted words, with "" for a quote"
 *   }
 *
 * '#' and '!' begin a comment, but not between quotes. Quotes, braces and
 * blanks part words, so that key"value" is two. A quote that is not closed
 * takes the rest of its line. Of several values only the first counts. The
 * brace of a section may stand on the line after its name.
 *
 * What upstream takes with a shrug, such as words after a value or a brace too
 * few, is taken here too, and told: whoever reads such a file shall learn what
 * it means.
 */
#ifndef MPATHFS_CORE_MPCONF_H
#define MPATHFS_CORE_MPCONF_H

#include <stdio.h>
#include "core/base.h"

/* Depth: of blocks in blocks; `overrides { protocol {` needs 2. */
enum { MPCONF_WORD_SIZE = 1024, MPCONF_DEPTH = 8 };

/* All required; called in the order of the lines, by mpconf_read()'s caller. */
struct mpconf_sink {
	/*
	 * A block begins or ends; every begin has its end, and at most
	 * MPCONF_DEPTH are open.
	 */
	void (*begin)(void *ctx, unsigned int line, const char *name);
	void (*end)(void *ctx, unsigned int line);
	/* value "" with has_value false: the keyword stands alone. */
	void (*value)(void *ctx, unsigned int line, const char *keyword,
		      const char *value, bool has_value);
	/* Something is odd; how it was taken. */
	void (*warning)(void *ctx, unsigned int line, const char *text);
};

/* One word of a line. */
struct mpconf_word {
	char text[MPCONF_WORD_SIZE];
	bool quoted;	   /* then a brace is a brace */
	bool unterminated; /* its quote was not closed */
	bool cut;	   /* longer than there is room for */
};

/*
 * The next word of a line; *pos moves behind it. False: there is none, what
 * is left is blank or a comment.
 */
bool mpconf_word(const char **pos, struct mpconf_word *ret);

/* Reads f to its end. 0 or -errno of reading (-EIO, -ENOMEM). */
int mpconf_read(FILE *f, const struct mpconf_sink *sink, void *ctx) MUST_CHECK;

#endif
