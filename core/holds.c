// SPDX-License-Identifier: MIT
/*
 * Held ranges of a volume; see holds.h. A plain list: there are as many holds
 * as there are hung writes and part-sector writes, which is none or a few.
 */
#include "core/holds.h"

void holds_init(struct holds *h)
{
	atomic_init(&h->n, 0);
	pthread_mutex_init(&h->lock, NULL);
	CDS_INIT_LIST_HEAD(&h->list);
}

void holds_fini(struct holds *h)
{
	assert(cds_list_empty(&h->list));
	pthread_mutex_destroy(&h->lock);
}

static bool conflict_locked(struct holds *h, uint64_t off, uint64_t end,
			    uint64_t family)
{
	struct hold *it;

	cds_list_for_each_entry(it, &h->list, link)
		if (it->family != family && it->off < end && off < it->end)
			return true;
	return false;
}

static void add_locked(struct holds *h, struct hold *hold, uint64_t off,
		       uint64_t end)
{
	assert(!hold->held);
	assert(off < end);
	hold->off = off;
	hold->end = end;
	hold->held = true;
	cds_list_add_tail(&hold->link, &h->list);
	atomic_fetch_add_explicit(&h->n, 1, memory_order_release);
}

bool holds_conflict(struct holds *h, uint64_t off, uint64_t end,
		    uint64_t family)
{
	bool ret;

	pthread_mutex_lock(&h->lock);
	ret = conflict_locked(h, off, end, family);
	pthread_mutex_unlock(&h->lock);
	return ret;
}

bool holds_try_add(struct holds *h, struct hold *hold, uint64_t off,
		   uint64_t end)
{
	bool free;

	pthread_mutex_lock(&h->lock);
	free = !conflict_locked(h, off, end, hold->family);
	if (free)
		add_locked(h, hold, off, end);
	pthread_mutex_unlock(&h->lock);
	return free;
}

void holds_add(struct holds *h, struct hold *hold, uint64_t off, uint64_t end)
{
	pthread_mutex_lock(&h->lock);
	add_locked(h, hold, off, end);
	pthread_mutex_unlock(&h->lock);
}

void holds_remove(struct holds *h, struct hold *hold)
{
	pthread_mutex_lock(&h->lock);
	assert(hold->held);
	cds_list_del(&hold->link);
	hold->held = false;
	atomic_fetch_sub_explicit(&h->n, 1, memory_order_release);
	pthread_mutex_unlock(&h->lock);
}
