// SPDX-License-Identifier: MIT
/*
 * One step of discovery: from the disks and LUNs as they are known to the
 * volumes as they are to be, and what becomes of those that lost their last
 * disk; see discovery.h.
 *
 * If a step cannot be taken, it is once more without the LUNs that are new, and
 * then with each of those by itself: one that cannot be made must not keep
 * another's path from coming or going, nor another new one waiting.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/discovery_private.h"
#include "core/identity.h"
#include "core/lastdel.h"
#include "core/monitor_private.h"

/* How long a new volume waits for the slower ones of its devices to open. */
#define PATIENCE NSEC_PER_SEC
/* When it is tried again: to open a device, to make a volume. */
#define REOPEN (5 * NSEC_PER_SEC)

void steps_compute(struct discovery *d)
{
	found_decide(d);
	lun_settings(d);
	lun_names(d);
}

/* Which disks are paths */

/* Does any disk of it say, or has it said, the WWID that it was found by? */
static bool is_said(const struct discovery *d, const struct lun *l)
{
	if (l->v && *identity_of(l->v))
		return true;
	for (size_t i = 0; i < d->ndisks; i++) {
		const struct found *f = d->disks[i];

		if (f->of == l && (f->agreed ||
				   (f->dev && !strcmp(f->dev->facts.wwid,
						      l->wwid))))
			return true;
	}
	return false;
}

/* recheck_wwid: its device is open, and says that it is another LUN. */
static bool is_stranger(const struct discovery *d, const struct found *f)
{
	const struct lun *l = f->of;

	return f->dev && l->c.settings.v[OPT_RECHECK_WWID].num &&
	       *f->dev->facts.wwid && strcmp(f->dev->facts.wwid, l->wwid) &&
	       is_said(d, l);
}

/* The size that a disk must have; 0: any. */
static uint64_t size_of(const struct discovery *d, const struct lun *l)
{
	if (l->v)
		return volume_size(l->v);
	for (size_t i = 0; i < d->ndisks; i++)
		if (d->disks[i]->of == l && d->disks[i]->dev &&
		    !is_stranger(d, d->disks[i]))
			return d->disks[i]->dev->limits.size;
	return l->kept ? l->c.size : 0;
}

/* no_path says why. It is tried again when the volume has that size. */
static void refuse(struct discovery *d, struct found *f, uint64_t size)
{
	monitor_event(d->m, true, "path-refused", f->of->name, f->disk->name,
		      f->no_path.text, "it is not used");
	found_close(d, f);
	f->tried = true;
	f->other_size = size;
}

static void refuse_size(struct discovery *d, struct found *f, uint64_t size)
{
	uint64_t other = f->dev->limits.size;

	errmsg_put(&f->no_path, "its size is %llu bytes, the volume's %llu",
		   (unsigned long long)other, (unsigned long long)size);
	refuse(d, f, other);
}

/* One of larger blocks than the volume's would get I/O that does not fit. */
static void refuse_blocks(struct discovery *d, struct found *f,
			  const struct volume *v)
{
	errmsg_put(&f->no_path,
		   "its logical block has %u bytes, the volume's %u",
		   f->dev->limits.block, volume_block(v));
	refuse(d, f, UINT64_MAX);
}

/* Until it says something else, or there is a rescan. */
static void refuse_stranger(struct discovery *d, struct found *f)
{
	errmsg_put(&f->no_path, "the disk itself says that its WWID is %s",
		   f->dev->facts.wwid);
	refuse(d, f, UINT64_MAX);
}

static bool fits(struct discovery *d, struct found *f, uint64_t size)
{
	const struct volume *v = f->of->v;

	if (is_stranger(d, f))
		refuse_stranger(d, f);
	else if (f->dev && size && f->dev->limits.size != size)
		refuse_size(d, f, size);
	else if (f->dev && v && volume_block(v) &&
		 f->dev->limits.block > volume_block(v))
		refuse_blocks(d, f, v);
	if (f->other_size && f->other_size == size) {
		f->other_size = 0;
		f->tried = false; /* the volume has followed it */
		d->todo = true;
	}
	return f->tried && !f->other_size;
}

