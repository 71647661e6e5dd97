// SPDX-License-Identifier: MIT
/*
 * A configuration tried out without a mount: what the daemon checks before it
 * mounts, and what --list prints. A monitor whose front does nothing.
 */
#include <errno.h>
#include <string.h>

#include "core/clock.h"
#include "core/config.h"
#include "core/engine.h"
#include "core/monitor.h"
#include "core/selector.h"
#include "fs/keep.h"
#include "fs/status.h"
#include "fs/worker.h"

struct dryrun {
	struct monitor_front front;
	struct monitor *monitor;
	struct engine *engine;
	uint32_t next_id;
	_Atomic(struct volume *) table[KEEP_MAX_VOLUMES];
};

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
	return container_of(f, struct dryrun, front)->next_id++;
}

static uint32_t any_path_id(struct monitor_front *f, const char *volume,
			    const char *path)
{
	(void)volume;
	(void)path;
	return container_of(f, struct dryrun, front)->next_id++;
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

static void dryrun_end(struct dryrun *d)
{
	/* A device that hangs: the process is about to end, saying so. */
	if (d->monitor && !monitor_quiet(d->monitor))
		return;
	if (d->monitor)
		monitor_free(d->monitor);
	if (d->engine)
		d->engine->ops->free(d->engine);
	free(d);
}

static int dryrun_begin(const struct config *c, bool read_only,
			struct dryrun **ret, struct errmsg *e)
{
	struct dryrun *d = calloc(1, sizeof(*d));
	struct monitor_params p = {
		.nr_lanes = 1,
		.selectors = selector_table,
		.checkers = checker_table,
		.max_volumes = KEEP_MAX_VOLUMES,
		.read_only = read_only,
	};
	int r;

	if (!d)
		return errmsg_set(e, ENOMEM, "no memory");
	d->front = dryrun_front;
	r = aio_engine_new(1, &d->engine);
	p.front = &d->front;
	p.engine = d->engine;
	p.table = d->table;
	if (!r)
		r = monitor_new(&p, &d->monitor);
	r = r ? errmsg_set(e, -r, "%s", strerror(-r)) :
		monitor_apply(d->monitor, c, true, clock_now(), e);
	if (r) {
		dryrun_end(d);
		return r;
	}
	*ret = d;
	return 0;
}

int worker_preflight(const struct config *c, struct errmsg *e)
{
	struct dryrun *d;
	int r = dryrun_begin(c, false, &d, e);

	if (!r)
		dryrun_end(d);
	return r;
}

static char *print_all(struct monitor *m)
{
	const struct volume **v = NULL;
	char *text = NULL;
	size_t size, n = 0;
	FILE *f;

	while (monitor_volume(m, (unsigned int)n))
		n++;
	v = calloc(n + 1, sizeof(*v));
	f = v ? open_memstream(&text, &size) : NULL;
	if (f) {
		for (size_t i = 0; i < n; i++)
			v[i] = monitor_volume(m, (unsigned int)i);
		status_print(f, v, n);
		fclose(f);
	}
	free(v);
	return text;
}

char *worker_list(const struct config *c, struct errmsg *e)
{
	struct dryrun *d;
	char *text;

	if (dryrun_begin(c, true, &d, e))
		return NULL;
	text = print_all(d->monitor);
	if (!text)
		errmsg_set(e, ENOMEM, "no memory");
	dryrun_end(d);
	return text;
}
