// SPDX-License-Identifier: MIT
/*
 * Checking a path, and what follows (census 4.2, 4.4). When is schedule.c's.
 *
 *   IDLE --due--> ASKING --answer--> verdict, IDLE
 *                   |       `--ready, but a read is owed--> READING --> verdict
 *                   `--checker_timeout: verdict, IDLE; what is out is late
 *
 * Before the checker runs, the device must still be the one that was opened:
 * if not, it takes no more I/O and is opened anew (reopen.c). And the kernel
 * must take it for one that works: if not, that is the verdict (device_state).
 *
 * A path that failed on I/O owes a read: it comes back only when one has
 * succeeded that was begun after the failure. Else a path whose checker says
 * yes while every read fails would come and go for ever. A checker that reads
 * the device pays that itself; for any other, core reads a block after its yes.
 * A passive path (ghost) owes nothing: no read succeeds on it before its
 * activation.
 *
 * What is late costs nothing but its memory: its end is awaited, no second one
 * is begun on that path, and each check that is due meanwhile ends with a
 * timeout.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/choice.h"
#include "core/device.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/purge.h"
#include "core/resize.h"

/* Of the checker or of core's own read. */
static bool anything_out(const struct path_check *k)
{
	return k->out || probe_out(&k->read);
}

void check_soon(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;

	k->interval = schedule_least(p);
	if (k->phase == CHECK_IDLE)
		timer_set(&m->timers, &k->timer,
			  MIN(timer_at(&k->timer),
			      schedule_at(p, m->now, m->now)));
}

void check_now(struct monitor *m, struct path *p)
{
	if (p->check.phase == CHECK_IDLE)
		timer_set(&m->timers, &p->check.timer, m->now);
}

/* Nothing is learnt now: the next time will do. */
static void check_later(struct monitor *m, struct path *p)
{
	timer_set(&m->timers, &p->check.timer,
		  schedule_at(p, m->now, m->now));
}

/* Verdicts */

static void schedule_next(struct monitor *m, struct path *p,
			  enum check_state s, bool well)
{
	struct path_check *k = &p->check;
	/* The time it took is taken off the next interval. */
	uint64_t from = k->phase == CHECK_IDLE ? m->now : k->start;

	k->phase = CHECK_IDLE;
	k->interval = schedule_interval(p, well);
	timer_set(&m->timers, &k->timer,
		  s == CHECK_PENDING ? m->now + NSEC_PER_SEC :
				       schedule_at(p, m->now, from));
}

void check_still_failed(struct monitor *m, struct path *p, const char *cause)
{
	if (!strcmp(p->health.why, cause))
		return;
	monitor_set_why(p, cause);
	monitor_event(m, true, "path-still-failed", p->volume->name, p->name,
		      cause, "%u of %u paths usable",
		      volume_usable(p->volume), p->volume->npaths);
}

/* It was down already, as was told then. */
static void still_down(struct monitor *m, const struct path *p,
		       const char *cause)
{
	struct monitor_front *f = m->p.front;

	if (f->still_down)
		f->still_down(f, p, cause,
			      p->volume->settings.v[OPT_LOG_CHECKER_ERR].num);
}

/* proof: a read has failed that was to bring it back. */
static void bad(struct monitor *m, struct path *p, const char *cause,
		bool proof)
{
	if (proof && !p->health.active)
		check_still_failed(m, p, cause);
	monitor_path_bad(m, p, cause);
}

static void verdict(struct monitor *m, struct path *p, enum check_state s,
		    const char *cause)
{
	struct path_check *k = &p->check;
	bool changed = s != k->state;
	bool proof = k->phase == CHECK_READING;
	bool was_up = check_is_good(k->state) && p->health.active;

	k->access_state = k->checker.access_state;
	schedule_next(m, p, s, check_is_good(s) && p->health.active && !changed);
	if (s != CHECK_UNCHECKED && s != CHECK_PENDING) {
		k->state = s == CHECK_DISCONNECTED ? CHECK_DOWN : s;
		if (!check_is_good(s) && !p->health.active && !changed)
			still_down(m, p, cause);
		if (check_is_good(s) && p->dev)
			monitor_path_good(m, p, cause);
		else if (!check_is_good(s))
			bad(m, p, cause, proof);
		if (check_is_good(s)) {
			purge_no_more(m, p);
			/* Before failback is looked at. */
			prio_checked(m, p, !was_up);
		} else if (s == CHECK_DISCONNECTED) {
			purge_disconnected(m, p, cause);
		}
		monitor_settle(m, p->volume, false);
	}
	if (k->asked) {
		k->asked = false;
		m->p.front->checked(m->p.front, p);
	}
}

