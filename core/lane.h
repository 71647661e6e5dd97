/* SPDX-License-Identifier: MIT */
/*
 * A lane's half in core: requests become attempts on paths, fail over, wait,
 * and are answered exactly once. Everything here runs on the lane's thread;
 * nothing blocks, allocates or takes a lock on the way of a request that
 * meets no trouble (a request that needs part of a sector, or meets a hold,
 * takes the volume's leaf lock).
 *
 * A request is cut into pieces of what its path takes at once; a piece is the
 * unit of path choice and of retry. A piece that finds no usable path is
 * parked in its volume and tried again after each poke of the monitor.
 */
#ifndef MPATHFS_CORE_LANE_H
#define MPATHFS_CORE_LANE_H

#include <urcu/list.h>
#include "core/base.h"
#include "core/engine.h"
#include "core/holds.h"
#include "core/mailbox.h"

struct lane;
struct volume;

#define LANE_MAX 16
/* Pieces of one request in flight at once. */
#define REQUEST_PIECES 4
/* Room that a request's buffer has beyond its length, for part sectors. */
#define REQUEST_SLACK 24576

struct request;

struct piece {
	struct io io;
	struct request *req;
	struct path *path;
	struct cds_list_head link; /* lane's in-flight list, or parked */
	uint64_t start; /* ns, of this attempt */
	uint64_t group_serial;
	int index; /* in that group */
	uint8_t state; /* private to lane.c */
	bool hung;     /* given up waiting for; still out */
};

struct request {
	/* set by the front end */
	enum io_op op;
	bool dsync;
	struct volume *volume;
	uint64_t off; /* bytes; [off, off + len) lies within the volume */
	uint64_t len;
	/*
	 * Page-aligned, len + REQUEST_SLACK bytes: payload of a write at its
	 * start; where a read's data is when done: buf + shift. NULL for the
	 * other operations.
	 */
	char *buf;
	uint32_t shift;
	/* private to lane.c */
	struct lane *lane;
	struct piece piece[REQUEST_PIECES];
	struct cds_list_head link; /* the volume's held list */
	struct hold hold;
	struct barrier *barrier; /* of a part-sector write; malloc'ed */
	uint64_t flush_sum;	 /* what a flush covers */
	uint64_t io_off, io_end;  /* [aligned) range that goes to the paths */
	uint64_t cursor;	  /* next byte to be issued */
	uint64_t first_error;	  /* ready_time() of a path error; 0: none */
	unsigned int outstanding; /* pieces in flight or parked */
	int error;
	uint8_t phase;
	bool killed; /* its process is: end it when nothing is out */
	bool orphan; /* replaced by another: answers nobody */
	bool stepping; /* in lane_continue() */
	bool merged;   /* a part-sector write whose data lies at shift */
};

/* Where the payload of a write lies, as it came. */
static inline char *request_payload(const struct request *r)
{
	return r->merged ? r->buf + r->shift : r->buf;
}

/* The front end of a lane: the mount, or the simulator. */
struct lane_front {
	/*
	 * r has ended with err (0 or an errno, > 0). The front answers, unless
	 * r->orphan, and may reuse r at once. Called once for each request.
	 */
	void (*done)(struct lane_front *f, struct request *r, int err);
	/*
	 * r hangs on a path. Give a fresh request of the same kind that takes
	 * its place before the application, with a buffer of its own and
	 * op, dsync, volume, off, len copied (and the payload of a write, see
	 * request_payload()); r becomes an orphan. NULL: none free now, r goes
	 * on waiting.
	 */
	struct request *(*replace)(struct lane_front *f, struct request *r);
};

/*
 * mailboxes: of all nr_lanes lanes; this one's, at [index], gets the lane as its
 * owner. monitor: where faults are reported. -ENOMEM.
 */
int lane_new(unsigned int index, unsigned int nr_lanes, struct engine *e,
	     struct lane_front *front, struct mailbox *const *mailboxes,
	     struct mailbox *monitor, struct lane **ret) MUST_CHECK;
void lane_free(struct lane *l); /* idle */

/* Begins r; done() may come before this returns. */
void lane_submit(struct lane *l, struct request *r, uint64_t now);
/* Ends r with EINTR as soon as nothing of it is on a path. */
void lane_kill(struct lane *l, struct request *r);
/*
 * One turn: hands batches to the engine, reaps, delivers mail, looks after
 * what hangs. Returns how many things it did (0: idle).
 */
unsigned int lane_run(struct lane *l, uint64_t now);
/* When lane_run() must be called again though nothing happens; 0: never. */
uint64_t lane_deadline(const struct lane *l);
/* Pieces that are on a device now. */
unsigned int lane_inflight(const struct lane *l);

#endif
