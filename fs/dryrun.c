// SPDX-License-Identifier: MIT
/* See dryrun.h; and what the daemon checks before it mounts. */
#include "fs/dryrun.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/clock.h"
#include "core/discovery.h"
#include "core/engine.h"
#include "core/handler.h"
#include "core/path.h"
#include "core/prioritizer.h"
#include "core/selector.h"
#include "fs/finding.h"
#include "fs/worker.h"

/* Checks at a time: one that hangs is to hold up no other. */
#define DEPTH 256
/* How long what is under way is waited for at the end. */
#define LINGER NSEC_PER_SEC

static void ignore_event(struct monitor_front *f, const struct event *ev)
{
	(void)f;
	(void)ev;
}

static void ignore(struct monitor_front *f)
{
	(void)f;
}

static void ignore_path(struct monitor_front *f, struct path *p)
{
	(void)f;
	(void)p;
}

static void ignore_volume(struct monitor_front *f, struct volume *v)
{
	(void)f;
	(void)v;
}

static uint32_t any_volume_id(struct monitor_front *f, const char *volume)
{
	(void)volume;
	return container_of(f, struct dryrun, front)->next_volume++;
}

static uint32_t any_path_id(struct monitor_front *f, const char *volume,
			    const char *path)
{
	(void)volume;
	(void)path;
	return container_of(f, struct dryrun, front)->next_path++;
}

static bool never(struct monitor_front *f, const char *volume, const char *path)
{
	(void)f;
	(void)volume;
	(void)path;
	return false;
}

static const char *no_live(struct monitor_front *f, const char *volume,
			   enum opt o)
{
	(void)f;
	(void)volume;
	(void)o;
	return NULL;
}

static bool never_busy(struct monitor_front *f, const struct volume *v)
{
	(void)f;
	(void)v;
	return false;
}

static const struct monitor_front dryrun_front = {
	.event = ignore_event,
	.poke_lanes = ignore,
	.grace = ignore,
	.keep_changed = ignore,
	.checked = ignore_path,
	.volume_changed = ignore_volume,
	.volume_id = any_volume_id,
	.path_id = any_path_id,
	.kept_held = never,
	.kept_failed = never,
	.kept_live = no_live,
	.volume_busy = never_busy,
};

/* Waits for news of a device; ms: at most. */
static void wait_news(struct dryrun *d, unsigned int ms)
{
	struct mailbox *box = monitor_mailbox(d->monitor);
	struct pollfd p[] = {{box->fd, POLLIN, 0}, {d->engine->fd, POLLIN, 0}};

	poll(p, ARRAY_SIZE(p), (int)ms);
	mailbox_clear(box);
	d->engine->ops->clear(d->engine);
}

static bool is_quiet(struct dryrun *d)
{
	return d->discovery ? finding_quiet(d->discovery, d->monitor) :
			      monitor_quiet(d->monitor);
}

/* What is under way ends; false: a device hangs. */
static bool wait_quiet(struct dryrun *d)
{
	uint64_t end = clock_now() + LINGER;

	while (!is_quiet(d)) {
		if (clock_now() >= end)
			return false;
		wait_news(d, 100);
	}
	return true;
}

/* Not yet: it is being opened or checked, or about to be. */
static bool is_checked(const struct path *p, uint64_t now)
{
	return !p->health.opening && p->check.phase == CHECK_IDLE &&
	       timer_at(&p->check.timer) > now;
}

static bool all_known(struct monitor *m, uint64_t now)
{
	const struct volume *v;

	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++) {
		if (prio_under_way(v))
			return false;
		for (unsigned int k = 0; k < v->npaths; k++)
			if (!is_checked(v->paths[k], now))
				return false;
	}
	return true;
}

void dryrun_settle(struct dryrun *d, unsigned int ms)
{
	uint64_t end = clock_now() + ms * NSEC_PER_MSEC, now = clock_now();

	while (!all_known(d->monitor, now) && now < end) {
		uint64_t next = MIN(monitor_run(d->monitor, now), end);

		wait_news(d, next > now ? (unsigned int)((next - now) /
							 NSEC_PER_MSEC + 1) :
					  0);
		now = clock_now();
	}
}

bool dryrun_end(struct dryrun *d)
{
	if (d->monitor && !wait_quiet(d))
		return false;
	if (d->monitor)
		monitor_free(d->monitor);
	if (d->discovery)
		discovery_free(d->discovery);
	if (d->engine)
		d->engine->ops->free(d->engine);
	free(d);
	return true;
}

int dryrun_new(const struct daemon *daemon, bool read_only,
	       struct dryrun **ret, struct errmsg *e)
{
	struct dryrun *d = calloc(1, sizeof(*d));
	struct monitor_params p = {
		.nr_lanes = 1,
		.selectors = selector_table,
		.checkers = checker_table,
		.prioritizers = prioritizer_table,
		.handlers = handler_table,
		.identify = device_identify,
		.registry = daemon->registry,
		.max_volumes = KEEP_MAX_VOLUMES,
		.read_only = read_only,
	};
	int r;

	if (!d)
		return errmsg_set(e, ENOMEM, "no memory");
	d->front = dryrun_front;
	r = aio_engine_new(DEPTH, &d->engine);
	p.front = &d->front;
	p.engine = d->engine;
	p.table = d->table;
	if (!r)
		r = monitor_new(&p, &d->monitor);
	if (r) {
		(void)dryrun_end(d);
		return errmsg_set(e, -r, "%s", strerror(-r));
	}
	*ret = d;
	return 0;
}

int worker_preflight(const struct daemon *daemon, struct errmsg *e)
{
	struct dryrun *d;
	int r = dryrun_new(daemon, false, &d, e);

	if (r)
		return r;
	r = monitor_apply(d->monitor, daemon->config, true, clock_now(), e);
	(void)dryrun_end(d);
	return r;
}
