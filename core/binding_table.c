// SPDX-License-Identifier: MIT
/*
 * The table of bindings; see binding_table.h. Two arrays point to the same
 * bindings, each sorted by what is looked for in it.
 */
#include "core/binding_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alias.h"

void binding_table_clear(struct binding_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->by_alias[i]);
	free(t->by_alias);
	free(t->by_wwid);
	textlist_clear(&t->odd);
	*t = (struct binding_table){0};
}

static int by_alias(const struct binding *b, const char *alias)
{
	return alias_compare(b->alias, alias);
}

static int by_wwid(const struct binding *b, const char *wwid)
{
	return strcmp(b->wwid, wwid);
}

/* The first of v that is not less than key, or n. */
static size_t lower_bound(struct binding *const *v, size_t n,
			  int (*compare)(const struct binding *, const char *),
			  const char *key)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(v[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct binding *binding_table_alias(const struct binding_table *t,
					  const char *alias)
{
	size_t i = lower_bound(t->by_alias, t->n, by_alias, alias);

	return i < t->n && by_alias(t->by_alias[i], alias) == 0 ? t->by_alias[i]
								: NULL;
}

const struct binding *binding_table_wwid(const struct binding_table *t,
					 const char *wwid)
{
	size_t i = lower_bound(t->by_wwid, t->n, by_wwid, wwid);

	return i < t->n && by_wwid(t->by_wwid[i], wwid) == 0 ? t->by_wwid[i]
							     : NULL;
}

bool binding_table_reserved(const struct binding_table *t, const char *alias)
{
	size_t len = strlen(alias);

	for (size_t i = 0; i < t->odd.n; i++)
		if (strcspn(t->odd.text[i], STATE_BLANKS) == len &&
		    memcmp(t->odd.text[i], alias, len) == 0)
			return true;
	return false;
}

static int table_grow(struct binding_table *t)
{
	size_t room = t->room ? 2 * t->room : 16;
	struct binding **v;

	v = reallocarray(t->by_alias, room, sizeof(struct binding *));
	if (!v)
		return -ENOMEM;
	t->by_alias = v;
	v = reallocarray(t->by_wwid, room, sizeof(struct binding *));
	if (!v)
		return -ENOMEM;
	t->by_wwid = v;
	t->room = room;
	return 0;
}

static void put_at(struct binding **v, size_t n, size_t pos, struct binding *b)
{
	memmove(v + pos + 1, v + pos, (n - pos) * sizeof(struct binding *));
	v[pos] = b;
}

static int table_put(struct binding_table *t, const char *alias,
		     const char *wwid)
{
	struct binding *b;

	if (t->n == t->room && table_grow(t) < 0)
		return -ENOMEM;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	snprintf(b->alias, sizeof(b->alias), "%s", alias);
	snprintf(b->wwid, sizeof(b->wwid), "%s", wwid);
	put_at(t->by_alias, t->n,
	       lower_bound(t->by_alias, t->n, by_alias, alias), b);
	put_at(t->by_wwid, t->n, lower_bound(t->by_wwid, t->n, by_wwid, wwid),
	       b);
	t->n++;
	return 0;
}

int binding_table_add(struct binding_table *t, const char *alias,
		      const char *wwid, struct errmsg *e)
{
	const struct binding *b;

	if (alias_check(alias, e) < 0) {
		errmsg_prefix(e, "alias '%s'", alias);
		return -EINVAL;
	}
	if (wwid_check(wwid, e) < 0) {
		errmsg_prefix(e, "WWID '%s'", wwid);
		return -EINVAL;
	}
	b = binding_table_alias(t, alias);
	if (b)
		return errmsg_set(e, EEXIST, "alias '%s' is bound to %s", alias,
				  b->wwid);
	b = binding_table_wwid(t, wwid);
	if (b)
		return errmsg_set(e, EEXIST, "%s has the alias '%s'", wwid,
				  b->alias);
	return table_put(t, alias, wwid) < 0
		       ? errmsg_set(e, ENOMEM, "out of memory")
		       : 0;
}

/* One line that says something, which it changes. */
static int add_line(void *t, char *line, struct errmsg *e)
{
	char *save;
	const char *alias = strtok_r(line, STATE_BLANKS, &save);
	const char *wwid = strtok_r(NULL, STATE_BLANKS, &save);
	const char *more = strtok_r(NULL, STATE_BLANKS, &save);

	if (!wwid)
		return errmsg_set(e, EINVAL, "alias '%s' without a WWID",
				  alias);
	if (more)
		return errmsg_set(e, EINVAL, "'%s' after the WWID", more);
	return binding_table_add(t, alias, wwid, e);
}

static void print(const void *content, FILE *out)
{
	const struct binding_table *t = content;

	for (size_t i = 0; i < t->n; i++)
		fprintf(out, "%s %s\n", t->by_alias[i]->alias,
			t->by_alias[i]->wwid);
}

static const struct state_form form = {
	.header = "# Aliases of volumes: ALIAS WWID. Kept by mpathfs, sorted; other\n"
		  "# comments are not kept.\n",
	.odd = "are no bindings",
	.add = add_line,
	.print = print,
};

int binding_table_parse(struct binding_table *t, char *text, size_t len,
			const char *file, const struct state_warn *w)
{
	return state_parse(&form, t, &t->odd, text, len, file, w);
}

int binding_table_render(const struct binding_table *t, char **ret, size_t *len)
{
	return state_render(&form, t, &t->odd, ret, len);
}
