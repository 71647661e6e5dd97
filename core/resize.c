// SPDX-License-Identifier: MIT
/*
 * Another size, or read-only; see resize.h.
 *
 *   the path's device has another size
 *     all paths have the same new one, and that is wanted: the volume has it
 *     else: the path is out until it is as large as the volume
 *
 * So of a LUN that grows, the paths go out one by one as the host learns of it,
 * and with the last one they all come back: at each moment there is one.
 */
#include "core/resize.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/monitor_private.h"
#include "core/path.h"

struct sizes {
	uint64_t min, max;
	unsigned int n;
};

/* What the device of p has now; 0: nobody knows. */
static uint64_t size_now(const struct path *p)
{
	struct device_limits l;

	if (!p->dev)
		return p->health.other_size;
	if (!p->dev->ops->look)
		return p->dev->limits.size;
	p->dev->ops->look(p->dev, &l);
	return l.size;
}

/* Its size is all that may be wrong with it. */
static bool is_usable(const struct path *p)
{
	return !p->health.held && (p->health.active || p->health.other_size);
}

static struct sizes look(const struct volume *v, bool usable_only)
{
	struct sizes s = {.min = UINT64_MAX};

	for (unsigned int i = 0; i < v->npaths; i++) {
		uint64_t size = size_now(v->paths[i]);

		if (!size || (usable_only && !is_usable(v->paths[i])))
			continue;
		s.min = MIN(s.min, size);
		s.max = MAX(s.max, size);
		s.n++;
	}
	return s;
}

/* The volume has the new size already. */
static void fit_path(struct monitor *m, struct path *p)
{
	uint64_t size = size_now(p), want = p->volume->run->size;
	char why[96];

	if (size == want) {
		if (p->dev)
			p->dev->limits.size = size;
		if (p->health.other_size && p->dev)
			p->health.reopen = false;
		if (p->health.other_size)
			check_now(m, p);
		p->health.other_size = 0;
	} else if (size && !p->health.other_size) {
		p->health.other_size = size;
		snprintf(why, sizeof(why),
			 "size is %llu, the volume's %llu bytes",
			 (unsigned long long)size, (unsigned long long)want);
		check_lost(m, p, why);
	}
}

static void resize(struct monitor *m, struct volume *v, uint64_t size,
		   const char *cause)
{
	uint64_t was = v->run->size;

	v->run->size = size;
	for (unsigned int i = 0; i < v->npaths; i++)
		fit_path(m, v->paths[i]);
	volume_measure(v);
	monitor_event(m, size < was, "volume-resized", v->name, NULL, cause,
		      "%llu bytes, was %llu", (unsigned long long)size,
		      (unsigned long long)was);
	monitor_settle(m, v, true);
	m->p.front->volume_changed(m->p.front, v);
}

static bool allowed(const struct volume *v, uint64_t size)
{
	int64_t mode = v->settings.v[OPT_AUTO_RESIZE].num;

	return v->run->resize_wanted || mode == RESIZE_GROW_SHRINK ||
	       (mode == RESIZE_GROW_ONLY && size > v->run->size);
}

/* Have all paths the same new size, and is that wanted? */
static bool may_follow(const struct volume *v, uint64_t *ret)
{
	struct sizes s = look(v, v->run->resize_wanted);

	if (s.min != s.max || !allowed(v, s.min))
		return false;
	*ret = s.min;
	return true;
}

static void follow(struct monitor *m, struct volume *v, uint64_t size)
{
	resize(m, v, size, v->run->resize_wanted ? "operator" : "auto_resize");
	v->run->resize_wanted = false;
}

bool resize_follow(struct monitor *m, struct path *p, int err)
{
	uint64_t size;

	if (err != -ENOSPC || !p->dev->ops->look)
		return false;
	p->health.other_size = size_now(p);
	if (!p->health.other_size || !may_follow(p->volume, &size))
		return false;
	p->health.other_size = 0; /* it is in use, and stays so */
	follow(m, p->volume, size);
	return true;
}

