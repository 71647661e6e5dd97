// SPDX-License-Identifier: MIT
/*
 * The grammar of multipath.conf: what each piece of text is taken for, written
 * as a line per call: "<name" and ">" for a block, "key=value" (quotes around
 * it show blanks), "key" alone, "?" for a warning.
 */
#include "core/mpconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static char got[4096];

static void add(const char *fmt, const char *a, const char *b)
{
	size_t n = strlen(got);

	snprintf(got + n, sizeof(got) - n, fmt, a, b);
}

static void on_begin(void *ctx, unsigned int line, const char *name)
{
	(void)ctx;
	(void)line;
	add("<%s%s ", name, "");
}

static void on_end(void *ctx, unsigned int line)
{
	(void)ctx;
	(void)line;
	add("%s%s ", ">", "");
}

static void on_value(void *ctx, unsigned int line, const char *keyword,
		     const char *value, bool has_value)
{
	(void)ctx;
	(void)line;
	add(has_value ? "%s=[%s] " : "%s%s ", keyword, value);
}

static void on_warning(void *ctx, unsigned int line, const char *text)
{
	(void)ctx;
	(void)line;
	assert_true(strlen(text) > 10);
	add("?%s%s", "", "");
}

static const struct mpconf_sink sink = {on_begin, on_end, on_value,
					on_warning};

static const struct {
	const char *text, *want;
} cases[] = {
	{"keyword value", "keyword=[value] "},
	{"keyword \"value\"", "keyword=[value] "},
	{"keyword value\n", "keyword=[value] "},
	{"keyword \t   value   ", "keyword=[value] "},
	{"\t keyword value\t", "keyword=[value] "},
	{"keyword value\r\n", "keyword=[value] "},
	{"keyword \"value\r\n", "?keyword=[value] "},
	{"a {\r\nkeyword \"\"\r\n}\r\n", "<a keyword=[] > "},
	{"\xef\xbb\xbfkeyword value", "?keyword=[value] "},
	{"\n\xef\xbb\xbfkeyword value", "\xef\xbb\xbfkeyword=[value] "},
	{"\xef\xbb\xbf# keyword value", "?"},
	{"keyword \t  value \t! comment  ", "keyword=[value] "},
	{"keyword value # comment", "keyword=[value] "},
	{"keyword value#comment", "keyword=[value] "},
	{"keyword value!comment", "keyword=[value] "},
	{"keyword value more", "?keyword=[value] "},
	{"keyword \"value more\"", "keyword=[value more] "},
	{"keyword \"  value  more \"", "keyword=[  value  more ] "},
	{"keyword \"value # more\"", "keyword=[value # more] "},
	{"keyword \"value ! more\"", "keyword=[value ! more] "},
	{"keyword \"!value\"", "keyword=[!value] "},
	{"keyword \"^!value\" ", "keyword=[^!value] "},
	{"keyword\"value comment\"", "keyword=[value comment] "},
	{"key\"word\" value", "?key=[word] "},
	{"keyword value \"quoted\"", "?keyword=[value] "},
	{"keyword \"value\"more", "?keyword=[value] "},
	{"keyword \"value \" comment\"\"", "?keyword=[value ] "},
	{"keyword \"value \"  # comment", "keyword=[value ] "},
	{"keyword \"value", "?keyword=[value] "},
	{"keyword \"", "?keyword=[] "},
	{"keyword \"value\nkeyword2 v", "?keyword=[value] keyword2=[v] "},
	{"product \"2.5\"\" SSD\"", "product=[2.5\" SSD] "},
	{"product \"\"\"\"\" is empty\"", "product=[\"\" is empty] "},
	{"product \"\"\"\"", "product=[\"] "},
	{"product \"\"", "product=[] "},
	{"product \"a\"\"", "?product=[a\"] "},
	{"keyword", "keyword "},
	{"keyword # comment", "keyword "},
	{"\"quoted\" value", "quoted=[value] "},
	{"", ""},
	{"\n\n", ""},
	{"# keyword value", ""},
	{"  ! keyword value", ""},
	{"#", ""},
	{"defaults {\n}", "<defaults > "},
	{"defaults{\n}", "<defaults > "},
	{"defaults {\n\tpolling_interval 5\n}\n",
	 "<defaults polling_interval=[5] > "},
	{"devices {\ndevice {\nvendor \"A\"\n}\n}",
	 "<devices <device vendor=[A] > > "},
	{"keyword \"{\"", "keyword=[{] "},
	{"keyword \"}\"", "keyword=[}] "},
	{"product a{2}", "?product=[a] "},
	{"defaults { verbosity 2", "?<defaults ?> "},
	{"defaults {\n} devices {\n}", "<defaults ?> ?"},
	{"}", "?"},
	{"defaults {", "<defaults ?> "},
	{"a {\nb {\n", "<a <b ?> ?> "},
	{"{\nkey value\n}\nkey value", "?key=[value] "},
	{"\"{\" {\n}", "<{ > "},
	{"a\n{\nkey value\n}\nkey value", "?<a key=[value] > key=[value] "},
	{"a # b\n\n# c\n\t{ # d\n}", "?<a > "},
	{"a\nb\n{\n}", "a ?<b > "},
	{"a b\n{\n}", "a=[b] ?"},
	{"a {\nb\n}\n{\n}\nc", "<a b > ?c "},
	{"{\na\n{\nk v\n}\nk v\n}\nk v", "??k=[v] "},
	{"{\na {\nk v\n}\nk v\n}\nk v", "?k=[v] "},
	{"a {\na {\na {\na {\na {\na {\na {\na {\na {\nk v\n}\n}\n}\n}\n}\n}\n}\n}"
	 "\n}\nk v",
	 "<a <a <a <a <a <a <a <a ?> > > > > > > > k=[v] "},
};

static void test_cases(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		FILE *f = *text ? fmemopen((char *)text, strlen(text), "r") :
				  fopen("/dev/null", "r");

		assert_non_null(f);
		got[0] = '\0';
		assert_int_equal(mpconf_read(f, &sink, NULL), 0);
		fclose(f);
		if (!strcmp(got, cases[i].want))
			continue;
		print_message("'%s': got '%s', expected '%s'\n", text, got,
			      cases[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void test_long_words_are_cut_and_told(void **state)
{
	static char text[2 * MPCONF_WORD_SIZE];
	FILE *f;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "k ", 2);
	f = fmemopen(text, sizeof(text) - 1, "r");
	assert_non_null(f);
	got[0] = '\0';
	assert_int_equal(mpconf_read(f, &sink, NULL), 0);
	fclose(f);
	assert_int_equal(strncmp(got, "?k=[xxx", 7), 0);
	assert_int_equal(strlen(got), strlen("?k=[] ") + MPCONF_WORD_SIZE - 1);
}

static void test_nul_is_told(void **state)
{
	char text[] = "a b\0c\nd e\n";
	FILE *f = fmemopen(text, sizeof(text) - 1, "r");

	(void)state;
	assert_non_null(f);
	got[0] = '\0';
	assert_int_equal(mpconf_read(f, &sink, NULL), 0);
	fclose(f);
	assert_string_equal(got, "?a=[b] d=[e] ");
}

static void test_reading_fails(void **state)
{
	FILE *f = fopen("/", "r");

	(void)state;
	assert_non_null(f);
	assert_true(mpconf_read(f, &sink, NULL) < 0);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_words_are_cut_and_told),
		cmocka_unit_test(test_nul_is_told),
		cmocka_unit_test(test_reading_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
