// SPDX-License-Identifier: MIT
/*
 * See waiting.h. Two lists, of readers of the log and of those who wait for an
 * end. Whoever is answered is unlinked first, so that an answer which leads to
 * an event, which wakes readers, finds the lists whole.
 *
 * libfuse calls an interrupt function with a lock of that request held; it may
 * reply there, which is what we do.
 */
#define FUSE_USE_VERSION 314
#include "fs/waiting.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include "core/clock.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/handle.h"
#include "fs/keep.h"
#include "fs/log.h"
#include "fs/mount.h"
#include "fs/node.h"
#include "fs/tree_private.h"

struct waiter {
	struct cds_list_head link;
	struct tree *tree;
	fuse_req_t req;
	int channel;
	size_t size;		     /* asked for, or written */
	uint64_t fh;		     /* of a reader */
	uint64_t pos;		     /* of a reader: where in the log */
	uint32_t volume_id, path_id; /* of a writer; NO_PATH: to `control`; */
				     /* NO_VOLUME: the id of a reading */
	uint64_t deadline;	     /* of a writer */
	uint64_t ticket;	     /* of a reservation; 0: another end */
	bool goes_on;		     /* by `asked`, and is no writer */
	struct asked asked;
};

#define NO_PATH UINT32_MAX
#define NO_VOLUME UINT32_MAX

void waiting_init(struct tree *t)
{
	CDS_INIT_LIST_HEAD(&t->readers);
	CDS_INIT_LIST_HEAD(&t->checkers);
}

static void waiting_forget(struct cds_list_head *list)
{
	struct waiter *w, *next;

	cds_list_for_each_entry_safe (w, next, list, link) {
		cds_list_del(&w->link);
		free(w);
	}
}

void waiting_free(struct tree *t)
{
	waiting_forget(&t->readers);
	waiting_forget(&t->checkers);
}

/*
 * Takes w off its list and frees it; returns its request, whose answer goes to
 * w's channel until waiting_done(). Answers nest: *before is what to restore.
 */
static fuse_req_t waiting_take(struct waiter *w, int *before)
{
	struct mount *m = w->tree->mount;
	fuse_req_t req = w->req;

	*before = m->reply_channel;
	m->reply_channel = w->channel;
	cds_list_del(&w->link);
	free(w);
	return req;
}

static void waiting_done(struct tree *t, int before)
{
	t->mount->reply_channel = before;
}

static void waiting_error(struct waiter *w, int err)
{
	struct tree *t = w->tree;
	int before;

	fuse_reply_err(waiting_take(w, &before), err);
	waiting_done(t, before);
}

static void waiting_interrupted(fuse_req_t req, void *data)
{
	/* Not after the answer: libfuse has forgotten the function then. */
	(void)req;
	waiting_error(data, EINTR);
}

/* Last of all: req may have been answered when it returns. */
static void waiting_keep(struct tree *t, fuse_req_t req,
			 struct cds_list_head *list, const struct waiter *what)
{
	struct waiter *w = malloc(sizeof(*w));

	if (!w) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	*w = *what;
	w->tree = t;
	w->req = req;
	w->channel = t->mount->reply_channel;
	cds_list_add_tail(&w->link, list);
	fuse_req_interrupt_func(req, waiting_interrupted, w);
}

/*
 * What the log has at pos, malloc'ed, all of *buf; how many bytes (0: nothing
 * yet) or -ENOMEM.
 */
static ssize_t waiting_take_log(struct tree *t, uint64_t fh, uint64_t pos,
				size_t size, char **buf)
{
	struct handle *h;
	size_t n;

	*buf = NULL;
	if (pos >= keep_event_head(t->keep) || size == 0)
		return 0;
	*buf = malloc(size);
	if (!*buf)
		return -ENOMEM;
	n = keep_event_read(t->keep, pos, *buf, size);
	h = handle_get(t, fh);
	if (h) /* without it poll(2) says "readable" once too often */
		h->pos = pos + n;
	return (ssize_t)n;
}

