/* SPDX-License-Identifier: MIT */
/*
 * What the supervisor says of its workers and of the kernel: to the log, and
 * of workers also to the events, which are its to write while none lives.
 */
#ifndef MPATHFS_FS_REPORT_H
#define MPATHFS_FS_REPORT_H

#include <sys/types.h>
#include "core/base.h"

struct keep;
struct mount;

struct report_death {
	pid_t pid;
	int status;	       /* of waitpid(2) */
	unsigned int restarts; /* with the one that follows */
	uint32_t delay_ms;     /* until then */
	bool slowed;	       /* restarts are slowed down from this one on */
};

void report_death(struct keep *k, const struct report_death *d);

/* What this kernel cannot do, or is set to do, that endangers the mount. */
void report_kernel(const struct mount *m);

#endif
