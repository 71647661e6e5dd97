/* SPDX-License-Identifier: MIT */
/*
 * What every target in tests/fuzz defines: libFuzzer calls it with bytes of
 * its own making, replay.c with the seeds. It takes any bytes, keeps nothing
 * between two calls, frees what it allocates, and asserts what holds whatever
 * the bytes are. Always 0.
 */
#ifndef MPATHFS_TESTS_FUZZ_FUZZ_H
#define MPATHFS_TESTS_FUZZ_FUZZ_H

#include "core/base.h"

/* data has exactly size bytes of heap: a read beyond them is seen by ASan. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
