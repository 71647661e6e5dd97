// SPDX-License-Identifier: MIT
/*
 * What an operator may ask for by the files of the mount; see monitor.h. Each
 * takes effect, as a view that lanes have seen, before the function returns.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/choice.h"
#include "core/device.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/number.h"
#include "core/path.h"
#include "core/resize.h"

/* Paths */

static int path_fail_word(struct monitor *m, struct path *p, struct errmsg *e)
{
	(void)e;
	identity_by_hand_no_more(p);
	monitor_path_failed(m, p, "operator");
	check_soon(m, p);
	return 0;
}

void monitor_reinstate_by_hand(struct monitor *m, struct path *p)
{
	p->health.io_failed = 0; /* he knows better */
	doubt_forget(m, p);
	monitor_path_reinstated(m, p, "operator");
}

/* He may know better than a checker, but not who the device is. */
static int path_reinstate_word(struct monitor *m, struct path *p,
			       struct errmsg *e)
{
	struct errmsg why;
	int r;

	if (!p->dev || p->health.reopen)
		return errmsg_set(e, ENODEV,
				  "%s: its device is not there or not its own: %s",
				  p->name, p->health.why);
	r = device_recheck(p->dev, &why);
	if (r && !resize_follow(m, p, r)) {
		check_lost(m, p, why.text);
		return errmsg_set(e, r == -ENODEV ? ENODEV : ESTALE, "%s: %s",
				  p->name, why.text);
	}
	r = identity_by_hand(m, p, e);
	if (!r)
		monitor_reinstate_by_hand(m, p);
	return r == -EINPROGRESS ? 0 : r;
}

static int path_marginal_word(struct monitor *m, struct path *p,
			      struct errmsg *e)
{
	(void)e;
	doubt_by_hand(m, p);
	return 0;
}

static void set_held(struct monitor *m, struct path *p, bool held)
{
	if (p->health.held == held)
		return;
	p->health.held = held;
	monitor_event(m, held, held ? "path-offline" : "path-online",
		      p->volume->name, p->name, "operator",
		      "%u of %u paths usable", volume_usable(p->volume),
		      p->volume->npaths);
	snprintf(p->health.why, sizeof(p->health.why), "operator");
	m->p.front->keep_changed(m->p.front);
}

static int path_offline_word(struct monitor *m, struct path *p,
			     struct errmsg *e)
{
	(void)e;
	set_held(m, p, true);
	return 0;
}

static int path_online_word(struct monitor *m, struct path *p, struct errmsg *e)
{
	(void)e;
	set_held(m, p, false);
	check_now(m, p); /* is it well? */
	return 0;
}

static const struct path_word {
	const char *word;
	int (*act)(struct monitor *m, struct path *p, struct errmsg *e);
} path_words[] = {
	{ "fail", path_fail_word },	  { "reinstate", path_reinstate_word },
	{ "marginal", path_marginal_word }, { "offline", path_offline_word },
	{ "online", path_online_word },
};

int monitor_path_state(struct monitor *m, struct path *p, const char *word,
		       uint64_t now, struct errmsg *e)
{
	m->now = now;
	for (size_t i = 0; i < ARRAY_SIZE(path_words); i++) {
		int r;

		if (strcmp(path_words[i].word, word))
			continue;
		r = path_words[i].act(m, p, e);
		if (!r)
			monitor_settle(m, p->volume, true);
		return r;
	}
	return errmsg_set(e, EINVAL,
			  "'%s': fail, reinstate, marginal, offline or online",
			  word);
}

int monitor_path_check(struct monitor *m, struct path *p, uint64_t now,
		       struct errmsg *e)
{
	(void)e;
	m->now = now;
	p->check.asked = true;
	check_now(m, p);
	return 0;
}

/* Groups */

const char *monitor_group_state_text(const struct volume *v,
				     const struct group *g)
{
	if (g->bypassed)
		return "disabled";
	return g == v->current ? "active" : "enabled";
}

