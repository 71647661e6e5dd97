// SPDX-License-Identifier: MIT
/*
 * The kept text; see kept.h. The volumes by name, in a tree; of each a list of
 * records, looked through from the front: this happens when volumes are made
 * and when something changes, not for I/O.
 */
#include "fs/kept.h"

#include <search.h>
#include <stdio.h>
#include <string.h>
#include <urcu/list.h>

#include "core/monitor.h"
#include "core/number.h"
#include "core/path.h"
#include "core/reservation.h"
#include "fs/holdfile.h"
#include "fs/keep.h"
#include "fs/log.h"

enum kind {
	VOLUME_ID,
	PATH_ID,
	HELD,
	FAILED,
	LIVE,
	FOUND,
	REMOVED,
	REGISTERED,
	KINDS
};

/* Volumes that have gone whose numbers are kept, should they come back. */
#define GONE_MAX 1024

/* Stands for the volume of a disk that is of none. */
#define NO_VOLUME "/"

static const char *const kind_text[KINDS] = {
	[VOLUME_ID] = "volume", [PATH_ID] = "path", [HELD] = "held",
	[FAILED] = "failed",	[LIVE] = "live", [FOUND] = "found",
	[REMOVED] = "removed",	[REGISTERED] = "registered",
};

struct record {
	struct cds_list_head link;
	enum kind kind;
	char *name;  /* of a path or an option; "" */
	char *value; /* of a live setting, one found or registered; "" */
	uint32_t id;
};

struct kept_volume {
	char *name;
	bool there; /* at the last kept_save() */
	struct cds_list_head records;
};

struct kept {
	struct keep *keep;
	struct holdfile *holdfile;
	void *volumes; /* tree of tsearch(3) */
	uint32_t next_volume_id;
};

static int by_name(const void *a, const void *b)
{
	const struct kept_volume *va = a, *vb = b;

	return strcmp(va->name, vb->name);
}

/* NULL: there is none. */
static struct kept_volume *volume_find(const struct kept *k, const char *name)
{
	const struct kept_volume key = {.name = (char *)name};
	struct kept_volume **node = tfind(&key, &k->volumes, by_name);

	return node ? *node : NULL;
}

static void record_free(struct record *r)
{
	free(r->name);
	free(r->value);
	free(r);
}

static void kept_volume_free(void *arg)
{
	struct kept_volume *v = arg;
	struct record *r, *next;

	cds_list_for_each_entry_safe(r, next, &v->records, link)
		record_free(r);
	free(v->name);
	free(v);
}

/* That of the name, made if need be; NULL: no memory. */
static struct kept_volume *volume_get(struct kept *k, const char *name)
{
	struct kept_volume *v = volume_find(k, name);

	if (v)
		return v;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	CDS_INIT_LIST_HEAD(&v->records);
	v->name = strdup(name);
	if (!v->name || !tsearch(v, &k->volumes, by_name)) {
		kept_volume_free(v);
		return NULL;
	}
	return v;
}

static struct record *add(struct kept *k, enum kind kind, const char *volume,
			  const char *name, const char *value, uint32_t id)
{
	struct kept_volume *v = volume_get(k, volume);
	struct record *r = v ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	r->kind = kind;
	r->id = id;
	r->name = strdup(name);
	r->value = strdup(value);
	if (!r->name || !r->value) {
		record_free(r);
		return NULL;
	}
	cds_list_add_tail(&r->link, &v->records);
	if (kind == VOLUME_ID)
		k->next_volume_id = MAX(k->next_volume_id, id + 1);
	return r;
}

