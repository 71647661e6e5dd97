/* SPDX-License-Identifier: MIT */
/*
 * Timers: things that are to happen at a time. A queue belongs to one thread,
 * which runs what is due and sleeps until the next; the monitor's is
 * monitor.timers (monitor_private.h).
 *
 * A timer is embedded in what it is about, so that setting one cannot fail. Who
 * frees that clears the timer first.
 */
#ifndef MPATHFS_CORE_TIMER_H
#define MPATHFS_CORE_TIMER_H

#include "core/base.h"

/* As a time: never. */
#define TIMER_NEVER UINT64_MAX

struct timer {
	/*
	 * Set by the owner, once: what is to be done. The timer is not set any
	 * more when it is called, which may set it again (for now or before:
	 * then it is due in the next run) or free it.
	 */
	void (*due)(struct timer *t, void *owner, uint64_t now);
	/* private to timer.c */
	uint64_t at; /* ns, TIMER_NEVER or 0: not set */
	uint64_t order;
	struct timer *child; /* the first of those that come later */
	struct timer *next;  /* of the same parent */
	struct timer *prev;  /* or the parent, of its first child */
};

struct timer_queue {
	/* private to timer.c */
	void *owner;
	struct timer *first;
	const struct timer *running;
	uint64_t now;	/* of the run */
	uint64_t order; /* grows: of equal times, the one set first is first */
};

/* owner is handed to each timer that is due. */
void timer_queue_init(struct timer_queue *q, void *owner);
/* Sets t, or moves it, to at (ns, > 0). TIMER_NEVER clears it. */
void timer_set(struct timer_queue *q, struct timer *t, uint64_t at);
/* Nothing happens if it is not set. */
void timer_clear(struct timer_queue *q, struct timer *t);
/* When it is due; TIMER_NEVER: it is not set. */
uint64_t timer_at(const struct timer *t);
static inline bool timer_is_set(const struct timer *t)
{
	return timer_at(t) != TIMER_NEVER;
}
/* Runs all that is due at now; returns when the next is: TIMER_NEVER, none. */
uint64_t timers_run(struct timer_queue *q, uint64_t now);
/* When the first is due, without running any. */
uint64_t timers_next(const struct timer_queue *q);

#endif
