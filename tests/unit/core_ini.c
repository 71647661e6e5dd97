// SPDX-License-Identifier: MIT
/*
 * What each line of an INI file is taken for: by cases, one for each thing that
 * the INI library would cut or change; by every byte at every place of a line;
 * and by every length round the limits of the library. Written as a line per
 * call: "N[heading]", "N key=value", "N!reason"; "N[]!" is a wrong heading.
 */
#include "core/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define A48 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A188 A48 A48 A48 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#define BLANK "the line begins with a blank (there are no continuation lines)\n"
#define INLINE "the value would end at ' ;': a comment needs a line of its own\n"
#define NEITHER "neither [SECTION] nor KEYWORD = VALUE\n"
#define HEADING "a heading is '[' to ']' and nothing after it\n"
#define BOM "a byte order mark may begin the file only\n"

struct got {
	FILE *out;
	char *text;
	size_t size;
};

static void on_section(void *ctx, unsigned int line, const char *name)
{
	struct got *g = ctx;

	fprintf(g->out, "%u[%s]%s\n", line, name ? name : "", name ? "" : "!");
}

static void on_value(void *ctx, unsigned int line, const char *key,
		     const char *value)
{
	struct got *g = ctx;

	fprintf(g->out, "%u %s=%s\n", line, key, value);
}

static void on_error(void *ctx, unsigned int line, const char *reason)
{
	struct got *g = ctx;

	fprintf(g->out, "%u!%s\n", line, reason);
}

static const struct ini_sink sink = {on_section, on_value, on_error};

/* malloc'ed. */
static char *read_bytes(const char *bytes, size_t len)
{
	struct got g = {.text = NULL};
	/* Of no bytes there is no file. */
	FILE *in = len ? fmemopen((void *)bytes, len, "r") :
			 fopen("/dev/null", "r");

	g.out = open_memstream(&g.text, &g.size);
	assert_non_null(in);
	assert_non_null(g.out);
	assert_int_equal(ini_read(in, &sink, &g), 0);
	fclose(in);
	assert_int_equal(fclose(g.out), 0);
	return g.text;
}

#define CASE(bytes, expected)                                                  \
	{                                                                      \
		bytes, sizeof(bytes) - 1, expected                             \
	}

