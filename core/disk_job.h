/* SPDX-License-Identifier: MIT */
/*
 * Something for one disk that may block, done on the pool: for disks that are
 * no paths, what core/errand.h is for paths. The disk may go meanwhile, and
 * another one take its name.
 *
 * The monitor's, but for work().
 */
#ifndef MPATHFS_CORE_DISK_JOB_H
#define MPATHFS_CORE_DISK_JOB_H

#include <sys/types.h>
#include "core/base.h"
#include "core/pool.h"
#include "core/timer.h"

struct discovery;
struct disk;
struct found;

/* The first member of what malloc() gave, which is freed in the end. */
struct disk_job {
	/* set by the caller */
	void (*work)(struct disk_job *j); /* on a thread of the pool */
	/* Back again. Not called if discovery ends. */
	void (*ended)(struct disk_job *j);
	/* the disk, for both */
	struct discovery *d;
	char name[32];
	char node[64];
	dev_t devt;
	uint64_t diskseq;
	/* private to disk_job.c */
	struct job job;
	struct timer patience;
};

/* Sends j, which is taken over. */
void disk_job_begin(struct discovery *d, const struct disk *disk,
		    struct disk_job *j);
/* What is known of that very disk; NULL: it is not there any more. */
struct found *disk_job_found(const struct disk_job *j);

#endif
