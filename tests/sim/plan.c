// SPDX-License-Identifier: MIT
/*
 * Random plans, and how a plan is shown. Everything is drawn here, from one
 * seed, before anything runs; what is decided later (how long an attempt
 * takes) is a hash of the seed and of what it is about. So an item can be left
 * out and the others stay what they were, which is what shrinking needs.
 *
 * I/O comes in bursts of a few milliseconds; most faults and words of the
 * operator fall into one, since it is there that they can do harm.
 */
#include "tests/sim/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/checker.h"
#include "core/handler.h"

#define MIN_IOS 1000
#define MIN_FAULTS 20
#define MAX_BURSTS 40

struct item *plan_add(struct plan *p, uint64_t at, enum item_kind kind)
{
	struct item *it;

	if (p->nitems == p->size) {
		unsigned int size = p->size ? 2 * p->size : 2048;

		it = realloc(p->item, size * sizeof(*it));
		if (!it)
			return NULL;
		p->item = it;
		p->size = size;
	}
	it = &p->item[p->nitems];
	memset(it, 0, sizeof(*it));
	it->at = at;
	it->id = p->nitems++;
	it->kind = (uint8_t)kind;
	return it;
}

void plan_clear(struct plan *p)
{
	p->nitems = 0;
	memset(p->vol, 0, sizeof(p->vol));
}

static int by_time(const void *a, const void *b)
{
	const struct item *ia = a, *ib = b;

	if (ia->at != ib->at)
		return ia->at < ib->at ? -1 : 1;
	return ia->id < ib->id ? -1 : ia->id > ib->id;
}

void plan_sort(struct plan *p)
{
	qsort(p->item, p->nitems, sizeof(p->item[0]), by_time);
}

static void set_word(char word[WORD_MAX], const char *text)
{
	snprintf(word, WORD_MAX, "%s", text);
}

static void random_path(struct rng *r, struct path_setup *p, unsigned int k)
{
	static const uint32_t max_ios[] = {4096, 8192, 16384, 65536};

	snprintf(p->name, sizeof(p->name), "p%u", k);
	p->priority = (int)between(r, 1, 3);
	p->weight = (int)between(r, 1, 3) * 10;
	p->max_io = PICK(r, max_ios);
	if (chance(r, 90))
		snprintf(p->serial, sizeof(p->serial), "s%u",
			 (unsigned int)below(r, 2));
	if (chance(r, 90))
		snprintf(p->node, sizeof(p->node), "n%u",
			 (unsigned int)below(r, 3));
	p->tpg = (int)below(r, SIM_TPGS);
}

static void random_array(struct rng *r, struct vol_setup *v)
{
	static const enum access states[] = {
		ACCESS_OPTIMIZED,    ACCESS_OPTIMIZED, ACCESS_OPTIMIZED,
		ACCESS_NONOPTIMIZED, ACCESS_STANDBY,   ACCESS_TRANSITIONING,
	};
	bool implicit_only = chance(r, 15), passive = chance(r, 10);

	for (unsigned int k = 0; k < v->npaths; k++)
		v->path[k].implicit_only = implicit_only;
	v->exclusive = chance(r, 50);
	if (!passive && chance(r, 50))
		return; /* it has one state only */
	for (int t = 0; t < SIM_TPGS; t++)
		v->access[t] = passive ? ACCESS_STANDBY : PICK(r, states);
}

static void random_volume(struct rng *r, struct vol_setup *v, unsigned int i)
{
	static const uint32_t blocks[] = {512, 512, 512, 4096, 1};
	uint64_t base;
	bool ro = chance(r, 3);

	snprintf(v->name, sizeof(v->name), "v%u", i);
	v->block = PICK(r, blocks);
	v->size = v->block == 4096 ? 4096 * between(r, 12, 24)
				   : 512 * between(r, 70, 160);
	v->is_block = v->block > 1 && chance(r, 80);
	v->npaths = (unsigned int)(chance(r, 70) ? between(r, 1, 4)
						 : between(r, 1, SIM_PATHS));
	v->present = (1U << v->npaths) - 1;
	if (chance(r, 20))
		v->present &= (uint32_t)below(r, v->present) + 1;
	base = spread(r, 20 * NSEC_PER_USEC, 2 * NSEC_PER_MSEC);
	for (unsigned int k = 0; k < v->npaths; k++) {
		struct path_setup *p = &v->path[k];

		random_path(r, p, k);
		p->latency = chance(r, 20) ? 4 * base : base;
		p->read_only = ro;
	}
	random_array(r, v);
	settings_random(r, v);
}

static void random_setup(struct plan *p, struct rng *r)
{
	p->nlanes = (unsigned int)between(r, 1, SIM_LANES);
	p->nvols =
		(unsigned int)(chance(r, 60) ? 1 : between(r, 2, SIM_VOLUMES));
	for (unsigned int i = 0; i < p->nvols; i++)
		random_volume(r, &p->vol[i], i);
}

