// SPDX-License-Identifier: MIT
/*
 * EMC CLARiiON and VNX (census 3.5): 2 where this service processor owns the
 * LUN, 1 where it is bound to the other, and 2 more where this one is the
 * default owner.
 */
#include "hw/clariion.h"
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"

static int emc_get(struct prio_query *q)
{
	uint8_t page[CLARIION_ROOM];
	struct clariion lun;
	size_t got;

	if (!prio_vpd(q, CLARIION_PAGE, page, sizeof(page), &got))
		return PRIO_UNDEF;
	if (clariion_parse(page, got, &lun))
		return prio_undef(q, "VPD page 0xc0: malformed");
	if (!lun.configured)
		return prio_undef(q, "the array is not configured for failover "
				     "of this host");
	if (lun.busy)
		return prio_undef(q, "no normal operations just now");
	return (int)lun.lun + (lun.default_sp == lun.current_sp ? 2 : 0);
}

const struct prioritizer_ops prio_emc = {
	.name = "emc",
	.get = emc_get,
	.needs_device = true,
	.blocks = true,
};
