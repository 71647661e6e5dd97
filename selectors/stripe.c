// SPDX-License-Identifier: MIT
/*
 * stripe: each region of the volume has a path that is its home, so that a
 * sequential stream stays on one path for a whole region, and the array port
 * behind it sees a run it can read ahead of or coalesce.
 *
 * Region r is at home on path r mod n of the group's n paths. While that one
 * is failed its regions, and no others, are dealt out to the valid paths.
 *
 * A home that is slow or hung would hold up everything: when it has more than
 * SPILL regions more in flight than the least loaded valid path, that one
 * takes the I/O. With paths of equal speed a single stream never comes to
 * that, since its neighbouring regions are on all paths alike.
 *
 * One scan of the valid list. The load is core's, over all lanes, read relaxed
 * and once per path. No locks.
 */
#include "selectors/selectors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define STRIPE_REGION_MIN 64	    /* KiB */
#define STRIPE_REGION_MAX 1048576   /* KiB: 1 GiB */
#define STRIPE_REGION_DEFAULT 1024  /* KiB */
#define STRIPE_SPILL 2		    /* regions */

struct stripe_state {
	uint64_t region;  /* bytes; constant after create */
	uint64_t paths;	  /* of the group, failed ones too */
};

static uint64_t stripe_inflight(const struct sel_path *p)
{
	return atomic_load_explicit(&p->load->bytes, memory_order_relaxed);
}

static int stripe_create(struct selector *s, int argc, const char *const *argv,
			 struct errmsg *e)
{
	struct stripe_state *st = s->priv;
	unsigned int kib = STRIPE_REGION_DEFAULT;
	int rc;

	sel_lists_init(s);
	rc = sel_check_argc(s, argc, 1, e);
	if (rc)
		return rc;
	if (argc > 0 && (sel_arg_uint(argv[0], STRIPE_REGION_MAX, &kib) ||
			 kib < STRIPE_REGION_MIN))
		return errmsg_set(e, EINVAL,
				  "%s ps: invalid region size: '%s' "
				  "(%d..%d KiB)",
				  s->ops->name, argv[0], STRIPE_REGION_MIN,
				  STRIPE_REGION_MAX);
	st->region = (uint64_t)kib * 1024;
	return 0;
}

static int stripe_add_path(struct selector *s, struct sel_path *p, int argc,
			   const char *const *argv, struct errmsg *e)
{
	struct stripe_state *st = s->priv;
	int rc = sel_add_path_plain(s, p, argc, argv, e);

	if (!rc)
		st->paths++;
	return rc;
}

static struct sel_path *stripe_select(struct selector *s, uint64_t off,
				      size_t bytes, uint64_t now)
{
	const struct stripe_state *st = s->priv;
	uint64_t region = off / st->region, turn = 0, n = 0;
	uint64_t home_load = 0, least_load = UINT64_MAX;
	struct sel_path *p, *home = NULL, *least = NULL;

	(void)bytes;
	(void)now;
	if (!s->nr_valid)
		return NULL;
	/* Whose home is failed: which of the valid ones, in their order? */
	turn = region / st->paths % s->nr_valid;
	cds_list_for_each_entry(p, &s->valid, link) {
		uint64_t load = stripe_inflight(p);
		bool own = p->index == region % st->paths;

		if (own || (n++ == turn && !home)) {
			home = p;
			home_load = load;
		}
		if (load < least_load || !least) {
			least = p;
			least_load = load;
		}
	}
	if (home_load > least_load &&
	    home_load - least_load > STRIPE_SPILL * st->region)
		return least;
	return home;
}

static void stripe_status(const struct selector *s, const struct sel_path *p,
			  char *buf, size_t size)
{
	const struct stripe_state *st = s->priv;

	if (p)
		snprintf(buf, size, "%" PRIu64, stripe_inflight(p));
	else
		snprintf(buf, size, "1 %" PRIu64, st->region / 1024);
}

const struct selector_ops sel_stripe = {
	.name = "stripe",
	.state_size = sizeof(struct stripe_state),
	.create = stripe_create,
	.add_path = stripe_add_path,
	.fail = sel_fail,
	.reinstate = sel_reinstate_tail,
	.select = stripe_select,
	.status = stripe_status,
};