/* I/O */

static enum io_op random_op(struct rng *r)
{
	uint64_t x = below(r, 100);

	if (x < 35)
		return IO_READ;
	if (x < 85)
		return IO_WRITE;
	if (x < 92)
		return IO_FLUSH;
	return x < 96 ? IO_DISCARD : IO_ZERO;
}

/* A piece of [lo, hi), in units. */
static void random_range(struct rng *r, struct item *it, uint64_t lo,
			 uint64_t hi, uint64_t unit, uint64_t most)
{
	uint64_t n = (hi - lo) / unit;
	uint64_t len = spread(r, 1, MIN(n, MAX(most / unit, 1)));

	it->off = lo + below(r, n - len + 1) * unit;
	it->len = (uint32_t)(len * unit);
}

static void random_io(struct plan *p, struct rng *r, uint64_t at,
		      unsigned int vol, bool hot)
{
	const struct vol_setup *v = &p->vol[vol];
	struct item *it = plan_add(p, at, ITEM_IO), *kill;
	uint64_t hi = hot ? 4 * MAX(v->block, 512) : v->size, unit;
	uint64_t id = it->id;

	it->vol = (uint8_t)vol;
	it->lane = (uint8_t)below(r, p->nlanes);
	it->op = random_op(r);
	it->dsync = it->op == IO_WRITE && chance(r, 10);
	unit = chance(r, 75) ? MAX(v->block, 512) : 8;
	if (it->op == IO_DISCARD || it->op == IO_ZERO)
		unit = MAX(v->block, 512); /* the front's work, if it is less */
	if (it->op != IO_FLUSH)
		random_range(r, it, 0, hi, unit,
			     chance(r, 90) ? 4096 : SIM_MAX_LEN);
	if (!chance(r, 4))
		return;
	at += spread(r, 10 * NSEC_PER_USEC, 8 * NSEC_PER_SEC);
	kill = plan_add(p, at, ITEM_KILL);
	kill->arg = id;
}

static uint64_t random_bursts(struct plan *p, struct rng *r, uint64_t *start,
			      unsigned int n)
{
	uint64_t total = MIN_IOS + below(r, 100);

	for (unsigned int i = 0; i < n; i++)
		start[i] = between(r, NSEC_PER_SEC, p->end);
	for (unsigned int i = 0; i < n; i++) {
		uint64_t ios = i + 1 < n ? total / n : total - i * (total / n);
		uint64_t gap = spread(r, 1000, 500 * NSEC_PER_USEC);
		unsigned int vol = (unsigned int)below(r, p->nvols);
		bool hot = chance(r, 50);
		uint64_t at = start[i];

		for (uint64_t k = 0; k < ios; k++) {
			random_io(p, r, at,
				  chance(r, 80)
					  ? vol
					  : (unsigned int)below(r, p->nvols),
				  hot);
			at += below(r, 2 * gap);
		}
	}
	return total;
}

/* Within a burst, or at any time. */
static uint64_t random_time(const struct plan *p, struct rng *r,
			    const uint64_t *start, unsigned int n)
{
	if (chance(r, 65))
		return start[below(r, n)] + below(r, 10 * NSEC_PER_MSEC);
	return between(r, NSEC_PER_SEC, p->end);
}

/* Faults */

static const int path_errors[] = {EIO,	  EIO,	  ENOLINK, ETIMEDOUT,
				  ENODEV, EAGAIN, EBUSY,   ENOMEM,
				  ENXIO,  ETIME,  ENOSYS,  EOVERFLOW};
static const int target_errors[] = {EOPNOTSUPP, ENOSPC, EREMOTEIO, EBADE,
				    ENODATA,	EILSEQ, EINVAL};

bool target_error(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(target_errors); i++)
		if (target_errors[i] == err)
			return true;
	return false;
}

