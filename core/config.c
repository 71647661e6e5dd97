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
#include "core/ini.h"
#include "core/number.h"

/*
 * Bytes of a path's name and device. config_render() writes them as
 * "path = NAME DEVICE PRIORITY", 14 more at most (5 digits), and what it
 * writes must load again.
 */
enum { LOAD_PATH_MAX = 170 };
static_assert(LOAD_PATH_MAX + 14 <= INI_LINE_LIMIT, "a path fits in a line");

enum load_section {
	LOAD_NO_SECTION, /* before the first heading of a file */
	LOAD_DEFAULTS,
	LOAD_VOLUME, /* the last one of config->volumes */
	LOAD_WRONG_SECTION,
};

struct load {
	const struct config_registry *reg;
	struct config *config;
	struct config_errors *errs;
	int rc; /* the first failure that is not a mistake in a text */
	/* of the file being read */
	const char *file;	     /* valid while it is being read */
	bool in_defaults[OPT_COUNT]; /* said there already */
	/* of the section */
	enum load_section section;
	unsigned int section_line;
	bool path_seen; /* even a wrong one */
};

static void load_fail(struct load *l, int rc)
{
	if (l->rc == 0)
		l->rc = rc;
}

/* "FILE:LINE: what fmt says"; line 0: the whole file is meant. */
static PRINTF_LIKE(3, 4) void load_error(struct load *l, unsigned int line,
					 const char *fmt, ...)
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
static void load_where(const struct load *l, unsigned int line, char *where)
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

static struct volume_config *load_volume(struct load *l)
{
	assert(l->config->nvolumes > 0);
	return &l->config->volumes[l->config->nvolumes - 1];
}

static void load_end_section(struct load *l)
{
	if (l->section == LOAD_VOLUME && !l->path_seen)
		load_error(l, l->section_line,
			   "[volume %s] has no path: 'path = NAME DEVICE' is "
			   "missing",
			   load_volume(l)->name);
	l->section = LOAD_NO_SECTION;
}

static void load_add_volume(struct load *l, unsigned int line, const char *name)
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
		l->section = LOAD_WRONG_SECTION;
		return;
	}
	c->volumes = v;
	v = &c->volumes[c->nvolumes++];
	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", name);
	load_where(l, line, v->where);
	l->section = LOAD_VOLUME;
}

/* ini_sink.section: "defaults" or "volume NAME". */
static void load_section(void *ctx, unsigned int line, const char *heading)
{
	struct load *l = ctx;
	size_t kind = heading ? strcspn(heading, " \t") : 0;
	const char *name;

	load_end_section(l);
	l->section = LOAD_WRONG_SECTION;
	l->section_line = line;
	l->path_seen = false;
	if (!heading)
		return;
	name = heading + kind + strspn(heading + kind, " \t");
	if (kind == strlen("volume") && strncmp(heading, "volume", kind) == 0)
		load_add_volume(l, line, name);
	else if (strcmp(heading, "defaults") == 0)
		l->section = LOAD_DEFAULTS;
	else
		load_error(l, line,
			   "[%s]: unknown section; there are [defaults] and "
			   "[volume NAME]",
			   heading);
}

/* Are the name and the device new to the volume? The first clash is told. */
static void load_check_clash(struct load *l, unsigned int line,
			     const struct path_config *p)
{
	const struct volume_config *v = load_volume(l);
	const struct path_config *name = NULL, *device = NULL;
	size_t i;

	for (i = v->npaths; i-- > 0;) {
		if (strcmp(v->paths[i].name, p->name) == 0)
			name = &v->paths[i];
		if (strcmp(v->paths[i].device, p->device) == 0)
			device = &v->paths[i];
	}
	if (name)
		load_error(l, line, "path %s: that path is at %s already",
			   p->name, name->where);
	if (device)
		load_error(l, line,
			   "path %s: '%s' is the device of path %s at %s "
			   "already",
			   p->name, p->device, device->name, device->where);
}

