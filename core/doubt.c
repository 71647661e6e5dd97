// SPDX-License-Identifier: MIT
/*
 * Feeds the two machines and does what follows; see doubt.h. As upstream,
 * marginal_path goes before san_path_err where both are configured.
 *
 * A path that is released while its checker says good is used at once. One that
 * is held out is released early when its volume has no other; of several the one
 * of the highest priority.
 */
#include "core/doubt.h"

#include <stdio.h>

#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/sample.h"

/* When a sample could not begin. */
#define SAMPLE_RETRY NSEC_PER_SEC

/* Of the two at most one is in force. */
struct rules {
	bool has_marginal, has_shaky;
	struct marginal_rules marginal;
	struct shaky_rules shaky;
};

static struct rules rules_of(const struct path *p)
{
	const struct settings *s = &p->volume->settings;
	struct rules r = { 0 };

	r.has_marginal = marginal_rules(s, &r.marginal);
	r.has_shaky = !r.has_marginal && shaky_rules(s, &r.shaky);
	return r;
}

static bool uses_groups(const struct path *p)
{
	return p->volume->settings.v[OPT_MARGINAL_PATHGROUPS].num != 0;
}

static bool is_out(const struct doubt *d)
{
	return shaky_out(&d->shaky) || marginal_out(&d->marginal);
}

/* What is to be said of it */

static void report_marginal(struct monitor *m, struct path *p,
			    const char *cause, const char *detail)
{
	monitor_set_why(p, cause);
	monitor_event(m, true, "path-marginal", p->volume->name, p->name,
		      cause, "%s; %u of %u paths usable", detail,
		      volume_usable(p->volume), p->volume->npaths);
}

static void out_cause(const struct path *p, const struct rules *r, char *buf,
		      size_t size)
{
	const struct doubt *d = &p->doubt;

	if (d->by_hand)
		snprintf(buf, size, "operator");
	else if (marginal_out(&d->marginal))
		snprintf(buf, size, "marginal_path: two failures within %llu s",
			 (unsigned long long)(r->marginal.double_failed /
					      NSEC_PER_SEC));
	else
		snprintf(buf, size, "san_path_err: %llu failures, "
			 "no more than %llu allowed",
			 (unsigned long long)d->shaky.failures,
			 (unsigned long long)r->shaky.threshold);
}

static void out_detail(const struct path *p, const struct rules *r, char *buf,
		       size_t size)
{
	if (p->health.marginal)
		snprintf(buf, size, "used only if no other path is left");
	else if (marginal_out(&p->doubt.marginal))
		snprintf(buf, size, "held out, its reads are watched for %llu s",
			 (unsigned long long)(r->marginal.sample /
					      NSEC_PER_SEC));
	else
		snprintf(buf, size, "held out until it was good for %llu s",
			 (unsigned long long)(r->shaky.recovery /
					      NSEC_PER_SEC));
}

static void report_out(struct monitor *m, struct path *p,
		       const struct rules *r)
{
	char cause[128], detail[96];

	out_cause(p, r, cause, sizeof(cause));
	out_detail(p, r, detail, sizeof(detail));
	report_marginal(m, p, cause, detail);
}

/* Groups of last resort */

/* A group of marginal paths alone is left as soon as there is another. */
static void leave_marginal_group(struct monitor *m, struct volume *v)
{
	struct group *best = volume_best_group(v);

	if (!v->current || !group_marginal(v->current) || !best ||
	    group_marginal(best))
		return;
	v->next = best;
	v->current = NULL;
	v->run->failback.asked = best;
	v->run->failback.cause = "the group before is marginal";
	monitor_settle(m, v, true);
}

/* Groups are exchanged when all that hangs on the old ones is done with. */
static void set_flag(struct path *p, bool marginal)
{
	if (p->health.marginal == marginal)
		return;
	p->health.marginal = marginal;
	p->volume->run->regroup = true;
}

void doubt_regroup(struct monitor *m, struct volume *v)
{
	struct errmsg e;

	if (!v->run->regroup)
		return;
	v->run->regroup = false;
	if (apply_regroup(m, v, &v->settings, &e))
		monitor_event(m, true, "regroup-failed", v->name, NULL, e.text,
			      "I/O goes on in the old groups");
	else
		leave_marginal_group(m, v);
}

