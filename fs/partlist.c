// SPDX-License-Identifier: MIT
/*
 * See partlist.h. A new table is shown before the old one is hidden, so that a
 * worker killed in between leaves too many slices rather than too few: the next
 * one hides what its own reading does not find.
 */
#include "fs/partlist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/monitor.h"
#include "core/volume.h"
#include "fs/slice.h"

static int by_number(const void *pa, const void *pb)
{
	const struct partition *a = pa, *b = pb;

	return a->is.number < b->is.number ? -1 : a->is.number > b->is.number;
}

const struct partition *partlist_find(const struct partlist *l, uint32_t number)
{
	const struct partition key = {.is.number = number};

	if (!l->n)
		return NULL;
	return bsearch(&key, l->v, l->n, sizeof(*l->v), by_number);
}

/* was or is: NULL. */
typedef bool differs(const struct partition *was, const struct partition *is);

static bool is_other(const struct partition *was, const struct partition *is)
{
	(void)was;
	return !is;
}

static bool has_moved(const struct partition *was, const struct partition *is)
{
	return is && is->is.start != was->is.start;
}

static bool has_resized(const struct partition *was, const struct partition *is)
{
	return is && is->is.start == was->is.start &&
	       is->is.size != was->is.size;
}

/* The numbers of a that differ so from those of b. */
static void print(FILE *out, const char *what, const struct partlist *a,
		  const struct partlist *b, differs *how)
{
	bool any = false;

	for (size_t i = 0; i < a->n; i++) {
		const struct partition *p = &a->v[i];

		if (!how(p, partlist_find(b, p->is.number)))
			continue;
		if (!any)
			fprintf(out, "%s%s:", ftell(out) ? "; " : "", what);
		fprintf(out, " %u", p->is.number);
		any = true;
	}
}

void partlist_diff(const struct partlist *old, const struct partlist *new,
		   char buf[PARTLIST_DIFF])
{
	FILE *out = fmemopen(buf, PARTLIST_DIFF, "w");

	buf[0] = '\0';
	if (!out)
		return;
	print(out, "appeared", new, old, is_other);
	print(out, "vanished", old, new, is_other);
	print(out, "moved", old, new, has_moved);
	print(out, "resized", old, new, has_resized);
	fclose(out);
}

int partlist_load(struct partlist *ret, struct slices *slices, uint32_t volume)
{
	struct partlist l = {.n = 0};
	struct slice *s = NULL;
	size_t n = 1;

	while ((s = slice_next(slices, volume, s)))
		n += s->shown;
	l.v = calloc(n, sizeof(*l.v));
	if (!l.v)
		return -ENOMEM;
	while ((s = slice_next(slices, volume, s)))
		if (s->shown)
			l.v[l.n++] = (struct partition){
				.is.number = s->number,
				.is.start = s->start,
				.is.size = s->size,
				.slice = s,
			};
	qsort(l.v, l.n, sizeof(*l.v), by_number);
	*ret = l;
	return 0;
}

void partlist_free(struct partlist *l)
{
	free(l->v);
	*l = (struct partlist){.n = 0};
}

static void hide_others(const struct partlist *l, struct slices *slices,
			uint32_t volume)
{
	const struct partition *is;
	struct slice *s = NULL;

	while ((s = slice_next(slices, volume, s))) {
		is = partlist_find(l, s->number);
		if (s->shown && (!is || is->slice != s))
			slice_hide(s);
	}
}

void partlist_hide(struct slices *slices, uint32_t volume)
{
	const struct partlist none = {.n = 0};

	hide_others(&none, slices, volume);
}

static void tell(const struct partlist_host *h, const struct volume *v,
		 const struct partlist *old, const struct partlist *new,
		 size_t cut)
{
	char detail[PARTLIST_DIFF];
	struct event ev = {
		.name = "partitions-changed",
		.volume = v->name,
		.cause = new->table[0] ? new->table : "no table",
		.detail = detail,
	};

	partlist_diff(old, new, detail);
	if (!*detail)
		return;
	h->event(h->arg, &ev);
	if (!cut)
		return;
	snprintf(detail, sizeof(detail),
		 "%zu reach beyond the end of the volume: cut there", cut);
	ev.name = "partitions-cut";
	ev.bad = true;
	h->event(h->arg, &ev);
}

static void tell_full(const struct partlist_host *h, const struct volume *v)
{
	struct event ev = {
		.name = "partitions-unread",
		.volume = v->name,
		.cause = "too many partitions in all volumes",
		.detail = "some have no file",
		.bad = true,
	};

	h->event(h->arg, &ev);
}

int partlist_apply(struct partlist *l, const struct partlist_host *h,
		   const struct volume *v, struct part_table *t)
{
	size_t cut = part_table_fit(t, volume_size(v));
	struct partlist new = {.v = calloc(t->n + 1, sizeof(*new.v))};
	bool resized;

	if (!new.v)
		return -ENOMEM;
	strcpy(new.table, t->type);
	for (size_t i = 0; i < t->n; i++) {
		const struct part *is = &t->v[i];
		struct slice *s = slice_show(h->slices, v->id, is->number,
					     is->start, is->size, &resized);

		if (!s)
			continue;
		new.v[new.n++] = (struct partition){*is, s};
		if (resized)
			h->resized(h->arg, v, s);
	}
	hide_others(&new, h->slices, v->id);
	tell(h, v, l, &new, cut);
	if (new.n < t->n)
		tell_full(h, v);
	partlist_free(l);
	*l = new;
	return 0;
}
