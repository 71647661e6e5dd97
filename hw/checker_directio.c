// SPDX-License-Identifier: MIT
/*
 * Reads the first block (census 4.3): all of it came, the path is up; an error
 * or less, it is down; nothing within the timeout, it is down too, and the read
 * that is still out (the orphan) keeps its buffer and holds up no other path.
 * While it is out there is no new read: the path stands at timeout.
 */
#include "hw/checkers.h"

#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/engine.h"

#define BLOCK 4096

struct directio {
	struct io io;
	char *buf; /* page-aligned, in room */
	uint64_t started;
	int64_t res;
	bool out;     /* the read is the kernel's */
	char room[2 * BLOCK];
};

static void directio_done(struct io *io, int64_t res)
{
	struct directio *d = container_of(io, struct directio, io);

	d->res = res;
	d->out = false;
}

static enum check_state directio_start(struct checker *c, uint64_t now)
{
	struct directio *d = c->priv;
	uint64_t size = c->dev->limits.size;

	assert(!d->out);
	d->buf = (char *)ROUND_UP((uintptr_t)d->room, (uintptr_t)BLOCK);
	d->io.op = IO_READ;
	d->io.dsync = false;
	d->io.dev = c->dev;
	d->io.buf = d->buf;
	d->io.off = 0;
	/* One block of the device; a file of any alignment may be shorter. */
	d->io.len = c->dev->limits.block > 1 ? c->dev->limits.block :
					       MIN(size, (uint64_t)512);
	d->io.done = directio_done;
	d->started = now;
	d->out = true;
	c->engine->ops->submit(c->engine, &d->io);
	return CHECK_PENDING;
}

static enum check_state directio_collect(struct checker *c, uint64_t now)
{
	struct directio *d = c->priv;

	if (d->out)
		return now - d->started < c->timeout ? CHECK_PENDING :
						       CHECK_TIMEOUT;
	if (d->res < 0) {
		const char *name = strerrorname_np((int)-d->res);

		snprintf(c->message, sizeof(c->message), "%s on read of block 0",
			 name ? name : "error");
		return CHECK_DOWN;
	}
	if ((uint64_t)d->res < d->io.len) {
		snprintf(c->message, sizeof(c->message),
			 "short read of block 0");
		return CHECK_DOWN;
	}
	return CHECK_UP;
}

static bool directio_busy(const struct checker *c)
{
	const struct directio *d = c->priv;

	return d && d->out;
}

const struct checker_ops checker_directio = {
	.name = "directio",
	.priv_size = sizeof(struct directio),
	.start = directio_start,
	.collect = directio_collect,
	.busy = directio_busy,
};
