/* SPDX-License-Identifier: MIT */
/*
 * Ranges of a volume that nobody may write now, but their holder: a write
 * whose fate is unknown (it must not be overtaken), and a read-modify-write of
 * part of a sector.
 *
 * The fast path looks at one atomic counter, which is 0 but for the rare cases;
 * everything else is under a mutex held for a few instructions.
 */
#ifndef MPATHFS_CORE_HOLDS_H
#define MPATHFS_CORE_HOLDS_H

#include <pthread.h>
#include <stdatomic.h>
#include <urcu/list.h>
#include "core/base.h"

struct hold {
	uint64_t off, end; /* bytes, [off, end) */
	struct cds_list_head link;
	bool held;
};

struct holds {
	_Atomic unsigned int n; /* of list; written under lock */
	pthread_mutex_t lock;	/* protects list and its holds; a leaf lock */
	struct cds_list_head list;
};

void holds_init(struct holds *h);
void holds_fini(struct holds *h);

/* Any lane. Might a write have to wait? Cheap; true means: ask further. */
static inline bool holds_any(const struct holds *h)
{
	return atomic_load_explicit(&h->n, memory_order_acquire) != 0;
}

/*
 * Does [off, end) meet a hold, other than the caller's own (mine) and the one
 * it may pass? Either may be NULL.
 */
bool holds_conflict(struct holds *h, uint64_t off, uint64_t end,
		    const struct hold *mine, const struct hold *pass);
/* Adds [off, end) unless it meets a hold other than pass: false then. */
bool holds_try_add(struct holds *h, struct hold *hold, uint64_t off,
		   uint64_t end, const struct hold *pass);
/* Adds it in any case: the write is out already. */
void holds_add(struct holds *h, struct hold *hold, uint64_t off, uint64_t end);
void holds_remove(struct holds *h, struct hold *hold);

#endif
