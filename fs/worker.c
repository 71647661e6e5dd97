// SPDX-License-Identifier: MIT
/*
 * The worker; see worker.h. Its first thread is the monitor: one loop over the
 * lanes' reports, the checkers' I/O, the supervisor's words and the timers.
 *
 * Order of a start: volumes, tree, lanes; then, from the second worker on, the
 * kernel is asked to send again what the last one has left unanswered, before
 * any lane reads; then the supervisor is told.
 */
#include "fs/worker.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "core/clock.h"
#include "core/config.h"
#include "core/discovery.h"
#include "core/engine.h"
#include "core/handler.h"
#include "core/monitor.h"
#include "core/prioritizer.h"
#include "core/purge.h"
#include "core/rcu.h"
#include "core/reserver.h"
#include "core/selector.h"
#include "fs/channel.h"
#include "fs/finding.h"
#include "fs/harden.h"
#include "fs/ino.h"
#include "fs/interrupt.h"
#include "fs/keep.h"
#include "fs/kept.h"
#include "fs/log.h"
#include "fs/mount.h"
#include "fs/parthost.h"
#include "fs/partitions.h"
#include "fs/reload.h"
#include "fs/slice.h"
#include "fs/tree.h"
#include "fs/words.h"

/* How long checks that run at the end are waited for. */
#define LINGER NSEC_PER_SEC
/*
 * Reads in flight: one a path, also while thousands hang. Fewer where
 * fs.aio-max-nr is short; those beyond wait.
 */
#define CHECK_DEPTH 8192
#define CHECK_DEPTH_MIN 256

struct worker {
	struct monitor_front front;
	struct daemon *d;
	struct monitor *monitor;
	struct engine *engine; /* the checkers' */
	struct kept *kept;
	struct interrupts *interrupts;
	struct parthost parts;
	struct channel *channels[MAX_LANES];
	struct mailbox mailbox[MAX_LANES];
	struct mailbox *mailboxes[MAX_LANES];
	struct mail ended[MAX_LANES];
	unsigned int nr_ended;
	_Atomic(struct volume *) table[KEEP_MAX_VOLUMES];
	uint64_t size[KEEP_MAX_VOLUMES]; /* as the kernel was told last; 0: not */
	struct discovery *discovery;
	struct reload *reload;
	int sock;
	int epoll;
};

/* The mail's owner is the monitor; the worker is where its front is. */
static struct worker *the_worker(struct monitor *m);

/* monitor_front */

static struct worker *worker_of(struct monitor_front *f)
{
	return container_of(f, struct worker, front);
}

static void on_event(struct monitor_front *f, const struct event *ev)
{
	tree_event(worker_of(f)->d->tree, ev);
}

static void poke_lanes(struct monitor_front *f)
{
	struct worker *w = worker_of(f);

	for (unsigned int i = 0; i < w->d->lanes; i++)
		mailbox_poke(&w->mailbox[i]);
}

static void grace(struct monitor_front *f)
{
	(void)f;
	rcu_wait();
}

static void keep_changed(struct monitor_front *f)
{
	struct worker *w = worker_of(f);

	kept_save(w->kept, w->monitor);
}

static void on_checked(struct monitor_front *f, struct path *p)
{
	tree_checked(worker_of(f)->d->tree, p);
}

/* The kernel keeps the size of a file that is open, above all when it gathers
 * writes to it. */
static void tell_size(struct worker *w, const struct volume *v)
{
	uint64_t was = w->size[v->id];

	w->size[v->id] = volume_size(v);
	if (!was || was == volume_size(v))
		return;
	tree_forget(w->d->tree, ino_make(KIND_DATA, v->id, 0, INO_SELF));
	if (w->d->mount->writeback)
		words_truncate(w->sock, v, NULL);
}

static void volume_changed(struct monitor_front *f, struct volume *v)
{
	struct worker *w = worker_of(f);

	tell_size(w, v);
	tree_changed(w->d->tree);
	discovery_volume_changed(w->discovery);
}

static uint32_t volume_id(struct monitor_front *f, const char *volume)
{
	return kept_volume_id(worker_of(f)->kept, volume);
}

static uint32_t path_id(struct monitor_front *f, const char *volume,
			const char *path)
{
	return kept_path_id(worker_of(f)->kept, volume, path);
}

static bool was_held(struct monitor_front *f, const char *volume,
		     const char *path)
{
	return kept_held(worker_of(f)->kept, volume, path);
}

