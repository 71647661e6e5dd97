// SPDX-License-Identifier: MIT
/*
 * Reads the first block by a SCSI command (census 4.3). Deprecated: directio
 * does so on any device. Unlike upstream's it is not up for a lack of memory,
 * reads one block of the LUN's size, and is up where another host has the LUN
 * reserved: it is I/O that has to meet that.
 */
#include "hw/asking.h"
#include "hw/checkers.h"

static enum check_state readsector0_run(struct checker *c)
{
	struct scsi_answer a;

	return asking_read(c, &a);
}

const struct checker_ops checker_readsector0 = {
	.name = "readsector0",
	.reads = true,
	.run = readsector0_run,
};
