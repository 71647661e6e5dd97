// SPDX-License-Identifier: MIT
/*
 * The clock and who runs when. Time is that of the next thing to happen: an
 * item of the plan, an attempt that lands or ends, a fault that is over, a lane
 * or the monitor that wakes. A thread that is woken runs a random moment later,
 * so that reports and news cross each other as they do between real threads;
 * in a script it runs at once.
 *
 * After the last item all heals, and whatever has not been answered must be.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "tests/sim/coverage.h"
#include "tests/sim/array.h"
#include "tests/sim/models.h"

#define POOL 4096
/* Things that may happen in one moment. */
#define STILL_MAX 100000
#define TURNS_MAX 5000
/* No run takes that long, s of its own CPU time, which other programs' load does
 * not change; one that does not come back is ended. */
#define RUN_MAX 60
/* All must have ended so long after everything is well: longer than a marginal
 * path is watched, twice. */
#define HEAL_TIME (600 * NSEC_PER_SEC)

void sim_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return; /* the first is the one to look at */
	s->failed = true;
	s->kind = fmt;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	sim_log(s, "BROKEN: %s", s->why);
}

static void append(struct sim *s, const char *text, size_t n)
{
	if (s->log_len + n + 1 > s->log_size) {
		size_t size = 2 * s->log_size + n + 4096;
		char *log = realloc(s->log, size);

		if (!log)
			return;
		s->log = log;
		s->log_size = size;
	}
	memcpy(s->log + s->log_len, text, n + 1);
	s->log_len += n;
}

void sim_log(struct sim *s, const char *fmt, ...)
{
	char line[600];
	va_list ap;
	int n;

	/* The times of what happens tell runs apart as well as its text. */
	s->digest = sim_hash(s->digest, s->now, (uint64_t)fmt[0]);
	if (!s->logging)
		return;
	n = snprintf(line, 32, "%13.6f  ", (double)s->now / 1e9);
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	n = MIN(n, (int)sizeof(line) - 2);
	line[n++] = '\n';
	line[n] = '\0';
	append(s, line, (size_t)n);
	if (s->follow)
		fwrite(line, 1, (size_t)n, stdout);
}

uint64_t sim_hash(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x = a * 0x9E3779B97F4A7C15ULL ^ b * 0xC2B2AE3D27D4EB4FULL ^
		     c * 0x165667B19E3779F9ULL;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
	return x ^ x >> 31;
}

uint64_t sim_jitter(struct sim *s, uint64_t max)
{
	if (s->plan->exact)
		return 0;
	s->rng = sim_hash(s->rng, max, 1);
	return (s->rng >> 8) % (max + 1);
}

/* Events of attempts: a binary heap */

