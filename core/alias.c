// SPDX-License-Identifier: MIT
/*
 * User friendly names; see alias.h. Bijective base 26 has digits of value 1 to
 * 26 and no zero: the last digit of n is (n - 1) % 26 + 1, what is before it
 * (n - 1) / 26, until that is 0. No state.
 */
#include "core/alias.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "core/config.h"

enum {
	LETTERS = 26,
	DIGITS_MAX = 7, /* 26^6 < INT_MAX < 26^7 */
};
_Static_assert(INT_MAX == 2147483647, "DIGITS_MAX is for 31 bits");

int alias_format(const char *prefix, int id, char ret[NAME_SIZE])
{
	char digits[DIGITS_MAX + 1];
	char *first = digits + DIGITS_MAX;
	size_t len;

	if (id < 1)
		return -ERANGE;
	*first = '\0';
	for (; id > 0; id = (id - 1) / LETTERS)
		*--first = (char)('a' + (id - 1) % LETTERS);
	len = strlen(prefix);
	if (len + strlen(first) >= NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(ret, prefix, len);
	strcpy(ret + len, first);
	return 0;
}

int alias_parse(const char *prefix, const char *alias, int *ret)
{
	size_t len = strlen(prefix);
	const char *c;
	int64_t id = 0;

	if (strlen(alias) >= NAME_SIZE)
		return -ENAMETOOLONG;
	if (strncmp(alias, prefix, len) != 0 || !alias[len])
		return -EINVAL;
	for (c = alias + len; *c; c++) {
		if (*c < 'a' || *c > 'z')
			return -EINVAL;
		/* Stays just above INT_MAX: "too large" needs no more. */
		id = MIN(id * LETTERS + (*c - 'a' + 1), (int64_t)INT_MAX + 1);
	}
	if (id > INT_MAX)
		return -ERANGE;
	*ret = (int)id;
	return 0;
}

int alias_compare(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	if (na != nb)
		return na < nb ? -1 : 1;
	return strcmp(a, b);
}

int wwid_check(const char *wwid, struct errmsg *e)
{
	if (*wwid == '#')
		return errmsg_set(e, EINVAL, "not a name: begins with '#'");
	return path_name_check(wwid, e);
}

int alias_check(const char *alias, struct errmsg *e)
{
	int r = volume_name_check(alias, e);

	return r < 0 ? r : wwid_check(alias, e);
}
