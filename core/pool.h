/* SPDX-License-Identifier: MIT */
/*
 * The pool: threads for what may block (checkers, prioritizers and handlers
 * that send commands). The monitor hands over jobs and hears of their ends by
 * mail; it never waits for one.
 *
 * As many threads as `max` work side by side; the others' jobs wait in order. A
 * job that the monitor has given up on (pool_late()) gives back its place, so
 * that dead devices do not hold up the living: there is then one thread more,
 * until it ends. The owner begins no second job of the same kind for a device
 * that still has a late one, which bounds them.
 */
#ifndef MPATHFS_CORE_POOL_H
#define MPATHFS_CORE_POOL_H

#include <stdatomic.h>
#include <urcu/list.h>
#include "core/base.h"
#include "core/mailbox.h"

struct pool;

/* One piece of work. Whoever embeds it owns it again when mail is delivered. */
struct job {
	/* set by the caller */
	void (*work)(struct job *j); /* on a thread of the pool */
	struct mail mail;	     /* to the monitor, when work() has returned */
	/* private to the pool */
	struct cds_list_head link;
	uint8_t state;
	bool late;
};

/* The monitor calls all of it. The real one is pool_new()'s; tests and the
 * simulator bring their own. */
struct pool_ops {
	/* False: all places are taken, it has to wait. */
	bool (*submit)(struct pool *p, struct job *j);
	/*
	 * Takes back a job that no thread has begun: true, and there will be no
	 * mail. False: too late.
	 */
	bool (*recall)(struct pool *p, struct job *j);
	/* j, which was not taken back, has taken too long; no more is expected
	 * of it but its mail. */
	void (*late)(struct pool *p, struct job *j);
};

struct pool {
	const struct pool_ops *ops;
	/* Jobs that are late and still run: for `daemon`. Any thread, relaxed:
	 * a figure. */
	_Atomic unsigned int nr_late;
};

/*
 * Up to max threads (and the late ones); they begin with the work. If none can
 * be started a job waits, until one can at the next submission.
 */
int pool_new(unsigned int max, struct mailbox *monitor,
	     struct pool **ret) MUST_CHECK;
/* Nothing is under way. Ends the threads. */
void pool_free(struct pool *p);

#endif