static bool had_failed(struct monitor_front *f, const char *volume,
		       const char *path)
{
	return kept_failed(worker_of(f)->kept, volume, path);
}

static const char *live(struct monitor_front *f, const char *volume, enum opt o)
{
	return kept_live(worker_of(f)->kept, volume, o);
}

static bool volume_busy(struct monitor_front *f, const struct volume *v)
{
	struct keep *k = worker_of(f)->d->keep;

	return atomic_load(keep_opens(k, v->id)) > 0 ||
	       slices_opens(keep_slices(k), v->id) > 0;
}

static bool same_lun(struct monitor_front *f, const struct path *p)
{
	return discovery_same_lun(worker_of(f)->discovery, p);
}

static void other_lun(struct monitor_front *f, const struct path *p)
{
	discovery_other_lun(worker_of(f)->discovery, p);
}

static void still_down(struct monitor_front *f, const struct path *p,
		       const char *cause, bool once)
{
	(void)f;
	(once ? log_debug : log_info)("%s: %s: still down: %s",
				      p->volume->name, p->name, cause);
}

static void on_reserved(struct monitor_front *f, const struct volume *v,
			uint64_t ticket, int result)
{
	(void)v;
	tree_reserved(worker_of(f)->d->tree, ticket, result);
}

static const char *was_registered(struct monitor_front *f, const char *volume)
{
	return kept_registered(worker_of(f)->kept, volume);
}

static const struct monitor_front front_ops = {
	.event = on_event,
	.poke_lanes = poke_lanes,
	.grace = grace,
	.keep_changed = keep_changed,
	.checked = on_checked,
	.volume_changed = volume_changed,
	.volume_id = volume_id,
	.path_id = path_id,
	.kept_held = was_held,
	.kept_failed = had_failed,
	.kept_live = live,
	.volume_busy = volume_busy,
	.same_lun = same_lun,
	.still_down = still_down,
	.reserved = on_reserved,
	.kept_registered = was_registered,
	.other_lun = other_lun,
};

static struct worker *the_worker(struct monitor *m)
{
	return worker_of(monitor_front_of(m));
}

/* What lanes report */

static void interrupt_lanes(struct worker *w, const struct forwarded *f)
{
	const struct fuse_interrupt_in *in =
		(const void *)(f->data + sizeof(struct fuse_in_header));

	for (unsigned int i = 0; i < w->d->lanes; i++)
		if (channel_interrupt(w->channels[i], in->unique))
			log_warn("no memory: an interrupted process waits on");
}

static void on_forward(struct mail *m, void *owner)
{
	struct forwarded *f = container_of(m, struct forwarded, mail);
	const struct fuse_in_header *in = (const void *)f->data;
	struct worker *w = the_worker(owner);
	struct fuse_buf buf = { .mem = f->data, .size = f->len };

	if (in->opcode == FUSE_INTERRUPT)
		interrupt_lanes(w, f);
	tree_process(w->d->tree, f->channel, &buf);
	free(f);
}

static void on_interrupt(struct mail *m, void *owner)
{
	struct lane_report *r = container_of(m, struct lane_report, mail);

	interrupts_add(the_worker(owner)->interrupts, r);
	free(r);
}

/* The kernel has let somebody write past the end of its cached file. */
static void on_past_end(struct mail *m, void *owner)
{
	struct lane_report *r = container_of(m, struct lane_report, mail);

	parthost_past_end(&the_worker(owner)->parts, r->ino);
	free(r);
}

static void on_lane_ended(struct mail *m, void *owner)
{
	(void)m;
	the_worker(owner)->nr_ended++;
}

/* The supervisor's words */

static void supervisor_gone(struct worker *w)
{
	struct event ev = {
		.name = "supervisor-gone",
		.detail = "service goes on; a crash of the worker ends the mount",
		.bad = true,
	};

	epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->sock, NULL);
	tree_event(w->d->tree, &ev);
}

static void hear_supervisor(struct worker *w)
{
	char word;
	ssize_t n = recv(w->sock, &word, 1, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		supervisor_gone(w);
		return;
	}
	if (n < 0)
		return;
	if (word == WORD_RELOAD)
		reload_by_signal(w->reload);
	else if (word == WORD_STOP)
		monitor_stop_queueing(w->monitor, clock_now());
}

/* The loop */

