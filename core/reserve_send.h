/* SPDX-License-Identifier: MIT */
/*
 * One command of an operation on one path: the reserver, on a thread of the
 * pool, and the time it may take.
 *
 * A command that takes longer than checker_timeout has had no answer. What it
 * answers later means nothing any more; until it has come back no other is
 * sent on that path.
 *
 * All of it is the monitor's.
 */
#ifndef MPATHFS_CORE_RESERVE_SEND_H
#define MPATHFS_CORE_RESERVE_SEND_H

#include "core/base.h"
#include "core/reserver.h"

struct monitor;
struct operation;
struct path;
struct reserve_job;

/*
 * Sends it; reservation_answered() tells the end, maybe before this returns.
 * target: of op.
 */
void reserve_send(struct monitor *m, struct path *p,
		  const struct reserve_command *c, struct operation *op,
		  unsigned int target);
/* What is out on p is for nobody: its operation is dropped, or p taken out. */
void reserve_forget(struct monitor *m, struct path *p);
/* Will reservation_answered() tell an end of p's? */
bool reserve_awaited(const struct path *p);
/* Does a thread have p's device, or will it? */
bool reserve_busy(const struct path *p);
/* Not busy: frees its memory. */
void reserve_free(struct path *p);

#endif
