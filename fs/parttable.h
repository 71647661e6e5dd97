/* SPDX-License-Identifier: MIT */
/*
 * A partition table as a list, and as the text in which the child that has
 * read it (fs/scan.h) hands it to the worker. The child works on bytes that
 * anybody may have written, so its text is not to be trusted: parsing it
 * accepts what part_table_text() makes and nothing else.
 *
 * No threads, no state.
 */
#ifndef MPATHFS_FS_PARTTABLE_H
#define MPATHFS_FS_PARTTABLE_H

#include "core/base.h"
#include "core/errmsg.h"

struct json_object;

#define PARTS_MAX 256	     /* of one table; numbers may be larger */
#define PART_NUMBER_MAX 1023
#define PART_TYPE_SIZE 16
#define PART_TABLE_TEXT (1u << 18) /* bytes of a text, at most */

struct part {
	uint32_t number; /* from 1, as the table has it */
	uint64_t start, size; /* bytes, in sectors of 512, size > 0 */
	char type[40]; /* "0x83", a GUID, ... */
	char uuid[40]; /* "": it has none, as below */
	char name[128];
};

struct part_table {
	char type[PART_TYPE_SIZE]; /* "gpt", "dos", ...; "": there is no table */
	struct part *v; /* by number */
	size_t n;
};

void part_table_free(struct part_table *t);
/* By number; a second one of a number, and those beyond PARTS_MAX, go. */
void part_table_sort(struct part_table *t);
/*
 * What lies beyond bytes is cut off, as Linux does; who begins there goes.
 * Returns how many that were.
 */
size_t part_table_fit(struct part_table *t, uint64_t bytes);

/* NULL: no memory. */
struct json_object *part_json(const struct part *p);
/* malloc'ed; NULL: no memory. */
char *part_table_text(const struct part_table *t);
/* The text that says why there is no table; likewise. */
char *part_table_no(const char *why);
/*
 * -EINVAL with what is wrong in e, -EIO with the why of part_table_no(),
 * -ENOMEM; else *ret is the caller's to free.
 */
int part_table_parse(const char *text, size_t len, struct part_table *ret,
		     struct errmsg *e) MUST_CHECK;

#endif
