/* SPDX-License-Identifier: MIT */
/*
 * Volumes as programs see them: the JSON of `multipathd show maps json`, key
 * for key, and beside it in each map and path an object "mpathfs" with what is
 * our own. What we cannot know has the placeholder that multipathd prints.
 *
 * Monitor's thread. now: monotonic ns. 0 or -ENOMEM.
 */
#ifndef MPATHFS_FS_STATUS_JSON_H
#define MPATHFS_FS_STATUS_JSON_H

#include <stdio.h>
#include "core/base.h"

struct partitions;
struct volume;

/* {"major_version":0,"minor_version":1,"maps":[...]} */
int status_json_maps(FILE *out, const struct volume *const *v, size_t n,
		     const struct partitions *p, uint64_t now);
/* The same with "map":{...}, as `show map NAME json`. */
int status_json_map(FILE *out, const struct volume *v,
		    const struct partitions *p, uint64_t now);

/* What "queueing" says: "off", "on", "N sec" (left) or "N chk" (to come). */
void status_queueing_text(const struct volume *v, uint64_t now, char *buf,
			  size_t size);

#endif
