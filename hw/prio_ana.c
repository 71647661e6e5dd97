// SPDX-License-Identifier: MIT
/* NVMe: by the state of the namespace's ANA group (census 3.5). */
#include <stdio.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/ana.h"
#include "hw/nvme.h"
#include "hw/prioritizers.h"

static const int priorities[] = {
	[ANA_OPTIMIZED] = 50,	[ANA_NON_OPTIMIZED] = 10,
	[ANA_INACCESSIBLE] = 1, [ANA_PERSISTENT_LOSS] = 0,
	[ANA_CHANGE] = 1,
};

static int ana_get(struct prio_query *q)
{
	enum ana_state state;
	struct errmsg e;

	if (ana_read(q->dev->fd, nvme_timeout(q->timeout), &state, &e)) {
		snprintf(q->message, sizeof(q->message), "%.95s", e.text);
		return PRIO_UNDEF;
	}
	q->access_state = ana_state_text(state);
	return priorities[state];
}

static bool ana_match(const struct path_facts *f)
{
	return f->ana;
}

const struct prioritizer_ops prio_ana = {
	.name = "ana",
	.match = ana_match,
	.get = ana_get,
	.needs_device = true,
	.blocks = true,
};