/* Brings p's flags in line with what the machines say. */
static void hold(struct monitor *m, struct path *p, const struct rules *r)
{
	struct path_health *h = &p->health;
	struct doubt *d = &p->doubt;
	bool last_resort = d->by_hand || (is_out(d) && uses_groups(p));
	bool was = h->marginal || h->delayed;
	bool delayed = is_out(d) && !uses_groups(p) && d->good;

	if (delayed)
		h->active = false;
	h->delayed = delayed;
	set_flag(p, last_resort);
	if (!was && (h->marginal || h->delayed))
		report_out(m, p, r);
}

/* It has been used all the time, and may be as any other now. */
static void report_trusted(struct monitor *m, struct path *p,
			   const char *cause)
{
	monitor_set_why(p, cause);
	monitor_event(m, false, "path-reinstated", p->volume->name, p->name,
		      cause, "%u of %u paths usable",
		      volume_usable(p->volume), p->volume->npaths);
}

/* It is trusted again. */
static void release(struct monitor *m, struct path *p, const char *cause)
{
	struct path_health *h = &p->health;
	struct doubt *d = &p->doubt;
	bool was = h->marginal || h->delayed;

	sample_stop(d->sample);
	timer_clear(&m->timers, &d->timer);
	h->delayed = false;
	if (!d->by_hand)
		set_flag(p, false);
	if (!h->active && d->good)
		monitor_path_usable(m, p, cause);
	else if (was && h->active && !h->marginal)
		report_trusted(m, p, cause);
}

/* The machines */

static void feed_marginal(struct monitor *m, struct path *p,
			  const struct rules *r, enum marginal_event ev,
			  const struct sampled *sampled, const char *cause);

static void sample_ended(struct monitor *m, struct path *p,
			 const struct sampled *s)
{
	const struct rules r = rules_of(p);
	char cause[128];

	snprintf(cause, sizeof(cause), "marginal_path: %llu errors in %llu "
		 "reads, %llu in a thousand allowed",
		 (unsigned long long)s->errors, (unsigned long long)s->reads,
		 (unsigned long long)r.marginal.rate);
	feed_marginal(m, p, &r, MARGINAL_SAMPLED, s, cause);
	if (marginal_out(&p->doubt.marginal)) {
		monitor_set_why(p, cause);
		monitor_event(m, true, "path-sampled", p->volume->name,
			      p->name, cause, "watched again in %llu s",
			      (unsigned long long)(r.marginal.gap /
						   NSEC_PER_SEC));
	}
	monitor_settle(m, p->volume, false);
}

static void begin_sample(struct monitor *m, struct path *p,
			 const struct rules *r)
{
	struct doubt *d = &p->doubt;

	if (!sample_start(m, p, r->marginal.sample, sample_ended, &d->sample))
		return;
	(void)marginal_step(&d->marginal, &r->marginal, MARGINAL_UNABLE, NULL,
			    m->now);
	timer_set(&m->timers, &d->timer, m->now + SAMPLE_RETRY);
}

static void feed_marginal(struct monitor *m, struct path *p,
			  const struct rules *r, enum marginal_event ev,
			  const struct sampled *sampled, const char *cause)
{
	struct doubt *d = &p->doubt;

	switch (marginal_step(&d->marginal, &r->marginal, ev, sampled,
			      m->now)) {
	case MARGINAL_RELEASE:
		release(m, p, cause);
		return;
	case MARGINAL_SAMPLE:
		begin_sample(m, p, r);
		return;
	case MARGINAL_HOLD:
	case MARGINAL_STAYS:
		timer_set(&m->timers, &d->timer,
			  marginal_due(&d->marginal, &r->marginal));
	}
}

static void feed_shaky(struct monitor *m, struct path *p,
		       const struct rules *r, enum shaky_event ev,
		       const char *cause)
{
	struct doubt *d = &p->doubt;
	enum shaky_result what = shaky_step(&d->shaky, &r->shaky, ev, m->now);

	if (what == SHAKY_RELEASE)
		release(m, p, cause);
	else
		timer_set(&m->timers, &d->timer,
			  shaky_due(&d->shaky, &r->shaky));
}

static void recovered_text(const struct rules *r, char *buf, size_t size)
{
	snprintf(buf, size, "san_path_err: good for %llu s",
		 (unsigned long long)(r->shaky.recovery / NSEC_PER_SEC));
}

