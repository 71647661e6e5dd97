// SPDX-License-Identifier: MIT
/*
 * Sections of the configuration: what their headings begin, and what becomes
 * of the lines below.
 */
#include "core/config_load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/filter.h"
#include "core/match.h"

/* Keywords of [device NAME] that are no options. */
static const char *const pattern_names[DEVICE_PATTERNS] = {
	[DEVICE_VENDOR] = "vendor",
	[DEVICE_PRODUCT] = "product",
	[DEVICE_REVISION] = "revision",
	[DEVICE_PRODUCT_BLACKLIST] = "product_blacklist",
};

/* Keywords of [blacklist] and [blacklist_exceptions]. */
static const struct {
	const char *name;
	enum filter_kind kind;
} filter_names[] = {
	{"devnode", FILTER_DEVNODE},
	{"wwid", FILTER_WWID},
	{"property", FILTER_PROPERTY},
	{"protocol", FILTER_PROTOCOL},
};

static struct volume_config *last_volume(struct load *l)
{
	assert(l->config->nvolumes > 0);
	return &l->config->volumes[l->config->nvolumes - 1];
}

static struct config_entry *last_entry(struct load *l)
{
	assert(l->config->nentries > 0);
	return &l->config->entries[l->config->nentries - 1];
}

/* Filters */

static void add_rule(struct load *l, unsigned int line,
		     const struct filter_rule *rule)
{
	struct errmsg e;
	int rc = filter_add(l->config->filter, rule, &e);

	if (rc == -ENOMEM)
		load_fail(l, rc);
	else if (rc)
		load_error(l, line, "%s", e.text);
}

void load_forget_filter_device(struct load *l)
{
	free(l->vendor);
	free(l->product);
	l->vendor = l->product = NULL;
}

static void end_filter_device(struct load *l)
{
	char where[WHERE_SIZE];
	const struct filter_rule rule = {
		.kind = FILTER_DEVICE,
		.exception = l->exception,
		.pattern = l->vendor,
		.product = l->product,
		.where = where,
	};

	load_where(l, l->section_line, where);
	add_rule(l, l->section_line, &rule);
	load_forget_filter_device(l);
}

static void filter_value(struct load *l, unsigned int line, const char *key,
			 const char *value)
{
	char where[WHERE_SIZE];
	struct filter_rule rule = {
		.exception = l->exception,
		.pattern = value,
		.where = where,
	};

	load_where(l, line, where);
	for (size_t i = 0; i < ARRAY_SIZE(filter_names); i++)
		if (!strcmp(filter_names[i].name, key)) {
			rule.kind = filter_names[i].kind;
			add_rule(l, line, &rule);
			return;
		}
	load_error(l, line,
		   "'%s': unknown keyword; there are devnode, wwid, property "
		   "and protocol, and a section [%s device NAME]",
		   key, l->exception ? "blacklist_exceptions" : "blacklist");
}

static void filter_device_value(struct load *l, unsigned int line,
				const char *key, const char *value)
{
	char **text = !strcmp(key, "vendor")	? &l->vendor
		      : !strcmp(key, "product") ? &l->product
						: NULL;

	if (!text) {
		load_error(
			l, line,
			"'%s': unknown keyword; there are vendor and product",
			key);
		return;
	}
	if (*text) {
		load_error(l, line, "%s: stands here already", key);
		return;
	}
	*text = strdup(value);
	if (!*text)
		load_fail(l, -ENOMEM);
}

/* Devices */

static void end_device(struct load *l)
{
	const struct config_entry *t = last_entry(l);

	if (!t->pattern[DEVICE_VENDOR] || !t->pattern[DEVICE_PRODUCT])
		load_error(l, l->section_line,
			   "[device %s]: vendor or product is missing",
			   t->name);
}

