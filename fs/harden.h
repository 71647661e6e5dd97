/* SPDX-License-Identifier: MIT */
/*
 * What keeps a daemon alive while the kernel, short of memory, writes dirty
 * pages back through it.
 */
#ifndef MPATHFS_FS_HARDEN_H
#define MPATHFS_FS_HARDEN_H

#include "core/base.h"

/*
 * For each process anew, in its first thread before there are others: memory
 * locks do not survive a fork, the rest does. What is refused (containers, no
 * CAP_SYS_RESOURCE) is left as it is; say: with a warning.
 */
void process_harden(bool say);

/* So many open files (max_fds; 0: as many as there may be): every path is one.
 * At the start; what is forked has it too. */
void process_allow_files(uint64_t max);

#endif
