// SPDX-License-Identifier: MIT
/*
 * Partition tables as text and back; see parttable.h. The text is JSON:
 *
 *   {"table":"gpt","partitions":[{"number":1,"start":1048576,"size":4096,
 *    "type":"...","uuid":"...","name":"..."}]}
 *
 * or {"error":"why there is none"}.
 */
#include "fs/parttable.h"

#include <errno.h>
#include <string.h>

#include "fs/json.h"

#define SECTOR 512

void part_table_free(struct part_table *t)
{
	free(t->v);
	*t = (struct part_table){.n = 0};
}

static int by_number(const void *pa, const void *pb)
{
	const struct part *a = pa, *b = pb;

	return a->number < b->number ? -1 : a->number > b->number;
}

void part_table_sort(struct part_table *t)
{
	size_t n = 0;

	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_number);
	for (size_t i = 0; i < t->n && n < PARTS_MAX; i++)
		if (!n || t->v[i].number != t->v[n - 1].number)
			t->v[n++] = t->v[i];
	t->n = n;
}

size_t part_table_fit(struct part_table *t, uint64_t bytes)
{
	size_t n = 0, cut = 0;

	bytes = ROUND_DOWN(bytes, (uint64_t)SECTOR);
	for (size_t i = 0; i < t->n; i++) {
		struct part p = t->v[i];

		if (p.start >= bytes || p.size > bytes - p.start)
			cut++;
		if (p.start >= bytes)
			continue;
		p.size = MIN(p.size, bytes - p.start);
		t->v[n++] = p;
	}
	t->n = n;
	return cut;
}

struct json_object *part_json(const struct part *p)
{
	struct json_maker m;

	json_begin(&m);
	json_put_u64(&m, "number", p->number);
	json_put_u64(&m, "start", p->start);
	json_put_u64(&m, "size", p->size);
	json_put_text(&m, "type", p->type);
	json_put_text(&m, "uuid", p->uuid);
	json_put_text(&m, "name", p->name);
	return json_end(&m);
}

/* Takes o, which may be NULL. */
static char *print(struct json_object *o)
{
	char *text;

	if (!o)
		return NULL;
	text = strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return text;
}

char *part_table_text(const struct part_table *t)
{
	struct json_maker m, list;

	json_begin_array(&list);
	for (size_t i = 0; i < t->n; i++)
		json_append(&list, part_json(&t->v[i]));
	json_begin(&m);
	json_put_text(&m, "table", t->type);
	json_put(&m, "partitions", json_end(&list));
	return print(json_end(&m));
}

char *part_table_no(const char *why)
{
	struct json_maker m;

	json_begin(&m);
	json_put_text(&m, "error", why);
	return print(json_end(&m));
}

/* The string of key into buf, size bytes. */
static bool take_text(struct json_object *o, const char *key, char *buf,
		      size_t size)
{
	struct json_object *v;
	size_t len;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_string))
		return false;
	len = (size_t)json_object_get_string_len(v);
	if (len >= size || strlen(json_object_get_string(v)) != len)
		return false;
	memcpy(buf, json_object_get_string(v), len + 1);
	return true;
}

static bool take_number(struct json_object *o, const char *key, uint64_t min,
			uint64_t max, uint64_t *ret)
{
	struct json_object *v;
	int64_t n;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_int))
		return false;
	n = json_object_get_int64(v); /* what is larger: INT64_MAX */
	if (n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return false;
	*ret = (uint64_t)n;
	return true;
}

static bool take_part(struct json_object *o, struct part *p)
{
	const uint64_t end = INT64_MAX / SECTOR * SECTOR - SECTOR;
	uint64_t number;

	if (!json_object_is_type(o, json_type_object) ||
	    json_object_object_length(o) != 6 ||
	    !take_number(o, "number", 1, PART_NUMBER_MAX, &number) ||
	    !take_number(o, "start", 0, end, &p->start) ||
	    !take_number(o, "size", SECTOR, end, &p->size) ||
	    !take_text(o, "type", p->type, sizeof(p->type)) ||
	    !take_text(o, "uuid", p->uuid, sizeof(p->uuid)) ||
	    !take_text(o, "name", p->name, sizeof(p->name)))
		return false;
	p->number = (uint32_t)number;
	return p->start % SECTOR == 0 && p->size % SECTOR == 0 &&
	       p->start <= end - p->size;
}

static int take_parts(struct json_object *list, struct part_table *t,
		      struct errmsg *e)
{
	size_t n = json_object_array_length(list);

	if (n > PARTS_MAX)
		return errmsg_set(e, EINVAL, "%zu partitions", n);
	t->v = calloc(n + 1, sizeof(*t->v));
	if (!t->v)
		return errmsg_set(e, ENOMEM, "out of memory");
	for (; t->n < n; t->n++) {
		struct part *p = &t->v[t->n];

		if (!take_part(json_object_array_get_idx(list, t->n), p))
			return errmsg_set(e, EINVAL, "entry %zu makes no sense",
					  t->n);
		if (t->n && p->number <= p[-1].number)
			return errmsg_set(e, EINVAL, "entry %zu: not in order",
					  t->n);
	}
	return 0;
}

static int take_table(struct json_object *o, struct part_table *t,
		      struct errmsg *e)
{
	struct json_object *list;
	char why[128];

	if (!json_object_is_type(o, json_type_object))
		return errmsg_set(e, EINVAL, "it is no table");
	if (json_object_object_length(o) == 1 &&
	    take_text(o, "error", why, sizeof(why)))
		return errmsg_set(e, EIO, "%s", why);
	if (json_object_object_length(o) != 2 ||
	    !take_text(o, "table", t->type, sizeof(t->type)) ||
	    !json_object_object_get_ex(o, "partitions", &list) ||
	    !json_object_is_type(list, json_type_array))
		return errmsg_set(e, EINVAL, "it is no table");
	return take_parts(list, t, e);
}

/* NULL: text is not one JSON value from its first to its last byte. */
static struct json_object *parse(const char *text, size_t len)
{
	struct json_tokener *tok = json_tokener_new_ex(4);
	struct json_object *o;

	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
					    JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, text, (int)len);
	if (o && (json_tokener_get_error(tok) != json_tokener_success ||
		  json_tokener_get_parse_end(tok) != len)) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	return o;
}

int part_table_parse(const char *text, size_t len, struct part_table *ret,
		     struct errmsg *e)
{
	struct part_table t = {.n = 0};
	struct json_object *o;
	int r;

	if (len > PART_TABLE_TEXT)
		return errmsg_set(e, EINVAL, "longer than %u bytes",
				  PART_TABLE_TEXT);
	o = parse(text, len);
	if (!o)
		return errmsg_set(e, EINVAL, "it is cut off, or no JSON");
	r = take_table(o, &t, e);
	json_object_put(o);
	if (r < 0)
		part_table_free(&t);
	else
		*ret = t;
	return r;
}
