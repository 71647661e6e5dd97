/* SPDX-License-Identifier: MIT */
/*
 * Exchanges with arrays as text, tests/data/arrays/NAME.txt: what is expected
 * to be sent, byte by byte, what the array answers, and what must come of it.
 * The format is described in tests/data/arrays/README.md. Here: the text, taken
 * apart; scripted_sg.h is the array.
 */
#ifndef MPATHFS_TESTS_UNIT_ARRAY_SCRIPT_H
#define MPATHFS_TESTS_UNIT_ARRAY_SCRIPT_H

#include "tests/unit/scripted_sg.h"

#include <ctype.h>

enum { PAGE_MAX = 8192, CASES_MAX = 512, STEPS_MAX = 16, LINES_MAX = 8192 };

/* A page of the file, named, for the answers to refer to. */
struct array_page {
	const char *file;
	char name[32];
	uint8_t data[PAGE_MAX];
	size_t len;
};

enum array_subject { SUBJECT_CHECKER, SUBJECT_PRIO, SUBJECT_RESERVE };

struct array_case {
	const char *file;
	char title[160];
	enum array_subject kind;
	char subject[32], args[64];
	char *const *lines; /* what follows its title */
	size_t n;
	unsigned int number; /* of lines[0] in the file */
};

static struct array_page array_pages[64];
static size_t nr_array_pages;
static struct array_case array_cases[CASES_MAX];
static size_t nr_array_cases;
static char *array_lines[LINES_MAX];
static size_t nr_array_lines;

static inline bool word_is(const char *line, const char *word,
			   const char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
		return false;
	*rest = line + n + strspn(line + n, " ");
	return true;
}

/* The bytes that text begins with, as pairs of hex digits; *text moves on. */
static inline size_t hex_take(const char **text, uint8_t *buf, size_t size)
{
	const char *p = *text;
	size_t n = 0;

	for (;; p += 2) {
		p += strspn(p, " ");
		if (!isxdigit((unsigned char)p[0]) ||
		    !isxdigit((unsigned char)p[1]) || (p[2] && p[2] != ' '))
			break;
		assert_true(n < size);
		buf[n++] = (uint8_t)strtoul((char[]){p[0], p[1], 0}, NULL, 16);
	}
	*text = p;
	return n;
}

static inline struct array_page *page_named(const char *file, const char *name,
					    size_t n)
{
	for (size_t i = 0; i < nr_array_pages; i++)
		if (!strcmp(array_pages[i].file, file) &&
		    strlen(array_pages[i].name) == n &&
		    !strncmp(array_pages[i].name, name, n))
			return &array_pages[i];
	return NULL;
}

/* "OFFSET=XX..", OFFSET in decimal, changes it; "len=N" cuts it, or fills it up
 * with zeros. */
static inline size_t page_change(const char **text, uint8_t *buf, size_t len)
{
	const char *p = *text;

	while (*p) {
		bool cut = !strncmp(p, "len=", 4);
		char *end;
		size_t at = strtoul(cut ? p + 4 : p, &end, 10);

		if (cut) {
			assert_true(at <= PAGE_MAX);
			if (at > len)
				memset(buf + len, 0, at - len);
			len = at;
		} else {
			assert_true(*end == '=' && at < len);
			for (end++; isxdigit((unsigned char)*end); end += 2)
				buf[at++] = (uint8_t)strtoul(
					(char[]){end[0], end[1], 0}, NULL, 16);
			assert_true(at <= len);
		}
		p = end + strspn(end, " ");
	}
	*text = p;
	return len;
}

/* "K/AA/QQ" as fixed sense data, "dK/AA/QQ" in the descriptor format; after
 * "deferred" it is about a command of before. */
static inline bool sense_take(const char **text, struct sg_step *s)
{
	bool deferred = word_is(*text, "deferred", text);
	bool descriptor = **text == 'd';
	unsigned int key, asc, ascq;
	int n = 0;

	if (sscanf(*text + descriptor, "%1x/%2x/%2x%n", &key, &asc, &ascq,
		   &n) != 3)
		return false;
	*text += descriptor + n;
	*text += strspn(*text, " ");
	s->status = 2;
	if (descriptor) {
		memcpy(s->sense,
		       (uint8_t[]){(uint8_t)(0x72 + deferred), (uint8_t)key,
				   (uint8_t)asc, (uint8_t)ascq},
		       4);
		s->sense_len = 8;
		return true;
	}
	memcpy(s->sense,
	       (uint8_t[18]){(uint8_t)(0x70 + deferred), 0,
			     (uint8_t)key, [7] = 10, [12] = (uint8_t)asc,
			     (uint8_t)ascq},
	       18);
	s->sense_len = 18;
	return true;
}

static inline int errno_named(const char *name)
{
	for (int i = 1; i < 200; i++)
		if (strerrorname_np(i) && !strcmp(strerrorname_np(i), name))
			return i;
	fail_msg("no errno %s", name);
	return 0;
}

/* "room N" or "out HEX" behind a command, or nothing. */
static inline void data_take(const char *text, struct sg_step *s)
{
	static uint8_t sent[STEPS_MAX][64];
	static size_t next;
	const char *rest;

	if (word_is(text, "room", &rest)) {
		s->room = (unsigned int)strtoul(rest, NULL, 10);
	} else if (word_is(text, "out", &rest)) {
		next = (next + 1) % STEPS_MAX;
		s->room = (unsigned int)hex_take(&rest, sent[next],
						 sizeof(sent[next]));
		s->sent = sent[next];
	} else {
		assert_string_equal(text, "");
	}
}

