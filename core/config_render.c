// SPDX-License-Identifier: MIT
/*
 * A snapshot as the INI text it stands for: what the tree's `config` shows.
 * Declared in config.h. Every option is written out, also those nobody set,
 * so that the text means the same under other built-in defaults. Origins are
 * comments on lines of their own: the INI has no others. No state.
 */
#include "core/config.h"

#include <stdio.h>

static void render_setting(FILE *f, const char *name, const struct setting *s)
{
	static const char *const origins[] = {
		[ORIGIN_BUILTIN] = "built in",
		[ORIGIN_DEFAULTS] = "[defaults]",
		[ORIGIN_VOLUME] = "[volume]",
		[ORIGIN_LIVE] = "live",
	};

	assert((size_t)s->origin < ARRAY_SIZE(origins));
	fprintf(f, "# %s%s%s\n%s = %s\n", origins[s->origin],
		s->where[0] ? " " : "", s->where, name, s->text);
}

static void render_defaults(FILE *f, const struct settings *settings)
{
	int o;

	fputs("[defaults]\n", f);
	for (o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info((enum opt)o);

		if (info->defaults)
			render_setting(f, info->name, &settings->v[o]);
	}
}

static void render_volume(FILE *f, const struct volume_config *v,
			  const struct settings *settings)
{
	size_t i;
	int o;

	fprintf(f, "\n# %s\n[volume %s]\n", v->where, v->name);
	for (i = 0; i < v->npaths; i++)
		fprintf(f, "# [volume] %s\npath = %s %s %d\n",
			v->paths[i].where, v->paths[i].name, v->paths[i].device,
			v->paths[i].priority);
	for (o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info((enum opt)o);

		if (info->volume)
			render_setting(f, info->name, &settings->v[o]);
	}
}

char *config_render(const struct config *c, const struct settings *const *live)
{
	char *text = NULL;
	size_t size, i;
	bool failed;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("# The effective configuration; it can be loaded again.\n"
	      "# Above each line: where it comes from.\n\n",
	      f);
	render_defaults(f, &c->defaults);
	for (i = 0; i < c->nvolumes; i++)
		render_volume(f, &c->volumes[i],
			      live && live[i] ? live[i]
					      : &c->volumes[i].settings);
	failed = ferror(f);
	failed |= fclose(f) != 0;
	if (!failed)
		return text;
	free(text);
	return NULL;
}