static void random_fault(struct plan *p, struct rng *r, uint64_t at)
{
	static const enum fault_kind kinds[] = {
		FAULT_ERROR,   FAULT_ERROR,   FAULT_ERROR,    FAULT_ERROR,
		FAULT_HANG,    FAULT_HANG,    FAULT_HANG,     FAULT_HANG,
		FAULT_TARGET,  FAULT_DELAY,   FAULT_SHORT,    FAULT_BUSY,
		FAULT_BUSY,    FAULT_GONE,    FAULT_SWAP,     FAULT_RESIZE,
		FAULT_CHECKER, FAULT_CHECKER, FAULT_ACTIVATE,
	};
	struct item *it = plan_add(p, at, ITEM_FAULT);
	const struct vol_setup *v;

	it->vol = (uint8_t)below(r, p->nvols);
	v = &p->vol[it->vol];
	it->path = chance(r, 15) ? ALL_PATHS : (uint8_t)below(r, v->npaths);
	it->fault = PICK(r, kinds);
	it->dur = spread(r, NSEC_PER_MSEC, 20 * NSEC_PER_SEC);
	it->spare = chance(r, 20);
	it->pct = (uint8_t)(chance(r, 60) ? 100 : between(r, 5, 60));
	if (it->fault == FAULT_TARGET)
		it->err = PICK(r, target_errors);
	else if (it->fault == FAULT_ERROR || it->fault == FAULT_HANG)
		it->err = PICK(r, path_errors);
	else if (it->fault == FAULT_CHECKER)
		it->err = (int)below(r, CHECK_TIMEOUT + 1);
	else if (it->fault == FAULT_ACTIVATE)
		it->err = (int)below(r, ACTIVATE_IO + 1);
}

/* The operator */

static void random_admin(struct plan *p, struct rng *r, uint64_t at)
{
	static const char *const path_words[] = {
		"fail",	  "fail",   "reinstate", "offline",
		"online", "online", "check",	 "marginal"};
	static const char *const group_words[] = {"active", "enabled",
						  "disabled"};
	static const char *const control[] = {"fail-if-no-path",
					      "queue-if-no-path", "reset-stats",
					      "nonsense"};
	static const enum item_kind kinds[] = {
		ITEM_PATH,   ITEM_PATH,	   ITEM_PATH, ITEM_GROUP,  ITEM_GROUP,
		ITEM_SET,    ITEM_CONTROL, ITEM_SET,  ITEM_CONFIG, ITEM_ACCESS,
		ITEM_ACCESS, ITEM_WEIGHT,  ITEM_SET};
	static const enum access states[] = {
		ACCESS_OPTIMIZED, ACCESS_OPTIMIZED,   ACCESS_NONOPTIMIZED,
		ACCESS_STANDBY,	  ACCESS_UNAVAILABLE,
	};
	struct item *it = plan_add(p, at, PICK(r, kinds));
	const struct vol_setup *v;

	it->vol = (uint8_t)below(r, p->nvols);
	v = &p->vol[it->vol];
	it->path = (uint8_t)below(r, v->npaths);
	switch (it->kind) {
	case ITEM_PATH:
		set_word(it->word, PICK(r, path_words));
		break;
	case ITEM_GROUP:
		it->arg = between(r, 1, v->npaths);
		set_word(it->word, PICK(r, group_words));
		break;
	case ITEM_CONTROL:
		if (chance(r, 40))
			snprintf(it->word, sizeof(it->word), "switch-group %u",
				 (unsigned int)between(r, 1, v->npaths));
		else
			set_word(it->word, PICK(r, control));
		break;
	case ITEM_SET:
		settings_item(r, it);
		break;
	case ITEM_ACCESS:
		it->arg = below(r, SIM_TPGS);
		set_word(it->word, access_name(PICK(r, states)));
		it->dur = chance(r, 50) ? 0 : spread(r, 1000, 5 * NSEC_PER_SEC);
		break;
	case ITEM_WEIGHT:
		it->arg = between(r, 1, 4) * 10;
		break;
	default: /* ITEM_CONFIG */
		it->arg = chance(r, 15) ? 0 : below(r, 1U << v->npaths);
		it->pct = (uint8_t)between(r, 0, 255); /* new priorities */
		break;
	}
}

/* All paths but one are away for some seconds. */
static void others_away(struct plan *p, unsigned int vol, unsigned int victim,
			uint64_t at)
{
	for (unsigned int k = 0; k < p->vol[vol].npaths; k++)
		for (int back = 0; back < 2 && k != victim; back++) {
			struct item *it = plan_add(
				p, at + (uint64_t)back * 3 * NSEC_PER_SEC,
				ITEM_PATH);

			it->vol = (uint8_t)vol;
			it->path = (uint8_t)k;
			set_word(it->word, back ? "online" : "offline");
		}
}

/*
 * A path that fails often enough to be watched, and badly enough to stay out:
 * by errors, or by reads that hang while its checker says good.
 */
static void random_marginal(struct plan *p, struct rng *r, unsigned int vol)
{
	struct vol_setup *v = &p->vol[vol];
	unsigned int victim = (unsigned int)below(r, v->npaths);
	bool hangs = chance(r, 40);
	struct item *it;

	for (int i = 0; i < 2; i++) {
		it = plan_add(p, between(r, 2, 6) * NSEC_PER_SEC, ITEM_PATH);
		it->vol = (uint8_t)vol;
		it->path = (uint8_t)victim;
		set_word(it->word, "fail");
	}
	it = plan_add(p, 7 * NSEC_PER_SEC, ITEM_FAULT);
	it->vol = (uint8_t)vol;
	it->path = (uint8_t)victim;
	it->fault = hangs ? FAULT_HANG : FAULT_ERROR;
	it->err = hangs ? 0 : EIO;
	it->pct = hangs ? 100 : 20;
	it->dur = between(r, 100, 280) * NSEC_PER_SEC;
	if (hangs)
		set_word(v->set[OPT_PATH_CHECKER], "sysfs");
	for (int i = 0; i < 5; i++)
		others_away(p, vol, victim, between(r, 20, 280) * NSEC_PER_SEC);
}

