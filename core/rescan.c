// SPDX-License-Identifier: MIT
/* Who a disk is, asked anew of the kernel and of udev; see rescan.h. */
#include "core/rescan.h"

#include <errno.h>
#include <stdio.h>

#include "core/discovery_private.h"
#include "core/monitor_private.h"
#include "core/pool.h"

/* A place in the pool is not given to one that hangs for longer. */
#define PATIENCE (30 * NSEC_PER_SEC)

struct rescan {
	struct discovery *d;
	int (*look)(dev_t devt, struct errmsg *e);
	dev_t devt;
	char name[32];
	int result;
	struct errmsg why;
	struct job job;
	struct timer patience;
};

static void work(struct job *j)
{
	struct rescan *s = container_of(j, struct rescan, job);

	s->result = s->look(s->devt, &s->why);
}

/* udev goes through its rules again; where no udevd runs, the kernel tells. */
static void ask_udev(struct discovery *d, const char *name)
{
	struct errmsg e;

	if (d->p.source && d->p.source->trigger(d->p.source, name, &e))
		monitor_event(d->m, true, "disk-ignored", NULL, name, e.text,
			      "until the next event or rescan");
}

static void ended(struct mail *mail, void *owner)
{
	struct rescan *s = container_of(mail, struct rescan, job.mail);
	struct monitor *m = owner;
	struct discovery *d = s->d;

	timer_clear(&m->timers, &s->patience);
	d->nrescans--;
	if (s->result && s->result != -ENOTTY)
		monitor_event(m, true, "rescan-failed", NULL, s->name,
			      s->why.text, "udev is asked all the same");
	if (!d->stopping)
		ask_udev(d, s->name);
	free(s);
}

/* One that no thread has begun yet has not hung. */
static void is_late(struct timer *t, void *owner, uint64_t now)
{
	struct rescan *s = container_of(t, struct rescan, patience);
	struct monitor *m = owner;
	struct pool *pool = m->p.pool;

	(void)now;
	if (pool->ops->recall(pool, &s->job)) {
		timer_set(&m->timers, t, m->now + PATIENCE);
		pool->ops->submit(pool, &s->job);
	} else {
		pool->ops->late(pool, &s->job);
	}
}

void rescan_begin(struct discovery *d, const struct disk *disk)
{
	struct monitor *m = d->m;
	struct rescan *s = d->p.rescan ? calloc(1, sizeof(*s)) : NULL;

	if (!s) {
		ask_udev(d, disk->name);
		return;
	}
	s->d = d;
	s->look = d->p.rescan;
	s->devt = disk->devt;
	snprintf(s->name, sizeof(s->name), "%s", disk->name);
	s->job = (struct job){.work = work, .mail.deliver = ended};
	s->patience.due = is_late;
	d->nrescans++;
	timer_set(&m->timers, &s->patience, m->now + PATIENCE);
	m->p.pool->ops->submit(m->p.pool, &s->job);
}
