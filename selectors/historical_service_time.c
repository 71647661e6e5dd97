// SPDX-License-Identifier: MIT
/*
 * historical-service-time: the valid path whose I/Os of late took the shortest
 * time, by how many are in flight on it.
 *
 * A path's history is a moving average of its service times, in ns with 10
 * bits of fraction. A service time is what passed since the path's last end or
 * this I/O's start, whichever came later: as if the path did one after the
 * other. The average forgets the faster the longer a service took: each 2^24
 * ns of it (16.8 ms) count as one period, and a period leaves base_weight of
 * what was. From 63 periods on nothing is left.
 *
 * Estimates age. A path that has been idle for longer than all paths together
 * should take (stale_after) is tried again; and a path whose estimate is stale
 * does not win by it, but by the number of I/Os in flight only.
 *
 * One scan of the valid list; the winner moves to the tail, a reinstated path
 * goes there too. What is in flight is core's count, over all lanes and
 * groups; the history is the lane's own. hst and stale_after are atomics for
 * the reader of the status alone. No locks.
 */
#include "selectors/selectors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define HST_SHIFT 10
#define HST_ONE (1ULL << HST_SHIFT)
/* Times HST_ONE, and a rounding half, it still fits 64 bits. */
#define HST_MAX ((1ULL << 54) - 1)
/* More in flight than this, and a product with HST_MAX would not fit. */
#define HST_OUT_MAX 1024
#define HST_WEIGHT_DEFAULT 972 /* 0.95 */
#define HST_PERIOD_SHIFT 24
#define HST_PERIODS 64

struct hst_state { /* constant after create */
	unsigned int multiplier;
	uint16_t weight[HST_PERIODS];
};

struct hst_path {
	_Atomic uint64_t hst;	      /* ns << HST_SHIFT */
	_Atomic uint64_t stale_after; /* ns, monotonic */
	uint64_t last_finish;	      /* ns, monotonic */
};

/* A path as the scan compares it. */
struct hst_cand {
	struct sel_path *path;
	uint64_t hst;
	uint64_t stale;
	int64_t out;
};

