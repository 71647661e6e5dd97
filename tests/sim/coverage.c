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
		snprintf(buf, size, "an errno");
	else
		snprintf(buf, size, "%.*s", (int)MIN(n, 16), cause);
}

/* Its row, a new one if need be. */
static struct coverage_row *row_of(struct coverage *c, const char *text)
{
	uint32_t h = 2166136261;

	for (const char *t = text; *t; t++)
		h = (h ^ (unsigned char)*t) * 16777619;
	for (unsigned int i = 0; i < COVERAGE_ROWS; i++) {
		struct coverage_row *row = &c->row[(h + i) % COVERAGE_ROWS];

		if (!row->text[0])
			snprintf(row->text, sizeof(row->text), "%s", text);
		if (!strcmp(row->text, text))
			return row;
	}
	abort(); /* there are not so many texts */
}

void coverage_text(char text[COVERAGE_TEXT], const char *what,
		   const char *which)
{
	size_t n = MIN(strlen(what), COVERAGE_TEXT - 3u);
	size_t k = MIN(strlen(which), COVERAGE_TEXT - 3u - n);

	memcpy(text, what, n);
	if (k) {
		memcpy(text + n, ": ", 2);
		memcpy(text + n + 2, which, k);
		n += 2 + k;
	}
	text[n] = '\0';
}

void coverage_hit(struct coverage *c, const char *what, const char *which)
{
	char text[COVERAGE_TEXT];

	coverage_text(text, what, which);
	row_of(c, text)->n++;
}

uint64_t coverage_count(const struct coverage *c, const char *text)
{
	for (int i = 0; i < COVERAGE_ROWS; i++)
		if (!strcmp(c->row[i].text, text))
			return c->row[i].n;
	return 0;
}

void coverage_event(struct coverage *c, const struct event *ev)
{
	char cause[24];

	if (!strcmp(ev->name, "setting-changed"))
		cause_class(ev->detail, cause, sizeof(cause));
	else
		cause_class(ev->cause, cause, sizeof(cause));
	coverage_hit(c, ev->name, cause);
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
	for (int i = 0; i < COVERAGE_ROWS; i++)
		if (c->row[i].text[0])
			row_of(sum, c->row[i].text)->n += c->row[i].n;
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
	for (int i = 0; i < COVERAGE_ROWS; i++)
		if (c->row[i].text[0])
			rows[n++] = c->row[i];
	qsort(rows, n, sizeof(rows[0]), by_text);
	for (size_t i = 0; i < n; i++)
		line(f, rows[i].text, rows[i].n);
}
