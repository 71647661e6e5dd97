/* SPDX-License-Identifier: MIT */
/*
 * Discovery: keeps the disks that are there, decides which of them are paths of
 * which LUN, names the LUNs, and makes one configuration of the volumes named
 * by hand and those found, which monitor_apply() then carries out. What happens
 * between two turns is one such step. Nothing else makes or changes volumes.
 *
 * A LUN becomes a volume when it has a name and one of its disks could be
 * opened. Devices are opened, and the files of the state directory read and
 * written, on threads of the monitor's pool or of their own.
 *
 * The monitor's thread; nothing blocks but discovery_start().
 */
#ifndef MPATHFS_CORE_DISCOVERY_H
#define MPATHFS_CORE_DISCOVERY_H

#include <sys/types.h>
#include "core/base.h"
#include "core/errmsg.h"

struct config;
struct discovery;
struct disk;
struct disk_probe;
struct disk_source;
struct monitor;
struct path;
struct volume;

/* A volume that was found, as the last worker has left it. */
struct discovery_kept {
	const char *wwid;
	const char *name;
	uint64_t size;
	uint32_t block;
};

struct discovery_params {
	struct monitor *monitor;
	/* Taken over; NULL: none is to be had, volumes are those by hand. */
	struct disk_source *source;
	const struct disk_probe *probe; /* for recheck_wwid; NULL: none */
	/* As disk_rescan(), see rescan.h. NULL: only udev is asked. */
	int (*rescan)(dev_t devt, struct errmsg *e);
	/* As disk_inquire(), likewise. NULL: no disk is asked. */
	int (*inquire)(const char *node, dev_t devt, char *buf, size_t size,
		       struct errmsg *e);
	const struct config *config; /* valid until reconfigured */
	const char *state_dir;
	/* Nothing is written, no event asked for (--list). */
	bool look_only;
	/* What outlives a worker. */
	void *ctx;
	/* The i-th volume that the last worker had; false: there are fewer.
	 * NULL: there was none. */
	bool (*kept)(void *ctx, size_t i, struct discovery_kept *ret);
	/* Has an operator removed the disk of that name? NULL: no. */
	bool (*kept_removed)(void *ctx, const char *disk);
	/* It is so from now on, or no more. NULL: nobody wants to know. */
	void (*keep_removed)(void *ctx, const char *disk, bool removed);
};

/* -ENOMEM. */
int discovery_new(const struct discovery_params *p,
		  struct discovery **ret) MUST_CHECK;
/* discovery_quiet() has said yes, and the monitor has none of its volumes. */
void discovery_free(struct discovery *d);
/* At the end: is nothing of it under way? Begins nothing new. */
bool discovery_quiet(struct discovery *d);

/*
 * Makes the volumes named by hand, strictly if strict, and looks at all disks.
 * What the last worker has left is there when it returns; what is found beyond
 * that comes later. -errno with the reason in e: a volume by hand cannot be.
 */
int discovery_start(struct discovery *d, bool strict, uint64_t now,
		    struct errmsg *e) MUST_CHECK;
/* Has it come to an end with what it knows of so far? */
bool discovery_settled(const struct discovery *d);

/* Readable: discovery_input(). -1: never. */
int discovery_fd(const struct discovery *d);
void discovery_input(struct discovery *d, uint64_t now);
/*
 * Does what is to be done; after each monitor_run(). Returns when the monitor
 * is to run again at the latest (ns).
 */
uint64_t discovery_run(struct discovery *d, uint64_t now);

/* An operator's words. 0 or -errno with the reason in e. */

/*
 * c instead of the configuration so far, or nothing has changed. dry: only
 * tells the difference, in events. c stays the caller's and must be valid until
 * the next one is in force.
 */
int discovery_reconfigure(struct discovery *d, const struct config *c, bool dry,
			  uint64_t now, struct errmsg *e) MUST_CHECK;
/* Looks at all disks and at the state directory anew. */
int discovery_rescan(struct discovery *d, uint64_t now,
		     struct errmsg *e) MUST_CHECK;
/* name: the kernel's, or "/dev/NAME". */
int discovery_add(struct discovery *d, const char *name, uint64_t now,
		  struct errmsg *e) MUST_CHECK;
int discovery_remove(struct discovery *d, const char *name, uint64_t now,
		     struct errmsg *e) MUST_CHECK;

/*
 * All of the volume's disks are removed, and it goes, whatever flush_on_last_del
 * says of disks that go by themselves. -EBUSY: a file of it is open; -EPERM: it
 * is named by hand.
 */
int discovery_flush(struct discovery *d, const struct volume *v, uint64_t now,
		    struct errmsg *e) MUST_CHECK;

/* monitor_front.same_lun and .other_lun, and after .volume_changed. */
bool discovery_same_lun(struct discovery *d, const struct path *p);
void discovery_other_lun(struct discovery *d, const struct path *p);
void discovery_volume_changed(struct discovery *d);

/* A disk that is no path; texts are valid until the next call that changes
 * anything. */
struct discovery_disk {
	const struct disk *disk;
	const char *wwid;   /* "" unknown */
	const char *reason; /* why it is none */
	const char *remedy; /* what would make it one; "" nothing */
};

/*
 * The next of them, in the order of their names; *pos is 0 at first. False:
 * there are no more. Those that nobody would look for are left out: partitions,
 * and disks without a medium or without a device.
 */
bool discovery_disk(const struct discovery *d, size_t *pos,
		    struct discovery_disk *ret);
/* Grows whenever that may be different. */
uint64_t discovery_changes(const struct discovery *d);
bool discovery_disk_by_devt(const struct discovery *d, dev_t devt,
			    struct discovery_disk *ret);

#endif
