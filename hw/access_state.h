/* SPDX-License-Identifier: MIT */
/*
 * Asymmetric access states of a SCSI target port group (SPC-4, 6.27), and the
 * priorities that go with them (census 3.5): for what asks the array, and for
 * what reads the kernel's words for them. Pure functions.
 */
#ifndef MPATHFS_HW_ACCESS_STATE_H
#define MPATHFS_HW_ACCESS_STATE_H

#include "core/base.h"
#include "core/errmsg.h"

enum access_state {
	ACCESS_OPTIMIZED = 0x0,
	ACCESS_NON_OPTIMIZED = 0x1,
	ACCESS_STANDBY = 0x2,
	ACCESS_UNAVAILABLE = 0x3,
	ACCESS_LBA_DEPENDENT = 0x4,
	ACCESS_OFFLINE = 0xe,
	ACCESS_TRANSITIONING = 0xf,
	ACCESS_UNKNOWN = 0x100,
};

/* "active/optimized"; NULL: there is no such state. */
const char *access_state_text(unsigned int state);
/* ACCESS_UNKNOWN: there is no such word. */
unsigned int access_state_of_text(const char *text);
/* Does the array take I/O there? */
bool access_usable(unsigned int state);

/*
 * active/optimized 50, active/non-optimized 10, lba-dependent 5, standby 1, any
 * other 0; and 80 more where the array prefers the path. A path that is
 * optimized stays in one group with others that are, preferred or not, unless
 * args (of the prioritizer) say exclusive_pref_bit.
 */
int access_priority(unsigned int state, bool preferred, const char *args);
/* As check_args() of a prioritizer. */
int access_check_args(const char *args, struct errmsg *e);

#endif
