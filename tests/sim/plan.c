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

#include "core/selector.h"

#define MIN_IOS 1000
#define MIN_FAULTS 20
#define MAX_BURSTS 40

struct rng {
	uint64_t x;
};

static uint64_t next(struct rng *r)
{
	r->x ^= r->x >> 12;
	r->x ^= r->x << 25;
	r->x ^= r->x >> 27;
	return r->x * 0x2545F4914F6CDD1DULL;
}

static uint64_t below(struct rng *r, uint64_t n)
{
	return (next(r) >> 16) % n;
}

static uint64_t between(struct rng *r, uint64_t a, uint64_t b)
{
	return a + below(r, b - a + 1);
}

static bool chance(struct rng *r, unsigned int percent)
{
	return below(r, 100) < percent;
}

/* From a to b, any order of magnitude as likely as another. */
static uint64_t spread(struct rng *r, uint64_t a, uint64_t b)
{
	unsigned int doublings = 0;

	while (a << (doublings + 1) <= b)
		doublings++;
	a <<= below(r, doublings + 1);
	return between(r, a, MIN(2 * a, b));
}

#define PICK(r, array) ((array)[below(r, ARRAY_SIZE(array))])

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

/* Values for settings, as an operator would write them. */

static const char *const policies[] = {"failover", "multibus", "group_by_prio"};
static const char *const retries[] = {"fail", "queue", "queue", "1",
				      "2",    "3",     "7"};
static const char *const failbacks[] = {"manual", "immediate", "1", "3", "10"};
static const char *const intervals[] = {"1", "1", "2", "5"};
static const char *const max_intervals[] = {"auto", "1", "4", "20"};
static const char *const timeouts[] = {"1", "2", "5"};
static const char *const checkers[] = {"directio", "directio", "directio",
				       "none"};
static const char *const replays[] = {"wait", "quarantine"};

static const struct {
	enum opt opt;
	const char *const *text;
	size_t n;
} choices[] = {
	{OPT_PATH_SELECTOR, NULL, 0}, /* of the table of them */
	{OPT_PATH_GROUPING_POLICY, policies, ARRAY_SIZE(policies)},
	{OPT_NO_PATH_RETRY, retries, ARRAY_SIZE(retries)},
	{OPT_FAILBACK, failbacks, ARRAY_SIZE(failbacks)},
	{OPT_POLLING_INTERVAL, intervals, ARRAY_SIZE(intervals)},
	{OPT_MAX_POLLING_INTERVAL, max_intervals, ARRAY_SIZE(max_intervals)},
	{OPT_CHECKER_TIMEOUT, timeouts, ARRAY_SIZE(timeouts)},
	{OPT_PATH_CHECKER, checkers, ARRAY_SIZE(checkers)},
	{OPT_REPLAY_WRITES, replays, ARRAY_SIZE(replays)},
};

static void set_word(char word[WORD_MAX], const char *text)
{
	snprintf(word, WORD_MAX, "%s", text);
}

static const char *random_selector(struct rng *r)
{
	unsigned int n = 0;

	while (selector_table[n])
		n++;
	return selector_table[below(r, n)]->name;
}

/* A value for choices[k]. */
static const char *random_text(struct rng *r, size_t k)
{
	if (choices[k].opt == OPT_PATH_SELECTOR)
		return random_selector(r);
	return choices[k].text[below(r, choices[k].n)];
}

static void random_volume(struct rng *r, struct vol_setup *v, unsigned int i)
{
	static const uint32_t blocks[] = {512, 512, 512, 4096, 1};
	static const uint32_t max_ios[] = {4096, 8192, 16384, 65536};
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

		snprintf(p->name, sizeof(p->name), "p%u", k);
		p->priority = (int)between(r, 1, 3);
		p->max_io = PICK(r, max_ios);
		p->latency = chance(r, 20) ? 4 * base : base;
		p->read_only = ro;
	}
	for (size_t k = 0; k < ARRAY_SIZE(choices); k++)
		set_word(v->set[choices[k].opt], random_text(r, k));
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
		FAULT_ERROR,  FAULT_ERROR, FAULT_ERROR, FAULT_ERROR,
		FAULT_HANG,   FAULT_HANG,  FAULT_HANG,	FAULT_HANG,
		FAULT_TARGET, FAULT_DELAY, FAULT_SHORT, FAULT_BUSY,
		FAULT_BUSY,   FAULT_GONE,  FAULT_SWAP,	FAULT_RESIZE,
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
}

