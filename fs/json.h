/* SPDX-License-Identifier: MIT */
/*
 * JSON in the making, over json-c: memory may be short at every step, so a
 * failure sticks and only the end tells; and texts may be of any bytes.
 */
#ifndef MPATHFS_FS_JSON_H
#define MPATHFS_FS_JSON_H

#include <json-c/json.h>
#include "core/base.h"

struct json_maker {
	struct json_object *o;
	bool failed;
};

/* An object or an array begins. */
void json_begin(struct json_maker *m);
void json_begin_array(struct json_maker *m);
/* What was made, the caller's; NULL: no memory. */
struct json_object *json_end(struct json_maker *m);

/* Both take value, also when they fail; NULL is a failure before. */
void json_put(struct json_maker *m, const char *key, struct json_object *value);
void json_append(struct json_maker *m, struct json_object *value);

void json_put_text(struct json_maker *m, const char *key, const char *text);
void json_put_u64(struct json_maker *m, const char *key, uint64_t n);

/*
 * A string of text (NULL: ""). JSON is UTF-8, names of files need not be: a
 * byte that begins no UTF-8 character becomes '?'. NULL: no memory.
 */
struct json_object *json_text(const char *text);

#endif
