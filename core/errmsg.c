// SPDX-License-Identifier: MIT
/* The text that travels beside an errno; see errmsg.h. No state. */
#include "core/errmsg.h"

#include <stdio.h>
#include <string.h>

int errmsg_set(struct errmsg *e, int errnum, const char *fmt, ...)
{
	va_list ap;

	assert(errnum > 0);
	if (e) {
		va_start(ap, fmt);
		vsnprintf(e->text, sizeof(e->text), fmt, ap);
		va_end(ap);
	}
	return -errnum;
}

void errmsg_put(struct errmsg *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

void errmsg_prefix(struct errmsg *e, const char *fmt, ...)
{
	struct errmsg old;
	va_list ap;
	int n;

	if (!e)
		return;
	old = *e;
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 3 > sizeof(e->text))
		return;
	snprintf(e->text + n, sizeof(e->text) - (size_t)n, ": %.*s",
		 (int)(sizeof(e->text) - (size_t)n - 3), old.text);
}
