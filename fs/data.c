// SPDX-License-Identifier: MIT
/*
 * Data requests on the wire; see data.h.
 *
 * A FALLOCATE of any range on a device of blocks is done in up to three steps:
 * the part of a block at its head, that at its tail (both as writes of zeros),
 * then the whole blocks between them.
 */
#include "fs/data.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/uio.h>

#include "core/volume.h"
#include "fs/ino.h"
#include "fs/mount.h"
#include "fs/slice.h"

static_assert(sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in) ==
		      SLOT_HEADER,
	      "a WRITE's payload follows a header of this size");

enum step { STEP_HEAD, STEP_TAIL, STEP_MIDDLE, STEP_END };

bool data_is_ours(uint32_t opcode, uint64_t ino)
{
	switch (opcode) {
	case FUSE_READ:
	case FUSE_WRITE:
	case FUSE_FSYNC:
	case FUSE_FALLOCATE:
		return ino_kind(ino) == KIND_DATA ||
		       ino_kind(ino) == KIND_PARTITION;
	default:
		return false;
	}
}

/*
 * The kernel takes an answer whole or says that nobody waits for it any more
 * (ENOENT: the request was aborted), which is fine.
 */
static void answer(int fd, uint64_t unique, int err, const void *body,
		   size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof(out) + len),
		.error = -err,
		.unique = unique,
	};
	struct iovec iov[2] = {
		{ .iov_base = &out, .iov_len = sizeof(out) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = len },
	};
	ssize_t n;

	do
		n = writev(fd, iov, len ? 2 : 1);
	while (n < 0 && errno == EINTR);
}

void data_answer_error(int fd, uint64_t unique, int err)
{
	answer(fd, unique, err, NULL, 0);
}

static enum data_verdict refuse(int fd, struct slot *s, int err)
{
	data_answer_error(fd, s->unique, err);
	return DATA_ANSWERED;
}

static const struct view *view_of(struct volume *v)
{
	return atomic_load_explicit(&v->view, memory_order_acquire);
}

/* What follows the header of a message. */
static const void *body_of(const struct slot *s)
{
	return s->header + sizeof(struct fuse_in_header);
}

/* In these: the file's bytes are the volume's from start on, so many. */
static enum data_verdict begin_read(int fd, struct slot *s, uint64_t start,
				    uint64_t size)
{
	const struct fuse_read_in *in = body_of(s);
	struct request *r = &s->req;

	if (in->offset >= size) {
		answer(fd, s->unique, 0, NULL, 0);
		return DATA_ANSWERED;
	}
	r->op = IO_READ;
	r->off = start + in->offset;
	r->len = MIN((uint64_t)in->size, size - in->offset);
	if (r->len > MOUNT_MAX_IO)
		return refuse(fd, s, EINVAL);
	return DATA_SUBMIT;
}

static enum data_verdict begin_write(int fd, struct slot *s, uint64_t start,
				     uint64_t size)
{
	const struct fuse_write_in *in = body_of(s);
	struct request *r = &s->req;

	if (in->offset >= size) {
		refuse(fd, s, ENOSPC);
		return DATA_PAST_END;
	}
	r->op = IO_WRITE;
	r->off = start + in->offset;
	r->len = MIN((uint64_t)in->size, size - in->offset);
	r->dsync = (in->flags & (O_DSYNC | O_SYNC)) != 0;
	if (r->len == in->size) {
		s->answer = in->size;
		return DATA_SUBMIT;
	}
	/*
	 * The part within is written, as it may be older than the part without
	 * (write-back joins them); then ENOSPC, not a short answer, which the
	 * loop driver takes for success.
	 */
	s->answer = 0;
	return DATA_SUBMIT_PART;
}

static enum data_verdict begin_fsync(struct slot *s)
{
	s->req.op = IO_FLUSH;
	s->req.off = s->req.len = 0;
	return DATA_SUBMIT;
}

