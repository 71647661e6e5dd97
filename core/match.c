// SPDX-License-Identifier: MIT
/* Patterns; see match.h. */
#include "core/match.h"

#include <errno.h>
#include <string.h>

/*
 * regcomp() writes out what is repeated, once for each time: (a{99}){99} has
 * 9801 of it and a++++++++++++++++ 65536. So that no line of a configuration
 * can take all memory, or seconds, the atoms are counted before.
 */
enum { ATOMS_MAX = 2000 };

static long at_most(long n)
{
	return MIN(n, ATOMS_MAX + 1L);
}

/* The digits at *pos, behind which it moves; 0: none. */
static long take_number(const char **pos)
{
	long n = 0;

	for (; **pos >= '0' && **pos <= '9'; ++*pos)
		n = at_most(10 * n + (**pos - '0'));
	return n;
}

/* How often; *pos is behind the '{', and moves behind the '}'. */
static long take_interval(const char **pos)
{
	long low = take_number(pos), high = 0;

	if (**pos == ',') {
		++*pos;
		high = take_number(pos);
		low += high == 0;
	}
	*pos += **pos == '}';
	return MAX(MAX(low, high), 1L);
}

/* *pos is behind the '[', then behind its ']': "[]a-z[:digit:]]". */
static void skip_bracket(const char **pos)
{
	const char *p = *pos;

	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']') {
		const char close[] = {p[1], ']', '\0'};
		bool inner = *p == '[' && p[1] && strchr(":.=", p[1]);
		const char *end = inner ? strstr(p + 2, close) : NULL;

		p = end ? end + 2 : p + 1;
	}
	*pos = p + (*p == ']');
}

/* Up to the end, or to the ')' of the group that *pos is in. */
static long count_atoms(const char **pos, bool in_group)
{
	long all = 0, last = 0; /* what the next operator repeats */

	while (**pos && !(in_group && **pos == ')')) {
		char c = *(*pos)++;

		if (c == '*' || c == '?' || c == '+') {
			last = at_most(c == '+' ? 2 * last : last + 1);
			continue;
		}
		if (c == '{') {
			last = at_most(last * take_interval(pos));
			continue;
		}
		all = at_most(all + last);
		last = 1;
		if (c == '[')
			skip_bracket(pos);
		else if (c == '\\' && **pos)
			++*pos;
		else if (c == '(') {
			last = 1 + count_atoms(pos, true);
			*pos += **pos == ')';
		}
	}
	return at_most(all + last);
}

/* As it would be in multipath.conf; here it would be one that never matches. */
static bool is_quoted(const char *pattern)
{
	size_t len = strlen(pattern);

	return len > 1 && pattern[0] == '"' && pattern[len - 1] == '"';
}

int match_init(struct match *m, const char *pattern, struct errmsg *e)
{
	const char *re = pattern, *rest;
	char why[128];
	int r;

	m->invert = *re == '!';
	if (m->invert || (re[0] == '\\' && re[1] == '!'))
		re++;
	rest = re;
	if (is_quoted(pattern))
		return errmsg_set(e, EINVAL,
				  "'%.128s' is in quotes: it is to be without",
				  pattern);
	if (count_atoms(&rest, false) > ATOMS_MAX)
		return errmsg_set(e, EINVAL,
				  "'%.128s' repeats too much: with all that "
				  "is repeated written out it has more than "
				  "%d characters",
				  pattern, ATOMS_MAX);
	m->text = strdup(pattern);
	if (!m->text)
		return errmsg_set(e, ENOMEM, "no memory");
	r = regcomp(&m->re, re, REG_EXTENDED | REG_NOSUB);
	if (!r)
		return 0;
	regerror(r, &m->re, why, sizeof(why));
	free(m->text);
	return errmsg_set(e, r == REG_ESPACE ? ENOMEM : EINVAL,
			  "'%.128s' is no regular expression: %s", pattern,
			  why);
}

void match_fini(struct match *m)
{
	regfree(&m->re);
	free(m->text);
}

bool match_text(const struct match *m, const char *text)
{
	return (regexec(&m->re, text, 0, NULL, 0) == 0) != m->invert;
}