/* True if key is one. */
static bool device_pattern(struct load *l, unsigned int line, const char *key,
			   const char *value)
{
	struct config_entry *t = last_entry(l);
	struct errmsg e;
	int i = 0, rc;

	while (i < DEVICE_PATTERNS && strcmp(pattern_names[i], key) != 0)
		i++;
	if (i == DEVICE_PATTERNS)
		return false;
	if (t->pattern[i]) {
		load_error(l, line, "%s: stands here already", key);
		return true;
	}
	t->pattern[i] = strdup(value);
	t->match[i] = calloc(1, sizeof(*t->match[i]));
	if (!t->pattern[i] || !t->match[i]) {
		load_fail(l, -ENOMEM);
		free(t->match[i]);
		t->match[i] = NULL;
		return true;
	}
	rc = match_init(t->match[i], value, &e);
	if (rc) {
		load_error(l, line, "%s: %s", key, e.text);
		free(t->match[i]);
		t->match[i] = NULL;
	}
	return true;
}

/* Headings */

static const char *const entry_words[] = {
	[ENTRY_DEVICE] = "device",
	[ENTRY_OVERRIDES] = "overrides",
	[ENTRY_PROTOCOL] = "protocol",
	[ENTRY_MULTIPATH] = "multipath",
};

static void add_volume(struct load *l, unsigned int line, const char *name)
{
	struct config *c = l->config;
	const struct volume_config *other = config_volume(c, name);
	struct volume_config *v;
	struct errmsg e;

	if (volume_name_check(name, &e) < 0)
		load_error(l, line, "[volume %s]: %s", name, e.text);
	else if (other)
		load_error(l, line, "[volume %s]: that volume is at %s already",
			   name, other->where);
	v = reallocarray(c->volumes, c->nvolumes + 1, sizeof(*v));
	if (!v) {
		load_fail(l, -ENOMEM);
		return;
	}
	c->volumes = v;
	v = &c->volumes[c->nvolumes++];
	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", name);
	load_where(l, line, v->where);
	l->section = LOAD_VOLUME;
}

static bool entry_name_good(struct load *l, unsigned int line,
			    enum entry_kind kind, const char *name)
{
	struct errmsg e;

	if (kind == ENTRY_OVERRIDES)
		return true;
	if (path_name_check(name, &e) < 0) {
		load_error(l, line, "[%s %s]: %s", entry_words[kind], name,
			   e.text);
		return false;
	}
	if (kind == ENTRY_PROTOCOL && !config_protocol_known(name)) {
		load_error(l, line, "[protocol %s]: there is no such protocol",
			   name);
		return false;
	}
	return true;
}

static void add_entry(struct load *l, unsigned int line, enum entry_kind kind,
		      const char *name)
{
	struct config *c = l->config;
	struct config_entry *t;

	if (!entry_name_good(l, line, kind, name))
		return;
	t = reallocarray(c->entries, c->nentries + 1, sizeof(*t));
	if (!t) {
		load_fail(l, -ENOMEM);
		return;
	}
	c->entries = t;
	t = &c->entries[c->nentries++];
	memset(t, 0, sizeof(*t));
	t->kind = kind;
	t->builtin = l->builtin;
	snprintf(t->name, sizeof(t->name), "%s", name);
	load_where(l, line, t->where);
	l->section = LOAD_ENTRY;
}

static void add_device(struct load *l, unsigned int line, const char *name)
{
	add_entry(l, line, ENTRY_DEVICE, name);
}

static void add_multipath(struct load *l, unsigned int line, const char *name)
{
	add_entry(l, line, ENTRY_MULTIPATH, name);
}

static void add_protocol(struct load *l, unsigned int line, const char *name)
{
	add_entry(l, line, ENTRY_PROTOCOL, name);
}

static void add_overrides(struct load *l, unsigned int line, const char *name)
{
	add_entry(l, line, ENTRY_OVERRIDES, name);
}

static void begin_defaults(struct load *l, unsigned int line, const char *name)
{
	(void)line;
	(void)name;
	l->section = LOAD_DEFAULTS;
}