static bool joins(struct discovery *d, struct found *f, uint64_t size)
{
	if (f->path_of == f->of || d->comparing || (d->starting && f->of->kept))
		return true;
	return fits(d, f, size);
}

static void add_path(struct discovery *d, struct lun *l, struct found *f)
{
	struct path_config *p = &l->c.paths[l->c.npaths++];

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", f->disk->name);
	p->device = f->disk->node;
	p->priority = 1;
	p->facts = PATH_FACTS_NONE;
	snprintf(p->where, sizeof(p->where), DISCOVERY_CAUSE);
	if (!d->starting || !l->kept)
		p->opened = &f->dev;
}

/* True: they are others than the volume's. */
static bool set_paths(struct discovery *d, struct lun *l)
{
	bool other = false;
	struct path_config *room =
		reallocarray(l->c.paths, l->ndisks + 1, sizeof(*room));
	uint64_t size = size_of(d, l);

	l->c.npaths = 0;
	if (!room) {
		errmsg_put(&l->hold, "no memory");
		return true;
	}
	l->c.paths = room;
	for (size_t i = 0; i < d->ndisks; i++) {
		struct found *f = d->disks[i];

		if (f->of != l || !joins(d, f, size))
			continue;
		add_path(d, l, f);
		other |= f->path_of != l;
	}
	return other || !l->v || l->c.npaths != l->v->npaths;
}

/* Which LUNs are volumes */

struct readiness {
	bool opening; /* one of its devices is being opened */
	bool open;    /* one is */
	bool failed;
};

static struct readiness look(const struct discovery *d, const struct lun *l)
{
	struct readiness r = {false};

	for (size_t i = 0; i < d->ndisks; i++) {
		const struct found *f = d->disks[i];

		if (f->of != l)
			continue;
		r.opening |= !f->tried;
		r.open |= f->dev != NULL;
		r.failed |= f->tried && !f->dev && !f->other_size;
	}
	return r;
}

/* I/O of the volume that it was is still out: later. */
static bool is_left_behind(struct discovery *d, const struct lun *l)
{
	if (!apply_left_behind(d->m, l->c.key, l->wwid))
		return false;
	if (!d->reopen_at)
		d->reopen_at = d->m->now + REOPEN;
	for (size_t i = 0; i < d->ndisks; i++)
		if (d->disks[i]->of == l)
			errmsg_put(&d->disks[i]->no_path,
				   "I/O of its LUN's last volume has not come back");
	return true;
}

/* May it become a volume now? */
static bool is_ready(struct discovery *d, struct lun *l)
{
	struct readiness r = look(d, l);

	if (!l->ndisks || l->hold.text[0])
		return false;
	if (d->comparing)
		return true;
	if (!r.open && r.failed && !d->reopen_at)
		d->reopen_at = d->m->now + REOPEN;
	if (!r.open || !l->name[0] || is_left_behind(d, l))
		return false;
	return !r.opening || d->m->now >= l->open_since + PATIENCE;
}

static bool is_open(const struct discovery *d, const struct volume *v)
{
	struct monitor_front *f = d->m->p.front;

	return f->volume_busy(f, v);
}

static enum lastdel_action last_disk_gone(const struct discovery *d,
					  struct lun *l)
{
	const struct volume *v = l->v;
	const struct setting *s = v->settings.v;
	struct lastdel_situation now = {
		.flush = (enum flush_on_last_del)s[OPT_FLUSH_ON_LAST_DEL].num,
		.deferred = s[OPT_DEFERRED_REMOVE].num,
		.open = is_open(d, v),
		.queueing = v->run->queueing.on,
	};