static const struct {
	const char *bytes;
	size_t len;
	const char *expected;
} cases[] = {
	/* ends of lines, and of files */
	CASE("", ""),
	CASE("\n\n \n", ""),
	CASE("a = 1", "1 a=1\n"),
	CASE("a = 1\n\nb = 2\n", "1 a=1\n3 b=2\n"),
	CASE("a = 1\r\n[s]\r\nb = 2\r\n", "1 a=1\n2[s]\n3 b=2\n"),
	CASE("a = 1\r\nb = 2\r", "1 a=1\n2 b=2\n"),
	CASE("\r\n# x\r\n", ""),
	CASE("a = 1\r\r\n", "1!byte 6 is a control character (0x0d)\n"),
	CASE("a = 1\rb = 2\rc = 3", "1!byte 6 is a control character (0x0d)\n"),
	CASE("[s", "1!" HEADING "1[]!\n"),
	CASE("a", "1!" NEITHER),
	/* a value over several lines; lines that are indented */
	CASE("a = 1\n  2\n\t3\n", "1 a=1\n2!" BLANK "3!" BLANK),
	CASE("a = 1\n b = 2\n", "1 a=1\n2!" BLANK),
	CASE(" a = 1\n", "1!" BLANK),
	CASE("a = 1\n [s]\nb = 2\n", "1 a=1\n2!" BLANK "2[]!\n3 b=2\n"),
	CASE("a = 1\n  # x\n\t; y\n   \nb = 2\n", "1 a=1\n5 b=2\n"),
	CASE("a = 1 \\\nb = 2\n", "1 a=1 \\\n2 b=2\n"),
	/* a byte order mark */
	CASE("\xef\xbb\xbf" "a = 1\n", "1 a=1\n"),
	CASE("\xef\xbb\xbf[s]\na = 1\n", "1[s]\n2 a=1\n"),
	CASE("\xef\xbb\xbf# x\na = 1\n", "2 a=1\n"),
	CASE("\xef\xbb\xbf", ""),
	CASE("\xef\xbb\xbf\xef\xbb\xbf" "a = 1\n", "1!" BOM),
	CASE("\n\xef\xbb\xbf" "a = 1\n", "2!" BOM),
	CASE("# x\n\xef\xbb\xbf[s]\n", "2!" BOM),
	CASE("\xef\xbb\n", "1!" NEITHER),
	/* UTF-16, which is no text here */
	CASE("\xff\xfe[\0s\0]\0\n\0", "1!byte 4 is a control character (0x00)\n"
				      "2!byte 1 is a control character (0x00)\n"),
	/* comments beside a value */
	CASE("a = 1 ; x\n", "1!" INLINE),
	CASE("a = 1\t;x\n", "1!" INLINE),
	CASE("a = ;x\n", "1!" INLINE),
	CASE("a ;b = 1\n", "1!" INLINE),
	CASE("[s] ; x\n", "1!" INLINE "1[]!\n"),
	CASE("[s];x\n", "1!" HEADING "1[]!\n"),
	CASE("a = 1;x\n", "1 a=1;x\n"),
	CASE("a =;x\n", "1 a=;x\n"),
	CASE("a;b = 1\n", "1 a;b=1\n"),
	CASE("a = 1 # x\n", "1 a=1 # x\n"),
	CASE("a = #1\n", "1 a=#1\n"),
	CASE(";a = 1\n#b = 2\n", ""),
	/* blanks round keys and values; quotes */
	CASE("a=1\n", "1 a=1\n"),
	CASE("a \t =\t 1 \t\n", "1 a=1\n"),
	CASE("a = b \t c\n", "1 a=b \t c\n"),
	CASE("a =\n", "1 a=\n"),
	CASE("a = \n", "1 a=\n"),
	CASE("a = \" b \"\n", "1 a=\" b \"\n"),
	CASE("a = 'b'\n", "1 a='b'\n"),
	CASE("= 1\n", "1 =1\n"),
	/* what splits a line */
	CASE("a : 1\n", "1 a=1\n"),
	CASE("a = b = c : d\n", "1 a=b = c : d\n"),
	CASE("a : b = c\n", "1 a=b = c\n"),
	CASE("a 1\n}\n", "1!" NEITHER "2!" NEITHER),
	/* names longer than those that the library keeps, 50 bytes */
	CASE(A48 "xyz = 1\n" A48 "xyw = 2\n",
	     "1 " A48 "xyz=1\n2 " A48 "xyw=2\n"),
	CASE("[" A48 "xyz]\na = 1\n[" A48 "xyw]\na = 2\n",
	     "1[" A48 "xyz]\n2 a=1\n3[" A48 "xyw]\n4 a=2\n"),
	/* headings */
	CASE("[]\n[ ]\n[ \t a \t b\t]\n", "1[]\n2[]\n3[a \t b]\n"),
	CASE("[a]]\n[a]b]\n[a]b\n", "1!" HEADING "1[]!\n2!" HEADING
				    "2[]!\n3!" HEADING "3[]!\n"),
	CASE("[[a]\n", "1[[a]\n"),
	CASE("[a]  \n", "1[a]\n"),
	CASE("[a]\n[b]\n", "1[a]\n2[b]\n"),
	/* the longest line, and one byte more */
	CASE("a=" A188 "\nb = 1\n", "1 a=" A188 "\n2 b=1\n"),
	CASE("a=" A188 "a\nb = 1\n",
	     "1!the line has 191 bytes, the limit is 190\n2 b=1\n"),
	CASE("a=" A188 "   \r\nb = 1\n", "1 a=" A188 "\n2 b=1\n"),
	CASE("[" A188 "]\n", "1[" A188 "]\n"),
	CASE("[" A188 "a]\nb = 1\n",
	     "1!the line has 191 bytes, the limit is 190\n1[]!\n2 b=1\n"),
	CASE("#" A188 A188 A188 "\n  ;" A188 A188 "\nb = 1\n", "3 b=1\n"),
	/* bytes that are no text */
	CASE("a = b\0c\nb = 1\n",
	     "1!byte 6 is a control character (0x00)\n2 b=1\n"),
	CASE("\0\nb = 1\n", "1!byte 1 is a control character (0x00)\n2 b=1\n"),
	CASE("[a\0]\nb = 1\n",
	     "1!byte 3 is a control character (0x00)\n1[]!\n2 b=1\n"),
	CASE("a = 1\0", "1!byte 6 is a control character (0x00)\n"),
};

static void check(const char *bytes, size_t len, const char *expected)
{
	CLEANUP_FREE char *got = read_bytes(bytes, len);

	if (strcmp(got, expected) != 0)
		fail_msg("'%s'\ngot:\n%sexpected:\n%s", bytes, got, expected);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(cases[i].bytes, cases[i].len, cases[i].expected);
}

