/* SPDX-License-Identifier: MIT */
/*
 * A machine in the place of core/cpu.c: as many CPUs and nodes as a test
 * wants, and the caller on whichever it says. Included by one file of a
 * program; the linker then leaves the real one out.
 */
#ifndef MPATHFS_TESTS_UNIT_FAKE_CPU_H
#define MPATHFS_TESTS_UNIT_FAKE_CPU_H

#include "core/base.h"
#include "core/cpu.h"

static struct {
	unsigned int count;
	unsigned int per_node; /* CPUs 0.. are of node 0, and so on */
	unsigned int now;      /* where the caller is */
	bool wander;	       /* on the next CPU each time */
} fake_cpu = {.count = 64, .per_node = 16, .wander = true};

unsigned int cpu_count(void)
{
	return fake_cpu.count;
}

unsigned int cpu_node(unsigned int cpu)
{
	return cpu / fake_cpu.per_node;
}

unsigned int cpu_current(unsigned int *node)
{
	unsigned int cpu = fake_cpu.now;

	if (fake_cpu.wander)
		fake_cpu.now = (cpu + 1) % fake_cpu.count;
	*node = cpu / fake_cpu.per_node;
	return cpu;
}

#endif
