/* SPDX-License-Identifier: MIT */
/*
 * A path: one way to a volume's LUN.
 *
 * Three kinds of state, by who may touch it:
 *   identity   constant while the path exists
 *   shared     atomics that lanes and the monitor use
 *   check, health   the monitor's own: checker, holds, counters, why
 *
 * A lane that sees a path error calls path_fail(): the path is out for every
 * lane at once, the rest (choosing a group, events, checks) is the monitor's.
 * Only the monitor makes a path usable again.
 */
#ifndef MPATHFS_CORE_PATH_H
#define MPATHFS_CORE_PATH_H

#include <stdatomic.h>
#include "core/base.h"
#include "core/checker.h"
#include "core/doubt.h"
#include "core/engine.h"
#include "core/errand.h"
#include "core/facts.h"
#include "core/identity.h"
#include "core/mailbox.h"
#include "core/pool.h"
#include "core/prio.h"
#include "core/probe.h"
#include "core/reservation.h"
#include "core/selector.h"
#include "core/timer.h"
#include "core/transport.h"

struct device;
struct path_activation;
struct monitor;
struct volume;

/* Latency in powers of two: bucket i counts [2^i, 2^(i+1)) us, the last more. */
#define PATH_LATENCY_BUCKETS 24

/*
 * Written by one lane, read by the monitor: relaxed atomics, each a statistic
 * of its own.
 */
struct path_lane_stats {
	_Atomic uint64_t ios[2];   /* completed: reads, writes */
	_Atomic uint64_t bytes[2];
	_Atomic uint64_t errors;   /* path errors */
	_Atomic uint64_t ns;	   /* summed service time */
	_Atomic uint64_t latency[PATH_LATENCY_BUCKETS];
} CACHE_ALIGNED;

/* The first error since the path was last usable: who, what, where. */
struct path_fault {
	struct mail mail;	/* to the monitor */
	_Atomic bool reported;	/* the mail is on its way: fields are fixed */
	int error;		/* errno, or 0: it has ended there */
	enum io_op op;
	uint64_t off; /* bytes */
};

/* I/O has met a reservation conflict. */
struct path_conflict {
	struct mail mail;      /* to the monitor */
	_Atomic bool reported; /* it is on its way */
};

/* What state words an operator may write, and what a path shows. */
enum path_state {
	PATH_ACTIVE,
	PATH_FAILED,
	PATH_OFFLINE, /* held by the operator */
	PATH_STANDBY,
	PATH_STALLED, /* nothing has come back for a while */
	PATH_MARGINAL,
};

enum check_phase {
	CHECK_IDLE,
	CHECK_ASKING,  /* the checker */
	CHECK_READING, /* core reads a block itself, after the checker's yes */
	CHECK_ENDED,   /* for good: the path goes */
};

/* A check on a thread of the pool, which has a checker of its own to write to. */
struct check_job {
	struct job job;
	struct checker checker;
	enum check_state answer;
};

/* The monitor's: what the checks of a path found and when the next is due. */
struct path_check {
	struct monitor *monitor;
	enum check_state state; /* last final result */
	const char *access_state; /* by the last check; NULL: it says none */
	enum check_phase phase;
	bool asked; /* by the operator; answered when it ends */
	bool out;   /* something of the checker's, in time or late */
	bool late;  /* what is out, the checker's or the read */
	bool waits; /* the job does, for a thread: its time has not begun */
	bool purged; /* its disk has been told to go; see purge.h */
	struct checker checker;
	struct check_job job; /* of a checker that has run() */
	struct probe read;
	uint64_t read_start; /* ns */
	struct timer timer; /* IDLE: the next check; else: the end of patience */
	uint64_t start;	   /* ns, of the last that was begun */
	uint64_t interval; /* ns, doubles while all is well */
};

/* The monitor's: may it be used, and why not. */
struct path_health {
	bool active;	  /* dm's is_active: not failed */
	bool held;	  /* `offline`, until `online` */
	bool stalled;
	bool delayed;	  /* good, and held out for all that: see doubt.h */
	bool marginal;	  /* in the groups of last resort (marginal_pathgroups) */
	bool checker_up;  /* its checker's last word that had a consequence */
	bool offered;	  /* what was last stored in `usable` */
	bool reopen;	  /* the device is not the one it was: open it anew */
	struct opening *opening; /* the device is being opened */
	uint64_t other_size; /* bytes its device has, where that is not what its
			      * volume has; 0: it is, or nobody knows */
	uint64_t io_failed;	/* ns: a read is owed that began later; 0: none */
	uint64_t fail_count;	/* ever */
	uint64_t progress;	/* completions when last looked at */
	uint64_t progress_time; /* ns: when that number last changed */
	char why[160];		/* cause of the last change, for people */
	uint64_t since;		/* realtime ns of the last change */
};

