// SPDX-License-Identifier: MIT
/*
 * Scripted prioritizers: "const"; "weight", what the plan says of the path at
 * that moment, at once; "alua", what its port group's access state is worth, on
 * a thread of the pool. Both of the latter may not know.
 */
#include <stdio.h>

#include "tests/sim/array.h"

static int weight_of(const struct sim_path *sp)
{
	return sp->weight;
}

static int access_prio(const struct sim_path *sp)
{
	static const int prio[] = {
		[ACCESS_OPTIMIZED] = 50,
		[ACCESS_NONOPTIMIZED] = 10,
		[ACCESS_STANDBY] = 1,
		[ACCESS_UNAVAILABLE] = 0,
		[ACCESS_TRANSITIONING] = PRIO_UNDEF,
	};

	return prio[array_access(sp)];
}

/* Priorities here are tens, or below ten. */
static uint64_t bit_of(int prio)
{
	return 1ULL << (prio >= 10 ? 16 + prio / 10 : prio);
}

bool prio_heard(const struct sim_path *sp, int prio)
{
	return prio == PRIO_UNDEF || sp->prios & bit_of(prio);
}

void prio_say(struct sim_path *sp, int prio)
{
	if (prio != PRIO_UNDEF)
		sp->prios |= bit_of(prio);
}

static int unknown(struct prio_query *q)
{
	snprintf(q->message, sizeof(q->message), "scripted");
	return PRIO_UNDEF;
}

static int ask(struct prio_query *q, int (*get)(const struct sim_path *))
{
	struct sim_path *sp = array_path_of(q->dev);
	int prio;

	/* One answer in twenty gets lost. */
	if (array_percent(sp, 22, sp->queries++) < 5)
		prio = unknown(q);
	else
		prio = get(sp);
	prio_say(sp, prio);
	sp->weighed_at = sp->sv->s->now;
	return prio;
}

static int const_get(struct prio_query *q)
{
	return q->configured;
}

static int weight_get(struct prio_query *q)
{
	return ask(q, weight_of);
}

static int alua_get(struct prio_query *q)
{
	return ask(q, access_prio);
}

static const struct prioritizer_ops prio_const = {
	.name = "const",
	.get = const_get,
};

static const struct prioritizer_ops prio_weight = {
	.name = "weight",
	.get = weight_get,
	.needs_device = true,
};

static const struct prioritizer_ops prio_alua = {
	.name = "alua",
	.get = alua_get,
	.needs_device = true,
	.blocks = true,
};

const struct prioritizer_ops *const sim_prioritizers[] = {
	&prio_const, &prio_weight, &prio_alua, NULL};
const char *const sim_prioritizer_names[] = {"const", "weight", "alua", NULL};
