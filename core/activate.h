/* SPDX-License-Identifier: MIT */
/*
 * The activation of one path: its hardware handler, on a thread of the pool or
 * called at once, and the time it may take.
 *
 * A call that takes longer than checker_timeout, than the handler's own patience
 * or than the longest of its commands, has failed. What it answers later means
 * nothing any more: the path comes back by its checker and is activated again
 * then. Until the late one has ended no other begins on that path. Between the calls of one activation no
 * thread is taken, and there is no limit but the handler's.
 *
 * All of it is the monitor's.
 */
#ifndef MPATHFS_CORE_ACTIVATE_H
#define MPATHFS_CORE_ACTIVATE_H

#include "core/config.h"
#include "core/handler.h"
#include "core/pool.h"
#include "core/timer.h"

struct monitor;
struct path;

enum activate_state {
	ACTIVATE_IDLE,
	ACTIVATE_WAITS, /* for the delay of its round */
	ACTIVATE_PAUSES, /* its handler waits for the array */
	ACTIVATE_RUNS,	/* on a thread of the pool, or waits for one */
};

/* A path's; made by its first activation. */
struct path_activation {
	/* rounds.c's */
	bool counted; /* in its volume's in_progress; no: nobody waits for it */
	bool covered; /* begun since the path came up and its group was chosen
		       */
	enum activate_state state; /* activate.c's as well */
	/* private to activate.c */
	struct path *path; /* NULL: it has been taken out */
	struct job job;
	struct timer timer; /* it is late; or the end of the pause */
	struct activate_request request;
	char args[OPT_TEXT_SIZE];
	const struct handler_ops *handler;
	enum activate_result result;
};

/* p's; NULL: no memory. */
struct path_activation *activate_of(struct path *p);
/* Begins it; rounds_ended() tells the end, maybe before this returns. */
void activate_begin(struct monitor *m, struct path_activation *pa,
		    const struct handler_ops *handler, const char *args);
/* p is taken out: what is under way is for nobody. */
void activate_forget(struct monitor *m, struct path *p);
/* Does a thread have p's device, or will it? */
bool activate_busy(const struct path *p);
/* Not busy: frees its memory. */
void activate_free(struct path *p);

#endif
