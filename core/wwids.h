/* SPDX-License-Identifier: MIT */
/*
 * The wwids file, DIR/wwids: the LUNs that were taken before, or that somebody
 * asked for, one line /WWID/ each (census 6.2). Other programs may change it
 * at any time.
 *
 * Threads: one at a time per object. All but wwids_has() read a disk and may
 * write it: see statefile.h.
 */
#ifndef MPATHFS_CORE_WWIDS_H
#define MPATHFS_CORE_WWIDS_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/statetable.h"

struct wwids;

/*
 * Nothing is read yet, dir need not exist. w is copied: told of every line
 * that is wrong, each time that a changed file is read. NULL: no memory.
 */
struct wwids *wwids_new(const char *dir, const struct state_warn *w);
void wwids_free(struct wwids *w);

/*
 * Reads the file if it has changed. -errno with the reason in e: then what was
 * read last is still in force.
 */
int wwids_refresh(struct wwids *w, struct errmsg *e) MUST_CHECK;

/* Does what was read last have it? */
bool wwids_has(const struct wwids *w, const char *wwid);

/*
 * 0: it is in the file, or no more, on disk; nothing is written where that was
 * so before. Lines that say no WWID stay, at its end. With -errno and the
 * reason in e the file and what is in force are as before; -EINVAL: wwid is
 * none, to be added.
 */
int wwids_add(struct wwids *w, const char *wwid, struct errmsg *e) MUST_CHECK;
int wwids_remove(struct wwids *w, const char *wwid,
		 struct errmsg *e) MUST_CHECK;

/* The file says these n from now on, and nothing else. As above. */
int wwids_reset(struct wwids *w, const char *const *wwid, size_t n,
		struct errmsg *e) MUST_CHECK;

#endif
