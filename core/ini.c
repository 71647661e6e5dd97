// SPDX-License-Identifier: MIT
/*
 * Reading INI files through inih: the only file that knows that library.
 *
 * inih splits keys from values. Left alone it would also, without a word:
 * split a line over its limit in two; take a line that begins with a blank as
 * one more value of the key before it; cut a value at " ;"; cut a heading at
 * 49 bytes, drop what follows it, and not mention a section without keys; and
 * tell the number of the first bad line only. So it gets its lines from
 * here: each is checked as it stands in the file, the bad ones are reported
 * and kept from it, and headings are read here. Since inih calls back for a
 * line before it asks for the next one, the line just handed over is the one
 * a value comes from (the library as packaged passes no line number).
 *
 * No state outside of one ini_read().
 */
#include "core/ini.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

/* A byte order mark, as UTF-8: an editor may have put it first in a file. */
#define INI_BOM "\xef\xbb\xbf"

struct ini_input {
	FILE *f;
	const struct ini_sink *sink;
	void *ctx;
	char *line; /* getline()'s */
	size_t size;
	unsigned int number; /* of line, from 1 */
	int rc;
};

/* The next line into in->line without its end; its length, or -1. */
static ssize_t ini_next_line(struct ini_input *in)
{
	ssize_t len;

	errno = 0;
	len = getline(&in->line, &in->size, in->f);
	if (len < 0) {
		if (!feof(in->f))
			in->rc = errno ? -errno : -EIO;
		return -1;
	}
	in->number++;
	if (len > 0 && in->line[len - 1] == '\n')
		len--;
	if (len > 0 && in->line[len - 1] == '\r')
		len--;
	if (in->number == 1 && len >= 3 && memcmp(in->line, INI_BOM, 3) == 0) {
		len -= 3;
		memmove(in->line, in->line + 3, (size_t)len);
	}
	in->line[len] = '\0';
	return len;
}

static bool ini_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int ini_check_bytes(const char *line, size_t len, struct errmsg *e)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 0x7f)
			return errmsg_set(e, EINVAL,
					  "byte %zu is a control character "
					  "(0x%02x)",
					  i + 1, (unsigned char)line[i]);
	return 0;
}

/* A line that is neither blank nor a comment: will inih take it as it is? */
static int ini_check(const char *line, size_t len, size_t limit,
		     struct errmsg *e)
{
	int rc = ini_check_bytes(line, len, e);
	const char *semicolon;

	if (rc < 0)
		return rc;
	if (len > limit)
		return errmsg_set(e, EINVAL,
				  "the line has %zu bytes, the limit is %zu",
				  len, limit);
	/* inih drops it from the first line that it gets, whichever that is. */
	if (strncmp(line, INI_BOM, 3) == 0)
		return errmsg_set(e, EINVAL,
				  "a byte order mark may begin the file only");
	if (ini_is_blank(*line))
		return errmsg_set(e, EINVAL,
				  "the line begins with a blank (there are no "
				  "continuation lines)");
	for (semicolon = line; (semicolon = strchr(semicolon, ';'));
	     semicolon++)
		if (semicolon > line && ini_is_blank(semicolon[-1]))
			return errmsg_set(e, EINVAL,
					  "the value would end at ' ;': a "
					  "comment needs a line of its own");
	if (*line == '[' && strcspn(line, "]") + 1 != len)
		return errmsg_set(e, EINVAL,
				  "a heading is '[' to ']' and nothing after "
				  "it");
	if (*line != '[' && !strpbrk(line, "=:"))
		return errmsg_set(e, EINVAL,
				  "neither [SECTION] nor KEYWORD = VALUE");
	return 0;
}

/* Tells the sink of "[name]"; the line is cut up. */
static void ini_heading(struct ini_input *in, size_t len)
{
	char *name = in->line + 1;
	char *end = in->line + len - 1;

	name += strspn(name, " \t");
	while (end > name && ini_is_blank(end[-1]))
		end--;
	*end = '\0';
	in->sink->section(in->ctx, in->number, name);
}

/* inih's fgets(): the next line that it is to split, NULL at the end. */
static char *ini_reader_next(char *buf, int size, void *arg)
{
	struct ini_input *in = arg;
	/* inih wants room for "\r\n" and NUL beside the longest line. */
	size_t limit = MIN((size_t)INI_LINE_LIMIT, (size_t)MAX(size - 3, 0));
	ssize_t len;

	while ((len = ini_next_line(in)) >= 0) {
		char first = in->line[strspn(in->line, " \t")];
		struct errmsg e;

		while (len > 0 && ini_is_blank(in->line[len - 1]))
			in->line[--len] = '\0';
		if (first == '#' || first == ';' || len == 0)
			continue;
		if (ini_check(in->line, (size_t)len, limit, &e) < 0) {
			in->sink->error(in->ctx, in->number, e.text);
			if (first == '[')
				in->sink->section(in->ctx, in->number, NULL);
		} else if (first == '[') {
			ini_heading(in, (size_t)len);
		} else {
			memcpy(buf, in->line, (size_t)len + 1);
			return buf;
		}
	}
	return NULL;
}

/* inih's handler. */
static int ini_value(void *arg, const char *section, const char *key,
		     const char *value)
{
	struct ini_input *in = arg;

	(void)section;
	in->sink->value(in->ctx, in->number, key, value);
	return 1;
}

int ini_format(const char *key, const char *value,
	       char line[INI_LINE_LIMIT + 1], struct errmsg *e)
{
	size_t len = strlen(value);
	const char *equals = len > 0 ? " = " : " =";
	int n;

	if (len > 0 && (ini_is_blank(value[0]) || ini_is_blank(value[len - 1])))
		return errmsg_set(e, EINVAL,
				  "the blanks at its ends would be lost");
	/* "= ;" would begin a comment. */
	if (*value == ';' || strlen(key) + len + 3 > INI_LINE_LIMIT)
		equals = "=";
	n = snprintf(line, INI_LINE_LIMIT + 1, "%s%s%s", key, equals, value);
	if (n > INI_LINE_LIMIT)
		return errmsg_set(e, EINVAL,
				  "the line would have %d bytes, the limit is "
				  "%d",
				  n, INI_LINE_LIMIT);
	return ini_check(line, (size_t)n, INI_LINE_LIMIT, e);
}

int ini_read(FILE *f, const struct ini_sink *sink, void *ctx)
{
	struct ini_input in = {.f = f, .sink = sink, .ctx = ctx};
	int rc = ini_parse_stream(ini_reader_next, &in, ini_value, &in);

	free(in.line);
	if (in.rc < 0)
		return in.rc;
	if (rc < 0)
		return -ENOMEM;
	/*
	 * What was checked here is all that inih refuses. Should a build of it
	 * refuse more: its numbering counts only the lines it was given.
	 */
	if (rc > 0)
		sink->error(ctx, in.number,
			    "a line before this was refused by "
			    "the INI library");
	return 0;
}
