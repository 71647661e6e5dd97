// SPDX-License-Identifier: MIT
/*
 * service-time: the valid path that is expected to finish this I/O first.
 *
 * A path's expected service time is what would be in flight on it, in bytes,
 * divided by its relative throughput:
 *
 *	(inflight + incoming) / throughput
 *
 * One scan of the whole valid list; the first of equals wins and moves to the
 * tail, so equals take turns. A reinstated path goes to the tail. A path of
 * throughput 0 is used only if there is no other. Where a path has a weight
 * (rr_weight), that is its throughput. No locks: the bytes in
 * flight are core's, over all lanes and groups, read relaxed and once per
 * path, since another lane may change them during the scan.
 */
#include "selectors/selectors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define ST_THROUGHPUT_MAX SEL_WEIGHT_MAX
#define ST_THROUGHPUT_DEFAULT 1
/* 2^7 > ST_THROUGHPUT_MAX */
#define ST_THROUGHPUT_SHIFT 7
#define ST_INFLIGHT_MAX (UINT64_MAX >> ST_THROUGHPUT_SHIFT)

struct st_path {
	unsigned int throughput; /* constant after add_path */
};

/* A path as the scan compares it. */
struct st_cand {
	struct sel_path *path;
	uint64_t inflight;
	unsigned int throughput;
};

static uint64_t st_inflight(const struct sel_path *p)
{
	return atomic_load_explicit(&p->load->bytes, memory_order_relaxed);
}

static unsigned int st_throughput(const struct sel_path *p)
{
	const struct st_path *st = p->priv;
	unsigned int weight =
		atomic_load_explicit(&p->load->weight, memory_order_relaxed);

	return weight ? weight : st->throughput;
}

static int st_add_path(struct selector *s, struct sel_path *p, int argc,
		       const char *const *argv, struct errmsg *e)
{
	struct st_path *st = p->priv;
	int rc;

	rc = sel_check_argc(s, argc, 2, e);
	if (!rc)
		rc = sel_check_repeat_count(s, argc, argv, e);
	if (rc)
		return rc;
	st->throughput = ST_THROUGHPUT_DEFAULT;
	if (argc > 1 &&
	    sel_arg_uint(argv[1], ST_THROUGHPUT_MAX, &st->throughput))
		return errmsg_set(e, EINVAL,
				  "%s ps: invalid relative_throughput value: "
				  "'%s' (0..%d)",
				  s->ops->name, argv[1], ST_THROUGHPUT_MAX);
	sel_add(s, p);
	return 0;
}

/*
 * Is a strictly better than b? With ia, ib the bytes in flight, ta, tb the
 * throughputs and n the incoming bytes, the question is
 *
 *	(ia + n) / ta < (ib + n) / tb			(1)
 *
 * and with ta, tb > 0, without a division,
 *
 *	(ia + n) * tb < (ib + n) * ta			(2)
 *
 * If ta == tb, (2) is ia < ib. If ia == ib, (2) is ta > tb. With a throughput
 * of 0, (1) is an infinite time: the other path is better, that is again
 * ta > tb. If both sides of (2) are equal, the faster path is better.
 *
 * The products fit: a throughput is below 2^7, so a sum below 2^64 / 2^7 is
 * safe. If one of the sums is not, both lose their 7 low bits first, which
 * keeps their ratio but for 128 bytes in 2^57.
 */
static bool st_better(const struct st_cand *a, const struct st_cand *b,
		      size_t incoming)
{
	uint64_t sum_a, sum_b, time_a, time_b;

	if (a->throughput == b->throughput)
		return a->inflight < b->inflight;
	if (a->inflight == b->inflight || !a->throughput || !b->throughput)
		return a->throughput > b->throughput;

	sum_a = a->inflight + incoming;
	sum_b = b->inflight + incoming;
	if (sum_a >= ST_INFLIGHT_MAX || sum_b >= ST_INFLIGHT_MAX) {
		sum_a >>= ST_THROUGHPUT_SHIFT;
		sum_b >>= ST_THROUGHPUT_SHIFT;
	}
	time_a = sum_a * b->throughput;
	time_b = sum_b * a->throughput;
	if (time_a != time_b)
		return time_a < time_b;
	return a->throughput > b->throughput;
}

static struct sel_path *st_select(struct selector *s, uint64_t off,
				  size_t bytes, uint64_t now)
{
	struct st_cand best = {.path = NULL};
	struct sel_path *p;

	(void)off;
	(void)now;
	cds_list_for_each_entry(p, &s->valid, link) {
		struct st_cand cand = {
			.path = p,
			.inflight = st_inflight(p),
			.throughput = st_throughput(p),
		};

		if (!best.path || st_better(&cand, &best, bytes))
			best = cand;
	}
	if (best.path)
		sel_rotate(s, best.path);
	return best.path;
}

static void st_status(const struct selector *s, const struct sel_path *p,
		      char *buf, size_t size)
{
	(void)s;
	if (p)
		snprintf(buf, size, "%" PRIu64 " %u", st_inflight(p),
			 st_throughput(p));
	else
		snprintf(buf, size, "0"); /* no arguments to show */
}

const struct selector_ops sel_service_time = {
	.name = "service-time",
	.path_size = sizeof(struct st_path),
	.create = sel_create_plain,
	.add_path = st_add_path,
	.fail = sel_fail,
	.reinstate = sel_reinstate_tail,
	.select = st_select,
	.status = st_status,
};
