// SPDX-License-Identifier: MIT
/* Events as lines: the keys, texts of any bytes, lines that are too long. */
#include "fs/events.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/monitor.h"
#include "fs/keep.h"

#define TIME (UINT64_C(1763634600123) * NSEC_PER_MSEC)
#define STAMP "{\"time\":\"2025-11-20T10:30:00.123Z\",\"pos\":42,"

static const struct line_case {
	struct event ev;
	const char *line;
} line_cases[] = {
	{{.name = "path-failed",
	  .volume = "v",
	  .path = "p",
	  .cause = "EIO on write at sector 2048",
	  .detail = "1 of 2 paths usable",
	  .bad = true},
	 STAMP "\"event\":\"path-failed\",\"volume\":\"v\",\"path\":\"p\","
	       "\"cause\":\"EIO on write at sector 2048\","
	       "\"detail\":\"1 of 2 paths usable\"}"},
	/* what is missing is left out */
	{{.name = "reconfigured"}, STAMP "\"event\":\"reconfigured\"}"},
	{{.name = "x", .volume = "", .cause = ""}, STAMP "\"event\":\"x\"}"},
	/* one line, whatever is in it */
	{{.name = "x", .cause = "two\nlines, a \"quote\" and a /"},
	 STAMP "\"event\":\"x\",\"cause\":\"two\\nlines, a \\\"quote\\\" and a "
	       "/\"}"},
	{{.name = "x", .cause = "\xff\xfe\xc3\xbc"},
	 STAMP "\"event\":\"x\",\"cause\":\"??\xc3\xbc\"}"},
};

static void test_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(line_cases); i++) {
		char *line = events_line(&line_cases[i].ev, TIME, 42);

		assert_non_null(line);
		assert_string_equal(line, line_cases[i].line);
		free(line);
	}
}

/* The longest there can be, all of it escaped: cut, kept, and still JSON. */
static void test_long(void **state)
{
	char name[NAME_SIZE], text[2048];
	struct event ev = {
		.name = "refused",
		.volume = name,
		.path = name,
		.cause = text,
		.detail = text,
	};
	struct json_object *o;
	struct keep *k;
	char *line;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(text, '\1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	line = events_line(&ev, TIME, UINT64_MAX);
	assert_non_null(line);
	assert_true(strlen(line) <= KEEP_LINE_MAX);
	o = json_tokener_parse(line);
	assert_non_null(o);
	json_object_put(o);
	assert_int_equal(keep_new(&k), 0);
	assert_int_equal(keep_event_append(k, line), 0);
	keep_free(k);
	free(line);
}

/* pos is the line's place in the log. */
static void test_pos(void **state)
{
	struct event ev = {.name = "one"};
	char buf[1024];
	struct keep *k;
	size_t n;

	(void)state;
	assert_int_equal(keep_new(&k), 0);
	events_emit(k, &ev);
	ev.name = "two";
	events_emit(k, &ev);
	n = keep_event_read(k, 0, buf, sizeof(buf) - 1);
	buf[n] = '\0';
	for (char *line = buf, *end; (end = strchr(line, '\n'));
	     line = end + 1) {
		struct json_object *o, *pos;

		*end = '\0';
		o = json_tokener_parse(line);
		assert_true(json_object_object_get_ex(o, "pos", &pos));
		assert_int_equal(json_object_get_uint64(pos), line - buf);
		json_object_put(o);
	}
	keep_free(k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_pos),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
