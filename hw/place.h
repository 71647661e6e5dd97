/* SPDX-License-Identifier: MIT */
/*
 * Where a disk is in sysfs, which tells the way to it: the components of its
 * directory name the adapter, the host, the session or remote port, and the
 * target,
 *
 *   .../0000:03:00.0/host2/rport-2:0-1/target2:0:1/2:0:1:3/block/sdb
 *
 * and each of them has a directory of its class with what is known of it. root
 * stands before "/sys"; it is "" but in tests. Nothing is sent to the device.
 * Any thread.
 */
#ifndef MPATHFS_HW_PLACE_H
#define MPATHFS_HW_PLACE_H

#include <sys/types.h>
#include "core/base.h"

enum place_kind { PLACE_SCSI, PLACE_NVME, PLACE_DASD, PLACE_OTHER };

struct place {
	const char *root; /* the caller's */
	char *disk;	  /* its directory, without links */
	const char *name; /* the kernel's, within disk */
	char *device;	  /* what the disk's `device` leads to; NULL: nothing */
	enum place_kind kind;
};

/* Of the disk that dev is, or is a partition of. False: there is none. */
bool place_find(const char *root, dev_t dev, struct place *ret) MUST_CHECK;
void place_free(struct place *p);

/*
 * Is it what the kernel's own NVMe multipath makes of several namespaces? Then
 * `device` is the subsystem that their controllers belong to, else that one
 * controller.
 */
bool place_is_nvme_head(const struct place *p);

/*
 * The last component of its directory that begins with prefix and a digit,
 * into buf. Not there: false, and buf is "".
 */
bool place_component(const struct place *p, const char *prefix, char *buf,
		     size_t size);
/* Is there a directory ROOT/sys/class/CLASS/NAME? */
bool place_in_class(const struct place *p, const char *class,
		    const char *name);
/* An attribute of that directory; as sysfs_text(). */
bool place_class_text(const struct place *p, const char *class,
		      const char *name, const char *attr, char *buf,
		      size_t size);
/* Writes it; may block. 0 or -errno; -ENOENT: there is no such thing. */
int place_class_write(const struct place *p, const char *class,
		      const char *name, const char *attr,
		      const char *text) MUST_CHECK;
/* The address of the PCI function nearest to the disk; "" none. */
void place_pci_address(const struct place *p, char *buf, size_t size);

#endif
