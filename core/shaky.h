/* SPDX-License-Identifier: MIT */
/*
 * san_path_err (census 6.6): a path that fails again and again is held out for
 * a while, although its checker says that it is well. A machine that knows no
 * clock, no I/O and no locks; core/doubt.c feeds it and does what follows.
 *
 * Each time a path that was bad is good again counts as one failure; what was
 * bad is the checker's word as well as an error that I/O has met, each as the
 * checks see it: however many errors between two checks, one failure. With more
 * than `threshold` of them the path is held out until it has been good for
 * `recovery` without a break. While it is good, each `forget_rate` + 1 checks
 * one failure is forgotten. When no other path is left it is released early.
 *
 * All three options must be set, and marginal_path not, which goes before. Where
 * none of the three is set, the two older options become them, as upstream does:
 *
 *   delay_watch_checks N   san_path_err_threshold = 1, _forget_rate = N
 *   delay_wait_checks N    san_path_err_threshold = 1,
 *                          _recovery_time = N x max_polling_interval
 *
 * so that both are needed for any effect.
 *
 * Better than upstream: the end of recovery is exact to the clock, where that
 * waits for the next check after the second in which it lies.
 */
#ifndef MPATHFS_CORE_SHAKY_H
#define MPATHFS_CORE_SHAKY_H

#include "core/base.h"

struct settings;

enum shaky_state {
	SHAKY_GOOD,
	SHAKY_BAD,
	SHAKY_OUT,     /* held out, good */
	SHAKY_OUT_BAD, /* held out, and bad again */
};

enum shaky_event {
	SHAKY_SEEN_GOOD, /* by a check */
	SHAKY_SEEN_BAD,	 /* by a check or by I/O */
	SHAKY_TIME,	 /* shaky_due() has come */
	SHAKY_ALONE,	 /* no other path is left */
};

/* What follows. */
enum shaky_result {
	SHAKY_STAYS,
	SHAKY_HOLD,    /* it is held out now */
	SHAKY_RELEASE, /* no longer */
};

struct shaky_rules {
	uint64_t threshold;   /* failures */
	uint64_t forget_rate; /* checks */
	uint64_t recovery;    /* ns */
};

/* Zeroed: a path of which nothing is known. Private to shaky.c. */
struct shaky {
	enum shaky_state state;
	uint64_t failures;
	uint64_t credit; /* good checks until one is forgotten */
	uint64_t since;	 /* ns: held out, and good since then */
	uint32_t reached; /* 1 << enum shaky_row: for coverage */
};

/* The rows of the table of transitions. */
enum shaky_row {
	SROW_GOOD,
	SROW_GOOD_COUNTS,
	SROW_FORGETS,
	SROW_FAILS,
	SROW_FAILS_AGAIN,
	SROW_BACK,
	SROW_HOLD,
	SROW_OUT_OVER,
	SROW_OUT_WAITS,
	SROW_OUT_TIME,
	SROW_OUT_FAILS,
	SROW_OUT_FAILS_AGAIN,
	SROW_OUT_RESTARTS,
	SROW_OUT_ALONE,
	SROW_COUNT
};

/* The rules that a volume's settings make; false: none. */
bool shaky_rules(const struct settings *s, struct shaky_rules *ret);

/* Makes the transition. */
enum shaky_result shaky_step(struct shaky *s, const struct shaky_rules *r,
			     enum shaky_event ev, uint64_t now);
static inline bool shaky_out(const struct shaky *s)
{
	return s->state == SHAKY_OUT || s->state == SHAKY_OUT_BAD;
}
/* ns: when SHAKY_TIME is to be said; UINT64_MAX: not at all. */
uint64_t shaky_due(const struct shaky *s, const struct shaky_rules *r);
/* For coverage: "held out", ... */
const char *shaky_row_name(enum shaky_row row);

#endif
