// SPDX-License-Identifier: MIT
/*
 * When a path is checked (census 6.5): every polling_interval, and while all
 * stays well the interval doubles up to max_polling_interval. Monitor.
 *
 * Spreading: paths that came up together would be checked together for ever.
 * So each has a moment of its own within max_polling_interval, made of the
 * numbers of volume and path, which stay the same over a restart. An interval
 * is cut short, never made longer, until it ends on that moment modulo the
 * interval; from then on it need not be cut. Multiples of the golden ratio and
 * of the root of two (their fractions) lie evenly in 0..1 however many there
 * are.
 *
 * Moments are whole ticks, so that one wake-up serves all checks of a tick.
 */
#include <string.h>

#include "core/monitor_private.h"
#include "core/path.h"

#define TICK (NSEC_PER_SEC / 16)
/* However long the last check has taken. */
#define LEAST NSEC_PER_SEC

static uint64_t seconds(const struct path *p, enum opt o)
{
	return (uint64_t)p->volume->settings.v[o].num * NSEC_PER_SEC;
}

uint64_t schedule_least(const struct path *p)
{
	return seconds(p, OPT_POLLING_INTERVAL);
}

uint64_t schedule_timeout_by(const struct path *p, const struct settings *s)
{
	const struct setting *t = &s->v[OPT_CHECKER_TIMEOUT];

	if (p->said.timeout && !strcmp(t->text, CHECKER_TIMEOUT_AUTO))
		return p->said.timeout * NSEC_PER_SEC;
	return (uint64_t)t->num * NSEC_PER_SEC;
}

uint64_t schedule_timeout(const struct path *p)
{
	return schedule_timeout_by(p, &p->volume->settings);
}

static uint64_t longest(const struct path *p)
{
	uint64_t max = seconds(p, OPT_MAX_POLLING_INTERVAL);
	uint64_t min = schedule_least(p);

	return max ? MAX(max, min) : 4 * min;
}

uint64_t schedule_interval(const struct path *p, bool well)
{
	uint64_t least = schedule_least(p);

	/* Either setting may have changed since the last time. */
	return well ? MIN(MAX(p->check.interval * 2, least), longest(p)) :
		      least;
}

/* The path's own moment, from 0 to its longest interval. */
static uint64_t moment(const struct path *p)
{
	uint64_t fraction = p->volume->id * 0x9E3779B97F4A7C15ULL +
			    p->id * 0x6A09E667F3BCC909ULL;
	uint64_t ticks = longest(p) / TICK;

	assert(ticks <= UINT32_MAX);
	return (fraction >> 32) * ticks / (1ULL << 32) * TICK;
}

uint64_t schedule_at(const struct path *p, uint64_t now, uint64_t from)
{
	uint64_t interval = p->check.interval;
	uint64_t due = MAX(from + interval, now + LEAST);
	uint64_t off = (due + interval - moment(p) % interval) % interval;

	if (due - off > now)
		due -= off;
	return due - due % TICK;
}
