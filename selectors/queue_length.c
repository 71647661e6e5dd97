// SPDX-License-Identifier: MIT
/*
 * queue-length: the valid path with the fewest I/Os in flight, counted over
 * all lanes and groups.
 *
 * One scan of the valid list, which ends early at an idle path: none can beat
 * it. The first of equals wins and moves to the tail, so equals take turns. A
 * reinstated path goes to the tail. No state of its own, no locks: the count
 * is core's, read relaxed and once per path, since another lane may change it
 * during the scan.
 */
#include "selectors/selectors.h"

#include <stdio.h>

static uint32_t ql_length(const struct sel_path *p)
{
	return atomic_load_explicit(&p->load->ios, memory_order_relaxed);
}

static struct sel_path *ql_select(struct selector *s, uint64_t off,
				  size_t bytes, uint64_t now)
{
	struct sel_path *best = NULL;
	uint32_t best_length = 0;
	struct sel_path *p;

	(void)off;
	(void)bytes;
	(void)now;
	cds_list_for_each_entry(p, &s->valid, link) {
		uint32_t length = ql_length(p);

		if (!best || length < best_length) {
			best = p;
			best_length = length;
		}
		if (best_length == 0)
			break;
	}
	if (best)
		sel_rotate(s, best);
	return best;
}

static void ql_status(const struct selector *s, const struct sel_path *p,
		      char *buf, size_t size)
{
	(void)s;
	/* the instance has no arguments to show */
	snprintf(buf, size, "%u", p ? (unsigned int)ql_length(p) : 0);
}

const struct selector_ops sel_queue_length = {
	.name = "queue-length",
	.create = sel_create_plain,
	.add_path = sel_add_path_plain,
	.fail = sel_fail,
	.reinstate = sel_reinstate_tail,
	.select = ql_select,
	.status = ql_status,
};
