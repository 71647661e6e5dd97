// SPDX-License-Identifier: MIT
/*
 * Translating a multipath.conf; see import.h. What each keyword becomes is in
 * import_word.c.
 */
#include "core/import.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "core/config.h"
#include "core/import_private.h"
#include "core/mpconf.h"

/* Blocks that hold others, by their place in the stack of open ones. */
static const struct block_kind {
	const char *name, *within; /* within NULL: at the top */
	enum block_type type;
} kinds[] = {
	{"defaults", NULL, BLOCK_DEFAULTS},
	{"overrides", NULL, BLOCK_OVERRIDES},
	{"protocol", "overrides", BLOCK_PROTOCOL},
	{"devices", NULL, BLOCK_LIST},
	{"device", "devices", BLOCK_DEVICE},
	{"multipaths", NULL, BLOCK_LIST},
	{"multipath", "multipaths", BLOCK_MULTIPATH},
	{"blacklist", NULL, BLOCK_BLACKLIST},
	{"device", "blacklist", BLOCK_BLACKLIST_DEVICE},
	{"blacklist_exceptions", NULL, BLOCK_EXCEPTIONS},
	{"device", "blacklist_exceptions", BLOCK_EXCEPTIONS_DEVICE},
};

struct reading {
	struct import *im;
	/* What is open: a block of im->blocks, and its name. */
	struct {
		size_t block;
		const char *name; /* of kinds[], or "" */
	} open[MPCONF_DEPTH];
	unsigned int depth;
};

/* What the file says goes to a terminal, and into comments of one line. */
static void drop_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void import_note(struct import *im, unsigned int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	drop_controls(text);
	fprintf(im->notes, "%s:%u: %s\n", im->name, line, text);
	fprintf(im->left, "# line %u: %s\n", line, text);
}

static struct block *add_block(struct import *im, enum block_type type,
			       unsigned int line)
{
	struct block *b = reallocarray(im->blocks, im->nblocks + 1, sizeof(*b));

	if (!b) {
		im->error = -ENOMEM;
		return NULL;
	}
	im->blocks = b;
	b += im->nblocks++;
	*b = (struct block){.type = type, .line = line};
	return b;
}

/* Those of which there is one: a second block goes on with the first. */
static bool single(enum block_type type)
{
	return type == BLOCK_DEFAULTS || type == BLOCK_OVERRIDES ||
	       type == BLOCK_BLACKLIST || type == BLOCK_EXCEPTIONS;
}

static size_t open_block(struct import *im, enum block_type type,
			 unsigned int line)
{
	for (size_t i = 0; single(type) && i < im->nblocks; i++)
		if (im->blocks[i].type == type)
			return i;
	add_block(im, type, line);
	return im->nblocks - 1;
}

static void on_begin(void *ctx, unsigned int line, const char *name)
{
	struct reading *r = ctx;
	const char *within = r->depth ? r->open[r->depth - 1].name : NULL;
	enum block_type type = BLOCK_UNKNOWN;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name) &&
		    (within ? kinds[i].within &&
				      !strcmp(kinds[i].within, within)
			    : !kinds[i].within))
			break;
	if (i < ARRAY_SIZE(kinds))
		type = kinds[i].type;
	else
		import_note(r->im, line,
			    "%.128s {: no such section here: it is left out "
			    "with all it holds",
			    name);
	assert(r->depth < MPCONF_DEPTH);
	r->open[r->depth].name = i < ARRAY_SIZE(kinds) ? kinds[i].name : "";
	r->open[r->depth++].block = open_block(r->im, type, line);
}

static void on_end(void *ctx, unsigned int line)
{
	struct reading *r = ctx;

	(void)line;
	assert(r->depth > 0);
	r->depth--;
}

static bool keep_item(struct block *b, unsigned int line, const char *keyword,
		      const char *value)
{
	struct item *t = reallocarray(b->items, b->nitems + 1, sizeof(*t));

	if (!t)
		return false;
	b->items = t;
	t += b->nitems;
	t->line = line;
	t->keyword = strdup(keyword);
	t->value = strdup(value);
	if (t->keyword && t->value) {
		b->nitems++;
		return true;
	}
	free(t->keyword);
	free(t->value);
	return false;
}

static void on_value(void *ctx, unsigned int line, const char *keyword,
		     const char *value, bool has_value)
{
	struct reading *r = ctx;
	struct import *im = r->im;
	struct block *b;

	if (im->error)
		return;
	im->values++;
	if (!r->depth) {
		import_note(im, line, "%.128s: stands in no section", keyword);
		return;
	}
	b = &im->blocks[r->open[r->depth - 1].block];
	if (b->type == BLOCK_UNKNOWN)
		return; /* told with its heading */
	if (b->type == BLOCK_LIST)
		import_note(im, line, "%.128s: does not stand in %s", keyword,
			    r->open[r->depth - 1].name);
	else if (!has_value)
		import_note(im, line, "%.128s: has no value", keyword);
	else if (!keep_item(b, line, keyword, value))
		im->error = -ENOMEM;
}

static void on_warning(void *ctx, unsigned int line, const char *text)
{
	struct reading *r = ctx;

	import_note(r->im, line, "%s", text);
}

static void free_blocks(struct import *im)
{
	for (size_t i = 0; i < im->nblocks; i++) {
		for (size_t k = 0; k < im->blocks[i].nitems; k++) {
			free(im->blocks[i].items[k].keyword);
			free(im->blocks[i].items[k].value);
		}
		free(im->blocks[i].items);
	}
	free(im->blocks);
}

int import_multipath_conf(FILE *in, const char *name,
			  const struct config_registry *reg, FILE *out,
			  FILE *notes, struct import_result *ret)
{
	static const struct mpconf_sink sink = {on_begin, on_end, on_value,
						on_warning};
	CLEANUP_FREE char *plain = strdup(name);
	CLEANUP_FREE char *left = NULL;
	struct import im = {
		.name = plain, .reg = reg, .out = out, .notes = notes};
	struct reading r = {.im = &im};
	size_t size = 0;
	int rc;

	im.left = plain ? open_memstream(&left, &size) : NULL;
	if (!im.left)
		return -ENOMEM;
	drop_controls(plain);
	rc = mpconf_read(in, &sink, &r);
	if (!rc)
		rc = im.error;
	if (!rc)
		import_write(&im);
	if (fclose(im.left) && !rc)
		rc = -ENOMEM;
	if (!rc && size)
		fprintf(out, "\n# Left out, or odd:\n%s", left);
	if (!rc && (fflush(out) || ferror(out)))
		rc = -EIO;
	free_blocks(&im);
	if (rc)
		return rc;
	*ret = im.result;
	ret->left = im.values - ret->translated;
	return 0;
}
