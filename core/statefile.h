/* SPDX-License-Identifier: MIT */
/*
 * A small text file of the state directory that is only ever replaced as a
 * whole: whoever reads it, after a crash at any moment too, finds what it said
 * before or what it says now.
 *
 * Several programs may write it. Each takes the lock (flock(2) on the
 * directory, which flock(1) can take as well), reads, replaces, and lets go.
 *
 * All of this reads and writes a disk, which may be one that waits for us:
 * never call it where that would hold up I/O. One thread at a time per object.
 */
#ifndef MPATHFS_CORE_STATEFILE_H
#define MPATHFS_CORE_STATEFILE_H

#include <sys/types.h>
#include <time.h>
#include "core/base.h"
#include "core/errmsg.h"

/* Of which content: every write changes one of them. All zero: no file. */
struct statefile_id {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct timespec ctime;
};

struct statefile {
	char *dir;
	char *path;
	const char *name;	/* in path */
	struct statefile_id id; /* of what the owner has taken over */
};

/* DIR/NAME, which need not exist; the same for DIR. -ENOMEM. */
int statefile_init(struct statefile *s, const char *dir,
		   const char *name) MUST_CHECK;
void statefile_fini(struct statefile *s);

/* Is there something else than s->id tells? */
bool statefile_changed(const struct statefile *s);

/* Waits for the lock. What statefile_unlock() takes, or -errno. */
int statefile_lock(const struct statefile *s, struct errmsg *e) MUST_CHECK;
void statefile_unlock(int lock);

/*
 * All of the file, malloc'ed, with a NUL behind its *len bytes; no file has
 * none. *id is for s->id, once the text has been understood. -errno with the
 * reason in e: -EFBIG beyond 16 MiB, -EINVAL no regular file, others.
 */
int statefile_read(const struct statefile *s, char **ret, size_t *len,
		   struct statefile_id *id, struct errmsg *e) MUST_CHECK;

/*
 * The file says text from now on, on disk too; s->id is set. On an error, with
 * the reason in e, it is as it was; only when the directory could not be
 * written to disk after all else, either may be found after a crash.
 */
int statefile_replace(struct statefile *s, const char *text, size_t len,
		      struct errmsg *e) MUST_CHECK;

#endif
