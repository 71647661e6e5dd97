/* SPDX-License-Identifier: MIT */
/*
 * Paths that are well, says their checker, and yet not trusted: shaky
 * (core/shaky.h), marginal (core/marginal.h), or because the operator says so.
 *
 * With marginal_pathgroups = off such a path is held out: failed for I/O, shown
 * as marginal (health.delayed) while its checker says good. With on, and always
 * by the operator's word, it is used, in a group of last resort
 * (health.marginal). The monitor's.
 */
#ifndef MPATHFS_CORE_DOUBT_H
#define MPATHFS_CORE_DOUBT_H

#include "core/marginal.h"
#include "core/shaky.h"
#include "core/timer.h"

struct monitor;
struct path;
struct sample;
struct volume;

/* Of a path. All of it is private to doubt.c; who else looks only reads. */
struct doubt {
	struct shaky shaky;
	struct marginal marginal;
	struct timer timer; /* of whichever of the two waits for a time */
	struct sample *sample; /* the last; NULL: none yet */
	bool by_hand;	       /* the operator said `marginal` */
	bool good;	       /* says its checker, last */
};

/* A new path. */
void doubt_init(struct path *p);
/* Its checker says that p is good. May it be used? */
bool doubt_good(struct monitor *m, struct path *p);
/* It is bad, says its checker or an I/O; failed: it was in use until now. */
void doubt_bad(struct monitor *m, struct path *p, bool failed);
/* The operator does not trust it, or does and all is forgotten. */
void doubt_by_hand(struct monitor *m, struct path *p);
void doubt_forget(struct monitor *m, struct path *p);
/* One of the settings may have changed. */
void doubt_configure(struct monitor *m, struct volume *v);
/* In the course of settling: if no path is left, one that is held out is used
 * after all. */
void doubt_rescue(struct monitor *m, struct volume *v);
/* At the end of settling: a path has become marginal, or is not any more. */
void doubt_regroup(struct monitor *m, struct volume *v);
/* The path goes: nothing happens by itself any more. */
void doubt_end(struct monitor *m, struct path *p);

/* Is anything of it on p's device? */
bool doubt_busy(const struct path *p);
/* Its memory; it is not busy. */
void doubt_free(struct path *p);

#endif
