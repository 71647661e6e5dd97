/* SPDX-License-Identifier: MIT */
/*
 * The only reader of clocks. Everything else takes `now` as a parameter:
 * monotonic nanoseconds, so that it can be run on simulated time.
 */
#ifndef MPATHFS_CORE_CLOCK_H
#define MPATHFS_CORE_CLOCK_H

#include "core/base.h"

/* CLOCK_MONOTONIC, ns. Any thread; no system call on a machine with a vDSO. */
uint64_t clock_now(void);

/* CLOCK_REALTIME, ns since the epoch: for people only. */
uint64_t clock_realtime(void);

/* "2026-11-20T10:30:00.123Z" of a clock_realtime() value. */
#define CLOCK_TEXT_SIZE 32
void clock_text(uint64_t realtime_ns, char buf[CLOCK_TEXT_SIZE]);

#endif
