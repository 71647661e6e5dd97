/* SPDX-License-Identifier: MIT */
/* Random numbers for tests, from a seed that is printed and taken back. */
#ifndef MPATHFS_TESTS_UNIT_SEED_H
#define MPATHFS_TESTS_UNIT_SEED_H

#include <stdio.h>
#include <time.h>
#include "core/base.h"

/* Random numbers that SEED=N in the environment brings back (xorshift64*). */
static inline uint64_t seed_init(void)
{
	const char *env = getenv("SEED");
	uint64_t seed;

	seed = env ? strtoull(env, NULL, 10)
		   : ((uint64_t)time(NULL) << 20) ^ (uint64_t)getpid();
	if (seed == 0)
		seed = 1;
	printf("# SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static inline uint64_t seed_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 0x2545F4914F6CDD1DULL;
}

/* 0..n-1, from the better bits. */
static inline unsigned int seed_below(uint64_t *seed, unsigned int n)
{
	return (unsigned int)((seed_next(seed) >> 32) % n);
}

#endif
