/* SPDX-License-Identifier: MIT */
/*
 * How much of what its paths can do a selector gets out of them: a closed
 * loop of I/Os on simulated time. Each stream keeps a number of I/Os in flight
 * and reads on where it was; a path serves so many at once, in order, each in a
 * time of its own, and longer if no stream of this path ended where the I/O
 * begins (the read-ahead of an array's port follows a few streams).
 */
#ifndef MPATHFS_TESTS_UNIT_SELECTOR_RACE_H
#define MPATHFS_TESTS_UNIT_SELECTOR_RACE_H

#include "tests/unit/selector_model.h"

#define RACE_PATHS 2
#define RACE_SERVERS 64
#define RACE_STREAMS 16
#define RACE_DEPTH 64 /* I/Os in flight, of all streams */
#define RACE_RUNS 16  /* that a path's read-ahead follows */
#define RACE_BYTES 131072

struct race_path {
	uint64_t ns; /* of an I/O that continues a run */
	uint64_t miss; /* and so much more of one that does not */
	unsigned int servers;
};

struct race {
	const char *name;
	struct race_path path[RACE_PATHS];
	unsigned int streams;
	unsigned int depth; /* of each stream */
	uint64_t ios;	    /* how many in all */
	uint64_t swap_at;   /* the I/O with which paths change places; or 0 */
	double best;	    /* I/Os a ns that a perfect choice would reach */
};

struct race_io {
	uint64_t start, end, off;
	unsigned int path, stream;
};

struct race_run {
	const struct race *r;
	struct model m;
	bool swapped;
	uint64_t busy_until[RACE_PATHS][RACE_SERVERS];
	uint64_t runs[RACE_PATHS][RACE_RUNS];
	unsigned int next_run[RACE_PATHS];
	uint64_t next[RACE_STREAMS]; /* where each stream reads on */
	struct race_io io[RACE_DEPTH];
	unsigned int n;
	uint64_t used[RACE_PATHS];
};

static inline bool race_hit(struct race_run *run, unsigned int p, uint64_t off)
{
	for (unsigned int i = 0; i < RACE_RUNS; i++) {
		if (run->runs[p][i] != off)
			continue;
		run->runs[p][i] = off + RACE_BYTES;
		return true;
	}
	run->runs[p][run->next_run[p]++ % RACE_RUNS] = off + RACE_BYTES;
	return false;
}

/* When an I/O that path p gets now will end. */
static inline uint64_t race_serve(struct race_run *run, unsigned int p,
				  uint64_t off)
{
	const struct race_path *rp = &run->r->path[run->swapped ? 1 - p : p];
	uint64_t *server = &run->busy_until[p][0];

	for (unsigned int i = 1; i < rp->servers; i++)
		if (run->busy_until[p][i] < *server)
			server = &run->busy_until[p][i];
	*server = MAX(*server, run->m.now) + rp->ns +
		  (race_hit(run, p, off) ? 0 : rp->miss);
	return *server;
}

static inline void race_submit(struct race_run *run, unsigned int stream)
{
	struct race_io *io = &run->io[run->n++];
	int p;

	io->stream = stream;
	io->off = run->next[stream];
	run->next[stream] += RACE_BYTES;
	run->m.off = io->off;
	p = model_select(&run->m, RACE_BYTES);
	assert_true(p >= 0);
	io->path = (unsigned int)p;
	run->used[io->path]++;
	model_start(&run->m, io->path, RACE_BYTES);
	io->start = run->m.now;
	io->end = race_serve(run, io->path, io->off);
}

/* Ends the I/O that is due first; the stream that it was of. */
static inline unsigned int race_end(struct race_run *run)
{
	struct race_io *io = &run->io[0];
	struct race_io done;

	for (unsigned int i = 1; i < run->n; i++)
		if (run->io[i].end < io->end)
			io = &run->io[i];
	done = *io;
	*io = run->io[--run->n];
	model_end_at(&run->m, done.path, RACE_BYTES, done.start,
		     MAX(done.end, run->m.now));
	return done.stream;
}

/* The share of the best that ops reaches. */
static inline double race(const struct race *r, const struct selector_ops *ops)
{
	struct race_run run = {.r = r};
	uint64_t begin, ended = 0;
	double share;

	assert_true(r->streams * r->depth <= RACE_DEPTH);
	model_init(&run.m, ops, RACE_PATHS);
	begin = run.m.now;
	for (unsigned int s = 0; s < r->streams; s++) {
		run.next[s] = (1 + (uint64_t)s) << 36;
		for (unsigned int d = 0; d < r->depth; d++)
			race_submit(&run, s);
	}
	while (ended < r->ios) {
		unsigned int stream = race_end(&run);

		run.swapped |= ++ended == r->swap_at;
		race_submit(&run, stream);
	}
	share = (double)ended / (double)(run.m.now - begin) / r->best;
	printf("# %s: %s: %.3f of the best (%.1f%% of the I/Os on path 0)\n",
	       r->name, ops->name, share,
	       100.0 * (double)run.used[0] /
		       (double)(run.used[0] + run.used[1]));
	model_destroy(&run.m);
	return share;
}

#endif
