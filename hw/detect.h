/* SPDX-License-Identifier: MIT */
/*
 * What a SCSI array has to be asked, beyond what sysfs tells, before a checker
 * and a prioritizer can be chosen for a path to it (census 3.5, 4.2). Blocks:
 * on the thread that has opened the device.
 */
#ifndef MPATHFS_HW_DETECT_H
#define MPATHFS_HW_DETECT_H

#include <sys/types.h>

struct path_facts;

/*
 * fd is the disk dev, of which f has what sysfs tells: rdac is filled in, and
 * tpgs is taken back where the array does not know the command that goes with
 * it. A disk that the kernel does not take for a running one is not asked. root
 * stands before /sys: "" but in tests.
 */
void detect_array(const char *root, int fd, dev_t dev, struct path_facts *f);

#endif
