// SPDX-License-Identifier: MIT
/*
 * A path whose device is gone, or another: it takes no more I/O, and what is
 * there now is opened, on a thread (opening.h). The end of that is a check.
 * Monitor.
 */
#include <errno.h>

#include "core/device.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"
#include "core/resize.h"

#define MAX_OPENING 16

static int adopt(struct monitor *m, struct path *p, struct device **dev,
		 struct errmsg *e)
{
	uint64_t size = p->volume->run->size, now = (*dev)->limits.size;

	p->health.other_size = 0;
	if (identity_compare(p, *dev, e))
		return -ESTALE;
	if (size && now != size && !resize_follow_opened(m, p, now))
		return errmsg_set(e, ENOSPC,
				  "%s: size is %llu bytes, the volume's %llu",
				  p->dev_path, (unsigned long long)now,
				  (unsigned long long)size);
	assert(!p->dev);
	p->dev = *dev;
	*dev = NULL;
	p->health.reopen = false;
	return 0;
}

/* It may be the first one of its volume, or have other limits than before. */
static void adopted(struct monitor *m, struct path *p)
{
	struct volume *v = p->volume;
	uint64_t size = v->run->size;
	bool read_only = v->run->read_only;

	prio_learn(m, p);
	rounds_configure(m, v); /* nor may it have been known what array it is */
	volume_measure(v);
	if (size)
		resize_tell_mode(m, p, read_only);
	p->check.purged = false;
	transport_forget(p);
	transport_configure_path(m, p);
	monitor_settle(m, v, false);
	if (v->run->size != size)
		m->p.front->volume_changed(m->p.front, v);
	check_now(m, p);
}

void reopen_tell_limit(struct monitor *m, const struct opening *o,
		       const char *volume, const char *path)
{
	if (o->dev && o->why.text[0])
		monitor_event(m, true, "limit-refused", volume, path,
			      o->why.text, "the kernel's limit stays");
}

static void reopened(struct opening *o, void *owner)
{
	struct monitor *m = owner;
	struct path *p = o->path;
	struct errmsg e;
	int r;

	m->nopening--;
	if (p) {
		p->health.opening = NULL;
		reopen_tell_limit(m, o, p->volume->name, p->name);
		if (!o->dev)
			check_lost(m, p, o->why.text);
		else if ((r = adopt(m, p, &o->dev, &e)) == -ESTALE)
			identity_lost(m, p, e.text);
		else if (r)
			check_lost(m, p, e.text);
		else
			adopted(m, p);
	}
	opening_free(o);
}

static int start_task(struct monitor *m, const struct opening_task *task,
		      struct opening **ret)
{
	int r;

	if (m->nopening >= MAX_OPENING)
		return -EAGAIN;
	r = opening_start(task, &m->mailbox, reopened, ret);
	if (!r)
		m->nopening++;
	return r;
}

int reopen_start(struct monitor *m, struct path *p, const struct settings *s)
{
	const struct opening_task task = {
		.ops = m->p.devices,
		.old = p->dev,
		.dev_path = p->dev_path,
		.read_only = m->p.read_only,
		.max_sectors_kb = (uint32_t)s->v[OPT_MAX_SECTORS_KB].num,
		.identify = m->p.identify,
		.path = p,
	};
	int r = start_task(m, &task, &p->health.opening);

	if (!r)
		p->dev = NULL;
	return r;
}

int reopen_close(struct monitor *m, struct path *p)
{
	const struct opening_task task = {
		.ops = m->p.devices,
		.old = p->dev,
	};
	struct opening *o;
	int r = p->dev ? start_task(m, &task, &o) : 0;

	if (!r)
		p->dev = NULL;
	return r;
}
