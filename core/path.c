// SPDX-License-Identifier: MIT
/* A path and what lanes report of it; see path.h. */
#include "core/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/activate.h"
#include "core/device.h"
#include "core/reserve_send.h"

struct path *path_new(struct volume *v, const char *name, const char *dev_path,
		      int priority, uint32_t id, unsigned int nr_lanes)
{
	struct path *p = calloc(1, sizeof(*p));
	size_t stats = nr_lanes * sizeof(*p->stats);

	if (!p)
		return NULL;
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->dev_path = strdup(dev_path);
	p->stats = aligned_alloc(CACHELINE, stats);
	if (!p->dev_path || !p->stats) {
		path_free(p);
		return NULL;
	}
	memset(p->stats, 0, stats);
	p->volume = v;
	p->id = id;
	p->priority = priority;
	p->line = (struct path_line){ priority, PATH_FACTS_NONE };
	p->said = PATH_FACTS_NONE;
	p->nr_lanes = nr_lanes;
	return p;
}

void path_free(struct path *p)
{
	assert(atomic_load(&p->load.ios) == 0);
	assert(!atomic_load(&p->fault.reported));
	assert(!atomic_load(&p->conflict.reported));
	assert(!timer_is_set(&p->check.timer));
	if (p->dev)
		device_close(p->dev);
	free(p->check.checker.priv);
	checker_shared_put(p->check.checker.shared);
	activate_free(p);
	reserve_free(p);
	doubt_free(p);
	free(p->stats);
	free(p->dev_path);
	free(p);
}

void path_fail(struct path *p, struct mailbox *monitor, int error,
	       enum io_op op, uint64_t off)
{
	struct path_fault *f = &p->fault;

	/*
	 * Who sees the flag late only sends one more I/O down a bad path. Not
	 * usable is not failed: a path that is stalled or offline would come
	 * back as if nothing had been.
	 *
	 * acquire: the monitor has read the last report. release: it makes the
	 * path usable after it has taken this one, so the store comes first.
	 */
	atomic_store_explicit(&p->usable, false, memory_order_relaxed);
	if (atomic_exchange_explicit(&f->reported, true, memory_order_acq_rel))
		return;
	f->error = error;
	f->op = op;
	f->off = off;
	mailbox_post(monitor, &f->mail);
}

void path_conflict(struct path *p, struct mailbox *monitor)
{
	/* Most often it is known already. */
	if (atomic_load_explicit(&p->conflict.reported, memory_order_relaxed) ||
	    atomic_exchange_explicit(&p->conflict.reported, true,
				     memory_order_acquire))
		return;
	mailbox_post(monitor, &p->conflict.mail);
}

bool path_idle(const struct path *p)
{
	/* acquire: all that lanes did with the path came before. */
	return !atomic_load_explicit(&p->load.ios, memory_order_acquire) &&
	       !atomic_load_explicit(&p->fault.reported,
				     memory_order_acquire) &&
	       !atomic_load_explicit(&p->conflict.reported,
				     memory_order_acquire) &&
	       !reserve_busy(p) && !p->health.opening && !p->prio.job && !activate_busy(p) &&
	       !p->check.out && !probe_out(&p->check.read) &&
	       !errands_out(p) &&
	       !doubt_busy(p);
}

bool path_error(int error)
{
	assert(error > 0);
	switch (error) {
	case EOPNOTSUPP: /* the LUN cannot do it */
	case ENOSPC:	 /* thin pool is full */
	case EREMOTEIO:	 /* target error: the array answered */
	case EBADE:	 /* reservation conflict */
	case ENODATA:	 /* medium error */
	case EILSEQ:	 /* protection information */
	case EINVAL:	 /* ours: misaligned, or an odd size */
		return false;
	default:
		return true;
	}
}

/* A file may be refused for what is wrong with its server alone. */
bool path_write_refused(const struct io *io, int64_t res)
{
	return res == -EPERM && io_op_modifies(io->op) &&
	       io->dev->limits.is_block;
}

int64_t path_result(const struct io *io, int64_t res)
{
	if ((res == -ENOSPC || res == -EINVAL) && io_op_modifies(io->op) &&
	    device_ends_before(io->dev, io->off + io->len))
		return -ENODEV;
	return res;
}

static const char *op_text(enum io_op op)
{
	static const char *const text[] = {
		[IO_READ] = "read",	  [IO_WRITE] = "write",
		[IO_FLUSH] = "flush",	  [IO_DISCARD] = "discard",
		[IO_ZERO] = "write-zeroes",
	};

	return text[op];
}

