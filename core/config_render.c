// SPDX-License-Identifier: MIT
/*
 * A snapshot as the INI text it stands for: what the tree's `config` shows.
 * Declared in config.h. Nearly every option is written out, also those nobody
 * set, so that the text means the same under other built-in defaults. Origins
 * are comments on lines of their own: the INI has no others. No state.
 */
#include "core/config.h"

#include <stdio.h>
#include <string.h>

#include "core/filter.h"
#include "core/ini.h"

/* What was read can be written: whatever a line gave, some line gives. */
static void render_line(FILE *f, const char *key, const char *value)
{
	char line[INI_LINE_LIMIT + 1];
	int r = ini_format(key, value, line, NULL);

	assert(r == 0);
	fprintf(f, "%s\n", line);
}

const char *origin_text(enum origin o)
{
	static const char *const texts[] = {
		[ORIGIN_BUILTIN] = "built in",
		[ORIGIN_DEFAULTS] = "[defaults]",
		[ORIGIN_DEVICE] = "[device]",
		[ORIGIN_OVERRIDES] = "[overrides]",
		[ORIGIN_PROTOCOL] = "[protocol]",
		[ORIGIN_VOLUME] = "[volume]",
		[ORIGIN_DETECTED] = "detected:",
		[ORIGIN_LIVE] = "live",
	};

	assert((size_t)o < ARRAY_SIZE(texts));
	return texts[o];
}

static void render_setting(FILE *f, enum opt o, const struct setting *s)
{
	const char *name = option_info(o)->name;

	fprintf(f, "# %s%s%s\n", origin_text(s->origin),
		s->where[0] ? " " : "", s->where);
	/*
	 * Of most options "" is no value, only what holds if none is said. And
	 * features may speak for no_path_retry, but only if that says nothing.
	 */
	if (s->origin == ORIGIN_BUILTIN &&
	    (!s->text[0] || o == OPT_NO_PATH_RETRY))
		fprintf(f, "# %s: nothing said\n", name);
	else
		render_line(f, name, s->text);
}

static void render_defaults(FILE *f, const struct settings *settings)
{
	int o;

	fputs("[defaults]\n", f);
	for (o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info((enum opt)o);

		if (info->sections & IN_DEFAULTS)
			render_setting(f, (enum opt)o, &settings->v[o]);
	}
}

static void render_path(FILE *f, const struct path_config *p)
{
	fprintf(f, "# [volume] %s\npath = %s %s %d", p->where, p->name,
		p->device, p->priority);
	path_facts_render(&p->facts, f);
	fputc('\n', f);
}

static void render_volume(FILE *f, const struct volume_config *v,
			  const struct settings *settings)
{
	size_t i;
	int o;

	if (v->found)
		fprintf(f, "\n# found: %s\n[multipath %s]\n", v->name,
			settings->v[OPT_WWID].text);
	else
		fprintf(f, "\n# %s\n[volume %s]\n", v->where, v->name);
	if (v->notes)
		fputs(v->notes, f);
	for (i = 0; i < v->npaths; i++)
		render_path(f, &v->paths[i]);
	for (o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info((enum opt)o);

		if (info->sections & (v->found ? IN_MULTIPATH : IN_VOLUME))
			render_setting(f, (enum opt)o, &settings->v[o]);
	}
}

static void render_pattern(FILE *f, const char *name, const char *pattern)
{
	if (pattern)
		render_line(f, name, pattern);
}

static void render_entry(FILE *f, const struct config_entry *t)
{
	static const char *const kinds[] = {
		[ENTRY_DEVICE] = "device ",
		[ENTRY_OVERRIDES] = "overrides",
		[ENTRY_PROTOCOL] = "protocol ",
		[ENTRY_MULTIPATH] = "multipath ",
	};

	fprintf(f, "\n# %s\n[%s%s]\n", t->where, kinds[t->kind], t->name);
	render_pattern(f, "vendor", t->pattern[DEVICE_VENDOR]);
	render_pattern(f, "product", t->pattern[DEVICE_PRODUCT]);
	render_pattern(f, "revision", t->pattern[DEVICE_REVISION]);
	render_pattern(f, "product_blacklist",
		       t->pattern[DEVICE_PRODUCT_BLACKLIST]);
	for (size_t i = 0; i < t->nvalues; i++)
		render_setting(f, t->values[i].o, &t->values[i].s);
}

/*
 * Rules that stand in a file of the administrator; those built in, and those
 * of [device NAME], come back by themselves.
 */
static void render_rule(FILE *f, const struct filter_rule *rule, size_t i)
{
	static const char *const names[FILTER_KINDS] = {
		[FILTER_PROPERTY] = "property", [FILTER_DEVNODE] = "devnode",
		[FILTER_PROTOCOL] = "protocol", [FILTER_WWID] = "wwid",
	};
	const char *list = rule->exception ? "blacklist_exceptions" :
					     "blacklist";

	if (rule->kind != FILTER_DEVICE) {
		fprintf(f, "\n# %s\n[%s]\n", rule->where, list);
		render_line(f, names[rule->kind], rule->pattern);
		return;
	}
	fprintf(f, "\n# %s\n[%s device %zu]\n", rule->where, list, i);
	render_pattern(f, "vendor", rule->pattern);
	render_pattern(f, "product", rule->product);
}

static void render_filter(FILE *f, const struct filter *filter)
{
	struct filter_rule rule;

	for (size_t i = 0; filter_rule(filter, i, &rule); i++)
		if (!rule.implied)
			render_rule(f, &rule, i);
}

/* Such a section comes with the volume, and all that is in force. */
static bool is_found(const struct config *c, const struct settings *const *live,
		     const struct config_entry *t)
{
	if (t->kind != ENTRY_MULTIPATH)
		return false;
	for (size_t i = 0; i < c->nvolumes; i++) {
		const struct settings *s = live && live[i] ?
						   live[i] :
						   &c->volumes[i].settings;

		if (c->volumes[i].found && !strcmp(s->v[OPT_WWID].text, t->name))
			return true;
	}
	return false;
}

char *config_render(const struct config *c, const struct settings *const *live)
{
	char *text = NULL;
	size_t size, i;
	bool failed;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("# The effective configuration; it can be loaded again.\n"
	      "# Above each line: where it comes from.\n\n",
	      f);
	render_defaults(f, &c->defaults);
	for (i = 0; i < c->nentries; i++)
		if (!is_found(c, live, &c->entries[i]))
			render_entry(f, &c->entries[i]);
	render_filter(f, c->filter);
	for (i = 0; i < c->nvolumes; i++)
		render_volume(f, &c->volumes[i],
			      live && live[i] ? live[i]
					      : &c->volumes[i].settings);
	failed = ferror(f);
	failed |= fclose(f) != 0;
	if (!failed)
		return text;
	free(text);
	return NULL;
}
