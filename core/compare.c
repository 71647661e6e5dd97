// SPDX-License-Identifier: MIT
/*
 * What a configuration would change; see monitor_compare(). It is planned as if
 * it were to be carried out, so that what would be refused is, and undone.
 */
#include <string.h>

#include "core/monitor_private.h"
#include "core/plan.h"

static void tell(struct monitor *m, const char *volume, const char *path,
		 const char *what, const char *detail)
{
	monitor_event(m, false, "difference", volume, path, what, "%s", detail);
}

static bool plans_path(const struct planned_volume *pv, const struct path *p)
{
	for (unsigned int i = 0; i < pv->npaths; i++)
		if (pv->list[i] == p)
			return true;
	return false;
}

static void compare_paths(struct monitor *m, const struct planned_volume *pv)
{
	const struct volume *v = pv->v;

	for (unsigned int i = 0; i < pv->npaths; i++)
		if (pv->paths[i].fresh)
			tell(m, pv->c->name, pv->list[i]->name, "path added",
			     pv->list[i]->dev_path);
	for (unsigned int i = 0; !pv->fresh && i < v->npaths; i++)
		if (!plans_path(pv, v->paths[i]))
			tell(m, pv->c->name, v->paths[i]->name, "path removed",
			     v->paths[i]->dev_path);
}

/* Those of the daemon, which no volume has for itself, or the others. */
static void compare_settings(struct monitor *m, const char *volume,
			     const struct settings *was,
			     const struct settings *is)
{
	for (enum opt o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info(o);

		if ((info->sections == IN_DEFAULTS) != !volume ||
		    !strcmp(was->v[o].text, is->v[o].text))
			continue;
		monitor_event(m, false, "difference", volume, NULL,
			      "setting changed", "%s = %s, was %s", info->name,
			      is->v[o].text, was->v[o].text);
	}
}

static void compare_volume(struct monitor *m, const struct planned_volume *pv)
{
	if (pv->same)
		return;
	if (pv->fresh)
		tell(m, pv->c->name, NULL, "volume added", "");
	else if (strcmp(pv->v->name, pv->c->name))
		tell(m, pv->c->name, NULL, "volume renamed", pv->v->name);
	compare_paths(m, pv);
	if (!pv->fresh)
		compare_settings(m, pv->c->name, &pv->v->run->base,
				 &pv->c->settings);
}

int monitor_compare(struct monitor *m, const struct config *c, uint64_t now,
		    struct errmsg *e)
{
	struct plan plan = {.m = m, .strict = true};
	int r;

	m->now = now;
	r = plan_make(&plan, c, e);
	for (unsigned int i = 0; !r && i < plan.n; i++)
		compare_volume(m, &plan.v[i]);
	for (unsigned int i = 0; !r && i < m->nvolumes; i++)
		if (!m->volumes[i]->run->planned)
			tell(m, m->volumes[i]->name, NULL, "volume removed",
			     "");
	if (!r)
		transport_compare_rules(m, c);
	plan_undo(&plan);
	plan_free(&plan);
	return r;
}

void monitor_compare_daemon(struct monitor *m, const struct config *was,
			    const struct config *is)
{
	compare_settings(m, NULL, &was->defaults, &is->defaults);
}
