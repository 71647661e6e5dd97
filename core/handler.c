// SPDX-License-Identifier: MIT
/* Handlers by name, and the words for what they answer; see handler.h. */
#include "core/handler.h"

#include <string.h>

const char *activate_result_text(enum activate_result r)
{
	static const char *const text[] = {
		[ACTIVATE_OK] = "ok",
		[ACTIVATE_NOSYS] = "not supported",
		[ACTIVATE_TEMP_BUSY] = "controller busy",
		[ACTIVATE_RETRY] = "retry later",
		[ACTIVATE_IMM_RETRY] = "retry",
		[ACTIVATE_RES_TEMP_UNAVAIL] = "resource unavailable",
		[ACTIVATE_OFFLINED] = "device offline",
		[ACTIVATE_IO] = "failed",
		[ACTIVATE_WAIT] = "under way",
	};

	return text[r];
}

const struct handler_ops *handler_find(const struct handler_ops *const *table,
				       const char *name)
{
	for (; table && *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}

const struct handler_ops *handler_match(const struct handler_ops *const *table,
					const struct path_facts *f)
{
	for (; table && *table; table++)
		if ((*table)->match && (*table)->match(f))
			return *table;
	return NULL;
}
