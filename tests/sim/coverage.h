/* SPDX-License-Identifier: MIT */
/*
 * What the runs have reached: events with the kind of their cause, answers,
 * faults. Plain counters, so that it can lie in shared memory.
 */
#ifndef MPATHFS_TESTS_SIM_COVERAGE_H
#define MPATHFS_TESTS_SIM_COVERAGE_H

#include <stdio.h>
#include "core/monitor.h"
#include "tests/sim/plan.h"

#define COVERAGE_ROWS 64

struct coverage {
	uint64_t seeds, items[ITEM_KINDS], faults[FAULT_KINDS], ops[5];
	uint64_t answers, orphans;
	uint64_t errs[192]; /* answers by errno */
	struct coverage_row {
		char text[48];
		uint64_t n;
	} row[COVERAGE_ROWS];
};

void coverage_event(struct coverage *c, const struct event *ev);
void coverage_add(struct coverage *sum, const struct coverage *c);
void coverage_print(const struct coverage *c, FILE *f);

#endif
