// SPDX-License-Identifier: MIT
/*
 * Disks and their events as data; see disk.h. Pure: no I/O, no state.
 *
 * An event says only that something has happened; what is true is read when
 * the batch is made. So of what happened to one disk, what a later event makes
 * untrue is left out, and 1,000 adds and removes become one.
 */
#include "core/disk.h"

#include <string.h>

void disk_free(struct disk *d)
{
	if (!d)
		return;
	for (char **p = d->properties; p && *p; p++)
		free(*p);
	free(d->properties);
	free(d);
}

const char *disk_property(const struct disk *d, const char *key)
{
	size_t n = strlen(key);

	for (char **p = d->properties; *p; p++)
		if (!strncmp(*p, key, n) && (*p)[n] == '=')
			return *p + n + 1;
	return NULL;
}

/* Does the later event of the same disk make the earlier one untrue? */
static bool outdates(enum disk_action later, enum disk_action earlier)
{
	return later == DISK_REMOVE ||
	       (later == DISK_ADD && earlier == DISK_CHANGE);
}

static bool is_outdated(const struct disk_event *ev, size_t i, size_t n)
{
	for (size_t j = i + 1; j < n; j++)
		if (outdates(ev[j].action, ev[i].action) &&
		    !strcmp(ev[j].disk->name, ev[i].disk->name))
			return true;
	return false;
}

size_t disk_merge(struct disk_event *ev, size_t n)
{
	size_t left = 0;

	/* What is kept moves down, over what has been looked at. */
	for (size_t i = 0; i < n; i++) {
		if (is_outdated(ev, i, n))
			disk_free(ev[i].disk);
		else
			ev[left++] = ev[i];
	}
	return left;
}
