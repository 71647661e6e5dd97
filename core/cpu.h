/* SPDX-License-Identifier: MIT */
/* The processors of this machine, as far as a selector asks for them. */
#ifndef MPATHFS_CORE_CPU_H
#define MPATHFS_CORE_CPU_H

/* Those above do not exist for us. */
#define CPU_MAX 1024

/* How many there can be, online or not: 1..CPU_MAX; they are numbered 0.. */
unsigned int cpu_count(void);
/* The NUMA node of a CPU; 0 if that is not known. Reads sysfs. Monitor. */
unsigned int cpu_node(unsigned int cpu);
/* Where the caller runs now, < CPU_MAX, and its node. Never blocks. */
unsigned int cpu_current(unsigned int *node);

#endif
