// SPDX-License-Identifier: MIT
/*
 * The branches that runs must reach, of all state machines: where core has a
 * table of transitions, its rows; else what the models count. A branch that is
 * not reached any more is a rule that is not tested any more.
 */
#include <stdio.h>
#include <string.h>

#include "core/activation.h"
#include "core/checker.h"
#include "core/failback.h"
#include "core/marginal.h"
#include "core/shaky.h"
#include "tests/sim/coverage.h"

/* The first three not by a run, whose end is monitor_quiet(); the others not
 * while core asks before it begins a round. All by tests/unit. */
static const char *const never[] = {
	"activation: disable",
	"activation: begin, disabled",
	"activation: join, disabled",
	"activation: begin, not required",
	"activation: begin, no path",
	"activation: nosys, no handler", /* one run in thousands */
};

static const char *const counted[] = {
	"queueing: lost, fails",
	"queueing: lost, counts down",
	"queueing: lost, waits",
	"queueing: back, had waited",
	"queueing: back, had failed",
	"queueing: every path has been looked at",
	"queueing: by hand, fails",
	"queueing: by hand, waits",
	"queueing: the setting is in force",
	"queueing: another interval",
	"queueing: time is over",
	"queueing: its last disk is gone",
	"last path lost: stays, waits",
	"last path lost: stays, fails",
	"last path lost: fails",
	"last path lost: goes",
	"last path lost: goes, open",
	"last path lost: is back",
	"group chosen: asked for",
	"group chosen: the first",
	"group chosen: the first of the disabled",
	"grouped: failover",
	"grouped: multibus",
	"grouped: group_by_prio",
	"grouped: group_by_serial",
	"grouped: group_by_node_name",
	"grouped: group_by_tpg",
	"ghost_delay ended: a path is up",
	"ghost_delay ended: ghost_delay has run out",
	"held out: san_path_err",
	"held out: marginal_path",
	"used last: san_path_err",
	"used last: operator",
	"trusted again: good for long enough",
	"trusted again: sampled",
	"trusted again: no other path",
	"trusted again: operator",
};

static bool is_exempt(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (!strcmp(never[i], text))
			return true;
	return false;
}

/* 1 if it was not reached. */
static unsigned int look(const struct coverage *c, FILE *f, const char *what,
			 const char *which)
{
	char text[COVERAGE_TEXT];

	coverage_text(text, what, which);
	if (coverage_count(c, text) || is_exempt(text))
		return 0;
	fprintf(f, "# NOT REACHED: %s\n", text);
	return 1;
}

static unsigned int look_at_checks(const struct coverage *c, FILE *f)
{
	unsigned int n = 0;

	/* What is kept is neither pending nor unknown, but for the first. */
	for (int last = CHECK_UNCHECKED; last <= CHECK_DOWN; last++)
		for (int now = CHECK_UNCHECKED; now <= CHECK_TIMEOUT; now++) {
			char which[48];

			snprintf(which, sizeof(which), "%s after %s",
				 check_state_text((enum check_state)now),
				 check_state_text((enum check_state)last));
			n += look(c, f, "check", which);
		}
	return n;
}

unsigned int coverage_missing(const struct coverage *c, FILE *f)
{
	unsigned int n = look_at_checks(c, f);

	for (int row = 0; row < AROW_COUNT; row++)
		n += look(c, f, "activation",
			  activation_row_name((enum activation_row)row));
	for (int row = 0; row < SROW_COUNT; row++)
		n += look(c, f, "shaky", shaky_row_name((enum shaky_row)row));
	for (int row = 0; row < MROW_COUNT; row++)
		n += look(c, f, "marginal",
			  marginal_row_name((enum marginal_row)row));
	for (int row = 0; row < FROW_COUNT; row++)
		n += look(c, f, "failback",
			  failback_row_name((enum failback_row)row));
	for (int r = 0; r <= ACTIVATE_IO; r++)
		n += look(c, f, "activation answer",
			  activate_result_text((enum activate_result)r));
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		n += look(c, f, counted[i], "");
	return n;
}
