// SPDX-License-Identifier: MIT
/*
 * Deleting the SCSI device under a disk; see purge.h. No state.
 *
 * While d is open no other disk has its number, and the number leads to its
 * directory; the sequence number that the kernel gives to each disk once says
 * the same again.
 */
#include "hw/purge.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/device.h"
#include "core/number.h"
#include "hw/place.h"
#include "hw/sysfs.h"

/* Where the kernel has none, the open descriptor has to do. */
static bool is_that_disk(const struct place *p, uint64_t diskseq)
{
	char text[24];
	int64_t now;

	return !diskseq || !sysfs_text(p->disk, "diskseq", text, sizeof(text)) ||
	       (!number_parse(text, 10, 0, INT64_MAX / 16, &now) &&
		(uint64_t)now == diskseq);
}

static int delete_disk(const struct place *p, uint64_t diskseq,
		       struct errmsg *e)
{
	int r;

	if (p->kind != PLACE_SCSI)
		return errmsg_set(e, ENOTTY, "%s is no SCSI disk", p->name);
	if (!is_that_disk(p, diskseq))
		return errmsg_set(e, ESTALE, "%s is another disk now", p->name);
	r = sysfs_write(p->device, "delete", "1");
	return r ? errmsg_set(e, -r, "%s: delete: %s", p->name, strerror(-r)) :
		   0;
}

int purge_disk(const char *root, const struct device *d, struct errmsg *e)
{
	struct place p;
	int r;

	if (!d->limits.is_block || !place_find(root, d->id.rdev, &p))
		return errmsg_set(e, ENOTTY, "it is no disk");
	r = delete_disk(&p, d->id.diskseq, e);
	place_free(&p);
	return r;
}

int purge_device(const struct device *d, struct errmsg *e)
{
	return purge_disk("", d, e);
}
