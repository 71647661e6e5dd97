// SPDX-License-Identifier: MIT
/*
 * Random values of settings, as an operator would write them. What takes long
 * in simulated time (the sampling of marginal paths) or takes paths out for
 * good is rare, so that the rest of a run is not without paths. What makes
 * sense only together (san_path_err) is set together.
 */
#include <stdio.h>
#include <string.h>

#include "core/selector.h"
#include "tests/sim/plan.h"

struct choice {
	enum opt opt;
	const char *const *text;
	size_t n;
	bool rare; /* seldom set live */
};

#define WORDS(...)                                                             \
	(const char *const[]){__VA_ARGS__},                                    \
		ARRAY_SIZE(((const char *const[]){__VA_ARGS__}))

static const struct choice choices[] = {
	{OPT_PATH_SELECTOR, NULL, 0, false}, /* of the table of them */
	{OPT_PATH_GROUPING_POLICY,
	 WORDS("failover", "multibus", "group_by_prio", "group_by_prio",
	       "group_by_serial", "group_by_node_name", "group_by_tpg"),
	 false},
	{OPT_NO_PATH_RETRY, WORDS("fail", "queue", "queue", "1", "2", "3", "7"),
	 false},
	{OPT_FAILBACK,
	 WORDS("manual", "immediate", "followover", "1", "3", "10"), false},
	{OPT_POLLING_INTERVAL, WORDS("1", "1", "2", "5"), false},
	{OPT_MAX_POLLING_INTERVAL, WORDS("auto", "1", "4", "20"), false},
	{OPT_CHECKER_TIMEOUT, WORDS("1", "2", "5"), false},
	{OPT_PATH_CHECKER,
	 WORDS("directio", "directio", "none", "alua", "alua", "tur", "tur",
	       "sysfs"),
	 false},
	{OPT_REPLAY_WRITES, WORDS("wait", "quarantine"), false},
	{OPT_RR_WEIGHT, WORDS("uniform", "priorities"), false},
	{OPT_PRIO, WORDS("const", "const", "weight", "alua", "alua"), false},
	{OPT_HARDWARE_HANDLER,
	 WORDS("0", "0", "0", "1 alua", "1 alua", "1 emc"), false},
	{OPT_FEATURES,
	 WORDS("0", "0", "2 pg_init_retries 2",
	       "4 pg_init_retries 3 pg_init_delay_msecs 100",
	       "2 pg_init_delay_msecs 0", "1 queue_if_no_path"),
	 false},
	{OPT_MARGINAL_PATHGROUPS, WORDS("off", "on"), false},
	{OPT_GHOST_DELAY, WORDS("no", "no", "2", "6"), false},
	{OPT_SAN_PATH_ERR_THRESHOLD, WORDS("no", "1", "2"), false},
	{OPT_SAN_PATH_ERR_FORGET_RATE, WORDS("no", "1", "3", "10"), false},
	{OPT_SAN_PATH_ERR_RECOVERY_TIME, WORDS("no", "2", "5", "15"), false},
	{OPT_DELAY_WATCH_CHECKS, WORDS("no", "2", "5"), false},
	{OPT_DELAY_WAIT_CHECKS, WORDS("no", "2", "5"), false},
	{OPT_MARGINAL_PATH_ERR_SAMPLE_TIME, WORDS("no", "120", "125"), true},
	{OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD, WORDS("no", "1", "50"), true},
	{OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME, WORDS("no", "20", "90"), true},
	{OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME, WORDS("no", "10", "60"), true},
};

/* Sets of options that do nothing but together, and how often they are set. */
static const struct bundle {
	unsigned int percent;
	enum opt opt[4];
	unsigned int n;
} bundles[] = {
	{25,
	 {OPT_SAN_PATH_ERR_THRESHOLD, OPT_SAN_PATH_ERR_FORGET_RATE,
	  OPT_SAN_PATH_ERR_RECOVERY_TIME},
	 3},
	{6, {OPT_DELAY_WATCH_CHECKS, OPT_DELAY_WAIT_CHECKS}, 2},
	{4,
	 {OPT_MARGINAL_PATH_ERR_SAMPLE_TIME,
	  OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD,
	  OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME,
	  OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME},
	 4},
};

static void set_word(char word[WORD_MAX], const char *text)
{
	snprintf(word, WORD_MAX, "%s", text);
}

const char *settings_selector(struct rng *r)
{
	unsigned int n = 0;

	while (selector_table[n])
		n++;
	return selector_table[below(r, n)]->name;
}

static const char *random_text(struct rng *r, const struct choice *c)
{
	if (c->opt == OPT_PATH_SELECTOR)
		return settings_selector(r);
	return c->text[below(r, c->n)];
}

static const struct choice *choice_of(enum opt o)
{
	const struct choice *c = choices;

	while (c->opt != o)
		c++;
	return c;
}

static bool bundled(enum opt o)
{
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++)
		for (unsigned int k = 0; k < bundles[i].n; k++)
			if (bundles[i].opt[k] == o)
				return true;
	return false;
}

/* The first word of those is "no". */
static void set_bundle(struct rng *r, const struct bundle *b,
		       struct vol_setup *v)
{
	for (unsigned int k = 0; k < b->n; k++) {
		const struct choice *c = choice_of(b->opt[k]);

		set_word(v->set[c->opt], c->text[1 + below(r, c->n - 1)]);
	}
}

void settings_random(struct rng *r, struct vol_setup *v)
{
	for (size_t k = 0; k < ARRAY_SIZE(choices); k++)
		if (!bundled(choices[k].opt))
			set_word(v->set[choices[k].opt],
				 random_text(r, &choices[k]));
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++)
		if (chance(r, bundles[i].percent))
			set_bundle(r, &bundles[i], v);
}

void settings_item(struct rng *r, struct item *it)
{
	const struct choice *c;

	do {
		c = &choices[below(r, ARRAY_SIZE(choices))];
	} while (c->rare && !chance(r, 10));
	it->opt = c->opt;
	set_word(it->word, chance(r, 10) ? "default" : random_text(r, c));
}

bool settings_slow(const struct vol_setup *v)
{
	return v->set[OPT_MARGINAL_PATH_ERR_SAMPLE_TIME][0] &&
	       strcmp(v->set[OPT_MARGINAL_PATH_ERR_SAMPLE_TIME], "no") != 0;
}