/* The message is what the checker said, or core in its place. */
static void ended(struct monitor *m, struct path *p, enum check_state s)
{
	const struct checker *c = &p->check.checker;
	char cause[160];

	if (p->check.phase == CHECK_READING)
		snprintf(cause, sizeof(cause), "checker %s: %s", c->ops->name,
			 c->message);
	else
		snprintf(cause, sizeof(cause), "checker %s: %s%s%s",
			 c->ops->name, check_state_text(s),
			 c->message[0] ? ", " : "", c->message);
	verdict(m, p, s, cause);
}

/* Takes back a job that no thread has begun. */
static bool recall(struct monitor *m, struct path_check *k)
{
	if (!k->out || !k->checker.ops->run ||
	    !m->p.pool->ops->recall(m->p.pool, &k->job.job))
		return false;
	k->out = false;
	return true;
}

/* Nobody waits for what is out any more. */
static void give_up(struct monitor *m, struct path_check *k)
{
	k->late = true;
	if (k->out && k->checker.ops->run)
		m->p.pool->ops->late(m->p.pool, &k->job.job);
	else
		m->nr_late_reads++;
}

/* What it would find is of no use: its device is not the path's any more. */
static void abandon(struct monitor *m, struct path_check *k)
{
	if ((k->phase == CHECK_ASKING || k->phase == CHECK_READING) &&
	    !recall(m, k))
		give_up(m, k);
	k->phase = CHECK_IDLE;
}

void check_lost(struct monitor *m, struct path *p, const char *why)
{
	char cause[160];

	p->health.reopen = true;
	if (p->check.phase == CHECK_ENDED)
		return; /* its volume has been taken out meanwhile */
	abandon(m, &p->check);
	snprintf(cause, sizeof(cause), "device: %.140s", why);
	verdict(m, p, CHECK_DOWN, cause);
}

/* The read that is owed */

static void read_device(struct monitor *m, struct path *p);

static void read_ended(struct probe *r)
{
	struct path *p = container_of(r, struct path, check.read);
	struct path_check *k = &p->check;
	struct checker *c = &k->checker;
	bool well = probe_well(r);
	char text[64];

	if (k->late) {
		k->late = false;
		k->monitor->nr_late_reads--;
		return;
	}
	if (well && p->health.io_failed > k->read_start) {
		read_device(k->monitor, p); /* it has failed since then */
		return;
	}
	probe_text(r, text, sizeof(text));
	snprintf(c->message, sizeof(c->message), "ready, %s %s",
		 well ? "and" : "but", *text ? text : "block 0 was read");
	if (well)
		p->health.io_failed = 0;
	ended(k->monitor, p, well ? CHECK_UP : CHECK_DOWN);
}

static void read_device(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;
	struct checker *c = &k->checker;

	k->read.ended = read_ended;
	if (probe_start(&k->read, m->p.engine, p->dev)) {
		snprintf(c->message, sizeof(c->message),
			 "ready, but no memory for a read of block 0");
		ended(m, p, CHECK_UNCHECKED);
		return;
	}
	k->read_start = m->now;
	k->phase = CHECK_READING;
	timer_set(&m->timers, &k->timer, m->now + c->timeout);
}

static void answered(struct monitor *m, struct path *p, enum check_state s)
{
	const struct path_check *k = &p->check;
	struct path_health *h = &p->health;
	bool read = k->checker.ops->reads && k->start >= h->io_failed;

	if (s == CHECK_UP && h->io_failed && !h->active && !read) {
		read_device(m, p);
		return;
	}
	if (s == CHECK_UP) /* of a passive one it is still owed */
		h->io_failed = 0;
	ended(m, p, s);
}

/* What the checker began has ended */

/* True: nobody waits for it any more. */
static bool was_late(struct path_check *k, enum check_state s)
{
	struct checker *c = &k->checker;

	k->out = false;
	if (!k->late)
		return false;
	k->late = false;
	snprintf(c->message, sizeof(c->message), "answered too late: %s",
		 check_state_text(s));
	return true;
}

void checker_ended(struct checker *c, enum check_state s)
{
	struct path *p = container_of(c, struct path, check.checker);
	struct monitor *m = p->check.monitor;

	assert(p->check.out);
	if (was_late(&p->check, s))
		m->nr_late_reads--;
	else
		answered(m, p, s);
}

static void job_work(struct job *j)
{
	struct check_job *cj = container_of(j, struct check_job, job);

	cj->answer = cj->checker.ops->run(&cj->checker);
}

static void job_ended(struct mail *mail, void *owner)
{
	struct path *p = container_of(mail, struct path, check.job.job.mail);
	struct path_check *k = &p->check;

	(void)owner;
	if (was_late(k, k->job.answer))
		return;
	memcpy(k->checker.message, k->job.checker.message,
	       sizeof(k->checker.message));
	k->checker.access_state = k->job.checker.access_state;
	answered(k->monitor, p, k->job.answer);
}

