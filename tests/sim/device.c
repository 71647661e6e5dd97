// SPDX-License-Identifier: MIT
/*
 * The devices of the simulated paths, and the faults of each path. A device is
 * opened by name, "/sim/VOLUME/PATH", exclusively if it is a block device; it
 * stays what it was when it was opened: when its disk goes or changes, the open
 * one is dead for good.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "tests/sim/array.h"
#include "tests/sim/models.h"

/* struct device_ops has no place for it, and there is one run at a time. */
static struct sim *current;

void device_use(struct sim *s)
{
	current = s;
}

static struct sim_path *find(struct sim *s, const char *dev_path)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		for (unsigned int k = 0; k < s->vols[i].setup->npaths; k++)
			if (!strcmp(s->vols[i].paths[k].dev_path, dev_path))
				return &s->vols[i].paths[k];
	return NULL;
}

static void set_limits(struct device *d, const struct sim_path *sp)
{
	const struct vol_setup *v = sp->sv->setup;

	d->limits = (struct device_limits){
		.size = v->size,
		.block = v->block,
		.max_io = sp->setup->max_io,
		.read_only = sp->setup->read_only,
		.is_block = v->is_block,
	};
	d->id.rdev = makedev(8, sp->sv->index * SIM_PATHS + sp->index);
	d->id.ino = sp->sv->index * SIM_PATHS + sp->index + 1;
	/* The size that a volume begins with is the right one. */
	if (sp->fault[FAULT_RESIZE].until && sp->sv->v)
		d->limits.size += 8 * 4096;
}

static int sim_open(const char *path, bool read_only, struct device **ret,
		    struct errmsg *e)
{
	struct sim_path *sp = find(current, path);
	struct sim_dev *sd;

	(void)read_only;
	assert(sp);
	doubt_seen(sp, false); /* if it was not before, it is no matter */
	if (sp->fault[FAULT_GONE].until)
		return errmsg_set(e, ENOENT, "%s: not there", path);
	if (sp->nopen && sp->sv->setup->is_block)
		return errmsg_set(e, EBUSY, "%s: in use", path);
	sd = calloc(1, sizeof(*sd));
	if (!sd)
		return errmsg_set(e, ENOMEM, "%s: no memory", path);
	sd->d.ops = &sim_device_ops;
	sd->d.path = sp->dev_path;
	sd->d.fd = -1;
	sd->sp = sp;
	set_limits(&sd->d, sp);
	sp->nopen++;
	*ret = &sd->d;
	return 0;
}

static int condemn(struct sim_dev *sd, int err, const char *why,
		   struct errmsg *e)
{
	sd->condemned = true;
	doubt_seen(sd->sp, false);
	return errmsg_set(e, err, "%s", why);
}

static int sim_recheck(const struct device *d, struct errmsg *e)
{
	struct sim_dev *sd = container_of(d, struct sim_dev, d);
	const struct fault *f = sd->sp->fault;
	uint64_t size = sd->sp->sv->setup->size;

	if (f[FAULT_GONE].until)
		return condemn(sd, ENODEV, "the device is gone", e);
	if (sd->dead)
		return condemn(sd, ESTALE, "another disk", e);
	if (f[FAULT_RESIZE].until)
		size += 8 * 4096;
	if (size != d->limits.size)
		return condemn(sd, ENOSPC, "another size", e);
	return 0;
}

/* One that was opened before its disk went leads to nothing any more. */
static uint64_t sim_size(const struct device *d)
{
	const struct sim_dev *sd = container_of(d, struct sim_dev, d);

	return sd->dead ? 0 : sd->sp->sv->setup->size;
}

static void sim_close(struct device *d)
{
	struct sim_dev *sd = container_of(d, struct sim_dev, d);

	if (sd->out)
		sim_fail(current, "%s %s is closed with %u attempts on it",
			 sd->sp->sv->name, sd->sp->name, sd->out);
	assert(sd->sp->nopen > 0);
	sd->sp->nopen--;
	free(sd);
}

const struct device_ops sim_device_ops = {
	.open = sim_open,
	.recheck = sim_recheck,
	.size = sim_size,
	.close = sim_close,
	.at_once = true,
};

/* Faults */

static void kill_open(struct sim *s, struct sim_path *sp)
{
	struct volume *v = sp->sv->v;
	struct path *p = v ? volume_path(v, sp->name) : NULL;

	(void)s;
	if (p && p->dev)
		container_of(p->dev, struct sim_dev, d)->dead = true;
}

/* Would core notice? What was found is looked after by discovery. */
static bool is_known(const struct sim_path *sp)
{
	const struct volume *v = sp->sv->v;
	const struct path *p = v ? volume_path(v, sp->name) : NULL;

	return p && !v->found && *p->said.wwid;
}

void fault_begin(struct sim *s, struct sim_path *sp, const struct item *it)
{
	struct fault *f = &sp->fault[it->fault];

	if (it->fault == FAULT_STRANGER && !is_known(sp))
		return;
	f->until = MAX(f->until, s->now + it->dur);
	f->err = it->err;
	f->pct = it->pct;
	f->spare = it->spare;
	switch (it->fault) {
	case FAULT_HANG:
		engine_hang(s, sp);
		if (!f->spare)
			pool_hang(s, sp, f->until);
		break;
	case FAULT_GONE:
	case FAULT_SWAP:
		kill_open(s, sp);
		break;
	default:
		break;
	}
}

void fault_end(struct sim *s, struct sim_path *sp, enum fault_kind k)
{
	if (!sp->fault[k].until)
		return;
	sp->fault[k].until = 0;
	sim_log(s, "%s %s: %s is over", sp->sv->name, sp->name, fault_name(k));
	if (k == FAULT_STRANGER)
		sp->stranger = false;
	if (k == FAULT_BUSY)
		engine_unqueue(s, sp);
}

uint64_t faults_run(struct sim *s)
{
	uint64_t soonest = NEVER;

	for (unsigned int i = 0; i < s->plan->nvols; i++)
		for (unsigned int k = 0; k < s->vols[i].setup->npaths; k++) {
			struct sim_path *sp = &s->vols[i].paths[k];

			for (int f = 0; f < FAULT_KINDS; f++) {
				uint64_t t = sp->fault[f].until;

				if (t && t <= s->now)
					fault_end(s, sp, (enum fault_kind)f);
				else if (t)
					soonest = MIN(soonest, t);
			}
		}
	return soonest;
}
