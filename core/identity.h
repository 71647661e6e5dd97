/* SPDX-License-Identifier: MIT */
/*
 * Does a path still lead to its LUN? The WWID that a device says of itself is
 * read when it is opened, and once more when a path that had failed is well
 * again, before it takes I/O: a host keeps the name, the number and the size of
 * a disk when the array puts another LUN in its place.
 *
 * Of paths that are named by hand, always; their devices must also agree with
 * each other. Of those that were found, with recheck_wwid; where a device says
 * the very WWID that its LUN was found by, the others must, too. What has no
 * WWID (files, loop devices, virtio) cannot be told apart by one.
 *
 * The monitor's.
 */
#ifndef MPATHFS_CORE_IDENTITY_H
#define MPATHFS_CORE_IDENTITY_H

#include "core/errmsg.h"

struct device;
struct monitor;
struct path;
struct volume;

/*
 * Asks the device, which is open, for its WWID; "" if it has none. On a thread
 * of the pool; may block. -errno with the reason in e. Made by fs/main.c; see
 * monitor_params.
 */
extern int (*const device_wwid)(const struct device *d, char *buf, size_t size,
				struct errmsg *e);

/* Of a path. Private to identity.c. */
struct path_identity {
	bool same;	/* it has said who it is since it failed */
	bool by_hand;	/* the operator's word waits for that it does */
	bool well;	/* so does its checker's, since it failed */
	unsigned int failures; /* what was asked before the last is void */
};

/* The WWID that the devices of v's paths say or have said, and that another is
 * to say, too; "": none does. Of one that was found it is its own. */
const char *identity_of(const struct volume *v);

/*
 * p, or what is to become it, has opened dev. -ESTALE with the reason in e: it
 * is another LUN.
 */
int identity_compare(const struct path *p, const struct device *dev,
		     struct errmsg *e) MUST_CHECK;

/* It is, for that reason: p takes no more I/O, and its device is opened anew
 * until it is the right one. */
void identity_lost(struct monitor *m, struct path *p, const char *why);

/*
 * p, which has failed, is found well, as cause says: may it be used? False: it
 * is being asked who it is, and monitor_path_good() comes again if it is the
 * same; or it is another.
 */
bool identity_is_sure(struct monitor *m, struct path *p, const char *cause);
/*
 * The same for an operator who reinstates p, whatever its checker says: 0, it
 * may be used; -EINPROGRESS: it is being asked, and reinstated if it is the
 * same; -ESTALE with the reason in e: it is another.
 */
int identity_by_hand(struct monitor *m, struct path *p,
		     struct errmsg *e) MUST_CHECK;
/* He has said something else meanwhile. */
void identity_by_hand_no_more(struct path *p);
/* p has failed: it has to say it again. */
void identity_forget(struct path *p);
/* Something says that p is another LUN now, whatever its state: it is asked. */
void identity_doubt(struct monitor *m, struct path *p);

#endif
