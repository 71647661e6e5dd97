/* SPDX-License-Identifier: MIT */
/*
 * A LUN that becomes larger or smaller, or read-only, while it is used.
 *
 * A path whose device has another size than its volume takes no I/O. The volume
 * follows, without a path going out that is the last one, when all paths have
 * the same new size and auto_resize allows it, or an operator has asked for it.
 *
 * The monitor's thread.
 */
#ifndef MPATHFS_CORE_RESIZE_H
#define MPATHFS_CORE_RESIZE_H

#include "core/base.h"
#include "core/errmsg.h"

struct monitor;
struct path;
struct volume;

/*
 * device_recheck() has said err of p's device. True: that was its size, and the
 * volume has followed: all is well. False: the path is to go out; if it was its
 * size, that is noted.
 */
bool resize_follow(struct monitor *m, struct path *p, int err);
/*
 * p had no device, and the one that has been opened for it has that size, not
 * its volume's: the paths may have gone out one by one, each alone with a size
 * of its own. True: the volume has followed. False: the size is noted.
 */
bool resize_follow_opened(struct monitor *m, struct path *p, uint64_t size);
/*
 * By hand: the size becomes the smallest of the usable paths. Those that have
 * not followed yet are named in an event and waited for.
 */
int resize_by_hand(struct monitor *m, struct volume *v,
		   struct errmsg *e) MUST_CHECK;
/*
 * Is p's device to be opened anew, as it was write-protected then and is so no
 * more? Not while it is the only one that is usable, if I/O is out on it or
 * another one may come back soon. The reason in e.
 */
bool resize_unprotects(const struct monitor *m, const struct path *p,
		       struct errmsg *e);
/* The volume has been measured anew, as p's device is another; it was read-only,
 * or not. */
void resize_tell_mode(struct monitor *m, const struct path *p, bool was);
/* Has p's device become read-only, or writable? There is not always an event:
 * blockdev(8) makes none. */
void resize_look_at_mode(struct monitor *m, struct path *p);
/* Something of p's device may be different: is it read-only, or of another
 * size? A check follows. */
void resize_look(struct monitor *m, struct path *p);

#endif