static uint64_t load64(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void store64(_Atomic uint64_t *n, uint64_t value)
{
	atomic_store_explicit(n, value, memory_order_relaxed);
}

static uint32_t hst_outstanding(const struct sel_path *p)
{
	return atomic_load_explicit(&p->load->ios, memory_order_relaxed);
}

/* The product of two fractions, rounded. */
static unsigned int hst_mul(unsigned int a, unsigned int b)
{
	return (a * b + (unsigned int)HST_ONE / 2) >> HST_SHIFT;
}

/* base^n: by squares, each product rounded, as the kernel's table is made. */
static unsigned int hst_power(unsigned int base, unsigned int n)
{
	unsigned int result = HST_ONE;

	for (; n; n >>= 1, base = hst_mul(base, base))
		if (n & 1)
			result = hst_mul(result, base);
	return result;
}

static int hst_create(struct selector *s, int argc, const char *const *argv,
		      struct errmsg *e)
{
	struct hst_state *st = s->priv;
	unsigned int base = HST_WEIGHT_DEFAULT;
	int rc;

	sel_lists_init(s);
	rc = sel_check_argc(s, argc, 2, e);
	if (rc)
		return rc;
	if (argc > 0 && sel_arg_uint(argv[0], HST_ONE - 1, &base))
		return errmsg_set(e, EINVAL,
				  "%s ps: invalid base_weight value: '%s' "
				  "(0..%d)",
				  s->ops->name, argv[0], (int)HST_ONE - 1);
	if (argc > 1 && sel_arg_uint(argv[1], UINT32_MAX, &st->multiplier))
		return errmsg_set(e, EINVAL,
				  "%s ps: invalid threshold_multiplier value: "
				  "'%s' (0..%u)",
				  s->ops->name, argv[1], UINT32_MAX);
	for (unsigned int i = 0; i < HST_PERIODS - 1; i++)
		st->weight[i] = (uint16_t)hst_power(base, i + 1);
	st->weight[HST_PERIODS - 1] = 0;
	return 0;
}

static int hst_add_path(struct selector *s, struct sel_path *p, int argc,
			const char *const *argv, struct errmsg *e)
{
	struct hst_path *hp = p->priv;
	int rc = sel_add_path_plain(s, p, argc, argv, e);

	if (!rc)
		store64(&hp->hst, HST_ONE);
	return rc;
}

/* Is one history worth more than the other's by more than the threshold? */
static bool hst_over(const struct hst_state *st, uint64_t a, uint64_t b)
{
	uint64_t limit;

	if (__builtin_mul_overflow(MIN(a, b), (uint64_t)st->multiplier, &limit))
		return false;
	return MAX(a, b) > limit;
}

/* Would b be done before a? Equal: no. */
static bool hst_later(const struct hst_cand *a, const struct hst_cand *b)
{
	unsigned int shift = 0;

	if (a->out == b->out)
		return a->hst > b->hst;
	if (a->out >= HST_OUT_MAX || b->out >= HST_OUT_MAX)
		shift = HST_SHIFT;
	return (uint64_t)(1 + a->out) * (a->hst >> shift) >
	       (uint64_t)(1 + b->out) * (b->hst >> shift);
}

/* Is a better than b, which comes before it in the list? */
static bool hst_better(const struct hst_state *st, const struct hst_cand *a,
		       const struct hst_cand *b, uint64_t now)
{
	bool later;

	if (!hst_over(st, a->hst, b->hst))
		return a->out < b->out;
	/*
	 * An idle path that is stale is tried; of two idle ones that which
	 * has been stale the longest. (The kernel's difference of products is
	 * a tie where the busy path has never ended anything, its stale_after
	 * being 0: a path that hangs from the first would keep I/O off those
	 * that come after it.)
	 */
	if ((!a->out && a->stale < now) || (!b->out && b->stale < now) ||
	    (!a->out && !b->out))
		return !a->out && (b->out || a->stale < b->stale);
	later = hst_later(a, b);
	if ((later ? b : a)->stale < now)
		return a->out < b->out;
	return !later;
}

static struct sel_path *hst_select(struct selector *s, uint64_t off,
				   size_t bytes, uint64_t now)
{
	struct hst_cand best = {.path = NULL};
	struct sel_path *p;

	(void)off;
	(void)bytes;
	cds_list_for_each_entry(p, &s->valid, link) {
		const struct hst_path *hp = p->priv;
		struct hst_cand cand = {
			.path = p,
			.hst = load64(&hp->hst),
			.stale = load64(&hp->stale_after),
			.out = hst_outstanding(p),
		};

		if (!best.path || hst_better(s->priv, &cand, &best, now))
			best = cand;
	}
	if (best.path)
		sel_rotate(s, best.path);
	return best.path;
}

static void hst_end_io(struct selector *s, struct sel_path *p, size_t bytes,
		       uint64_t start, uint64_t now)
{
	const struct hst_state *st = s->priv;
	struct hst_path *hp = p->priv;
	uint64_t begun = MAX(start, hp->last_finish);
	uint64_t service = now > begun ? now - begun : 0;
	uint64_t fresh = service > HST_MAX >> HST_SHIFT ? HST_MAX :
							  service << HST_SHIFT;
	uint64_t periods = service >> HST_PERIOD_SHIFT;
	unsigned int weight = st->weight[MIN(periods, HST_PERIODS - 1)];
	uint64_t hst = load64(&hp->hst);

	(void)bytes;
	hst = (hst * weight + fresh * (HST_ONE - weight) + HST_ONE / 2) >>
	      HST_SHIFT;
	hp->last_finish = now;
	store64(&hp->hst, hst);
	store64(&hp->stale_after, now + s->nr_valid * (hst >> HST_SHIFT));
}

static void hst_status(const struct selector *s, const struct sel_path *p,
		       char *buf, size_t size)
{
	const struct hst_state *st = s->priv;
	const struct hst_path *hp = p ? p->priv : NULL;

	if (p)
		snprintf(buf, size, "%" PRIu64 " %" PRIu32 " %" PRIu64,
			 load64(&hp->hst), hst_outstanding(p),
			 load64(&hp->stale_after));
	else
		snprintf(buf, size, "2 %u %u", st->weight[0], st->multiplier);
}

const struct selector_ops sel_historical_service_time = {
	.name = "historical-service-time",
	.state_size = sizeof(struct hst_state),
	.path_size = sizeof(struct hst_path),
	.create = hst_create,
	.add_path = hst_add_path,
	.fail = sel_fail,
	.reinstate = sel_reinstate_tail,
	.select = hst_select,
	.end_io = hst_end_io,
	.status = hst_status,
};
