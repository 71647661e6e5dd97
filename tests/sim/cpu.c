// SPDX-License-Identifier: MIT
/*
 * A machine in the place of core/cpu.c, which the linker leaves out then: eight
 * CPUs on two nodes, each lane on one of its own.
 */
#include "core/cpu.h"

#include "tests/sim/sim.h"

#define CPUS 8
#define CPUS_PER_NODE 2

static unsigned int current;

void cpu_use(unsigned int lane)
{
	current = lane;
}

unsigned int cpu_count(void)
{
	return CPUS;
}

unsigned int cpu_node(unsigned int cpu)
{
	return cpu / CPUS_PER_NODE;
}

unsigned int cpu_current(unsigned int *node)
{
	*node = cpu_node(current);
	return current;
}
