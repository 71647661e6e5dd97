// SPDX-License-Identifier: MIT
/*
 * Reads the first block by a SCSI command (census 4.3). Deprecated: directio
 * does so on any device. Unlike upstream's it is not up for a lack of memory,
 * and reads one block of the LUN's size.
 */
#include "core/device.h"
#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/commands.h"

static enum check_state readsector0_run(struct checker *c)
{
	struct scsi_answer a;
	struct errmsg e;
	int r = command_read_block(asking_fd(c), c->dev->limits.block,
				   asking_timeout(c), &a, &e);

	if (r)
		return asking_unsent(c, r, &e);
	if (!a.good)
		return asking_says(c, CHECK_DOWN, "%s", a.text);
	return CHECK_UP;
}

const struct checker_ops checker_readsector0 = {
	.name = "readsector0",
	.reads = true,
	.run = readsector0_run,
};
