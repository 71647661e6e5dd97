/* SPDX-License-Identifier: MIT */
/* Threads that no signal disturbs: signals are the main thread's. */
#ifndef MPATHFS_CORE_THREAD_H
#define MPATHFS_CORE_THREAD_H

#include <pthread.h>
#include "core/base.h"

/* pthread_create() with every signal blocked. 0 or -errno. */
int thread_start(pthread_t *ret, void *(*fn)(void *), void *arg) MUST_CHECK;

#endif
