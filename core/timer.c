// SPDX-License-Identifier: MIT
/*
 * The timer queue: a pairing heap (Fredman, Sedgewick, Sleator, Tarjan, 1986),
 * a tree in which nobody is due before his parent. Setting is O(1), taking the
 * first out or any other O(log n) amortized; the links lie in the timers.
 *
 * No locks: a queue is one thread's.
 */
#include "core/timer.h"

static bool sooner(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* Two trees become one. */
static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *top = sooner(a, b) ? a : b;
	struct timer *below = top == a ? b : a;

	below->prev = top;
	below->next = top->child;
	if (top->child)
		top->child->prev = below;
	top->child = below;
	top->next = NULL;
	top->prev = NULL;
	return top;
}

/* The trees of a list, melded in pairs from the left... */
static struct timer *meld_pairs(struct timer *list)
{
	struct timer *pairs = NULL;

	while (list) {
		struct timer *a = list, *b = a->next;

		list = b ? b->next : NULL;
		a = b ? meld(a, b) : a;
		a->next = pairs;
		pairs = a;
	}
	return pairs;
}

/* ...and the pairs into one, from the right. NULL: the list is empty. */
static struct timer *meld_all(struct timer *list)
{
	struct timer *pairs = meld_pairs(list), *all = pairs;

	if (!all)
		return NULL;
	pairs = all->next;
	all->next = NULL;
	all->prev = NULL;
	while (pairs) {
		struct timer *next = pairs->next;

		all = meld(all, pairs);
		pairs = next;
	}
	return all;
}

/* Out of the list of its parent's children. */
static void cut(struct timer *t)
{
	if (t->prev->child == t)
		t->prev->child = t->next;
	else
		t->prev->next = t->next;
	if (t->next)
		t->next->prev = t->prev;
}

void timer_queue_init(struct timer_queue *q, void *owner)
{
	*q = (struct timer_queue){.owner = owner};
}

uint64_t timer_at(const struct timer *t)
{
	return t->at ? t->at : TIMER_NEVER;
}

void timer_clear(struct timer_queue *q, struct timer *t)
{
	struct timer *rest;

	if (!timer_is_set(t))
		return;
	rest = meld_all(t->child);
	if (q->first == t) {
		q->first = rest;
	} else {
		cut(t);
		if (rest)
			q->first = meld(q->first, rest);
	}
	t->child = NULL;
	t->next = NULL;
	t->prev = NULL;
	t->at = 0;
}

void timer_set(struct timer_queue *q, struct timer *t, uint64_t at)
{
	assert(t->due && at);
	timer_clear(q, t);
	if (at == TIMER_NEVER)
		return;
	if (q->running == t) /* or it would run for ever */
		at = MAX(at, q->now + 1);
	t->at = at;
	t->order = q->order++;
	q->first = q->first ? meld(q->first, t) : t;
}

uint64_t timers_next(const struct timer_queue *q)
{
	return q->first ? q->first->at : TIMER_NEVER;
}

uint64_t timers_run(struct timer_queue *q, uint64_t now)
{
	q->now = now;
	while (timers_next(q) <= now) {
		struct timer *t = q->first;

		timer_clear(q, t);
		q->running = t;
		t->due(t, q->owner, now); /* may free t */
	}
	q->running = NULL;
	return timers_next(q);
}
