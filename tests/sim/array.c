// SPDX-License-Identifier: MIT
/*
 * The model array. Paths belong to target port groups; what a group's access
 * state is decides whether I/O goes through, what the scripted checkers and
 * prioritizers see, and it is what an activation changes. Where the array has
 * one optimized port group at a time (`exclusive`), activating one makes the
 * others standby, which is what makes two hosts fight over a LUN.
 */
#include "tests/sim/array.h"
#include "tests/sim/models.h"

#include <stdio.h>

/* The contracts of hw/ have no place for it, and there is one run at a time. */
static struct sim *current;

void array_use(struct sim *s)
{
	current = s;
}

struct sim_path *array_path_of(const struct device *d)
{
	return container_of(d, struct sim_dev, d)->sp;
}

enum access array_access(const struct sim_path *sp)
{
	const struct sim_access *a = &sp->sv->access[sp->setup->tpg];

	return current->now < a->from ? ACCESS_TRANSITIONING : a->state;
}

bool array_serves(const struct sim_path *sp)
{
	return array_access(sp) <= ACCESS_NONOPTIMIZED;
}

void array_set(struct sim *s, struct sim_vol *sv, unsigned int tpg,
	       enum access a, uint64_t dur)
{
	sv->access[tpg].state = a;
	sv->access[tpg].from = s->now + dur;
}

void array_begin(struct sim *s, struct sim_vol *sv, unsigned int tpg,
		 enum access a)
{
	if (a == ACCESS_TRANSITIONING)
		array_set(s, sv, tpg, ACCESS_OPTIMIZED, 3 * NSEC_PER_SEC);
	else
		array_set(s, sv, tpg, a, 0);
}

bool array_fault(const struct sim_path *sp, enum fault_kind k, uint64_t number)
{
	const struct fault *f = &sp->fault[k];

	if (!f->until || f->spare)
		return false;
	return f->pct >= 100 ||
	       sim_hash(current->plan->seed + (uint64_t)k, number, sp->index) %
			       100 <
		       f->pct;
}

unsigned int array_percent(const struct sim_path *sp, unsigned int salt,
			   uint64_t number)
{
	if (current->plan->exact || current->healed)
		return 99;
	return (unsigned int)(sim_hash(current->plan->seed + salt, number,
				       sp->sv->index * SIM_PATHS + sp->index) %
			      100);
}

/* What it says is what core knows. */
static void say_wwid(struct sim_path *sp, char *buf, size_t size)
{
	sp->stranger = sp->fault[FAULT_STRANGER].until != 0;
	if (sp->stranger)
		doubt_seen(sp, false);
	snprintf(buf, size, "%s%s", sp->stranger ? "another-than-" : "",
		 sp->sv->setup->tells ? sp->sv->name : "");
}

int array_wwid(const struct device *d, char *buf, size_t size,
	       struct errmsg *e)
{
	(void)e;
	say_wwid(array_path_of(d), buf, size);
	return 0;
}

void array_identify(const struct device *d, struct path_facts *ret)
{
	struct sim_path *sp = array_path_of(d);
	const struct path_setup *p = sp->setup;

	say_wwid(sp, ret->wwid, sizeof(ret->wwid));
	snprintf(ret->serial, sizeof(ret->serial), "%s", p->serial);
	snprintf(ret->node_name, sizeof(ret->node_name), "%s", p->node);
	ret->tpg = p->tpg;
	ret->implicit_only = p->implicit_only;
}