/* The operator */

static void random_admin(struct plan *p, struct rng *r, uint64_t at)
{
	static const char *const path_words[] = {
		"fail", "fail", "reinstate", "offline", "online", "check"};
	static const char *const group_words[] = {"active", "enabled",
						  "disabled"};
	static const char *const control[] = {"fail-if-no-path",
					      "queue-if-no-path", "reset-stats",
					      "nonsense"};
	static const enum item_kind kinds[] = {
		ITEM_PATH, ITEM_PATH,	 ITEM_PATH, ITEM_GROUP, ITEM_GROUP,
		ITEM_SET,  ITEM_CONTROL, ITEM_SET,  ITEM_CONFIG};
	struct item *it = plan_add(p, at, PICK(r, kinds));
	const struct vol_setup *v;
	size_t k;

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
		k = below(r, ARRAY_SIZE(choices));
		it->opt = choices[k].opt;
		set_word(it->word,
			 chance(r, 10) ? "default" : random_text(r, k));
		break;
	default: /* ITEM_CONFIG */
		it->arg = chance(r, 15) ? 0 : below(r, 1U << v->npaths);
		it->pct = (uint8_t)between(r, 0, 255); /* new priorities */
		break;
	}
}

void plan_random(struct plan *p, uint64_t seed)
{
	struct rng r = {.x = seed * 0x9E3779B97F4A7C15ULL + 0x1234567};
	uint64_t start[MAX_BURSTS], n, faults, words;

	plan_clear(p);
	p->seed = seed;
	p->exact = false;
	for (int i = 0; i < 4; i++)
		next(&r);
	p->end = NSEC_PER_SEC * spread(&r, 10, 120);
	random_setup(p, &r);
	n = between(&r, 10, MAX_BURSTS);
	random_bursts(p, &r, start, (unsigned int)n);
	faults = MIN_FAULTS + below(&r, 15);
	for (uint64_t i = 0; i < faults; i++)
		random_fault(p, &r, random_time(p, &r, start, (unsigned int)n));
	words = below(&r, 40);
	for (uint64_t i = 0; i < words; i++)
		random_admin(p, &r, random_time(p, &r, start, (unsigned int)n));
	plan_sort(p);
}

/* Showing */

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
		[FAULT_ERROR] = "error",   [FAULT_TARGET] = "target",
		[FAULT_HANG] = "hang",	   [FAULT_DELAY] = "delay",
		[FAULT_SHORT] = "short",   [FAULT_BUSY] = "busy",
		[FAULT_GONE] = "gone",	   [FAULT_SWAP] = "swap",
		[FAULT_RESIZE] = "resize",
	};

	return name[k];
}

static void fault_text(const struct vol_setup *v, const struct item *it,
		       char *buf, size_t size)
{
	snprintf(buf, size, "fault %s %s %s%s%s %u%% for %.6f s%s", v->name,
		 it->path == ALL_PATHS ? "*" : v->path[it->path].name,
		 fault_name(it->fault), it->err ? " " : "",
		 it->err ? strerrorname_np(it->err) : "", it->pct,
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
	default:
		snprintf(buf, size, "reconfigure %s paths %#llx", v->name,
			 (unsigned long long)it->arg);
	}
}

static void print_volume(const struct vol_setup *v, FILE *f)
{
	fprintf(f, "volume %s: %llu bytes, block %u%s\n", v->name,
		(unsigned long long)v->size, v->block,
		v->is_block ? "" : ", a file");
	for (unsigned int i = 0; i < v->npaths; i++)
		fprintf(f, "  path %s: priority %d, at once %u, %llu us%s%s\n",
			v->path[i].name, v->path[i].priority, v->path[i].max_io,
			(unsigned long long)(v->path[i].latency /
					     NSEC_PER_USEC),
			v->path[i].read_only ? ", read-only" : "",
			v->present & 1U << i ? "" : ", not there yet");
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