/* The monitor's: what its `path =` line says. */
struct path_line {
	int priority; /* 1 if it names none */
	struct path_facts facts;
};

struct path {
	/* identity */
	char name[NAME_SIZE];
	char *dev_path;
	struct volume *volume;
	uint32_t id; /* in inode numbers; unique in the volume */
	int priority; /* the monitor's; higher is better, or PRIO_UNDEF */
	unsigned int nr_lanes;
	/* shared */
	_Atomic bool usable; /* acquire by lanes: dev is valid once seen true */
	struct path_load load;
	struct path_fault fault;
	struct path_conflict conflict;
	struct path_lane_stats *stats; /* [nr_lanes] */
	/*
	 * Replaced by the monitor only while the path is not usable, a grace
	 * period has passed and nothing is in flight. NULL: could not be opened.
	 */
	struct device *dev;
	/* the monitor's */
	struct path_check check;
	struct path_health health;
	struct doubt doubt;
	struct path_line line;
	struct path_facts said; /* by the device that was opened last */
	struct path_prio prio;
	struct path_activation *activation; /* see activate.h; NULL: none yet */
	struct path_errands errands;
	struct path_transport transport;
	struct path_reserve reserve;
	struct path_identity identity;
};

/*
 * name and dev_path are copied; priority is what its line says. usable is
 * false, dev NULL. NULL: no memory.
 */
struct path *path_new(struct volume *v, const char *name, const char *dev_path,
		      int priority, uint32_t id, unsigned int nr_lanes);
/* Nothing is in flight, no lane can see it. Closes the device. */
void path_free(struct path *p);

/*
 * A lane saw a path error. Takes the path out for all lanes; the first to do
 * so reports it to monitor. Any lane.
 */
void path_fail(struct path *p, struct mailbox *monitor, int error,
	       enum io_op op, uint64_t off);

/* A lane saw a reservation conflict: the path stays, the monitor is told. Any
 * lane. */
void path_conflict(struct path *p, struct mailbox *monitor);

/*
 * Census 1.2: does this errno (> 0) condemn the path, or is it the LUN's or
 * the caller's own? Target errors, EINVAL: false.
 */
bool path_error(int error);
/*
 * Has the kernel refused that, as the disk is read-only by now (EPERM)? Nothing
 * was sent, and another path of its LUN does not help.
 */
bool path_write_refused(const struct io *io, int64_t res);

/*
 * The result of an I/O, or -ENODEV: the kernel refuses what is to be written
 * beyond the end of a disk (ENOSPC) or discarded there (EINVAL), and one that
 * was pulled out ends at 0. By themselves both are no errors of a path.
 */
int64_t path_result(const struct io *io, int64_t res);

/* "EIO on write at sector 2048". */
void path_fault_text(const struct path_fault *f, char *buf, size_t size);

/* Nothing is in flight, reported or being checked: device and path may go. */
bool path_idle(const struct path *p);

/* What its line says, else its device: "" or TPG_UNKNOWN, nobody. Monitor. */
const char *path_serial(const struct path *p);
const char *path_node(const struct path *p);
int path_tpg(const struct path *p);
/* Remembers what its device, which is open, says. True: that is news. */
bool path_learn(struct path *p);

/*
 * How the array sees it: what the kernel says now, else what its checker or its
 * prioritizer has found last; "unknown". Monitor.
 */
void path_access_state(const struct path *p, char *buf, size_t size);

/* What `state` shows. Monitor. */
enum path_state path_state(const struct path *p);
const char *path_state_text(enum path_state s);
/*
 * What `checker_state` shows: the last verdict, or "delayed". An error of I/O
 * does not make it "faulty", as in multipathd: that is for `state` and `why` to
 * say, and a checker that goes on saying yes can be seen. Monitor.
 */
const char *path_checker_text(const struct path *p);

/* Sums over the lanes. Monitor. */
struct path_totals {
	uint64_t ios[2];
	uint64_t bytes[2];
	uint64_t errors;
	uint64_t ns;
	uint64_t latency[PATH_LATENCY_BUCKETS];
};
void path_totals(const struct path *p, struct path_totals *ret);

/* A lane counts a completion of io that took ns. */
void path_count(struct path *p, unsigned int lane, enum io_op op,
		uint64_t bytes, uint64_t ns);
/* A lane counts an attempt that ended with a path error. */
void path_count_error(struct path *p, unsigned int lane);

#endif
