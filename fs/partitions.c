// SPDX-License-Identifier: MIT
/*
 * The partitions of each volume; see partitions.h. A record of each volume, by
 * its id, in a list; it is in `due` while its table is to be read, in `busy`
 * while that is being done. Both may be: what was written after a reading has
 * begun is for the next one.
 *
 * A reading that fails changes nothing and is done again later; one that finds
 * no table takes all partitions away. While no path is usable none begins.
 */
#include "fs/partitions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <urcu/list.h>

#include "core/clock.h"
#include "core/monitor.h"
#include "core/volume.h"
#include "fs/keep.h"
#include "fs/scan.h"
#include "fs/scanpipe.h"

#define AT_ONCE 4 /* tables being read */
/* A little more than a child lives. */
#define PATIENCE (20 * NSEC_PER_SEC)
#define RETRY (30 * NSEC_PER_SEC)

struct record {
	struct cds_list_head link;
	struct cds_list_head due, busy; /* empty: is not in that list */
	uint32_t volume;
	bool seen;  /* by partitions_look() */
	bool asked, asked_now; /* for the next reading; for that under way */
	bool failing;
	struct partlist list;
	uint64_t size;	 /* of the volume, when it was last due for that */
	uint64_t writes; /* to it, when a reading last began */
	uint64_t not_before;
	uint64_t deadline; /* of the reading under way */
	struct scanpipe pipe;
};

struct partitions {
	struct partitions_params p;
	struct cds_list_head all, due, busy;
	unsigned int nr_busy;
	struct record *by_id[KEEP_MAX_VOLUMES];
	int epoll;
};

static bool skipped(const struct volume *v)
{
	return v->settings.v[OPT_SKIP_KPARTX].num;
}

static void set_due(struct partitions *p, struct record *r)
{
	if (cds_list_empty(&r->due))
		cds_list_add_tail(&r->due, &p->due);
}

static void end_due(struct record *r)
{
	cds_list_del_init(&r->due);
}

static void end_busy(struct partitions *p, struct record *r)
{
	scanpipe_close(&r->pipe);
	cds_list_del_init(&r->busy);
	p->nr_busy--;
}

static void apply_none(struct partitions *p, struct record *r,
		       const struct volume *v)
{
	struct part_table none = {.n = 0};

	/* The next look tries again, should memory be short. */
	(void)!partlist_apply(&r->list, &p->p.host, v, &none);
}

/* ---- reading ---- */

static uint64_t count_writes(const struct volume *v)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < v->nr_lanes; i++)
		n += atomic_load_explicit(&v->lanes[i].writes,
					  memory_order_relaxed);
	return n;
}

/* Who has asked for the reading that is over, or will not be. */
static void answer(struct partitions *p, struct record *r,
		   const struct volume *v, int result)
{
	if (r->asked_now)
		p->p.reread(p->p.host.arg, v, result);
	r->asked_now = false;
}

static void give_up_asked(struct partitions *p, struct record *r,
			  const struct volume *v, int result)
{
	r->asked_now |= r->asked;
	r->asked = false;
	answer(p, r, v, result);
}

static void failed(struct partitions *p, struct record *r,
		   const struct volume *v, const struct errmsg *e, int result,
		   uint64_t now)
{
	struct event ev = {
		.name = "partitions-unread",
		.volume = v->name,
		.cause = e->text,
		.detail = "its files stay as they are; read again later",
		.bad = true,
	};

	if (!r->failing)
		p->p.host.event(p->p.host.arg, &ev);
	r->failing = true;
	r->not_before = now + RETRY;
	set_due(p, r);
	answer(p, r, v, result);
}

static int begin(struct partitions *p, struct record *r,
		 const struct volume *v, struct errmsg *e)
{
	struct scan what = {.size = volume_size(v), .block = volume_block(v)};
	int other, err;

	strcpy(what.volume, v->name);
	err = scanpipe_open(&r->pipe, p->epoll, &other);
	if (err < 0)
		return errmsg_set(e, -err, "pipe: %s", strerror(-err));
	err = p->p.scan(p->p.host.arg, &what, other);
	if (err == 0)
		return 0;
	scanpipe_close(&r->pipe);
	return errmsg_set(e, -err, "the supervisor does not hear: %s",
			  strerror(-err));
}

static void start(struct partitions *p, struct record *r,
		  const struct volume *v, uint64_t now)
{
	struct errmsg e;
	int err;

	end_due(r);
	r->asked_now = r->asked;
	r->asked = false;
	r->writes = count_writes(v);
	r->deadline = now + PATIENCE;
	err = begin(p, r, v, &e);
	if (err < 0) {
		failed(p, r, v, &e, err, now);
		return;
	}
	cds_list_add_tail(&r->busy, &p->busy);
	p->nr_busy++;
}

static void hear(struct partitions *p, struct record *r,
		 const struct volume *v, uint64_t now)
{
	struct part_table t = {.n = 0};
	struct errmsg e = {"out of memory"};
	int err = scanpipe_take(&r->pipe, &t, &e);

	if (err == -EAGAIN && now < r->deadline)
		return;
	if (err == -EAGAIN)
		err = errmsg_set(&e, ETIMEDOUT, "no answer for %llu s",
				 PATIENCE / NSEC_PER_SEC);
	end_busy(p, r);
	if (err == 0)
		err = partlist_apply(&r->list, &p->p.host, v, &t);
	part_table_free(&t);
	if (err < 0) {
		failed(p, r, v, &e, err, now);
		return;
	}
	r->failing = false;
	answer(p, r, v, 0);
}