/* Checks that are due */

static void timeout_message(const struct monitor *m, struct path_check *k)
{
	snprintf(k->checker.message, sizeof(k->checker.message),
		 "%snothing has come back for %llu s",
		 probe_out(&k->read) ? "ready, but of a read of block 0 " : "",
		 (unsigned long long)((m->now - k->start) / NSEC_PER_SEC));
}

static void timed_out(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;

	if (recall(m, k)) {
		snprintf(k->checker.message, sizeof(k->checker.message),
			 "no thread was free for it");
		ended(m, p, CHECK_UNCHECKED);
	} else if (k->waits) { /* it has begun meanwhile: its time too */
		k->waits = false;
		k->start = m->now;
		timer_set(&m->timers, &k->timer, m->now + k->checker.timeout);
	} else {
		give_up(m, k);
		timeout_message(m, k);
		ended(m, p, CHECK_TIMEOUT);
	}
}

static void ask(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;
	struct checker *c = &k->checker;
	enum check_state s;

	c->dev = p->dev;
	c->engine = m->p.engine;
	c->timeout = schedule_timeout(p);
	c->message[0] = '\0';
	c->access_state = NULL;
	if (m->p.device_state) {
		s = m->p.device_state(c->dev, c->message, sizeof(c->message));
		if (s != CHECK_UP) {
			ended(m, p, s);
			return;
		}
	}
	k->start = m->now;
	k->phase = CHECK_ASKING;
	timer_set(&m->timers, &k->timer, m->now + c->timeout);
	k->out = true;
	k->waits = false;
	if (c->ops->run) {
		k->job.checker = *c;
		k->job.job.work = job_work;
		k->job.job.mail.deliver = job_ended;
		k->waits = !m->p.pool->ops->submit(m->p.pool, &k->job.job);
		return;
	}
	s = c->ops->start(c);
	if (s == CHECK_PENDING)
		return;
	k->out = false;
	answered(m, p, s);
}

/* Of the volume's other paths, else its own. */
static void *shared_state(const struct path *p, const struct checker_ops *ops)
{
	const struct volume *v = p->volume;

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct checker *c = &v->paths[i]->check.checker;

		if (c->ops == ops && c->shared)
			return checker_shared_get(c->shared);
	}
	return checker_shared_new(ops->shared_size);
}

/* The checker that it is to have now, with room for its state. */
static int have_checker(struct monitor *m, struct path *p)
{
	const struct checker_ops *ops = path_checker(m, p).ops;
	struct checker *c = &p->check.checker;

	if (c->ops != ops && !anything_out(&p->check)) {
		free(c->priv);
		checker_shared_put(c->shared);
		memset(c, 0, sizeof(*c));
		c->ops = ops;
	}
	if (!c->priv && c->ops->priv_size)
		c->priv = calloc(1, c->ops->priv_size);
	if (!c->shared && c->ops->shared_size)
		c->shared = shared_state(p, c->ops);
	return (c->priv || !c->ops->priv_size) &&
			       (c->shared || !c->ops->shared_size) ?
		       0 :
		       -ENOMEM;
}

static void begin(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;
	struct errmsg e;
	int r;

	if (p->health.opening || have_checker(m, p)) {
		check_later(m, p);
	} else if (!p->dev || p->health.reopen) {
		check_later(m, p);
		/* Only when nothing of the old one is under way any more.
		 * Refused: at the next check. */
		assert(!p->health.offered);
		if (path_idle(p))
			(void)reopen_start(m, p, &p->volume->settings);
	} else if ((r = device_recheck(p->dev, &e)) &&
		   !resize_follow(m, p, r)) {
		check_lost(m, p, e.text);
	} else if (resize_unprotects(m, p, &e)) {
		check_lost(m, p, e.text);
		check_now(m, p);
	} else if (anything_out(k)) {
		timeout_message(m, k);
		ended(m, p, CHECK_TIMEOUT);
	} else {
		resize_look_at_mode(m, p);
		ask(m, p);
	}
}

static void due(struct timer *t, void *owner, uint64_t now)
{
	struct path *p = container_of(t, struct path, check.timer);

	(void)now;
	if (p->check.phase == CHECK_IDLE)
		begin(owner, p);
	else
		timed_out(owner, p);
}

void check_init(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;

	k->monitor = m;
	k->checker.ops = path_checker(m, p).ops;
	k->timer.due = due;
	k->interval = schedule_least(p);
	p->health.progress_time = m->now;
	check_now(m, p);
}

void check_end(struct monitor *m, struct path *p)
{
	struct path_check *k = &p->check;

	timer_clear(&m->timers, &k->timer);
	abandon(m, k);
	k->phase = CHECK_ENDED;
}
