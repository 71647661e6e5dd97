/* SPDX-License-Identifier: MIT */
/* What the kernel knows of a disk and of what it leads to; see core/facts.h. */
#ifndef MPATHFS_HW_FACTS_H
#define MPATHFS_HW_FACTS_H

#include <sys/types.h>
#include "core/base.h"

struct device;
struct path_facts;

/*
 * Fills *ret, which is PATH_FACTS_NONE, in from the attributes of sysfs: SCSI
 * (FC, iSCSI, SAS), NVMe, virtio. What is not there stays unknown. Nothing is
 * sent to the device. Of a partition: of its disk. Any thread.
 */
void facts_of_disk(const char *root, dev_t dev, struct path_facts *ret);
/*
 * The same of an open device, and what its array or its controller says when it
 * is asked (detect.h, ana.h), which may block. Of a file: only that it is none.
 */
void facts_of_device(const char *root, const struct device *d,
		     struct path_facts *ret);
void facts_identify(const struct device *d, struct path_facts *ret);

#endif
