// SPDX-License-Identifier: MIT
/*
 * A lane's thread; see channel.h. The loop:
 *
 *   read what the kernel has, without blocking; give it to core; reap what has
 *   come back; when there was nothing to do, sleep until there is
 *
 * Listening. Every lane that waits on /dev/fuse is woken for a request, and on
 * a machine with little to do a second one that wakes in vain costs more than
 * it brings. So lane 0 always listens; lane i + 1 does after lane i has had
 * BUSY_TURN requests without a sleep, and stops when it finds nothing to do. A
 * lane that does not listen sleeps on an epoll set without /dev/fuse.
 *
 * The eventfds are edge-triggered and never read: one system call less for each
 * time a lane is woken.
 *
 * SCHED_BATCH: a lane woken by a completion does not preempt the one who
 * completes, which on few cores is the difference between one context switch
 * and two.
 */
#include "fs/channel.h"

#include <errno.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include "core/clock.h"
#include "core/engine.h"
#include "core/rcu.h"
#include "core/volume.h"
#include "fs/data.h"
#include "fs/ino.h"
#include "fs/mount.h"
#include "fs/slice.h"
#include "fs/slot.h"

/* What the kernel may have open at once, and some for those who wait alone. */
#define SLOTS (MOUNT_MAX_BACKGROUND + 256)
/* Slots that only replacements of hung requests may use. */
#define RESERVE 128
/* Attempts in flight on one lane; the system has fs.aio-max-nr (65536). */
#define DEPTH 1024
/* Requests read in a row before they are submitted and completions looked
 * after. Few: while one lane fills its devices the other can answer. */
#define DRAIN 8
/* Requests without a sleep after which the next lane is asked to help. */
#define BUSY_TURN 24

struct channel {
	struct lane_front front;
	struct channel_params p;
	struct engine *engine;
	struct lane *lane;
	struct slots *slots;
	struct slot *next; /* a warm one, to be read into */
	struct channel *neighbour; /* the next lane */
	pthread_t thread;
	int listening_set; /* epoll: mail, completions, /dev/fuse */
	int deaf_set;	   /* the same without /dev/fuse */
	_Atomic bool listens;
	bool gone; /* the mount is */
	unsigned int turn; /* requests since the last sleep */
};

static void put(struct channel *c, struct slot *s)
{
	slots_put(c->slots, s);
}

/* lane_front.done */
static void request_done(struct lane_front *f, struct request *r, int err)
{
	struct channel *c = container_of(f, struct channel, front);
	struct slot *s = container_of(r, struct slot, req);

	if (!r->orphan && data_done(c->p.fd, s, err)) {
		lane_submit(c->lane, r, clock_now());
		return;
	}
	put(c, s);
}

/* lane_front.replace */
static struct request *request_replace(struct lane_front *f, struct request *r)
{
	struct channel *c = container_of(f, struct channel, front);
	struct slot *old = container_of(r, struct slot, req);
	struct slot *s = slots_get(c->slots, 0);

	if (!s)
		return NULL;
	s->unique = old->unique;
	s->pid = old->pid;
	s->answer = old->answer;
	s->steps = old->steps;
	s->req.op = r->op;
	s->req.dsync = r->dsync;
	s->req.volume = r->volume;
	s->req.off = r->off;
	s->req.len = r->len;
	if (r->op == IO_WRITE)
		memcpy(s->req.buf, request_payload(r), r->len);
	atomic_store_explicit(&old->live, 0, memory_order_relaxed);
	atomic_store_explicit(&s->live, s->unique, memory_order_release);
	return &s->req;
}

static struct extent find_extent(struct channel *c, uint64_t ino)
{
	uint32_t id = ino_volume(ino);
	struct extent x = {.size = UINT64_MAX};

	if (id >= c->p.max_volumes)
		return x;
	if (ino_kind(ino) == KIND_PARTITION &&
	    !slice_extent(c->p.slices, id, ino_object(ino), &x.start, &x.size))
		return x;
	x.volume = atomic_load_explicit(&c->p.table[id], memory_order_acquire);
	return x;
}

static void report(struct channel *c, void (*deliver)(struct mail *, void *),
		   struct slot *s, uint64_t ino)
{
	struct lane_report *r = calloc(1, sizeof(*r));

	if (!r)
		return; /* both kinds of report are a help, not a promise */
	r->mail.deliver = deliver;
	r->channel = c->p.index;
	r->slot = s;
	r->unique = s->unique;
	r->pid = s->pid;
	r->ino = ino;
	mailbox_post(c->p.monitor, &r->mail);
}