static void group_active_word(struct monitor *m, struct volume *v,
			      struct group *g)
{
	monitor_switch_group(m, v, g, "operator");
}

/*
 * dm: a change of `bypassed` makes the choice anew. With dm so does a word that
 * changes nothing, and an array is activated once more for it; here it does not
 * disturb the I/O.
 */
static void set_bypassed(struct monitor *m, struct volume *v, struct group *g,
			 bool bypassed)
{
	g->busy = false; /* from now on it is the operator's word */
	if (g->bypassed == bypassed)
		return;
	g->bypassed = bypassed;
	v->current = NULL;
	monitor_event(m, false, bypassed ? "group-disabled" : "group-enabled",
		      v->name, NULL, "operator", "group %u", g->id);
}

static void group_disabled_word(struct monitor *m, struct volume *v,
				struct group *g)
{
	set_bypassed(m, v, g, true);
}

static void group_enabled_word(struct monitor *m, struct volume *v,
			       struct group *g)
{
	set_bypassed(m, v, g, false);
}

static const struct group_word {
	const char *word;
	void (*act)(struct monitor *m, struct volume *v, struct group *g);
} group_words[] = {
	{ "active", group_active_word },
	{ "enabled", group_enabled_word },
	{ "disabled", group_disabled_word },
};

int monitor_group_state(struct monitor *m, struct volume *v, struct group *g,
			const char *word, uint64_t now, struct errmsg *e)
{
	m->now = now;
	for (size_t i = 0; i < ARRAY_SIZE(group_words); i++) {
		if (strcmp(group_words[i].word, word))
			continue;
		group_words[i].act(m, v, g);
		monitor_settle(m, v, true);
		return 0;
	}
	return errmsg_set(e, EINVAL, "'%s': active, enabled or disabled", word);
}

int monitor_group_selector(struct monitor *m, struct volume *v,
			   struct group *g, const char *text, uint64_t now,
			   struct errmsg *e)
{
	struct setting s = v->settings.v[OPT_PATH_SELECTOR];
	bool own = strcmp(text, "default") != 0;
	unsigned int id = g->id;
	int r = 0;

	m->now = now;
	if (own)
		r = option_parse(OPT_PATH_SELECTOR, text, m->p.registry, &s, e);
	if (!r)
		r = apply_selector(m, v, g, s.text, own, e);
	if (r)
		return r;
	monitor_event(m, false, "setting-changed", v->name, NULL, "operator",
		      "path_selector = %s, of group %u", s.text, id);
	return 0;
}

/* Settings */

static int set_no_path_retry(struct monitor *m, struct volume *v,
			     const struct settings *s, struct errmsg *e)
{
	(void)e;
	v->settings = *s;
	v->run->pin = PIN_NONE; /* the setting is in force again */
	queueing_restart(m, v, "operator");
	return 0;
}

static int set_groups(struct monitor *m, struct volume *v,
		      const struct settings *s, struct errmsg *e)
{
	int r = apply_regroup(m, v, s, e);

	if (!r)
		v->settings = *s;
	return r;
}

/* Of all groups, whatever was written for one. */
static int set_selector(struct monitor *m, struct volume *v,
			const struct settings *s, struct errmsg *e)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		v->groups[i]->own_selector = false;
	return set_groups(m, v, s, e);
}

static int set_checker(struct monitor *m, struct volume *v,
		       const struct settings *s, struct errmsg *e)
{
	(void)e;
	v->settings = *s;
	for (unsigned int i = 0; i < v->npaths; i++)
		check_now(m, v->paths[i]);
	doubt_configure(m, v); /* delay_wait_checks counts intervals */
	return 0;
}

/* Retries are counted in polling intervals. */
static int set_polling_interval(struct monitor *m, struct volume *v,
				const struct settings *s, struct errmsg *e)
{
	int r = set_checker(m, v, s, e);

	queueing_configure(m, v);
	return r;
}

