// SPDX-License-Identifier: MIT
/*
 * What a `path =` line may say of a path, and how that goes together with what
 * its device says; see facts.h. No state.
 */
#include "core/facts.h"

#include <errno.h>
#include <string.h>
#include "core/number.h"

static int set_text(const char *what, const char *text, char *field,
		    size_t size, struct errmsg *e)
{
	if (*field)
		return errmsg_set(e, EINVAL, "%s is given twice", what);
	if (!*text || strlen(text) >= size)
		return errmsg_set(e, EINVAL, "%s has 1 to %zu bytes", what,
				  size - 1);
	strcpy(field, text);
	return 0;
}

static int set_tpg(const char *text, struct path_facts *f, struct errmsg *e)
{
	int64_t n;

	if (f->tpg != TPG_UNKNOWN)
		return errmsg_set(e, EINVAL, "tpg is given twice");
	if (number_parse(text, 10, 0, TPG_MAX, &n) < 0)
		return errmsg_set(e, EINVAL, "'%.32s': tpg is 0 to %d", text,
				  TPG_MAX);
	f->tpg = (int)n;
	return 0;
}

/* What follows "key=" in word; NULL: it does not begin so. */
static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return !strncmp(word, key, n) && word[n] == '=' ? word + n + 1 : NULL;
}

int path_facts_parse(const char *word, struct path_facts *f, struct errmsg *e)
{
	const char *text;

	if ((text = value_of(word, "serial")))
		return set_text("serial", text, f->serial, sizeof(f->serial),
				e);
	if ((text = value_of(word, "node")))
		return set_text("node", text, f->node_name,
				sizeof(f->node_name), e);
	if ((text = value_of(word, "tpg")))
		return set_tpg(text, f, e);
	return errmsg_set(e, EINVAL,
			  "'%.64s': neither serial=TEXT, node=TEXT nor tpg=N",
			  word);
}

void path_facts_render(const struct path_facts *f, FILE *out)
{
	if (*f->serial)
		fprintf(out, " serial=%s", f->serial);
	if (*f->node_name)
		fprintf(out, " node=%s", f->node_name);
	if (f->tpg != TPG_UNKNOWN)
		fprintf(out, " tpg=%d", f->tpg);
}

void path_facts_merge(const struct path_facts *given,
		      const struct path_facts *said, struct path_facts *ret)
{
	*ret = *said;
	if (*given->serial)
		strcpy(ret->serial, given->serial);
	if (*given->node_name)
		strcpy(ret->node_name, given->node_name);
	if (given->tpg != TPG_UNKNOWN)
		ret->tpg = given->tpg;
}

bool path_facts_same(const struct path_facts *a, const struct path_facts *b)
{
	return a->tpg == b->tpg && a->implicit_only == b->implicit_only &&
	       a->tpgs == b->tpgs && a->kind == b->kind &&
	       a->access_state == b->access_state && a->rdac == b->rdac &&
	       a->ana == b->ana &&
	       !strcmp(a->serial, b->serial) &&
	       !strcmp(a->node_name, b->node_name) &&
	       !strcmp(a->target_port, b->target_port) &&
	       !strcmp(a->host_node, b->host_node) &&
	       !strcmp(a->host_port, b->host_port) &&
	       !strcmp(a->adapter, b->adapter) && !strcmp(a->name, b->name) &&
	       !strcmp(a->hctl, b->hctl);
}

static void add_trait(char *buf, size_t size, const char *text)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s", n ? ", " : "", text);
}

void path_facts_traits(const struct path_facts *f, char *buf, size_t size)
{
	static const char *const tpgs[] = {NULL, "TPGS 1", "TPGS 2", "TPGS 3"};

	assert(f->tpgs < ARRAY_SIZE(tpgs));
	buf[0] = '\0';
	if (f->rdac)
		add_trait(buf, size, "RDAC");
	if (f->tpgs)
		add_trait(buf, size, tpgs[f->tpgs]);
	if (f->access_state)
		add_trait(buf, size, "access_state");
	if (f->ana)
		add_trait(buf, size, "ANA");
}