/* rest: "", or "device NAME". */
static void begin_filter(struct load *l, unsigned int line, const char *rest,
			 bool exception)
{
	size_t kind = strcspn(rest, " \t");

	l->exception = exception;
	if (!*rest)
		l->section = LOAD_FILTER;
	else if (kind == strlen("device") && !strncmp(rest, "device", kind))
		l->section = LOAD_FILTER_DEVICE;
	else
		load_error(
			l, line,
			"'%s': what may stand here is nothing, or device NAME",
			rest);
}

static void begin_blacklist(struct load *l, unsigned int line, const char *rest)
{
	begin_filter(l, line, rest, false);
}

static void begin_exceptions(struct load *l, unsigned int line,
			     const char *rest)
{
	begin_filter(l, line, rest, true);
}

static const struct heading {
	const char *word;
	bool named; /* else nothing may follow, unless optional */
	bool optional;
	void (*begin)(struct load *l, unsigned int line, const char *rest);
} headings[] = {
	{"defaults", false, false, begin_defaults},
	{"volume", true, false, add_volume},
	{"multipath", true, false, add_multipath},
	{"device", true, false, add_device},
	{"overrides", false, false, add_overrides},
	{"protocol", true, false, add_protocol},
	{"blacklist", false, true, begin_blacklist},
	{"blacklist_exceptions", false, true, begin_exceptions},
};

static const struct heading *find_heading(const char *text, const char **rest)
{
	size_t len = strcspn(text, " \t");

	*rest = text + len + strspn(text + len, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++) {
		const struct heading *h = &headings[i];

		if (strlen(h->word) != len || strncmp(h->word, text, len) != 0)
			continue;
		return h->named || h->optional || !**rest ? h : NULL;
	}
	return NULL;
}

void load_end_section(struct load *l)
{
	if (l->section == LOAD_VOLUME && !l->path_seen)
		load_error(l, l->section_line,
			   "[volume %s] has no path: 'path = NAME DEVICE' is "
			   "missing",
			   last_volume(l)->name);
	if (l->section == LOAD_ENTRY && last_entry(l)->kind == ENTRY_DEVICE)
		end_device(l);
	if (l->section == LOAD_FILTER_DEVICE)
		end_filter_device(l);
	l->section = LOAD_NO_SECTION;
}

static void on_section(void *ctx, unsigned int line, const char *text)
{
	struct load *l = ctx;
	const struct heading *h;
	const char *rest;

	load_end_section(l);
	l->section = LOAD_WRONG_SECTION;
	l->section_line = line;
	l->path_seen = false;
	if (!text)
		return;
	h = find_heading(text, &rest);
	if (h)
		h->begin(l, line, rest);
	else
		load_error(l, line,
			   "[%s]: unknown section; there are [defaults], "
			   "[volume NAME], [multipath WWID], [device NAME], "
			   "[overrides], [protocol PROTOCOL], [blacklist] and "
			   "[blacklist_exceptions]",
			   text);
}

/* Options */

static unsigned int section_bit(struct load *l)
{
	static const unsigned int bits[] = {
		[ENTRY_DEVICE] = IN_DEVICE,
		[ENTRY_OVERRIDES] = IN_OVERRIDES,
		[ENTRY_PROTOCOL] = IN_PROTOCOL,
		[ENTRY_MULTIPATH] = IN_MULTIPATH,
	};

	if (l->section == LOAD_DEFAULTS)
		return IN_DEFAULTS;
	if (l->section == LOAD_VOLUME)
		return IN_VOLUME;
	return bits[last_entry(l)->kind];
}

static enum origin section_origin(struct load *l)
{
	static const enum origin origins[] = {
		[ENTRY_DEVICE] = ORIGIN_DEVICE,
		[ENTRY_OVERRIDES] = ORIGIN_OVERRIDES,
		[ENTRY_PROTOCOL] = ORIGIN_PROTOCOL,
		[ENTRY_MULTIPATH] = ORIGIN_VOLUME,
	};

	if (l->section == LOAD_DEFAULTS)
		return ORIGIN_DEFAULTS;
	if (l->section == LOAD_VOLUME)
		return ORIGIN_VOLUME;
	return origins[last_entry(l)->kind];
}