void path_fault_text(const struct path_fault *f, char *buf, size_t size)
{
	const char *name = f->error ? strerrorname_np(f->error) : "end of device";
	char number[16];

	if (!name) {
		snprintf(number, sizeof(number), "errno %d", f->error);
		name = number;
	}
	if (f->op == IO_FLUSH)
		snprintf(buf, size, "%s on flush", name);
	else
		snprintf(buf, size, "%s on %s at sector %llu", name,
			 op_text(f->op), (unsigned long long)(f->off / 512));
}

const char *path_serial(const struct path *p)
{
	const char *given = p->line.facts.serial;

	return *given ? given : p->said.serial;
}

const char *path_node(const struct path *p)
{
	const char *given = p->line.facts.node_name;

	return *given ? given : p->said.node_name;
}

int path_tpg(const struct path *p)
{
	int given = p->line.facts.tpg;

	return given == TPG_UNKNOWN ? p->said.tpg : given;
}

bool path_learn(struct path *p)
{
	bool news = !path_facts_same(&p->said, &p->dev->facts);

	p->said = p->dev->facts;
	return news;
}

void path_access_state(const struct path *p, char *buf, size_t size)
{
	const char *found = p->check.access_state ? p->check.access_state :
						    p->prio.access_state;

	if (p->dev && device_access_state(p->dev, buf, size))
		return;
	snprintf(buf, size, "%s", found ? found : "unknown");
}

enum path_state path_state(const struct path *p)
{
	const struct path_health *h = &p->health;

	if (h->held)
		return PATH_OFFLINE;
	if (h->delayed)
		return PATH_MARGINAL;
	if (!h->active || p->reserve.out)
		return PATH_FAILED;
	if (h->stalled)
		return PATH_STALLED;
	if (h->marginal)
		return PATH_MARGINAL;
	if (p->check.state == CHECK_GHOST)
		return PATH_STANDBY;
	return PATH_ACTIVE;
}

const char *path_state_text(enum path_state s)
{
	static const char *const text[] = {
		[PATH_ACTIVE] = "active",   [PATH_FAILED] = "failed",
		[PATH_OFFLINE] = "offline", [PATH_STANDBY] = "standby",
		[PATH_STALLED] = "stalled", [PATH_MARGINAL] = "marginal",
	};

	return text[s];
}

const char *path_checker_text(const struct path *p)
{
	const struct path_check *k = &p->check;

	if (p->health.delayed)
		return "delayed";
	/* Of the first one only: later ones leave it at what is known. */
	return check_state_text(k->state == CHECK_UNCHECKED && k->out ?
					CHECK_PENDING :
					k->state);
}

/* Single writer, so a load and a store will do; relaxed, see path.h. */
static void bump(_Atomic uint64_t *counter, uint64_t by)
{
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + by, memory_order_relaxed);
}

static unsigned int latency_bucket(uint64_t ns)
{
	uint64_t us = ns / NSEC_PER_USEC;
	unsigned int bit = us ? 63 - (unsigned int)__builtin_clzll(us) : 0;

	return MIN(bit, PATH_LATENCY_BUCKETS - 1);
}

void path_count(struct path *p, unsigned int lane, enum io_op op,
		uint64_t bytes, uint64_t ns)
{
	struct path_lane_stats *s = &p->stats[lane];
	int dir = op != IO_READ; /* a flush is a write of nothing */

	assert(lane < p->nr_lanes);
	bump(&s->ios[dir], 1);
	bump(&s->bytes[dir], bytes);
	bump(&s->ns, ns);
	bump(&s->latency[latency_bucket(ns)], 1);
}

void path_count_error(struct path *p, unsigned int lane)
{
	assert(lane < p->nr_lanes);
	bump(&p->stats[lane].errors, 1);
}

static uint64_t peek(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void path_totals(const struct path *p, struct path_totals *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int l = 0; l < p->nr_lanes; l++) {
		const struct path_lane_stats *s = &p->stats[l];

		for (int dir = 0; dir < 2; dir++) {
			ret->ios[dir] += peek(&s->ios[dir]);
			ret->bytes[dir] += peek(&s->bytes[dir]);
		}
		ret->errors += peek(&s->errors);
		ret->ns += peek(&s->ns);
		for (int b = 0; b < PATH_LATENCY_BUCKETS; b++)
			ret->latency[b] += peek(&s->latency[b]);
	}
}
