/* SPDX-License-Identifier: MIT */
/*
 * The worker's side of the kept text (fs/keep.h): what the last worker knew,
 * parsed, and writing it anew when it changes.
 *
 *   volume VOLUME ID            numbers in inodes, never given twice
 *   path VOLUME PATH ID
 *   held VOLUME PATH            `offline`
 *   failed VOLUME PATH          so that the next worker starts without it
 *   live VOLUME OPTION VALUE    written through the tree
 *   found VOLUME NAME SIZE BLOCK  one that was found, as it was
 *   removed / DISK              by an operator's `remove`
 *   registered VOLUME - KEY     as reservation_key has it; another word: not
 *
 * VOLUME is the volume's key: its name, or /WWID of one that was found.
 *
 * Holds are on disk too (STATE_DIR/holds), for the next daemon. Monitor's
 * thread.
 */
#ifndef MPATHFS_FS_KEPT_H
#define MPATHFS_FS_KEPT_H

#include "core/base.h"
#include "core/config.h"
#include "core/discovery.h"

struct keep;
struct kept;
struct monitor;

/* Parses what is there. state_dir: where holds are read from at generation 0. */
struct kept *kept_new(struct keep *keep, const char *state_dir,
		      bool first_worker);
void kept_free(struct kept *k);

/* A number for a name, always the same; UINT32_MAX: no memory. */
uint32_t kept_volume_id(struct kept *k, const char *volume);
uint32_t kept_path_id(struct kept *k, const char *volume, const char *path);

/* What was so when the last worker died. */
bool kept_held(const struct kept *k, const char *volume, const char *path);
bool kept_failed(const struct kept *k, const char *volume, const char *path);
const char *kept_live(const struct kept *k, const char *volume, enum opt o);

/* The i-th volume that was found, as it was then; false: there are fewer. */
bool kept_found(const struct kept *k, size_t i, struct discovery_kept *ret);
/* Its registration, as monitor_front.kept_registered. */
const char *kept_registered(const struct kept *k, const char *volume);
bool kept_removed(const struct kept *k, const char *disk);
/* It is so from now on, or no more; written down by the next kept_save(). */
void kept_remove(struct kept *k, const char *disk, bool removed);

/* Writes down what is so now. */
void kept_save(struct kept *k, struct monitor *m);

#endif