static bool sooner(const struct event_at *a, const struct event_at *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_at(struct sim *s, uint64_t at, struct attempt *a, bool lands)
{
	struct event_at ev = {
		.at = at,
		.order = ++s->order,
		.a = a,
		.gen = a->gen,
		.lands = lands,
	};
	unsigned int i = s->nheap++;

	if (s->nheap > s->heap_size) {
		unsigned int size = 2 * s->heap_size;
		struct event_at *heap = realloc(s->heap, size * sizeof(*heap));

		if (!heap)
			abort();
		s->heap = heap;
		s->heap_size = size;
	}
	for (; i && sooner(&ev, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = ev;
}

static struct event_at pop(struct sim *s)
{
	struct event_at ret = s->heap[0], last = s->heap[--s->nheap];
	unsigned int i = 0, k;

	for (; (k = 2 * i + 1) < s->nheap; i = k) {
		if (k + 1 < s->nheap && sooner(&s->heap[k + 1], &s->heap[k]))
			k++;
		if (!sooner(&s->heap[k], &last))
			break;
		s->heap[i] = s->heap[k];
	}
	s->heap[i] = last;
	return ret;
}

/* Turns */

void sim_wake_lane(struct sim *s, unsigned int lane, uint64_t after)
{
	s->lanes[lane].wake = MIN(s->lanes[lane].wake, s->now + after);
}

void sim_wake_monitor(struct sim *s, uint64_t after)
{
	s->mwake = MIN(s->mwake, s->now + after);
}

/* Who has mail wakes up a little later. */
static void wake_by_mail(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nlanes; i++) {
		struct sim_lane *l = &s->lanes[i];

		if (l->mail ||
		    (!atomic_load(&l->box.poked) && !atomic_load(&l->box.head)))
			continue;
		l->mail = true;
		sim_wake_lane(s, i, sim_jitter(s, 20000));
	}
	if (!s->mmail && (atomic_load(&monitor_mailbox(s->m)->poked) ||
			  atomic_load(&monitor_mailbox(s->m)->head))) {
		s->mmail = true;
		sim_wake_monitor(s, sim_jitter(s, 200000));
	}
}

static void run_lane(struct sim *s, unsigned int i)
{
	struct sim_lane *l = &s->lanes[i];
	uint64_t deadline;

	l->wake = NEVER;
	l->mail = false;
	cpu_use(i);
	front_pump(s, i);
	if (lane_run(l->lane, s->now))
		l->wake = s->now; /* until it has nothing left to do */
	deadline = lane_deadline(l->lane);
	if (deadline)
		l->wake = MIN(l->wake, MAX(deadline, s->now));
	rules_lane(s, i);
}

/* Turns in a millisecond; a thread that never sleeps has more. */
static void count_turn(struct sim *s)
{
	if (s->now / NSEC_PER_MSEC != s->busy_ms) {
		s->busy_ms = s->now / NSEC_PER_MSEC;
		s->busy_turns = 0;
	}
	if (++s->busy_turns > TURNS_MAX)
		sim_fail(s, "the monitor never sleeps");
}

static void run_monitor(struct sim *s)
{
	count_turn(s);
	s->mmail = false;
	s->mwake = monitor_run(s->m, s->now);
	if (s->mwake <= s->now)
		s->mwake = s->now + 1;
	lost_look(s);
	rules_monitor(s);
}

static void begin_faults(struct sim *s, const struct item *it)
{
	struct sim_vol *sv = &s->vols[it->vol];

	for (unsigned int i = 0; i < sv->setup->npaths; i++)
		if (it->path == i || it->path == ALL_PATHS)
			fault_begin(s, &sv->paths[i], it);
	s->fault_at = MIN(s->fault_at, s->now + it->dur);
}

static void run_item(struct sim *s)
{
	const struct item *it = &s->plan->item[s->next_item++];
	char text[160];

	if (s->masked && s->masked[it->id])
		return;
	s->cov->items[it->kind]++;
	if (s->logging && it->kind != ITEM_IO && it->kind != ITEM_KILL) {
		plan_item_text(s->plan, it, text, sizeof(text));
		sim_log(s, "* %s", text);
	}
	switch (it->kind) {
	case ITEM_IO:
		s->cov->ops[it->op]++;
		front_submit(s, &s->apps[it->id]);
		break;
	case ITEM_KILL:
		front_kill(s, &s->apps[it->arg]);
		break;
	case ITEM_FAULT:
		s->cov->faults[it->fault]++;
		begin_faults(s, it);
		break;
	default:
		admin_item(s, it);
	}
}

static uint64_t next_item_at(const struct sim *s)
{
	return s->next_item < s->plan->nitems ? s->plan->item[s->next_item].at
					      : NEVER;
}

static uint64_t next_time(const struct sim *s)
{
	uint64_t t = MIN(MIN(s->mwake, s->fault_at), pool_next(s));

	for (unsigned int i = 0; i < s->plan->nlanes; i++)
		t = MIN(t, s->lanes[i].wake);
	if (s->nheap)
		t = MIN(t, s->heap[0].at);
	return MIN(t, next_item_at(s));
}

/* One thing, the first that is due. */
static void step(struct sim *s)
{
	uint64_t next = next_time(s);

	s->still = next > s->now ? 0 : s->still + 1;
	if (s->still > STILL_MAX)
		sim_fail(s, "time stands still: somebody is always woken");
	s->now = MAX(s->now, next);
	if (s->fault_at <= s->now) {
		s->fault_at = faults_run(s);
	} else if (s->nheap && s->heap[0].at <= s->now) {
		struct event_at ev = pop(s);

		attempt_event(s, &ev);
	} else if (pool_next(s) <= s->now) {
		pool_run(s);
	} else if (next_item_at(s) <= s->now) {
		run_item(s);
	} else {
		for (unsigned int i = 0; i < s->plan->nlanes; i++)
			if (s->lanes[i].wake <= s->now) {
				run_lane(s, i);
				goto out;
			}
		run_monitor(s);
	}
out:
	wake_by_mail(s);
}

static bool attempts_out(const struct sim *s)
{
	unsigned int n = s->mengine.out;

	for (unsigned int i = 0; i < s->plan->nlanes; i++)
		n += s->lanes[i].engine.out;
	return n > 0;
}

static bool openings_out(const struct sim *s)
{
	return s->m->nopening || s->m->nretired_paths ||
	       !cds_list_empty(&s->m->retired_volumes);
}

/* Is every path in use again, as after healing it must be? */
static bool all_in_use(const struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		const struct volume *v = s->vols[i].v;

		for (unsigned int k = 0; v && k < v->npaths; k++)
			if (!atomic_load(&v->paths[k]->usable))
				return false;
	}
	return true;
}

static void name_lost(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nitems; i++) {
		const struct app *a = &s->apps[i];

		if (a->it && a->submitted && !a->answered) {
			sim_fail(s, "#%u is never answered", a->it->id);
			return;
		}
	}
	sim_fail(s,
		 "all is well, but not at rest: attempts %d, openings %d, "
		 "jobs %d, paths in use %d",
		 attempts_out(s), openings_out(s), pool_busy(s), all_in_use(s));
}

