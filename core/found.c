// SPDX-License-Identifier: MIT
/*
 * The disks that are there, and what is decided on them; see discovery.h.
 *
 * Only those are decided on anew of which something has changed, and those of
 * the same WWID: with find_multipaths = yes a second path decides on the first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alias.h"
#include "core/device.h"
#include "core/discovery_private.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/rescan.h"
#include "core/resize.h"

/* The table */

/* Where name is, or would have to go. */
static size_t position(const struct discovery *d, const char *name)
{
	size_t from = 0, to = d->ndisks;

	while (from < to) {
		size_t mid = (from + to) / 2;

		if (alias_compare(d->disks[mid]->disk->name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct found *found_named(const struct discovery *d, const char *name)
{
	size_t i = position(d, name);

	return i < d->ndisks && !strcmp(d->disks[i]->disk->name, name)
		       ? d->disks[i]
		       : NULL;
}

static struct found *insert(struct discovery *d, struct disk *disk)
{
	struct found **all =
		reallocarray(d->disks, d->ndisks + 1, sizeof(*all));
	struct found *f = all ? calloc(1, sizeof(*f)) : NULL;
	size_t i;

	if (all)
		d->disks = all;
	if (!f)
		return NULL;
	i = position(d, disk->name);
	f->disk = disk;
	f->removed =
		d->p.kept_removed && d->p.kept_removed(d->p.ctx, disk->name);
	memmove(&all[i + 1], &all[i], (d->ndisks - i) * sizeof(*all));
	all[i] = f;
	d->ndisks++;
	return f;
}

/* Its path, of a volume that was found or of one by hand; NULL: none. */
static struct path *path_of(const struct discovery *d, const struct found *f)
{
	const char *by_hand = found_by_hand(d, f->disk);
	struct volume *v = f->path_of ? f->path_of->v : NULL;

	if (v)
		return volume_path(v, f->disk->name);
	v = by_hand ? monitor_volume_by_name(d->m, by_hand) : NULL;
	for (unsigned int i = 0; v && i < v->npaths; i++) {
		const struct device *dev = v->paths[i]->dev;

		if (dev && dev->limits.is_block &&
		    dev->id.rdev == f->disk->devt)
			return v->paths[i];
	}
	return NULL;
}

/* The device may be another, of another size, read-only. */
static void look_at_path(struct discovery *d, const struct found *f)
{
	struct path *p = path_of(d, f);

	if (p)
		resize_look(d->m, p);
}

/* The kernel's copy of its VPD pages is another than when it was opened. */
static void doubt_path(const struct discovery *d, const struct found *f)
{
	const char *now = f->disk->own_wwid;
	struct path *p = path_of(d, f);

	if (p && *now && strcmp(now, p->said.wwid))
		identity_doubt(d->m, p);
}

/* Is it the same disk, as far as an open device of it goes? */
static bool same_disk(const struct disk *a, const struct disk *b)
{
	return a->diskseq == b->diskseq && a->devt == b->devt &&
	       a->size == b->size;
}

static void keep_own_word(struct disk *disk, const struct disk *before)
{
	strcpy(disk->own_wwid, before->own_wwid);
	strcpy(disk->own_wwid_from, before->own_wwid_from);
}

/*
 * Is it to be opened, if it is none of the paths yet? Of one that was refused
 * the device has been closed again, and udevd tells of that, too, as of a
 * change: only what could let it in now counts, else there would be no end.
 */
static bool is_worth_a_try(const struct found *f, const struct disk *now)
{
	return !same_disk(f->disk, now) ||
	       (f->other_size ? strcmp(f->disk->own_wwid, now->own_wwid) != 0 :
				f->tried && !f->dev);
}

struct found *found_put(struct discovery *d, struct disk *disk)
{
	struct found *f = found_named(d, disk->name);

	d->todo = true;
	if (!f) {
		f = insert(d, disk);
		if (!f)
			return NULL;
	} else {
		bool same = same_disk(f->disk, disk);

		f->inquired &= same && !*disk->own_wwid;
		if (f->inquired) /* as the kernel has nothing, it holds */
			keep_own_word(disk, f->disk);
		if (is_worth_a_try(f, disk))
			found_close(d, f);
		same &= f->disk->read_only == disk->read_only;
		disk_free(f->disk);
		f->disk = disk;
		if (!same)
			look_at_path(d, f);
		doubt_path(d, f);
	}
	f->dirty = f->seen = true;
	f->distrusted = false;
	return f;
}

void found_spoil(struct discovery *d, const char *wwid)
{
	for (size_t i = 0; *wwid && i < d->ndisks; i++)
		if (!strcmp(d->disks[i]->a.wwid, wwid))
			d->disks[i]->dirty = true;
}

void found_drop(struct discovery *d, struct found *f)
{
	size_t i = position(d, f->disk->name);

	d->todo = true;
	/* One by hand stays a path: its checker is to see that it is gone. */
	if (!f->path_of && !d->stopping)
		look_at_path(d, f);
	if (f->removed && d->p.keep_removed && !d->stopping)
		d->p.keep_removed(d->p.ctx, f->disk->name, false);
	found_close(d, f);
	memmove(&d->disks[i], &d->disks[i + 1],
		(--d->ndisks - i) * sizeof(*d->disks));
	found_spoil(d, f->a.wwid);
	disk_free(f->disk);
	free(f);
}

struct sink {
	struct discovery *d;
	int rc;
};

static void take_disk(void *ctx, struct disk *disk)
{
	struct sink *s = ctx;

	if (found_put(s->d, disk))
		return;
	disk_free(disk);
	s->rc = -ENOMEM;
}

int found_enumerate(struct discovery *d, struct errmsg *e)
{
	struct sink s = {.d = d};
	int r;

	if (!d->p.source)
		return 0;
	for (size_t i = 0; i < d->ndisks; i++)
		d->disks[i]->seen = false;
	r = d->p.source->enumerate(d->p.source, take_disk, &s, e);
	if (!r && s.rc)
		r = errmsg_set(e, -s.rc, "no memory for the disks");
	for (size_t i = d->ndisks; !r && i-- > 0;)
		if (!d->disks[i]->seen)
			found_drop(d, d->disks[i]);
	return r;
}

/* The paths by that controller are looked at now. After a unit attention it may
 * be another LUN: the kernel has sent the command again, whoever answers. */
static void check_controller(struct discovery *d, const struct disk *told)
{
	for (size_t i = 0; i < d->ndisks; i++) {
		const struct found *f = d->disks[i];
		struct path *p = strcmp(f->disk->controller, told->name) ?
					 NULL :
					 path_of(d, f);

		if (!p)
			continue;
		if (disk_property(told, "SDEV_UA"))
			identity_doubt(d->m, p);
		check_now(d->m, p);
	}
}

void found_event(struct discovery *d, struct disk_event *ev)
{
	struct found *f = found_named(d, ev->disk->name);

	if (ev->action == DISK_CONTROLLER) {
		check_controller(d, ev->disk);
	} else if (ev->action == DISK_REMOVE) {
		if (f)
			found_drop(d, f);
	} else if (found_put(d, ev->disk)) {
		ev->disk = NULL;
	} else {
		monitor_event(d->m, true, "disk-ignored", NULL, ev->disk->name,
			      "no memory", "until the next event or rescan");
	}
	disk_free(ev->disk);
	ev->disk = NULL;
}

/* Deciding */

/* Elsewhere than in /dev there may be a file server that hangs. */
static bool is_node(const char *device, dev_t *ret)
{
	struct stat st;

	if (strncmp(device, "/dev/", 5) || stat(device, &st) ||
	    !S_ISBLK(st.st_mode))
		return false;
	*ret = st.st_rdev;
	return true;
}

static void look_by_hand(struct discovery *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->config->nvolumes; i++)
		n += d->config->volumes[i].npaths;
	free(d->by_hand);
	d->nby_hand = 0;
	d->by_hand = calloc(n + 1, sizeof(*d->by_hand));
	for (size_t i = 0; d->by_hand && i < d->config->nvolumes; i++) {
		const struct volume_config *v = &d->config->volumes[i];

		for (size_t k = 0; k < v->npaths; k++) {
			struct by_hand *b = &d->by_hand[d->nby_hand];

			b->volume = v->name;
			b->device = v->paths[k].device;
			if (!is_node(b->device, &b->devt))
				b->devt = 0;
			d->nby_hand++;
		}
	}
}

const char *found_by_hand(const struct discovery *d, const struct disk *disk)
{
	for (size_t i = 0; disk->devt && i < d->nby_hand; i++) {
		const struct by_hand *b = &d->by_hand[i];

		if (b->devt == disk->devt || !strcmp(b->device, disk->node))
			return b->volume;
	}
	return NULL;
}

static bool hook_known(void *ctx, const char *wwid)
{
	const struct lun *l = lun_find(ctx, wwid);

	return l && (l->known || l->wanted);
}

static bool hook_volume(void *ctx, const char *wwid)
{
	const struct lun *l = lun_find(ctx, wwid);

	return l && (l->v || l->kept);
}

static const char *hook_by_hand(void *ctx, const struct disk *disk)
{
	return found_by_hand(ctx, disk);
}

/* Somebody may still tell more of it than it does itself. */
static bool may_ask_again(const struct discovery *d, const struct found *f)
{
	return d->p.source && !strcmp(d->p.source->kind, "udev") &&
	       !d->p.look_only &&
	       f->asked_again < d->config->defaults.v[OPT_RETRIGGER_TRIES].num;
}

static bool hook_may_fall_back(void *ctx, const struct disk *disk)
{
	struct discovery *d = ctx;
	const struct found *f = found_named(d, disk->name);

	return !f || !may_ask_again(d, f);
}

static PRINTF_LIKE(3, 4) void reject(struct found *f, const char *remedy,
				     const char *fmt, ...)
{
	va_list ap;

	f->a.result = ADOPT_REJECTED;
	va_start(ap, fmt);
	vsnprintf(f->a.reason.text, sizeof(f->a.reason.text), fmt, ap);
	va_end(ap);
	errmsg_put(&f->a.remedy, "%s", remedy);
}

/* A LUN that is named by hand, with all its paths. */
static const char *volume_by_hand(const struct discovery *d, const char *wwid)
{
	for (size_t i = 0; i < d->config->nvolumes; i++) {
		const struct volume_config *v = &d->config->volumes[i];

		if (!strcmp(v->settings.v[OPT_WWID].text, wwid))
			return v->name;
	}
	return NULL;
}

/* They agreed once, and the disk is another now (recheck_wwid). */
static bool is_distrusted(const struct discovery *d, struct found *f)
{
	const struct lun *l = lun_find(d, f->a.wwid);
	const char *own = f->disk->own_wwid;

	if (!strcmp(own, f->a.wwid))
		f->agreed = true;
	return f->distrusted ||
	       (f->agreed && *own && strcmp(own, f->a.wwid) && l && l->by &&
		l->c.settings.v[OPT_RECHECK_WWID].num);
}

void found_distrust(struct discovery *d, struct found *f)
{
	f->distrusted = f->dirty = d->todo = true;
	rescan_begin(d, f->disk);
}

static void decide_more(struct discovery *d, struct found *f)
{
	const char *by_hand = volume_by_hand(d, f->a.wwid);

	if (f->a.result == ADOPT_REJECTED)
		return;
	if (f->removed)
		reject(f, "`add DEV` or `rescan` written to control",
		       "it was removed by `remove` or `flush`");
	else if (is_distrusted(d, f))
		reject(f, "a udev event with its WWID of now",
		       "udev says that it is %s, the disk says another",
		       f->a.wwid);
	else if (by_hand)
		reject(f, "a line `path` in that section",
		       "its LUN is [volume %s], whose paths are named by hand",
		       by_hand);
}

static void tell_other_wwid(struct discovery *d, const struct found *f)
{
	const struct lun *l = f->path_of;
	char cause[2 * NAME_SIZE + 32];

	if (!l || !f->a.wwid[0] || !strcmp(l->wwid, f->a.wwid))
		return;
	snprintf(cause, sizeof(cause), "its WWID is %s now", f->a.wwid);
	monitor_event(d->m, true, "path-wwid-changed", l->name, f->disk->name,
		      cause, "it was %s - the path goes", l->wwid);
}

/* A path that is not identified now stays what it was known to be. */
static struct lun *whose(struct discovery *d, const struct found *f)
{
	if (f->a.result == ADOPT_NO_WWID && f->path_of && !f->removed &&
	    !f->distrusted)
		return f->path_of;
	return f->a.result == ADOPT_PATH ? lun_get(d, f->a.wwid) : NULL;
}

/* Nobody knows who it is: it may say so itself. Once, until it is another. */
static void inquire(struct discovery *d, struct found *f)
{
	if (f->a.result == ADOPT_NO_WWID && !*f->disk->own_wwid &&
	    !f->inquired && !may_ask_again(d, f) &&
	    !strncmp(f->disk->protocol, "scsi:", 5))
		f->inquired = inquire_begin(d, f->disk);
}

static void assign(struct discovery *d, struct found *f)
{
	struct lun *l;

	inquire(d, f);
	decide_more(d, f);
	tell_other_wwid(d, f);
	if (f->a.wwid[0])
		(void)lun_get(d, f->a.wwid); /* is it in the wwids file? */
	l = whose(d, f);
	if (l != f->of) {
		found_close(d, f);
		f->no_path.text[0] = '\0';
		d->renaming = true;
	}
	f->of = l;
}

static size_t decide_dirty(struct discovery *d, struct found **set,
			   const struct disk **disks, struct adoption *out)
{
	const struct adopt_hooks hooks = {
		.ctx = d,
		.known = hook_known,
		.volume = hook_volume,
		.by_hand = hook_by_hand,
		.may_fall_back = hook_may_fall_back,
	};
	size_t n = 0;

	for (size_t i = 0; i < d->ndisks; i++) {
		if (!d->disks[i]->dirty)
			continue;
		set[n] = d->disks[i];
		disks[n++] = d->disks[i]->disk;
	}
	adopt_decide(d->config, &hooks, disks, n, out);
	return n;
}

/* Both the WWID it had and the one it has make others dirty. */
static bool spread(struct discovery *d, struct found *const *set,
		   const struct adoption *out, size_t n)
{
	size_t before = 0, after = 0;

	for (size_t i = 0; i < d->ndisks; i++)
		before += d->disks[i]->dirty;
	for (size_t i = 0; i < n; i++) {
		found_spoil(d, set[i]->a.wwid);
		found_spoil(d, out[i].wwid);
	}
	for (size_t i = 0; i < d->ndisks; i++)
		after += d->disks[i]->dirty;
	return after > before;
}

void found_decide(struct discovery *d)
{
	CLEANUP_FREE struct found **set = calloc(d->ndisks + 1, sizeof(*set));
	CLEANUP_FREE const struct disk **disks =
		calloc(d->ndisks + 1, sizeof(struct disk *));
	CLEANUP_FREE struct adoption *out = calloc(d->ndisks + 1, sizeof(*out));
	size_t n;

	look_by_hand(d);
	if (!set || !disks || !out) {
		d->todo = true; /* they stay dirty */
		return;
	}
	n = decide_dirty(d, set, disks, out);
	if (spread(d, set, out, n))
		n = decide_dirty(d, set, disks, out);
	for (size_t i = 0; i < n; i++) {
		set[i]->a = out[i];
		set[i]->dirty = false;
		assign(d, set[i]);
	}
}

void found_all_dirty(struct discovery *d)
{
	for (size_t i = 0; i < d->ndisks; i++)
		d->disks[i]->dirty = true;
	d->todo = true;
}

/* Asking udev again */

static uint64_t retrigger_delay(const struct discovery *d)
{
	return (uint64_t)d->config->defaults.v[OPT_RETRIGGER_DELAY].num *
	       NSEC_PER_SEC;
}

static void ask_again(struct discovery *d, struct found *f)
{
	struct errmsg e;

	f->asked_again++;
	if (d->p.source->trigger(d->p.source, f->disk->name, &e))
		monitor_event(d->m, true, "disk-ignored", NULL, f->disk->name,
			      e.text, "it has no WWID");
	if (may_ask_again(d, f))
		return;
	f->dirty = true; /* its own word counts now */
	d->todo = true;
}

void found_retrigger(struct discovery *d)
{
	bool due = d->retrigger_at && d->m->now >= d->retrigger_at;
	bool more = false;

	for (size_t i = 0; i < d->ndisks; i++) {
		struct found *f = d->disks[i];

		if (f->a.result != ADOPT_NO_WWID || !may_ask_again(d, f))
			continue;
		if (due)
			ask_again(d, f);
		more |= may_ask_again(d, f);
	}
	if (due || !more)
		d->retrigger_at = 0;
	if (more && !d->retrigger_at)
		d->retrigger_at = d->m->now + MAX(retrigger_delay(d), 1u);
}
