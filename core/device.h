/* SPDX-License-Identifier: MIT */
/*
 * A device: one open descriptor of a block device or a regular file, with what
 * the kernel says of it, and the thread that submits what may block.
 *
 * Constant after device_open() but for the fields marked atomic. Opened,
 * checked and closed by the monitor; used by every engine.
 *
 * Where devices come from is behind struct device_ops: the real ones are nodes
 * of the file system (core/device.c); the simulator brings its own.
 */
#ifndef MPATHFS_CORE_DEVICE_H
#define MPATHFS_CORE_DEVICE_H

#include <stdatomic.h>
#include <sys/types.h>
#include "core/base.h"
#include "core/errmsg.h"
#include "core/facts.h"
#include "core/submitter.h"

/* What tells this disk from another one that takes its name later. */
struct device_identity {
	dev_t dev;	  /* of the file system, for a regular file */
	ino_t ino;
	dev_t rdev;	  /* of the block device */
	uint64_t diskseq; /* BLKGETDISKSEQ, 0 where the kernel has none */
};

struct device_limits {
	uint64_t size;	   /* bytes */
	uint32_t block;	   /* logical block: offsets, lengths, memory; >= 1 */
	uint32_t max_io;   /* what one submission takes without EAGAIN, bytes */
	bool read_only;
	bool write_protected; /* says the kernel: the disk, not just for us */
	bool is_block;
};

struct device;

struct device_ops {
	/*
	 * Each does what the function of that name below says. open sets
	 * (*ret)->ops; close frees d.
	 */
	int (*open)(const char *path, bool read_only, struct device **ret,
		    struct errmsg *e);
	int (*recheck)(const struct device *d, struct errmsg *e);
	void (*close)(struct device *d);
	/*
	 * Optional. Its size and whether it is read-only, as of now, into *ret,
	 * the rest of which is d's; size 0: it is gone. Never blocks.
	 */
	void (*look)(const struct device *d, struct device_limits *ret);
	/* Optional. Its bytes as of now; 0: it is gone. Any thread; never
	 * blocks. */
	uint64_t (*size)(const struct device *d);
	/*
	 * Optional. The device is to get no larger pieces than that, in KiB: the
	 * kernel is told, where it is a block device, and limits.max_io is cut.
	 * -errno with the reason in e: only the latter. May block.
	 */
	int (*limit)(struct device *d, uint32_t max_sectors_kb,
		     struct errmsg *e);
	/* open and close never block: they need no thread of their own. */
	bool at_once;
};

extern const struct device_ops device_node_ops;

struct device {
	const struct device_ops *ops;
	char *path;
	int fd;
	struct device_identity id;
	struct device_limits limits;
	struct path_facts facts; /* filled in by whoever has it opened */
	_Atomic int shares;  /* owners beside the first; device_get() */
	_Atomic bool nowait; /* RWF_NOWAIT is worth trying; cleared for good */
	struct submitter submitter;
};

/*
 * Opens path, O_DIRECT where the file system has it; a block device is held
 * exclusively (as dm does), so that nobody mounts one path beside us.
 * read_only: opened for a look (--list); limits.read_only says whether it
 * could be written to. -errno with the reason in e. May block on a
 * device that is dead: open only.
 */
int device_open(const struct device_ops *ops, const char *path,
		bool read_only, struct device **ret, struct errmsg *e) MUST_CHECK;

/*
 * Is what the descriptor leads to still that disk, of that size? 0, or -errno
 * (-ENODEV gone, -ESTALE another disk, -ENOSPC shrunk or grown) with the
 * reason in e. Does no I/O and asks no file server: never blocks.
 */
int device_recheck(const struct device *d, struct errmsg *e);

/* Does it end before that byte, as of now? Any thread; never blocks. */
bool device_ends_before(const struct device *d, uint64_t end);

/* max_sectors_kb; 0: as it is. Before its first I/O; may block. */
int device_limit(struct device *d, uint32_t max_sectors_kb,
		 struct errmsg *e) MUST_CHECK;

/* d, for one owner more. Monitor. */
struct device *device_get(struct device *d);

/* Of this owner nothing is in flight. The last one's ends the submitter thread;
 * that may block. */
void device_close(struct device *d);

/*
 * How the array sees this way to the LUN, in the kernel's words, as
 * "active/optimized". False: the kernel does not say. An attribute of sysfs:
 * nothing is sent to the device.
 */
bool device_access_state(const struct device *d, char *buf, size_t size);

/* "8:16" of a block device, "-" of a file. */
void device_devt_text(const struct device *d, char *buf, size_t size);

#endif
