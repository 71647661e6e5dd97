// SPDX-License-Identifier: MIT
/*
 * The libaio engine; see engine.h.
 *
 * Reads and writes are batched with RWF_NOWAIT. What the kernel hands back
 * with EAGAIN (no request tag free, or it would have to be split) or
 * EOPNOTSUPP (a file system without NOWAIT) goes to the device's submitter
 * thread, which submits it to this same context without the flag: its
 * completion arrives here like any other. Discards and write-zeroes run on
 * that thread whole and come back as mail.
 *
 * No more is given to the context than it takes; the rest waits in order.
 *
 * One eventfd wakes the owner for both: libaio signals the mailbox's.
 *
 * Threads: everything is the owner's, but for the submitter's use of one io at
 * a time. It is done with an io before the kernel can complete it: io->where
 * (release before io_submit, acquire at the completion) says so.
 */
#include "core/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>

#include "core/device.h"

#define BATCH 64

enum where {
	AT_BACKLOG,   /* the context is full: waits for a place */
	AT_ENGINE,    /* submitted, or about to be, with RWF_NOWAIT */
	AT_SUBMITTER, /* in its queue, or on its thread */
	AT_KERNEL,    /* submitted by the submitter: it is done with io */
};

struct aio_engine {
	struct engine base;
	io_context_t ctx;
	struct mailbox mailbox; /* ends that the kernel does not bring */
	struct iocb *batch[BATCH];
	unsigned int batched;
	unsigned int depth;    /* what the context takes */
	unsigned int inflight; /* given to it, or to a submitter, and not done */
	struct cds_list_head backlog; /* struct io, by link; oldest first */
};

static_assert(sizeof(struct iocb) <= sizeof(((struct io *)0)->iocb),
	      "struct io has room for an iocb");

static struct aio_engine *aio(struct engine *e)
{
	return container_of(e, struct aio_engine, base);
}

static struct iocb *iocb_of(struct io *io)
{
	return (struct iocb *)io->iocb;
}

static void set_where(struct io *io, enum where w)
{
	atomic_store_explicit(&io->where, w, memory_order_release);
}

static enum where get_where(struct io *io)
{
	return atomic_load_explicit(&io->where, memory_order_acquire);
}

static void start(struct aio_engine *a, struct io *io);

/* A place is free: for the one who has waited longest. */
static void leave(struct aio_engine *a)
{
	struct io *next;

	assert(a->inflight > 0);
	a->inflight--;
	if (cds_list_empty(&a->backlog))
		return;
	next = cds_list_first_entry(&a->backlog, struct io, link);
	cds_list_del(&next->link);
	start(a, next);
}

static void finish(struct aio_engine *a, struct io *io, int64_t res)
{
	leave(a);
	io->done(io, res);
}

static void deliver(struct mail *m, void *owner)
{
	struct io *io = container_of(m, struct io, mail);

	finish(owner, io, io->res);
}

/* From any thread, in place of a completion by the kernel. */
static void post(struct io *io, int64_t res)
{
	io->res = res;
	io->mail.deliver = deliver;
	mailbox_post(&aio(io->engine)->mailbox, &io->mail);
}

static bool needs_fallocate(const struct io *io)
{
	return io->op == IO_DISCARD || io->op == IO_ZERO;
}

static int fallocate_mode(enum io_op op)
{
	return FALLOC_FL_KEEP_SIZE | (op == IO_DISCARD ? FALLOC_FL_PUNCH_HOLE :
							 FALLOC_FL_ZERO_RANGE);
}

static void run_fallocate(struct io *io)
{
	int r;

	do
		r = fallocate(io->dev->fd, fallocate_mode(io->op),
			      (off_t)io->off, (off_t)io->len);
	while (r && errno == EINTR);
	post(io, r ? -errno : (int64_t)io->len);
}

/* On the submitter thread. */
static void run_blocking(struct io *io)
{
	struct iocb *cb = iocb_of(io);
	struct engine *e = io->engine;
	int r;

	if (needs_fallocate(io)) {
		run_fallocate(io);
		return;
	}
	set_where(io, AT_KERNEL);
	r = io_submit(aio(e)->ctx, 1, &cb);
	if (r != 1)
		post(io, r ? r : -EIO);
}

static void prepare(struct aio_engine *a, struct io *io, bool nowait)
{
	struct iocb *cb = iocb_of(io);
	int fd = io->dev->fd;

	if (io->op == IO_READ)
		io_prep_pread(cb, fd, io->buf, io->len, (long long)io->off);
	else if (io->op == IO_WRITE)
		io_prep_pwrite(cb, fd, io->buf, io->len, (long long)io->off);
	else
		io_prep_fdsync(cb, fd);
	if (nowait)
		cb->aio_rw_flags |= RWF_NOWAIT;
	if (io->dsync && io->op == IO_WRITE)
		cb->aio_rw_flags |= RWF_DSYNC;
	io_set_eventfd(cb, a->mailbox.fd);
	cb->data = io;
}

static void to_submitter(struct aio_engine *a, struct io *io)
{
	int r;

	if (!needs_fallocate(io))
		prepare(a, io, false);
	set_where(io, AT_SUBMITTER);
	r = submitter_add(&io->dev->submitter, io, run_blocking);
	if (r) /* by mail: done() must not be called from within submit */
		post(io, r);
}

