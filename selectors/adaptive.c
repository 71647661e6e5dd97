// SPDX-License-Identifier: MIT
/*
 * adaptive: the valid path that is expected to finish this I/O first, by what
 * it has been seen to do: for paths of unequal or changing speed.
 *
 * Work is counted in units of 512 bytes, and AD_IO more for each I/O as such,
 * so that an I/O of 4 KiB is 16 units. A path's pace is what 4 KiB cost on it,
 * a moving average over the I/Os that ended: time since the path's last end or
 * this I/O's start, whichever came later, by the work done. Pipelined, that is
 * the inverse of its throughput; with one I/O at a time, its latency. Then
 *
 *	cost = (work in flight + work of this I/O) * pace
 *
 * and the least cost wins. A path of which nothing is known is tried at once;
 * until its first answer it passes for an average one.
 *
 * Silence counts before an answer does: a path that has had I/O of this lane
 * for so long without ending any costs at least that much, so a path that
 * stalls loses its share while it stalls, not afterwards.
 *
 * A slow path may cost too much for ever, and its pace would be that of long
 * ago. So an idle path whose time has come gets one I/O as a probe, whatever
 * its cost: AD_PROBE_RATIO times its own service time after it last ended one,
 * within bounds. Probes thus take 1/AD_PROBE_RATIO of a lane's time at most
 * (when one I/O is in flight at a time; less otherwise), and a hopeless path
 * still gets one every AD_PROBE_MAX.
 *
 * One scan of the valid list; the first of equals wins and moves to the tail.
 * A reinstated path goes there too and is a stranger again. The load is
 * core's, over all lanes; the rest is the lane's own, no locks.
 */
#include "selectors/selectors.h"

#include <inttypes.h>
#include <stdio.h>

#define AD_SECTOR_SHIFT 9
#define AD_IO 8		 /* units an I/O costs apart from its bytes */
#define AD_PACE_SHIFT 4	 /* pace is of 16 units: 4 KiB in one I/O */
#define AD_AVERAGE 8	 /* an end counts for one in so many */
#define AD_PACE_START NSEC_PER_MSEC /* before anything has ended */
#define AD_PROBE_RATIO 64
#define AD_PROBE_MIN (10 * NSEC_PER_MSEC)
#define AD_PROBE_MAX (10 * NSEC_PER_SEC)
/* A product of both fits 64 bits. 2 TiB in flight; 2 s for 4 KiB. */
#define AD_WORK_MAX UINT32_MAX
#define AD_PACE_MAX (1ULL << 31)

struct ad_state {
	uint64_t pace; /* of the group, as a path's; 0: nothing has ended */
};

struct ad_path {
	_Atomic uint64_t pace; /* ns for 4 KiB; 0: not known. Others read it */
	uint64_t progress; /* ns: an I/O ended, or began on an idle path */
	uint64_t probe_at; /* ns: then its pace is too old */
	uint32_t out;	   /* this lane's, in flight */
};

static uint64_t ad_pace(const struct ad_path *ap)
{
	return atomic_load_explicit(&ap->pace, memory_order_relaxed);
}

static uint64_t ad_work(uint64_t bytes, uint64_t ios)
{
	return MIN((bytes >> AD_SECTOR_SHIFT) + ios * AD_IO, AD_WORK_MAX);
}

/* Moves an average towards a new value, by 1 at least. */
static uint64_t ad_average(uint64_t old, uint64_t fresh)
{
	if (!old)
		return fresh;
	if (fresh > old)
		return old + (fresh - old + AD_AVERAGE - 1) / AD_AVERAGE;
	return old - (old - fresh + AD_AVERAGE - 1) / AD_AVERAGE;
}

