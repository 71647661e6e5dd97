/* SPDX-License-Identifier: MIT */
/*
 * Asymmetric Namespace Access (NVMe 1.4, 8.20): in which state a namespace is
 * for the controller that is asked.
 */
#ifndef MPATHFS_HW_ANA_H
#define MPATHFS_HW_ANA_H

#include "core/base.h"
#include "core/errmsg.h"

enum ana_state {
	ANA_OPTIMIZED = 0x1,
	ANA_NON_OPTIMIZED = 0x2,
	ANA_INACCESSIBLE = 0x3,
	ANA_PERSISTENT_LOSS = 0x4,
	ANA_CHANGE = 0xf,
};

/* The kernel's word, "optimized"; NULL: there is no such state. */
const char *ana_state_text(unsigned int state);

/*
 * From the `len` bytes that came of the log page 0x0c: the state of the group
 * that has the namespace, or has that number (0: unknown). The first one
 * counts. Pure. -ENODATA: there is none; -EOVERFLOW: the log is cut off;
 * -EBADMSG: a state that there is not.
 */
int ana_find(const uint8_t *log, size_t len, uint32_t nsid, uint32_t group,
	     enum ana_state *ret) MUST_CHECK;

/*
 * Has the controller such a thing? Asks it; blocks. timeout: ms. -errno with
 * the reason in e: it has not answered.
 */
int ana_supported(int fd, unsigned int timeout, bool *ret,
		  struct errmsg *e) MUST_CHECK;

/*
 * Asks the controller; blocks. timeout: ms, for each command. -EOPNOTSUPP: it
 * has no such thing; else as ana_find() and hw/nvme.h, with the reason in e.
 */
int ana_read(int fd, unsigned int timeout, enum ana_state *ret,
	     struct errmsg *e) MUST_CHECK;

#endif
