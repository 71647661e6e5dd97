// SPDX-License-Identifier: MIT
/* The surroundings of discovery; see finding.h. */
#include "fs/finding.h"

#include <poll.h>

#include "core/clock.h"
#include "core/config.h"
#include "core/discovery.h"
#include "core/disk.h"
#include "core/monitor.h"
#include "core/rescan.h"
#include "fs/daemonconf.h"
#include "fs/kept.h"
#include "fs/tree.h"
#include "fs/worker.h"

static bool kept_volume(void *ctx, size_t i, struct discovery_kept *ret)
{
	return kept_found(ctx, i, ret);
}

static bool was_removed(void *ctx, const char *disk)
{
	return kept_removed(ctx, disk);
}

static void keep_removed(void *ctx, const char *disk, bool removed)
{
	kept_remove(ctx, disk, removed);
}

int finding_new(const struct finding_params *f, struct discovery **ret,
		struct errmsg *none)
{
	struct discovery_params p = {
		.monitor = f->monitor,
		.probe = f->daemon->probe,
		.rescan = disk_rescan,
		.inquire = disk_inquire,
		.config = f->daemon->config,
		.state_dir = f->daemon->state_dir,
		.look_only = !f->kept,
		.ctx = f->kept,
	};
	int r;

	none->text[0] = '\0';
	if (f->kept) {
		p.kept = kept_volume;
		p.kept_removed = was_removed;
		p.keep_removed = keep_removed;
	}
	if (disk_source_new(f->daemon->probe, &p.source, none))
		p.source = NULL;
	r = discovery_new(&p, ret);
	if (r && p.source)
		p.source->free(p.source);
	return r;
}

void finding_settle(struct discovery *d, struct monitor *m, unsigned int ms)
{
	uint64_t end = clock_now() + ms * NSEC_PER_MSEC;

	for (;;) {
		struct pollfd p = {monitor_mailbox(m)->fd, POLLIN, 0};
		uint64_t now = clock_now(), next = monitor_run(m, now);

		next = MIN(next, discovery_run(d, now));
		if (discovery_settled(d) || now >= end)
			return;
		next = MIN(next, end);
		poll(&p, 1,
		     next > now ? (int)((next - now) / NSEC_PER_MSEC + 1) : 0);
		mailbox_clear(monitor_mailbox(m));
	}
}

bool finding_quiet(struct discovery *d, struct monitor *m)
{
	bool quiet = discovery_quiet(d);

	/* It brings what discovery waits for, too. */
	return monitor_quiet(m) && quiet;
}

int finding_start(struct discovery *discovery, const struct daemon *d,
		  struct monitor *m, bool first, const struct errmsg *none,
		  struct errmsg *e)
{
	struct event ev = {
		.name = "discovery-failed",
		.cause = none->text,
		.detail = "volumes are those named by hand",
		.bad = true,
	};
	int r;

	if (*none->text)
		tree_event(d->tree, &ev);
	r = discovery_start(discovery, first, clock_now(), e);
	/*
	 * Whoever mounts finds what there is. Later nobody may be kept waiting:
	 * the state directory may lie on one of the volumes.
	 */
	if (!r && first)
		finding_settle(discovery, m, FINDING_SETTLE_MS);
	return r;
}

/* Reloading */

static void tell_failure(struct tree *t, const char *why)
{
	struct event ev = {
		.name = "reconfigure-failed",
		.cause = why,
		.detail = "the running configuration stays",
		.bad = true,
	};

	tree_event(t, &ev);
}

void finding_load(const struct daemon *d, struct loaded *ret)
{
	ret->config = NULL;
	ret->result = config_load(d->config_file, d->config_dir, d->registry,
				  &ret->config, &ret->errs);
}

static int take_errors(struct tree *t, struct loaded *l, struct errmsg *e)
{
	for (size_t i = 0; l->result && i < l->errs.n; i++)
		tell_failure(t, l->errs.v[i].text);
	if (l->result && l->errs.n)
		*e = l->errs.v[0];
	config_errors_free(&l->errs);
	return l->result;
}

int finding_take(struct daemon *d, struct discovery *discovery,
		 struct loaded *l, bool dry, struct errmsg *e)
{
	struct event ev = {.name = dry ? "compared" : "reconfigured"};
	struct config *c = l->config;
	int r = take_errors(d->tree, l, e);

	if (r)
		return r;
	r = daemonconf_check(d, c, e);
	if (!r)
		r = discovery_reconfigure(discovery, c, dry, clock_now(), e);
	if (r)
		tell_failure(d->tree, e->text);
	else
		tree_event(d->tree, &ev);
	if (r || dry) {
		config_free(c);
		return r;
	}
	config_free(d->config);
	d->config = c;
	daemonconf_apply(d);
	tree_changed(d->tree);
	return 0;
}
