/* SPDX-License-Identifier: MIT */
/*
 * marginal_path (census 6.6): a path that has failed twice within a short time
 * is not trusted until it has shown by reads that it is worth it. A machine
 * that knows no clock, no I/O and no locks; core/doubt.c feeds it, core/sample.c
 * reads.
 *
 *   TRUSTED -failure-> ONCE -failure within double_failed_time-> WAITING
 *   WAITING -the checker says good-> SAMPLING
 *   SAMPLING -few errors-> TRUSTED
 *            -too many---> GAP -recheck_gap_time-> WAITING
 *
 * All four options must be set. When no other path is left it is trusted again
 * in any state.
 */
#ifndef MPATHFS_CORE_MARGINAL_H
#define MPATHFS_CORE_MARGINAL_H

#include "core/base.h"

struct settings;

enum marginal_state {
	MARGINAL_TRUSTED,
	MARGINAL_ONCE,
	MARGINAL_WAITING, /* for its checker to say good */
	MARGINAL_SAMPLING,
	MARGINAL_GAP,
};

enum marginal_event {
	MARGINAL_FAILED,  /* it was in use, and no longer is */
	MARGINAL_GOOD,	  /* says its checker */
	MARGINAL_SAMPLED, /* a sample has ended, with what sampled says */
	MARGINAL_UNABLE,  /* no sample can be taken now */
	MARGINAL_TIME,	  /* marginal_due() has come */
	MARGINAL_ALONE,	  /* no other path is left */
};

/* What follows. */
enum marginal_result {
	MARGINAL_STAYS,
	MARGINAL_HOLD,	  /* it is not trusted now */
	MARGINAL_SAMPLE,  /* take a sample */
	MARGINAL_RELEASE, /* it is trusted again */
};

struct marginal_rules {
	uint64_t double_failed; /* ns */
	uint64_t sample;	/* ns */
	uint64_t gap;		/* ns */
	uint64_t rate;		/* errors in a thousand reads */
};

/* Zeroed: trusted. Private to marginal.c. */
struct marginal {
	enum marginal_state state;
	uint64_t since;	  /* ns: ONCE: it failed; GAP: the sample has ended */
	uint32_t reached; /* 1 << enum marginal_row: for coverage */
};

struct sampled {
	uint64_t reads, errors;
};

/* The rows of the table of transitions. */
enum marginal_row {
	MROW_FIRST,
	MROW_SECOND,
	MROW_FIRST_AGAIN,
	MROW_SAMPLE,
	MROW_WELL,
	MROW_BADLY,
	MROW_UNABLE,
	MROW_GAP_OVER,
	MROW_ALONE_WAITING,
	MROW_ALONE_SAMPLING,
	MROW_ALONE_GAP,
	MROW_COUNT
};

/* The rules that a volume's settings make; false: none. */
bool marginal_rules(const struct settings *s, struct marginal_rules *ret);

/* Makes the transition. sampled: of MARGINAL_SAMPLED, else NULL. */
enum marginal_result marginal_step(struct marginal *s,
				   const struct marginal_rules *r,
				   enum marginal_event ev,
				   const struct sampled *sampled, uint64_t now);
static inline bool marginal_out(const struct marginal *s)
{
	return s->state >= MARGINAL_WAITING;
}
/* ns: when MARGINAL_TIME is to be said; UINT64_MAX: not at all. */
uint64_t marginal_due(const struct marginal *s,
		      const struct marginal_rules *r);
/* For coverage: "second failure", ... */
const char *marginal_row_name(enum marginal_row row);

#endif
