// SPDX-License-Identifier: MIT
/*
 * HP's and Compaq's arrays with one active controller (census 3.5): 4 where a
 * path is ready, 2 where it is passive, else 0. After a reset, and where the
 * question was aborted, as others are by a reset, it asks again, a few times.
 */
#include "core/device.h"
#include "hw/commands.h"
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"

enum { ACTIVE = 4, PASSIVE = 2, FAILED = 0, TRIES = 5, RESET = 0x0629 };

static int hp_sw_get(struct prio_query *q)
{
	struct scsi_answer a;
	struct errmsg e;
	int tries = TRIES, r;

	do {
		r = command_ready(q->dev->fd, command_timeout(q->timeout), &a,
				  &e);
		if (r)
			return prio_undef(q, "%.90s", e.text);
	} while ((a.sense >> 8 == RESET || scsi_aborted(&a)) && --tries);
	if (a.good)
		return ACTIVE;
	return a.sense == SENSE(2, 0x04, 0x02) ? PASSIVE : FAILED;
}

const struct prioritizer_ops prio_hp_sw = {
	.name = "hp_sw",
	.get = hp_sw_get,
	.needs_device = true,
	.blocks = true,
};
