/* SPDX-License-Identifier: MIT */
/*
 * A lane's request slots: one for each request that it has read from the mount
 * and not answered, with the memory that the request and its data lie in.
 *
 * Slots are many and their buffers are large, so only the first few, the warm
 * ones, have their pages all the time; a cold one costs address space until it
 * is used, and gives its pages back after a large transfer.
 *
 * The kernel may write into warm slots only. When a process is killed while
 * read(2) on /dev/fuse has to bring in a page for it, the kernel does not take
 * the request back: it ends it with EIO, and the next worker never sees it.
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
/* A warm one, to be read into. NULL: all are in use. */
struct slot *slots_get_warm(struct slots *p);
/* Any. NULL: none, or only `reserve` ones are left. */
struct slot *slots_get(struct slots *p, unsigned int reserve);
bool slots_left(const struct slots *p, unsigned int reserve);
/* Makes to, a cold one, hold what was read into from: len bytes of a message. */
void slot_copy(struct slot *to, const struct slot *from, size_t len);
void slots_put(struct slots *p, struct slot *s);
/* The slot in use for that request; NULL. */
struct slot *slots_find(struct slots *p, uint64_t unique);
unsigned int slots_used(const struct slots *p);

#endif
