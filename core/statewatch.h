/* SPDX-License-Identifier: MIT */
/*
 * Have the files of the state directory that people and other programs may
 * change, bindings and wwids, been changed? By ourselves counts, too.
 */
#ifndef MPATHFS_CORE_STATEWATCH_H
#define MPATHFS_CORE_STATEWATCH_H

#include "core/base.h"

/* A descriptor, readable when something may have; -1: nobody will tell. May
 * block, as the directory is looked up. */
int statewatch_open(const char *dir);
/* Takes what has been told so far; true: one of them is another. fd -1: none.
 * Never blocks. */
bool statewatch_take(int fd);

#endif
