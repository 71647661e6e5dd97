/* SPDX-License-Identifier: MIT */
/*
 * What serves the paths of a volume though something else is configured: a line
 * for each, "PREFIX sdb: path_checker = tur, detected: TPGS 3". Monitor.
 */
#ifndef MPATHFS_FS_CHOSEN_H
#define MPATHFS_FS_CHOSEN_H

#include <stdio.h>

struct monitor;
struct volume;

void chosen_print(FILE *out, const struct monitor *m, const struct volume *v,
		  const char *prefix);

#endif