static int timeout_ms(uint64_t now, uint64_t then)
{
	uint64_t ms;

	if (then <= now)
		return 0;
	ms = (then - now) / NSEC_PER_MSEC + 1;
	return (int)MIN(ms, (uint64_t)3600 * 1000);
}

static void run(struct worker *w)
{
	struct epoll_event ev[8];

	while (w->nr_ended < w->d->lanes) {
		uint64_t now = clock_now();
		uint64_t next = monitor_run(w->monitor, now);
		uint64_t look = interrupts_run(w->interrupts, now);
		uint64_t read = partitions_run(w->parts.partitions, now);
		uint64_t find = discovery_run(w->discovery, now);
		uint64_t tell = tree_run(w->d->tree, now);
		int n;

		next = MIN(MIN(next, find), MIN(MIN(look, read), tell));
		n = epoll_wait(w->epoll, ev, ARRAY_SIZE(ev),
			       timeout_ms(clock_now(), next));
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == w->sock)
				hear_supervisor(w);
			else if (ev[i].data.fd == discovery_fd(w->discovery))
				discovery_input(w->discovery, clock_now());
		}
	}
}

static int listen_to(struct worker *w, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int make_epoll(struct worker *w)
{
	int r;

	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0)
		return -errno;
	r = listen_to(w, monitor_mailbox(w->monitor)->fd, EPOLLIN | EPOLLET);
	if (!r)
		r = listen_to(w, w->engine->fd, EPOLLIN | EPOLLET);
	if (!r)
		r = listen_to(w, partitions_fd(w->parts.partitions), EPOLLIN);
	if (!r && discovery_fd(w->discovery) >= 0)
		r = listen_to(w, discovery_fd(w->discovery), EPOLLIN);
	return r ? r : listen_to(w, w->sock, EPOLLIN);
}

/* Start and end */

static int make_engine(struct worker *w)
{
	unsigned int depth = CHECK_DEPTH;
	int r;

	do
		r = aio_engine_new(depth, &w->engine);
	while (r == -EAGAIN && (depth /= 2) >= CHECK_DEPTH_MIN);
	return r;
}

static int start_monitor(struct worker *w, bool first, struct errmsg *e)
{
	struct daemon *d = w->d;
	struct monitor_params p = {
		.nr_lanes = d->lanes,
		.front = &w->front,
		.selectors = selector_table,
		.checkers = checker_table,
		.prioritizers = prioritizer_table,
		.handlers = handler_table,
		.identify = device_identify,
		.device_state = device_state,
		.set_transport = transport_set,
		.disk_delete = disk_delete,
		.reserve = device_reserve,
		.state_dir = d->state_dir,
		.device_wwid = device_wwid,
		.registry = d->registry,
		.table = w->table,
		.max_volumes = KEEP_MAX_VOLUMES,
	};
	int r;

	w->kept = kept_new(d->keep, d->state_dir, first);
	if (!w->kept)
		return errmsg_set(e, ENOMEM, "no memory");
	r = make_engine(w);
	if (r)
		return errmsg_set(e, -r,
				  "io_setup: %s (is fs.aio-max-nr used up?)",
				  strerror(-r));
	p.engine = w->engine;
	r = monitor_new(&p, &w->monitor);
	return r ? errmsg_set(e, -r, "%s", strerror(-r)) : 0;
}

static int make_channels(struct worker *w, struct errmsg *e)
{
	struct daemon *d = w->d;
	int r = 0;

	for (unsigned int i = 0; i < d->lanes; i++) {
		w->mailboxes[i] = &w->mailbox[i];
		w->ended[i].deliver = on_lane_ended;
		r = mailbox_init(&w->mailbox[i], NULL);
		if (r)
			return errmsg_set(e, -r, "%s", strerror(-r));
	}
	for (unsigned int i = 0; !r && i < d->lanes; i++) {
		struct channel_params p = {
			.index = i,
			.nr_lanes = d->lanes,
			.fd = d->mount->channel[i],
			.table = w->table,
			.max_volumes = KEEP_MAX_VOLUMES,
			.slices = keep_slices(d->keep),
			.mailboxes = w->mailboxes,
			.monitor = monitor_mailbox(w->monitor),
			.on_forward = on_forward,
			.on_interrupt = on_interrupt,
			.on_past_end = on_past_end,
			.ended = &w->ended[i],
		};

		r = channel_new(&p, &w->channels[i], e);
	}
	return r;
}

