// SPDX-License-Identifier: MIT
/* One block read through an engine; see probe.h. No locks: one thread's. */
#include "core/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"

/* Of a file without a block of its own. */
#define FILE_BLOCK 512

static void done(struct io *io, int64_t res)
{
	struct probe *p = container_of(io, struct probe, io);

	free(io->buf);
	io->buf = NULL;
	p->res = res;
	p->out = false;
	p->ended(p);
}

int probe_start(struct probe *p, struct engine *e, struct device *d)
{
	/* A file of any alignment may be shorter than a block. */
	uint64_t len = d->limits.block > 1 ? d->limits.block :
					     MIN(d->limits.size, FILE_BLOCK);
	uint64_t align = MAX(d->limits.block, FILE_BLOCK);

	assert(p->ended && !p->out && len);
	p->io.buf = aligned_alloc(align, ROUND_UP(len, align));
	if (!p->io.buf)
		return -ENOMEM;
	p->io.op = IO_READ;
	p->io.dsync = false;
	p->io.dev = d;
	p->io.off = 0;
	p->io.len = len;
	p->io.done = done;
	p->out = true;
	e->ops->submit(e, &p->io);
	return 0;
}

bool probe_out(const struct probe *p)
{
	return p->out;
}

bool probe_well(const struct probe *p)
{
	assert(!p->out);
	if (p->res < 0)
		return p->res == -EBADE || p->res == -ENODATA;
	return (uint64_t)p->res >= p->io.len;
}

void probe_text(const struct probe *p, char *buf, size_t size)
{
	if (p->res < 0) {
		const char *name = strerrorname_np((int)-p->res);

		snprintf(buf, size, "%s on read of block 0",
			 name ? name : "error");
	} else {
		snprintf(buf, size, "%s", probe_well(p) ? "" :
					  "short read of block 0");
	}
}
