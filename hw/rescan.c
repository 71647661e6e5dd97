// SPDX-License-Identifier: MIT
/* Having the kernel look at a disk anew; see rescan.h. No state. */
#include "hw/rescan.h"

#include <errno.h>
#include <string.h>

#include "hw/place.h"
#include "hw/sysfs.h"

static int rescan_place(const struct place *p, struct errmsg *e)
{
	const char *attr = NULL;
	int r;

	if (p->kind == PLACE_SCSI)
		attr = "rescan";
	else if (p->kind == PLACE_NVME && !place_is_nvme_head(p))
		attr = "rescan_controller";
	if (!attr)
		return errmsg_set(e, ENOTTY, "%s: nothing to rescan", p->name);
	r = sysfs_write(p->device, attr, "1");
	return r ? errmsg_set(e, -r, "%s: %s: %s", p->name, attr,
			      strerror(-r)) :
		   0;
}

int rescan_disk(const char *root, dev_t devt, struct errmsg *e)
{
	struct place p;
	int r;

	if (!place_find(root, devt, &p))
		return errmsg_set(e, ENOTTY, "it is no disk");
	r = rescan_place(&p, e);
	place_free(&p);
	return r;
}

int rescan_device(dev_t devt, struct errmsg *e)
{
	return rescan_disk("", devt, e);
}
