// SPDX-License-Identifier: MIT
/*
 * Discovery as a whole: its life, its turns, and an operator's words; see
 * discovery.h. The parts: found.c (disks), found_open.c (their devices), lun.c
 * and lun_name.c (LUNs), namer.c (files), steps.c (volumes).
 */
#include "core/discovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/device.h"
#include "core/discovery_private.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/statewatch.h"

/* So that what is written in one go, by us too, is read once. */
#define REREAD NSEC_PER_SEC

static void due(struct timer *t, void *owner, uint64_t now)
{
	struct discovery *d = container_of(t, struct discovery, timer);

	(void)owner;
	(void)now;
	d->todo = true;
}

static void listen_to(struct discovery *d, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN};

	if (d->epoll >= 0 && fd >= 0)
		(void)epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev);
}

int discovery_new(const struct discovery_params *p, struct discovery **ret)
{
	struct discovery *d = calloc(1, sizeof(*d));
	const struct namer_params np = {
		.monitor = p->monitor,
		.dir = p->state_dir,
		.read_only = p->look_only,
		.answered = lun_answered,
		.ctx = d,
	};

	if (!d)
		return -ENOMEM;
	d->p = *p;
	d->m = p->monitor;
	d->config = p->config;
	d->timer.due = due;
	d->cause = DISCOVERY_CAUSE;
	d->watch = d->epoll = -1;
	d->namer = namer_new(&np);
	if (!d->namer) {
		free(d);
		return -ENOMEM;
	}
	if (p->source && p->source->fd >= 0)
		d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll >= 0)
		listen_to(d, p->source->fd);
	*ret = d;
	return 0;
}

bool discovery_quiet(struct discovery *d)
{
	d->stopping = true;
	timer_clear(&d->m->timers, &d->timer);
	while (d->ndisks)
		found_drop(d, d->disks[d->ndisks - 1]);
	return !d->nopening && !d->njobs && !namer_busy(d->namer);
}

void discovery_free(struct discovery *d)
{
	assert(!d->ndisks && !d->nopening && !d->njobs);
	lun_free_all(d);
	free(d->by_hand);
	namer_free(d->namer);
	if (d->p.source)
		d->p.source->free(d->p.source);
	if (d->watch >= 0)
		close(d->watch);
	if (d->epoll >= 0)
		close(d->epoll);
	free(d->disks);
	free(d);
}

/* What the last worker had is there before anybody asks for it. */
static int take_kept(struct discovery *d)
{
	struct discovery_kept k;

	for (size_t i = 0; d->p.kept && d->p.kept(d->p.ctx, i, &k); i++) {
		struct lun *l = lun_get(d, k.wwid);

		if (!l)
			return -ENOMEM;
		l->kept = true;
		snprintf(l->name, sizeof(l->name), "%s", k.name);
		l->c.size = k.size;
		l->c.block = k.block;
	}
	return 0;
}

static void enumerate(struct discovery *d)
{
	struct errmsg e;

	if (found_enumerate(d, &e))
		monitor_event(d->m, true, "discovery-failed", NULL, NULL,
			      e.text, "volumes stay as they are");
}

int discovery_start(struct discovery *d, bool strict, uint64_t now,
		    struct errmsg *e)
{
	int r;

	d->m->now = now;
	if (take_kept(d))
		return errmsg_set(e, ENOMEM, "no memory");
	if (d->epoll >= 0 && !d->p.look_only)
		d->watch = statewatch_open(d->p.state_dir);
	listen_to(d, d->watch);
	enumerate(d);
	d->starting = true;
	r = steps_take_all(d, strict, false, e);
	d->starting = false;
	d->todo = true;
	return r;
}

bool discovery_settled(const struct discovery *d)
{
	if (d->todo || d->nopening || d->njobs || namer_busy(d->namer))
		return false;
	for (size_t i = 0; i < d->nluns; i++)
		if (d->luns[i]->needs)
			return false;
	return true;
}

void discovery_reread(struct discovery *d, uint64_t at)
{
	d->reread_at = d->reread_at ? MIN(d->reread_at, at) : at;
}

int discovery_fd(const struct discovery *d)
{
	return d->epoll >= 0 || !d->p.source ? d->epoll : d->p.source->fd;
}

void discovery_input(struct discovery *d, uint64_t now)
{
	struct disk_event *ev = NULL;
	bool lost = false;
	size_t n = 0;
	struct errmsg e;

	d->m->now = now;
	if (statewatch_take(d->watch))
		discovery_reread(d, now + REREAD);
	if (d->p.source->receive(d->p.source, &ev, &n, &lost, &e))
		monitor_event(d->m, true, "discovery-failed", NULL, NULL,
			      e.text, "disks are looked at anew");
	for (size_t i = 0; i < n; i++)
		found_event(d, &ev[i]);
	free(ev);
	if (lost)
		enumerate(d);
}

