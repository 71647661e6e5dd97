// SPDX-License-Identifier: MIT
/*
 * When a path is checked, and what follows (census 4.4, 6.5).
 *
 * A check is due every polling_interval; while all stays well the interval
 * doubles up to max_polling_interval. Before the checker runs, the device must
 * still be the one that was opened: if not, it takes no more I/O and is opened
 * anew, which happens on a thread of its own and ends in a check.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"

/* While a check runs, its result is looked for this often (and on wake-ups). */
#define COLLECT_EVERY (20 * NSEC_PER_MSEC)
#define MAX_OPENING 16

static uint64_t seconds(const struct path *p, enum opt o)
{
	return (uint64_t)p->volume->settings.v[o].num * NSEC_PER_SEC;
}

static uint64_t max_interval(const struct path *p)
{
	uint64_t max = seconds(p, OPT_MAX_POLLING_INTERVAL);
	uint64_t min = seconds(p, OPT_POLLING_INTERVAL);

	return max ? MAX(max, min) : 4 * min;
}

void check_init(struct path *p, const struct checker_ops *ops, uint64_t now)
{
	p->health.checker.ops = ops;
	p->health.next_check = now;
	p->health.interval = seconds(p, OPT_POLLING_INTERVAL);
	p->health.progress_time = now;
}

void check_soon(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;

	h->interval = seconds(p, OPT_POLLING_INTERVAL);
	h->next_check = MIN(h->next_check, m->now + h->interval);
}

void check_set_checker(struct monitor *m, struct path *p,
		       const struct checker_ops *ops)
{
	struct checker *c = &p->health.checker;

	/* One that is busy keeps its memory: it is exchanged when it is idle,
	 * at the next check. */
	if (c->ops == ops || (c->ops && c->ops->busy && c->ops->busy(c)))
		return;
	free(c->priv);
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	p->health.check_running = false;
	p->health.next_check = m->now;
}

static void schedule_next(struct monitor *m, struct path *p, bool well)
{
	struct path_health *h = &p->health;
	uint64_t least = seconds(p, OPT_POLLING_INTERVAL);

	/* Either setting may have changed since the last time. */
	if (well)
		h->interval = MIN(MAX(h->interval * 2, least), max_interval(p));
	else
		h->interval = least;
	h->next_check = m->now + h->interval;
}

static void cause_text(const struct path *p, enum check_state s, char *buf,
		       size_t size)
{
	const struct checker *c = &p->health.checker;

	snprintf(buf, size, "checker %s: %s%s%s", c->ops->name,
		 check_state_text(s), c->message[0] ? ", " : "", c->message);
}

static void verdict(struct monitor *m, struct path *p, enum check_state s,
		    const char *cause)
{
	struct path_health *h = &p->health;
	bool good = s == CHECK_UP || s == CHECK_GHOST;
	bool changed = s != h->check;

	h->check_running = false;
	schedule_next(m, p, good && h->active && !changed);
	if (s != CHECK_UNCHECKED) {
		h->check = s;
		if (good && p->dev)
			monitor_path_reinstated(m, p, cause);
		else if (!good)
			monitor_path_failed(m, p, cause);
		monitor_settle(m, p->volume, false);
	}
	if (h->check_asked) {
		h->check_asked = false;
		m->p.front->checked(m->p.front, p);
	}
}

static void ended(struct monitor *m, struct path *p, enum check_state s)
{
	char cause[160];

	cause_text(p, s, cause, sizeof(cause));
	verdict(m, p, s, cause);
}

/* The device is another, or gone: no more I/O, open what is there now. */
static void device_lost(struct monitor *m, struct path *p, const char *why)
{
	struct path_health *h = &p->health;
	char cause[160];

	snprintf(cause, sizeof(cause), "device: %.140s", why);
	h->reopen = true;
	verdict(m, p, CHECK_DOWN, cause);
}

static int adopt(struct path *p, struct device **dev, struct errmsg *e)
{
	uint64_t size = p->volume->run->size;

	if (size && (*dev)->limits.size != size)
		return errmsg_set(e, ENOSPC,
				  "%s: size is %llu bytes, the volume's %llu",
				  p->dev_path,
				  (unsigned long long)(*dev)->limits.size,
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

	volume_measure(v);
	monitor_settle(m, v, false);
	if (v->run->size != size)
		m->p.front->volume_changed(m->p.front, v);
	p->health.next_check = m->now;
}

static void reopened(struct opening *o, void *owner)
{
	struct monitor *m = owner;
	struct path *p = o->path;
	struct errmsg e;

	m->nopening--;
	if (p) {
		p->health.opening = NULL;
		if (!o->dev)
			device_lost(m, p, o->why.text);
		else if (adopt(p, &o->dev, &e))
			device_lost(m, p, e.text);
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

int check_open(struct monitor *m, struct path *p)
{
	const struct opening_task task = {
		.ops = m->p.devices,
		.old = p->dev,
		.dev_path = p->dev_path,
		.read_only = m->p.read_only,
		.path = p,
	};
	int r = start_task(m, &task, &p->health.opening);

	if (!r)
		p->dev = NULL;
	return r;
}

int check_close(struct monitor *m, struct path *p)
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

/* Only when nothing of the old device is under way any more. */
static void reopen(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;

	h->next_check = m->now + h->interval;
	if (!path_idle(p))
		return;
	assert(!h->offered);
	(void)check_open(m, p); /* refused: at the next check */
}

static void begin(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;
	struct checker *c = &h->checker;
	struct errmsg e;
	enum check_state s;

	if (h->opening) {
		h->next_check = m->now + h->interval;
		return;
	}
	if (!p->dev || h->reopen) {
		reopen(m, p);
		return;
	}
	if (device_recheck(p->dev, &e)) {
		device_lost(m, p, e.text);
		return;
	}
	c->dev = p->dev;
	c->engine = m->p.engine;
	c->timeout = seconds(p, OPT_CHECKER_TIMEOUT);
	c->message[0] = '\0';
	h->check_start = m->now;
	h->check_running = true;
	s = c->ops->busy && c->ops->busy(c) ? CHECK_TIMEOUT :
					      c->ops->start(c, m->now);
	if (s == CHECK_PENDING)
		m->p.engine->ops->flush(m->p.engine);
	else
		ended(m, p, s);
}

static int ensure_priv(struct checker *c)
{
	if (c->priv || !c->ops->priv_size)
		return 0;
	c->priv = calloc(1, c->ops->priv_size);
	return c->priv ? 0 : -ENOMEM;
}

static void change_checker_if_asked(struct monitor *m, struct path *p)
{
	const char *name = p->volume->settings.v[OPT_PATH_CHECKER].text;

	check_set_checker(m, p, checker_find(m->p.checkers, name));
}

uint64_t check_run(struct monitor *m, struct path *p)
{
	struct path_health *h = &p->health;
	struct checker *c = &h->checker;

	if (h->check_running) {
		enum check_state s = c->ops->collect(c, m->now);

		if (s != CHECK_PENDING)
			ended(m, p, s);
	}
	if (!h->check_running && m->now >= h->next_check) {
		change_checker_if_asked(m, p);
		if (ensure_priv(c) == 0)
			begin(m, p);
		else
			h->next_check = m->now + h->interval;
	}
	return h->check_running ? m->now + COLLECT_EVERY : h->next_check;
}
