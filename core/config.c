// SPDX-License-Identifier: MIT
/*
 * A snapshot of the configuration, from INI files.
 *
 * The files are read in order into one struct config. A section's lines are
 * taken as they come: an option of [defaults] overrides what an earlier file
 * said, one of a volume is marked ORIGIN_VOLUME. What a volume leaves open is
 * filled in from the defaults when all files have been read, since a later
 * file may still change those.
 *
 * A mistake is reported and reading goes on: the lines of a volume that cannot
 * be (its name is taken, say) are still checked, those of an unknown kind of
 * section cannot be.
 *
 * No state outside of one config_load(), no locks.
 */
#include "core/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/config_load.h"
#include "core/filter.h"
#include "core/option_private.h"

void load_fail(struct load *l, int rc)
{
	if (l->rc == 0)
		l->rc = rc;
}

void load_error(struct load *l, unsigned int line, const char *fmt, ...)
{
	struct config_errors *errs = l->errs;
	struct errmsg *e = reallocarray(errs->v, errs->n + 1, sizeof(*e));
	va_list ap;

	if (!e) {
		load_fail(l, -ENOMEM);
		return;
	}
	errs->v = e;
	e += errs->n++;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (line > 0)
		errmsg_prefix(e, "%s:%u", l->file, line);
	else
		errmsg_prefix(e, "%s", l->file);
}

/* One line of text that keeps its end, where the line number is. */
void load_where(const struct load *l, unsigned int line, char *where)
{
	char number[16];
	size_t len = strlen(l->file);
	size_t room, skip = 0;
	char *c;

	room = WHERE_SIZE - 1 -
	       (size_t)snprintf(number, sizeof(number), ":%u", line);
	if (len > room)
		skip = len - room + strlen("...");
	snprintf(where, WHERE_SIZE, "%s%s%s", skip ? "..." : "", l->file + skip,
		 number);
	/* It becomes a comment in config_render()'s text. */
	for (c = where; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
}

static int load_stream(struct load *l, const char *file, FILE *f)
{
	int rc;

	l->file = file;
	l->section = LOAD_NO_SECTION;
	memset(l->in_defaults, 0, sizeof(l->in_defaults));
	rc = f ? ini_read(f, &load_sink, l) : -errno;
	if (f)
		fclose(f);
	if (rc < 0)
		load_error(l, 0, "cannot be read: %s", strerror(-rc));
	else
		load_end_section(l);
	load_forget_filter_device(l);
	return rc;
}

/* 0, or why the file cannot be read: reported. */
static int load_file(struct load *l, const char *file)
{
	return load_stream(l, file, fopen(file, "re"));
}

/* The hardware table, which goes before all files. */
static void load_hardware(struct load *l)
{
	const struct config_registry *reg = l->reg;

	if (!reg->hardware)
		return;
	l->builtin = true;
	load_fail(l, load_stream(l, "built in",
				 fmemopen((void *)(uintptr_t)reg->hardware,
					  reg->hardware_len, "r")));
	l->builtin = false;
}

static int load_is_conf(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && dot != d->d_name && d->d_name[0] != '.' &&
	       strcmp(dot, ".conf") == 0;
}

/* By bytes: the order must not depend on the locale, as alphasort()'s does. */
static int load_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_dir(struct load *l, const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, load_is_conf, load_compare);
	int i;

	if (n < 0) {
		if (errno == ENOENT)
			return;
		load_fail(l, -errno);
		l->file = dir;
		load_error(l, 0, "cannot be read: %s", strerror(errno));
		return;
	}
	for (i = 0; i < n; i++) {
		CLEANUP_FREE char *file = NULL;

		if (asprintf(&file, "%s/%s", dir, list[i]->d_name) < 0) {
			file = NULL;
			load_fail(l, -ENOMEM);
		} else if (load_file(l, file) < 0) {
			load_fail(l, -EINVAL);
		}
		free(list[i]);
	}
	free(list);
}

