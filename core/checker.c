// SPDX-License-Identifier: MIT
/* The table of checkers and the words for their verdicts; see checker.h. */
#include "core/checker.h"

#include <string.h>

const char *check_state_text(enum check_state s)
{
	static const char *const text[] = {
		[CHECK_UNCHECKED] = "undef",   [CHECK_UP] = "ready",
		[CHECK_GHOST] = "ghost",       [CHECK_DOWN] = "faulty",
		[CHECK_PENDING] = "i/o pending", [CHECK_TIMEOUT] = "i/o timeout",
	};

	return text[s];
}

const struct checker_ops *checker_find(const struct checker_ops *const *table,
				       const char *name)
{
	for (; *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}
