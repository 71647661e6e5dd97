/* SPDX-License-Identifier: MIT */
/*
 * A probe: one block read from the beginning of a device, for nobody but to
 * see whether that works. By direct I/O where the device was opened so.
 *
 * While the read is out it is the kernel's: neither the probe nor the device
 * may go, however long that takes. Its buffer is its own, since what checks
 * data on the way (digests, protection information) would fail a read whose
 * buffer another one writes to; there is one while the read is out only.
 */
#ifndef MPATHFS_CORE_PROBE_H
#define MPATHFS_CORE_PROBE_H

#include "core/base.h"
#include "core/engine.h"

struct device;

struct probe {
	/* Set by the caller, once: the read has ended. On the engine's thread;
	 * may start it again, or free it. */
	void (*ended)(struct probe *p);
	/* private to probe.c */
	struct io io;
	bool out;
	int64_t res;
};

/*
 * Begins the read; the caller flushes the engine. It must not be out already.
 * -ENOMEM: nothing has begun.
 */
int probe_start(struct probe *p, struct engine *e,
		struct device *d) MUST_CHECK;
bool probe_out(const struct probe *p);
/*
 * Of one that has ended: is the way to the LUN well? All of the block was read;
 * or the LUN has answered what it would by any other path: another host has
 * reserved it (EBADE), or that very block is defective (ENODATA).
 */
bool probe_well(const struct probe *p);
/* What came of it: "EIO on read of block 0", "short read of block 0", "". */
void probe_text(const struct probe *p, char *buf, size_t size);

#endif
