/* SPDX-License-Identifier: MIT */
/*
 * What the runs have reached: events with the kind of their cause, answers,
 * faults, and the branches of each state machine. Plain counters, so that it
 * can lie in shared memory.
 */
#ifndef MPATHFS_TESTS_SIM_COVERAGE_H
#define MPATHFS_TESTS_SIM_COVERAGE_H

#include <stdio.h>
#include "core/monitor.h"
#include "tests/sim/plan.h"

#define COVERAGE_ROWS 1024
#define COVERAGE_TEXT 80

struct coverage {
	uint64_t seeds, items[ITEM_KINDS], faults[FAULT_KINDS], ops[5];
	uint64_t answers, orphans;
	uint64_t errs[192]; /* answers by errno */
	struct coverage_row {
		char text[COVERAGE_TEXT];
		uint64_t n;
	} row[COVERAGE_ROWS]; /* by a hash of the text */
};

/* "WHAT: WHICH" was reached; which may be "". */
void coverage_hit(struct coverage *c, const char *what, const char *which);
/* That text; "": none. */
void coverage_text(char text[COVERAGE_TEXT], const char *what,
		   const char *which);
uint64_t coverage_count(const struct coverage *c, const char *text);
void coverage_event(struct coverage *c, const struct event *ev);
void coverage_add(struct coverage *sum, const struct coverage *c);
void coverage_print(const struct coverage *c, FILE *f);
/* branches.c. Names the branches that must be reached and were not; how many.
 */
unsigned int coverage_missing(const struct coverage *c, FILE *f);

#endif
