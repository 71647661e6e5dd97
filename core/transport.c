// SPDX-License-Identifier: MIT
/* Timers of transports; see transport.h. Monitor, but for the errand's work. */
#include "core/transport.h"

#include <stdio.h>
#include <string.h>

#include "core/errand.h"
#include "core/monitor_private.h"
#include "core/path.h"

/* What upstream adds to the time that I/O waits: a check interval, and a second
 * each minute. */
enum { MARGIN = 5, MARGIN_PART = 60 };

struct telling {
	struct errand errand;
	void (*set)(const struct device *d, const struct transport_timers *t,
		    struct transport_report *ret);
	const struct device *dev; /* stays until the errand is back */
	struct transport_timers timers;
	struct transport_notes notes;
	struct transport_report report;
};

/* Seconds that I/O may wait for a path; 0: none. */
static int64_t least_dev_loss(int64_t no_path_retry, int64_t interval)
{
	int64_t wait;

	if (no_path_retry == NO_PATH_QUEUE)
		return UINT32_MAX;
	if (no_path_retry == NO_PATH_FAIL)
		return 0;
	wait = no_path_retry * interval;
	return MIN(wait + wait / MARGIN_PART + MARGIN, (int64_t)UINT32_MAX);
}

void transport_resolve(const struct settings *s, int64_t no_path_retry,
		       struct transport_timers *ret,
		       struct transport_notes *notes)
{
	int64_t least = least_dev_loss(no_path_retry,
				       s->v[OPT_POLLING_INTERVAL].num);
	int64_t dev_loss = s->v[OPT_DEV_LOSS_TMO].num;

	*ret = (struct transport_timers){
		.fast_io_fail = s->v[OPT_FAST_IO_FAIL_TMO].num,
		.dev_loss = MAX(dev_loss, least),
		.least = !dev_loss && least,
		.eh_deadline = s->v[OPT_EH_DEADLINE].num,
		.max_retries = s->v[OPT_MAX_RETRIES].num,
		.queue = no_path_retry == NO_PATH_QUEUE,
	};
	notes->raised = dev_loss && dev_loss < least;
	notes->without_fast_io_fail =
		dev_loss && ret->fast_io_fail >= ret->dev_loss;
	if (notes->without_fast_io_fail)
		ret->fast_io_fail = TMO_OFF;
}

static bool same(const struct transport_timers *a,
		 const struct transport_timers *b)
{
	return a->fast_io_fail == b->fast_io_fail &&
	       a->dev_loss == b->dev_loss && a->least == b->least &&
	       a->eh_deadline == b->eh_deadline &&
	       a->max_retries == b->max_retries && a->queue == b->queue;
}

/* What [protocol] says */

static const struct transport_rule *
find_rule(const struct transport_rules *rules, const char *protocol, enum opt o)
{
	for (unsigned int i = 0; i < rules->n; i++)
		if (rules->v[i].o == o &&
		    !strcmp(rules->v[i].protocol, protocol))
			return &rules->v[i];
	return NULL;
}

/* Of several that say the same the last one counts. */
void transport_rules_of(const struct config *c, struct transport_rules *ret)
{
	ret->n = 0;
	for (size_t i = c->nentries; i-- > 0;) {
		const struct config_entry *t = &c->entries[i];

		for (size_t k = 0; t->kind == ENTRY_PROTOCOL && k < t->nvalues;
		     k++) {
			struct transport_rule *rule = &ret->v[ret->n];

			if (ret->n == ARRAY_SIZE(ret->v) ||
			    find_rule(ret, t->name, t->values[k].o))
				continue;
			ret->n++;
			snprintf(rule->protocol, sizeof(rule->protocol),
				 "%.23s", t->name);
			rule->o = t->values[k].o;
			rule->num = t->values[k].s.num;
		}
	}
}

void transport_configure_all(struct monitor *m)
{
	for (unsigned int i = 0; i < m->nvolumes; i++)
		transport_configure(m, m->volumes[i]);
}

static void tell_rules(struct monitor *m, const struct transport_rules *a,
		       const struct transport_rules *b, const char *how)
{
	for (unsigned int i = 0; i < a->n; i++) {
		const struct transport_rule *r = &a->v[i];
		const struct transport_rule *other =
			find_rule(b, r->protocol, r->o);

		if (other && (a == &m->rules || other->num == r->num))
			continue;
		monitor_event(m, false, "difference", NULL, NULL,
			      "setting changed", "%s of [protocol %s]%s",
			      option_info(r->o)->name, r->protocol, how);
	}
}

void transport_compare_rules(struct monitor *m, const struct config *c)
{
	struct transport_rules rules;

	transport_rules_of(c, &rules);
	tell_rules(m, &rules, &m->rules, "");
	tell_rules(m, &m->rules, &rules, " is set no more");
}

