// SPDX-License-Identifier: MIT
/* See json.h. No state; any thread. */
#include "fs/json.h"

#include <string.h>

/*
 * The length of the UTF-8 character at s, 0: none (RFC 3629, table 3-7 of the
 * Unicode standard: no overlong forms, no surrogates, none past U+10FFFF).
 */
static size_t json_utf8_length(const unsigned char *s)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0; /* a NUL as well */
	return n;
}

struct json_object *json_text(const char *text)
{
	CLEANUP_FREE char *copy = strdup(text ? text : "");
	size_t n;

	if (!copy)
		return NULL;
	for (char *s = copy; *s; s += n) {
		n = json_utf8_length((const unsigned char *)s);
		if (n == 0) {
			*s = '?';
			n = 1;
		}
	}
	return json_object_new_string(copy);
}

void json_begin(struct json_maker *m)
{
	m->o = json_object_new_object();
	m->failed = !m->o;
}

void json_begin_array(struct json_maker *m)
{
	m->o = json_object_new_array();
	m->failed = !m->o;
}

struct json_object *json_end(struct json_maker *m)
{
	if (!m->failed)
		return m->o;
	json_object_put(m->o);
	return NULL;
}

void json_put(struct json_maker *m, const char *key, struct json_object *value)
{
	if (!m->failed && value &&
	    json_object_object_add(m->o, key, value) == 0)
		return;
	json_object_put(value);
	m->failed = true;
}

void json_append(struct json_maker *m, struct json_object *value)
{
	if (!m->failed && value && json_object_array_add(m->o, value) == 0)
		return;
	json_object_put(value);
	m->failed = true;
}

void json_put_text(struct json_maker *m, const char *key, const char *text)
{
	json_put(m, key, json_text(text));
}

void json_put_u64(struct json_maker *m, const char *key, uint64_t n)
{
	json_put(m, key, json_object_new_uint64(n));
}