static int start_lanes(struct worker *w, struct errmsg *e)
{
	unsigned int n = w->d->lanes;

	for (unsigned int i = 0; i < n; i++) {
		struct channel *next = i + 1 < n ? w->channels[i + 1] : NULL;
		int r = channel_start(w->channels[i], next);

		if (r)
			return errmsg_set(e, -r, "lane %u: %s", i,
					  strerror(-r));
	}
	return 0;
}

static int make_discovery(struct worker *w, struct errmsg *none)
{
	const struct finding_params p = {
		.daemon = w->d,
		.monitor = w->monitor,
		.kept = w->kept,
	};

	return finding_new(&p, &w->discovery, none);
}

static int start(struct worker *w, unsigned int generation, struct errmsg *e)
{
	struct daemon *d = w->d;
	struct tree_env env = {
		.daemon = d,
		.generation = generation,
		.reconfigure = reload_begin,
	};
	bool first = generation == 0;
	struct errmsg none;
	int r;

	r = start_monitor(w, first, e);
	if (r)
		return r;
	w->parts.monitor = env.monitor = w->monitor;
	r = parthost_start(&w->parts);
	if (r)
		return errmsg_set(e, -r, "%s", strerror(-r));
	env.partitions = w->parts.partitions;
	r = make_discovery(w, &none);
	if (r)
		return errmsg_set(e, -r, "%s", strerror(-r));
	env.discovery = w->discovery;
	env.reload = w->reload =
		reload_new(d, w->monitor, w->discovery, w->sock);
	if (!w->reload)
		return errmsg_set(e, ENOMEM, "no memory");
	tree_attach(d->tree, &env);
	r = finding_start(w->discovery, d, w->monitor, first, &none, e);
	if (!r)
		r = make_channels(w, e);
	if (!r) {
		w->interrupts = interrupts_new(w->channels);
		r = w->interrupts ? 0 : errmsg_set(e, ENOMEM, "no memory");
	}
	if (!r && make_epoll(w))
		r = errmsg_set(e, errno, "epoll: %s", strerror(errno));
	if (r)
		return r;
	if (!first)
		mount_ask_resend(d->mount);
	r = start_lanes(w, e);
	if (r)
		return r;
	if (!first)
		tree_wake_pollers(d->tree);
	words_tell(w->sock, WORD_READY);
	return 0;
}

/* Waits for what the monitor has under way; false: a device hangs. */
static bool wait_quiet(struct worker *w)
{
	uint64_t end = clock_now() + LINGER;
	struct epoll_event ev;

	while (!finding_quiet(w->discovery, w->monitor) ||
	       reload_busy(w->reload)) {
		uint64_t now = clock_now();

		if (now >= end)
			return false;
		epoll_wait(w->epoll, &ev, 1, timeout_ms(now, end));
	}
	return true;
}

/* The mount is gone, every request has been answered. */
static void stop(struct worker *w)
{
	for (unsigned int i = 0; i < w->d->lanes; i++)
		channel_join(w->channels[i]);
	if (!wait_quiet(w)) {
		log_warn("a check, an open of a device or a reading of the configuration has not come back - the process ends when it does");
		return;
	}
	interrupts_free(w->interrupts);
	partitions_free(w->parts.partitions);
	reload_free(w->reload);
	monitor_free(w->monitor);
	discovery_free(w->discovery);
	for (unsigned int i = 0; i < w->d->lanes; i++) {
		channel_free(w->channels[i]);
		mailbox_fini(&w->mailbox[i]);
	}
	w->engine->ops->free(w->engine);
	kept_free(w->kept);
	tree_free(w->d->tree);
	close(w->epoll);
	free(w);
}

int worker_run(struct daemon *d, int sock, unsigned int generation)
{
	struct worker *w = calloc(1, sizeof(*w));
	struct errmsg e = { "out of memory" };

	process_harden(generation == 0);
	if (w) {
		w->front = front_ops;
		w->d = d;
		w->sock = sock;
		w->parts.daemon = d;
		w->parts.sock = sock;
	}
	if (!w || start(w, generation, &e)) {
		/* Half of it stands; the process ends with all of it. */
		log_error("the worker cannot start: %s", e.text);
		return WORKER_CANNOT_START;
	}
	run(w);
	stop(w);
	return WORKER_UNMOUNTED;
}
