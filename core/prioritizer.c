// SPDX-License-Identifier: MIT
/* Prioritizers by name; see prioritizer.h. */
#include "core/prioritizer.h"

#include <errno.h>
#include <string.h>

const struct prioritizer_ops *
prioritizer_find(const struct prioritizer_ops *const *table, const char *name)
{
	for (; table && *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}

int prioritizer_check(const struct prioritizer_ops *const *table,
		      const char *name, const char *args, struct errmsg *e)
{
	const struct prioritizer_ops *ops = prioritizer_find(table, name);

	if (!ops)
		return errmsg_set(e, EINVAL, "there is no prioritizer '%s'",
				  name);
	return ops->check_args ? ops->check_args(args, e) : 0;
}
