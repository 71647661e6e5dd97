// SPDX-License-Identifier: MIT
/* The policy of restarts: histories of deaths in, pauses out. */
#include "fs/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MAX_STEPS 12

struct step {
	uint32_t lived_ms; /* the worker, from its start to its death */
	bool ready;
	uint32_t want_ms; /* the pause after it */
	bool killed;	  /* by SIGKILL */
};

static const struct history {
	const char *name;
	struct step steps[MAX_STEPS];
} histories[] = {
	{"two deaths are followed at once",
	 {{1000, true, 0, false}, {1000, true, 0, false}}},
	{"the third within the window is not",
	 {{9000, true, 0, false},
	  {1000, true, 0, false},
	  {1000, true, 300, false},
	  {1000, true, 300, false},
	  {250, true, 300, false}}},
	{"rare deaths never are slowed",
	 {{3000, true, 0, false},
	  {3000, true, 0, false},
	  {3000, true, 0, false},
	  {3000, false, 0, false}}},
	{"the window ends where it says",
	 {{1, true, 0, false}, {4999, true, 0, false}, {1, true, 0, false}}},
	{"... and not before",
	 {{1, true, 0, false}, {4998, true, 0, false}, {1, true, 300, false}}},
	{"dying young doubles, up to the bound",
	 {{1, true, 0, false},
	  {249, true, 0, false},
	  {249, true, 300, false},
	  {1, true, 600, false},
	  {1, true, 1200, false},
	  {1, true, 2400, false},
	  {1, true, 4800, false},
	  {1, true, 9600, false},
	  {1, true, 10000, false}}},
	{"so does never serving, however long",
	 {{500, false, 0, false},
	  {500, false, 0, false},
	  {500, false, 300, false},
	  {4999, false, 600, false}}},
	{"one that served and was killed is not to blame",
	 {{1, true, 0, true},
	  {1, true, 0, true},
	  {1, true, 300, true},
	  {40, true, 300, true},
	  {40, true, 300, true},
	  {40, false, 300, true},
	  {40, false, 600, true}}},
	{"one that served resets the doubling",
	 {{1, false, 0, false},
	  {1, false, 0, false},
	  {1, false, 300, false},
	  {1, false, 600, false},
	  {300, true, 300, false},
	  {1, true, 300, false},
	  {1, true, 600, false}}},
	{"a calm life ends the spell",
	 {{1, true, 0, false},
	  {1, true, 0, false},
	  {1, true, 300, false},
	  {4999, true, 300, false},
	  {5000, true, 0, false},
	  {1, true, 0, false},
	  {1, true, 300, false}}},
};

static void check_history(const struct history *h)
{
	struct restart r = {0};
	uint64_t now = NSEC_PER_SEC;
	const struct step *s;
	uint32_t got;

	for (s = h->steps; s < h->steps + MAX_STEPS && s->lived_ms; s++) {
		struct restart_death d = {
			.lived = s->lived_ms * NSEC_PER_MSEC,
			.ready = s->ready,
			.killed = s->killed,
		};

		now += d.lived;
		d.now = now;
		got = restart_after(&r, &d);
		if (got != s->want_ms)
			fail_msg("%s: step %d: got %u ms, expected %u ms",
				 h->name, (int)(s - h->steps), got, s->want_ms);
		now += got * NSEC_PER_MSEC;
	}
}

static void all_histories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(histories); i++)
		check_history(&histories[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