/* What holds for p, whose volume may have paths of other protocols. */
static void effective(const struct monitor *m, const struct path *p,
		      struct settings *ret)
{
	*ret = p->volume->settings;
	for (unsigned int i = 0; i < m->rules.n; i++) {
		const struct transport_rule *r = &m->rules.v[i];
		struct setting *s = &ret->v[r->o];

		if (s->origin > ORIGIN_PROTOCOL ||
		    strcmp(r->protocol, p->said.protocol))
			continue;
		s->num = r->num;
		s->origin = ORIGIN_PROTOCOL;
	}
}

/* Has somebody asked for timers? What is said of a kind of array holds for its
 * disks by any protocol. */
static bool configured(const struct monitor *m, const struct path *p)
{
	const struct setting *s = p->volume->settings.v;
	static const enum opt timers[] = {
		OPT_FAST_IO_FAIL_TMO,
		OPT_DEV_LOSS_TMO,
		OPT_EH_DEADLINE,
		OPT_MAX_RETRIES,
	};

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		if ((s[timers[i]].origin != ORIGIN_BUILTIN &&
		     s[timers[i]].origin != ORIGIN_DEVICE) ||
		    find_rule(&m->rules, p->said.protocol, timers[i]))
			return true;
	return false;
}

/* For people */

static void note(struct monitor *m, const struct path *p, const char *cause,
		 const char *what)
{
	monitor_event(m, false, "transport-adjusted", p->volume->name, p->name,
		      cause, "%s", what);
}

static void tell_notes(struct monitor *m, const struct path *p,
		       const struct telling *t)
{
	char text[64];

	snprintf(text, sizeof(text), "dev_loss_tmo is raised to %lld s",
		 (long long)t->timers.dev_loss);
	if (t->notes.raised)
		note(m, p, "no_path_retry", text);
	if (t->notes.without_fast_io_fail)
		note(m, p, "dev_loss_tmo is not more than it",
		     "fast_io_fail_tmo is off");
	if (t->report.capped)
		note(m, p, "fast_io_fail_tmo is not set",
		     "dev_loss_tmo is 600 s");
}

/* True, once for each protocol. */
static bool is_news(struct monitor *m, const char *protocol)
{
	for (unsigned int i = 0; i < m->nuntimed; i++)
		if (!strcmp(m->untimed[i], protocol))
			return false;
	if (m->nuntimed == ARRAY_SIZE(m->untimed))
		return false;
	strcpy(m->untimed[m->nuntimed++], protocol);
	return true;
}

static void tell_unsupported(struct monitor *m, const struct path *p,
			     const char *protocol)
{
	if (configured(m, p) && is_news(m, protocol))
		monitor_event(m, true, "transport-unsupported",
			      p->volume->name, p->name, protocol,
			      "it has no fast_io_fail_tmo and dev_loss_tmo");
}

/* The errand */

static void work(struct errand *e)
{
	struct telling *t = container_of(e, struct telling, errand);

	t->set(t->dev, &t->timers, &t->report);
}

static void ended(struct monitor *m, struct errand *e)
{
	const struct telling *t = container_of(e, struct telling, errand);
	struct path *p = e->path;

	if (!t->report.supported)
		tell_unsupported(m, p, t->report.protocol);
	else
		tell_notes(m, p, t);
	if (*t->report.refused)
		monitor_event(m, true, "transport-refused", p->volume->name,
			      p->name, t->report.refused, "%s",
			      "it stays as it is");
	if (t->report.busy)
		p->transport.told = false; /* once more when it comes back */
	else
		transport_configure_path(m, p); /* if they are others by now */
}

void transport_configure_path(struct monitor *m, struct path *p)
{
	struct settings s;
	struct transport_timers timers;
	struct transport_notes notes;
	struct path_transport *k = &p->transport;
	struct telling *t;

	if (!m->p.set_transport || !p->dev || p->health.reopen ||
	    errand_out(p, ERRAND_TIMERS))
		return;
	effective(m, p, &s);
	transport_resolve(&s, volume_no_path_retry(p->volume), &timers, &notes);
	if (k->told && same(&k->timers, &timers))
		return;
	t = calloc(1, sizeof(*t));
	if (!t)
		return; /* at the next change */
	k->told = true;
	k->timers = timers;
	t->errand = (struct errand){
		.kind = ERRAND_TIMERS, .work = work, .ended = ended};
	t->set = m->p.set_transport;
	t->dev = p->dev;
	t->timers = timers;
	t->notes = notes;
	errand_begin(m, p, &t->errand);
}

void transport_configure(struct monitor *m, struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		transport_configure_path(m, v->paths[i]);
}

void transport_forget(struct path *p)
{
	p->transport.told = false;
}
