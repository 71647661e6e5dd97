/* SPDX-License-Identifier: MIT */
/*
 * Events: what has happened, as one line of JSON in the kept log and as a line
 * of the daemon's log. Monitor's thread.
 */
#ifndef MPATHFS_FS_EVENTS_H
#define MPATHFS_FS_EVENTS_H

#include "core/base.h"

struct event;
struct keep;

/*
 * ev as JSON without a newline, malloc'ed; NULL: no memory. realtime: ns since
 * the epoch; pos: the line's place in the log. Keys whose text is missing are
 * left out. Texts that would make the line longer than the log takes are cut.
 */
char *events_line(const struct event *ev, uint64_t realtime, uint64_t pos);

/* Appends ev to k's log and says it in the daemon's. */
void events_emit(struct keep *k, const struct event *ev);

#endif
