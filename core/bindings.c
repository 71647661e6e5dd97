// SPDX-License-Identifier: MIT
/*
 * The bindings file; see bindings.h. A new name is made under the lock, from
 * what the file says then: no other program's entry is lost and no name given
 * twice.
 */
#include "core/bindings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/alias.h"
#include "core/binding_table.h"

struct bindings {
	struct statetable state; /* of a struct binding_table */
};

static int content_parse(void *content, char *text, size_t len,
			 const char *file, const struct state_warn *w)
{
	return binding_table_parse(content, text, len, file, w);
}

static int content_render(const void *content, char **ret, size_t *len)
{
	return binding_table_render(content, ret, len);
}

static void content_clear(void *content)
{
	binding_table_clear(content);
}

static const struct statetable_ops bindings_ops = {
	.name = "bindings",
	.size = sizeof(struct binding_table),
	.parse = content_parse,
	.render = content_render,
	.clear = content_clear,
};

struct bindings *bindings_new(const char *dir, const struct state_warn *w)
{
	struct bindings *b = calloc(1, sizeof(*b));

	if (b && statetable_init(&b->state, &bindings_ops, dir, w) < 0) {
		free(b);
		b = NULL;
	}
	return b;
}

void bindings_free(struct bindings *b)
{
	statetable_fini(&b->state);
	free(b);
}

int bindings_refresh(struct bindings *b, struct errmsg *e)
{
	return statetable_refresh(&b->state, e);
}

const char *bindings_alias(const struct bindings *b, const char *wwid)
{
	const struct binding *it = binding_table_wwid(b->state.content, wwid);

	return it ? it->alias : NULL;
}

const char *bindings_wwid(const struct bindings *b, const char *alias)
{
	const struct binding *it = binding_table_alias(b->state.content, alias);

	return it ? it->wwid : NULL;
}

static bool is_free(const struct binding_table *t, const char *alias)
{
	return !binding_table_alias(t, alias) &&
	       !binding_table_reserved(t, alias);
}

static bool may_keep(const struct binding_table *t, const struct naming *n)
{
	int id;

	return alias_parse(n->prefix, n->current, &id) == 0 &&
	       alias_check(n->current, NULL) == 0 && is_free(t, n->current);
}

/* The free name of the lowest id. */
static int lowest_free(const struct binding_table *t, const struct naming *n,
		       char alias[NAME_SIZE], struct errmsg *e)
{
	int id = 1;

	if (alias_format(n->prefix, id, alias) < 0)
		return errmsg_set(e, EINVAL, "prefix '%s': too long",
				  n->prefix);
	if (alias_check(alias, e) < 0) {
		errmsg_prefix(e, "prefix '%s'", n->prefix);
		return -EINVAL;
	}
	/* A prefix may lead to a name that is reserved, "paths" for one. */
	while (!is_free(t, alias) || alias_check(alias, NULL) < 0 ||
	       n->taken(n->ctx, alias, n->wwid))
		if (id == INT_MAX || alias_format(n->prefix, ++id, alias) < 0)
			return errmsg_set(e, ERANGE,
					  "prefix '%s': no name is left",
					  n->prefix);
	return 0;
}

/* Of statetable_update(): arg is what is asked for. */
static int bind_new(void *content, const void *arg, struct errmsg *e)
{
	struct binding_table *t = content;
	const struct naming *n = arg;
	char alias[NAME_SIZE];
	int r;

	if (binding_table_wwid(t, n->wwid))
		return STATE_AS_IS; /* another program was faster */
	if (may_keep(t, n))
		return binding_table_add(t, n->current, n->wwid, e);
	r = lowest_free(t, n, alias, e);
	return r < 0 ? r : binding_table_add(t, alias, n->wwid, e);
}

/* What to be called without an alias of one's own. */
static const char *without_alias(const struct bindings *b,
				 const struct naming *n)
{
	const char *owner = bindings_wwid(b, n->current);

	return *n->current && (!owner || strcmp(owner, n->wwid) == 0)
		       ? n->current
		       : n->wwid;
}

int bindings_name(struct bindings *b, const struct naming *n,
		  char ret[NAME_SIZE], struct errmsg *e)
{
	const char *alias;
	int r = wwid_check(n->wwid, e);

	*ret = '\0';
	if (r < 0)
		return r;
	r = bindings_refresh(b, e);
	if (r == 0 && !n->read_only && !bindings_alias(b, n->wwid))
		r = statetable_update(&b->state, bind_new, n, e);
	alias = bindings_alias(b, n->wwid);
	if (alias && n->taken(n->ctx, alias, n->wwid)) {
		r = errmsg_set(e, EEXIST,
			       "%s: its alias '%s' is another volume's name",
			       n->wwid, alias);
		alias = NULL;
	}
	if (!alias)
		alias = without_alias(b, n);
	snprintf(ret, NAME_SIZE, "%s", alias);
	return r;
}