/* The two are a pair: each must fit what the other one is now. */
static int set_prio(struct monitor *m, struct volume *v,
		    const struct settings *s, struct errmsg *e)
{
	const struct config_registry *reg = m->p.registry;
	int r = 0;

	if (reg && reg->check_prio)
		r = reg->check_prio(s->v[OPT_PRIO].text,
				    s->v[OPT_PRIO_ARGS].text, e);
	if (r) {
		errmsg_prefix(e, "prio = %s, prio_args = %s",
			      s->v[OPT_PRIO].text, s->v[OPT_PRIO_ARGS].text);
		return r;
	}
	v->settings = *s;
	prio_changed(m, v);
	(void)prio_run(m); /* what does not block is known now */
	return 0;
}

/* A timer that runs is one of the old setting. */
static int set_failback(struct monitor *m, struct volume *v,
			const struct settings *s, struct errmsg *e)
{
	(void)m;
	(void)e;
	v->settings = *s;
	v->run->failback.at = 0;
	return 0;
}

static int set_doubt(struct monitor *m, struct volume *v,
		     const struct settings *s, struct errmsg *e)
{
	(void)e;
	v->settings = *s;
	doubt_configure(m, v);
	return 0;
}

static int set_handler(struct monitor *m, struct volume *v,
		       const struct settings *s, struct errmsg *e)
{
	int64_t before = volume_no_path_retry(v);

	(void)e;
	v->settings = *s;
	rounds_configure(m, v);
	if (volume_no_path_retry(v) != before) /* queue_if_no_path */
		queueing_restart(m, v, "operator");
	return 0;
}

static int set_plain(struct monitor *m, struct volume *v,
		     const struct settings *s, struct errmsg *e)
{
	(void)m;
	(void)e;
	v->settings = *s;
	return 0;
}

typedef int (*setter)(struct monitor *m, struct volume *v,
		      const struct settings *s, struct errmsg *e);

static setter setter_of(enum opt o)
{
	switch (o) {
	case OPT_PATH_SELECTOR:
		return set_selector;
	case OPT_PATH_GROUPING_POLICY:
		return set_groups;
	case OPT_PRIO:
	case OPT_PRIO_ARGS:
		return set_prio;
	case OPT_NO_PATH_RETRY:
		return set_no_path_retry;
	case OPT_FAILBACK:
		return set_failback;
	case OPT_SAN_PATH_ERR_THRESHOLD:
	case OPT_SAN_PATH_ERR_FORGET_RATE:
	case OPT_SAN_PATH_ERR_RECOVERY_TIME:
	case OPT_MARGINAL_PATH_ERR_SAMPLE_TIME:
	case OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD:
	case OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME:
	case OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME:
	case OPT_MARGINAL_PATHGROUPS:
	case OPT_DELAY_WATCH_CHECKS:
	case OPT_DELAY_WAIT_CHECKS:
		return set_doubt;
	case OPT_HARDWARE_HANDLER:
	case OPT_FEATURES:
		return set_handler;
	case OPT_POLLING_INTERVAL:
		return set_polling_interval;
	case OPT_PATH_CHECKER:
	case OPT_MAX_POLLING_INTERVAL:
		return set_checker;
	default:
		return set_plain;
	}
}

int monitor_set(struct monitor *m, struct volume *v, enum opt o,
		const char *text, uint64_t now, struct errmsg *e)
{
	struct settings s = v->settings;
	int r;

	m->now = now;
	if (!option_info(o)->live)
		return errmsg_set(e, EPERM, "%s cannot be changed live",
				  option_info(o)->name);
	if (!strcmp(text, "default")) {
		s.v[o] = v->run->base.v[o];
	} else {
		r = option_parse(o, text, m->p.registry, &s.v[o], e);
		if (r)
			return r;
		s.v[o].origin = ORIGIN_LIVE;
		s.v[o].where[0] = '\0';
	}
	choose_policy(m->p.prioritizers, v->paths, v->npaths, &v->run->base,
		      &s);
	r = setter_of(o)(m, v, &s, e);
	if (r)
		return r;
	monitor_event(m, false, "setting-changed", v->name, NULL, "operator",
		      "%s = %s", option_info(o)->name, v->settings.v[o].text);
	monitor_settle(m, v, true);
	transport_configure(m, v); /* no_path_retry counts there */
	m->p.front->keep_changed(m->p.front);
	return 0;
}

