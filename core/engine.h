/* SPDX-License-Identifier: MIT */
/*
 * The contract of the I/O engine: what carries one attempt to one device and
 * brings its result back. The real one is libaio (core/aio.c); the simulator
 * brings its own. One instance a thread (each lane, the monitor): every call
 * below is made by that thread, and every done() arrives on it.
 *
 * Submitting never blocks: what the kernel does not take at once goes to the
 * device's submitter thread.
 */
#ifndef MPATHFS_CORE_ENGINE_H
#define MPATHFS_CORE_ENGINE_H

#include <stdatomic.h>
#include <urcu/list.h>
#include "core/base.h"
#include "core/mailbox.h"

struct device;
struct engine;

enum io_op { IO_READ, IO_WRITE, IO_FLUSH, IO_DISCARD, IO_ZERO };

/* Does the operation change the medium? */
static inline bool io_op_modifies(enum io_op op)
{
	return op == IO_WRITE || op == IO_DISCARD || op == IO_ZERO;
}

/* One attempt. Whoever embeds it owns it again when done() is called. */
struct io {
	/* set by the caller */
	enum io_op op;
	bool dsync; /* of a write: on stable storage before it is done */
	struct device *dev;
	void *buf; /* of a read or write; the engine's until done() */
	uint64_t off; /* bytes */
	uint64_t len;
	/* res: bytes done, or -errno. May submit again. */
	void (*done)(struct io *io, int64_t res);
	/* private to the engine */
	struct engine *engine;
	struct cds_list_head link; /* the device's submitter queue */
	struct mail mail;
	int64_t res;
	uint64_t iocb[8]; /* a struct iocb */
	_Atomic uint8_t where;
};

struct engine_ops {
	/* Takes io; nothing is promised to have begun before flush. */
	void (*submit)(struct engine *e, struct io *io);
	/* Hands what was submitted to the kernel, as one batch. */
	void (*flush)(struct engine *e);
	/* Calls done() for all that has completed; returns how many. Does not
	 * touch fd, so that it may be called freely. */
	unsigned int (*reap)(struct engine *e);
	/*
	 * Takes back an io that waits for the device's submitter thread and
	 * that no device has seen: true, and done() will not be called. False:
	 * too late.
	 */
	bool (*recall)(struct engine *e, struct io *io);
	/* After poll said that fd is readable, before reap. */
	void (*clear)(struct engine *e);
	/* Nothing is in flight, the devices are closed: their threads use e. */
	void (*free)(struct engine *e);
};

struct engine {
	const struct engine_ops *ops;
	int fd; /* readable when reap() may have something; -1: none */
};

/*
 * A libaio engine with depth attempts in flight; more wait. -EAGAIN with a hint in
 * the caller's log: fs.aio-max-nr is used up.
 */
int aio_engine_new(unsigned int depth, struct engine **ret) MUST_CHECK;

#endif