void discovery_set_timer(struct discovery *d)
{
	uint64_t at = TIMER_NEVER;

	if (d->retrigger_at)
		at = MIN(at, d->retrigger_at);
	if (d->reopen_at)
		at = MIN(at, d->reopen_at);
	if (d->reread_at)
		at = MIN(at, d->reread_at);
	at = MIN(at, steps_patience(d));
	timer_set(&d->m->timers, &d->timer, at);
}

static void turn(struct discovery *d)
{
	d->todo = false;
	d->changes++;
	if (d->reopen_at && d->m->now >= d->reopen_at)
		found_open_again(d);
	steps_take(d);
	found_retrigger(d);
	d->cause = DISCOVERY_CAUSE;
}

uint64_t discovery_run(struct discovery *d, uint64_t now)
{
	bool any = d->todo;

	d->m->now = now;
	if (d->stopping)
		return TIMER_NEVER;
	if (d->todo)
		turn(d);
	steps_look_at_lost(d);
	if (d->reread_at && now >= d->reread_at) {
		d->reread_at = 0;
		lun_ask_all(d);
	}
	lun_ask(d);
	discovery_set_timer(d);
	return any || d->todo ? now : timers_next(&d->m->timers);
}

/* An operator's words */

int discovery_reconfigure(struct discovery *d, const struct config *c, bool dry,
			  uint64_t now, struct errmsg *e)
{
	const struct config *before = d->config;
	int r;

	d->m->now = now;
	if (d->todo)
		turn(d);
	d->config = c;
	d->cause = NULL;
	found_all_dirty(d);
	r = steps_take_all(d, true, dry, e);
	d->cause = DISCOVERY_CAUSE;
	if (!r && dry)
		monitor_compare_daemon(d->m, before, c);
	if (r || dry) {
		d->config = before;
		found_all_dirty(d);
		steps_compute(d);
		return r;
	}
	for (size_t i = 0; i < d->nluns; i++)
		d->luns[i]->hold.text[0] = '\0';
	lun_ask_all(d);
	return 0;
}

int discovery_rescan(struct discovery *d, uint64_t now, struct errmsg *e)
{
	int r;

	d->m->now = now;
	r = found_enumerate(d, e);
	for (size_t i = 0; i < d->ndisks; i++) {
		struct found *f = d->disks[i];

		if (f->removed && d->p.keep_removed)
			d->p.keep_removed(d->p.ctx, f->disk->name, false);
		f->removed = false;
		f->asked_again = 0;
		if (f->tried && !f->dev)
			found_close(d, f); /* also one that was refused */
	}
	for (size_t i = 0; i < d->nluns; i++)
		d->luns[i]->hold.text[0] = '\0';
	found_open_again(d);
	found_all_dirty(d);
	lun_ask_all(d);
	d->cause = "rescan";
	turn(d);
	return r;
}

static struct found *disk_meant(struct discovery *d, const char *name,
				struct errmsg *e)
{
	struct found *f;

	if (!strncmp(name, "/dev/", 5))
		name += 5;
	f = found_named(d, name);
	if (!f)
		errmsg_set(e, ENOENT, "there is no disk '%s'", name);
	return f;
}

static void set_removed(struct discovery *d, struct found *f, bool removed)
{
	if (f->removed != removed && d->p.keep_removed) {
		d->p.keep_removed(d->p.ctx, f->disk->name, removed);
		d->m->p.front->keep_changed(d->m->p.front);
	}
	f->removed = removed;
	f->dirty = true;
	d->cause = "operator";
}

int discovery_add(struct discovery *d, const char *name, uint64_t now,
		  struct errmsg *e)
{
	struct found *f = disk_meant(d, name, e);
	struct lun *l;

	d->m->now = now;
	if (!f)
		return -ENOENT;
	set_removed(d, f, false);
	l = f->a.wwid[0] ? lun_get(d, f->a.wwid) : NULL;
	if (l) {
		l->wanted = true;
		l->hold.text[0] = '\0';
		found_spoil(d, l->wwid);
	}
	turn(d);
	if (f->of) {
		f->of->needs |= f->of->known ? 0 : NAMER_ADD;
		return 0;
	}
	if (l)
		l->wanted = false;
	return errmsg_set(e, EPERM, "%s: %s", f->disk->name, f->a.reason.text);
}

int discovery_remove(struct discovery *d, const char *name, uint64_t now,
		     struct errmsg *e)
{
	struct found *f = disk_meant(d, name, e);
	const char *by_hand;

