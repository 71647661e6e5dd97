// SPDX-License-Identifier: MIT
/*
 * By hand, with patterns (census 3.5): the arguments are what to look at,
 *
 *   hbtl     "2:0:1:3", host, bus, target, LUN
 *   devname  the kernel's name, "sdb"; of a file, its own
 *   serial   of the LUN
 *   wwn      HOST-NODE:HOST-PORT:TARGET-NODE:TARGET-PORT
 *
 * and pairs of an extended regular expression and a priority. The first one
 * that matches counts; none: 0.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "core/facts.h"
#include "core/number.h"
#include "hw/prio_args.h"
#include "hw/prioritizers.h"

enum { WEIGHT_MAX = 65535 };

#define SUBJECT_SIZE 640

static void hbtl(const struct prio_query *q, char *buf)
{
	snprintf(buf, SUBJECT_SIZE, "%s", q->facts->hctl);
}

static void devname(const struct prio_query *q, char *buf)
{
	const char *slash = strrchr(q->dev_path, '/');
	const char *name = q->facts->name;

	if (!*name)
		name = slash ? slash + 1 : q->dev_path;
	snprintf(buf, SUBJECT_SIZE, "%s", name);
}

static void serial(const struct prio_query *q, char *buf)
{
	snprintf(buf, SUBJECT_SIZE, "%s", q->facts->serial);
}

static void wwn(const struct prio_query *q, char *buf)
{
	const struct path_facts *f = q->facts;

	snprintf(buf, SUBJECT_SIZE, "%s:%s:%s:%s", f->host_node, f->host_port,
		 f->node_name, f->target_port);
}

static const struct subject {
	const char *word;
	void (*text)(const struct prio_query *q, char *buf);
} subjects[] = {
	{ "hbtl", hbtl },
	{ "devname", devname },
	{ "serial", serial },
	{ "wwn", wwn },
};

static const struct subject *subject_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		if (!strcmp(subjects[i].word, word))
			return &subjects[i];
	return NULL;
}

/* Of the next pair. 1: there is none, 0, or -EINVAL. */
static int next_pair(const char **args, regex_t *re, int *priority,
		     struct errmsg *e)
{
	char pattern[PRIO_WORD_SIZE], word[PRIO_WORD_SIZE], why[128];
	int64_t n;
	int r;

	if (!prio_word(args, pattern))
		return 1;
	if (!prio_word(args, word))
		return prio_bad(e, pattern, "no priority follows it");
	if (number_parse(word, 10, 0, WEIGHT_MAX, &n))
		return prio_bad(e, word, "a priority is 0 to 65535");
	r = regcomp(re, pattern, REG_EXTENDED | REG_NOSUB);
	if (r) {
		regerror(r, re, why, sizeof(why));
		return prio_bad(e, pattern, why);
	}
	*priority = (int)n;
	return 0;
}

static int weightedpath_get(struct prio_query *q)
{
	char word[PRIO_WORD_SIZE], text[SUBJECT_SIZE];
	const char *args = q->args;
	const struct subject *s;
	int priority;
	regex_t re;

	s = prio_word(&args, word) ? subject_find(word) : NULL;
	if (!s)
		return PRIO_UNDEF; /* check_args() refuses that */
	s->text(q, text);
	while (next_pair(&args, &re, &priority, NULL) == 0) {
		bool match = !regexec(&re, text, 0, NULL, 0);

		regfree(&re);
		if (match)
			return priority;
	}
	return 0;
}

static int weightedpath_check_args(const char *args, struct errmsg *e)
{
	char word[PRIO_WORD_SIZE];
	int n = 0, r, priority;
	regex_t re;

	if (!prio_word(&args, word) || !subject_find(word))
		return prio_bad(e, word, "weightedpath needs hbtl, devname, "
					 "serial or wwn first");
	while ((r = next_pair(&args, &re, &priority, e)) == 0) {
		regfree(&re);
		n++;
	}
	if (r > 0 && !n)
		return prio_bad(e, word, "a pattern and a priority must "
					 "follow");
	return r > 0 ? 0 : r;
}

const struct prioritizer_ops prio_weightedpath = {
	.name = "weightedpath",
	.get = weightedpath_get,
	.check_args = weightedpath_check_args,
};
