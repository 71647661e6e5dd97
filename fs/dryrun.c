// SPDX-License-Identifier: MIT
/*
 * A configuration tried out without a mount: what the daemon checks before it
 * mounts, and what --list prints. A monitor whose front does nothing.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "core/clock.h"
#include "core/config.h"
#include "core/discovery.h"
#include "core/disk.h"
#include "core/engine.h"
#include "core/handler.h"
#include "core/monitor.h"
#include "core/prioritizer.h"
#include "core/selector.h"
#include "core/volume.h"
#include "fs/chosen.h"
#include "fs/finding.h"
#include "fs/keep.h"
#include "fs/status.h"
#include "fs/worker.h"

/* How long what is under way is waited for at the end. */
#define LINGER (5 * NSEC_PER_SEC)

struct dryrun {
	struct monitor_front front;
	struct monitor *monitor;
	struct discovery *discovery; /* NULL: only what is named by hand */
	struct engine *engine;
	uint32_t next_volume, next_path;
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

/* What is under way ends; false: a device hangs. */
static bool wait_quiet(struct dryrun *d)
{
	struct pollfd p = {monitor_mailbox(d->monitor)->fd, POLLIN, 0};
	uint64_t end = clock_now() + LINGER;

	while ((d->discovery && !discovery_quiet(d->discovery)) ||
	       !monitor_quiet(d->monitor)) {
		if (clock_now() >= end)
			return false;
		poll(&p, 1, 100);
		mailbox_clear(monitor_mailbox(d->monitor));
	}
	return true;
}

static void dryrun_end(struct dryrun *d)
{
	/* A device that hangs: the process is about to end, saying so. */
	if (d->monitor && !wait_quiet(d))
		return;
	if (d->monitor)
		monitor_free(d->monitor);
	if (d->discovery)
		discovery_free(d->discovery);
	if (d->engine)
		d->engine->ops->free(d->engine);
	free(d);
}

static int dryrun_new(const struct daemon *daemon, bool read_only,
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
	r = aio_engine_new(1, &d->engine);
	p.front = &d->front;
	p.engine = d->engine;
	p.table = d->table;
	if (!r)
		r = monitor_new(&p, &d->monitor);
	if (r) {
		dryrun_end(d);
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
	dryrun_end(d);
	return r;
}

/* Looking */

static void print_disk(FILE *f, const struct discovery_disk *it)
{
	char size[STATUS_SIZE_TEXT];

	status_size_text(it->disk->size, size);
	fprintf(f, "%s %u:%u %s%s%s\n  no path: %s\n", it->disk->name,
		major(it->disk->devt), minor(it->disk->devt), size,
		*it->wwid ? " " : "", it->wwid, it->reason);
	if (*it->remedy)
		fprintf(f, "  adopted by: %s\n", it->remedy);
}

static void print_disks(FILE *f, const struct discovery *d, bool *any)
{
	struct discovery_disk it;
	size_t pos = 0;

	while (discovery_disk(d, &pos, &it)) {
		if (*any)
			fputc('\n', f);
		*any = true;
		print_disk(f, &it);
	}
}

/* Why paths are not checked and weighed as configured. */
static void print_chosen(FILE *f, const struct monitor *m,
			 const struct volume *const *v, size_t n)
{
	char prefix[NAME_SIZE + 2];

	for (size_t i = 0; i < n; i++) {
		snprintf(prefix, sizeof(prefix), "%s: ", v[i]->name);
		chosen_print(f, m, v[i], prefix);
	}
}

static char *print_all(struct dryrun *d)
{
	const struct volume **v = NULL;
	struct monitor *m = d->monitor;
	char *text = NULL;
	size_t size, n = 0;
	bool any;
	FILE *f;

	while (monitor_volume(m, (unsigned int)n))
		n++;
	any = n > 0;
	v = calloc(n + 1, sizeof(*v));
	f = v ? open_memstream(&text, &size) : NULL;
	if (f) {
		for (size_t i = 0; i < n; i++)
			v[i] = monitor_volume(m, (unsigned int)i);
		status_print(f, v, n);
		print_chosen(f, m, v, n);
		print_disks(f, d->discovery, &any);
		fclose(f);
	}
	free(v);
	return text;
}

static int look(struct dryrun *d, const struct daemon *daemon,
		struct errmsg *none, struct errmsg *e)
{
	const struct finding_params p = {
		.daemon = daemon,
		.monitor = d->monitor,
	};
	int r = finding_new(&p, &d->discovery, none);

	if (r)
		return errmsg_set(e, -r, "%s", strerror(-r));
	r = discovery_start(d->discovery, true, clock_now(), e);
	if (!r)
		finding_settle(d->discovery, d->monitor, FINDING_SETTLE_MS);
	return r;
}

char *worker_list(const struct daemon *daemon, struct errmsg *none,
		  struct errmsg *e)
{
	struct dryrun *d;
	char *text = NULL;

	if (dryrun_new(daemon, true, &d, e))
		return NULL;
	if (look(d, daemon, none, e) == 0) {
		text = print_all(d);
		if (!text)
			errmsg_set(e, ENOMEM, "no memory");
	}
	dryrun_end(d);
	return text;
}
