// SPDX-License-Identifier: MIT
/*
 * Flushes. A volume counts the writes that have ended well on its lanes, and up
 * to where a flush has brought them to the medium; one that finds nothing new
 * is answered without a path. Any lane, without locks.
 */
#include "core/lane_private.h"

#include "core/volume.h"

/* A flush covers the writes that had ended when it began. */
void flush_ended(struct request *r)
{
	_Atomic uint64_t *flushed = &r->volume->flushed;
	uint64_t old = atomic_load_explicit(flushed, memory_order_relaxed);

	while (old < r->flush_sum &&
	       !atomic_compare_exchange_weak_explicit(
		       flushed, &old, r->flush_sum, memory_order_release,
		       memory_order_relaxed))
		;
}

void flush_begin(struct lane *l, struct request *r)
{
	struct volume *v = r->volume;

	r->flush_sum = 1; /* what was there before us counts as a write */
	for (unsigned int i = 0; i < v->nr_lanes; i++)
		r->flush_sum += atomic_load_explicit(&v->lanes[i].writes,
						     memory_order_acquire);
	r->cursor = r->io_end = 0;
	if (atomic_load_explicit(&v->flushed, memory_order_acquire) >=
	    r->flush_sum) {
		lane_finish(l, r); /* nothing to flush */
		return;
	}
	lane_piece_begin(l, r, &r->piece[0], IO_FLUSH, NULL, 0, 0);
}