/* Some volumes were found: now and then all their disks go, and some return. */
static void random_lost(struct plan *p, struct rng *r, unsigned int vol)
{
	static const char *const flush[] = {"always", "unused", "never"};
	struct vol_setup *v = &p->vol[vol];
	uint64_t n = between(r, 1, 3);

	v->found = true;
	set_word(v->set[OPT_FLUSH_ON_LAST_DEL], PICK(r, flush));
	set_word(v->set[OPT_DEFERRED_REMOVE], chance(r, 50) ? "yes" : "no");
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = NSEC_PER_MSEC * below(r, p->end / NSEC_PER_MSEC);
		struct item *it = plan_add(p, at, ITEM_CONFIG);

		it->vol = (uint8_t)vol;
		at += spread(r, NSEC_PER_MSEC, 20 * NSEC_PER_SEC);
		it = plan_add(p, at, ITEM_CONFIG);
		it->vol = (uint8_t)vol;
		it->arg = between(r, 1, (1U << v->npaths) - 1);
	}
}

/* Groups get selectors of their own. */
static void random_selectors(struct plan *p, struct rng *r, unsigned int vol)
{
	for (uint64_t i = between(r, 1, 6); i > 0; i--) {
		struct item *it = plan_add(
			p, NSEC_PER_MSEC * below(r, p->end / NSEC_PER_MSEC),
			ITEM_GROUP);

		it->vol = (uint8_t)vol;
		it->arg = between(r, 1, p->vol[vol].npaths);
		snprintf(it->word, sizeof(it->word), "selector %s",
			 chance(r, 15) ? "default" : settings_selector(r));
	}
}

/* The array puts another LUN in the place of this one, for a while. */
static void random_strangers(struct plan *p, struct rng *r, unsigned int vol)
{
	for (uint64_t i = between(r, 1, 4); i > 0; i--) {
		struct item *it = plan_add(
			p, NSEC_PER_MSEC * below(r, p->end / NSEC_PER_MSEC),
			ITEM_FAULT);

		it->vol = (uint8_t)vol;
		it->path = (uint8_t)below(r, p->vol[vol].npaths);
		it->fault = FAULT_STRANGER;
		it->pct = 100;
		it->dur = spread(r, NSEC_PER_MSEC, 20 * NSEC_PER_SEC);
	}
}

void plan_random(struct plan *p, uint64_t seed)
{
	struct rng r = {.x = seed * 0x9E3779B97F4A7C15ULL + 0x1234567};
	struct rng lost = {.x = ~r.x}, own = {.x = r.x ^ UINT32_MAX};
	uint64_t start[MAX_BURSTS], n, faults, words;

	plan_clear(p);
	p->seed = seed;
	p->exact = false;
	for (int i = 0; i < 4; i++)
		rng_next(&r);
	p->end = NSEC_PER_SEC * spread(&r, 10, 120);
	random_setup(p, &r);
	for (unsigned int i = 0; i < p->nvols; i++)
		if (settings_slow(&p->vol[i]))
			p->end = NSEC_PER_SEC * between(&r, 300, 500);
	n = between(&r, 10, MAX_BURSTS);
	random_bursts(p, &r, start, (unsigned int)n);
	faults = MIN_FAULTS + below(&r, 15);
	for (uint64_t i = 0; i < faults; i++)
		random_fault(p, &r, random_time(p, &r, start, (unsigned int)n));
	words = below(&r, 40);
	for (uint64_t i = 0; i < words; i++)
		random_admin(p, &r, random_time(p, &r, start, (unsigned int)n));
	for (unsigned int i = 0; i < p->nvols; i++)
		if (settings_slow(&p->vol[i]) && chance(&r, 70))
			random_marginal(p, &r, i);
	for (unsigned int i = 0; i < p->nvols; i++)
		if (chance(&lost, 30))
			random_lost(p, &lost, i);
	for (unsigned int i = 0; i < p->nvols; i++)
		if (chance(&own, 25))
			random_selectors(p, &own, i);
	for (unsigned int i = 0; i < p->nvols; i++) {
		p->vol[i].tells = chance(&own, 50);
		if (p->vol[i].tells && !p->vol[i].found)
			random_strangers(p, &own, i);
	}
	plan_sort(p);
}