/* ns until an I/O of that work would end on p. */
static uint64_t ad_cost(const struct ad_state *st, const struct sel_path *p,
			uint64_t work, uint64_t now)
{
	const struct ad_path *ap = p->priv;
	uint64_t pace = ad_pace(ap), cost;

	work += ad_work(atomic_load_explicit(&p->load->bytes,
					     memory_order_relaxed),
			atomic_load_explicit(&p->load->ios,
					     memory_order_relaxed));
	if (!pace && !ap->out)
		return 0;
	if (!pace)
		pace = st->pace ? st->pace : AD_PACE_START;
	cost = MIN(work, AD_WORK_MAX) * pace >> AD_PACE_SHIFT;
	return ap->out && now > ap->progress ? MAX(cost, now - ap->progress) :
					       cost;
}

/* Is p idle, for all lanes, and its pace too old? A flush proves nothing. */
static bool ad_due(const struct sel_path *p, size_t bytes, uint64_t now)
{
	const struct ad_path *ap = p->priv;

	return bytes && ad_pace(ap) && now >= ap->probe_at &&
	       !atomic_load_explicit(&p->load->ios, memory_order_relaxed);
}

static struct sel_path *ad_select(struct selector *s, uint64_t off,
				  size_t bytes, uint64_t now)
{
	struct sel_path *p, *best = NULL, *due = NULL;
	uint64_t work = ad_work(bytes, 1), best_cost = UINT64_MAX;

	(void)off;
	cds_list_for_each_entry(p, &s->valid, link) {
		uint64_t cost = ad_cost(s->priv, p, work, now);

		if (!best || cost < best_cost) {
			best = p;
			best_cost = cost;
		}
		if (!due && ad_due(p, bytes, now))
			due = p;
	}
	if (due) {
		/* not again if the caller thinks better of it */
		((struct ad_path *)due->priv)->probe_at = now + AD_PROBE_MIN;
		best = due;
	}
	if (best)
		sel_rotate(s, best);
	return best;
}

static void ad_start_io(struct selector *s, struct sel_path *p, size_t bytes,
			uint64_t now)
{
	struct ad_path *ap = p->priv;

	(void)s;
	(void)bytes;
	if (!ap->out++)
		ap->progress = now;
}

static void ad_end_io(struct selector *s, struct sel_path *p, size_t bytes,
		      uint64_t start, uint64_t now)
{
	struct ad_state *st = s->priv;
	struct ad_path *ap = p->priv;
	uint64_t begun = MAX(start, ap->progress);
	uint64_t service = now > begun ? now - begun : 0;
	uint64_t pace = MIN(service, AD_PACE_MAX) << AD_PACE_SHIFT;

	assert(ap->out > 0);
	ap->out--;
	ap->progress = now;
	ap->probe_at = now + MIN(MAX(service * AD_PROBE_RATIO, AD_PROBE_MIN),
				 AD_PROBE_MAX);
	pace = MIN(MAX(pace / ad_work(bytes, 1), 1), AD_PACE_MAX);
	st->pace = ad_average(st->pace, pace);
	atomic_store_explicit(&ap->pace, ad_average(ad_pace(ap), pace),
			      memory_order_relaxed);
}

static void ad_reinstate(struct selector *s, struct sel_path *p)
{
	struct ad_path *ap = p->priv;

	atomic_store_explicit(&ap->pace, 0, memory_order_relaxed);
	sel_reinstate_tail(s, p);
}

static void ad_status(const struct selector *s, const struct sel_path *p,
		      char *buf, size_t size)
{
	const struct ad_path *ap = p ? p->priv : NULL;

	(void)s;
	if (p)
		snprintf(buf, size, "%" PRIu64 " %" PRIu64, ad_pace(ap),
			 atomic_load_explicit(&p->load->bytes,
					      memory_order_relaxed));
	else
		snprintf(buf, size, "0");
}

const struct selector_ops sel_adaptive = {
	.name = "adaptive",
	.state_size = sizeof(struct ad_state),
	.path_size = sizeof(struct ad_path),
	.create = sel_create_plain,
	.add_path = sel_add_path_plain,
	.fail = sel_fail,
	.reinstate = ad_reinstate,
	.select = ad_select,
	.start_io = ad_start_io,
	.end_io = ad_end_io,
	.status = ad_status,
};