/* Sets up the next step that has something to do; false: there is none. */
static bool next_step(struct slot *s)
{
	struct fallocate_steps *f = &s->steps;
	uint64_t first = ROUND_UP(f->off, (uint64_t)f->block);
	uint64_t last = ROUND_DOWN(f->end, (uint64_t)f->block);
	uint64_t off, end;
	struct request *r = &s->req;

	for (; f->step < STEP_END; f->step++) {
		if (f->step == STEP_HEAD) {
			off = f->off;
			end = MIN(first, f->end);
		} else if (f->step == STEP_TAIL) {
			off = MAX(last, first); /* one block: the head's */
			end = f->end;
		} else {
			off = first;
			end = last;
		}
		if (off >= end)
			continue;
		r->op = f->step == STEP_MIDDLE ? f->op : IO_WRITE;
		r->off = off;
		r->len = end - off;
		if (r->op == IO_WRITE)
			memset(r->buf, 0, r->len);
		f->step++;
		return true;
	}
	return false;
}

static enum data_verdict begin_fallocate(int fd, struct slot *s, uint64_t start,
					 uint64_t size, uint32_t block)
{
	const struct fuse_fallocate_in *in = body_of(s);
	uint32_t mode = in->mode & ~(uint32_t)FALLOC_FL_KEEP_SIZE;
	uint64_t end = in->offset + in->length;
	struct fallocate_steps *f = &s->steps;

	if (mode != FALLOC_FL_PUNCH_HOLE && mode != FALLOC_FL_ZERO_RANGE)
		return refuse(fd, s, EOPNOTSUPP); /* as a block device does */
	if (end < in->offset)
		return refuse(fd, s, EINVAL);
	if (end > size && !(in->mode & FALLOC_FL_KEEP_SIZE))
		return refuse(fd, s, ENOSPC);
	*f = (struct fallocate_steps){
		.off = start + in->offset,
		.end = start + MIN(end, size),
		.block = block,
		.op = mode == FALLOC_FL_PUNCH_HOLE ? IO_DISCARD : IO_ZERO,
		.step = STEP_HEAD,
		.active = true,
	};
	if (f->off < f->end && next_step(s))
		return DATA_SUBMIT;
	answer(fd, s->unique, 0, NULL, 0);
	return DATA_ANSWERED;
}

enum data_verdict data_begin(int fd, struct slot *s, const struct extent *x)
{
	const struct fuse_in_header *in = (const void *)s->header;
	const struct view *view;
	uint64_t size;

	s->unique = in->unique;
	s->pid = in->pid;
	atomic_store_explicit(&s->live, in->unique, memory_order_relaxed);
	if (!x->volume)
		return refuse(fd, s, ENODEV);
	view = view_of(x->volume);
	size = slice_within(x->start, x->size, view->size);
	s->req.volume = x->volume;
	s->req.dsync = false;
	switch (in->opcode) {
	case FUSE_READ:
		return begin_read(fd, s, x->start, size);
	case FUSE_WRITE:
		return begin_write(fd, s, x->start, size);
	case FUSE_FSYNC:
		return begin_fsync(s);
	default:
		return begin_fallocate(fd, s, x->start, size, view->block);
	}
}

static void answer_write(int fd, struct slot *s)
{
	struct fuse_write_out out = { .size = s->answer };

	if (s->answer)
		answer(fd, s->unique, 0, &out, sizeof(out));
	else
		data_answer_error(fd, s->unique, ENOSPC);
}

bool data_done(int fd, struct slot *s, int err)
{
	const struct request *r = &s->req;

	if (!err && s->steps.active && next_step(s))
		return true;
	if (err)
		data_answer_error(fd, s->unique, err);
	else if (s->steps.active || r->op == IO_FLUSH)
		answer(fd, s->unique, 0, NULL, 0);
	else if (r->op == IO_READ)
		answer(fd, s->unique, 0, r->buf + r->shift, r->len);
	else
		answer_write(fd, s);
	return false;
}