static void heal(struct sim *s)
{
	uint64_t limit;

	sim_log(s, "* all heals");
	admin_heal(s);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		s->fault_at = NEVER;
	limit = s->now + HEAL_TIME;
	while (!s->failed &&
	       (s->unanswered || attempts_out(s) || openings_out(s) ||
		pool_busy(s) || !all_in_use(s) || lost_any(s))) {
		if (s->now > limit) {
			name_lost(s);
			return;
		}
		lost_heal(s);
		step(s);
	}
}

/* Begin and end */

static void init_volume(struct sim *s, unsigned int i)
{
	struct sim_vol *sv = &s->vols[i];
	const struct vol_setup *setup = &s->plan->vol[i];

	memset(sv, 0, sizeof(*sv));
	sv->s = s;
	sv->index = i;
	sv->setup = setup;
	sv->name = setup->name;
	sv->present = setup->present;
	if (!lun_init(sv))
		sim_fail(s, "no memory");
	for (int t = 0; t < SIM_TPGS; t++)
		array_begin(s, sv, (unsigned int)t, setup->access[t]);
	for (unsigned int k = 0; k < setup->npaths; k++) {
		struct sim_path *sp = &sv->paths[k];

		sp->sv = sv;
		sp->index = k;
		sp->setup = &setup->path[k];
		sp->name = setup->path[k].name;
		sp->priority = setup->path[k].priority;
		sp->weight = setup->path[k].weight;
		snprintf(sp->dev_path, sizeof(sp->dev_path), "/sim/%s/%s",
			 sv->name, sp->name);
		CDS_INIT_LIST_HEAD(&sp->out);
	}
}

static void init_apps(struct sim *s)
{
	s->apps = calloc(s->plan->nitems + 1, sizeof(*s->apps));
	s->killed = calloc(s->plan->nitems + 1, sizeof(*s->killed));
	if (!s->apps || !s->killed) {
		sim_fail(s, "no memory");
		return;
	}
	for (unsigned int i = 0; i < s->plan->nitems; i++) {
		const struct item *it = &s->plan->item[i];
		struct app *a = &s->apps[it->id];

		a->it = it;
		a->sv = &s->vols[it->vol];
		a->answered =
			it->kind != ITEM_IO || (s->masked && s->masked[it->id]);
		s->unanswered += !a->answered;
	}
}

