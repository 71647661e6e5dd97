/* SPDX-License-Identifier: MIT */
/*
 * What a state file says, kept in memory: read again when another program has
 * changed the file, changed only together with it. What it is, a struct of the
 * caller's, its ops tell; the file is lines of words, '#' begins a comment.
 *
 * One thread at a time per object. Refreshing and updating read a disk and may
 * write it: see statefile.h.
 */
#ifndef MPATHFS_CORE_STATETABLE_H
#define MPATHFS_CORE_STATETABLE_H

#include <stdio.h>
#include "core/base.h"
#include "core/errmsg.h"
#include "core/statefile.h"
#include "core/textlist.h"

/* Who is told of lines that are wrong: "FILE:LINE: what - what follows". */
struct state_warn {
	void (*tell)(void *ctx, const char *text);
	void *ctx;
};
/* w NULL: nobody is told. */
void state_tell(const struct state_warn *w, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/* What parts the words of a line. */
#define STATE_BLANKS " \t\r\v\f"

struct state_lines {
	char *pos, *end;
	unsigned int line; /* of what came last, from 1 on */
};

/*
 * The next line of [pos, end) that says something, without blanks round it and
 * without a comment ('#' at its beginning or after a blank); NULL: none. The
 * text is changed, and *end has to be writable: it becomes a NUL.
 */
char *state_next_line(struct state_lines *l);

/* How the lines of a file are read and written. All required. */
struct state_form {
	const char *header; /* comments at its top */
	const char *odd;    /* what the lines are not that are left out */
	/*
	 * Adds what a line says, which it may change. -ENOMEM; or with the
	 * reason in e: -EINVAL: it says nothing, and is written again as it is;
	 * -EEXIST: nothing new.
	 */
	int (*add)(void *content, char *line, struct errmsg *e);
	/* The lines of it. */
	void (*print)(const void *content, FILE *out);
};

/* For the ops below; odd: the lines that are left out, a part of content. */
int state_parse(const struct state_form *form, void *content,
		struct textlist *odd, char *text, size_t len, const char *file,
		const struct state_warn *w);
int state_render(const struct state_form *form, const void *content,
		 const struct textlist *odd, char **ret, size_t *len);

/* All required. */
struct statetable_ops {
	const char *name; /* of the file */
	size_t size;	  /* of a content; all zero, it is an empty one */
	/*
	 * Adds what text says, len bytes, which it may change, as it may
	 * text[len]; w is told what is wrong in file. 0 or -ENOMEM.
	 */
	int (*parse)(void *content, char *text, size_t len, const char *file,
		     const struct state_warn *w);
	/* The text of it, malloc'ed. 0 or -ENOMEM. */
	int (*render)(const void *content, char **ret, size_t *len);
	/* Leaves an empty one. */
	void (*clear)(void *content);
};

struct statetable {
	/* what was read or written last, for all to read */
	void *content;
	/* private to statetable.c */
	const struct statetable_ops *ops;
	struct state_warn warn;
	struct statefile file;
};

/* Empty; nothing is read yet, and dir need not exist. -ENOMEM. */
int statetable_init(struct statetable *t, const struct statetable_ops *ops,
		    const char *dir, const struct state_warn *w) MUST_CHECK;
void statetable_fini(struct statetable *t);

/*
 * Reads the file if it has changed. -errno with the reason in e: then content
 * is what it was.
 */
int statetable_refresh(struct statetable *t, struct errmsg *e) MUST_CHECK;

/*
 * Reads the file under its lock, has change() make of that what shall be, and
 * writes it. On success content says the same as the file on disk; on an error,
 * with the reason in e, both are what they were. change() returns 0, or
 * STATE_AS_IS if there is nothing to write, or -errno with the reason in e.
 */
enum { STATE_AS_IS = 1 };
int statetable_update(struct statetable *t,
		      int (*change)(void *content, const void *arg,
				    struct errmsg *e),
		      const void *arg, struct errmsg *e) MUST_CHECK;

#endif
