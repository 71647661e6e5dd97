/* SPDX-License-Identifier: MIT */
/* What checkers that send commands have in common. On a pool thread. */
#ifndef MPATHFS_HW_ASKING_H
#define MPATHFS_HW_ASKING_H

#include "core/checker.h"
#include "hw/scsi.h"

/* The descriptor, and the seconds that a command of this check may take. */
int asking_fd(const struct checker *c);
int asking_timeout(const struct checker *c);

/* s, with that text as the message. */
enum check_state asking_says(struct checker *c, enum check_state s,
			     const char *fmt, ...) PRINTF_LIKE(3, 4);
/*
 * The verdict on a command that was not sent, with what scsi_send() returned:
 * CHECK_UNCHECKED where it is no SCSI disk, or there is no memory; else
 * CHECK_DOWN.
 */
enum check_state asking_unsent(struct checker *c, int r,
			       const struct errmsg *e);

/* CHECK_DISCONNECTED: SENSE_NO_SUCH_LUN was the answer. */
enum check_state asking_no_such_lun(struct checker *c);
/*
 * Reads the first block. CHECK_UP: that works, or the LUN is well and another
 * host has it reserved; *ret is the last answer, where there is one.
 */
enum check_state asking_read(struct checker *c, struct scsi_answer *ret);

/*
 * Reads `size` bytes of a VPD page, with so many tries where the way to the
 * disk was disturbed. CHECK_UP: *got bytes came, the rest is zeros. Else that
 * is the verdict: CHECK_UNCHECKED too where the disk is well but does not know
 * the page: it is not what this checker is for.
 */
enum check_state asking_vpd(struct checker *c, uint8_t page, void *buf,
			    size_t size, int tries, size_t *got);

#endif
