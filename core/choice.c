// SPDX-License-Identifier: MIT
/* What serves a path: set, detected or configured; see choice.h. No state. */
#include "core/choice.h"

#include <stdio.h>
#include <string.h>

#include "core/checker.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/prioritizer.h"

/* The first of the table that is taken for such a device; NULL: none. */
static const struct checker_ops *
matching(const struct checker_ops *const *table, const struct path_facts *f,
	 enum checker_match when)
{
	for (; *table; table++)
		if ((*table)->match && (*table)->match(f) & when)
			return *table;
	return NULL;
}

struct checker_choice choose_checker(const struct checker_ops *const *table,
				     const struct path_facts *f,
				     const struct settings *s)
{
	const struct setting *set = &s->v[OPT_PATH_CHECKER];
	const struct checker_ops *ops = NULL;

	if (s->v[OPT_DETECT_CHECKER].num && set->origin != ORIGIN_LIVE)
		ops = matching(table, f, CHECKER_DETECTED);
	if (ops)
		return (struct checker_choice){ops, CHOSEN_BY_DEVICE};
	if (strcmp(set->text, CHECKER_AUTO))
		return (struct checker_choice){
			checker_find(table, set->text), CHOSEN_BY_SETTING};
	ops = matching(table, f, CHECKER_BY_DEFAULT);
	return (struct checker_choice){ops ? ops : *table, CHOSEN_BY_SETTING};
}

static const struct prioritizer_ops *
detected(const struct prioritizer_ops *const *table,
	 const struct path_facts *f)
{
	for (; table && *table; table++)
		if ((*table)->match && (*table)->match(f))
			return *table;
	return NULL;
}

/* What is not for it would be refused: it was written for another one. */
static const char *args_for(const struct prioritizer_ops *ops, const char *args)
{
	struct errmsg e;

	return ops->check_args && !ops->check_args(args, &e) ? args : "";
}

static bool can_work(const struct prioritizer_ops *ops,
		     const struct path_facts *f)
{
	return !ops || !ops->fits || f->kind == DEVICE_UNKNOWN || ops->fits(f);
}

struct prio_choice choose_prio(const struct prioritizer_ops *const *table,
			       const struct path_facts *f,
			       const struct settings *s)
{
	const struct setting *set = &s->v[OPT_PRIO];
	const char *args = s->v[OPT_PRIO_ARGS].text;
	struct setting builtin;
	struct prio_choice c = {
		.ops = prioritizer_find(table, set->text),
		.args = args,
	};

	if (s->v[OPT_DETECT_PRIO].num && set->origin != ORIGIN_LIVE) {
		const struct prioritizer_ops *ops = detected(table, f);

		if (ops)
			return (struct prio_choice){ops, args_for(ops, args),
						    CHOSEN_BY_DEVICE};
	}
	if (can_work(c.ops, f))
		return c;
	option_builtin(OPT_PRIO, &builtin);
	return (struct prio_choice){prioritizer_find(table, builtin.text), "",
				    CHOSEN_AS_FALLBACK};
}

/* Of those that have not told of themselves nothing is concluded. */
static bool all_alua(const struct prioritizer_ops *const *table,
		     struct path *const *paths, unsigned int npaths,
		     const struct settings *s)
{
	bool any = false;

	for (unsigned int i = 0; i < npaths; i++) {
		const struct path_facts *f = &paths[i]->said;
		struct prio_choice c;

		if (f->kind == DEVICE_UNKNOWN)
			continue;
		c = choose_prio(table, f, s);
		if (!c.ops || !c.ops->alua)
			return false;
		any = true;
	}
	return any;
}

void choose_policy(const struct prioritizer_ops *const *table,
		   struct path *const *paths, unsigned int npaths,
		   const struct settings *base, struct settings *s)
{
	struct setting *set = &s->v[OPT_PATH_GROUPING_POLICY];
	bool tpg = s->v[OPT_DETECT_PGPOLICY_USE_TPG].num &&
		   volume_tpgs_known(paths, npaths);

	if (set->origin == ORIGIN_LIVE)
		return;
	*set = base->v[OPT_PATH_GROUPING_POLICY];
	if (!s->v[OPT_DETECT_PGPOLICY].num ||
	    !all_alua(table, paths, npaths, s))
		return;
	/* A word of the table's own. */
	(void)!option_parse(OPT_PATH_GROUPING_POLICY,
			    tpg ? "group_by_tpg" : "group_by_prio", NULL, set,
			    NULL);
	set->origin = ORIGIN_DETECTED;
	snprintf(set->where, sizeof(set->where),
		 "all priorities are ALUA's");
}

struct checker_choice path_checker(const struct monitor *m,
				   const struct path *p)
{
	return choose_checker(m->p.checkers, &p->said, &p->volume->settings);
}

struct prio_choice path_prio(const struct monitor *m, const struct path *p)
{
	return choose_prio(m->p.prioritizers, &p->said, &p->volume->settings);
}

void choice_text(const struct path *p, enum chosen_by by, enum opt o,
		 char buf[CHOICE_TEXT])
{
	const struct setting *s = &p->volume->settings.v[o];
	char traits[64];

	switch (by) {
	case CHOSEN_BY_SETTING:
		snprintf(buf, CHOICE_TEXT, "%s%s%s", origin_text(s->origin),
			 *s->where ? " " : "", s->where);
		return;
	case CHOSEN_BY_DEVICE:
		path_facts_traits(&p->said, traits, sizeof(traits));
		snprintf(buf, CHOICE_TEXT, "detected: %s", traits);
		return;
	case CHOSEN_AS_FALLBACK:
		snprintf(buf, CHOICE_TEXT, "fallback: no %.64s on this device",
			 s->text);
		return;
	}
}
