// SPDX-License-Identifier: MIT
/* A plan for people: what script.c reads looks much the same. */
#include <string.h>

#include "core/checker.h"
#include "core/handler.h"
#include "tests/sim/plan.h"

const char *io_op_name(enum io_op op)
{
	static const char *const name[] = {
		[IO_READ] = "read",	    [IO_WRITE] = "write",
		[IO_FLUSH] = "flush",	    [IO_DISCARD] = "discard",
		[IO_ZERO] = "write-zeroes",
	};

	return name[op];
}

const char *fault_name(enum fault_kind k)
{
	static const char *const name[] = {
		[FAULT_ERROR] = "error",       [FAULT_TARGET] = "target",
		[FAULT_HANG] = "hang",	       [FAULT_DELAY] = "delay",
		[FAULT_SHORT] = "short",       [FAULT_BUSY] = "busy",
		[FAULT_GONE] = "gone",	       [FAULT_SWAP] = "swap",
		[FAULT_RESIZE] = "resize",     [FAULT_CHECKER] = "checker",
		[FAULT_ACTIVATE] = "activate", [FAULT_STRANGER] = "stranger",
	};

	return name[k];
}

const char *access_name(enum access a)
{
	static const char *const name[] = {
		[ACCESS_OPTIMIZED] = "optimized",
		[ACCESS_NONOPTIMIZED] = "non-optimized",
		[ACCESS_STANDBY] = "standby",
		[ACCESS_UNAVAILABLE] = "unavailable",
		[ACCESS_TRANSITIONING] = "transitioning",
	};

	return name[a];
}

/* As a script writes them: one word each. */
static const char *verdict_name(int state)
{
	static const char *const name[] = {
		[CHECK_UNCHECKED] = "undef", [CHECK_UP] = "ready",
		[CHECK_GHOST] = "ghost",     [CHECK_DOWN] = "faulty",
		[CHECK_PENDING] = "pending", [CHECK_TIMEOUT] = "timeout",
	};

	return name[state];
}

static const char *activation_name(int result)
{
	static const char *const name[] = {
		[ACTIVATE_OK] = "ok",
		[ACTIVATE_NOSYS] = "nosys",
		[ACTIVATE_TEMP_BUSY] = "busy",
		[ACTIVATE_RETRY] = "retry",
		[ACTIVATE_IMM_RETRY] = "imm-retry",
		[ACTIVATE_RES_TEMP_UNAVAIL] = "unavail",
		[ACTIVATE_OFFLINED] = "offlined",
		[ACTIVATE_IO] = "io",
	};

	return name[result];
}

const char *fault_argument(enum fault_kind k, int err)
{
	if (k == FAULT_CHECKER)
		return verdict_name(err);
	if (k == FAULT_ACTIVATE)
		return activation_name(err);
	return err ? strerrorname_np(err) : "";
}

static void fault_text(const struct vol_setup *v, const struct item *it,
		       char *buf, size_t size)
{
	snprintf(buf, size, "fault %s %s %s%s%s %u%% for %.6f s%s", v->name,
		 it->path == ALL_PATHS ? "*" : v->path[it->path].name,
		 fault_name(it->fault),
		 *fault_argument(it->fault, it->err) ? " " : "",
		 fault_argument(it->fault, it->err), it->pct,
		 (double)it->dur / 1e9, it->spare ? ", not of checkers" : "");
}

void plan_item_text(const struct plan *p, const struct item *it, char *buf,
		    size_t size)
{
	const struct vol_setup *v = &p->vol[it->vol];

	switch (it->kind) {
	case ITEM_IO:
		snprintf(buf, size, "%s%s %s %llu+%u lane %u",
			 io_op_name(it->op), it->dsync ? " dsync" : "", v->name,
			 (unsigned long long)it->off, it->len, it->lane);
		break;
	case ITEM_KILL:
		snprintf(buf, size, "kill #%llu", (unsigned long long)it->arg);
		break;
	case ITEM_FAULT:
		fault_text(v, it, buf, size);
		break;
	case ITEM_PATH:
		snprintf(buf, size, "path %s %s %s", v->name,
			 v->path[it->path].name, it->word);
		break;
	case ITEM_GROUP:
		snprintf(buf, size, "group %s %llu %s", v->name,
			 (unsigned long long)it->arg, it->word);
		break;
	case ITEM_CONTROL:
		snprintf(buf, size, "control %s %s", v->name, it->word);
		break;
	case ITEM_SET:
		snprintf(buf, size, "set %s %s = %s", v->name,
			 option_info(it->opt)->name, it->word);
		break;
	case ITEM_ACCESS:
		snprintf(buf, size, "access %s %llu %s", v->name,
			 (unsigned long long)it->arg, it->word);
		break;
	case ITEM_WEIGHT:
		snprintf(buf, size, "weight %s %s %llu", v->name,
			 v->path[it->path].name, (unsigned long long)it->arg);
		break;
	default:
		snprintf(buf, size, "reconfigure %s paths %#llx", v->name,
			 (unsigned long long)it->arg);
	}
}

static void print_path(const struct vol_setup *v, unsigned int i, FILE *f)
{
	const struct path_setup *p = &v->path[i];

	fprintf(f,
		"  path %s: priority %d, weight %d, at once %u, %llu us, "
		"serial '%s', node '%s', port group %d%s%s%s\n",
		p->name, p->priority, p->weight, p->max_io,
		(unsigned long long)(p->latency / NSEC_PER_USEC), p->serial,
		p->node, p->tpg, p->implicit_only ? ", implicit only" : "",
		p->read_only ? ", read-only" : "",
		v->present & 1U << i ? "" : ", not there yet");
}

static void print_volume(const struct vol_setup *v, FILE *f)
{
	fprintf(f, "volume %s: %llu bytes, block %u%s%s%s\n", v->name,
		(unsigned long long)v->size, v->block,
		v->is_block ? "" : ", a file",
		v->exclusive ? ", one port group at a time" : "",
		v->found ? ", found" : "");
	for (unsigned int i = 0; i < v->npaths; i++)
		print_path(v, i, f);
	for (int t = 0; t < SIM_TPGS; t++)
		if (v->access[t] != ACCESS_OPTIMIZED)
			fprintf(f, "  port group %d: %s\n", t,
				access_name(v->access[t]));
	for (enum opt o = 0; o < OPT_COUNT; o++)
		if (v->set[o][0])
			fprintf(f, "  %s = %s\n", option_info(o)->name,
				v->set[o]);
}

void plan_print(const struct plan *p, const bool *masked, FILE *f)
{
	fprintf(f, "seed %llu: %u lanes\n", (unsigned long long)p->seed,
		p->nlanes);
	for (unsigned int i = 0; i < p->nvols; i++)
		print_volume(&p->vol[i], f);
	for (unsigned int i = 0; i < p->nitems; i++) {
		const struct item *it = &p->item[i];
		char text[160];

		if (masked && masked[it->id])
			continue;
		plan_item_text(p, it, text, sizeof(text));
		fprintf(f, "%13.6f  #%u %s\n", (double)it->at / 1e9, it->id,
			text);
	}
}
