// SPDX-License-Identifier: MIT
/*
 * The table of transitions of a marginal path; see marginal.h. Of the rows of a
 * state and an event the first whose condition holds is taken; where there is
 * none, nothing happens.
 */
#include "core/marginal.h"

#include "core/config.h"

struct step {
	const struct marginal *s;
	const struct marginal_rules *r;
	const struct sampled *sampled;
	uint64_t now;
};

struct row {
	const char *name;
	enum marginal_state state;
	enum marginal_event event;
	bool (*when)(const struct step *t); /* NULL: always */
	enum marginal_state next;
	enum marginal_result result;
};

static bool is_double(const struct step *t)
{
	return t->now - t->s->since <= t->r->double_failed;
}

/*
 * errors / reads <= rate / 1000; without a read nothing speaks against it. Not
 * rounded down to whole errors in a thousand first, as upstream's: with a rate
 * of 1 that would allow nearly 2.
 */
static bool is_well(const struct step *t)
{
	return t->sampled->errors * 1000 <= t->r->rate * t->sampled->reads;
}

static bool is_over(const struct step *t)
{
	return t->now - t->s->since >= t->r->gap;
}

/* clang-format off */
static const struct row rows[MROW_COUNT] = {
	[MROW_FIRST] = { "first failure", MARGINAL_TRUSTED, MARGINAL_FAILED,
		NULL, MARGINAL_ONCE, MARGINAL_STAYS },
	[MROW_SECOND] = { "second failure", MARGINAL_ONCE, MARGINAL_FAILED,
		is_double, MARGINAL_WAITING, MARGINAL_HOLD },
	[MROW_FIRST_AGAIN] = { "first failure again", MARGINAL_ONCE,
		MARGINAL_FAILED, NULL, MARGINAL_ONCE, MARGINAL_STAYS },
	[MROW_SAMPLE] = { "a sample begins", MARGINAL_WAITING, MARGINAL_GOOD,
		NULL, MARGINAL_SAMPLING, MARGINAL_SAMPLE },
	[MROW_WELL] = { "few errors", MARGINAL_SAMPLING, MARGINAL_SAMPLED,
		is_well, MARGINAL_TRUSTED, MARGINAL_RELEASE },
	[MROW_BADLY] = { "too many errors", MARGINAL_SAMPLING,
		MARGINAL_SAMPLED, NULL, MARGINAL_GAP, MARGINAL_STAYS },
	[MROW_UNABLE] = { "no sample now", MARGINAL_SAMPLING, MARGINAL_UNABLE,
		NULL, MARGINAL_WAITING, MARGINAL_STAYS },
	[MROW_GAP_OVER] = { "the gap is over", MARGINAL_GAP, MARGINAL_TIME,
		is_over, MARGINAL_WAITING, MARGINAL_STAYS },
	[MROW_ALONE_WAITING] = { "waiting, no other path", MARGINAL_WAITING,
		MARGINAL_ALONE, NULL, MARGINAL_TRUSTED, MARGINAL_RELEASE },
	[MROW_ALONE_SAMPLING] = { "sampling, no other path",
		MARGINAL_SAMPLING, MARGINAL_ALONE,
		NULL, MARGINAL_TRUSTED, MARGINAL_RELEASE },
	[MROW_ALONE_GAP] = { "gap, no other path", MARGINAL_GAP,
		MARGINAL_ALONE, NULL, MARGINAL_TRUSTED, MARGINAL_RELEASE },
};
/* clang-format on */

enum marginal_result marginal_step(struct marginal *s,
				   const struct marginal_rules *r,
				   enum marginal_event ev,
				   const struct sampled *sampled, uint64_t now)
{
	const struct step t = { s, r, sampled, now };

	assert(!sampled == (ev != MARGINAL_SAMPLED));
	for (unsigned int i = 0; i < MROW_COUNT; i++) {
		const struct row *row = &rows[i];

		if (row->state != s->state || row->event != ev ||
		    (row->when && !row->when(&t)))
			continue;
		s->state = row->next;
		s->since = now;
		s->reached |= 1u << i;
		return row->result;
	}
	return MARGINAL_STAYS;
}

uint64_t marginal_due(const struct marginal *s, const struct marginal_rules *r)
{
	return s->state == MARGINAL_GAP ? s->since + r->gap : UINT64_MAX;
}

const char *marginal_row_name(enum marginal_row row)
{
	return rows[row].name;
}

static uint64_t value(const struct settings *s, enum opt o)
{
	return s->v[o].num > 0 ? (uint64_t)s->v[o].num : 0;
}

bool marginal_rules(const struct settings *s, struct marginal_rules *ret)
{
	*ret = (struct marginal_rules){
		.double_failed =
			value(s, OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME) *
			NSEC_PER_SEC,
		.sample = value(s, OPT_MARGINAL_PATH_ERR_SAMPLE_TIME) *
			  NSEC_PER_SEC,
		.gap = value(s, OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME) *
		       NSEC_PER_SEC,
		.rate = value(s, OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD),
	};
	return ret->double_failed && ret->sample && ret->gap && ret->rate;
}
