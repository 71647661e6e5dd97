// SPDX-License-Identifier: MIT
/*
 * The processors, from glibc and sysfs; see cpu.h. No locks: what is kept is
 * the monitor's. (The tests of who asks put a machine of their own in the place
 * of this file.)
 */
#include "core/cpu.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <sys/sysinfo.h>

#include "core/base.h"

unsigned int cpu_count(void)
{
	int n = get_nprocs_conf();

	return n < 1 ? 1 : MIN((unsigned int)n, CPU_MAX);
}

/* The directory of a CPU has a link to its node, named nodeN. */
static unsigned int read_node(unsigned int cpu)
{
	unsigned int node = 0;
	struct dirent *d;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u", cpu);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((d = readdir(dir)))
		if (sscanf(d->d_name, "node%u", &node) == 1)
			break;
	closedir(dir);
	return node;
}

/* Each group asks for every CPU, and once for each lane: read it once. */
unsigned int cpu_node(unsigned int cpu)
{
	static struct {
		bool known;
		unsigned int node;
	} cache[CPU_MAX]; /* the monitor's */

	assert(cpu < CPU_MAX);
	if (!cache[cpu].known) {
		cache[cpu].node = read_node(cpu);
		cache[cpu].known = true;
	}
	return cache[cpu].node;
}

unsigned int cpu_current(unsigned int *node)
{
	unsigned int cpu;

	if (getcpu(&cpu, node)) {
		*node = 0;
		return 0;
	}
	return MIN(cpu, CPU_MAX - 1);
}
