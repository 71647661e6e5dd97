/* SPDX-License-Identifier: MIT */
/*
 * Volumes as people see them: the layout of `multipath -ll`, and the words
 * that it has in common with the JSON (fs/status_json.h).
 *
 * dm's words are kept so that what reads one reads the other, with these
 * differences: there is no device mapper device, so "mpathfs" stands where
 * dm-N does; a path of a file has no SCSI address and no device number:
 * "#:#:#:#" and "-". Monitor's thread, or before there is one (--list).
 */
#ifndef MPATHFS_FS_STATUS_H
#define MPATHFS_FS_STATUS_H

#include <stdio.h>
#include "core/base.h"

struct path;
struct volume;

/* The volumes, columns padded over all of them. */
void status_print(FILE *out, const struct volume *const *v, size_t n);

/* "100G", "1.0M": in K, M, G, T, P, a decimal if below 10, as multipath. */
#define STATUS_SIZE_TEXT 16
void status_size_text(uint64_t bytes, char buf[STATUS_SIZE_TEXT]);

/* The words of `features` that are in force: "0", "1 queue_if_no_path", ... */
#define STATUS_FEATURES 96
void status_features_text(const struct volume *v, char buf[STATUS_FEATURES]);
/* dm_st: is I/O sent there? "active" or "failed". */
const char *status_dm_state(const struct path *p);
/* dev_st: "running"; "offline", held by the operator; "stalled". */
const char *status_dev_state(const struct path *p);
/* "8:16", or "-" */
#define STATUS_DEVT_TEXT 24
void status_devt_text(const struct path *p, char buf[STATUS_DEVT_TEXT]);

#endif
