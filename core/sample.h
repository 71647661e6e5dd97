/* SPDX-License-Identifier: MIT */
/*
 * A sample of a path (census 6.6): in each cycle of 100 ms 32 reads of its first
 * block side by side, as far as those of the cycles before have come back. In
 * the last minute none is begun. A read that fails, or takes more than a
 * minute, is an error.
 *
 * The monitor's. Of all samples together no more than SAMPLE_READS_MAX reads
 * may be out: its engine has room for those beside the checks.
 */
#ifndef MPATHFS_CORE_SAMPLE_H
#define MPATHFS_CORE_SAMPLE_H

#include "core/marginal.h"

struct monitor;
struct path;
struct sample;

#define SAMPLE_READS_MAX 512

/*
 * Begins to read p's device for so many ns, *at: here the sample is until it
 * is freed. ended: with what came of it; the sample has stopped by then. -EBUSY:
 * too many are being taken, or reads of the last one of p are still out;
 * -ENODEV, -ENOMEM.
 */
int sample_start(struct monitor *m, struct path *p, uint64_t duration,
		 void (*ended)(struct monitor *m, struct path *p,
			       const struct sampled *s),
		 struct sample **at) MUST_CHECK;
/* Begins nothing more, ends without a word. NULL, or one that has: nothing. */
void sample_stop(struct sample *s);
/* Is any of its reads out? Then the device stays. */
bool sample_out(const struct sample *s);
/* It has stopped and nothing is out. NULL: nothing happens. */
void sample_free(struct sample *s);

#endif
