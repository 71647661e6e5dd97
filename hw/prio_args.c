// SPDX-License-Identifier: MIT
/* prio_args, word by word; see prio_args.h. */
#include "hw/prio_args.h"

#include <errno.h>
#include <string.h>

bool prio_word(const char **args, char word[PRIO_WORD_SIZE])
{
	const char *p = *args + strspn(*args, " \t");
	size_t n = strcspn(p, " \t");

	*args = p + n;
	n = MIN(n, PRIO_WORD_SIZE - 1);
	memcpy(word, p, n);
	word[n] = '\0';
	return n > 0;
}

const char *prio_value(const char *word, const char *key)
{
	size_t n = strlen(key);

	return !strncmp(word, key, n) && word[n] == '=' ? word + n + 1 : NULL;
}

int prio_bad(struct errmsg *e, const char *word, const char *words)
{
	return errmsg_set(e, EINVAL, "'%s': %s", word, words);
}
