// SPDX-License-Identifier: MIT
/* Counting what was reached; see coverage.h. */
#include "tests/sim/coverage.h"

#include <string.h>

/* "path-failed: checker", not what the checker found. */
static void cause_class(const char *cause, char *buf, size_t size)
{
	size_t n = cause ? strcspn(cause, " ") : 0;

	if (!cause || !*cause)
		buf[0] = '\0';
	else if (n > 1 && cause[0] == 'E' && cause[1] >= 'A' && cause[1] <= 'Z')
		snprintf(buf, size, ": an errno");
	else
		snprintf(buf, size, ": %.*s", (int)MIN(n, 16), cause);
}

static void count(struct coverage *c, const char *text, uint64_t n)
{
	for (int i = 0; i < COVERAGE_ROWS; i++) {
		struct coverage_row *row = &c->row[i];

		if (!row->text[0])
			snprintf(row->text, sizeof(row->text), "%s", text);
		if (strcmp(row->text, text))
			continue;
		row->n += n;
		return;
	}
}

void coverage_event(struct coverage *c, const struct event *ev)
{
	char text[48], cause[24];

	if (!strcmp(ev->name, "setting-changed"))
		cause_class(ev->detail, cause, sizeof(cause));
	else
		cause_class(ev->cause, cause, sizeof(cause));
	snprintf(text, sizeof(text), "%.20s%s", ev->name, cause);
	count(c, text, 1);
}

void coverage_add(struct coverage *sum, const struct coverage *c)
{
	sum->seeds += c->seeds;
	sum->answers += c->answers;
	sum->orphans += c->orphans;
	for (int i = 0; i < ITEM_KINDS; i++)
		sum->items[i] += c->items[i];
	for (int i = 0; i < FAULT_KINDS; i++)
		sum->faults[i] += c->faults[i];
	for (size_t i = 0; i < ARRAY_SIZE(c->ops); i++)
		sum->ops[i] += c->ops[i];
	for (size_t i = 0; i < ARRAY_SIZE(c->errs); i++)
		sum->errs[i] += c->errs[i];
	for (int i = 0; i < COVERAGE_ROWS && c->row[i].text[0]; i++)
		count(sum, c->row[i].text, c->row[i].n);
}

static void line(FILE *f, const char *text, uint64_t n)
{
	fprintf(f, "# %12llu %s\n", (unsigned long long)n, text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct coverage_row *)a)->text,
		      ((const struct coverage_row *)b)->text);
}

void coverage_print(const struct coverage *c, FILE *f)
{
	struct coverage_row rows[COVERAGE_ROWS];
	size_t n = 0;

	line(f, "seeds", c->seeds);
	for (size_t i = 0; i < ARRAY_SIZE(c->ops); i++)
		line(f, io_op_name((enum io_op)i), c->ops[i]);
	for (int i = 0; i < FAULT_KINDS; i++) {
		char text[32];

		snprintf(text, sizeof(text), "fault: %s",
			 fault_name((enum fault_kind)i));
		line(f, text, c->faults[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(c->errs); i++) {
		char text[32];

		if (!c->errs[i])
			continue;
		snprintf(text, sizeof(text), "answer: %s",
			 i ? strerrorname_np((int)i) : "ok");
		line(f, text, c->errs[i]);
	}
	line(f, "requests replaced by another", c->orphans);
	memcpy(rows, c->row, sizeof(rows));
	while (n < COVERAGE_ROWS && rows[n].text[0])
		n++;
	qsort(rows, n, sizeof(rows[0]), by_text);
	for (size_t i = 0; i < n; i++)
		line(f, rows[i].text, rows[i].n);
}
