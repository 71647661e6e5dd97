// SPDX-License-Identifier: MIT
/*
 * The line of a path of a volume that is named by hand; see struct path_config.
 */
#include "core/config_load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/number.h"

/*
 * Bytes of a path's name, device and facts. config_render() writes them as
 * "path = NAME DEVICE PRIORITY FACTS", 14 more at most (5 digits), and what it
 * writes must load again.
 */
enum { LOAD_PATH_MAX = 170 };
static_assert(LOAD_PATH_MAX + 14 <= INI_LINE_LIMIT, "a path fits in a line");

/* NAME DEVICE PRIORITY serial=TEXT node=TEXT tpg=N */
enum { LOAD_PATH_WORDS = 6 };

static struct volume_config *last_volume(struct load *l)
{
	assert(l->config->nvolumes > 0);
	return &l->config->volumes[l->config->nvolumes - 1];
}

/* Are the name and the device new to the volume? The first clash is told. */
static void load_check_clash(struct load *l, unsigned int line,
			     const struct path_config *p)
{
	const struct volume_config *v = last_volume(l);
	const struct path_config *name = NULL, *device = NULL;
	size_t i;

	for (i = v->npaths; i-- > 0;) {
		if (strcmp(v->paths[i].name, p->name) == 0)
			name = &v->paths[i];
		if (strcmp(v->paths[i].device, p->device) == 0)
			device = &v->paths[i];
	}
	if (name)
		load_error(l, line, "path %s: that path is at %s already",
			   p->name, name->where);
	if (device)
		load_error(l, line,
			   "path %s: '%s' is the device of path %s at %s "
			   "already",
			   p->name, p->device, device->name, device->where);
}

/* Copies p, and takes over its device. */
static void load_add_path(struct load *l, const struct path_config *p)
{
	struct volume_config *v = last_volume(l);
	struct path_config *paths =
		reallocarray(v->paths, v->npaths + 1, sizeof(*paths));

	if (!paths) {
		load_fail(l, -ENOMEM);
		free(p->device);
		return;
	}
	v->paths = paths;
	v->paths[v->npaths++] = *p;
}

/* words: serial=TEXT, node=TEXT, tpg=N, in any order. Returns their bytes. */
static size_t load_path_facts(struct load *l, unsigned int line,
			      struct path_config *p, char **words, int n)
{
	size_t bytes = 0;
	struct errmsg e;
	int i;

	p->facts = PATH_FACTS_NONE;
	for (i = 0; i < n; i++) {
		bytes += 1 + strlen(words[i]);
		if (path_facts_parse(words[i], &p->facts, &e) < 0)
			load_error(l, line, "path %s: %s", p->name, e.text);
	}
	return bytes;
}

static void load_path_priority(struct load *l, unsigned int line,
			       struct path_config *p, const char *word)
{
	int64_t priority = 1;

	if (word && number_parse(word, 10, 1, PATH_PRIORITY_MAX, &priority) < 0)
		load_error(l, line, "path %s: '%s': a priority is 1 to %d",
			   p->name, word, PATH_PRIORITY_MAX);
	p->priority = (int)priority;
}

/*
 * words: NAME DEVICE [PRIORITY] [FACT...]. Also a wrong path is added: a later
 * one may clash with it, and the config is thrown away in the end.
 */
static void load_path_words(struct load *l, unsigned int line, char **words,
			    int n)
{
	struct path_config p = {.device = strdup(words[1])};
	int facts = n > 2 && !strchr(words[2], '=') ? 3 : 2;
	size_t bytes = strlen(words[0]) + strlen(words[1]);
	struct errmsg e;

	if (!p.device) {
		load_fail(l, -ENOMEM);
		return;
	}
	snprintf(p.name, sizeof(p.name), "%s", words[0]);
	load_where(l, line, p.where);
	if (path_name_check(words[0], &e) < 0)
		load_error(l, line, "path %s: %s", words[0], e.text);
	if (words[1][0] != '/')
		load_error(l, line,
			   "path %s: '%s': a device is an absolute path",
			   words[0], words[1]);
	if (bytes > LOAD_PATH_MAX)
		load_error(l, line,
			   "path %s: the name and the device have more than "
			   "%d bytes together",
			   words[0], LOAD_PATH_MAX);
	load_path_priority(l, line, &p, facts == 3 ? words[2] : NULL);
	if (bytes <= LOAD_PATH_MAX &&
	    bytes + load_path_facts(l, line, &p, words + facts, n - facts) >
		    LOAD_PATH_MAX)
		load_error(l, line,
			   "path %s: the name, the device and what is known of "
			   "it have more than %d bytes together",
			   words[0], LOAD_PATH_MAX);
	load_check_clash(l, line, &p);
	load_add_path(l, &p);
}

void load_path(struct load *l, unsigned int line, const char *value)
{
	CLEANUP_FREE char *text = strdup(value);
	char *save = NULL;
	char *words[LOAD_PATH_WORDS + 1];
	int n = 0;

	if (!text) {
		load_fail(l, -ENOMEM);
		return;
	}
	/* One more than there may be shows that there are too many. */
	while (n <= LOAD_PATH_WORDS &&
	       (words[n] = strtok_r(n ? NULL : text, " \t", &save)))
		n++;
	if (n < 2 || n > LOAD_PATH_WORDS)
		load_error(l, line,
			   "path: '%s': what may stand here is NAME DEVICE "
			   "[PRIORITY] [serial=TEXT] [node=TEXT] [tpg=N]",
			   value);
	else
		load_path_words(l, line, words, n);
}
