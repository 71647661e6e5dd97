// SPDX-License-Identifier: MIT
/* Reading a multipath.conf; see mpconf.h. */
#include "core/mpconf.h"

#include <errno.h>
#include <string.h>

/* A byte order mark, as UTF-8: an editor may have put it first in a file. */
#define BOM "\xef\xbb\xbf"

struct reader {
	const struct mpconf_sink *sink;
	void *ctx;
	unsigned int line;
	unsigned int depth;    /* of blocks that are open */
	unsigned int left_out; /* and those within that are left out */
	unsigned int opened[MPCONF_DEPTH]; /* where */
	/* A word alone on a line: of what the next line may be the brace. */
	unsigned int lone_line; /* 0: none */
	struct mpconf_word lone;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Ends a word that is not quoted. */
static bool ends_word(char c)
{
	return !c || is_blank(c) || strchr("!#{}\"", c);
}

static void put(struct mpconf_word *w, size_t *n, char c)
{
	if (*n + 1 < sizeof(w->text))
		w->text[(*n)++] = c;
	else
		w->cut = true;
}

/* p is behind the opening quote; returns where it goes on. */
static const char *take_quoted(const char *p, struct mpconf_word *w)
{
	size_t n = 0;

	w->quoted = true;
	for (; *p; p++) {
		if (*p == '"' && p[1] != '"')
			break;
		if (*p == '"')
			p++;
		put(w, &n, *p);
	}
	w->text[n] = '\0';
	w->unterminated = !*p;
	return *p ? p + 1 : p;
}

static const char *take_plain(const char *p, struct mpconf_word *w)
{
	size_t n = 0;

	do
		put(w, &n, *p++);
	while (w->text[0] != '{' && w->text[0] != '}' && !ends_word(*p));
	w->text[n] = '\0';
	return p;
}

bool mpconf_word(const char **pos, struct mpconf_word *ret)
{
	const char *p = *pos;

	while (is_blank(*p))
		p++;
	ret->quoted = ret->unterminated = ret->cut = false;
	if (!*p || *p == '#' || *p == '!') {
		*pos = p + strlen(p);
		return false;
	}
	*pos = *p == '"' ? take_quoted(p + 1, ret) : take_plain(p, ret);
	return true;
}

static void warn(struct reader *r, const char *text)
{
	r->sink->warning(r->ctx, r->line, text);
}

static void check_word(struct reader *r, const struct mpconf_word *w)
{
	if (w->unterminated)
		warn(r, "a quote is not closed: the value ends with the line");
	if (w->cut)
		warn(r, "a word is too long: it is cut");
}

static bool is_brace(const struct mpconf_word *w, char brace)
{
	return !w->quoted && w->text[0] == brace;
}

static void check_rest(struct reader *r, const char *p)
{
	struct mpconf_word w;

	if (mpconf_word(&p, &w))
		warn(r, "more words than one value: they are ignored");
}

static void begin(struct reader *r, const char *name, const char *rest)
{
	check_rest(r, rest);
	if (r->left_out || r->depth == MPCONF_DEPTH) {
		if (!r->left_out++)
			warn(r, "blocks in too many blocks: this one is left "
				"out");
		return;
	}
	r->opened[r->depth++] = r->line;
	r->sink->begin(r->ctx, r->line, name);
}

static void end(struct reader *r, const char *rest)
{
	check_rest(r, rest);
	if (r->left_out) {
		r->left_out--;
		return;
	}
	if (!r->depth) {
		warn(r, "a closing brace too many: it is ignored");
		return;
	}
	r->depth--;
	r->sink->end(r->ctx, r->line);
}

/* What was alone on its line stays without a value. */
static void end_lone(struct reader *r)
{
	if (r->lone_line && !r->left_out)
		r->sink->value(r->ctx, r->lone_line, r->lone.text, "", false);
	r->lone_line = 0;
}

/* A line that begins with '{'. */
static void take_open(struct reader *r, const char *rest)
{
	if (r->lone_line) {
		warn(r, "a brace on a line of its own: the line before is "
			"taken for its name");
		r->lone_line = 0;
		begin(r, r->lone.text, rest);
	} else {
		warn(r, "a block without a name: it is left out");
		r->left_out++;
	}
}

static void take_line(struct reader *r, const char *p)
{
	struct mpconf_word key, value;

	if (!mpconf_word(&p, &key))
		return;
	check_word(r, &key);
	if (is_brace(&key, '{')) {
		take_open(r, p);
		return;
	}
	end_lone(r);
	if (is_brace(&key, '}')) {
		end(r, p);
		return;
	}
	if (!mpconf_word(&p, &value)) {
		r->lone = key;
		r->lone_line = r->line;
		return;
	}
	check_word(r, &value);
	if (is_brace(&value, '{')) {
		begin(r, key.text, p);
		return;
	}
	check_rest(r, p);
	if (!r->left_out)
		r->sink->value(r->ctx, r->line, key.text, value.text, true);
}

static void end_of_file(struct reader *r)
{
	char text[64];

	end_lone(r);
	while (r->depth) {
		snprintf(text, sizeof(text),
			 "the block of line %u is not closed",
			 r->opened[--r->depth]);
		warn(r, text);
		r->sink->end(r->ctx, r->line);
	}
}

/* text has len bytes and a NUL. */
static void take_bytes(struct reader *r, char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	if (strlen(text) < len)
		warn(r, "a NUL byte: the line ends there");
	if (r->line == 1 && strncmp(text, BOM, strlen(BOM)) == 0) {
		warn(r, "a byte order mark: it is passed over");
		text += strlen(BOM);
	}
	take_line(r, text);
}

int mpconf_read(FILE *f, const struct mpconf_sink *sink, void *ctx)
{
	struct reader r = {.sink = sink, .ctx = ctx};
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int error;

	errno = 0;
	while ((len = getline(&text, &size, f)) >= 0) {
		r.line++;
		take_bytes(&r, text, (size_t)len);
		errno = 0;
	}
	error = ferror(f)	  ? (errno ? errno : EIO)
		: errno == ENOMEM ? ENOMEM
				  : 0;
	free(text);
	if (!error)
		end_of_file(&r);
	return -error;
}
