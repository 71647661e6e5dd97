// SPDX-License-Identifier: MIT
/* The timer queue, against a list that is searched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/timer.h"
#include "tests/unit/seed.h"

#define TIMERS 200

struct subject {
	struct timer t;
	unsigned int nr;
	uint64_t want; /* the model's; 0: not set */
	uint64_t again; /* when due: set it for so much later; 0: no */
};

struct log {
	unsigned int nr[TIMERS];
	unsigned int n;
	struct timer_queue q;
};

static void on_due(struct timer *t, void *owner, uint64_t now)
{
	struct subject *s = container_of(t, struct subject, t);
	struct log *l = owner;

	assert_false(timer_is_set(t));
	assert_true(l->n < TIMERS);
	l->nr[l->n++] = s->nr;
	if (s->again)
		timer_set(&l->q, t, now + s->again);
}

static void init(struct log *l, struct subject *s, unsigned int n)
{
	memset(s, 0, n * sizeof(*s));
	l->n = 0;
	timer_queue_init(&l->q, l);
	for (unsigned int i = 0; i < n; i++) {
		s[i].nr = i;
		s[i].t.due = on_due;
	}
}

static void expect(struct log *l, const char *want)
{
	char got[256] = "";

	for (unsigned int i = 0; i < l->n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u",
			 i ? " " : "", l->nr[i]);
	assert_string_equal(got, want);
	l->n = 0;
}

static void test_order(void **state)
{
	struct subject s[6];
	struct log l;

	(void)state;
	init(&l, s, 6);
	assert_true(timers_next(&l.q) == TIMER_NEVER);
	assert_true(timers_run(&l.q, 1000) == TIMER_NEVER);
	timer_clear(&l.q, &s[0].t); /* was not set */
	timer_set(&l.q, &s[0].t, 300);
	timer_set(&l.q, &s[1].t, 100);
	timer_set(&l.q, &s[2].t, 200);
	timer_set(&l.q, &s[3].t, 100); /* equal: the order of setting */
	timer_set(&l.q, &s[4].t, 50);
	timer_set(&l.q, &s[5].t, 100);
	assert_true(timer_at(&s[2].t) == 200);
	assert_true(timers_next(&l.q) == 50);
	assert_true(timers_run(&l.q, 49) == 50);
	expect(&l, "");
	assert_true(timers_run(&l.q, 100) == 200);
	expect(&l, "4 1 3 5");
	timer_set(&l.q, &s[0].t, 150); /* moved */
	timer_set(&l.q, &s[2].t, TIMER_NEVER);
	assert_false(timer_is_set(&s[2].t));
	assert_true(timers_run(&l.q, UINT64_MAX - 1) == TIMER_NEVER);
	expect(&l, "0");
}

/* Set again for a time that has come: in the next run, not for ever. */
static void test_again(void **state)
{
	struct subject s[2];
	struct log l;

	(void)state;
	init(&l, s, 2);
	s[0].again = 10;
	timer_set(&l.q, &s[0].t, 5);
	timer_set(&l.q, &s[1].t, 6);
	assert_true(timers_run(&l.q, 6) == 16);
	assert_true(timers_run(&l.q, 100) == 110);
	expect(&l, "0 1 0");
	s[0].again = UINT64_MAX - 109; /* wraps to the past */
	assert_true(timers_run(&l.q, 111) == 112);
	expect(&l, "0");
}

/* A timer that clears, sets and frees others from its callback. */
struct meddler {
	struct timer t;
	struct subject *clears, *sets;
};

static void meddle(struct timer *t, void *owner, uint64_t now)
{
	struct meddler *m = container_of(t, struct meddler, t);
	struct log *l = owner;

	timer_clear(&l->q, &m->clears->t);
	free(m->clears);
	timer_set(&l->q, &m->sets->t, now);
	free(m);
}

static void test_from_within(void **state)
{
	struct meddler *m = calloc(1, sizeof(*m));
	struct subject s[2];
	struct log l;

	(void)state;
	init(&l, s, 2);
	m->t.due = meddle;
	m->sets = &s[1];
	m->clears = calloc(1, sizeof(*m->clears));
	m->clears->t.due = on_due;
	timer_set(&l.q, &m->t, 10);
	timer_set(&l.q, &m->clears->t, 10);
	timer_set(&l.q, &s[0].t, 20);
	assert_true(timers_run(&l.q, 10) == 20);
	expect(&l, "1"); /* due now: in this run */
}

static uint64_t model_next(const struct subject *s)
{
	uint64_t next = TIMER_NEVER;

	for (unsigned int i = 0; i < TIMERS; i++)
		if (s[i].want)
			next = MIN(next, s[i].want);
	return next;
}

static void compare_run(struct log *l, struct subject *s, uint64_t now)
{
	uint64_t last = 0;

	l->n = 0;
	timers_run(&l->q, now);
	for (unsigned int i = 0; i < l->n; i++) {
		struct subject *x = &s[l->nr[i]];

		assert_true(x->want && x->want <= now);
		assert_true(x->want >= last);
		last = x->want;
		x->want = 0;
	}
	assert_true(model_next(s) > now); /* none was forgotten */
	assert_true(timers_next(&l->q) == model_next(s));
}

static void test_random(void **state)
{
	static struct subject s[TIMERS];
	static struct log l;
	uint64_t now = 1, rnd = seed_init();

	(void)state;
	init(&l, s, TIMERS);
	for (int step = 0; step < 200000; step++) {
		struct subject *x = &s[seed_below(&rnd, TIMERS)];

		switch (seed_below(&rnd, 8)) {
		case 0:
			timer_clear(&l.q, &x->t);
			x->want = 0;
			break;
		case 1:
			now += seed_below(&rnd, 64);
			compare_run(&l, s, now);
			break;
		default:
			x->want = now + 1 + seed_below(&rnd, 256);
			timer_set(&l.q, &x->t, x->want);
		}
		assert_true(timers_next(&l.q) == model_next(s));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_from_within),
		cmocka_unit_test(test_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