/* Everything that is not data: a copy for the monitor. */
static void forward(struct channel *c, struct slot *s, size_t len)
{
	const struct fuse_in_header *in = (const void *)s->header;
	struct forwarded *f = malloc(sizeof(*f) + len);
	size_t head = MIN(len, (size_t)SLOT_HEADER);

	if (!f) {
		data_answer_error(c->p.fd, in->unique, ENOMEM);
		return;
	}
	f->mail.deliver = c->p.on_forward;
	f->channel = c->p.index;
	f->len = len;
	memcpy(f->data, s->header, head);
	memcpy(f->data + head, s->req.buf, len - head);
	mailbox_post(c->p.monitor, &f->mail);
}

static void take_data(struct channel *c, struct slot *s, uint64_t now)
{
	const struct fuse_in_header *in = (const void *)s->header;
	struct extent x = find_extent(c, in->nodeid);

	switch (data_begin(c->p.fd, s, &x)) {
	case DATA_SUBMIT_PART:
		report(c, c->p.on_past_end, s, in->nodeid);
		lane_submit(c->lane, &s->req, now);
		break;
	case DATA_SUBMIT:
		lane_submit(c->lane, &s->req, now);
		break;
	case DATA_PAST_END:
		report(c, c->p.on_past_end, s, in->nodeid);
		put(c, s);
		break;
	case DATA_ANSWERED:
		put(c, s);
		break;
	}
}

/* One read of /dev/fuse into c->next. The errno, or 0. */
static int read_one(struct channel *c, size_t *len)
{
	struct iovec iov[2] = {
		{ .iov_base = c->next->header, .iov_len = SLOT_HEADER },
		{ .iov_base = c->next->req.buf, .iov_len = MOUNT_MAX_IO },
	};
	ssize_t n = readv(c->p.fd, iov, 2);

	if (n < 0)
		return errno;
	*len = (size_t)n;
	return 0;
}

/* What was read, in a slot of its own: c->next stays, or is exchanged. */
static struct slot *take_read(struct channel *c, size_t len)
{
	struct slot *s = c->next, *warm = slots_get_warm(c->slots);

	if (warm) {
		c->next = warm;
		return s;
	}
	s = slots_get(c->slots, RESERVE);
	assert(s); /* slots_left() said so before the read */
	slot_copy(s, c->next, len);
	return s;
}

static bool take_one(struct channel *c, uint64_t now)
{
	const struct fuse_in_header *in;
	size_t len = 0;
	int err;

	if (!slots_left(c->slots, RESERVE))
		return false; /* all are in use: the kernel keeps the rest */
	do
		err = read_one(c, &len);
	while (err == EINTR || err == ENOENT); /* ENOENT: taken back just now */
	if (err) {
		c->gone |= err != EAGAIN;
		return false;
	}
	in = (const void *)c->next->header;
	if (data_is_ours(in->opcode, in->nodeid))
		take_data(c, take_read(c, len), now);
	else
		forward(c, c->next, len);
	return true;
}

static unsigned int drain(struct channel *c, uint64_t now)
{
	unsigned int n = 0;

	while (!c->gone && n < DRAIN && take_one(c, now))
		n++;
	return n;
}

static void ask_for_help(struct channel *c)
{
	struct channel *n = c->neighbour;

	/* A lane that does not listen must learn of the mount's end from us. */
	if (!n || (c->turn < BUSY_TURN && !c->gone))
		return;
	c->turn = 0;
	if (!atomic_exchange_explicit(&n->listens, true, memory_order_relaxed))
		mailbox_poke(n->p.mailboxes[n->p.index]);
}

static int timeout_ms(const struct channel *c, uint64_t now)
{
	uint64_t deadline = lane_deadline(c->lane);

	if (!deadline)
		return -1;
	if (deadline <= now)
		return 0;
	return (int)((deadline - now) / NSEC_PER_MSEC) + 1;
}

/* Nothing is to be done: wait. Whether we go on listening depends on whether
 * there was work for us since we last slept. */
static void rest(struct channel *c, bool worked)
{
	struct epoll_event ev;
	int set;

	if (c->p.index && !worked)
		atomic_store_explicit(&c->listens, false, memory_order_relaxed);
	set = !c->gone && atomic_load_explicit(&c->listens,
					       memory_order_relaxed) ?
		      c->listening_set :
		      c->deaf_set;
	c->turn = 0;
	rcu_lane_offline();
	epoll_wait(set, &ev, 1, timeout_ms(c, clock_now()));
	rcu_lane_online();
}

/* The mount is gone and every request has been answered. */
static bool has_ended(const struct channel *c)
{
	return c->gone && slots_used(c->slots) == 1; /* c->next */
}

static void set_scheduling(void)
{
	struct sched_param sp = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &sp); /* a wish */
}