bool resize_follow_opened(struct monitor *m, struct path *p, uint64_t size)
{
	assert(!p->dev);
	p->health.other_size = size;
	if (!may_follow(p->volume, &size))
		return false;
	follow(m, p->volume, size);
	return true;
}

/* "sdb, sdc" */
static void name_laggards(const struct volume *v, uint64_t size, char *buf,
			  size_t room)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < v->npaths && n < room; i++)
		if (is_usable(v->paths[i]) && size_now(v->paths[i]) == size)
			n += (size_t)snprintf(buf + n, room - n, "%s%s",
					      n ? ", " : "", v->paths[i]->name);
}

int resize_by_hand(struct monitor *m, struct volume *v, struct errmsg *e)
{
	struct sizes s = look(v, true);
	char names[160];

	if (!s.n)
		return errmsg_set(e, ENODEV, "no path is usable");
	if (s.min != v->run->size)
		resize(m, v, s.min, "operator");
	v->run->resize_wanted = s.max > s.min;
	if (!v->run->resize_wanted)
		return 0;
	name_laggards(v, s.min, names, sizeof(names));
	monitor_event(m, true, "resize-waits", v->name, NULL, "operator",
		      "for %s of %llu bytes, others have %llu", names,
		      (unsigned long long)s.min, (unsigned long long)s.max);
	return 0;
}

/* It would stay as it was opened: the kernel refuses writes by that. */
static bool is_opened_protected(const struct path *p)
{
	struct device_limits l;

	if (!p->dev->limits.write_protected || !p->dev->ops->look)
		return false;
	p->dev->ops->look(p->dev, &l);
	return l.size && l.read_only && !l.write_protected;
}

/* It is being opened or checked, or about to be: it may be usable soon. */
static bool is_at_work(const struct monitor *m, const struct path *p)
{
	return p->health.opening || p->check.phase != CHECK_IDLE ||
	       (p->dev && p->health.reopen) ||
	       timer_at(&p->check.timer) <= m->now;
}

/* Is there another path, or none that could soon be one, and nothing out? */
static bool can_spare(const struct monitor *m, const struct path *p)
{
	const struct volume *v = p->volume;

	if (volume_usable(v) > (p->health.active ? 1u : 0u))
		return true;
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i] != p && is_at_work(m, v->paths[i]))
			return false;
	return path_idle(p);
}

bool resize_unprotects(const struct monitor *m, const struct path *p,
		       struct errmsg *e)
{
	if (!is_opened_protected(p) || !can_spare(m, p))
		return false;
	(void)errmsg_set(e, EROFS, "it was write-protected when it was opened");
	return true;
}

void resize_tell_mode(struct monitor *m, const struct path *p, bool was)
{
	const struct volume *v = p->volume;

	if (v->run->read_only != was)
		monitor_event(m, !was,
			      was ? "volume-writable" : "volume-read-only",
			      v->name, p->name,
			      was ? "the device can be written again"
				  : "the device is read-only now",
			      NULL);
}

static void take_read_only(struct monitor *m, struct path *p, bool read_only)
{
	struct volume *v = p->volume;
	bool was = v->run->read_only;

	p->dev->limits.read_only = read_only;
	volume_measure(v);
	resize_tell_mode(m, p, was);
	monitor_settle(m, v, false);
}

void resize_look_at_mode(struct monitor *m, struct path *p)
{
	struct device_limits l;

	/* Opened for a look only, its descriptor says nothing. */
	if (!p->dev || p->health.reopen || !p->dev->ops->look ||
	    m->p.read_only)
		return;
	p->dev->ops->look(p->dev, &l);
	if (l.size && l.read_only != p->dev->limits.read_only)
		take_read_only(m, p, l.read_only);
}

void resize_look(struct monitor *m, struct path *p)
{
	resize_look_at_mode(m, p);
	check_now(m, p);
}