/* "[defaults], [volume NAME]": where an option may stand. */
static void section_words(unsigned int sections, char *buf, size_t size)
{
	static const char *const text[] = {
		"[defaults]",  "[volume NAME]",	      "[device NAME]",
		"[overrides]", "[protocol PROTOCOL]", "[multipath WWID]",
	};
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(text) && used < size; i++)
		if (sections & (1u << i))
			used += (size_t)snprintf(buf + used, size - used,
						 "%s%s", used ? ", " : "",
						 text[i]);
}

/* Where the value goes; again: it has one in this section already. */
static struct setting *place_of(struct load *l, enum opt o, bool *again)
{
	struct config_value *v;
	struct setting *s;

	*again = false;
	if (l->section == LOAD_DEFAULTS) {
		*again = l->in_defaults[o];
		l->in_defaults[o] = true;
		return &l->config->defaults.v[o];
	}
	if (l->section == LOAD_VOLUME) {
		s = &last_volume(l)->settings.v[o];
		*again = s->origin == ORIGIN_VOLUME;
		return s;
	}
	v = entry_find(last_entry(l), o);
	*again = v != NULL;
	if (!v)
		v = entry_add(last_entry(l), o);
	if (!v)
		load_fail(l, -ENOMEM);
	return v ? &v->s : NULL;
}

/* The setting of o in this section; NULL: reported, it has none. */
static struct setting *setting_of(struct load *l, unsigned int line, enum opt o)
{
	const struct option_info *info = option_info(o);
	struct setting *s;
	char words[160];
	bool again;

	if (!(info->sections & section_bit(l))) {
		section_words(info->sections, words, sizeof(words));
		load_error(l, line, "%s: may stand in %s only", info->name,
			   words);
		return NULL;
	}
	s = place_of(l, o, &again);
	if (!again)
		return s;
	load_error(l, line, "%s: is at %s already", info->name, s->where);
	return NULL;
}

static void option_value(struct load *l, unsigned int line, enum opt o,
			 const char *value)
{
	struct setting *s = setting_of(l, line, o);
	struct errmsg e;
	int rc;

	if (!s)
		return;
	s->origin = section_origin(l);
	load_where(l, line, s->where);
	rc = option_parse(o, value, l->reg, s, &e);
	if (rc < 0 && l->builtin)
		last_entry(l)->nvalues--; /* not in this build: unsaid */
	else if (rc < 0)
		load_error(l, line, "%s", e.text);
}

static void option_or_path(struct load *l, unsigned int line, const char *key,
			   const char *value)
{
	int o = option_find(key);

	if (strcmp(key, "path") != 0) {
		if (o < 0)
			load_error(l, line, "'%s': unknown keyword", key);
		else
			option_value(l, line, (enum opt)o, value);
	} else if (l->section == LOAD_VOLUME) {
		l->path_seen = true;
		load_path(l, line, value);
	} else {
		load_error(l, line, "path: may stand in [volume NAME] only");
	}
}

static void on_value(void *ctx, unsigned int line, const char *key,
		     const char *value)
{
	struct load *l = ctx;

	switch (l->section) {
	case LOAD_WRONG_SECTION:
		break;
	case LOAD_NO_SECTION:
		load_error(l, line, "%s: stands before the first section", key);
		break;
	case LOAD_FILTER:
		filter_value(l, line, key, value);
		break;
	case LOAD_FILTER_DEVICE:
		filter_device_value(l, line, key, value);
		break;
	case LOAD_ENTRY:
		if (last_entry(l)->kind == ENTRY_DEVICE &&
		    device_pattern(l, line, key, value))
			break;
		/* fall through */
	case LOAD_DEFAULTS:
	case LOAD_VOLUME:
		option_or_path(l, line, key, value);
	}
}

static void on_error(void *ctx, unsigned int line, const char *reason)
{
	struct load *l = ctx;

	load_error(l, line, "%s", reason);
	l->path_seen = true; /* it may have been one */
}

const struct ini_sink load_sink = {
	.section = on_section,
	.value = on_value,
	.error = on_error,
};
