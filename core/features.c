// SPDX-License-Identifier: MIT
/* The words of `features`; see features.h. */
#include "core/features.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/config.h"
#include "core/number.h"

enum { MAX_WORDS = 8, MAX_RETRIES = 50, MAX_DELAY_MS = 60000 };

static int set_number(const char *word, const char *arg, int64_t min,
		      int64_t max, unsigned int *ret, struct errmsg *e)
{
	int64_t n;

	if (!arg || number_parse(arg, 10, min, max, &n))
		return errmsg_set(e, EINVAL, "%s wants a number, %lld to %lld",
				  word, (long long)min, (long long)max);
	*ret = (unsigned int)n;
	return 0;
}

/* Of bio, rq and mq: here nothing lies below that they could tell apart. */
static int check_mode(const char *arg, struct errmsg *e)
{
	if (!arg || (strcmp(arg, "bio") && strcmp(arg, "rq") &&
		     strcmp(arg, "mq")))
		return errmsg_set(e, EINVAL, "queue_mode wants bio, rq or mq");
	return 0;
}

/* Returns how many words it took, or -EINVAL. */
static int take(const char *word, const char *arg, struct features *f,
		struct errmsg *e)
{
	int r = 0;

	if (!strcasecmp(word, "queue_if_no_path")) {
		f->queue_if_no_path = true;
		return 1;
	}
	if (!strcasecmp(word, "retain_attached_hw_handler"))
		return 1;
	if (!strcasecmp(word, "pg_init_retries"))
		r = set_number(word, arg, 1, MAX_RETRIES, &f->pg_init_retries,
			       e);
	else if (!strcasecmp(word, "pg_init_delay_msecs"))
		r = set_number(word, arg, 0, MAX_DELAY_MS,
			       &f->pg_init_delay_ms, e);
	else if (!strcasecmp(word, "queue_mode"))
		r = check_mode(arg, e);
	else
		r = errmsg_set(e, EINVAL, "there is no feature '%s'", word);
	return r ? r : 2;
}

int features_parse(const char *text, struct features *ret, struct errmsg *e)
{
	struct features f = { .pg_init_delay_ms = FEATURES_DELAY_MS };
	char buf[OPT_TEXT_SIZE], *words[OPT_TEXT_SIZE / 2], *save;
	int n = 0, r;
	int64_t count;

	snprintf(buf, sizeof(buf), "%s", text);
	for (char *w = strtok_r(buf, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	if (!n || number_parse(words[0], 10, 0, MAX_WORDS, &count))
		return errmsg_set(e, EINVAL,
				  "begins with how many words follow, 0 to %d",
				  MAX_WORDS);
	if (count != n - 1)
		return errmsg_set(e, EINVAL,
				  "says %lld words, but there are %d",
				  (long long)count, n - 1);
	for (int i = 1; i < n; i += r) {
		r = take(words[i], i + 1 < n ? words[i + 1] : NULL, &f, e);
		if (r < 0)
			return r;
	}
	*ret = f;
	return 0;
}
