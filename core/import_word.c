// SPDX-License-Identifier: MIT
/*
 * Writing what a multipath.conf says as sections of ours: which keyword
 * becomes which, and what cannot be.
 *
 * The table of options decides: a keyword of that name which may stand in that
 * section, with a value that it takes, is carried over. The tables here are
 * only for what is called otherwise, and for what has no counterpart.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/config.h"
#include "core/import_private.h"
#include "core/ini.h"
#include "core/match.h"
#include "core/mpconf.h"

static const struct {
	const char *theirs, *ours;
} renamed[] = {
	{"checker", "path_checker"},
	{"bl_product", "product_blacklist"},
};

/* Keywords that mean nothing here, and why. */
static const struct {
	const char *keyword, *why;
} without[] = {
	{"rr_min_io", "it has had no effect for long (rr_min_io_rq has)"},
	{"queue_without_daemon", "without the daemon there is no I/O"},
	{"missing_uev_wait_timeout", "no device node is made to be waited for"},
	{"reassign_maps", "no device-mapper table is changed"},
	{"remove_retries", "no device-mapper table is changed"},
	{"enable_foreign", "only volumes of its own are shown"},
	{"config_dir", "the directory is /etc/mpathfs.conf.d"},
	{"bindings_file", "it lies in --state-dir"},
	{"wwids_file", "it lies in --state-dir"},
	{"prkeys_file", "it lies in --state-dir"},
	{"multipath_dir", "nothing is loaded from directories"},
	{"disable_changed_wwids",
	 "a path whose WWID changes is always put out"},
	{"getuid_callout", "uid_attribute has taken its place"},
	{"prio_callout", "prio has taken its place"},
	{"pg_timeout", "it has had no effect for long"},
	{"udev_dir", "it has had no effect for long"},
	{"selector", "it is called path_selector"},
};

static const char *our_name(const char *keyword)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
		if (!strcmp(renamed[i].theirs, keyword))
			return renamed[i].ours;
	return keyword;
}

/* What is written differently though it means the same. */
static const char *our_value(const char *keyword, const char *value)
{
	if (!strcmp(keyword, "uid_attribute") && !*value)
		return "none";
	return value;
}

/* The last word on a keyword holds. */
static const struct item *last_of(const struct block *b, const char *keyword)
{
	for (size_t i = b->nitems; i-- > 0;)
		if (!strcmp(our_name(b->items[i].keyword), keyword))
			return &b->items[i];
	return NULL;
}

/* The line of ours, or a note why there is none. */
static bool make_line(struct import *im, const struct item *t, const char *key,
		      const char *value, char line[INI_LINE_LIMIT + 1])
{
	struct errmsg e;

	if (!ini_format(key, value, line, &e))
		return true;
	import_note(im, t->line, "%s \"%.128s\": %s", t->keyword, t->value,
		    e.text);
	return false;
}

static void put(struct import *im, const struct item *t, const char *key,
		const char *value)
{
	char line[INI_LINE_LIMIT + 1];

	if (!make_line(im, t, key, value, line))
		return;
	fprintf(im->out, "%s\n", line);
	im->result.translated++;
}

static void note_unknown(struct import *im, const struct item *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if (!strcmp(without[i].keyword, t->keyword)) {
			import_note(im, t->line, "%s: %s", t->keyword,
				    without[i].why);
			return;
		}
	import_note(im, t->line, "%.128s: there is no such keyword",
		    t->keyword);
}

static void put_option(struct import *im, const struct item *t,
		       unsigned int section)
{
	const char *key = our_name(t->keyword);
	const char *value = our_value(key, t->value);
	int o = option_find(key);
	struct setting s;
	struct errmsg e;

	if (o < 0)
		note_unknown(im, t);
	else if (!(option_info(o)->sections & section))
		import_note(im, t->line, "%s: does not stand in such a section",
			    t->keyword);
	else if (option_parse(o, value, im->reg, &s, &e) < 0)
		import_note(im, t->line, "%s", e.text);
	else
		put(im, t, key, s.text);
}

