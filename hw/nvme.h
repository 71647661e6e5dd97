/* SPDX-License-Identifier: MIT */
/*
 * NVMe admin commands that read, by the kernel's ioctl. libnvme would add three
 * libraries to the daemon for what is one call, and its own calls change.
 * timeout: ms. They block: pool threads only.
 *
 * -ENOTTY: no NVMe namespace; -EIO: the controller refused it; what ioctl(2)
 * says; with the reason in e.
 */
#ifndef MPATHFS_HW_NVME_H
#define MPATHFS_HW_NVME_H

#include "core/base.h"
#include "core/errmsg.h"

enum { NVME_IDENTIFY_SIZE = 4096 };

/* What the commands of a question may take each that may take ns. */
static inline unsigned int nvme_timeout(uint64_t ns)
{
	return (unsigned int)MIN(ns / NSEC_PER_MSEC, (uint64_t)UINT32_MAX);
}

/* The number of the namespace that fd is. */
int nvme_namespace(int fd, uint32_t *ret, struct errmsg *e) MUST_CHECK;
/* IDENTIFY: of the namespace, or of the controller. */
int nvme_identify_namespace(int fd, uint32_t nsid,
			    uint8_t buf[NVME_IDENTIFY_SIZE],
			    unsigned int timeout, struct errmsg *e) MUST_CHECK;
int nvme_identify_controller(int fd, uint8_t buf[NVME_IDENTIFY_SIZE],
			     unsigned int timeout, struct errmsg *e) MUST_CHECK;
/*
 * GET LOG PAGE: size bytes (a multiple of 4) of the page for all namespaces,
 * events stay as they are. specific: the field of that name.
 */
int nvme_log(int fd, uint8_t page, unsigned int specific, uint8_t *buf,
	     size_t size, unsigned int timeout, struct errmsg *e) MUST_CHECK;

#endif
