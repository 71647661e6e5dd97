/* SPDX-License-Identifier: MIT */
/*
 * What a new configuration will make of the volumes; between apply.c, which
 * carries it out, and plan.c, where all that can fail happens first.
 */
#ifndef MPATHFS_CORE_PLAN_H
#define MPATHFS_CORE_PLAN_H

#include "core/config.h"
#include "core/monitor.h"
#include "core/path.h"

struct device;
struct group;

struct planned_path {
	const struct path_config *c;
	struct path *path;
	bool fresh;
	int old_priority;
	struct path_line old_line;
};

struct planned_volume {
	const struct volume_config *c;
	struct volume *v;
	bool fresh;
	bool same; /* nothing of it is planned: paths, groups are its own */
	struct planned_path *paths;
	unsigned int npaths;
	struct path **list; /* of paths[].path */
	struct group **groups;
	unsigned int ngroups;
	struct settings settings;
};

struct plan {
	struct monitor *m;
	bool strict;
	const char *cause; /* of all, for events; NULL: the files */
	struct planned_volume *v;
	unsigned int n;
	struct volume **volumes;     /* room for the new table */
	struct path **retired_paths; /* room for all that may be retired */
};

/*
 * Opens what is new, compares sizes, makes groups. Nothing that lanes see has
 * changed. -errno with the reason in e; plan_undo() then.
 */
int plan_make(struct plan *plan, const struct config *c, struct errmsg *e);
/*
 * The device for a new path, from one that leaves and has it open; the new
 * path's to close, too. NULL: it is to be opened. Paths have been planned.
 */
struct device *handover_find(const struct plan *plan, const struct path *to);
/* Takes back all that plan_make() did. */
void plan_undo(struct plan *plan);
/* Frees the plan itself; what was committed is elsewhere. */
void plan_free(struct plan *plan);

#endif