/* Of those entries that the merge has left. */
static void load_product_blacklists(struct load *l)
{
	for (size_t i = 0; i < l->config->nentries; i++) {
		const struct config_entry *t = &l->config->entries[i];
		const struct filter_rule rule = {
			.kind = FILTER_DEVICE,
			.implied = true,
			.pattern = t->pattern[DEVICE_VENDOR],
			.product = t->pattern[DEVICE_PRODUCT_BLACKLIST],
			.where = t->where,
		};

		if (!rule.product)
			continue;
		/* The patterns have been tried: only memory may be missing. */
		load_fail(l, filter_add(l->config->filter, &rule, NULL));
	}
}

/* Where only the longest interval is said, the shortest is a quarter of it. */
static void config_resolve_polling(struct settings *s)
{
	const struct setting *max = &s->v[OPT_MAX_POLLING_INTERVAL];
	struct setting *min = &s->v[OPT_POLLING_INTERVAL];

	if (min->origin != ORIGIN_BUILTIN || max->num == 0)
		return;
	*min = *max;
	option_set_number(min, MAX(max->num / 4, 1));
}

/*
 * Who writes priorities at the paths means them: none is detected then, unless
 * the section says so itself.
 */
static void config_keep_priorities(struct volume_config *v)
{
	struct setting *s = &v->settings.v[OPT_DETECT_PRIO];

	for (size_t i = 0; i < v->npaths; i++) {
		if (v->paths[i].priority == 1 || s->origin == ORIGIN_VOLUME)
			continue;
		option_set_number(s, false);
		strcpy(s->text, "no");
		s->origin = ORIGIN_VOLUME;
		strcpy(s->where, v->paths[i].where);
	}
}

/* What a volume that is named by hand leaves open: [overrides], [defaults]. */
static void config_resolve(struct config *c)
{
	static const struct lun_identity named = {"", "", "", "", ""};
	size_t i;
	int o;

	for (i = 0; i < c->nvolumes; i++) {
		struct volume_config *v = &c->volumes[i];

		const struct settings said = v->settings;

		config_for_lun(c, &named, &v->settings);
		for (o = 0; o < OPT_COUNT; o++)
			if (said.v[o].origin == ORIGIN_VOLUME)
				v->settings.v[o] = said.v[o];
		config_keep_priorities(v);
		if (v->settings.v[OPT_WWID].origin != ORIGIN_VOLUME)
			strcpy(v->settings.v[OPT_WWID].text, v->name);
	}
}

int config_load(const char *main_file, const char *conf_dir,
		const struct config_registry *reg, struct config **ret,
		struct config_errors *errs)
{
	struct load l = {.reg = reg, .errs = errs};
	int o;

	assert(reg && reg->selectors && reg->checkers);
	*errs = (struct config_errors){0};
	l.config = calloc(1, sizeof(*l.config));
	if (!l.config)
		return -ENOMEM;
	for (o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &l.config->defaults.v[o]);
	l.config->filter = filter_new();
	if (!l.config->filter)
		load_fail(&l, -ENOMEM);
	else
		load_hardware(&l);
	load_fail(&l, load_file(&l, main_file));
	if (conf_dir)
		load_dir(&l, conf_dir);
	if (!config_merge_devices(l.config))
		load_fail(&l, -ENOMEM);
	if (l.rc == 0 && errs->n == 0)
		load_product_blacklists(&l);
	config_resolve_polling(&l.config->defaults);
	config_resolve(l.config);
	load_check(&l);
	if (l.rc == 0 && errs->n > 0)
		l.rc = -EINVAL;
	if (l.rc < 0) {
		config_free(l.config);
		return l.rc;
	}
	*ret = l.config;
	return 0;
}

const struct volume_config *config_volume(const struct config *c,
					  const char *name)
{
	size_t i;

	for (i = 0; i < c->nvolumes; i++)
		if (strcmp(c->volumes[i].name, name) == 0)
			return &c->volumes[i];
	return NULL;
}

void config_free(struct config *c)
{
	size_t i, j;

	if (!c)
		return;
	for (i = 0; i < c->nvolumes; i++) {
		for (j = 0; j < c->volumes[i].npaths; j++)
			free(c->volumes[i].paths[j].device);
		free(c->volumes[i].paths);
	}
	free(c->volumes);
	config_free_entries(c);
	filter_free(c->filter);
	free(c);
}

void config_errors_free(struct config_errors *errs)
{
	free(errs->v);
	*errs = (struct config_errors){0};
}
