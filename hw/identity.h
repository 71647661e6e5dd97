/* SPDX-License-Identifier: MIT */
/*
 * Who a disk is and how it is reached, by its own word (census 6.1): what
 * discovery asks of hw/, see struct disk_probe.
 */
#ifndef MPATHFS_HW_IDENTITY_H
#define MPATHFS_HW_IDENTITY_H

#include <sys/types.h>
#include "core/base.h"
#include "core/disk.h"
#include "core/errmsg.h"

/* By the attributes of sysfs alone: sends nothing, never blocks. Any thread. */
extern const struct disk_probe identity_probe;

/* Its functions, with what stands before "/sys". */
void identity_protocol(const char *root, dev_t dev, char *buf, size_t size);
void identity_joined(const char *root, dev_t dev, char *buf, size_t size);
void identity_wwid(const char *root, dev_t dev, char *buf, size_t size,
		   char *from, size_t from_size);

/*
 * The WWID of a SCSI disk from its VPD page 0x83, by INQUIRY, for where the
 * kernel has no copy of that page, or an old one: one command, or two where the
 * page is long, each as scsi_read() does it. Blocks: pool threads only.
 * -ENODATA: it has no such page, or no name in it; else as vpd_wwid(),
 * -EOVERFLOW also where there is no room for the name in size bytes, or as
 * scsi_read(); with the reason in e.
 */
int identity_inquire_wwid(int fd, int timeout, char *ret, size_t size,
			  struct errmsg *e) MUST_CHECK;

/* As disk_inquire(). */
int identity_of_node(const char *node, dev_t devt, char *ret, size_t size,
		     struct errmsg *e) MUST_CHECK;

struct device;

/*
 * The WWID of an open SCSI disk, NVMe namespace or DASD by its own word: of
 * SCSI by INQUIRY if send is set, else by sysfs. "": it has none, or is of no
 * such kind; what a host calls its virtio disks does not count. Blocks if send
 * is set. -errno with the reason in e: it has not answered.
 */
int identity_ask(const char *root, const struct device *d, bool send, char *ret,
		 size_t size, struct errmsg *e) MUST_CHECK;
/* As device_wwid(). */
int identity_read(const struct device *d, char *ret, size_t size,
		  struct errmsg *e) MUST_CHECK;

#endif
