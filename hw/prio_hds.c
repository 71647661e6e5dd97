// SPDX-License-Identifier: MIT
/*
 * Hitachi's modular arrays (census 3.5): 1 where the numbers of the LDEV and
 * of the controller are both even or both odd, else 0, which halves the LUNs
 * between the two controllers. Both stand in the standard INQUIRY data, as
 * digits.
 */
#include <ctype.h>

#include "core/device.h"
#include "hw/commands.h"
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"

enum { ROOM = 255, AT_LDEV_LAST = 47, AT_CONTROLLER = 49, LEAST = 50 };

static int hds_get(struct prio_query *q)
{
	uint8_t data[ROOM], ldev, controller;
	struct scsi_answer a;
	struct errmsg e;
	int r = command_inquiry(q->dev->fd, data, sizeof(data),
				command_timeout(q->timeout), &a, &e);

	if (r || !a.good)
		return prio_undef(q, "INQUIRY: %.80s", r ? e.text : a.text);
	ldev = data[AT_LDEV_LAST];
	controller = data[AT_CONTROLLER];
	if (a.got < LEAST || !isxdigit(ldev) || !isdigit(controller))
		return prio_undef(q, "INQUIRY: no LDEV and controller in it");
	/* The codes of '0', '2' and so on are even; that of 'A', 10, is odd. */
	if (!isdigit(ldev))
		ldev++;
	return (ldev & 1) == (controller & 1);
}

const struct prioritizer_ops prio_hds = {
	.name = "hds",
	.get = hds_get,
	.needs_device = true,
	.blocks = true,
};