	d->m->now = now;
	if (!f)
		return -ENOENT;
	by_hand = found_by_hand(d, f->disk);
	if (by_hand)
		return errmsg_set(e, EPERM,
				  "%s: it is a path of [volume %s]: change "
				  "that and write reconfigure",
				  f->disk->name, by_hand);
	set_removed(d, f, true);
	turn(d);
	return 0;
}

static struct lun *lun_of(const struct discovery *d, const struct volume *v)
{
	for (size_t i = 0; i < d->nluns; i++)
		if (d->luns[i]->v == v)
			return d->luns[i];
	return NULL;
}

int discovery_flush(struct discovery *d, const struct volume *v, uint64_t now,
		    struct errmsg *e)
{
	struct lun *l = lun_of(d, v);

	d->m->now = now;
	if (!l)
		return errmsg_set(e, EPERM,
				  "it is named by hand: take [volume %s] out "
				  "of the configuration and write reconfigure",
				  v->name);
	if (d->m->p.front->volume_busy(d->m->p.front, v))
		return errmsg_set(e, EBUSY, "a file of it is open");
	for (size_t i = 0; i < d->ndisks; i++)
		if (d->disks[i]->of == l || d->disks[i]->path_of == l)
			set_removed(d, d->disks[i], true);
	l->flushed = true;
	turn(d);
	return 0;
}

/* For the monitor's front */

bool discovery_same_lun(struct discovery *d, const struct path *p)
{
	struct found *f = found_named(d, p->name);
	char now[NAME_SIZE] = "", from[32];

	if (!f || !f->path_of || f->distrusted || !d->p.probe ||
	    !d->p.probe->wwid)
		return !f || !f->distrusted;
	/* Only what was its word before can be compared. */
	if (strcmp(f->disk->own_wwid, f->path_of->wwid))
		return true;
	d->p.probe->wwid(f->disk->devt, now, sizeof(now), from, sizeof(from));
	if (!now[0] || !strcmp(now, f->disk->own_wwid))
		return true;
	monitor_event(d->m, true, "path-wwid-changed", f->path_of->name,
		      p->name, "its WWID is another now",
		      "%s, it was %s - the path goes", now, f->path_of->wwid);
	found_distrust(d, f);
	return false;
}

void discovery_other_lun(struct discovery *d, const struct path *p)
{
	struct found *f = found_named(d, p->name);

	if (f && f->path_of && f->path_of->v == p->volume && !f->distrusted)
		found_distrust(d, f);
}

void discovery_volume_changed(struct discovery *d)
{
	d->todo = true;
}

/* For those who look */

/* Of a kind that may have several paths: a loop device without a file is not. */
static bool is_real(const struct disk *d)
{
	return d->size || strcmp(d->protocol, "undef") != 0;
}

static bool is_shown(const struct found *f)
{
	return !f->path_of && f->disk->devt && !f->disk->use.partition &&
	       is_real(f->disk);
}

/* Of one that is to be a path: what would let it. */
static const char *remedy(const struct found *f)
{
	if (f->of->hold.text[0])
		return "`rescan` or `reconfigure` written to control, when "
		       "that is right";
	if (!f->of->name[0])
		return f->of->no_name.text[0] ?
			       "an alias of its own in [multipath WWID]" :
			       "";
	if (f->other_size && f->other_size != UINT64_MAX)
		return "`resize` written to the volume's control, or "
		       "auto_resize, when its paths have that size";
	return f->other_size ? "`rescan` written to control, when it fits" : "";
}

/* By hand a disk is a path, too. */
static bool describe(const struct discovery *d, const struct found *f,
		     struct discovery_disk *ret)
{
	if (!is_shown(f) || found_by_hand(d, f->disk))
		return false;
	*ret = (struct discovery_disk){
		.disk = f->disk,
		.wwid = f->a.wwid,
		.reason = f->a.reason.text,
		.remedy = f->a.remedy.text,
	};
	if (!f->of)
		return true;
	ret->remedy = remedy(f);
	ret->reason = *f->no_path.text ? f->no_path.text
				       : "its device is to be opened";
	if (f->of->hold.text[0])
		ret->reason = f->of->hold.text;
	else if (!f->of->name[0])
		ret->reason = f->of->no_name.text[0]
				      ? f->of->no_name.text
				      : "its LUN has no name yet";
	return true;
}

bool discovery_disk(const struct discovery *d, size_t *pos,
		    struct discovery_disk *ret)
{
	while (*pos < d->ndisks)
		if (describe(d, d->disks[(*pos)++], ret))
			return true;
	return false;
}

uint64_t discovery_changes(const struct discovery *d)
{
	return d->changes;
}

bool discovery_disk_by_devt(const struct discovery *d, dev_t devt,
			    struct discovery_disk *ret)
{
	for (size_t k = 0; k < d->ndisks; k++)
		if (d->disks[k]->disk->devt == devt)
			return describe(d, d->disks[k], ret);
	return false;
}
