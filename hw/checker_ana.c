// SPDX-License-Identifier: MIT
/*
 * NVMe: what the controller says of the namespace (ANA); multipath-tools have no
 * such checker, see man/mpathfs-hardware.7 for why we do. One that answers but
 * has no ANA, or makes no sense of it, is one that is there.
 */
#include <errno.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/ana.h"
#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/nvme.h"

static const enum check_state verdicts[] = {
	[ANA_OPTIMIZED] = CHECK_UP,	   [ANA_NON_OPTIMIZED] = CHECK_UP,
	[ANA_INACCESSIBLE] = CHECK_GHOST,  [ANA_PERSISTENT_LOSS] = CHECK_DOWN,
	[ANA_CHANGE] = CHECK_PENDING,
};

/* The state is not known: r as of ana_read(). */
static enum check_state unknown(struct checker *c, int r,
				const struct errmsg *e)
{
	switch (r) {
	case -EOPNOTSUPP:
	case -ENODATA:
	case -EOVERFLOW:
	case -EBADMSG:
		return asking_says(c, CHECK_UP, "%.90s", e->text);
	case -ENOTTY:
	case -EINVAL: /* a loop device's word for a call it does not know */
		return asking_says(c, CHECK_UNCHECKED,
				   "not an NVMe namespace");
	case -ENOMEM:
		return asking_says(c, CHECK_UNCHECKED, "%.90s", e->text);
	default:
		return asking_says(c, CHECK_DOWN, "%.90s", e->text);
	}
}

static enum check_state ana_run(struct checker *c)
{
	enum ana_state state;
	struct errmsg e;
	int r = ana_read(asking_fd(c), nvme_timeout(c->timeout), &state, &e);

	if (r)
		return unknown(c, r, &e);
	c->access_state = ana_state_text(state);
	return asking_says(c, verdicts[state], "%s", c->access_state);
}

static unsigned int ana_match(const struct path_facts *f)
{
	return f->ana ? CHECKER_BY_DEFAULT | CHECKER_DETECTED : 0;
}

const struct checker_ops checker_ana = {
	.name = "ana",
	.match = ana_match,
	.run = ana_run,
};