static void waiting_reply_log(fuse_req_t req, const char *buf, ssize_t n)
{
	if (n < 0)
		fuse_reply_err(req, (int)-n);
	else
		fuse_reply_buf(req, buf, (size_t)n);
}

void waiting_read_events(struct tree *t, fuse_req_t req, uint64_t fh,
			 uint64_t pos, size_t size, bool nonblock)
{
	struct waiter w = {.fh = fh, .pos = pos, .size = size};
	char *buf;
	ssize_t n = waiting_take_log(t, fh, pos, size, &buf);

	if (n != 0 || size == 0)
		waiting_reply_log(req, buf, n);
	else if (nonblock)
		fuse_reply_err(req, EAGAIN);
	else
		waiting_keep(t, req, &t->readers, &w);
	free(buf);
}

static uint64_t patience(const struct tree *t)
{
	const struct config *c = t->env.daemon->config;

	return (uint64_t)c->defaults.v[OPT_UXSOCK_TIMEOUT].num * NSEC_PER_MSEC;
}

/* w is in the list from now on, or answered. */
static void keep_writer(struct tree *t, fuse_req_t req, struct waiter *w)
{
	w->deadline = clock_now() + patience(t);
	waiting_keep(t, req, &t->checkers, w);
}

void waiting_check(struct tree *t, fuse_req_t req, const struct path *p,
		   size_t written)
{
	struct waiter w = {
		.volume_id = p->volume->id,
		.path_id = p->id,
		.size = written,
	};

	keep_writer(t, req, &w);
}

void waiting_reread(struct tree *t, fuse_req_t req, const struct volume *v,
		    size_t written)
{
	struct waiter w = {
		.volume_id = v->id,
		.path_id = NO_PATH,
		.size = written,
	};

	keep_writer(t, req, &w);
}

void waiting_reload(struct tree *t, fuse_req_t req, uint32_t id,
		    size_t written)
{
	struct waiter w = {
		.volume_id = NO_VOLUME,
		.path_id = id,
		.size = written,
	};

	keep_writer(t, req, &w);
}

void waiting_reserved(struct tree *t, fuse_req_t req, const struct volume *v,
		      uint64_t ticket, const struct asked *what, size_t written)
{
	struct waiter w = {
		.volume_id = v->id,
		.path_id = NO_PATH,
		.ticket = ticket,
		.size = written,
		.deadline = UINT64_MAX, /* its commands have one each */
		.goes_on = what != NULL,
	};

	if (what)
		w.asked = *what;
	waiting_keep(t, req, &t->checkers, &w);
}

/* What fuse_lowlevel_notify_poll() sends, of a handle that was kept. */
static void waiting_notify(struct tree *t, uint64_t handle)
{
	struct fuse_notify_poll_wakeup_out wakeup = {.kh = handle};
	struct fuse_out_header head = {
		.len = sizeof(head) + sizeof(wakeup),
		.error = FUSE_NOTIFY_POLL,
	};
	struct iovec iov[2] = {
		{&head, sizeof(head)},
		{&wakeup, sizeof(wakeup)},
	};

	/* A handle that is no longer polled is no error. */
	if (writev(t->mount->channel[0], iov, 2) < 0)
		log_debug("poll: the kernel refused a wake-up: %s",
			  strerror(errno));
}

void waiting_poll(struct tree *t, uint64_t handle)
{
	uint64_t evicted = keep_poll_add(t->keep, handle);

	if (evicted)
		waiting_notify(t, evicted);
}

void waiting_wake_pollers(struct tree *t)
{
	uint64_t handles[KEEP_POLLS];
	size_t n = keep_poll_get(t->keep, handles);

	for (size_t i = 0; i < n; i++)
		waiting_notify(t, handles[i]);
	if (n > 0)
		keep_poll_clear(t->keep);
}