	now.was_open = l->was_open |= now.open;
	return l->flushed && !now.open ? LASTDEL_GO : lastdel_decide(&now);
}

/* Of one that is there: does it stay? */
static bool stays(struct discovery *d, struct lun *l)
{
	if (l->ndisks) {
		l->lost = l->was_open = l->flushed = false;
		return true;
	}
	/* A configuration that does not want it is refused while it is open. */
	if (d->afresh && !l->lost)
		return false;
	l->lost = true;
	return last_disk_gone(d, l) != LASTDEL_GO || is_open(d, l->v);
}

static bool is_wanted(struct discovery *d, struct lun *l)
{
	if (l->v)
		return stays(d, l);
	if (l->kept) {
		l->lost = !l->ndisks;
		return true;
	}
	return is_ready(d, l);
}

/* The configuration */

static void put_by_hand(struct discovery *d, struct config *c)
{
	for (size_t i = 0; i < d->config->nvolumes; i++) {
		struct volume_config *v = &c->volumes[c->nvolumes++];

		if (d->afresh) {
			*v = d->config->volumes[i];
			continue;
		}
		strcpy(v->name, d->config->volumes[i].name);
		v->as_it_is = monitor_volume_by_key(d->m, v->name);
		assert(v->as_it_is);
	}
}

static bool has_settings(struct lun *l)
{
	const struct setting *a = l->v->run->base.v, *b = l->c.settings.v;

	for (enum opt o = 0; !l->settled && o < OPT_COUNT; o++)
		if (a[o].origin != b[o].origin || strcmp(a[o].text, b[o].text))
			return false;
	l->settled = true;
	return true;
}

static void put_lun(struct discovery *d, struct config *c, struct lun *l)
{
	struct volume_config *v = &c->volumes[c->nvolumes++];

	bool other = set_paths(d, l);

	strcpy(l->c.name, *l->name ? l->name : l->wwid);
	if (l->v && !other && !d->afresh && !strcmp(l->v->name, l->c.name) &&
	    has_settings(l)) {
		strcpy(v->name, l->c.name);
		strcpy(v->key, l->c.key);
		v->found = true;
		v->as_it_is = l->v;
	} else {
		*v = l->c;
	}
}

/* fresh: those that are not there yet, too. False: no memory. */
static bool gather(struct discovery *d, bool fresh, struct config *c)
{
	*c = *d->config;
	c->cause = d->cause;
	c->nvolumes = 0;
	c->volumes =
		calloc(d->config->nvolumes + d->nluns + 1, sizeof(*c->volumes));
	if (!c->volumes)
		return false;
	put_by_hand(d, c);
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if ((l->v || l->kept || (fresh && (!d->only || d->only == l))) &&
		    is_wanted(d, l))
			put_lun(d, c, l);
	}
	return true;
}

static bool differs(const struct discovery *d, const struct config *c)
{
	size_t found = 0;

	for (size_t i = 0; i < d->nluns; i++)
		found += d->luns[i]->v != NULL;
	for (size_t i = 0; i < c->nvolumes; i++) {
		if (!c->volumes[i].as_it_is)
			return true;
		found -= c->volumes[i].found;
	}
	return found > 0;
}

/* Carrying out */

/* There is no volume of it any more. */
static void note_gone(struct discovery *d, struct lun *l)
{
	l->v = NULL;
	l->lost = l->was_open = l->kept = false;
	d->renaming = true;
}

static void note_made(struct discovery *d, struct lun *l)
{
	if (!l->v && !l->known && !d->p.look_only)
		l->needs |= NAMER_ADD;
	if (!l->v)
		l->v = monitor_volume_by_key(d->m, l->c.key);
	l->kept = false;
	l->open_since = 0;
}

static void note_disk(struct found *f)
{
	bool is_path =
		f->of && f->of->v && volume_path(f->of->v, f->disk->name);

	f->path_of = is_path ? f->of : NULL;
	if (!is_path)
		return;
	f->tried = false;
	f->no_path.text[0] = '\0';
}

