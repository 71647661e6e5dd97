// SPDX-License-Identifier: MIT
/* Who a disk is, asked anew of the kernel and of udev, or of itself; see
 * rescan.h. */
#include "core/rescan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/discovery_private.h"
#include "core/disk_job.h"
#include "core/monitor_private.h"

struct rescan {
	struct disk_job job;
	int (*look)(dev_t devt, struct errmsg *e);
	int result;
	struct errmsg why;
};

static void rescan_work(struct disk_job *j)
{
	struct rescan *s = container_of(j, struct rescan, job);

	s->result = s->look(j->devt, &s->why);
}

/* udev goes through its rules again; where no udevd runs, the kernel tells. */
static void ask_udev(struct discovery *d, const char *name)
{
	struct errmsg e;

	if (d->p.source && d->p.source->trigger(d->p.source, name, &e))
		monitor_event(d->m, true, "disk-ignored", NULL, name, e.text,
			      "until the next event or rescan");
}

static void rescan_ended(struct disk_job *j)
{
	const struct rescan *s = container_of(j, struct rescan, job);

	if (s->result && s->result != -ENOTTY)
		monitor_event(j->d->m, true, "rescan-failed", NULL, j->name,
			      s->why.text, "udev is asked all the same");
	ask_udev(j->d, j->name);
}

void rescan_begin(struct discovery *d, const struct disk *disk)
{
	struct rescan *s = d->p.rescan ? calloc(1, sizeof(*s)) : NULL;

	if (!s) {
		ask_udev(d, disk->name);
		return;
	}
	s->job.work = rescan_work;
	s->job.ended = rescan_ended;
	s->look = d->p.rescan;
	disk_job_begin(d, disk, &s->job);
}

/* Asking the disk */

struct inquiry {
	struct disk_job job;
	int (*ask)(const char *node, dev_t devt, char *buf, size_t size,
		   struct errmsg *e);
	char wwid[NAME_SIZE];
	int result;
	struct errmsg why;
};

static void inquiry_work(struct disk_job *j)
{
	struct inquiry *q = container_of(j, struct inquiry, job);

	q->result = q->ask(j->node, j->devt, q->wwid, sizeof(q->wwid), &q->why);
}

/* A disk that has no name, or no page for it, is nothing to tell of. */
static void inquiry_ended(struct disk_job *j)
{
	const struct inquiry *q = container_of(j, struct inquiry, job);
	struct found *f = disk_job_found(j);

	if (q->result && q->result != -ENODATA && q->result != -ENOTTY)
		monitor_event(j->d->m, true, "disk-ignored", NULL, j->name,
			      q->why.text, "it has no WWID");
	if (!f || q->result || !*q->wwid || *f->disk->own_wwid)
		return;
	strcpy(f->disk->own_wwid, q->wwid);
	strcpy(f->disk->own_wwid_from, "SCSI INQUIRY");
	f->dirty = j->d->todo = true;
}

bool inquire_begin(struct discovery *d, const struct disk *disk)
{
	struct inquiry *q = d->p.inquire ? calloc(1, sizeof(*q)) : NULL;

	if (!q)
		return false;
	q->job.work = inquiry_work;
	q->job.ended = inquiry_ended;
	q->ask = d->p.inquire;
	disk_job_begin(d, disk, &q->job);
	return true;
}
