/* SPDX-License-Identifier: MIT */
/*
 * The unit path report of an EMC CLARiiON: VPD page 0xC0 (census 3.2, 3.5,
 * 4.3). Pure functions on the bytes that came.
 */
#ifndef MPATHFS_HW_CLARIION_H
#define MPATHFS_HW_CLARIION_H

#include "core/base.h"

enum {
	CLARIION_PAGE = 0xc0,
	CLARIION_ROOM = 128, /* bytes to ask for */
};

enum clariion_lun {
	CLARIION_UNBOUND = 0, /* or LUN Z */
	CLARIION_BOUND = 1,   /* to the other service processor */
	CLARIION_OWNED = 2,
};

struct clariion {
	enum clariion_lun lun;
	uint8_t default_sp, current_sp;
	uint8_t wwn[16];
	bool configured; /* failover mode 1 or 4, initiator type, commpath */
	bool busy;	 /* an upgrade: not for normal operations just now */
};

/*
 * -ENODATA: not that page, or not of a format that is known; -EOVERFLOW: cut
 * off; -EINVAL: it says what cannot be.
 */
int clariion_parse(const uint8_t *page, size_t len,
		   struct clariion *ret) MUST_CHECK;

#endif