void waiting_wake_events(struct tree *t)
{
	struct waiter *w, *next;
	fuse_req_t req;
	ssize_t n;
	char *buf;
	int before;

	cds_list_for_each_entry_safe (w, next, &t->readers, link) {
		n = waiting_take_log(t, w->fh, w->pos, w->size, &buf);
		if (n != 0) {
			req = waiting_take(w, &before);
			waiting_reply_log(req, buf, n);
			waiting_done(t, before);
		}
		free(buf);
	}
	waiting_wake_pollers(t);
}

/* Answers the writers that wait for that. */
static void waiting_wake_writers(struct tree *t, uint32_t volume_id,
				 uint32_t path_id, int result)
{
	struct waiter *w, *next;
	fuse_req_t req;
	size_t size;
	int before;

	cds_list_for_each_entry_safe (w, next, &t->checkers, link) {
		if (w->volume_id != volume_id || w->path_id != path_id ||
		    w->ticket)
			continue;
		if (result < 0) {
			waiting_error(w, -result);
			continue;
		}
		size = w->size;
		req = waiting_take(w, &before);
		fuse_reply_write(req, size);
		waiting_done(t, before);
	}
}

void waiting_wake_check(struct tree *t, const struct path *p)
{
	waiting_wake_writers(t, p->volume->id, p->id, 0);
}

void waiting_wake_reread(struct tree *t, const struct volume *v, int result)
{
	waiting_wake_writers(t, v->id, NO_PATH, result);
}

void waiting_wake_reload(struct tree *t, uint32_t id, int result)
{
	waiting_wake_writers(t, NO_VOLUME, id, result);
}

void waiting_wake_reserved(struct tree *t, uint64_t ticket, int result)
{
	struct waiter *w, *next;
	struct asked asked;
	fuse_req_t req;
	bool goes_on;
	size_t size;
	int before;

	cds_list_for_each_entry_safe (w, next, &t->checkers, link) {
		if (w->ticket != ticket)
			continue;
		if (result < 0) {
			waiting_error(w, -result);
			continue;
		}
		size = w->size;
		goes_on = w->goes_on;
		asked = w->asked;
		req = waiting_take(w, &before);
		if (goes_on)
			tree_go_on(t, req, &asked);
		else
			fuse_reply_write(req, size);
		waiting_done(t, before);
	}
}

static const char *what_goes_on(const struct waiter *w)
{
	if (w->volume_id == NO_VOLUME)
		return "reading the configuration goes on";
	return w->path_id == NO_PATH ? "reading the table goes on" :
				       "the check goes on";
}

static void give_up(struct waiter *w)
{
	struct tree *t = w->tree;
	const struct volume *v =
		monitor_volume_by_id(t->env.monitor, w->volume_id);
	const struct path *p =
		v && w->path_id != NO_PATH ? volume_path_by_id(v, w->path_id) :
					     NULL;
	const struct event ev = {
		.name = "refused",
		.volume = v ? v->name : NULL,
		.path = p ? p->name : NULL,
		.cause = "no answer within uxsock_timeout",
		.detail = what_goes_on(w),
	};

	waiting_error(w, ETIMEDOUT);
	tree_event(t, &ev);
}

uint64_t waiting_run(struct tree *t, uint64_t now)
{
	struct waiter *w, *next;
	uint64_t then = UINT64_MAX;

	cds_list_for_each_entry_safe (w, next, &t->checkers, link) {
		if (now < w->deadline)
			then = MIN(then, w->deadline);
		else
			give_up(w);
	}
	return then;
}

void waiting_sweep(struct tree *t)
{
	struct waiter *w, *next;
	struct volume *v;

	cds_list_for_each_entry_safe (w, next, &t->checkers, link) {
		if (w->volume_id == NO_VOLUME)
			continue;
		v = monitor_volume_by_id(t->env.monitor, w->volume_id);
		if (!v || (w->path_id != NO_PATH &&
			   !volume_path_by_id(v, w->path_id)))
			waiting_error(w, ENODEV);
	}
}
