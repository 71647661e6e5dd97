/* SPDX-License-Identifier: MIT */
/*
 * The worker: the process that serves the mount, until the mount is gone or
 * it dies.
 */
#ifndef MPATHFS_FS_WORKER_H
#define MPATHFS_FS_WORKER_H

#include "core/base.h"
#include "core/errmsg.h"

struct config;
struct config_registry;
struct disk_probe;
struct keep;
struct mount;
struct tree;

/* What main() knows and every worker needs; built before the first fork. */
struct daemon {
	const char *config_file;
	const char *config_dir; /* NULL: none */
	const char *state_dir;
	struct config *config; /* last good one, as the supervisor has it */
	const struct config_registry *registry; /* for config_load() */
	const struct disk_probe *probe; /* what disks say of themselves */
	struct mount *mount;
	struct tree *tree; /* the userdata of tree_ops */
	struct keep *keep;
	/* settled with the mount */
	unsigned int lanes;
	bool writeback;	  /* the kernel is asked for it */
	int more_verbose; /* -v, so many times */
	bool foreground;
};

/* Words on the socket pair between supervisor and worker, one byte each. */
enum worker_word {
	/* supervisor to worker */
	WORD_RELOAD = 'r', /* read the configuration again (SIGHUP) */
	WORD_STOP = 's',   /* no queueing any more: the mount goes away */
	/* worker to supervisor */
	WORD_READY = 'R',    /* serving */
	WORD_RELOADED = 'L', /* it runs with the files as they are now: the */
			     /* supervisor reads them too, for the next worker */
	WORD_RELOAD_ENDED = 'E', /* what WORD_RELOAD asked for, well or not */
	WORD_TRUNCATE = 'T', /* followed by a file's name and a newline: */
			     /* the kernel's idea of its size is wrong */
	WORD_SCAN = 'S',     /* followed by what scan_print() makes and a */
			     /* newline, sent with a pipe: what is the volume's */
			     /* partition table? */
};

/* Exit codes of a worker; any other end is a crash. */
enum { WORKER_UNMOUNTED = 0, WORKER_CANNOT_START = 3 };

/*
 * Serves until the mount is gone; returns the exit code. sock: the worker's
 * end of the pair. generation: 0 for the first worker, then 1, 2, ... (a
 * worker after the first asks the kernel to send open requests again).
 * fs/worker.c; the supervisor calls it in the forked child, which then exits.
 */
int worker_run(struct daemon *d, int sock, unsigned int generation);

/*
 * Everything that can be wrong with the configuration's devices, before
 * anything is mounted: opens each path, compares sizes, closes all. 0, or
 * -errno with the reason in e.
 */
int worker_preflight(const struct daemon *d, struct errmsg *e);

#endif