static struct record *find(const struct kept *k, enum kind kind,
			   const char *volume, const char *name)
{
	const struct kept_volume *v = volume_find(k, volume);
	struct record *r;

	if (!v)
		return NULL;
	cds_list_for_each_entry(r, &v->records, link)
		if (r->kind == kind && !strcmp(r->name, name))
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

static bool has_value(enum kind kind)
{
	return kind == LIVE || kind == FOUND || kind == REGISTERED;
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
	add(k, kind, volume, name, has_value(kind) ? last : "", (uint32_t)id);
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
	tdestroy(k->volumes, kept_volume_free);
	if (k->holdfile)
		holdfile_free(k->holdfile);
	free(k);
}

uint32_t kept_volume_id(struct kept *k, const char *volume)
{
	struct record *r = find(k, VOLUME_ID, volume, "");

	if (!r)
		r = add(k, VOLUME_ID, volume, "", "", k->next_volume_id);
	return r ? r->id : UINT32_MAX;
}

uint32_t kept_path_id(struct kept *k, const char *volume, const char *path)
{
	struct record *r = find(k, PATH_ID, volume, path), *it;
	const struct kept_volume *v = volume_find(k, volume);
	uint32_t id = 0;

	if (r)
		return r->id;
	if (v)
		cds_list_for_each_entry(it, &v->records, link)
			if (it->kind == PATH_ID)
				id = MAX(id, it->id + 1);
	r = add(k, PATH_ID, volume, path, "", id);
	return r ? id : UINT32_MAX;
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

/* Stands for the name in a record that has none. */
#define NO_NAME "-"

const char *kept_registered(const struct kept *k, const char *volume)
{
	const struct record *r = find(k, REGISTERED, volume, NO_NAME);

	return r ? r->value : NULL;
}

static void record_drop(struct record *r)
{
	cds_list_del(&r->link);
	record_free(r);
}

struct search {
	size_t left; /* to be passed over */
	const struct kept_volume *volume;
	const struct record *found;
};

static void look_for_found(const void *node, VISIT when, void *arg)
{
	const struct kept_volume *v = *(struct kept_volume *const *)node;
	struct search *s = arg;
	const struct record *r;

	if ((when != postorder && when != leaf) || s->found)
		return;
	cds_list_for_each_entry(r, &v->records, link)
		if (r->kind == FOUND && s->left-- == 0) {
			s->volume = v;
			s->found = r;
			return;
		}
}

bool kept_found(const struct kept *k, size_t i, struct discovery_kept *ret)
{
	struct search s = {.left = i};
	unsigned long long size;

	twalk_r(k->volumes, look_for_found, &s);
	if (!s.found)
		return false;
	ret->wwid = s.volume->name + 1;
	ret->name = s.found->name;
	/* Our own words. */
	if (sscanf(s.found->value, "%llu %u", &size, &ret->block) != 2)
		return false;
	ret->size = size;
	return true;
}

bool kept_removed(const struct kept *k, const char *disk)
{
	return find(k, REMOVED, NO_VOLUME, disk) != NULL;
}

void kept_remove(struct kept *k, const char *disk, bool removed)
{
	struct record *r = find(k, REMOVED, NO_VOLUME, disk);

	if (removed && !r)
		add(k, REMOVED, NO_VOLUME, disk, "", 0);
	else if (r && !removed)
		record_drop(r);
}

/* Some may have gone: those that are there are noted anew. */
static void forget_found(const void *node, VISIT when, void *arg)
{
	struct kept_volume *v = *(struct kept_volume *const *)node;
	struct record *r, *next;

	(void)arg;
	if (when != postorder && when != leaf)
		return;
	v->there = false;
	cds_list_for_each_entry_safe(r, next, &v->records, link)
		if (r->kind == FOUND)
			record_drop(r);
}

/* What a volume's records say is the monitor's to know: they are made anew. */
static void forget_states(struct kept *k, const char *volume)
{
	struct kept_volume *v = volume_find(k, volume);
	struct record *r, *next;

	if (!v)
		return;
	cds_list_for_each_entry_safe(r, next, &v->records, link) {
		if (r->kind == VOLUME_ID || r->kind == PATH_ID)
			continue;
		record_drop(r);
	}
}

static void note_found(struct kept *k, const struct volume *v)
{
	char value[48];

	snprintf(value, sizeof(value), "%llu %u",
		 (unsigned long long)volume_size(v), volume_block(v));
	add(k, FOUND, v->key, v->name, value, 0);
}

static void note_volume(struct kept *k, const struct volume *v)
{
	struct kept_volume *kv = volume_find(k, v->key);
	char key[OPT_TEXT_SIZE];

	if (kv)
		kv->there = true;
	forget_states(k, v->key);
	if (reservation_kept(v, key, sizeof(key)))
		add(k, REGISTERED, v->key, NO_NAME, key, 0);
	if (v->found)
		note_found(k, v);
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (p->health.held)
			add(k, HELD, v->key, p->name, "", 0);
		if (!p->health.active)
			add(k, FAILED, v->key, p->name, "", 0);
	}
	for (enum opt o = 0; o < OPT_COUNT; o++)
		if (v->settings.v[o].origin == ORIGIN_LIVE)
			add(k, LIVE, v->key, option_info(o)->name,
			    v->settings.v[o].text, 0);
}

static void print_record(FILE *f, const char *volume, const struct record *r)
{
	fprintf(f, "%s %s", kind_text[r->kind], volume);
	if (r->kind != VOLUME_ID)
		fprintf(f, " %s", r->name);
	if (r->kind == VOLUME_ID || r->kind == PATH_ID)
		fprintf(f, " %u", r->id);
	if (has_value(r->kind))
		fprintf(f, " %s", r->value);
	fputc('\n', f);
}

struct rendering {
	FILE *out;
	bool holds_only;
};

static void print_volume(const void *node, VISIT when, void *arg)
{
	const struct kept_volume *v = *(struct kept_volume *const *)node;
	const struct rendering *to = arg;
	const struct record *r;

	if (when != postorder && when != leaf) /* once each, by name */
		return;
	cds_list_for_each_entry(r, &v->records, link)
		if (!to->holds_only || r->kind == HELD)
			print_record(to->out, v->name, r);
}

/* All records, or the holds only. NULL: no memory. */
static char *render(const struct kept *k, bool holds_only)
{
	char *text = NULL;
	size_t size;
	struct rendering to = {
		.out = open_memstream(&text, &size),
		.holds_only = holds_only,
	};

	if (!to.out)
		return NULL;
	twalk_r(k->volumes, print_volume, &to);
	if (fclose(to.out)) {
		free(text);
		return NULL;
	}
	return text;
}

struct gone {
	struct kept_volume *volume;
	uint32_t id;
};

struct gone_list {
	size_t n, room;
	struct gone *v;
};

/* Nothing is known of it but numbers, and what is not true any more. */
static bool is_gone(const struct kept_volume *v, uint32_t *id)
{
	const struct record *r;
	bool numbered = false;

	if (v->there)
		return false;
	cds_list_for_each_entry(r, &v->records, link) {
		if (r->kind == VOLUME_ID) {
			*id = r->id;
			numbered = true;
		} else if (r->kind != PATH_ID && r->kind != FAILED) {
			return false;
		}
	}
	return numbered;
}

static void note_gone(const void *node, VISIT when, void *arg)
{
	struct kept_volume *v = *(struct kept_volume *const *)node;
	struct gone_list *l = arg;
	struct gone *more;
	uint32_t id;

	if ((when != postorder && when != leaf) || !is_gone(v, &id))
		return;
	if (l->n == l->room) {
		more = realloc(l->v, (l->room * 2 + 16) * sizeof(*more));
		if (!more)
			return; /* the next time */
		l->v = more;
		l->room = l->room * 2 + 16;
	}
	l->v[l->n++] = (struct gone){v, id};
}

static int by_id(const void *a, const void *b)
{
	const struct gone *ga = a, *gb = b;

	return ga->id < gb->id ? -1 : ga->id > gb->id;
}

/*
 * Where disks come and go all the time the text would grow without end. The
 * oldest go: the greatest number stays, and with it the next one.
 */
static void forget_gone(struct kept *k)
{
	struct gone_list l = {0};

	twalk_r(k->volumes, note_gone, &l);
	if (l.n > GONE_MAX) {
		qsort(l.v, l.n, sizeof(*l.v), by_id);
		for (size_t i = 0; i < l.n - GONE_MAX; i++) {
			tdelete(l.v[i].volume, &k->volumes, by_name);
			kept_volume_free(l.v[i].volume);
		}
	}
	free(l.v);
}

void kept_save(struct kept *k, struct monitor *m)
{
	CLEANUP_FREE char *text = NULL;
	struct volume *v;
	char *holds;

	twalk_r(k->volumes, forget_found, NULL);
	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++)
		note_volume(k, v);
	forget_gone(k);
	text = render(k, false);
	if (!text || keep_text_set(k->keep, text))
		log_error("what must outlive a crash of the worker could not be kept: holds and live settings may be lost by one");
	holds = render(k, true);
	if (holds)
		holdfile_save(k->holdfile, holds);
}
