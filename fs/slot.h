/* SPDX-License-Identifier: MIT */
/*
 * A lane's request slots: one for each request that it has read from the mount
 * and not answered, with the memory that the request and its data lie in.
 *
 * Slots are many and their buffers are large, but memory is touched only where
 * data is: a slot costs address space until it is used, and gives the pages
 * back after a large transfer unless it is one of the first few, which are used
 * over and over (the free list is last in, first out).
 */
#ifndef MPATHFS_FS_SLOT_H
#define MPATHFS_FS_SLOT_H

#include <stdatomic.h>
#include "core/base.h"
#include "core/lane.h"

/* struct fuse_in_header and struct fuse_write_in: what precedes a payload. */
#define SLOT_HEADER 80

/* What is left of a FALLOCATE; see fs/data.c. */
struct fallocate_steps {
	uint64_t off, end;
	uint32_t block;
	enum io_op op;
	uint8_t step;
	bool active;
};

struct slot {
	struct request req;
	uint64_t unique; /* the kernel's number for it */
	/* unique while in use, 0 when free: for others to see that it ended */
	_Atomic uint64_t live;
	uint32_t pid; /* whose request it is */
	uint32_t answer; /* of a WRITE: its size; 0: ENOSPC, it crosses the end */
	struct fallocate_steps steps;
	unsigned int index;
	struct slot *next_free;
	char header[SLOT_HEADER];
};

struct slots; /* the pool of one lane; used by its thread only */

int slots_new(unsigned int n, struct slots **ret) MUST_CHECK;
void slots_free(struct slots *p);
/* NULL: none, or only `reserve` ones are left. */
struct slot *slots_get(struct slots *p, unsigned int reserve);
void slots_put(struct slots *p, struct slot *s);
/* The slot in use for that request; NULL. */
struct slot *slots_find(struct slots *p, uint64_t unique);
unsigned int slots_used(const struct slots *p);

#endif
