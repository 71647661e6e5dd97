// SPDX-License-Identifier: MIT
/*
 * The names of all paths, sorted; see names.h. Ids are kept, not pointers: a
 * path that has gone meanwhile is found missing by whoever looks it up.
 */
#include "fs/names.h"

#include <stdio.h>
#include <string.h>
#include "core/monitor.h"
#include "core/path.h"
#include "core/volume.h"

struct name {
	char path[NAME_SIZE];
	char volume[NAME_SIZE];
	uint32_t volume_id, path_id;
};

struct names {
	struct name *v;
	size_t n;
	bool stale;
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

static size_t names_count(struct monitor *m)
{
	const struct volume *v;
	size_t n = 0;

	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++)
		n += v->npaths;
	return n;
}

static void names_rebuild(struct names *names, struct monitor *m)
{
	const struct volume *v;

	free(names->v);
	names->n = 0;
	names->v = calloc(names_count(m), sizeof(*names->v));
	if (!names->v)
		return;
	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++) {
		for (unsigned int j = 0; j < v->npaths; j++) {
			struct name *to = &names->v[names->n++];

			strcpy(to->path, v->paths[j]->name);
			strcpy(to->volume, v->name);
			to->volume_id = v->id;
			to->path_id = v->paths[j]->id;
		}
	}
	qsort(names->v, names->n, sizeof(*names->v), name_compare);
	names->stale = false;
}

static bool names_shared(const struct names *n, size_t i)
{
	const char *path = n->v[i].path;

	return (i > 0 && strcmp(n->v[i - 1].path, path) == 0) ||
	       (i + 1 < n->n && strcmp(n->v[i + 1].path, path) == 0);
}

bool names_get(struct names *n, struct monitor *m, size_t i, char *buf,
	       size_t size, uint32_t *volume_id, uint32_t *path_id)
{
	if (n->stale)
		names_rebuild(n, m);
	if (i >= n->n)
		return false;
	if (names_shared(n, i))
		snprintf(buf, size, "%s:%s", n->v[i].volume, n->v[i].path);
	else
		snprintf(buf, size, "%s", n->v[i].path);
	*volume_id = n->v[i].volume_id;
	*path_id = n->v[i].path_id;
	return true;
}
