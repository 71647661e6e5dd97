// SPDX-License-Identifier: MIT
/*
 * The table of transitions of a shaky path; see shaky.h. Of the rows of a state
 * and an event the first whose condition holds is taken; where there is none,
 * nothing happens.
 */
#include "core/shaky.h"

#include "core/config.h"

struct step {
	struct shaky *s;
	const struct shaky_rules *r;
	uint64_t now;
};

struct row {
	const char *name;
	enum shaky_state state;
	enum shaky_event event;
	bool (*when)(const struct step *t); /* NULL: always */
	void (*act)(const struct step *t);  /* NULL: nothing */
	enum shaky_state next;
	enum shaky_result result;
};

static bool has_no_failures(const struct step *t)
{
	return !t->s->failures;
}

static bool has_credit(const struct step *t)
{
	return t->s->credit > 0;
}

/* This failure included. */
static bool is_tolerable(const struct step *t)
{
	return t->s->failures + 1 <= t->r->threshold;
}

static bool is_over(const struct step *t)
{
	return t->now - t->s->since >= t->r->recovery;
}

static void count_check(const struct step *t)
{
	t->s->credit--;
}

static void forget(const struct step *t)
{
	t->s->failures--;
	t->s->credit = t->r->forget_rate;
}

static void count_failure(const struct step *t)
{
	if (!t->s->failures)
		t->s->credit = t->r->forget_rate;
	t->s->failures++;
}

static void start_clock(const struct step *t)
{
	count_failure(t);
	t->s->since = t->now;
}

static void restart_clock(const struct step *t)
{
	t->s->since = t->now;
}

static void release(const struct step *t)
{
	t->s->failures = t->s->credit = t->s->since = 0;
}

/* clang-format off */
static const struct row rows[SROW_COUNT] = {
	[SROW_GOOD] = { "good", SHAKY_GOOD, SHAKY_SEEN_GOOD,
		has_no_failures, NULL, SHAKY_GOOD, SHAKY_STAYS },
	[SROW_GOOD_COUNTS] = { "good, towards forgetting", SHAKY_GOOD,
		SHAKY_SEEN_GOOD, has_credit, count_check, SHAKY_GOOD,
		SHAKY_STAYS },
	[SROW_FORGETS] = { "forgets one", SHAKY_GOOD, SHAKY_SEEN_GOOD,
		NULL, forget, SHAKY_GOOD, SHAKY_STAYS },
	[SROW_FAILS] = { "fails", SHAKY_GOOD, SHAKY_SEEN_BAD,
		NULL, NULL, SHAKY_BAD, SHAKY_STAYS },
	[SROW_FAILS_AGAIN] = { "still bad", SHAKY_BAD, SHAKY_SEEN_BAD,
		NULL, NULL, SHAKY_BAD, SHAKY_STAYS },
	[SROW_BACK] = { "back", SHAKY_BAD, SHAKY_SEEN_GOOD,
		is_tolerable, count_failure, SHAKY_GOOD, SHAKY_STAYS },
	[SROW_HOLD] = { "held out", SHAKY_BAD, SHAKY_SEEN_GOOD,
		NULL, start_clock, SHAKY_OUT, SHAKY_HOLD },
	[SROW_OUT_OVER] = { "out, over at a check", SHAKY_OUT, SHAKY_SEEN_GOOD,
		is_over, release, SHAKY_GOOD, SHAKY_RELEASE },
	[SROW_OUT_WAITS] = { "out, good", SHAKY_OUT, SHAKY_SEEN_GOOD,
		NULL, NULL, SHAKY_OUT, SHAKY_STAYS },
	[SROW_OUT_TIME] = { "out, over by the clock", SHAKY_OUT, SHAKY_TIME,
		is_over, release, SHAKY_GOOD, SHAKY_RELEASE },
	[SROW_OUT_FAILS] = { "out, fails", SHAKY_OUT, SHAKY_SEEN_BAD,
		NULL, NULL, SHAKY_OUT_BAD, SHAKY_STAYS },
	[SROW_OUT_FAILS_AGAIN] = { "out, still bad", SHAKY_OUT_BAD,
		SHAKY_SEEN_BAD, NULL, NULL, SHAKY_OUT_BAD, SHAKY_STAYS },
	[SROW_OUT_RESTARTS] = { "out, the clock begins anew", SHAKY_OUT_BAD,
		SHAKY_SEEN_GOOD, NULL, restart_clock, SHAKY_OUT, SHAKY_STAYS },
	[SROW_OUT_ALONE] = { "out, no other path", SHAKY_OUT, SHAKY_ALONE,
		NULL, release, SHAKY_GOOD, SHAKY_RELEASE },
};
/* clang-format on */

enum shaky_result shaky_step(struct shaky *s, const struct shaky_rules *r,
			     enum shaky_event ev, uint64_t now)
{
	const struct step t = { s, r, now };

	for (unsigned int i = 0; i < SROW_COUNT; i++) {
		const struct row *row = &rows[i];

		if (row->state != s->state || row->event != ev ||
		    (row->when && !row->when(&t)))
			continue;
		if (row->act)
			row->act(&t);
		s->state = row->next;
		s->reached |= 1u << i;
		assert(row->result != SHAKY_RELEASE || !s->failures);
		return row->result;
	}
	return SHAKY_STAYS;
}

uint64_t shaky_due(const struct shaky *s, const struct shaky_rules *r)
{
	return s->state == SHAKY_OUT ? s->since + r->recovery : UINT64_MAX;
}

const char *shaky_row_name(enum shaky_row row)
{
	return rows[row].name;
}

static uint64_t value(const struct settings *s, enum opt o)
{
	return s->v[o].num > 0 ? (uint64_t)s->v[o].num : 0;
}

/* Seconds. */
static uint64_t max_polling_interval(const struct settings *s)
{
	uint64_t min = value(s, OPT_POLLING_INTERVAL);
	uint64_t max = value(s, OPT_MAX_POLLING_INTERVAL);

	return max ? MAX(max, min) : 4 * min;
}

bool shaky_rules(const struct settings *s, struct shaky_rules *ret)
{
	uint64_t threshold = value(s, OPT_SAN_PATH_ERR_THRESHOLD);
	uint64_t rate = value(s, OPT_SAN_PATH_ERR_FORGET_RATE);
	uint64_t recovery = value(s, OPT_SAN_PATH_ERR_RECOVERY_TIME);

	if (!threshold && !rate && !recovery) {
		threshold = 1;
		rate = value(s, OPT_DELAY_WATCH_CHECKS);
		recovery = value(s, OPT_DELAY_WAIT_CHECKS) *
			   max_polling_interval(s);
	}
	if (!threshold || !rate || !recovery)
		return false;
	*ret = (struct shaky_rules){
		.threshold = threshold,
		.forget_rate = rate,
		.recovery = recovery * NSEC_PER_SEC,
	};
	return true;
}
