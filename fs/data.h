/* SPDX-License-Identifier: MIT */
/*
 * Data requests of the FUSE protocol: READ, WRITE, FSYNC and FALLOCATE of a
 * volume's file or of a partition's become requests of core, and core's results become answers.
 * Lane threads; no state of its own.
 */
#ifndef MPATHFS_FS_DATA_H
#define MPATHFS_FS_DATA_H

#include "core/base.h"
#include "fs/slot.h"

struct volume;

/* What a file is of a volume. */
struct extent {
	struct volume *volume; /* NULL: of none (any more) */
	uint64_t start, size;  /* bytes; what lies beyond the end counts not */
};

enum data_verdict {
	DATA_SUBMIT,   /* slot->req is ready for lane_submit() */
	DATA_ANSWERED, /* answered already */
	DATA_SUBMIT_PART, /* the same, to end with ENOSPC: as DATA_PAST_END */
	DATA_PAST_END, /* answered with ENOSPC: the kernel may need telling */
};

/* Is that opcode on that inode ours to handle? */
bool data_is_ours(uint32_t opcode, uint64_t ino);
/* s->header holds what was read. */
enum data_verdict data_begin(int fd, struct slot *s, const struct extent *x);
/*
 * s->req has ended with err. True: there is another step of it to submit.
 * False: it has been answered.
 */
bool data_done(int fd, struct slot *s, int err);
void data_answer_error(int fd, uint64_t unique, int err);

#endif
