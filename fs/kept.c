// SPDX-License-Identifier: MIT
/*
 * The kept text; see kept.h. A list of records, looked through from the front:
 * this happens when volumes are made and when something changes, not for I/O.
 */
#include "fs/kept.h"

#include <stdio.h>
#include <string.h>
#include <urcu/list.h>

#include "core/monitor.h"
#include "core/number.h"
#include "core/path.h"
#include "fs/holdfile.h"
#include "fs/keep.h"
#include "fs/log.h"

enum kind { VOLUME_ID, PATH_ID, HELD, FAILED, LIVE, KINDS };

static const char *const kind_text[KINDS] = {
	[VOLUME_ID] = "volume", [PATH_ID] = "path", [HELD] = "held",
	[FAILED] = "failed",	[LIVE] = "live",
};

struct record {
	struct cds_list_head link;
	enum kind kind;
	char *volume;
	char *name;  /* of a path or an option; "" */
	char *value; /* of a live setting; "" */
	uint32_t id;
};

struct kept {
	struct keep *keep;
	struct holdfile *holdfile;
	struct cds_list_head records;
};

static void record_free(struct record *r)
{
	free(r->volume);
	free(r->name);
	free(r->value);
	free(r);
}

static struct record *add(struct kept *k, enum kind kind, const char *volume,
			  const char *name, const char *value, uint32_t id)
{
	struct record *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->kind = kind;
	r->id = id;
	r->volume = strdup(volume);
	r->name = strdup(name);
	r->value = strdup(value);
	if (!r->volume || !r->name || !r->value) {
		record_free(r);
		return NULL;
	}
	cds_list_add_tail(&r->link, &k->records);
	return r;
}

static struct record *find(const struct kept *k, enum kind kind,
			   const char *volume, const char *name)
{
	struct record *r;

	cds_list_for_each_entry(r, &k->records, link)
		if (r->kind == kind && !strcmp(r->volume, volume) &&
		    !strcmp(r->name, name))
			return r;
	return NULL;
}

static bool kind_find(const char *word, enum kind *ret)
{
	for (enum kind i = 0; i < KINDS; i++) {
		if (strcmp(kind_text[i], word))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* Writes into line, which is ours. Names hold no blanks; a live value may. */
static void parse_line(struct kept *k, char *line)
{
	char *word = strsep(&line, " ");
	char *volume = strsep(&line, " ");
	char *name = "", *last;
	enum kind kind;
	int64_t id = 0;

	if (!volume || !kind_find(word, &kind))
		return;
	if (kind != VOLUME_ID)
		name = strsep(&line, " ");
	last = line ? line : "";
	if (!name)
		return;
	if ((kind == VOLUME_ID || kind == PATH_ID) &&
	    number_parse(last, 10, 0, UINT32_MAX - 1, &id))
		return;
	add(k, kind, volume, name, kind == LIVE ? last : "", (uint32_t)id);
}

static void parse(struct kept *k, const char *text)
{
	CLEANUP_FREE char *copy = strdup(text);
	char *rest = copy, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			parse_line(k, line);
}

static void hold_from_disk(void *arg, const char *volume, const char *path)
{
	struct kept *k = arg;

	if (!find(k, HELD, volume, path))
		add(k, HELD, volume, path, "", 0);
}

struct kept *kept_new(struct keep *keep, const char *state_dir,
		      bool first_worker)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->keep = keep;
	CDS_INIT_LIST_HEAD(&k->records);
	parse(k, keep_text(keep));
	k->holdfile = holdfile_new(state_dir);
	if (!k->holdfile) {
		kept_free(k);
		return NULL;
	}
	if (first_worker)
		holdfile_load(k->holdfile, hold_from_disk, k);
	return k;
}

void kept_free(struct kept *k)
{
	struct record *r, *next;

	cds_list_for_each_entry_safe(r, next, &k->records, link)
		record_free(r);
	if (k->holdfile)
		holdfile_free(k->holdfile);
	free(k);
}

static uint32_t number(struct kept *k, enum kind kind, const char *volume,
		       const char *name)
{
	struct record *r = find(k, kind, volume, name), *it;
	uint32_t id = 0;

	if (r)
		return r->id;
	cds_list_for_each_entry(it, &k->records, link)
		if (it->kind == kind &&
		    (kind == VOLUME_ID || !strcmp(it->volume, volume)))
			id = MAX(id, it->id + 1);
	r = add(k, kind, volume, name, "", id);
	return r ? id : UINT32_MAX;
}

uint32_t kept_volume_id(struct kept *k, const char *volume)
{
	return number(k, VOLUME_ID, volume, "");
}

uint32_t kept_path_id(struct kept *k, const char *volume, const char *path)
{
	return number(k, PATH_ID, volume, path);
}

bool kept_held(const struct kept *k, const char *volume, const char *path)
{
	return find(k, HELD, volume, path) != NULL;
}

bool kept_failed(const struct kept *k, const char *volume, const char *path)
{
	return find(k, FAILED, volume, path) != NULL;
}

const char *kept_live(const struct kept *k, const char *volume, enum opt o)
{
	const struct record *r = find(k, LIVE, volume, option_info(o)->name);

	return r ? r->value : NULL;
}

/* What a volume's records say is the monitor's to know: they are made anew. */
static void forget_states(struct kept *k, const char *volume)
{
	struct record *r, *next;

	cds_list_for_each_entry_safe(r, next, &k->records, link) {
		if (r->kind == VOLUME_ID || r->kind == PATH_ID ||
		    strcmp(r->volume, volume))
			continue;
		cds_list_del(&r->link);
		record_free(r);
	}
}

static void note_volume(struct kept *k, const struct volume *v)
{
	forget_states(k, v->name);
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (p->health.held)
			add(k, HELD, v->name, p->name, "", 0);
		if (!p->health.active)
			add(k, FAILED, v->name, p->name, "", 0);
	}
	for (enum opt o = 0; o < OPT_COUNT; o++)
		if (v->settings.v[o].origin == ORIGIN_LIVE)
			add(k, LIVE, v->name, option_info(o)->name,
			    v->settings.v[o].text, 0);
}

static void print_record(FILE *f, const struct record *r)
{
	fprintf(f, "%s %s", kind_text[r->kind], r->volume);
	if (r->kind != VOLUME_ID)
		fprintf(f, " %s", r->name);
	if (r->kind == VOLUME_ID || r->kind == PATH_ID)
		fprintf(f, " %u", r->id);
	if (r->kind == LIVE)
		fprintf(f, " %s", r->value);
	fputc('\n', f);
}

/* All records, or the holds only. NULL: no memory. */
static char *render(const struct kept *k, bool holds_only)
{
	const struct record *r;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	cds_list_for_each_entry(r, &k->records, link)
		if (!holds_only || r->kind == HELD)
			print_record(f, r);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

void kept_save(struct kept *k, struct monitor *m)
{
	CLEANUP_FREE char *text = NULL;
	struct volume *v;
	char *holds;

	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++)
		note_volume(k, v);
	text = render(k, false);
	if (!text || keep_text_set(k->keep, text))
		log_error("what must outlive a crash of the worker could not be kept: holds and live settings may be lost by one");
	holds = render(k, true);
	if (holds)
		holdfile_save(k->holdfile, holds);
}
