// SPDX-License-Identifier: MIT
/* Strict numbers; see number.h. No state. */
#include "core/number.h"

#include <errno.h>

int number_parse(const char *text, int base, int64_t min, int64_t max,
		 int64_t *ret)
{
	int64_t n = 0;
	const char *c;

	assert(base >= 2 && base <= 10);
	assert(min >= 0 && min <= max && max <= INT64_MAX / 16);
	for (c = text; *c; c++) {
		if (*c < '0' || *c >= '0' + base)
			return -EINVAL;
		/* Stays at max + 1: "too large" needs no more than that. */
		n = MIN(n * base + (*c - '0'), max + 1);
	}
	if (c == text)
		return -EINVAL;
	if (n < min || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}
