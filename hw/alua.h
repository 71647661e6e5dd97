/* SPDX-License-Identifier: MIT */
/*
 * The two commands of ALUA for who has to see how each of them ended: the
 * hardware handler. What a report says: rtpg.h. They block: pool threads only.
 */
#ifndef MPATHFS_HW_ALUA_H
#define MPATHFS_HW_ALUA_H

#include "core/base.h"
#include "core/errmsg.h"
#include "hw/scsi.h"

/*
 * REPORT TARGET PORT GROUPS, with an extended header or without. When *ret is
 * good, *report is the caller's to free, of *len bytes: all of it, in one
 * command or two. -EINVAL: it is no report; -EOVERFLOW: it claims more than any
 * array has.
 */
int alua_report(int fd, bool extended, int timeout, uint8_t **report,
		size_t *len, struct scsi_answer *ret,
		struct errmsg *e) MUST_CHECK;
/* SET TARGET PORT GROUPS: that group shall be optimized. */
int alua_set_optimized(int fd, uint16_t group, int timeout,
		       struct scsi_answer *ret, struct errmsg *e) MUST_CHECK;

#endif