static void start(struct aio_engine *a, struct io *io)
{
	bool rw = io->op == IO_READ || io->op == IO_WRITE;

	a->inflight++;
	if (needs_fallocate(io) ||
	    (rw && !atomic_load_explicit(&io->dev->nowait,
					 memory_order_relaxed))) {
		to_submitter(a, io);
		return;
	}
	if (a->batched == BATCH)
		a->base.ops->flush(&a->base);
	prepare(a, io, rw);
	set_where(io, AT_ENGINE);
	a->batch[a->batched++] = iocb_of(io);
}

static void aio_submit(struct engine *e, struct io *io)
{
	struct aio_engine *a = aio(e);

	io->engine = e;
	if (a->inflight < a->depth) {
		start(a, io);
		return;
	}
	set_where(io, AT_BACKLOG);
	cds_list_add_tail(&io->link, &a->backlog);
}

/* The kernel refused NOWAIT for io: is it the file system that has none? */
static bool take_blocking(struct aio_engine *a, struct io *io, int64_t res)
{
	enum where w = get_where(io);

	if (w != AT_ENGINE || io->op == IO_FLUSH)
		return false;
	if (res == -EOPNOTSUPP)
		atomic_store_explicit(&io->dev->nowait, false,
				      memory_order_relaxed);
	else if (res != -EAGAIN)
		return false;
	to_submitter(a, io);
	return true;
}

static void aio_flush(struct engine *e)
{
	struct aio_engine *a = aio(e);
	unsigned int i = 0;

	while (i < a->batched) {
		int r = io_submit(a->ctx, (long)(a->batched - i), a->batch + i);

		if (r > 0) {
			i += (unsigned int)r;
			continue;
		}
		if (!take_blocking(a, a->batch[i]->data, r))
			post(a->batch[i]->data, r ? r : -EIO);
		i++;
	}
	a->batched = 0;
}

/*
 * The completion ring as the kernel maps it into our memory: reading it there
 * saves a system call a wake-up. The magic says that it is this layout.
 */
struct aio_ring {
	unsigned int id;
	unsigned int nr;
	_Atomic unsigned int head; /* ours to move */
	_Atomic unsigned int tail; /* the kernel's */
	unsigned int magic;
	unsigned int compat_features;
	unsigned int incompat_features;
	unsigned int header_length;
	struct io_event events[];
};

#define AIO_RING_MAGIC 0xa10a10a1

static int ring_take(struct aio_ring *ring, struct io_event *ev)
{
	/* acquire: the events before the tail have been written. */
	unsigned int tail =
		atomic_load_explicit(&ring->tail, memory_order_acquire);
	unsigned int head =
		atomic_load_explicit(&ring->head, memory_order_relaxed);
	int n = 0;

	for (; head != tail && n < BATCH; n++) {
		ev[n] = ring->events[head];
		head = head + 1 == ring->nr ? 0 : head + 1;
	}
	/* release: the kernel may write over them. */
	if (n)
		atomic_store_explicit(&ring->head, head, memory_order_release);
	return n;
}

static int take_events(struct aio_engine *a, struct io_event *ev)
{
	struct aio_ring *ring = (struct aio_ring *)a->ctx;
	struct timespec zero = { 0, 0 };

	if (ring->magic == AIO_RING_MAGIC && !ring->incompat_features)
		return ring_take(ring, ev);
	return io_getevents(a->ctx, 0, BATCH, ev, &zero);
}

static unsigned int aio_reap(struct engine *e)
{
	struct aio_engine *a = aio(e);
	struct io_event ev[BATCH];
	unsigned int total = 0;
	int n;

	do {
		n = take_events(a, ev);
		for (int i = 0; i < n; i++) {
			struct io *io = ev[i].data;
			int64_t res = (int64_t)ev[i].res;

			/* Orders the submitter's use of io before ours, too. */
			if (!take_blocking(a, io, res))
				finish(a, io, res);
		}
		total += n > 0 ? (unsigned int)n : 0;
	} while (n == BATCH);
	return total + mailbox_deliver(&a->mailbox);
}

static bool aio_recall(struct engine *e, struct io *io)
{
	struct aio_engine *a = aio(e);
	enum where w = get_where(io);

	if (w == AT_BACKLOG) {
		cds_list_del(&io->link);
		return true;
	}
	if (w != AT_SUBMITTER || !submitter_recall(&io->dev->submitter, io))
		return false;
	leave(a);
	return true;
}

static void aio_clear(struct engine *e)
{
	mailbox_clear(&aio(e)->mailbox);
}

static void aio_free(struct engine *e)
{
	struct aio_engine *a = aio(e);

	assert(!a->inflight && cds_list_empty(&a->backlog));
	io_destroy(a->ctx);
	mailbox_fini(&a->mailbox);
	free(a);
}

static const struct engine_ops aio_ops = {
	.submit = aio_submit,
	.flush = aio_flush,
	.reap = aio_reap,
	.recall = aio_recall,
	.clear = aio_clear,
	.free = aio_free,
};

int aio_engine_new(unsigned int depth, struct engine **ret)
{
	struct aio_engine *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->base.ops = &aio_ops;
	a->depth = depth;
	CDS_INIT_LIST_HEAD(&a->backlog);
	r = mailbox_init(&a->mailbox, a);
	if (r)
		goto free_engine;
	a->base.fd = a->mailbox.fd;
	r = io_setup((int)depth, &a->ctx);
	if (r)
		goto fini_mailbox;
	*ret = &a->base;
	return 0;

fini_mailbox:
	mailbox_fini(&a->mailbox);
free_engine:
	free(a);
	return r;
}
