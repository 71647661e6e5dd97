// SPDX-License-Identifier: MIT
/*
 * Devices of disks that are to become paths: opened beforehand, each on a
 * thread of its own, so that one that hangs holds up nobody; see discovery.h.
 */
#include "core/device.h"
#include "core/discovery_private.h"
#include "core/monitor_private.h"
#include "core/opening.h"

/* Hung ones count; those beyond wait for one to end. */
#define MAX_OPENING 64

/* Of a device that is wanted no more, or of an opening that was for nobody. */
static void closed(struct opening *o, void *owner)
{
	struct discovery *d = o->ctx;

	(void)owner;
	d->nopening--;
	d->todo = true;
	opening_free(o);
}

static void close_device(struct discovery *d, struct device *dev)
{
	const struct opening_task task = {
		.ops = dev->ops,
		.old = dev,
		.ctx = d,
	};
	struct opening *o;

	if (opening_start(&task, &d->m->mailbox, closed, &o))
		device_close(dev); /* no thread: it is done here */
	else
		d->nopening++;
}

void found_close(struct discovery *d, struct found *f)
{
	f->opening = NULL; /* its end finds nobody, and closes it */
	if (f->dev)
		close_device(d, f->dev);
	f->dev = NULL;
	f->tried = false;
	f->other_size = 0;
}

/* The kernel may have given the name to another one meanwhile. */
static bool is_that_disk(const struct device *dev, const struct disk *disk)
{
	if (!dev->limits.is_block)
		return true;
	return dev->id.rdev == disk->devt &&
	       (!dev->id.diskseq || !disk->diskseq ||
		dev->id.diskseq == disk->diskseq);
}

/* The disk an opening is for; NULL: it is for nobody any more. */
static struct found *who_waits(struct discovery *d, const struct opening *o)
{
	for (size_t i = 0; i < d->ndisks; i++)
		if (d->disks[i]->opening == o)
			return d->disks[i];
	return NULL;
}

static void opened(struct opening *o, void *owner)
{
	struct discovery *d = o->ctx;
	struct found *f = who_waits(d, o);

	if (!f) {
		closed(o, owner);
		return;
	}
	d->nopening--;
	d->todo = true;
	f->opening = NULL;
	f->tried = true;
	if (o->dev && is_that_disk(o->dev, f->disk)) {
		reopen_tell_limit(d->m, o, f->of ? f->of->wwid : NULL,
				  f->disk->name);
		f->dev = o->dev;
		o->dev = NULL;
	} else {
		errmsg_put(&f->no_path, "%s",
			   o->dev ? "another disk has taken its name"
				  : o->why.text);
	}
	opening_free(o);
}

static void open_one(struct discovery *d, struct found *f)
{
	const struct opening_task task = {
		.ops = d->m->p.devices,
		.dev_path = f->disk->node,
		.read_only = d->m->p.read_only,
		.max_sectors_kb = (uint32_t)f->of->c.settings
					  .v[OPT_MAX_SECTORS_KB]
					  .num,
		.identify = d->m->p.identify,
		.ctx = d,
	};

	if (opening_start(&task, &d->m->mailbox, opened, &f->opening)) {
		f->tried = true; /* and once more, later */
		errmsg_put(&f->no_path, "no thread to open its device");
		return;
	}
	d->nopening++;
	errmsg_put(&f->no_path, "its device is being opened");
	if (!f->of->open_since)
		f->of->open_since = d->m->now;
}

void found_open(struct discovery *d)
{
	for (size_t i = 0; i < d->ndisks; i++) {
		struct found *f = d->disks[i];

		if (!f->of || f->path_of == f->of || f->opening || f->tried ||
		    (f->of->kept && !f->of->v))
			continue;
		if (d->nopening < MAX_OPENING)
			open_one(d, f);
	}
}

void found_open_again(struct discovery *d)
{
	for (size_t i = 0; i < d->ndisks; i++) {
		struct found *f = d->disks[i];

		/* One that was refused waits for what would change that. */
		if (!f->of || f->path_of == f->of || f->dev || !f->tried ||
		    f->other_size)
			continue;
		f->tried = false;
		f->of->hold.text[0] = '\0';
		d->todo = true;
	}
	d->reopen_at = 0;
}
