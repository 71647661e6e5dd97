/* SPDX-License-Identifier: MIT */
/*
 * Disks of this machine, as the system tells of them: all there are, and what
 * becomes of them. libudev is behind it (core/disk.c, the only file that
 * includes it); the simulator and tests may bring their own.
 */
#ifndef MPATHFS_CORE_DISK_H
#define MPATHFS_CORE_DISK_H

#include <sys/types.h>
#include "core/base.h"
#include "core/errmsg.h"
#include "core/facts.h"

struct disks;

/* Why a disk is left alone, whatever the configuration says; "" in held_by: it
 * is not. */
struct disk_use {
	bool hidden;	  /* not for anybody to open */
	bool partition;	  /* no whole disk */
	bool usb;
	char held_by[64]; /* "mounted at /data", "dm-3", "swap" */
	char joined[96];  /* the kernel has made it of these paths, which it
			   * hides: "nvme0c0n1, nvme0c1n1"; "" it has not */
};

/*
 * One block device. Whoever is given one owns it: disk_free(). Constant.
 */
struct disk {
	char name[32];	   /* the kernel's: "sdb", "cciss!c0d0" */
	char node[64];	   /* "/dev/sdb"; "": it has none */
	dev_t devt;	   /* 0: hidden */
	uint64_t diskseq;  /* 0: unknown, or a partition */
	uint64_t size;	   /* bytes; 0: no medium, a loop device without file */
	bool read_only;
	char protocol[24]; /* "scsi:fcp", as [protocol ...] names it */
	char controller[32]; /* who tells of the way to it: of NVMe "nvme0", of
			      * SCSI "2:0:1:3"; else "" */
	struct disk_use use;
	struct path_facts facts;
	/* udev's, "KEY=VALUE"; NULL-terminated; never NULL. Where no udevd runs,
	 * the kernel's few and what an entry in /run/udev/data says. */
	char **properties;
	/* What the device itself says, where udev does not: "" unknown. */
	char own_wwid[NAME_SIZE];
	char own_wwid_from[32]; /* "sysfs vpd_pg83" */
};

void disk_free(struct disk *d);
/* The value of a property, or NULL. Valid while d is. */
const char *disk_property(const struct disk *d, const char *key);

enum disk_action {
	DISK_ADD,
	DISK_CHANGE,
	DISK_REMOVE,
	DISK_CONTROLLER, /* disk.controller has told something: what was known
			  * of the way to its disks may be known no more */
};

/* One event; of a DISK_REMOVE only the disk's name and devt count, of a
 * DISK_CONTROLLER only the name, which is the controller's, and the property
 * SDEV_UA: a SCSI disk has told so itself, by a unit attention. */
struct disk_event {
	enum disk_action action;
	struct disk *disk;
};

/* What hw/ knows of a disk; sends nothing to it. Any member may be NULL. */
struct disk_probe {
	/* "scsi:iscsi", ...; "undef": of no kind that is known. */
	void (*protocol)(dev_t devt, char *buf, size_t size);
	void (*facts)(dev_t devt, struct path_facts *ret);
	/* disk_use.joined */
	void (*joined)(dev_t devt, char *buf, size_t size);
	/* The WWID by the kernel's copy of VPD pages and the like, and where
	 * it is from; "" both: unknown. */
	void (*wwid)(dev_t devt, char *buf, size_t size, char *from,
		     size_t from_size);
};

enum { DISK_BATCH_MAX = 1024 };

struct disk_source {
	/*
	 * All disks that are there. sink takes each over. -errno with the
	 * reason in e.
	 */
	int (*enumerate)(struct disk_source *s,
			 void (*sink)(void *ctx, struct disk *d), void *ctx,
			 struct errmsg *e);
	/*
	 * What has happened since the last call, as one batch, merged by the
	 * rules of census 6.7 (disk_merge()): a malloc'ed array that the caller
	 * frees, disks and all; NULL where there are none. Each tells of the
	 * disk as it is now; one that is gone meanwhile has no event but its
	 * DISK_REMOVE, and one that has taken another's name, no properties
	 * until udevd has come to it. *lost: some events are missing, enumerate anew. At most
	 * DISK_BATCH_MAX at once: fd stays readable where there are more.
	 * Never blocks.
	 */
	int (*receive)(struct disk_source *s, struct disk_event **ret,
		       size_t *n, bool *lost, struct errmsg *e);
	/* Asks for a change event that tells of the disk once more (retrigger):
	 * udevd then goes through its rules again. */
	int (*trigger)(struct disk_source *s, const char *name,
		       struct errmsg *e);
	void (*free)(struct disk_source *s);
	int fd; /* readable when receive() has something */
	const char *kind; /* "udev", or "kernel" where no udevd runs */
};

/*
 * libudev's. It listens from now on. Where no udevd runs it is the kernel that
 * it listens to, and that stays so: mpathfs starts after udevd.
 */
int disk_source_new(const struct disk_probe *probe, struct disk_source **ret,
		    struct errmsg *e) MUST_CHECK;

/*
 * Of the events of one disk in a batch: a later remove deletes all earlier
 * ones, a later add deletes earlier changes. Frees what is deleted; the rest
 * keeps its order. Returns how many are left. Of the disks only the names
 * count. n squared comparisons at most.
 */
size_t disk_merge(struct disk_event *ev, size_t n);

#endif