static void *channel_main(void *arg)
{
	struct channel *c = arg;
	bool worked = false;
	char name[16];

	snprintf(name, sizeof(name), "lane %u", c->p.index);
	pthread_setname_np(pthread_self(), name);
	set_scheduling();
	rcu_lane_register();
	for (;;) {
		uint64_t now = clock_now();
		bool listens = atomic_load_explicit(&c->listens,
						    memory_order_relaxed);
		unsigned int n = listens ? drain(c, now) : 0;

		c->turn += n;
		n += lane_run(c->lane, now);
		rcu_lane_quiescent();
		ask_for_help(c);
		if (n) {
			worked = true;
			continue;
		}
		if (has_ended(c))
			break;
		rest(c, worked);
		worked = false;
	}
	rcu_lane_unregister();
	mailbox_post(c->p.monitor, c->p.ended);
	return NULL;
}

/* Mail from the monitor about one request: malloc'ed, ours to free. */
struct errand {
	struct mail mail;
	struct channel *channel;
	uint64_t unique;
};

static int send_errand(struct channel *c, uint64_t unique,
		       void (*deliver)(struct mail *m, void *owner))
{
	struct errand *e = malloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->mail.deliver = deliver;
	e->channel = c;
	e->unique = unique;
	mailbox_post(c->p.mailboxes[c->p.index], &e->mail);
	return 0;
}

static void find_interrupted(struct mail *m, void *owner)
{
	struct errand *e = container_of(m, struct errand, mail);
	struct channel *c = e->channel;
	struct slot *s = slots_find(c->slots, e->unique);

	(void)owner;
	if (s)
		report(c, c->p.on_interrupt, s, 0);
	free(e);
}

static void kill_request(struct mail *m, void *owner)
{
	struct errand *e = container_of(m, struct errand, mail);
	struct slot *s = slots_find(e->channel->slots, e->unique);

	if (s)
		lane_kill(owner, &s->req);
	free(e);
}

int channel_interrupt(struct channel *c, uint64_t unique)
{
	return send_errand(c, unique, find_interrupted);
}

int channel_kill(struct channel *c, uint64_t unique)
{
	return send_errand(c, unique, kill_request);
}

static int add_to(int set, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int make_set(struct channel *c, int *ret)
{
	int own = c->p.mailboxes[c->p.index]->fd;
	int r;

	*ret = epoll_create1(EPOLL_CLOEXEC);
	if (*ret < 0)
		return -errno;
	r = add_to(*ret, own, EPOLLIN | EPOLLET);
	return r ? r : add_to(*ret, c->engine->fd, EPOLLIN | EPOLLET);
}

static int make_sets(struct channel *c)
{
	int r = make_set(c, &c->deaf_set);

	if (!r)
		r = make_set(c, &c->listening_set);
	/* Exclusive: of several lanes that listen, one is woken. */
	if (!r)
		r = add_to(c->listening_set, c->p.fd, EPOLLIN | EPOLLEXCLUSIVE);
	return r;
}

int channel_new(const struct channel_params *p, struct channel **ret,
		struct errmsg *e)
{
	struct channel *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return errmsg_set(e, ENOMEM, "no memory for a lane");
	c->p = *p;
	c->front.done = request_done;
	c->front.replace = request_replace;
	c->listening_set = c->deaf_set = -1;
	atomic_init(&c->listens, p->index == 0);
	r = aio_engine_new(DEPTH, &c->engine);
	if (r) {
		free(c);
		return errmsg_set(e, -r,
				  "lane %u: io_setup: %s (is fs.aio-max-nr used up?)",
				  p->index, strerror(-r));
	}
	r = slots_new(SLOTS, &c->slots);
	if (!r) {
		c->next = slots_get_warm(c->slots);
		r = lane_new(p->index, p->nr_lanes, c->engine, &c->front,
			     p->mailboxes, p->monitor, &c->lane);
	}
	if (!r)
		r = make_sets(c);
	if (r) {
		channel_free(c);
		return errmsg_set(e, -r, "lane %u: %s", p->index, strerror(-r));
	}
	*ret = c;
	return 0;
}

int channel_start(struct channel *c, struct channel *next)
{
	sigset_t all, old;
	int r;

	c->neighbour = next;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&c->thread, NULL, channel_main, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

void channel_join(struct channel *c)
{
	pthread_join(c->thread, NULL);
}

void channel_free(struct channel *c)
{
	if (c->next)
		put(c, c->next);
	if (c->lane)
		lane_free(c->lane);
	if (c->slots)
		slots_free(c->slots);
	if (c->listening_set >= 0)
		close(c->listening_set);
	if (c->deaf_set >= 0)
		close(c->deaf_set);
	c->engine->ops->free(c->engine);
	free(c);
}
