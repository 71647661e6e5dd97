// SPDX-License-Identifier: MIT
/* What is done for a disk on the pool; see disk_job.h. */
#include "core/disk_job.h"

#include <string.h>

#include "core/discovery_private.h"
#include "core/monitor_private.h"

/* A place in the pool is not given to one that hangs for longer. */
#define PATIENCE (30 * NSEC_PER_SEC)

static void work(struct job *j)
{
	struct disk_job *dj = container_of(j, struct disk_job, job);

	dj->work(dj);
}

static void came_back(struct mail *mail, void *owner)
{
	struct disk_job *j = container_of(mail, struct disk_job, job.mail);
	struct monitor *m = owner;

	timer_clear(&m->timers, &j->patience);
	j->d->njobs--;
	if (!j->d->stopping)
		j->ended(j);
	free(j);
}

/* One that no thread has begun yet has not hung. */
static void is_late(struct timer *t, void *owner, uint64_t now)
{
	struct disk_job *j = container_of(t, struct disk_job, patience);
	struct monitor *m = owner;
	struct pool *pool = m->p.pool;

	(void)now;
	if (pool->ops->recall(pool, &j->job)) {
		timer_set(&m->timers, t, m->now + PATIENCE);
		pool->ops->submit(pool, &j->job);
	} else {
		pool->ops->late(pool, &j->job);
	}
}

void disk_job_begin(struct discovery *d, const struct disk *disk,
		    struct disk_job *j)
{
	struct monitor *m = d->m;

	j->d = d;
	strcpy(j->name, disk->name);
	strcpy(j->node, disk->node);
	j->devt = disk->devt;
	j->diskseq = disk->diskseq;
	j->job = (struct job){.work = work, .mail.deliver = came_back};
	j->patience = (struct timer){.due = is_late};
	d->njobs++;
	timer_set(&m->timers, &j->patience, m->now + PATIENCE);
	m->p.pool->ops->submit(m->p.pool, &j->job);
}

struct found *disk_job_found(const struct disk_job *j)
{
	struct found *f = found_named(j->d, j->name);

	return f && f->disk->devt == j->devt && f->disk->diskseq == j->diskseq ?
		       f :
		       NULL;
}
