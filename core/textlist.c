// SPDX-License-Identifier: MIT
/* A list of texts; see textlist.h. No state. */
#include "core/textlist.h"

#include <errno.h>
#include <string.h>

void textlist_clear(struct textlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->text[i]);
	free(l->text);
	*l = (struct textlist){0};
}

static int textlist_grow(struct textlist *l)
{
	size_t room = l->room ? 2 * l->room : 16;
	char **text = reallocarray(l->text, room, sizeof(*text));

	if (!text)
		return -ENOMEM;
	l->text = text;
	l->room = room;
	return 0;
}

int textlist_insert(struct textlist *l, size_t pos, const char *text)
{
	char *copy;

	assert(pos <= l->n);
	if (l->n == l->room && textlist_grow(l) < 0)
		return -ENOMEM;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	memmove(l->text + pos + 1, l->text + pos,
		(l->n - pos) * sizeof(*l->text));
	l->text[pos] = copy;
	l->n++;
	return 0;
}

void textlist_remove(struct textlist *l, size_t pos)
{
	assert(pos < l->n);
	free(l->text[pos]);
	l->n--;
	memmove(l->text + pos, l->text + pos + 1,
		(l->n - pos) * sizeof(*l->text));
}

bool textlist_find(const struct textlist *l, const char *text, size_t *pos)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(l->text[mid], text);

		if (c == 0) {
			*pos = mid;
			return true;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*pos = low;
	return false;
}
