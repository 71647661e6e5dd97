// SPDX-License-Identifier: MIT
/*
 * By how fast a path answers (census 3.5): io_num reads of its first block, one
 * after the other, past the page cache. With b = base_num and t in us,
 *
 *   priority = log_b(10^8) - mean of log_b(t), cut to an integer,
 *
 * and no less than 0 and no more than log_b(10^8), which are 100 s and 1 us.
 * The mean of logarithms, as latencies are spread log-normally: one slow read
 * of a hundred counts little. One step of priority is a factor of b.
 *
 * Where half of the time is over the reads so far will do: the slowest path
 * must not be the one without a priority.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/device.h"
#include "core/number.h"
#include "hw/prio_args.h"
#include "hw/prioritizers.h"

#define BLOCK 4096
#define WORST_US 1e8
#define DEFAULT_BASE 1.77827941004 /* 10^(1/4): four steps are a factor of 10 */

struct latency_args {
	int64_t io_num;
	double base_num;
};

/* Digits and one point, which every locale reads alike; no sign, no "inf". */
static bool parse_base(const char *text, double *ret)
{
	char *end;
	double base;

	if (!*text || text[strspn(text, "0123456789.")])
		return false;
	base = strtod(text, &end);
	if (*end || base < 1.1 || base > 10)
		return false;
	*ret = base;
	return true;
}

static int parse(const char *args, struct latency_args *ret, struct errmsg *e)
{
	char word[PRIO_WORD_SIZE];

	*ret = (struct latency_args){ 100, DEFAULT_BASE };
	while (prio_word(&args, word)) {
		const char *num = prio_value(word, "io_num");
		const char *base = prio_value(word, "base_num");

		if (num && !number_parse(num, 10, 20, 200, &ret->io_num))
			continue;
		if (!base || !parse_base(base, &ret->base_num))
			return prio_bad(e, word, "io_num=20..200 and "
						 "base_num=1.1..10 are all that "
						 "path_latency takes");
	}
	return 0;
}

static uint64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

/* How long one read takes, ns. -errno: it failed. */
static int64_t timed_read(const struct device *d, char *buf, size_t len)
{
	uint64_t start = monotonic();
	ssize_t n = pread(d->fd, buf, len, 0);

	if (n < 0)
		return -errno;
	if ((size_t)n < len)
		return -EIO;
	return (int64_t)(monotonic() - start);
}

/* The mean of ln(us) in *mean, or -errno. */
static int measure(const struct prio_query *q, const struct latency_args *a,
		   char *buf, double *mean)
{
	size_t len = (size_t)MIN(q->dev->limits.size, (uint64_t)BLOCK);
	uint64_t start = monotonic();
	double sum = 0;
	int64_t n = 0;

	while (n < a->io_num &&
	       (!n || monotonic() - start < q->timeout / 2)) {
		int64_t ns = timed_read(q->dev, buf, len);

		if (ns < 0)
			return (int)ns;
		sum += log((double)MAX(ns, (int64_t)1) / 1000);
		n++;
	}
	*mean = sum / (double)n;
	return 0;
}

static int path_latency_get(struct prio_query *q)
{
	struct latency_args a;
	CLEANUP_FREE char *buf = NULL;
	double mean = 0, best, priority;
	int r;

	if (parse(q->args, &a, NULL))
		return PRIO_UNDEF; /* check_args() refuses that */
	if (q->dev->limits.block <= 1) {
		snprintf(q->message, sizeof(q->message),
			 "its file system has no direct I/O");
		return PRIO_UNDEF;
	}
	buf = aligned_alloc(BLOCK, BLOCK);
	r = buf ? measure(q, &a, buf, &mean) : -ENOMEM;
	if (r) {
		snprintf(q->message, sizeof(q->message), "read of block 0: %s",
			 strerrordesc_np(-r));
		return PRIO_UNDEF;
	}
	best = log(WORST_US) / log(a.base_num);
	priority = best - mean / log(a.base_num);
	return (int)fmax(0, fmin(priority, best));
}

static int path_latency_check_args(const char *args, struct errmsg *e)
{
	struct latency_args a;

	return parse(args, &a, e);
}

const struct prioritizer_ops prio_path_latency = {
	.name = "path_latency",
	.get = path_latency_get,
	.check_args = path_latency_check_args,
	.needs_device = true,
	.blocks = true,
};
