// SPDX-License-Identifier: MIT
/*
 * The table of checkers, the words for their verdicts, and what the checkers of
 * a volume share; see checker.h.
 */
#include "core/checker.h"

#include <string.h>

const char *check_state_text(enum check_state s)
{
	static const char *const text[] = {
		[CHECK_UNCHECKED] = "undef",   [CHECK_UP] = "ready",
		[CHECK_GHOST] = "ghost",       [CHECK_DOWN] = "faulty",
		[CHECK_PENDING] = "i/o pending", [CHECK_TIMEOUT] = "i/o timeout",
		[CHECK_DISCONNECTED] = "disconnected",
	};

	return text[s];
}

struct shared {
	unsigned int users;
	max_align_t data[];
};

void *checker_shared_new(size_t size)
{
	struct shared *s = calloc(1, sizeof(*s) + size);

	if (!s)
		return NULL;
	s->users = 1;
	return s->data;
}

void *checker_shared_get(void *shared)
{
	container_of(shared, struct shared, data)->users++;
	return shared;
}

void checker_shared_put(void *shared)
{
	struct shared *s;

	if (!shared)
		return;
	s = container_of(shared, struct shared, data);
	assert(s->users > 0);
	if (--s->users == 0)
		free(s);
}

const struct checker_ops *checker_find(const struct checker_ops *const *table,
				       const char *name)
{
	for (; *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}
