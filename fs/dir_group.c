// SPDX-License-Identifier: MIT
/*
 * VOLUME/groups/: the priority groups, best first, numbered as dm does. Groups
 * are made anew with each grouping: a number means the group at that place
 * now. No locks: the monitor's thread.
 */
#include "core/group.h"
#include "core/prioritizer.h"

#include <string.h>
#include "core/clock.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/node.h"

static int group_show_state(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", monitor_group_state_text(n->volume, n->group));
	return 0;
}

static int group_store_state(const struct node *n, const char *word,
			     struct errmsg *e)
{
	return monitor_group_state(n->tree->env.monitor, n->volume, n->group,
				   word, clock_now(), e);
}

static int group_show_priority(const struct node *n, FILE *out)
{
	int priority = group_priority(n->group);

	if (priority == PRIO_UNDEF)
		fprintf(out, "unknown\n");
	else
		fprintf(out, "%d\n", priority);
	return 0;
}

static int group_show_selector(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", n->group->selector);
	return 0;
}

static int group_store_selector(const struct node *n, const char *text,
				struct errmsg *e)
{
	return monitor_group_selector(n->tree->env.monitor, n->volume, n->group,
				      text, clock_now(), e);
}

static bool groups_child(const struct node *dir, size_t i, struct child *ret)
{
	const struct volume *v = dir->volume;

	if (i >= v->ngroups)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%u", v->groups[i]->id);
	ret->ino = ino_make(KIND_GROUP, v->id, v->groups[i]->id, INO_SELF);
	return true;
}

static bool group_paths_child(const struct node *dir, size_t i,
			      struct child *ret)
{
	const struct group *g = dir->group;

	if (i >= g->npaths)
		return false;
	strcpy(ret->name, g->paths[i]->name);
	ret->ino = ino_make(KIND_GROUP_PATHS, dir->volume->id, g->paths[i]->id,
			    INO_ENTRY);
	return true;
}

static void group_paths_target(const struct node *n, char *buf, size_t size)
{
	snprintf(buf, size, "../../../paths/%s", n->path->name);
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry group_entries[] = {
	{.name = "state", .show = group_show_state, .store = group_store_state},
	{.name = "priority", .show = group_show_priority},
	{.name = "selector",
	 .show = group_show_selector,
	 .store = group_store_selector},
	{.name = "paths", .type = NODE_DIR, .kind = KIND_GROUP_PATHS},
};

static const struct dir_entry group_paths_entries[] = {
	{.type = NODE_LINK, .target = group_paths_target},
};

const struct dir dir_groups = {
	.self = SCOPE_VOLUME,
	.parent = KIND_VOLUME,
	.child = groups_child,
};

const struct dir dir_group = {
	.self = SCOPE_GROUP,
	.entries_scope = SCOPE_GROUP,
	.parent = KIND_GROUPS,
	.entries = group_entries,
	.nentries = ARRAY_SIZE(group_entries),
};

const struct dir dir_group_paths = {
	.self = SCOPE_GROUP,
	.entries_scope = SCOPE_PATH,
	.parent = KIND_GROUP,
	.entries = group_paths_entries,
	.nentries = ARRAY_SIZE(group_paths_entries),
	.child = group_paths_child,
};
