// SPDX-License-Identifier: MIT
/*
 * Which selector each group has: the volume's path_selector, or what was
 * written for that group, for as long as its paths stay together.
 */
#include <stdio.h>
#include <string.h>

#include "core/group.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

static uint32_t paths_of(struct sim_vol *sv, const struct group *g)
{
	uint32_t ret = 0;

	for (unsigned int i = 0; i < g->npaths; i++)
		ret |= 1U << admin_path(sv, g->paths[i]->name)->index;
	return ret;
}

/* What was written for the group that these paths were part of. */
static struct own_selector *given(struct sim_vol *sv, uint32_t paths)
{
	for (unsigned int i = 0; i < sv->own.n; i++)
		if (!(paths & ~sv->own.of[i].paths))
			return &sv->own.of[i];
	return NULL;
}

void selectors_forget(struct sim_vol *sv)
{
	sv->own.n = 0;
}

void selectors_set(struct sim_vol *sv, const struct group *g, const char *word)
{
	uint32_t paths = paths_of(sv, g);
	struct own_selector *own = given(sv, paths);

	if (own)
		*own = sv->own.of[--sv->own.n];
	if (strcmp(word, "default") == 0)
		return;
	own = &sv->own.of[sv->own.n++];
	own->paths = paths;
	snprintf(own->text, sizeof(own->text), "%s", word);
	coverage_hit(sv->s->cov, "selector of a group", word);
}

static bool is_it(const struct group *g, const char *text)
{
	size_t n = strcspn(text, " ");

	return !strncmp(g->selector, text, n) && strchr(" ", g->selector[n]);
}

/* Grouped anew twice since the last look, paths may have been apart. */
static void check_group(struct sim_vol *sv, const struct group *g,
			const struct own_selector *own, bool once)
{
	const char *all = sv->v->settings.v[OPT_PATH_SELECTOR].text;
	const char *expected = own ? own->text : all;

	if (!is_it(g, expected) && (once || !own || !is_it(g, all)))
		sim_fail(sv->s, "%s: group %u has selector %s, expected %s",
			 sv->name, g->id, g->selector, expected);
}

void selectors_check(struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	uint64_t loads = volume_stats(v)->map_loads;
	bool once = loads - sv->own.loads <= 1; /* not after reset-stats */
	struct own_selectors now = {.loads = loads};

	for (unsigned int i = 0; i < v->ngroups; i++) {
		const struct group *g = v->groups[i];
		uint32_t paths = sv->own.n ? paths_of(sv, g) : 0;
		const struct own_selector *own = given(sv, paths);

		check_group(sv, g, own, once);
		if (!own || !is_it(g, own->text))
			continue;
		now.of[now.n] = *own;
		now.of[now.n++].paths = paths;
	}
	sv->own = now;
}
