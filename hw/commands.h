/* SPDX-License-Identifier: MIT */
/*
 * The SCSI commands that several parts of hw/ send. timeout: seconds. All of
 * them block: pool threads only. Failures as of scsi_send() or, where there is
 * no answer to look at, of scsi_read().
 *
 * Those that ask for data are tried three times where a unit attention is in
 * the way or they are aborted.
 */
#ifndef MPATHFS_HW_COMMANDS_H
#define MPATHFS_HW_COMMANDS_H

#include "core/base.h"
#include "core/errmsg.h"
#include "hw/scsi.h"

/* Nanoseconds in the seconds that a command takes: at least one. */
int command_timeout(uint64_t ns);

/* TEST UNIT READY */
int command_ready(int fd, int timeout, struct scsi_answer *ret,
		  struct errmsg *e) MUST_CHECK;
/*
 * INQUIRY: `size` bytes of a VPD page, or of the standard data. What does not
 * come is zeros in buf.
 */
int command_vpd(int fd, uint8_t page, void *buf, size_t size, int timeout,
		struct scsi_answer *ret, struct errmsg *e) MUST_CHECK;
int command_inquiry(int fd, void *buf, size_t size, int timeout,
		    struct scsi_answer *ret, struct errmsg *e) MUST_CHECK;
/*
 * All of a VPD page, however long it is, in one command or two. *page is the
 * caller's to free, of *size bytes. What the page claims to have and has not
 * sent is zeros, which name nothing. -ENODATA: it has no such page.
 */
int command_whole_vpd(int fd, uint8_t code, int timeout, uint8_t **page,
		      size_t *size, struct errmsg *e) MUST_CHECK;
/* READ(10) of the first block, of so many bytes, into nowhere. */
int command_read_block(int fd, size_t block, int timeout,
		       struct scsi_answer *ret, struct errmsg *e) MUST_CHECK;

#endif
