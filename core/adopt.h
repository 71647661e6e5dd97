/* SPDX-License-Identifier: MIT */
/*
 * Which disks become paths, and of which LUN (census 6.1, 6.2): the decision
 * as such, without doing anything. Pure but for what the hooks read.
 */
#ifndef MPATHFS_CORE_ADOPT_H
#define MPATHFS_CORE_ADOPT_H

#include "core/base.h"
#include "core/errmsg.h"

struct config;
struct disk;

/* What came of a disk. */
enum adopt_result {
	ADOPT_PATH,	 /* it is a path of the LUN wwid */
	ADOPT_WAIT,	 /* one path only: a second one adopts both */
	ADOPT_NO_WWID,	 /* it has not said yet who it is */
	ADOPT_REJECTED,	 /* reason tells by which rule */
};

struct adoption {
	enum adopt_result result;
	char wwid[NAME_SIZE];	/* "" while unknown */
	char wwid_from[64];	/* "ID_SERIAL", "sysfs vpd_pg83" */
	struct errmsg reason;	/* of all but ADOPT_PATH */
	struct errmsg remedy;	/* what would adopt it; "" nothing */
};

/* What is asked of the surroundings. */
struct adopt_hooks {
	void *ctx;
	/* Does the wwids file have it? */
	bool (*known)(void *ctx, const char *wwid);
	/* Is there a volume of that WWID? */
	bool (*volume)(void *ctx, const char *wwid);
	/* Is the disk a path of a volume named by hand? Its name, or NULL. */
	const char *(*by_hand)(void *ctx, const struct disk *d);
	/*
	 * udev has not said who the disk is: may what the device says itself
	 * count? (No udevd runs, or it was asked again often enough.)
	 */
	bool (*may_fall_back)(void *ctx, const struct disk *d);
};

/*
 * The udev property that is the WWID of d (census 6.1): of uid_attrs the one
 * for the kernel's name, else uid_attribute. "" if the device itself is asked.
 */
void adopt_uid_attribute(const struct config *c, const struct disk *d,
			 char *buf, size_t size);

/*
 * Decides on all n disks at once, since with find_multipaths = yes or smart a
 * second path decides on the first. out: [n].
 */
void adopt_decide(const struct config *c, const struct adopt_hooks *hooks,
		  const struct disk *const *disks, size_t n,
		  struct adoption *out);

#endif
