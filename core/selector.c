// SPDX-License-Identifier: MIT
/*
 * What all path selectors share: the two ordered lists of an instance's
 * paths, the strict reading of their arguments, and the reading of a
 * `path_selector` value, "NAME [N ARGS...]".
 *
 * The order of the valid list is the tie-breaker of every selector: a scan
 * keeps the first of equals, and sel_rotate() puts the winner last, so that
 * equals take turns.
 *
 * No locks: an instance belongs to one lane (see selector.h), and parsing
 * touches only what its caller passes.
 */
#include "core/selector.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/config.h"
#include "core/number.h"

void sel_lists_init(struct selector *s)
{
	CDS_INIT_LIST_HEAD(&s->valid);
	CDS_INIT_LIST_HEAD(&s->failed);
	s->nr_valid = 0;
}

void sel_add(struct selector *s, struct sel_path *p)
{
	assert(p->load);
	cds_list_add_tail(&p->link, &s->valid);
	s->nr_valid++;
}

void sel_fail(struct selector *s, struct sel_path *p)
{
	assert(s->nr_valid > 0 && !cds_list_empty(&s->valid));
	cds_list_del(&p->link);
	cds_list_add_tail(&p->link, &s->failed);
	s->nr_valid--;
}

void sel_reinstate_head(struct selector *s, struct sel_path *p)
{
	assert(!cds_list_empty(&s->failed));
	cds_list_del(&p->link);
	cds_list_add(&p->link, &s->valid);
	s->nr_valid++;
}

void sel_reinstate_tail(struct selector *s, struct sel_path *p)
{
	assert(!cds_list_empty(&s->failed));
	cds_list_del(&p->link);
	cds_list_add_tail(&p->link, &s->valid);
	s->nr_valid++;
}

void sel_rotate(struct selector *s, struct sel_path *p)
{
	assert(s->nr_valid > 0);
	cds_list_del(&p->link);
	cds_list_add_tail(&p->link, &s->valid);
}

int sel_arg_uint(const char *word, unsigned int max, unsigned int *ret)
{
	int64_t n;

	if (number_parse(word, 10, 0, max, &n))
		return -EINVAL;
	*ret = (unsigned int)n;
	return 0;
}

int sel_check_argc(const struct selector *s, int argc, int max,
		   struct errmsg *e)
{
	if (argc <= max)
		return 0;
	return errmsg_set(e, EINVAL,
			  "%s ps: incorrect number of arguments: %d given, "
			  "at most %d taken",
			  s->ops->name, argc, max);
}

int sel_check_repeat_count(const struct selector *s, int argc,
			   const char *const *argv, struct errmsg *e)
{
	unsigned int count;

	if (argc < 1 || !sel_arg_uint(argv[0], UINT32_MAX, &count))
		return 0;
	return errmsg_set(e, EINVAL, "%s ps: invalid repeat count: '%s'",
			  s->ops->name, argv[0]);
}

int sel_create_plain(struct selector *s, int argc, const char *const *argv,
		     struct errmsg *e)
{
	(void)argv;
	sel_lists_init(s);
	return sel_check_argc(s, argc, 0, e);
}

int sel_add_path_plain(struct selector *s, struct sel_path *p, int argc,
		       const char *const *argv, struct errmsg *e)
{
	int rc = sel_check_argc(s, argc, 1, e);

	if (!rc)
		rc = sel_check_repeat_count(s, argc, argv, e);
	if (!rc)
		sel_add(s, p);
	return rc;
}

static const struct selector_ops *
selector_find(const struct selector_ops *const *table, const char *name)
{
	for (; *table; table++)
		if (strcmp((*table)->name, name) == 0)
			return *table;
	return NULL;
}

static int selector_unknown(const struct selector_ops *const *table,
			    const char *name, struct errmsg *e)
{
	struct errmsg known = {.text = ""};
	size_t used = 0;

	for (; *table && used < sizeof(known.text); table++)
		used += (size_t)snprintf(known.text + used,
					 sizeof(known.text) - used, "%s%s",
					 used ? ", " : "", (*table)->name);
	return errmsg_set(e, EINVAL, "unknown path selector '%s' (known: %s)",
			  name, known.text);
}

int selector_parse(const struct selector_ops *const *table, const char *text,
		   char *buf, size_t size, const struct selector_ops **ret,
		   int *argc, const char **argv, int max, struct errmsg *e)
{
	const struct selector_ops *ops;
	unsigned int count = 0;
	char *save = NULL;
	char *name, *word;
	int n = 0;

	if (strlen(text) >= size)
		return errmsg_set(e, EINVAL,
				  "path selector: longer than %zu bytes",
				  size ? size - 1 : 0);
	strcpy(buf, text);
	name = strtok_r(buf, " \t", &save);
	if (!name)
		return errmsg_set(e, EINVAL, "path selector: no name given");
	ops = selector_find(table, name);
	if (!ops)
		return selector_unknown(table, name, e);
	word = strtok_r(NULL, " \t", &save);
	if (word && sel_arg_uint(word, INT32_MAX, &count))
		return errmsg_set(e, EINVAL,
				  "path selector %s: '%s' is not a number of "
				  "arguments",
				  name, word);
	for (; (word = strtok_r(NULL, " \t", &save)); n++) {
		if (n == max)
			return errmsg_set(e, EINVAL,
					  "path selector %s: more than %d "
					  "arguments",
					  name, max);
		argv[n] = word;
	}
	if ((unsigned int)n != count)
		return errmsg_set(e, EINVAL,
				  "path selector %s: %u argument(s) "
				  "announced, %d given",
				  name, count, n);
	*ret = ops;
	*argc = n;
	return 0;
}

int selector_check(const struct selector_ops *const *table, const char *text,
		   struct errmsg *e)
{
	/* every other byte of a value at most begins a word */
	const char *argv[OPT_TEXT_SIZE / 2];
	CLEANUP_FREE void *priv = NULL;
	struct selector s = {0};
	char buf[OPT_TEXT_SIZE];
	int argc, rc;

	rc = selector_parse(table, text, buf, sizeof(buf), &s.ops, &argc, argv,
			    ARRAY_SIZE(argv), e);
	if (rc)
		return rc;
	if (s.ops->state_size > 0) {
		priv = calloc(1, s.ops->state_size);
		if (!priv)
			return errmsg_set(e, ENOMEM, "path selector %s: %s",
					  s.ops->name, strerror(ENOMEM));
	}
	s.priv = priv;
	return s.ops->create(&s, argc, argv, e);
}