/* The volumes are as c says, where LUNs stand in the order of d's. */
static void note(struct discovery *d, const struct config *c)
{
	size_t k = d->config->nvolumes;

	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (k < c->nvolumes && !strcmp(c->volumes[k].key, l->c.key)) {
			note_made(d, l);
			k++;
		} else if (l->v) {
			note_gone(d, l);
		}
	}
	for (size_t i = 0; i < d->ndisks; i++)
		note_disk(d->disks[i]);
	lun_tell_names(d, "name-refused");
	lun_prune(d);
}

static int take(struct discovery *d, bool fresh, struct errmsg *e)
{
	struct config c;
	int r = 0;

	if (!gather(d, fresh, &c))
		return errmsg_set(e, ENOMEM, "no memory");
	if (differs(d, &c))
		r = monitor_apply(d->m, &c, false, d->m->now, e);
	if (!r)
		note(d, &c);
	free(c.volumes);
	return r;
}

static struct lun *first_new(struct discovery *d)
{
	for (size_t i = 0; i < d->nluns; i++)
		if (!d->luns[i]->v && is_ready(d, d->luns[i]))
			return d->luns[i];
	return NULL;
}

/* Each by itself: the one that cannot be is to keep no other waiting. */
static void take_new(struct discovery *d)
{
	while ((d->only = first_new(d))) {
		struct errmsg e = {"it has not become a volume"};

		if (!take(d, true, &e) && d->only->v)
			continue;
		d->only->hold = e;
		monitor_event(d->m, true, "volume-failed", d->only->name, NULL,
			      e.text, "until a rescan or reconfigure");
	}
}

void steps_take(struct discovery *d)
{
	struct errmsg e;

	steps_compute(d);
	if (take(d, true, &e)) {
		if (take(d, false, &e))
			monitor_event(d->m, true, "discovery-failed", NULL,
				      NULL, e.text,
				      "tried again with the next event");
		else
			take_new(d);
	}
	found_open(d);
}

int steps_take_all(struct discovery *d, bool strict, bool dry, struct errmsg *e)
{
	struct config c = {.volumes = NULL};
	int r;

	d->afresh = true;
	d->comparing = dry;
	steps_compute(d);
	if (!gather(d, true, &c))
		r = errmsg_set(e, ENOMEM, "no memory");
	else if (dry)
		r = monitor_compare(d->m, &c, d->m->now, e);
	else
		r = monitor_apply(d->m, &c, strict, d->m->now, e);
	if (!r && dry)
		lun_tell_names(d, "difference");
	else if (!r)
		note(d, &c);
	free(c.volumes);
	d->comparing = d->afresh = false;
	return r;
}

/* Those without a disk */

static void look_at(struct discovery *d, struct lun *l)
{
	struct volume *v = l->v;

	switch (last_disk_gone(d, l)) {
	case LASTDEL_STAY:
		return;
	case LASTDEL_FAIL:
		queueing_end(d->m, v, "its last disk is gone");
		return;
	case LASTDEL_GO:
		note_gone(d, l);
		monitor_drop_volume(d->m, v, "its last disk is gone",
				    d->m->now);
		d->todo = true;
	}
}

void steps_look_at_lost(struct discovery *d)
{
	for (size_t i = 0; i < d->nluns; i++)
		if (d->luns[i]->lost && d->luns[i]->v)
			look_at(d, d->luns[i]);
}

uint64_t steps_patience(const struct discovery *d)
{
	uint64_t at = TIMER_NEVER;

	for (size_t i = 0; i < d->nluns; i++) {
		const struct lun *l = d->luns[i];

		if (l->open_since && !l->v &&
		    l->open_since + PATIENCE > d->m->now)
			at = MIN(at, l->open_since + PATIENCE);
	}
	return at;
}
