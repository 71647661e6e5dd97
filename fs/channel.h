/* SPDX-License-Identifier: MIT */
/*
 * One lane's end of the mount: its thread, its clone of the /dev/fuse channel,
 * its slots. It reads requests, carries out those on data through core's lane,
 * and hands all others to the monitor.
 *
 * Threads: channel_new() and channel_free() on the monitor's, while the
 * channel's own does not run; channel_interrupt() and channel_kill() on the
 * monitor's; everything else in here on the channel's own.
 */
#ifndef MPATHFS_FS_CHANNEL_H
#define MPATHFS_FS_CHANNEL_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/mailbox.h"

struct channel;
struct slices;
struct slot;
struct volume;

/* A request for the monitor; malloc'ed, the receiver frees it. */
struct forwarded {
	struct mail mail;
	unsigned int channel;
	size_t len;
	char data[]; /* as the kernel wrote it */
};

/* What happened on a lane that the monitor must know; likewise. */
struct lane_report {
	struct mail mail;
	unsigned int channel;
	struct slot *slot; /* interrupted */
	uint64_t unique;
	uint32_t pid;
	uint64_t ino; /* of the file; of a buffered write past its end */
};

struct channel_params {
	unsigned int index;
	unsigned int nr_lanes;
	int fd; /* of /dev/fuse, nonblocking */
	_Atomic(struct volume *) *table; /* by id */
	uint32_t max_volumes;
	const struct slices *slices;
	struct mailbox *const *mailboxes; /* the lanes'; ours at [index] */
	struct mailbox *monitor;
	/* How the monitor takes what comes from here. */
	void (*on_forward)(struct mail *m, void *owner);   /* forwarded */
	void (*on_interrupt)(struct mail *m, void *owner); /* lane_report */
	void (*on_past_end)(struct mail *m, void *owner);  /* lane_report */
	struct mail *ended; /* posted when the mount is gone and all is done */
};

int channel_new(const struct channel_params *p, struct channel **ret,
		struct errmsg *e) MUST_CHECK;
/* next: the lane to wake when this one has more than it can do; NULL: none. */
int channel_start(struct channel *c, struct channel *next);
void channel_join(struct channel *c);
void channel_free(struct channel *c);

/* Is request `unique` here? If so on_interrupt tells. -ENOMEM. */
int channel_interrupt(struct channel *c, uint64_t unique);
/* The process behind it is being killed: end it if it only waits. -ENOMEM. */
int channel_kill(struct channel *c, uint64_t unique);

#endif
