/* SPDX-License-Identifier: MIT */
/*
 * What outlives a worker: one shared mapping, made by the supervisor before
 * the first fork and inherited by every worker.
 *
 *   - the log of events: a ring of JSON lines, addressed by an ever growing
 *     byte position: a reader's place means the same to the next worker;
 *   - a text of "key value" lines: live settings, holds, object ids, failed
 *     paths. Two halves, of which one is current: a worker killed while it
 *     writes leaves the other one whole;
 *   - poll(2) handles of the kernel, so that the next worker can wake those
 *     who wait;
 *   - open counts, one per volume id;
 *   - where partitions lie (fs/slice.h);
 *   - what the `daemon` file shows of the supervisor.
 *
 * One process at a time writes: the worker while it lives, the supervisor
 * between two workers (and the supervisor's own struct keep_info at any time:
 * its fields are atomics). Within the worker: the monitor only.
 */
#ifndef MPATHFS_FS_KEEP_H
#define MPATHFS_FS_KEEP_H

#include <stdatomic.h>
#include <sys/types.h>
#include "core/base.h"

/*
 * Volume ids: 0 .. that - 1. None is used again, as an inode number must not
 * come to mean another LUN: enough for all that one daemon will ever see. What
 * is indexed by them takes memory only as far as it is touched.
 */
#define KEEP_MAX_VOLUMES (1u << 20)

/* Written by the supervisor, read by the worker. */
struct keep_info {
	_Atomic pid_t supervisor_pid;
	_Atomic pid_t worker_pid;
	_Atomic uint32_t restarts;
	_Atomic uint64_t start_realtime_ns; /* of the daemon */
	_Atomic uint64_t worker_start_ns;   /* CLOCK_MONOTONIC */
	_Atomic int last_exit;		    /* wait status of the last worker */
	_Atomic uint32_t restart_delay_ms;  /* of the next, 0: at once */
};

struct slices;
struct keep; /* the mapping */

/* -ENOMEM with nothing done, else 0. Supervisor, once. */
int keep_new(struct keep **ret);
void keep_free(struct keep *k); /* for tests: the daemon keeps it to its end */
struct keep_info *keep_info(struct keep *k);

/*
 * The events. A line is one JSON object without its newline; it is cut into
 * nothing: a line longer than KEEP_LINE_MAX is refused (-E2BIG). An append
 * becomes visible whole or not at all, also when the writer is killed in it.
 */
#define KEEP_LINE_MAX 4000
int keep_event_append(struct keep *k, const char *line);
uint64_t keep_event_head(const struct keep *k); /* position after the last */
uint64_t keep_event_tail(const struct keep *k); /* of the oldest kept line */
/*
 * Copies up to size bytes from position pos on; returns how many (0: pos is
 * the head). A position that has been overwritten yields, up to the tail or
 * the size, one line {"event":"lost","bytes":N} padded with blanks before its
 * newline, so that positions still add up.
 */
size_t keep_event_read(const struct keep *k, uint64_t pos, char *buf,
		       size_t size);

/* The text; NUL-terminated, "" at first. -E2BIG: does not fit (8 MiB). */
int keep_text_set(struct keep *k, const char *text);
const char *keep_text(const struct keep *k);

/*
 * Kernel poll handles (never 0), each once. When all KEEP_POLLS places are
 * taken the oldest makes room and is returned: the caller wakes it, as a
 * handle that nobody knows would sleep for ever. Else 0 is returned.
 */
#define KEEP_POLLS 256
uint64_t keep_poll_add(struct keep *k, uint64_t kh);
/*
 * To wake those who wait: get copies all handles into buf (KEEP_POLLS places)
 * and says how many; notify each; then clear. In this order a worker killed in
 * between makes the next one wake some of them twice, which does no harm.
 */
size_t keep_poll_get(const struct keep *k, uint64_t *buf);
void keep_poll_clear(struct keep *k);

/* Opens of a volume's file without a release yet. */
_Atomic uint32_t *keep_opens(struct keep *k, uint32_t volume_id);
/*
 * Counts n up or down for a request of the kernel, whose number is unique, and
 * returns what it was before. The same request again, as a worker has died
 * before it could answer, counts once and returns the same.
 */
uint32_t keep_count(struct keep *k, _Atomic uint32_t *n, uint64_t unique,
		    bool up);
struct slices *keep_slices(struct keep *k);

#endif