static struct volume *volume_of(const struct partitions *p,
				const struct record *r)
{
	return monitor_volume_by_id(p->p.monitor, r->volume);
}

/* Returns when it can begin; UINT64_MAX: that is not a question of time. */
static uint64_t try_start(struct partitions *p, struct record *r, uint64_t now)
{
	struct volume *v = volume_of(p, r);

	if (!v || !cds_list_empty(&r->busy))
		return UINT64_MAX;
	if (!volume_usable(v)) {
		give_up_asked(p, r, v, -EIO);
		return UINT64_MAX;
	}
	if (r->not_before > now && !r->asked)
		return r->not_before;
	if (p->nr_busy < AT_ONCE) /* else when one of those has ended */
		start(p, r, v, now);
	return UINT64_MAX;
}

uint64_t partitions_run(struct partitions *p, uint64_t now)
{
	struct record *r, *next;
	struct volume *v;
	uint64_t then = UINT64_MAX, when;

	cds_list_for_each_entry_safe(r, next, &p->busy, busy)
		if ((v = volume_of(p, r)))
			hear(p, r, v, now);
	cds_list_for_each_entry_safe(r, next, &p->due, due) {
		when = try_start(p, r, now);
		then = MIN(then, when);
	}
	cds_list_for_each_entry(r, &p->busy, busy)
		then = MIN(then, r->deadline);
	return then;
}

int partitions_fd(const struct partitions *p)
{
	return p->epoll;
}

/* ---- what makes a table due ---- */

static struct record *record_new(struct partitions *p, uint32_t volume)
{
	struct record *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->volume = volume;
	r->pipe.fd = -1;
	CDS_INIT_LIST_HEAD(&r->due);
	CDS_INIT_LIST_HEAD(&r->busy);
	if (partlist_load(&r->list, p->p.host.slices, volume) < 0) {
		free(r);
		return NULL;
	}
	cds_list_add_tail(&r->link, &p->all);
	p->by_id[volume] = r;
	return r;
}

static void record_free(struct partitions *p, struct record *r)
{
	if (!cds_list_empty(&r->busy))
		end_busy(p, r);
	end_due(r);
	cds_list_del(&r->link);
	p->by_id[r->volume] = NULL;
	partlist_free(&r->list);
	free(r);
}

static void look_at(struct partitions *p, const struct volume *v)
{
	struct record *r = p->by_id[v->id];

	if (!r)
		r = record_new(p, v->id);
	if (!r)
		return; /* no memory: the next look tries again */
	r->seen = true;
	if (skipped(v)) {
		end_due(r);
		if (!cds_list_empty(&r->busy))
			end_busy(p, r);
		give_up_asked(p, r, v, -EOPNOTSUPP);
		if (r->list.n)
			apply_none(p, r, v);
		r->size = 0; /* due when it is skipped no more */
	} else if (r->size != volume_size(v)) {
		r->size = volume_size(v);
		r->not_before = 0;
		set_due(p, r);
	}
}

void partitions_look(struct partitions *p)
{
	struct record *r, *next;
	struct volume *v;

	cds_list_for_each_entry(r, &p->all, link)
		r->seen = false;
	for (unsigned int i = 0; (v = monitor_volume(p->p.monitor, i)); i++)
		look_at(p, v);
	cds_list_for_each_entry_safe(r, next, &p->all, link) {
		if (r->seen)
			continue;
		/* Another LUN may come in its place. */
		partlist_hide(p->p.host.slices, r->volume);
		record_free(p, r);
	}
}

void partitions_written(struct partitions *p, const struct volume *v)
{
	struct record *r = p->by_id[v->id];

	if (!r || skipped(v) || r->writes == count_writes(v))
		return;
	r->not_before = 0;
	set_due(p, r);
}

int partitions_reread(struct partitions *p, const struct volume *v,
		      struct errmsg *e)
{
	struct record *r = p->by_id[v->id];

	if (!r)
		return errmsg_set(e, ENOMEM, "out of memory");
	if (skipped(v))
		return errmsg_set(e, EOPNOTSUPP, "skip_kpartx is set");
	if (!volume_usable(v))
		return errmsg_set(e, EIO, "no path is usable");
	r->asked = true;
	set_due(p, r);
	return 0;
}

/* ---- for the tree ---- */

const struct partition *partitions_of(const struct partitions *p,
				      const struct volume *v, size_t *n)
{
	const struct record *r = p->by_id[v->id];

	*n = r ? r->list.n : 0;
	return r ? r->list.v : NULL;
}

const char *partitions_table(const struct partitions *p,
			     const struct volume *v)
{
	const struct record *r = p->by_id[v->id];

	return r ? r->list.table : "";
}

int partitions_new(const struct partitions_params *params,
		   struct partitions **ret)
{
	struct partitions *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->p = *params;
	CDS_INIT_LIST_HEAD(&p->all);
	CDS_INIT_LIST_HEAD(&p->due);
	CDS_INIT_LIST_HEAD(&p->busy);
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0) {
		r = -errno;
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void partitions_free(struct partitions *p)
{
	struct record *r, *next;

	cds_list_for_each_entry_safe(r, next, &p->all, link)
		record_free(p, r);
	close(p->epoll);
	free(p);
}
