/* SPDX-License-Identifier: MIT */
/*
 * An errand: something for one path that may block and that nobody waits for
 * (writing to sysfs, asking the device who it is). It runs on the pool; the
 * path and its open device stay until it has come back. One of a kind at a time
 * per path.
 *
 * One that takes too long gives back its place in the pool; its end counts all
 * the same, unless the path has been taken out meanwhile.
 *
 * The monitor's, but for work().
 */
#ifndef MPATHFS_CORE_ERRAND_H
#define MPATHFS_CORE_ERRAND_H

#include "core/base.h"
#include "core/pool.h"
#include "core/timer.h"

struct monitor;
struct path;

enum errand_kind {
	ERRAND_TIMERS, /* transport.c */
	ERRAND_PURGE,  /* purge.c */
	ERRAND_IDENTITY, /* identity.c */
	ERRAND_KINDS
};

/* The first member of what malloc() gave, which is freed in the end. */
struct errand {
	/* set by the caller */
	enum errand_kind kind;
	/* On a thread of the pool; may block. Looks at nothing of the path. */
	void (*work)(struct errand *e);
	/* Back again. Not called if the path is out. Monitor. */
	void (*ended)(struct monitor *m, struct errand *e);
	/* private to errand.c */
	struct path *path;
	bool dropped;
	struct job job;
	struct timer timer;
};

/* Of a path: those that are out. Private to errand.c. */
struct path_errands {
	struct errand *out[ERRAND_KINDS];
};

/* Sends e, which is taken over, for p; p has none of that kind out. */
void errand_begin(struct monitor *m, struct path *p, struct errand *e);
bool errand_out(const struct path *p, enum errand_kind kind);
bool errands_out(const struct path *p);
/* One of that kind is no longer wanted: if no thread has begun it, it is gone. */
void errand_withdraw(struct monitor *m, struct path *p, enum errand_kind kind);
/* p is taken out: what is out is for nobody. */
void errands_drop(struct monitor *m, struct path *p);

#endif