static bool is_one_of(const char *key, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, key))
			return true;
	return false;
}

/*
 * Would multipathd take it? It keeps what was said before where a value is
 * wrong, but not where a name is only unknown: that it finds later.
 */
static bool is_taken(const struct item *t)
{
	const char *key = our_name(t->keyword);
	int o = option_find(key);
	struct setting s;

	return o < 0 ||
	       !option_parse(o, our_value(key, t->value), NULL, &s, NULL);
}

/* What holds instead of t, further down in b; NULL: nothing. */
static const struct item *later_word(const struct block *b,
				     const struct item *t)
{
	const char *key = our_name(t->keyword);

	for (const struct item *l = b->items + b->nitems; --l > t;)
		if (!strcmp(our_name(l->keyword), key) && is_taken(l))
			return l;
	return NULL;
}

/* What holds of a keyword in b, if it can be carried over; NULL: nothing. */
static const char *value_of(const struct import *im, const struct block *b,
			    enum opt o, struct setting *s)
{
	for (size_t i = b->nitems; i-- > 0;) {
		const struct item *t = &b->items[i];

		if (option_find(our_name(t->keyword)) != (int)o || !is_taken(t))
			continue;
		return option_parse(o, t->value, im->reg, s, NULL) ? NULL :
								     s->text;
	}
	return NULL;
}

struct pair_texts {
	struct setting prio, args;
};

/* Is there, in all that the file says, what the prioritizer of b needs? */
static bool fits_prio(struct import *im, const struct block *b,
		      struct errmsg *e)
{
	CLEANUP_FREE struct prio_pair *p = calloc(im->nblocks, sizeof(*p));
	CLEANUP_FREE struct pair_texts *t = calloc(im->nblocks, sizeof(*t));

	if (!p || !t) {
		im->error = -ENOMEM;
		return true;
	}
	for (size_t i = 0; i < im->nblocks; i++) {
		const struct block *k = &im->blocks[i];

		p[i].prio = value_of(im, k, OPT_PRIO, &t[i].prio);
		p[i].args = value_of(im, k, OPT_PRIO_ARGS, &t[i].args);
	}
	return !config_check_prio(im->reg, p, im->nblocks,
				  (size_t)(b - im->blocks), e);
}

/* A name is given to one LUN: the first that is said to have it. */
static bool is_alias_free(const struct import *im, const struct block *b,
			  const struct item *t, struct errmsg *e)
{
	const struct item *own = last_of(b, "wwid");

	for (const struct block *o = im->blocks; o < b; o++) {
		const struct item *wwid = last_of(o, "wwid");
		struct setting s;
		const char *alias = o->type == BLOCK_MULTIPATH && wwid ?
					    value_of(im, o, OPT_ALIAS, &s) :
					    NULL;

		if (!alias || strcmp(alias, t->value) != 0)
			continue;
		if (own && !strcmp(wwid->value, own->value))
			break;
		errmsg_put(e, "it is the name of %.128s, line %u", wwid->value,
			   o->line);
		return false;
	}
	return true;
}

/* Does it go with what is said elsewhere? Else there is a note. */
static bool goes_together(struct import *im, const struct block *b,
			  const struct item *t)
{
	int o = option_find(our_name(t->keyword));
	struct errmsg e;

	if (o == OPT_PRIO ? fits_prio(im, b, &e) :
	    o == OPT_ALIAS ? is_alias_free(im, b, t, &e) : true)
		return true;
	import_note(im, t->line, "%s \"%.128s\": %s", t->keyword, t->value,
		    e.text);
	return false;
}

