/* SPDX-License-Identifier: MIT */
/* Numbers as people write them, taken strictly. */
#ifndef MPATHFS_CORE_NUMBER_H
#define MPATHFS_CORE_NUMBER_H

#include "core/base.h"

/*
 * All of text as a number of that base (2..10) in [min, max], into *ret.
 * Digits only: no sign, blank, prefix or empty text. -EINVAL if it is no such
 * number, -ERANGE if it is out of range. 0 <= min <= max <= INT64_MAX / 16.
 * Any thread.
 */
int number_parse(const char *text, int base, int64_t min, int64_t max,
		 int64_t *ret) MUST_CHECK;

#endif
