/* SPDX-License-Identifier: MIT */
/* --import-multipath-conf: core/import.h, from a file to stdout. */
#ifndef MPATHFS_FS_IMPORT_H
#define MPATHFS_FS_IMPORT_H

struct config_registry;

/*
 * Writes what the multipath.conf in file ("-": stdin) means to stdout, and what
 * is to be known of it to stderr. The process's exit status: a failure only if
 * the file cannot be read or stdout not written; then stdout has nothing, or
 * not all of it.
 */
int import_command(const char *file, const struct config_registry *reg);

#endif