static bool is_control(int b)
{
	return (b < ' ' && b != '\t') || b == 0x7f;
}

/* text without the blanks at its ends, and without the '\r' at its very end. */
static void trim(char *text)
{
	size_t n = strlen(text), from;

	n -= n && text[n - 1] == '\r';
	while (n && strchr(" \t", text[n - 1]))
		n--;
	text[n] = '\0';
	from = strspn(text, " \t");
	memmove(text, text + from, n - from + 1);
}

/* "BEFORE" byte "AFTER", as the text of KEY or of a value. */
static void check_byte(int b, const char *before, const char *after)
{
	char line[64], expected[80], text[32];
	int n = snprintf(line, sizeof(line), "%s%c%s\nb = 1\n", before, b,
			 after);
	const char *equals = strchr(before, '=');
	bool ends = b == '\r' && !*after;

	if (is_control(b) && !ends) {
		snprintf(expected, sizeof(expected),
			 "1!byte %zu is a control character (0x%02x)\n2 b=1\n",
			 strlen(before) + 1, b);
	} else if (equals) {
		snprintf(text, sizeof(text), "%s%c%s", equals + 1, b, after);
		trim(text);
		snprintf(expected, sizeof(expected), "1 a=%s\n2 b=1\n", text);
	} else {
		snprintf(expected, sizeof(expected), "1 %s%cl=x\n2 b=1\n",
			 before, b);
	}
	check(line, (size_t)n, expected);
}

/* Of a value within, at its begin and its end; and within a key. */
static void test_bytes(void **state)
{
	(void)state;
	for (int b = 0; b < 256; b++) {
		if (b == '\n' || b == '=' || b == ':')
			continue; /* the cases have them */
		check_byte(b, "a = x", "y");
		check_byte(b, "a =", "y");
		check_byte(b, "a = x", "");
		check_byte(b, "k", "l = x");
	}
}

/* A value is whole or an error, whatever its length; so is the next line. */
static void test_lengths(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", " \n", "\t \r\n"};

	(void)state;
	for (size_t n = 3; n < 700; n++) {
		char value[700], line[800], expected[800];
		size_t end = n % ARRAY_SIZE(ends);

		memset(value, 'v', n - 2);
		value[n - 2] = '\0';
		snprintf(line, sizeof(line), "k=%s%sb = 1\n", value, ends[end]);
		if (n <= INI_LINE_LIMIT)
			snprintf(expected, sizeof(expected),
				 "1 k=%s\n2 b=1\n", value);
		else
			snprintf(expected, sizeof(expected),
				 "1!the line has %zu bytes, the limit is %d\n"
				 "2 b=1\n",
				 n, INI_LINE_LIMIT);
		check(line, strlen(line), expected);
	}
}

/* Values that a line can give back, and those that none can. */
static const struct {
	const char *key, *value;
	const char *line; /* NULL: none */
} formats[] = {
	{"a", "1", "a = 1"},
	{"a", "", "a ="},
	{"a", "b = c ; d", NULL},
	{"a", ";b", "a=;b"},
	{"a", "b;c", "a = b;c"},
	{"a", "# b", "a = # b"},
	{"a", "\"b\"", "a = \"b\""},
	{"a", " b", NULL},
	{"a", "b\t", NULL},
	{"a", "b\nc", NULL},
	{"a", "b\rc", NULL},
	{"a", "b\tc", "a = b\tc"},
	{"aa", A188, NULL},
	{"a", A188, "a=" A188},
};

static void test_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		char line[INI_LINE_LIMIT + 1] = "", expected[256];
		struct errmsg e = {""};
		int rc = ini_format(formats[i].key, formats[i].value, line, &e);

		if (!formats[i].line) {
			if (!rc || !*e.text)
				fail_msg("'%s': got '%s'; expected none",
					 formats[i].value, line);
			continue;
		}
		if (rc || strcmp(line, formats[i].line) != 0)
			fail_msg("'%s': got %d '%s' %s; expected '%s'",
				 formats[i].value, rc, line, e.text,
				 formats[i].line);
		snprintf(expected, sizeof(expected), "1 %s=%s\n",
			 formats[i].key, formats[i].value);
		check(line, strlen(line), expected);
	}
}

static void test_unreadable(void **state)
{
	struct got g = {.text = NULL};
	FILE *in = fopen("/", "r");

	(void)state;
	assert_non_null(in);
	assert_true(ini_read(in, &sink, &g) < 0);
	fclose(in);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_unreadable),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
