// SPDX-License-Identifier: MIT
/* Held ranges: who meets whom, families, and several lanes at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/holds.h"
#include "tests/unit/seed.h"

static void test_overlap(void **state)
{
	/* against a hold of [100, 200) of family 1 */
	static const struct {
		uint64_t off, end, family;
		bool meets;
	} rows[] = {
		{0, 100, 2, false},  {0, 101, 2, true},	 {199, 200, 2, true},
		{200, 300, 2, false}, {100, 200, 2, true}, {120, 130, 2, true},
		{0, 1000, 2, true},  {0, 1000, 1, false}, {150, 151, 1, false},
	};
	struct holds h;
	struct hold a = {.family = 1};

	(void)state;
	holds_init(&h);
	assert_false(holds_any(&h));
	assert_true(holds_try_add(&h, &a, 100, 200));
	assert_true(holds_any(&h));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hold b = {.family = rows[i].family};
		bool got = holds_conflict(&h, rows[i].off, rows[i].end,
					  rows[i].family);
		bool added = holds_try_add(&h, &b, rows[i].off, rows[i].end);

		if (got != rows[i].meets || added == rows[i].meets)
			fail_msg("row %zu: got conflict %d, added %d; expected "
				 "%d, %d",
				 i + 1, got, added, rows[i].meets,
				 !rows[i].meets);
		assert_int_equal(b.held, added);
		if (added)
			holds_remove(&h, &b);
	}
	holds_remove(&h, &a);
	assert_false(holds_any(&h));
	holds_fini(&h);
}

/* A hung write is held whatever is held there; both must go. */
static void test_forced(void **state)
{
	struct holds h;
	struct hold a = {.family = 1}, b = {.family = 2};

	(void)state;
	holds_init(&h);
	assert_true(holds_try_add(&h, &a, 0, 10));
	holds_add(&h, &b, 5, 15);
	assert_true(holds_conflict(&h, 0, 1, 2));
	assert_true(holds_conflict(&h, 12, 13, 1));
	assert_true(holds_conflict(&h, 0, 20, 1)); /* its own passes, not b's */
	holds_remove(&h, &a);
	assert_false(holds_conflict(&h, 0, 5, 3));
	assert_true(holds_conflict(&h, 0, 6, 3));
	holds_remove(&h, &b);
	assert_false(holds_any(&h));
	holds_fini(&h);
}

/* Threads take random ranges; each cell has one owner at a time. */
#define CELLS 32
#define TURNS 4000

struct arena {
	struct holds h;
	int cell[CELLS]; /* plain: a race on one is a fault of the holds */
	_Atomic unsigned int taken;
};

struct player {
	struct arena *a;
	uint64_t seed;
	uint64_t family;
};

static void *play(void *arg)
{
	struct player *p = arg;

	for (int i = 0; i < TURNS; i++) {
		unsigned int off = seed_below(&p->seed, CELLS);
		unsigned int n = 1 + seed_below(&p->seed, CELLS - off);
		struct hold hold = {.family = p->family};

		if (!holds_try_add(&p->a->h, &hold, off, off + n))
			continue;
		for (unsigned int k = off; k < off + n; k++)
			p->a->cell[k]++;
		atomic_fetch_add(&p->a->taken, n);
		holds_remove(&p->a->h, &hold);
	}
	return NULL;
}

static void test_threads(void **state)
{
	static struct arena a;
	struct player p[3];
	pthread_t t[3];
	uint64_t seed = seed_init();
	unsigned int sum = 0;

	(void)state;
	holds_init(&a.h);
	for (unsigned int i = 0; i < 3; i++) {
		p[i] = (struct player){&a, seed + i, i + 1};
		assert_int_equal(pthread_create(&t[i], NULL, play, &p[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < CELLS; i++)
		sum += (unsigned int)a.cell[i];
	assert_int_equal(sum, a.taken);
	assert_true(sum > 0);
	assert_false(holds_any(&a.h));
	holds_fini(&a.h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_forced),
		cmocka_unit_test(test_threads),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