/* A volume's control */

static int pin_queueing(struct monitor *m, struct volume *v, enum queue_pin pin)
{
	v->run->pin = pin;
	monitor_event(m, false, "queueing", v->name, NULL, "operator",
		      pin == PIN_QUEUE ? "queue-if-no-path" :
					 "fail-if-no-path");
	queueing_restart(m, v, "operator");
	monitor_settle(m, v, true);
	return 0;
}

static int fail_if_no_path(struct monitor *m, struct volume *v,
			   const char *arg, struct errmsg *e)
{
	if (arg)
		return errmsg_set(e, EINVAL, "fail-if-no-path takes no word");
	return pin_queueing(m, v, PIN_FAIL);
}

static int queue_if_no_path(struct monitor *m, struct volume *v,
			    const char *arg, struct errmsg *e)
{
	if (arg)
		return errmsg_set(e, EINVAL, "queue-if-no-path takes no word");
	return pin_queueing(m, v, PIN_QUEUE);
}

static int switch_group(struct monitor *m, struct volume *v, const char *arg,
			struct errmsg *e)
{
	int64_t n;

	if (!arg || !v->ngroups || number_parse(arg, 10, 1, v->ngroups, &n))
		return errmsg_set(e, EINVAL,
				  "switch-group N: a group from 1 to %u",
				  v->ngroups);
	monitor_switch_group(m, v, v->groups[n - 1], "operator");
	monitor_settle(m, v, true);
	return 0;
}

static int reset_stats(struct monitor *m, struct volume *v, const char *arg,
		       struct errmsg *e)
{
	if (arg)
		return errmsg_set(e, EINVAL, "reset-stats takes no word");
	memset(&v->run->stats, 0, sizeof(v->run->stats));
	if (v->run->queueing.counted_from) /* total_q_time begins anew, too */
		v->run->queueing.counted_from = m->now;
	return 0;
}

static int resize(struct monitor *m, struct volume *v, const char *arg,
		  struct errmsg *e)
{
	if (arg)
		return errmsg_set(e, EINVAL, "resize takes no word");
	return resize_by_hand(m, v, e);
}

static const struct control_word {
	const char *word;
	int (*act)(struct monitor *m, struct volume *v, const char *arg,
		   struct errmsg *e);
} control_words[] = {
	{ "switch-group", switch_group },
	{ "fail-if-no-path", fail_if_no_path },
	{ "queue-if-no-path", queue_if_no_path },
	{ "reset-stats", reset_stats },
	{ "resize", resize },
};

int monitor_volume_control(struct monitor *m, struct volume *v,
			   const char *words, uint64_t now, struct errmsg *e)
{
	const char *space = strchr(words, ' ');
	size_t len = space ? (size_t)(space - words) : strlen(words);

	m->now = now;
	for (size_t i = 0; i < ARRAY_SIZE(control_words); i++) {
		const struct control_word *w = &control_words[i];

		if (strlen(w->word) == len && !strncmp(w->word, words, len))
			return w->act(m, v, space ? space + 1 : NULL, e);
	}
	return errmsg_set(
		e, EINVAL,
		"'%s': switch-group N, fail-if-no-path, queue-if-no-path, "
		"reset-stats, resize, reread-partitions or flush",
		words);
}

void monitor_stop_queueing(struct monitor *m, uint64_t now)
{
	m->now = now;
	m->stopping = true;
	for (unsigned int i = 0; i < m->nvolumes; i++) {
		struct volume *v = m->volumes[i];

		v->run->pin = PIN_FAIL;
		queueing_restart(m, v, "the mount ends");
		monitor_settle(m, v, true);
	}
}
