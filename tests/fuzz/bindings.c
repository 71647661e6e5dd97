// SPDX-License-Identifier: MIT
/*
 * The bindings file from any bytes: whatever they are, the table holds its
 * order and its one-to-one, and what is written of it reads as the same table.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "core/alias.h"
#include "core/binding_table.h"

static void count_told(void *ctx, const char *text)
{
	size_t *told = ctx;

	assert(strncmp(text, "file:", 5) == 0);
	(*told)++;
}

/* A name of that prefix is the only one of its id. */
static void alias_verify(const char *alias)
{
	char again[NAME_SIZE];
	int id;

	assert(alias_check(alias, NULL) == 0);
	if (alias_parse("mpath", alias, &id) == 0) {
		assert(id >= 1 && alias_format("mpath", id, again) == 0);
		assert(strcmp(alias, again) == 0);
	}
}

static void table_verify(const struct binding_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct binding *a = t->by_alias[i], *w = t->by_wwid[i];

		alias_verify(a->alias);
		assert(wwid_check(a->wwid, NULL) == 0);
		assert(binding_table_alias(t, a->alias) == a);
		assert(binding_table_wwid(t, a->wwid) == a);
		assert(i == 0 || alias_compare(t->by_alias[i - 1]->alias,
					       a->alias) < 0);
		assert(i == 0 || strcmp(t->by_wwid[i - 1]->wwid, w->wwid) < 0);
	}
}

/* The table of text, and what is written of it, into *ret. */
static void table_rewrite(const char *text, size_t len, size_t *told,
			  char **ret, size_t *ret_len)
{
	struct state_warn w = {count_told, told};
	struct binding_table t = {0};
	/* One byte more, which the parser may write, and none beyond. */
	char *copy = malloc(len + 1);

	assert(copy);
	if (len > 0)
		memcpy(copy, text, len);
	assert(binding_table_parse(&t, copy, len, "file", &w) == 0);
	free(copy);
	table_verify(&t);
	assert(t.odd.n <= *told);
	assert(binding_table_render(&t, ret, ret_len) == 0);
	assert(strlen(*ret) == *ret_len);
	*told = t.odd.n;
	binding_table_clear(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t told = 0, again = 0, len, len2;
	char *text, *text2;

	table_rewrite((const char *)data, size, &told, &text, &len);
	table_rewrite(text, len, &again, &text2, &len2);
	assert(again == told && len2 == len && memcmp(text, text2, len) == 0);
	free(text);
	free(text2);
	return 0;
}
