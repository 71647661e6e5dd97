/* SPDX-License-Identifier: MIT */
/*
 * REPORT TARGET PORT GROUPS (SPC-4, 6.27): in which state each group of an
 * array's ports is for a LUN (census 3.1).
 */
#ifndef MPATHFS_HW_RTPG_H
#define MPATHFS_HW_RTPG_H

#include "core/base.h"
#include "core/errmsg.h"
#include "hw/scsi.h"

struct rtpg_group {
	uint16_t id;
	uint8_t state; /* enum access_state, or a number that has no name */
	bool preferred;
	uint8_t supported; /* states, as bits, as they came */
};

/* What a page says of itself; `at` is where the first group is. */
struct rtpg_page {
	size_t size; /* bytes, with the length field; may be more than came */
	size_t at;
	unsigned int transition_time; /* seconds; 0: it does not say */
};

/*
 * Pure functions on the `len` bytes that came. -EINVAL: no such page, or a
 * group reaches over its end; -EOVERFLOW: it is longer than len.
 */
int rtpg_page(const uint8_t *buf, size_t len, struct rtpg_page *ret) MUST_CHECK;
/* The group of that number; -ENODATA: there is none. The first one counts. The
 * whole page must be sound. */
int rtpg_find(const uint8_t *buf, size_t len, uint16_t id,
	      struct rtpg_group *ret) MUST_CHECK;

/*
 * The command, once, for who has to see how it ended; blocks. extended: ask for
 * the header that has the transition time, which not every disk knows.
 */
int rtpg_send(int fd, int timeout, bool extended, uint8_t *buf, size_t size,
	      struct scsi_answer *ret, struct errmsg *e) MUST_CHECK;

/*
 * All of the page, with the short header; blocks. 128 bytes at first, and again
 * if there are more. A unit attention, an abort and a disk that is not ready:
 * three times more. *page is the caller's to free. Failures as of scsi_read(); -EOVERFLOW:
 * a page that no array can mean.
 */
int rtpg_read(int fd, int timeout, uint8_t **page, size_t *len,
	      struct errmsg *e) MUST_CHECK;

#endif