/* Copies p, and takes over its device. */
static void load_add_path(struct load *l, const struct path_config *p)
{
	struct volume_config *v = load_volume(l);
	struct path_config *paths =
		reallocarray(v->paths, v->npaths + 1, sizeof(*paths));

	if (!paths) {
		load_fail(l, -ENOMEM);
		free(p->device);
		return;
	}
	v->paths = paths;
	v->paths[v->npaths++] = *p;
}

/*
 * words: NAME DEVICE [PRIORITY]. Also a wrong path is added: a later one may
 * clash with it, and the config is thrown away in the end.
 */
static void load_path_words(struct load *l, unsigned int line, char **words,
			    int n)
{
	struct path_config p = {.device = strdup(words[1])};
	int64_t priority = 1;
	struct errmsg e;

	if (!p.device) {
		load_fail(l, -ENOMEM);
		return;
	}
	snprintf(p.name, sizeof(p.name), "%s", words[0]);
	load_where(l, line, p.where);
	if (path_name_check(words[0], &e) < 0)
		load_error(l, line, "path %s: %s", words[0], e.text);
	if (words[1][0] != '/')
		load_error(l, line,
			   "path %s: '%s': a device is an absolute path",
			   words[0], words[1]);
	if (strlen(words[0]) + strlen(words[1]) > LOAD_PATH_MAX)
		load_error(l, line,
			   "path %s: the name and the device have more than "
			   "%d bytes together",
			   words[0], LOAD_PATH_MAX);
	if (n == 3 &&
	    number_parse(words[2], 10, 1, PATH_PRIORITY_MAX, &priority) < 0)
		load_error(l, line, "path %s: '%s': a priority is 1 to %d",
			   words[0], words[2], PATH_PRIORITY_MAX);
	p.priority = (int)priority;
	load_check_clash(l, line, &p);
	load_add_path(l, &p);
}

static void load_path(struct load *l, unsigned int line, const char *value)
{
	CLEANUP_FREE char *text = strdup(value);
	char *save = NULL;
	char *words[4];
	int n = 0;

	if (!text) {
		load_fail(l, -ENOMEM);
		return;
	}
	/* One more than there may be shows that there are too many. */
	while (n < 4 && (words[n] = strtok_r(n ? NULL : text, " \t", &save)))
		n++;
	if (n < 2 || n > 3)
		load_error(l, line,
			   "path: '%s': what may stand here is NAME "
			   "DEVICE [PRIORITY]",
			   value);
	else
		load_path_words(l, line, words, n);
}

/* The setting of o in this section; NULL: reported, it has none. */
static struct setting *load_setting(struct load *l, unsigned int line,
				    enum opt o)
{
	const struct option_info *info = option_info(o);
	struct setting *s;
	bool again;

	if (l->section == LOAD_DEFAULTS ? !info->defaults : !info->volume) {
		load_error(l, line, "%s: may stand in %s only", info->name,
			   info->volume ? "[volume NAME]" : "[defaults]");
		return NULL;
	}
	if (l->section == LOAD_DEFAULTS) {
		s = &l->config->defaults.v[o];
		again = l->in_defaults[o];
		l->in_defaults[o] = true;
	} else {
		s = &load_volume(l)->settings.v[o];
		again = s->origin == ORIGIN_VOLUME;
	}
	if (!again)
		return s;
	load_error(l, line, "%s: is at %s already", info->name, s->where);
	return NULL;
}

static void load_option(struct load *l, unsigned int line, enum opt o,
			const char *value)
{
	struct setting *s = load_setting(l, line, o);
	struct errmsg e;

	if (!s)
		return;
	s->origin =
		l->section == LOAD_DEFAULTS ? ORIGIN_DEFAULTS : ORIGIN_VOLUME;
	load_where(l, line, s->where);
	if (option_parse(o, value, l->reg, s, &e) < 0)
		load_error(l, line, "%s%s", e.text,
			   *value == '"' ? " (without quotes)" : "");
}

