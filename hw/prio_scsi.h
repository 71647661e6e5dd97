/* SPDX-License-Identifier: MIT */
/* What prioritizers that send SCSI commands have in common. On a pool thread.
 */
#ifndef MPATHFS_HW_PRIO_SCSI_H
#define MPATHFS_HW_PRIO_SCSI_H

#include "core/prioritizer.h"

/* PRIO_UNDEF, with that text as the reason. */
int prio_undef(struct prio_query *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * Reads `size` bytes of a VPD page; *got came, the rest is zeros. False: the
 * reason is in q.
 */
bool prio_vpd(struct prio_query *q, uint8_t page, void *buf, size_t size,
	      size_t *got);

#endif
