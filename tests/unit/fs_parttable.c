// SPDX-License-Identifier: MIT
/*
 * Partition tables as text: what is written is read again, and what nobody
 * would write is refused, byte by byte; sorting and cutting.
 */
#include "fs/parttable.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define GOOD "{\"number\":1,\"start\":512,\"size\":1024,\"type\":\"0x83\"," \
	     "\"uuid\":\"u\",\"name\":\"n\"}"
#define TABLE(entries) "{\"table\":\"dos\",\"partitions\":[" entries "]}"
#define PART(number, start, size)                                              \
	"{\"number\":" number ",\"start\":" start ",\"size\":" size            \
	",\"type\":\"\",\"uuid\":\"\",\"name\":\"\"}"

static void test_round(void **state)
{
	struct part v[] = {
		{.number = 1, .start = 512, .size = 1024, .type = "0x83"},
		{
			.number = 5,
			.start = UINT64_C(1) << 60,
			.size = UINT64_C(1) << 50,
			.type = "0fc63daf-8483-4772-8e79-3d69d8477de4",
			.uuid = "00000000-0000-0000-0000-000000000001",
			.name = "a \"name\"\n\t\\ \x01 \xc3\xa9",
		},
	};
	struct part_table t = {.type = "gpt", .v = v, .n = 2}, got;
	char *text = part_table_text(&t);
	struct errmsg e;

	(void)state;
	assert_non_null(text);
	assert_int_equal(part_table_parse(text, strlen(text), &got, &e), 0);
	assert_string_equal(got.type, "gpt");
	assert_int_equal(got.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(got.v[i].number, v[i].number);
		assert_int_equal(got.v[i].start, v[i].start);
		assert_int_equal(got.v[i].size, v[i].size);
		assert_string_equal(got.v[i].type, v[i].type);
		assert_string_equal(got.v[i].uuid, v[i].uuid);
		assert_string_equal(got.v[i].name, v[i].name);
	}
	part_table_free(&got);
	/* cut off anywhere, it is refused */
	for (size_t len = 0; len < strlen(text); len++)
		if (part_table_parse(text, len, &got, &e) != -EINVAL)
			fail_msg("taken at %zu bytes", len);
	free(text);
}

static const char *const good_texts[] = {
	"{\"table\":\"\",\"partitions\":[]}",
	TABLE(GOOD),
	TABLE(GOOD "," PART("2", "0", "512")),
	TABLE(PART("1023", "0", "9223372036854774784")),
};

static const char *const bad_texts[] = {
	"",
	"{}",
	"[]",
	"null",
	"1",
	"{\"table\":\"dos\"}",
	"{\"table\":1,\"partitions\":[]}",
	"{\"table\":\"dos\",\"partitions\":{}}",
	"{\"table\":\"dos\",\"partitions\":[],\"more\":1}",
	"{\"table\":\"a type longer than any\",\"partitions\":[]}",
	"{\"error\":1}",
	"{\"error\":\"x\",\"table\":\"\"}",
	TABLE("1"),
	TABLE("null"),
	TABLE("{}"),
	TABLE(GOOD) "x",
	TABLE(GOOD) TABLE(GOOD),
	TABLE(GOOD ","),
	TABLE(GOOD "," GOOD),
	TABLE(PART("2", "0", "512") "," GOOD),
	TABLE(PART("0", "0", "512")),
	TABLE(PART("-1", "0", "512")),
	TABLE(PART("1024", "0", "512")),
	TABLE(PART("1.0", "0", "512")),
	TABLE(PART("\"1\"", "0", "512")),
	TABLE(PART("1", "-512", "512")),
	TABLE(PART("1", "1", "512")),
	TABLE(PART("1", "0", "0")),
	TABLE(PART("1", "0", "513")),
	TABLE(PART("1", "9223372036854774784", "512")),
	TABLE(PART("1", "18446744073709551104", "512")),
	TABLE(PART("1", "0", "99999999999999999999999")),
	TABLE(PART("1", "true", "512")),
	TABLE(PART("1", "[[[[[[0]]]]]]", "512")),
	TABLE("{\"number\":1,\"start\":0,\"size\":512,\"type\":\"\","
	      "\"uuid\":\"\",\"name\":\"a\\u0000b\"}"),
	TABLE("{\"number\":1,\"start\":0,\"size\":512,\"type\":\"\","
	      "\"uuid\":\"\",\"name\":\"\xff\"}"),
	TABLE("{\"number\":1,\"start\":0,\"size\":512,\"type\":\"\","
	      "\"uuid\":\"\",\"nam\":\"\"}"),
	TABLE("{\"number\":1,\"start\":0,\"size\":512,\"type\":\"\","
	      "\"uuid\":\"00000000-0000-0000-0000-000000000000-0000\","
	      "\"name\":\"\"}"),
};

static void test_texts(void **state)
{
	struct part_table t;
	struct errmsg e;
	int r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good_texts); i++) {
		r = part_table_parse(good_texts[i], strlen(good_texts[i]), &t,
				     &e);
		if (r)
			fail_msg("%s: %s", good_texts[i], e.text);
		part_table_free(&t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_texts); i++) {
		r = part_table_parse(bad_texts[i], strlen(bad_texts[i]), &t,
				     &e);
		if (r != -EINVAL)
			fail_msg("%s: got %d", bad_texts[i], r);
	}
}

static void test_no(void **state)
{
	char *text = part_table_no("Input/output error");
	struct part_table t;
	struct errmsg e;

	(void)state;
	assert_int_equal(part_table_parse(text, strlen(text), &t, &e), -EIO);
	assert_string_equal(e.text, "Input/output error");
	free(text);
}

/* One more than there may be. */
static void test_many(void **state)
{
	struct part_table t = {.v = calloc(PARTS_MAX + 1, sizeof(*t.v))}, got;
	struct errmsg e;
	char *text;

	(void)state;
	assert_non_null(t.v);
	for (t.n = 0; t.n < PARTS_MAX + 1; t.n++)
		t.v[t.n] = (struct part){
			.number = PARTS_MAX + 1 - (uint32_t)t.n,
			.size = 512,
		};
	text = part_table_text(&t);
	assert_int_equal(part_table_parse(text, strlen(text), &got, &e),
			 -EINVAL);
	free(text);
	t.v[5].number = 7; /* twice */
	part_table_sort(&t);
	assert_int_equal(t.n, PARTS_MAX);
	text = part_table_text(&t);
	assert_int_equal(part_table_parse(text, strlen(text), &got, &e), 0);
	assert_int_equal(got.v[0].number, 1);
	free(text);
	part_table_free(&got);
	part_table_free(&t);
}

static void test_fit(void **state)
{
	struct part v[] = {
		{.number = 1, .start = 0, .size = 1024},
		{.number = 2, .start = 1024, .size = 1 << 20},
		{.number = 3, .start = 2048, .size = 512},
		{.number = 4, .start = 1536, .size = 512},
	};
	struct part_table t = {.v = v, .n = 4};

	(void)state;
	assert_int_equal(part_table_fit(&t, 2048 + 511), 2);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.v[1].size, 1024);
	assert_int_equal(t.v[2].number, 4);
	assert_int_equal(part_table_fit(&t, 2048), 0);
	assert_int_equal(part_table_fit(&t, 0), 3);
	assert_int_equal(t.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_no),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
