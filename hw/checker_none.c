// SPDX-License-Identifier: MIT
/*
 * The checker that checks nothing (census 4.3): a path is well as long as its
 * device is there, which core looks after. The choice where the transport
 * itself tells of failures, as NVMe does.
 */
#include "core/facts.h"
#include "hw/checkers.h"

static enum check_state none_start(struct checker *c)
{
	(void)c;
	return CHECK_UP;
}

static unsigned int none_match(const struct path_facts *f)
{
	return f->kind == DEVICE_NVME ? CHECKER_BY_DEFAULT : 0;
}

const struct checker_ops checker_none = {
	.name = "none",
	.match = none_match,
	.start = none_start,
};
