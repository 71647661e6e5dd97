/* SPDX-License-Identifier: MIT */
/*
 * The few things every file uses: containers, sizes, cleanup attributes.
 * Includes nothing of the project; everything may include it.
 */
#ifndef MPATHFS_CORE_BASE_H
#define MPATHFS_CORE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* a must be a power of two. */
#define ROUND_UP(n, a) (((n) + ((a) - 1)) & ~((__typeof__(n))(a) - 1))
#define ROUND_DOWN(n, a) ((n) & ~((__typeof__(n))(a) - 1))

#define container_of(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define CACHELINE 64
#define CACHE_ALIGNED __attribute__((aligned(CACHELINE)))

/* Objects named by people: a volume's alias or WWID, a path's device name. */
#define NAME_SIZE 128

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))
#define CLEANUP_CLOSE __attribute__((cleanup(cleanup_close)))

#endif
