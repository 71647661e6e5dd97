// SPDX-License-Identifier: MIT
/*
 * By the access state that the kernel's device handler keeps of a SCSI path
 * (census 3.5); see access_state.h.
 */
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/access_state.h"
#include "hw/prioritizers.h"
#include "hw/sysfs.h"

enum { TPGS_EXPLICIT = 2 };

static int sysfs_get(struct prio_query *q)
{
	CLEANUP_FREE char *disk = sysfs_disk(q->root, q->dev->id.rdev);
	char state[32], preferred[8];

	if (!q->dev->limits.is_block || !disk ||
	    !sysfs_text(disk, "device/access_state", state, sizeof(state))) {
		snprintf(q->message, sizeof(q->message), "no access_state");
		return PRIO_UNDEF;
	}
	return access_priority(access_state_of_text(state),
			       sysfs_text(disk, "device/preferred_path",
					  preferred, sizeof(preferred)) &&
				       !strcmp(preferred, "1"),
			       q->args);
}

/*
 * LSI's arrays balance load by being asked for their groups, so that reading
 * what the kernel knows is not enough there; unless they are only told.
 */
static bool sysfs_match(const struct path_facts *f)
{
	return f->access_state &&
	       (f->tpgs == TPGS_EXPLICIT || (f->tpgs && !f->rdac));
}

const struct prioritizer_ops prio_sysfs = {
	.name = "sysfs",
	.match = sysfs_match,
	.alua = true,
	.get = sysfs_get,
	.check_args = access_check_args,
	.needs_device = true,
};
