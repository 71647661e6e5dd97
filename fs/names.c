// SPDX-License-Identifier: MIT
/*
 * The names of all paths, sorted; see names.h. Ids are kept, not pointers: a
 * path that has gone meanwhile is found missing by whoever looks it up.
 */
#include "fs/names.h"

#include <stdio.h>
#include <string.h>
#include "core/discovery.h"
#include "core/disk.h"
#include "core/monitor.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/disk_ino.h"
#include "fs/node.h"

struct name {
	char path[NAME_SIZE];
	char volume[NAME_SIZE]; /* "": a disk of none */
	uint64_t ino;
};

struct names {
	struct name *v;
	size_t n;
	bool stale;
	uint64_t changes; /* discovery_changes() then */
};

struct names *names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n)
		n->stale = true;
	return n;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	free(n->v);
	free(n);
}

void names_stale(struct names *n)
{
	n->stale = true;
}

static int name_compare(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;
	int r = strcmp(a->path, b->path);

	return r ? r : strcmp(a->volume, b->volume);
}

static size_t names_count(const struct tree *t)
{
	const struct volume *v;
	struct discovery_disk d;
	size_t n = 0, pos = 0;

	for (unsigned int i = 0; (v = monitor_volume(t->env.monitor, i)); i++)
		n += v->npaths;
	while (discovery_disk(t->env.discovery, &pos, &d))
		n++;
	return n;
}

static void names_add_disks(struct names *names, const struct discovery *from)
{
	struct discovery_disk d;
	size_t pos = 0;

	while (discovery_disk(from, &pos, &d)) {
		struct name *to = &names->v[names->n++];

		snprintf(to->path, sizeof(to->path), "%s", d.disk->name);
		to->volume[0] = '\0';
		to->ino = disk_ino(d.disk->devt);
	}
}

/* A disk whose name is a path's: it gives way. */
static void names_drop_hidden(struct names *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++)
		if (*n->v[i].volume || i + 1 == n->n ||
		    strcmp(n->v[i].path, n->v[i + 1].path))
			n->v[kept++] = n->v[i];
	n->n = kept;
}

static void names_rebuild(struct names *names, const struct tree *t)
{
	struct monitor *m = t->env.monitor;
	const struct volume *v;

	free(names->v);
	names->n = 0;
	names->v = calloc(names_count(t) + 1, sizeof(*names->v));
	if (!names->v)
		return;
	names_add_disks(names, t->env.discovery);
	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++) {
		for (unsigned int j = 0; j < v->npaths; j++) {
			struct name *to = &names->v[names->n++];

			strcpy(to->path, v->paths[j]->name);
			strcpy(to->volume, v->name);
			to->ino = ino_make(KIND_PATHS, v->id, v->paths[j]->id,
					   INO_ENTRY);
		}
	}
	qsort(names->v, names->n, sizeof(*names->v), name_compare);
	names_drop_hidden(names);
	names->stale = false;
	names->changes = discovery_changes(t->env.discovery);
}

static bool names_shared(const struct names *n, size_t i)
{
	const char *path = n->v[i].path;

	return (i > 0 && strcmp(n->v[i - 1].path, path) == 0) ||
	       (i + 1 < n->n && strcmp(n->v[i + 1].path, path) == 0);
}

bool names_get(struct names *n, struct tree *t, size_t i, char *buf,
	       size_t size, uint64_t *ino)
{
	if (n->stale || n->changes != discovery_changes(t->env.discovery))
		names_rebuild(n, t);
	if (i >= n->n)
		return false;
	if (names_shared(n, i))
		snprintf(buf, size, "%s:%s", n->v[i].volume, n->v[i].path);
	else
		snprintf(buf, size, "%s", n->v[i].path);
	*ino = n->v[i].ino;
	return true;
}
