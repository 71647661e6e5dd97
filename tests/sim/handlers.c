// SPDX-License-Identifier: MIT
/*
 * Scripted handlers: "alua" on a thread of the pool, "emc" at once. What they
 * answer is chance, or what a fault says; when it is "ok", the path's port
 * group is optimized from then on (unless the array decides that alone).
 */
#include <stdio.h>

#include "tests/sim/array.h"
#include "tests/sim/models.h"

static enum activate_result by_chance(const struct sim_path *sp,
				      uint64_t number)
{
	static const struct {
		unsigned int below;
		enum activate_result r;
	} table[] = {
		{6, ACTIVATE_RETRY},	  {10, ACTIVATE_IMM_RETRY},
		{13, ACTIVATE_TEMP_BUSY}, {15, ACTIVATE_RES_TEMP_UNAVAIL},
		{17, ACTIVATE_NOSYS},	  {19, ACTIVATE_OFFLINED},
		{21, ACTIVATE_IO},
	};
	unsigned int x = array_percent(sp, 21, number);

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (x < table[i].below)
			return table[i].r;
	return ACTIVATE_OK;
}

static void become_optimized(struct sim *s, struct sim_path *sp)
{
	struct sim_vol *sv = sp->sv;

	if (sp->setup->implicit_only)
		return;
	for (int t = 0; sv->setup->exclusive && !s->healed && t < SIM_TPGS; t++)
		if (t != sp->setup->tpg &&
		    sv->access[t].state == ACCESS_OPTIMIZED)
			array_set(s, sv, (unsigned int)t, ACCESS_STANDBY, 0);
	array_set(s, sv, (unsigned int)sp->setup->tpg, ACCESS_OPTIMIZED, 0);
}

static enum activate_result activate(struct activate_request *r)
{
	const struct sim_dev *sd = container_of(r->dev, struct sim_dev, d);
	struct sim_path *sp = sd->sp;
	struct sim *s = sp->sv->s;
	uint64_t number = sp->activations++;
	enum activate_result ret;

	if (array_fault(sp, FAULT_ACTIVATE, number))
		ret = (enum activate_result)sp->fault[FAULT_ACTIVATE].err;
	else if (sd->dead)
		ret = ACTIVATE_OFFLINED;
	else if (array_access(sp) == ACCESS_UNAVAILABLE)
		ret = ACTIVATE_IO;
	else
		ret = by_chance(sp, number);
	if (ret == ACTIVATE_OK)
		become_optimized(s, sp);
	else
		snprintf(r->message, sizeof(r->message), "scripted");
	sim_log(s, "  activate %s %s: %s", sp->sv->name, sp->name,
		activate_result_text(ret));
	activation_answer(s, sp, ret);
	return ret;
}

static const struct handler_ops handler_alua = {
	.name = "alua",
	.activate = activate,
};

static const struct handler_ops handler_emc = {
	.name = "emc",
	.activate = activate,
	.at_once = true,
};

const struct handler_ops *const sim_handlers[] = {&handler_alua, &handler_emc,
						  NULL};
const char *const sim_handler_names[] = {"alua", "emc", NULL};
