/* SPDX-License-Identifier: MIT */
/* Running a plan where it may die, and cutting a failing one short. */
#ifndef MPATHFS_TESTS_SIM_SHRINK_H
#define MPATHFS_TESTS_SIM_SHRINK_H

#include "tests/sim/plan.h"

struct outcome {
	bool ended; /* else it died */
	bool good;  /* no rule was broken */
	const char *kind;
	char why[512]; /* what was */
};

/*
 * Runs p, without the masked items, in a process of its own: an assertion or a
 * sanitizer may end it. True: it ended and no rule was broken. say: the log
 * goes to stdout.
 */
bool shrink_try(struct plan *p, const bool *masked, bool say,
		struct outcome *ret);
/* Masks all that a failing plan does not need to fail in that way. */
void shrink_plan(struct plan *p, bool *masked, const char *kind);

#endif
