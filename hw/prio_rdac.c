// SPDX-License-Identifier: MIT
/*
 * LSI's arrays, NetApp E-series (census 3.5): 2 where this controller owns the
 * LUN; 4 more on a path that the array prefers, 1 more on one that it keeps for
 * failover; 8 more where both controllers serve I/O.
 */
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"
#include "hw/rdac.h"

enum {
	ROOM = 128,
	PAGE_LENGTH = 0x2c, /* of the format that has preferences */
	PREFERRED = 1,
	SECONDARY = 2,
};

static int rdac_get(struct prio_query *q)
{
	uint8_t page[ROOM];
	struct rdac lun;
	int priority = 0;
	size_t got;

	if (!prio_vpd(q, RDAC_PAGE, page, sizeof(page), &got))
		return PRIO_UNDEF;
	if (rdac_parse(page, got, &lun) || !lun.connected ||
	    lun.length != PAGE_LENGTH)
		return prio_undef(q, "VPD page 0xc9: malformed");
	if (lun.owner)
		priority += 2;
	if (lun.preference == PREFERRED)
		priority += 4;
	else if (lun.preference == SECONDARY)
		priority += 1;
	if (lun.ioship)
		priority += 8;
	return priority;
}

const struct prioritizer_ops prio_rdac = {
	.name = "rdac",
	.get = rdac_get,
	.needs_device = true,
	.blocks = true,
};
