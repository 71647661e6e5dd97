/* SPDX-License-Identifier: MIT */
/*
 * ghost_delay: a volume that comes up with passive paths only (ghost) holds its
 * I/O for so many seconds, or until a path is up: the active ones may be about
 * to appear, and to activate a passive one would move the LUN for nothing.
 *
 * It is held as while a group is made ready (core/rounds.h), which does not
 * begin before. The monitor's.
 */
#ifndef MPATHFS_CORE_GHOST_H
#define MPATHFS_CORE_GHOST_H

#include "core/base.h"

struct monitor;
struct volume;

/* Of a volume; in volume_run. */
struct ghost {
	uint64_t until; /* ns: I/O is held until then; 0: it is not */
	bool told;	/* that it is held for that reason */
};

/* A new volume. */
void ghost_begin(struct monitor *m, struct volume *v);
/* Has the wait come to its end? In the course of settling. */
void ghost_step(struct monitor *m, struct volume *v);

#endif
