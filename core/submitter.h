/* SPDX-License-Identifier: MIT */
/*
 * What may block, on a thread of the device's own: submissions that the kernel
 * would not take with RWF_NOWAIT (out of request tags, a file system without
 * it), discards and write-zeroes, for which there is no asynchronous call. A
 * hung device blocks this thread and nobody else.
 *
 * The thread is started when first needed and ends with the device.
 */
#ifndef MPATHFS_CORE_SUBMITTER_H
#define MPATHFS_CORE_SUBMITTER_H

#include <pthread.h>
#include <urcu/list.h>
#include "core/base.h"

struct io;

struct submitter {
	/* private to submitter.c; lock protects all of it; a leaf lock */
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct cds_list_head queue; /* struct io, by link */
	void (*run)(struct io *io);
	pthread_t thread;
	bool running;
	bool stop;
};

void submitter_init(struct submitter *s);
/* The queue is empty and the thread idle; ends it. */
void submitter_fini(struct submitter *s);
/*
 * Queues io for run(io) on the thread. -EAGAIN: no thread could be started,
 * nothing is queued. Any thread.
 */
int submitter_add(struct submitter *s, struct io *io,
		  void (*run)(struct io *io)) MUST_CHECK;
/* Takes io off the queue; false: the thread has it, or had it. */
bool submitter_recall(struct submitter *s, struct io *io);

#endif
