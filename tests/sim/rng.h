/* SPDX-License-Identifier: MIT */
/* The source of chance for plans: xorshift64*. */
#ifndef MPATHFS_TESTS_SIM_RNG_H
#define MPATHFS_TESTS_SIM_RNG_H

#include "core/base.h"

struct rng {
	uint64_t x;
};

static inline uint64_t rng_next(struct rng *r)
{
	r->x ^= r->x >> 12;
	r->x ^= r->x << 25;
	r->x ^= r->x >> 27;
	return r->x * 0x2545F4914F6CDD1DULL;
}

static inline uint64_t below(struct rng *r, uint64_t n)
{
	return (rng_next(r) >> 16) % n;
}

static inline uint64_t between(struct rng *r, uint64_t a, uint64_t b)
{
	return a + below(r, b - a + 1);
}

static inline bool chance(struct rng *r, unsigned int percent)
{
	return below(r, 100) < percent;
}

/* From a to b, any order of magnitude as likely as another. */
static inline uint64_t spread(struct rng *r, uint64_t a, uint64_t b)
{
	unsigned int doublings = 0;

	while (a << (doublings + 1) <= b)
		doublings++;
	a <<= below(r, doublings + 1);
	return between(r, a, MIN(2 * a, b));
}

#define PICK(r, array) ((array)[below(r, ARRAY_SIZE(array))])

#endif