bool doubt_good(struct monitor *m, struct path *p)
{
	const struct rules r = rules_of(p);
	struct doubt *d = &p->doubt;
	char cause[64];

	d->good = true;
	recovered_text(&r, cause, sizeof(cause));
	if (r.has_marginal)
		feed_marginal(m, p, &r, MARGINAL_GOOD, NULL, NULL);
	else if (r.has_shaky)
		feed_shaky(m, p, &r, SHAKY_SEEN_GOOD, cause);
	hold(m, p, &r);
	return !p->health.delayed;
}

void doubt_bad(struct monitor *m, struct path *p, bool failed)
{
	const struct rules r = rules_of(p);
	struct doubt *d = &p->doubt;

	d->good = false;
	if (r.has_marginal && failed)
		feed_marginal(m, p, &r, MARGINAL_FAILED, NULL, NULL);
	if (r.has_marginal && p->health.reopen) {
		/* What is read is no longer what was there. */
		sample_stop(d->sample);
		feed_marginal(m, p, &r, MARGINAL_UNABLE, NULL, NULL);
	}
	if (r.has_shaky)
		feed_shaky(m, p, &r, SHAKY_SEEN_BAD, NULL);
	hold(m, p, &r);
}

static void due(struct timer *t, void *owner, uint64_t now)
{
	struct path *p = container_of(t, struct path, doubt.timer);
	const struct rules r = rules_of(p);
	struct doubt *d = &p->doubt;
	struct monitor *m = owner;
	char cause[64];

	(void)now;
	if (r.has_shaky && p->check.phase != CHECK_IDLE)
		return; /* is it still good? What the check finds decides. */
	recovered_text(&r, cause, sizeof(cause));
	if (r.has_marginal) {
		feed_marginal(m, p, &r, MARGINAL_TIME, NULL, NULL);
		if (d->good)
			feed_marginal(m, p, &r, MARGINAL_GOOD, NULL, NULL);
	} else if (r.has_shaky) {
		feed_shaky(m, p, &r, SHAKY_TIME, cause);
	}
	monitor_settle(m, p->volume, false);
}

/* Nobody else is left: the path that is held out, and good, and best. */
static struct path *last_hope(const struct volume *v)
{
	struct path *best = NULL;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		if (!p->health.delayed || p->health.held || !p->dev)
			continue;
		/* It would not be used, see verdict.c. */
		if (p->check.state == CHECK_GHOST && p->said.implicit_only)
			continue;
		if (!best || p->priority > best->priority)
			best = p;
	}
	return best;
}

void doubt_rescue(struct monitor *m, struct volume *v)
{
	struct path *p = volume_up(v) ? NULL : last_hope(v);
	struct rules r;

	if (!p)
		return;
	r = rules_of(p);
	if (r.has_marginal)
		feed_marginal(m, p, &r, MARGINAL_ALONE, NULL,
			      "no other path is left");
	else
		feed_shaky(m, p, &r, SHAKY_ALONE, "no other path is left");
}

/* By hand, and by the settings */

static void forget(struct doubt *d)
{
	const uint32_t shaky = d->shaky.reached, marginal = d->marginal.reached;

	d->shaky = (struct shaky){ .reached = shaky };
	d->marginal = (struct marginal){ .reached = marginal };
}

void doubt_by_hand(struct monitor *m, struct path *p)
{
	const struct rules r = rules_of(p);

	p->doubt.by_hand = true;
	if (p->health.delayed)
		report_out(m, p, &r);
	hold(m, p, &r);
}

void doubt_forget(struct monitor *m, struct path *p)
{
	p->doubt.by_hand = false;
	forget(&p->doubt);
	p->doubt.good = true; /* he knows better */
	release(m, p, "operator");
}

void doubt_configure(struct monitor *m, struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		const struct rules r = rules_of(p);
		struct doubt *d = &p->doubt;
		bool other = (shaky_out(&d->shaky) && !r.has_shaky) ||
			     (marginal_out(&d->marginal) && !r.has_marginal);

		if (other) {
			forget(d);
			release(m, p, "setting");
		} else if (shaky_out(&d->shaky)) {
			timer_set(&m->timers, &d->timer,
				  shaky_due(&d->shaky, &r.shaky));
		}
		hold(m, p, &r);
	}
}

/* The beginning and the end */

void doubt_init(struct path *p)
{
	p->doubt.timer.due = due;
}

void doubt_end(struct monitor *m, struct path *p)
{
	timer_clear(&m->timers, &p->doubt.timer);
	sample_stop(p->doubt.sample);
}

bool doubt_busy(const struct path *p)
{
	return sample_out(p->doubt.sample);
}

void doubt_free(struct path *p)
{
	sample_free(p->doubt.sample);
}
