/* SPDX-License-Identifier: MIT */
/*
 * Processes that wait for data and have been sent a signal. A request is given
 * up only if its process is being killed: the kernel tells of any signal once,
 * and of a SIGKILL that follows not at all, so each process is watched until
 * its request has ended or a SIGKILL is pending. Monitor's thread.
 */
#ifndef MPATHFS_FS_INTERRUPT_H
#define MPATHFS_FS_INTERRUPT_H

#include "core/base.h"

struct channel;
struct interrupts;
struct lane_report;

struct interrupts *interrupts_new(struct channel *const *channels);
void interrupts_free(struct interrupts *i);
/* A lane says that r->slot was interrupted. */
void interrupts_add(struct interrupts *i, const struct lane_report *r);
/* Looks at all; returns when to call again (ns; UINT64_MAX: nobody waits). */
uint64_t interrupts_run(struct interrupts *i, uint64_t now);

/* Is that thread being killed, or gone? Not if it cannot be known. */
bool interrupt_killed(uint32_t pid);
/* Does /proc/TID/status, as text, show a pending SIGKILL? */
bool interrupt_kill_pending(const char *status);

#endif