/* ini_sink.value */
static void load_value(void *ctx, unsigned int line, const char *key,
		       const char *value)
{
	struct load *l = ctx;
	int o = option_find(key);
	bool path = strcmp(key, "path") == 0;

	if (l->section == LOAD_WRONG_SECTION)
		return;
	if (l->section == LOAD_NO_SECTION)
		load_error(l, line, "%s: stands before the first section", key);
	else if (!path && o < 0)
		load_error(l, line, "'%s': unknown keyword", key);
	else if (!path)
		load_option(l, line, (enum opt)o, value);
	else if (l->section == LOAD_DEFAULTS)
		load_error(l, line, "path: may stand in [volume NAME] only");
	else
		load_path(l, line, value);
	l->path_seen |= path;
}

/* ini_sink.error */
static void load_bad_line(void *ctx, unsigned int line, const char *reason)
{
	struct load *l = ctx;

	load_error(l, line, "%s", reason);
	l->path_seen = true; /* it may have been one */
}

/* 0, or why the file cannot be read: reported. */
static int load_file(struct load *l, const char *file)
{
	static const struct ini_sink sink = {
		.section = load_section,
		.value = load_value,
		.error = load_bad_line,
	};
	FILE *f = fopen(file, "re");
	int rc;

	l->file = file;
	l->section = LOAD_NO_SECTION;
	memset(l->in_defaults, 0, sizeof(l->in_defaults));
	if (f) {
		rc = ini_read(f, &sink, l);
		fclose(f);
	} else {
		rc = -errno;
	}
	if (rc < 0) {
		load_error(l, 0, "cannot be read: %s", strerror(-rc));
		return rc;
	}
	load_end_section(l);
	return 0;
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

static void config_resolve(struct config *c)
{
	size_t i;
	int o;

	for (i = 0; i < c->nvolumes; i++) {
		struct volume_config *v = &c->volumes[i];

		for (o = 0; o < OPT_COUNT; o++)
			if (v->settings.v[o].origin != ORIGIN_VOLUME)
				v->settings.v[o] = c->defaults.v[o];
		if (v->settings.v[OPT_WWID].origin != ORIGIN_VOLUME)
			strcpy(v->settings.v[OPT_WWID].text, v->name);
	}
}

/* by-wwid/ has one link per WWID: one LUN is one volume. */
static void load_check_wwid(struct load *l, size_t volume)
{
	const struct volume_config *v = &l->config->volumes[volume];
	const struct setting *wwid = &v->settings.v[OPT_WWID];
	size_t i;

	for (i = 0; i < volume; i++) {
		const struct volume_config *other = &l->config->volumes[i];

		/* An empty one was refused, and so was a second name. */
		if (!wwid->text[0] || strcmp(v->name, other->name) == 0 ||
		    strcmp(wwid->text, other->settings.v[OPT_WWID].text) != 0)
			continue;
		l->file = wwid->where[0] ? wwid->where : v->where;
		load_error(l, 0,
			   "[volume %s]: wwid: '%s' is that of [volume %s] at "
			   "%s already",
			   v->name, wwid->text, other->name, other->where);
	}
}

int config_load(const char *main_file, const char *conf_dir,
		const struct config_registry *reg, struct config **ret,
		struct config_errors *errs)
{
	struct load l = {.reg = reg, .errs = errs};
	size_t i;
	int o;

	assert(reg && reg->selectors && reg->checkers);
	*errs = (struct config_errors){0};
	l.config = calloc(1, sizeof(*l.config));
	if (!l.config)
		return -ENOMEM;
	for (o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &l.config->defaults.v[o]);
	load_fail(&l, load_file(&l, main_file));
	if (conf_dir)
		load_dir(&l, conf_dir);
	config_resolve(l.config);
	for (i = 0; i < l.config->nvolumes; i++)
		load_check_wwid(&l, i);
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
	free(c);
}

void config_errors_free(struct config_errors *errs)
{
	free(errs->v);
	*errs = (struct config_errors){0};
}
