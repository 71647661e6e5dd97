/* SPDX-License-Identifier: MIT */
/*
 * The volume access control page of LSI's arrays (NetApp E-series and their
 * relatives): VPD page 0xC9 (census 3.3, 3.5, 4.3). Pure functions on the bytes
 * that came.
 */
#ifndef MPATHFS_HW_RDAC_H
#define MPATHFS_HW_RDAC_H

#include "core/base.h"

enum { RDAC_PAGE = 0xc9 };

struct rdac {
	bool connected;	    /* if not, nothing else is known */
	bool owner;	    /* this controller is */
	bool ioship;	    /* both serve I/O */
	bool avt;	    /* else: whichever gets I/O takes the volume over */
	uint8_t preference; /* 1: a preferred path, 2: one for failover */
	uint8_t length;	    /* as the page says */
	/* From here on: if there are states of target port groups */
	bool has_states;
	uint8_t state;	     /* of this controller, enum access_state */
	uint8_t reason;	     /* for being unavailable: RDAC_... */
	uint8_t other_state; /* of the alternate controller */
};

enum {
	RDAC_NO_RESPONSE = 2,
	RDAC_IN_RESET = 3,
	RDAC_FIRMWARE = 4, /* is being loaded */
	RDAC_FIRMWARE_2 = 5,
	RDAC_QUIESCED = 6,
	RDAC_SERVICE = 7,
};

/* -ENODATA: not that page, or not of a format that is known; -EOVERFLOW: cut
 * off. */
int rdac_parse(const uint8_t *page, size_t len, struct rdac *ret) MUST_CHECK;

#endif
