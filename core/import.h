/* SPDX-License-Identifier: MIT */
/*
 * From a multipath.conf to a configuration of ours.
 *
 * What the file says is collected first, since there the last word on a
 * keyword holds, while our INI takes each only once; then it is written, section
 * by section. What cannot be carried over stands in the output too, as a
 * comment with its line and the reason, and is told to the caller.
 */
#ifndef MPATHFS_CORE_IMPORT_H
#define MPATHFS_CORE_IMPORT_H

#include <stdio.h>
#include "core/base.h"

struct config_registry;

struct import_result {
	/* Lines with a keyword, but for those of blocks too deep to be read. */
	unsigned int translated;
	unsigned int left; /* those that were not */
};

/*
 * Reads in, called name in messages, and writes to out what config_load() with
 * the same reg takes; each thing that was not carried over, or is odd, goes to
 * notes, one a line ("NAME:LINE: ..."). 0, or -errno of reading, writing or
 * memory.
 */
int import_multipath_conf(FILE *in, const char *name,
			  const struct config_registry *reg, FILE *out,
			  FILE *notes, struct import_result *ret) MUST_CHECK;

#endif
