/* SPDX-License-Identifier: MIT */
/*
 * What the worker remembers of an open file of the tree: the snapshot that
 * was taken at open, or how far a reader of `events` has come.
 *
 * The kernel's handle (fh) outlives the worker, the memory does not: a new
 * worker meets handles that it does not know and makes them anew. So that it
 * never takes its own new handle for an old one, the numbers of two
 * generations of workers differ.
 *
 * A handle of `events` holds in itself where its reader began. Monitor's
 * thread.
 */
#ifndef MPATHFS_FS_HANDLE_H
#define MPATHFS_FS_HANDLE_H

#include "core/base.h"

struct tree;

struct handle {
	uint64_t fh;
	char *text; /* malloc'ed snapshot; NULL: none */
	size_t size;
	uint64_t pos; /* events: the end of what has been read */
};

/* A new number: for a snapshot, or for events read from position base on. */
uint64_t handle_number(struct tree *t);
uint64_t handle_number_events(struct tree *t, uint64_t base);
uint64_t handle_events_base(uint64_t fh);

/* NULL: not known here. */
struct handle *handle_find(struct tree *t, uint64_t fh);
/* Finds or adds; NULL: no memory. */
struct handle *handle_get(struct tree *t, uint64_t fh);
/* Forgets it, if it is known. */
void handle_drop(struct tree *t, uint64_t fh);
void handle_drop_all(struct tree *t);

#endif
