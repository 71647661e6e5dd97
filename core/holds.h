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

/*
 * A request and those that took its place write the same bytes: they are of
 * one family, and pass each other's holds.
 */
struct hold {
	uint64_t off, end; /* bytes, [off, end) */
	uint64_t family;   /* set by the caller, before it is added */
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

/* Does [off, end) meet a hold of another family? */
bool holds_conflict(struct holds *h, uint64_t off, uint64_t end,
		    uint64_t family);
/* Adds [off, end) unless it meets a hold of another family: false then. */
bool holds_try_add(struct holds *h, struct hold *hold, uint64_t off,
		   uint64_t end);
/* Adds it in any case: the write is out already. */
void holds_add(struct holds *h, struct hold *hold, uint64_t off, uint64_t end);
void holds_remove(struct holds *h, struct hold *hold);

#endif
