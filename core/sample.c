// SPDX-License-Identifier: MIT
/* Reads a path's first block for a while and counts; see sample.h. */
#include "core/sample.h"

#include <errno.h>

#include "core/monitor_private.h"
#include "core/path.h"
#include "core/probe.h"

#define SAMPLE_READS 32 /* side by side */
#define CYCLE (100 * NSEC_PER_MSEC)
#define READ_TIMEOUT (60 * NSEC_PER_SEC)

struct read {
	struct probe probe;
	struct sample *sample;
	uint64_t begun; /* ns */
};

struct sample {
	struct monitor *monitor;
	struct path *path;
	void (*ended)(struct monitor *m, struct path *p,
		      const struct sampled *s);
	struct timer timer; /* the next cycle, or the end; not set: stopped */
	uint64_t start, end; /* ns */
	struct sampled sum;
	unsigned int out;
	bool counted; /* in monitor.sample_reads, with all of its reads */
	struct read reads[SAMPLE_READS];
};

static bool stopped(const struct sample *s)
{
	return !timer_is_set(&s->timer);
}

/* Its reads are another's when it has stopped and the last is back. */
static void give_back(struct sample *s)
{
	if (!s->counted || s->out || !stopped(s))
		return;
	s->counted = false;
	s->monitor->sample_reads -= SAMPLE_READS;
}

static void read_ended(struct probe *p)
{
	struct read *r = container_of(p, struct read, probe);
	struct sample *s = r->sample;
	uint64_t took = s->monitor->now - r->begun;

	s->out--;
	if (!probe_well(p) || took > READ_TIMEOUT)
		s->sum.errors++;
	give_back(s);
}

static void begin_reads(struct sample *s, uint64_t now)
{
	struct monitor *m = s->monitor;

	for (unsigned int i = 0; i < SAMPLE_READS; i++) {
		struct read *r = &s->reads[i];

		if (probe_out(&r->probe))
			continue;
		r->begun = now;
		if (probe_start(&r->probe, m->p.engine, s->path->dev))
			return; /* no memory: in the next cycle */
		s->sum.reads++;
		s->out++;
	}
}

/* Of the first cycle whatever the time is; of the others not in the end. */
static bool may_begin(const struct sample *s, uint64_t now)
{
	return s->path->dev && (now == s->start || now + READ_TIMEOUT < s->end);
}

static void due(struct timer *t, void *owner, uint64_t now)
{
	struct sample *s = container_of(t, struct sample, timer);

	if (now >= s->end) {
		/* What is still out has been for a minute. */
		s->sum.errors += s->out;
		give_back(s);
		s->ended(owner, s->path, &s->sum);
		return;
	}
	if (may_begin(s, now))
		begin_reads(s, now);
	timer_set(&s->monitor->timers, t, MIN(now + CYCLE, s->end));
}

/* The reads that a new sample may need must fit in. */
static int have_room(const struct monitor *m, const struct path *p,
		     const struct sample *old)
{
	if (!p->dev || p->health.reopen || p->health.opening)
		return -ENODEV;
	if ((old && sample_out(old)) ||
	    m->sample_reads + SAMPLE_READS > SAMPLE_READS_MAX)
		return -EBUSY;
	return 0;
}

int sample_start(struct monitor *m, struct path *p, uint64_t duration,
		 void (*ended)(struct monitor *m, struct path *p,
			       const struct sampled *s),
		 struct sample **at)
{
	int r = have_room(m, p, *at);
	struct sample *s;

	if (r)
		return r;
	sample_free(*at);
	*at = NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->monitor = m;
	s->path = p;
	s->ended = ended;
	s->timer.due = due;
	s->start = m->now;
	s->end = m->now + duration;
	for (unsigned int i = 0; i < SAMPLE_READS; i++) {
		s->reads[i].sample = s;
		s->reads[i].probe.ended = read_ended;
	}
	s->counted = true;
	m->sample_reads += SAMPLE_READS;
	*at = s;
	due(&s->timer, m, m->now);
	return 0;
}

void sample_stop(struct sample *s)
{
	if (!s)
		return;
	timer_clear(&s->monitor->timers, &s->timer);
	give_back(s);
}

bool sample_out(const struct sample *s)
{
	return s && s->out;
}

void sample_free(struct sample *s)
{
	assert(!s || (stopped(s) && !s->out));
	free(s);
}