static void reset(struct sim *s)
{
	s->now = NSEC_PER_SEC / 2;
	s->rng = s->plan->seed;
	s->order = 0;
	s->nheap = 0;
	s->next_item = 0;
	s->fault_at = NEVER;
	s->unanswered = s->answers = s->nkilled = 0;
	s->mmail = s->healed = false;
	s->log_len = 0;
	s->digest = s->plan->seed;
	for (unsigned int i = 0; i < SIM_VOLUMES; i++)
		atomic_store(&s->table[i], NULL);
	s->free = NULL;
	for (int i = POOL; i-- > 0;) {
		s->pool[i].state = AT_FREE;
		s->pool[i].next = s->free;
		s->free = &s->pool[i];
	}
}

static void start(struct sim *s)
{
	device_use(s);
	array_use(s);
	engine_reset(&s->mengine, s, s->plan->nlanes);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		init_volume(s, i);
	init_apps(s);
	front_init(s);
	admin_init(s);
	if (s->failed || !admin_start(s))
		return;
	for (unsigned int i = 0; i < s->plan->nlanes; i++) {
		struct sim_lane *l = &s->lanes[i];

		engine_reset(&l->engine, s, i);
		l->wake = NEVER;
		l->mail = false;
		if (lane_new(i, s->plan->nlanes, &l->engine.base, &s->lfront,
			     s->boxes, monitor_mailbox(s->m), &l->lane))
			sim_fail(s, "no memory");
	}
	s->mwake = s->now;
}

static void stop(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nlanes; i++) {
		lane_free(s->lanes[i].lane);
		atomic_store(&s->lanes[i].box.poked, false);
	}
	monitor_free(s->m);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		lun_free(&s->vols[i]);
	free(s->apps);
	free(s->killed);
	s->apps = NULL;
	s->killed = NULL;
}

static void limit(time_t seconds)
{
	const struct itimerval it = {.it_value.tv_sec = seconds};

	setitimer(ITIMER_PROF, &it, NULL);
}

bool sim_run(struct sim *s, struct plan *p, const bool *masked)
{
	limit(RUN_MAX);
	s->plan = p;
	s->masked = masked;
	reset(s);
	start(s);
	while (!s->failed && (s->next_item < p->nitems || s->now < p->end))
		step(s);
	if (!s->failed)
		heal(s);
	if (!s->failed)
		rules_end(s);
	s->cov->seeds++;
	s->cov->answers += s->answers;
	if (!s->failed && !monitor_quiet(s->m))
		sim_fail(s,
			 "something of the monitor's is under way at the end");
	if (!s->failed)
		stop(s);
	limit(0);
	return !s->failed;
}

static bool init_lane(struct sim *s, unsigned int i)
{
	struct sim_lane *l = &s->lanes[i];

	s->boxes[i] = &l->box;
	l->slots = calloc(SLOTS, sizeof(*l->slots));
	l->backlog = calloc(UINT16_MAX + 1, sizeof(*l->backlog));
	if (!l->slots || !l->backlog || mailbox_init(&l->box, NULL))
		return false;
	for (int k = 0; k < SLOTS; k++) {
		l->slots[k].buf = aligned_alloc(4096, SLOT_SIZE);
		if (!l->slots[k].buf)
			return false;
	}
	return true;
}

struct sim *sim_new(void)
{
	struct sim *s = calloc(1, sizeof(*s));

	static_assert(SLOT_SIZE % 4096 == 0, "slots are whole pages");
	if (!s)
		return NULL;
	s->heap_size = 4096;
	s->heap = calloc(s->heap_size, sizeof(*s->heap));
	s->pool = calloc(POOL, sizeof(*s->pool));
	s->cov = calloc(1, sizeof(*s->cov));
	if (!s->heap || !s->pool || !s->cov)
		return NULL;
	for (unsigned int i = 0; i < SIM_LANES; i++)
		if (!init_lane(s, i))
			return NULL;
	return s;
}

void sim_free(struct sim *s)
{
	for (unsigned int i = 0; i < SIM_LANES; i++) {
		for (int k = 0; k < SLOTS; k++)
			free(s->lanes[i].slots[k].buf);
		free(s->lanes[i].slots);
		free(s->lanes[i].backlog);
		mailbox_fini(&s->lanes[i].box);
	}
	free(s->heap);
	free(s->pool);
	free(s->cov);
	free(s->log);
	free(s);
}
