// SPDX-License-Identifier: MIT
/*
 * The table of slices: the same partition keeps its slice, another place gets
 * another, and no id means two places, whatever comes and goes.
 */
#include "fs/slice.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "fs/ino.h"

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct slices));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static struct slice *show(struct slices *all, uint32_t volume, uint32_t number,
			  uint64_t start, uint64_t size)
{
	bool resized;
	struct slice *s = slice_show(all, volume, number, start, size,
				     &resized);

	assert_non_null(s);
	assert_true(s->shown);
	assert_int_equal(s->size, size);
	return s;
}

/* All places but n, as if many volumes had come before. */
static void fill(struct slices *all, uint32_t n)
{
	for (uint32_t i = 0; i < SLICES_MAX - n; i++) {
		all->v[i].id = 1u << SLICE_PLACE_BITS | i;
		all->v[i].volume = 2;
		all->v[i].number = i + 1;
		all->v[i].shown = true;
	}
	all->next = all->used = SLICES_MAX - n;
}

static void test_same(void **state)
{
	struct slices *all = *state;
	struct slice *a = show(all, 7, 3, 1024, 4096), *b, *c;
	uint64_t ino = slice_ino(a), start, size;
	bool resized;

	assert_ptr_equal(slice_find(all, 7, a->id), a);
	assert_null(slice_find(all, 8, a->id));
	assert_null(slice_find(all, 7, 0));
	assert_int_equal(ino_kind(ino), KIND_PARTITION);
	assert_int_equal(ino_volume(ino), 7);
	assert_int_equal(ino_object(slice_ino_shown(a)), 3);
	/* it grows */
	assert_ptr_equal(slice_show(all, 7, 3, 1024, 8192, &resized), a);
	assert_true(resized);
	assert_ptr_equal(slice_show(all, 7, 3, 1024, 8192, &resized), a);
	assert_false(resized);
	assert_int_equal(slice_ino(a), ino);
	assert_true(slice_extent(all, 7, a->id, &start, &size));
	assert_int_equal(start, 1024);
	assert_int_equal(size, 8192);
	/* it moves, and is open */
	a->opens = 1;
	b = show(all, 7, 3, 2048, 8192);
	slice_hide(a);
	assert_ptr_not_equal(a, b);
	assert_int_equal(slice_ino_shown(a), slice_ino_shown(b));
	assert_int_not_equal(slice_ino(a), slice_ino(b));
	assert_true(slice_extent(all, 7, ino_object(ino), &start, &size));
	assert_int_equal(start, 1024);
	/* and back again */
	c = show(all, 7, 3, 1024, 8192);
	assert_ptr_equal(c, a);
	/* the same number of another volume is another one */
	assert_ptr_not_equal(show(all, 8, 3, 1024, 8192), a);
	assert_int_equal(slices_opens(all, 7), 1);
	assert_int_equal(slices_opens(all, 8), 0);
}

static void test_within(void **state)
{
	(void)state;
	assert_int_equal(slice_within(0, UINT64_MAX, 100), 100);
	assert_int_equal(slice_within(10, 20, 100), 20);
	assert_int_equal(slice_within(90, 20, 100), 10);
	assert_int_equal(slice_within(100, 20, 100), 0);
	assert_int_equal(slice_within(UINT64_MAX, 20, 100), 0);
}

static void test_full(void **state)
{
	struct slices *all = *state;
	uint64_t start, size;
	struct slice *s;
	uint32_t id;
	bool resized;

	fill(all, 1);
	show(all, 1, 1, 0, 512);
	assert_null(slice_show(all, 3, 1, 0, 512, &resized));
	s = slice_next(all, 1, NULL);
	id = s->id;
	s->opens = 1;
	slice_hide(s);
	/* open: nobody else's yet */
	assert_null(slice_show(all, 3, 1, 0, 512, &resized));
	s->opens = 0;
	assert_ptr_equal(slice_show(all, 3, 1, 0, 512, &resized), s);
	assert_false(resized);
	assert_int_not_equal(s->id, id);
	assert_null(slice_find(all, 1, id));
	assert_false(slice_extent(all, 1, id, &start, &size));
}

/* The one place that is left is taken again and again, by another id. */
static void test_ids(void **state)
{
	struct slices *all = *state;
	uint32_t first, turns = 0;
	struct slice *s;

	fill(all, 1);
	s = show(all, 1, 1, 0, 512);
	first = s->id;
	do {
		slice_hide(s);
		s = show(all, 1, 1, s->start + 512, 512);
		assert_true(s->id <= INO_ID_MAX);
		assert_ptr_equal(slice_find(all, 1, s->id), s);
	} while (s->id != first && ++turns < 10000);
	assert_in_range(turns, 500, 600);
}

/* ---- a lane beside the monitor ---- */

#define TURNS 2000

struct race {
	struct slices *all;
	_Atomic uint32_t id;
	_Atomic bool stop;
	uint64_t seen, torn;
};

/* What this monitor shows has a size that follows from its start. */
static uint64_t size_at(uint64_t start)
{
	return start * 3 + 512;
}

static void *lane(void *arg)
{
	struct race *r = arg;
	uint64_t start, size;

	while (!atomic_load(&r->stop)) {
		uint32_t id = atomic_load(&r->id);

		if (!slice_extent(r->all, 1, id, &start, &size))
			continue;
		r->seen++;
		r->torn += size != size_at(start);
	}
	return NULL;
}

static void test_race(void **state)
{
	struct race r = {.all = *state};
	struct slice *s;
	pthread_t t;

	fill(r.all, 1);
	assert_int_equal(pthread_create(&t, NULL, lane, &r), 0);
	for (uint64_t i = 1; i <= TURNS; i++) {
		s = show(r.all, 1, 1, i * 512, size_at(i * 512));
		atomic_store(&r.id, s->id);
		slice_hide(s);
	}
	atomic_store(&r.stop, true);
	pthread_join(t, NULL);
	print_message("# %llu extents seen\n", (unsigned long long)r.seen);
	assert_int_equal(r.torn, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test(test_within),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(test_race, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
