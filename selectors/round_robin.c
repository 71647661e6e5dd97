// SPDX-License-Identifier: MIT
/*
 * round-robin: the valid paths take turns, one I/O each, whatever is in
 * flight on them.
 *
 * The head of the valid list is used next and moves to its tail. A reinstated
 * path goes to the head: it has waited longest. No state, no locks.
 */
#include "selectors/selectors.h"

#include <stdio.h>

static struct sel_path *rr_select(struct selector *s, uint64_t off,
				  size_t bytes, uint64_t now)
{
	struct sel_path *p;

	(void)off;
	(void)bytes;
	(void)now;
	if (cds_list_empty(&s->valid))
		return NULL;
	p = cds_list_first_entry(&s->valid, struct sel_path, link);
	sel_rotate(s, p);
	return p;
}

static void rr_status(const struct selector *s, const struct sel_path *p,
		      char *buf, size_t size)
{
	(void)s;
	/* the instance has no arguments to show, a path has no words */
	snprintf(buf, size, "%s", p ? "" : "0");
}

const struct selector_ops sel_round_robin = {
	.name = "round-robin",
	.create = sel_create_plain,
	.add_path = sel_add_path_plain,
	.fail = sel_fail,
	.reinstate = sel_reinstate_head,
	.select = rr_select,
	.status = rr_status,
};