/* After "> ": the command. */
static inline void command_take(const char *text, struct sg_step *s)
{
	s->cdb_len = (uint8_t)hex_take(&text, s->cdb, sizeof(s->cdb));
	data_take(text, s);
}

/* After "nvme " or "nvme-io ": opcode, namespace, the words 10 and 11, all in
 * hex, and its data. */
static inline void nvme_take(const char *text, bool io, struct sg_step *s)
{
	unsigned int opcode, nsid, cdw10, cdw11;
	int n = 0;

	assert_int_equal(sscanf(text, "%x %x %x %x %n", &opcode, &nsid, &cdw10,
				&cdw11, &n),
			 4);
	data_take(text + n, s);
	s->is_nvme = true;
	s->is_nvme_io = io;
	s->nvme = (struct nvme_admin_cmd){.opcode = (uint8_t)opcode,
					  .nsid = nsid,
					  .cdw10 = cdw10,
					  .cdw11 = cdw11,
					  .data_len = s->room};
}

/* After "< ": what the array answers to s. data is freed by the caller. */
static inline void answer_take(const struct array_case *c, const char *text,
			       struct sg_step *s)
{
	const struct array_page *page;
	const char *rest;
	uint8_t *data;

	if (word_is(text, "errno", &rest)) {
		s->error = errno_named(rest);
		return;
	}
	if (word_is(text, "status", &rest)) {
		if (s->is_nvme)
			s->nvme_status = (int)strtoul(rest, NULL, 16);
		else
			s->status = (uint8_t)strtoul(rest, NULL, 16);
		return;
	}
	if (word_is(text, "host", &rest)) {
		s->host_status = (uint16_t)strtoul(rest, NULL, 16);
		return;
	}
	if (!word_is(text, "good", &text) && !sense_take(&text, s))
		fail_msg("an answer '%s'", text);
	if (!*text)
		return;
	page = page_named(c->file, text, strcspn(text, " "));
	if (!page)
		fail_msg("no page '%s'", text);
	data = malloc(PAGE_MAX);
	assert_non_null(data);
	memcpy(data, page->data, page->len);
	text += strlen(page->name);
	text += strspn(text, " ");
	s->data_len = (unsigned int)page_change(&text, data, page->len);
	s->data = data;
}

/* Files */

static inline void page_begin(const char *file, const char *name)
{
	struct array_page *p = &array_pages[nr_array_pages];

	assert_true(nr_array_pages++ < ARRAY_SIZE(array_pages));
	p->file = file;
	assert_true(strlen(name) < sizeof(p->name));
	strcpy(p->name, name);
}

static inline struct array_case *case_begin(const char *file, unsigned int nr,
					    const struct array_case *like,
					    const char *title)
{
	struct array_case *c = &array_cases[nr_array_cases];

	assert_true(nr_array_cases++ < CASES_MAX && *like->subject);
	*c = *like;
	c->file = file;
	c->number = nr + 1;
	c->lines = &array_lines[nr_array_lines];
	snprintf(c->title, sizeof(c->title), "%s: %s", like->subject, title);
	return c;
}

static inline bool subject_take(struct array_case *like, const char *line)
{
	static const char *const words[] = {
		[SUBJECT_CHECKER] = "checker",
		[SUBJECT_PRIO] = "prio",
		[SUBJECT_RESERVE] = "reserve",
	};
	const char *text = NULL;
	size_t n, i = 0;

	while (i < ARRAY_SIZE(words) && !word_is(line, words[i], &text))
		i++;
	if (i == ARRAY_SIZE(words))
		return false;
	n = strcspn(text, " ");
	like->kind = (enum array_subject)i;
	snprintf(like->subject, sizeof(like->subject), "%.*s", (int)n, text);
	snprintf(like->args, sizeof(like->args), "%s",
		 text + n + strspn(text + n, " "));
	return true;
}

static inline void script_line(const char *file, unsigned int nr, char *line)
{
	static struct array_case like;
	static struct array_case *c;
	const char *rest = line;
	struct array_page *p;
	char *copy;

	if (word_is(line, "page", &rest)) {
		page_begin(file, rest);
		c = NULL;
	} else if (subject_take(&like, line)) {
		c = NULL;
	} else if (word_is(line, "case", &rest)) {
		c = case_begin(file, nr, &like, rest);
	} else if (c) {
		copy = strdup(line);
		assert_true(copy && nr_array_lines < LINES_MAX);
		array_lines[nr_array_lines++] = copy;
		c->n++;
	} else if (*line) {
		assert_true(nr_array_pages > 0);
		p = &array_pages[nr_array_pages - 1];
		p->len += hex_take(&rest, p->data + p->len, PAGE_MAX - p->len);
		if (*rest)
			fail_msg("%s:%u: '%s'", file, nr, line);
	}
}

static inline void script_load(const char *file)
{
	char line[512];
	FILE *f = fopen(file, "r");

	if (!f)
		fail_msg("%s: %s", file, strerror(errno));
	for (unsigned int nr = 1; fgets(line, sizeof(line), f); nr++) {
		size_t n;

		line[strcspn(line, "#\n")] = '\0';
		n = strlen(line);
		while (n && isspace((unsigned char)line[n - 1]))
			line[--n] = '\0';
		script_line(file, nr, line);
	}
	fclose(f);
}

#endif
