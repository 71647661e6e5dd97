/* SPDX-License-Identifier: MIT */
/*
 * How soon a worker that died is followed by the next. A pure function of its
 * history, so that it can be tested without a process.
 *
 * At once, as long as deaths are rare: applications see a pause of
 * milliseconds. The third death within RESTART_WINDOW begins a slow spell,
 * which ends with a worker that lives RESTART_CALM. In a slow spell a worker
 * that had served for a while, or that served and was killed from outside
 * (SIGKILL says nothing of its health), is followed after RESTART_PAUSE_MS, so
 * that each pause stays under a second; after one that died young of itself or
 * never served, the pause doubles from there up to RESTART_PAUSE_MAX_MS: it is
 * not going to get well by being started often.
 */
#ifndef MPATHFS_FS_RESTART_H
#define MPATHFS_FS_RESTART_H

#include "core/base.h"

#define RESTART_WINDOW (5 * NSEC_PER_SEC) /* in which deaths are counted */
#define RESTART_DEATHS 3
#define RESTART_CALM (5 * NSEC_PER_SEC)	    /* of life that ends the spell */
#define RESTART_YOUNG (250 * NSEC_PER_MSEC) /* died younger: never served */
#define RESTART_PAUSE_MS 300
#define RESTART_PAUSE_MAX_MS 10000

struct restart {			    /* zeroed: no death yet */
	uint64_t death[RESTART_DEATHS - 1]; /* times, the latest first */
	unsigned int nr_deaths;		    /* of them */
	uint32_t pause_ms;     /* of the latest death; 0: no slow spell */
	unsigned int nr_young; /* in a row, in this spell */
};

struct restart_death {
	uint64_t now;	/* monotonic ns; never less than the death before */
	uint64_t lived; /* ns since the worker was forked */
	bool ready;	/* it said that it serves */
	bool killed;	/* by SIGKILL */
};

/* Takes note of a death; returns the pause in ms, 0: start the next at once. */
uint32_t restart_after(struct restart *r, const struct restart_death *d);

#endif