/* Those of b's items that hold, but for those named. */
static void put_options(struct import *im, const struct block *b,
			unsigned int section, const char *const *but)
{
	for (size_t i = 0; i < b->nitems; i++) {
		const struct item *t = &b->items[i];
		const struct item *later = later_word(b, t);

		if (later)
			import_note(im, t->line,
				    "%.128s: line %u says it again, and that "
				    "holds",
				    t->keyword, later->line);
		else if (!is_one_of(our_name(t->keyword), but) &&
			 goes_together(im, b, t))
			put_option(im, t, section);
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * A regular expression that means the same as re, without a blank at either
 * end, which a line of ours would lose: it becomes "[ ]". One behind a
 * backslash stays, to be told.
 */
static void keep_blanks(const char *re, char *buf, size_t size)
{
	size_t len = strlen(re);
	char front[4] = "", back[4] = "";

	if (len > 1 && is_blank(re[len - 1]) && re[len - 2] != '\\') {
		snprintf(back, sizeof(back), "[%c]", re[len - 1]);
		len--;
	}
	if (len > 0 && is_blank(re[0])) {
		snprintf(front, sizeof(front), "[%c]", re[0]);
		re++;
		len--;
	}
	snprintf(buf, size, "%s%.*s%s", front, (int)len, re, back);
}

/*
 * "*" alone is no expression, but it was one for anything once, and some
 * distributions still take it for that. Left out of a blacklist it would let in
 * every disk.
 */
static const char *expression(const struct item *t)
{
	return strcmp(t->value, "*") ? t->value : ".*";
}

/* The line of a pattern, or a note why there is none. */
static bool make_pattern(struct import *im, const struct item *t,
			 const char *key, char line[INI_LINE_LIMIT + 1])
{
	char text[MPCONF_WORD_SIZE + 4];
	struct match m;
	struct errmsg e;

	if (match_init(&m, expression(t), &e)) {
		import_note(im, t->line, "%s: %s", t->keyword, e.text);
		return false;
	}
	match_fini(&m);
	keep_blanks(expression(t), text, sizeof(text));
	return make_line(im, t, key, text, line);
}

static void put_pattern(struct import *im, const struct item *t)
{
	char line[INI_LINE_LIMIT + 1];

	if (!make_pattern(im, t, our_name(t->keyword), line))
		return;
	if (expression(t) != t->value)
		import_note(im, t->line,
			    "%s: '*' is no regular expression: it is taken for "
			    "'.*'",
			    t->keyword);
	fprintf(im->out, "%s\n", line);
	im->result.translated++;
}

/* Those that are there are good. */
static void put_patterns(struct import *im, const struct block *b,
			 const char *const *keywords)
{
	for (; *keywords; keywords++) {
		const struct item *t = last_of(b, *keywords);

		if (t)
			put_pattern(im, t);
	}
}

/* Without one of its patterns a section would mean something else. */
static bool good_patterns(struct import *im, const struct block *b,
			  const char *const *keywords)
{
	char line[INI_LINE_LIMIT + 1];

	for (; *keywords; keywords++) {
		const struct item *t = last_of(b, *keywords);

		if (t && !make_pattern(im, t, *keywords, line)) {
			import_note(im, b->line, "device: left out, for its %s",
				    *keywords);
			return false;
		}
	}
	return true;
}

static void heading(struct import *im, const struct block *b, const char *text)
{
	fprintf(im->out, "\n# %s:%u\n[%s]\n", im->name, b->line, text);
}

/* Something of a name: letters, digits, and '-' for the rest. */
static void plain_name(const char *vendor, const char *product,
		       unsigned int line, char *buf, size_t size)
{
	size_t n;

	n = (size_t)snprintf(buf, size, "%.40s-%.40s-%u", vendor, product,
			     line);
	for (size_t i = 0; i < n && buf[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ"
			    "0123456789-",
			    buf[i]))
			buf[i] = '-';
	if (buf[0] == '-')
		buf[0] = 'x';
}

static void write_device(struct import *im, const struct block *b)
{
	static const char *const patterns[] = {"vendor", "product", "revision",
					       "product_blacklist", NULL};
	const struct item *vendor = last_of(b, "vendor");
	const struct item *product = last_of(b, "product");
	char name[NAME_SIZE], text[NAME_SIZE + 16];

	if (!vendor || !product) {
		import_note(im, b->line,
			    "device: vendor or product is missing: it fits "
			    "nothing");
		return;
	}
	if (!good_patterns(im, b, patterns))
		return;
	plain_name(vendor->value, product->value, b->line, name, sizeof(name));
	snprintf(text, sizeof(text), "device %s", name);
	heading(im, b, text);
	put_patterns(im, b, patterns);
	put_options(im, b, IN_DEVICE, patterns);
}

/* A block that is called by the value of one of its keywords. */
static void write_named(struct import *im, const struct block *b,
			const char *section, const char *keyword,
			unsigned int bit)
{
	const char *const but[] = {keyword, NULL};
	const struct item *t = last_of(b, keyword);
	char text[NAME_SIZE + 32];
	struct errmsg e;

	if (!t) {
		import_note(im, b->line, "%s: %s is missing: it fits nothing",
			    section, keyword);
		return;
	}
	if (path_name_check(t->value, &e) < 0) {
		import_note(im, t->line, "%s: %s: the section is left out",
			    keyword, e.text);
		return;
	}
	if (bit == IN_PROTOCOL && !config_protocol_known(t->value)) {
		import_note(im, t->line,
			    "%s: there is no protocol '%.128s': the section is "
			    "left out",
			    keyword, t->value);
		return;
	}
	snprintf(text, sizeof(text), "%s %s", section, t->value);
	heading(im, b, text);
	im->result.translated++;
	put_options(im, b, bit, but);
}

static void write_filter(struct import *im, const struct block *b,
			 const char *list)
{
	static const char *const keywords[] = {"devnode", "wwid", "property",
					       "protocol", NULL};

	heading(im, b, list);
	for (size_t i = 0; i < b->nitems; i++) {
		const struct item *t = &b->items[i];

		if (!is_one_of(t->keyword, keywords))
			import_note(im, t->line,
				    "%.128s: does not stand in such a section",
				    t->keyword);
		else
			put_pattern(im, t);
	}
}

static void write_filter_device(struct import *im, const struct block *b,
				const char *list)
{
	static const char *const keywords[] = {"vendor", "product", NULL};
	char text[64];

	if (!last_of(b, "vendor") && !last_of(b, "product")) {
		import_note(im, b->line, "device: neither vendor nor product");
		return;
	}
	if (!good_patterns(im, b, keywords))
		return;
	snprintf(text, sizeof(text), "%s device %u", list, b->line);
	heading(im, b, text);
	put_patterns(im, b, keywords);
	put_options(im, b, 0, keywords);
}

static void write_block(struct import *im, const struct block *b)
{
	static const char *const none[] = {NULL};

	switch (b->type) {
	case BLOCK_UNKNOWN:
	case BLOCK_LIST:
		break;
	case BLOCK_DEFAULTS:
		heading(im, b, "defaults");
		put_options(im, b, IN_DEFAULTS, none);
		break;
	case BLOCK_OVERRIDES:
		heading(im, b, "overrides");
		put_options(im, b, IN_OVERRIDES, none);
		break;
	case BLOCK_PROTOCOL:
		write_named(im, b, "protocol", "type", IN_PROTOCOL);
		break;
	case BLOCK_DEVICE:
		write_device(im, b);
		break;
	case BLOCK_MULTIPATH:
		write_named(im, b, "multipath", "wwid", IN_MULTIPATH);
		break;
	case BLOCK_BLACKLIST:
		write_filter(im, b, "blacklist");
		break;
	case BLOCK_BLACKLIST_DEVICE:
		write_filter_device(im, b, "blacklist");
		break;
	case BLOCK_EXCEPTIONS:
		write_filter(im, b, "blacklist_exceptions");
		break;
	case BLOCK_EXCEPTIONS_DEVICE:
		write_filter_device(im, b, "blacklist_exceptions");
		break;
	}
}

void import_write(struct import *im)
{
	fprintf(im->out, "# From %s.\n", im->name);
	for (size_t i = 0; i < im->nblocks; i++)
		write_block(im, &im->blocks[i]);
}
