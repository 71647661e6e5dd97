/* SPDX-License-Identifier: MIT */
/*
 * An engine that does nothing by itself: it records what is submitted, and the
 * test completes each attempt, in any order, with any result. With a disk
 * behind it, a transfer moves bytes at the moment the test completes it.
 *
 * What the contract forbids fails the test: completing what was never flushed,
 * a buffer missing, an attempt submitted twice.
 */
#ifndef MPATHFS_TESTS_UNIT_FAKE_ENGINE_H
#define MPATHFS_TESTS_UNIT_FAKE_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/engine.h"

#define FAKE_OUT 512
/* As a result: all of it. */
#define ALL INT64_MAX

struct fake_io {
	struct io *io;
	int64_t res;
	bool flushed;
	bool queued; /* no device has seen it: may be recalled */
};

struct fake_engine {
	struct engine base;
	struct fake_io out[FAKE_OUT]; /* in the order of submission */
	unsigned int n;
	struct fake_io ended[FAKE_OUT]; /* completed, not reaped */
	unsigned int nended;
	char *disk; /* NULL: no bytes move */
	bool queue; /* what comes now waits for the submitter's thread */
	unsigned int depth; /* what comes beyond waits for a place; 0: none */
	unsigned int submitted; /* ever */
};

static inline struct fake_engine *fake_engine_of(struct engine *e)
{
	return container_of(e, struct fake_engine, base);
}

static inline void fake_submit(struct engine *e, struct io *io)
{
	struct fake_engine *f = fake_engine_of(e);
	bool data = io->op == IO_READ || io->op == IO_WRITE;

	assert_true(f->n < FAKE_OUT);
	assert_non_null(io->dev);
	assert_non_null(io->done);
	if (data)
		assert_non_null(io->buf);
	if (io->op != IO_FLUSH)
		assert_true(io->len > 0);
	for (unsigned int i = 0; i < f->n; i++)
		assert_ptr_not_equal(f->out[i].io, io);
	io->engine = e;
	f->submitted++;
	f->out[f->n++] = (struct fake_io){.io = io, .queued = f->queue};
}

static inline void fake_flush(struct engine *e)
{
	struct fake_engine *f = fake_engine_of(e);

	for (unsigned int i = 0; i < f->n && (!f->depth || i < f->depth); i++)
		f->out[i].flushed = true;
}

static inline struct fake_io fake_take(struct fake_engine *f, unsigned int i)
{
	struct fake_io ret;

	assert_true(i < f->n);
	ret = f->out[i];
	f->n--;
	memmove(&f->out[i], &f->out[i + 1], (f->n - i) * sizeof(f->out[0]));
	return ret;
}

static inline void fake_move(const struct fake_engine *f, const struct io *io,
			     uint64_t n)
{
	if (!f->disk)
		return;
	if (io->op == IO_READ)
		memcpy(io->buf, f->disk + io->off, n);
	else if (io->op == IO_WRITE)
		memcpy(f->disk + io->off, io->buf, n);
	else if (io->op == IO_ZERO)
		memset(f->disk + io->off, 0, n);
}

/* out[i] has ended with res; done() follows when the lane reaps. */
static inline void fake_complete(struct fake_engine *f, unsigned int i,
				 int64_t res)
{
	struct fake_io fio = fake_take(f, i);

	if (!fio.flushed)
		fail_msg("completed before it was flushed");
	fio.res = res == ALL ? (int64_t)fio.io->len : res;
	if (fio.res > 0)
		fake_move(f, fio.io, (uint64_t)fio.res);
	f->ended[f->nended++] = fio;
}

static inline unsigned int fake_reap(struct engine *e)
{
	struct fake_engine *f = fake_engine_of(e);
	unsigned int n = 0;

	for (; f->nended; n++) {
		struct fake_io fio = f->ended[0];

		f->nended--;
		memmove(&f->ended[0], &f->ended[1],
			f->nended * sizeof(f->ended[0]));
		fio.io->done(fio.io, fio.res);
	}
	return n;
}

static inline bool fake_recall(struct engine *e, struct io *io)
{
	struct fake_engine *f = fake_engine_of(e);

	for (unsigned int i = 0; i < f->n; i++) {
		if (f->out[i].io != io)
			continue;
		if (!f->out[i].queued)
			return false;
		fake_take(f, i);
		return true;
	}
	return false;
}

static inline void fake_clear(struct engine *e)
{
	(void)e;
}

static const struct engine_ops fake_engine_ops = {
	.submit = fake_submit,
	.flush = fake_flush,
	.reap = fake_reap,
	.recall = fake_recall,
	.clear = fake_clear,
};

static inline void fake_engine_init(struct fake_engine *f)
{
	memset(f, 0, sizeof(*f));
	f->base.ops = &fake_engine_ops;
	f->base.fd = -1;
}

#endif
