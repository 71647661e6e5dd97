// SPDX-License-Identifier: MIT
/* How volumes are shown: the text, its parts, and the JSON. */
#include "fs/status.h"

#include <json-c/json.h>
#include "fs/json.h"
#include "fs/partitions.h"
#include "fs/status_json.h"
#include "tests/unit/fake_volume.h"

#define GIB (UINT64_C(1) << 30)

static const struct size_case {
	uint64_t bytes;
	const char *text;
} size_cases[] = {
	{0, "0.0K"},
	{512, "0.5K"},
	{1024, "1.0K"},
	{10 * 1024, "10K"},
	{1023 * 1024, "1023K"},
	{1024 * 1024, "1.0M"},
	{1536 * 1024, "1.5M"},
	{100 * GIB, "100G"},
	{GIB, "1.0G"},
	{1024 * GIB, "1.0T"},
	{UINT64_C(5) << 50, "5.0P"},
	{UINT64_C(4) << 60, "4096P"},
};

static void test_size(void **state)
{
	char text[STATUS_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(size_cases); i++) {
		status_size_text(size_cases[i].bytes, text);
		assert_string_equal(text, size_cases[i].text);
	}
}

static const struct text_case {
	const char *what;
	struct fake_desc v[FAKE_VOLUMES];
	const char *text;
} text_cases[] = {
	{
		.what = "failover, all well",
		.v = { {
			.name = "mpatha",
			.wwid = "3600a0b80000f0f0f0000123456789abc",
			.size = 100 * GIB,
			.current = 1,
			.queueing.on = true,
			.paths = { { "sdb", 8, 16, 50, .check = CHECK_UP },
				   { "sdd", 8, 48, 10, .check = CHECK_UP } },
		} },
		.text = "mpatha (3600a0b80000f0f0f0000123456789abc) mpathfs\n"
			"size=100G features='1 queue_if_no_path' "
			"hwhandler='0' wp=rw\n"
			"|-+- policy='service-time 0' prio=50 status=active\n"
			"| `- #:#:#:# sdb 8:16 active ready running\n"
			"`-+- policy='service-time 0' prio=10 status=enabled\n"
			"  `- #:#:#:# sdd 8:48 active ready running\n",
	},
	{
		.what = "multibus, every state, columns padded",
		.v = { {
			.name = "v",
			.wwid = "v",
			.size = 1536 * 1024,
			.read_only = true,
			.policy = POLICY_MULTIBUS,
			.current = 1,
			.paths = { { "a", 0, 0, 1, .check = CHECK_UP },
				   { "bb", 259, 1000, 1, .failed = true,
				     .check = CHECK_DOWN },
				   { "ccc", 8, 0, 1, .held = true,
				     .check = CHECK_UP },
				   { "d", 8, 1, 1, .stalled = true,
				     .check = CHECK_TIMEOUT } },
		} },
		.text = "v mpathfs\n"
			"size=1.5M features='0' hwhandler='0' wp=ro\n"
			"`-+- policy='service-time 0' prio=1 status=active\n"
			"  |- #:#:#:# a   -        active ready       running\n"
			"  |- #:#:#:# bb  259:1000 failed faulty      running\n"
			"  |- #:#:#:# ccc 8:0      failed ready       offline\n"
			"  `- #:#:#:# d   8:1      active i/o timeout stalled\n",
	},
	{
		.what = "two volumes share their columns; a disabled group",
		.v = { {
			.name = "one",
			.wwid = "w1",
			.size = GIB,
			.bypassed = 1,
			.current = 2,
			.paths = { { "x", 0, 0, 2, .check = CHECK_UP },
				   { "y", 0, 0, 1, .check = CHECK_UP } },
		}, {
			.name = "two",
			.wwid = "w2",
			.size = GIB,
			.paths = { { "longer", 8, 32, 1, .failed = true,
				     .check = CHECK_DOWN } },
		} },
		.text = "one (w1) mpathfs\n"
			"size=1.0G features='0' hwhandler='0' wp=rw\n"
			"|-+- policy='service-time 0' prio=2 status=disabled\n"
			"| `- #:#:#:# x      -    active ready  running\n"
			"`-+- policy='service-time 0' prio=1 status=active\n"
			"  `- #:#:#:# y      -    active ready  running\n"
			"two (w2) mpathfs\n"
			"size=1.0G features='0' hwhandler='0' wp=rw\n"
			"`-+- policy='service-time 0' prio=0 status=enabled\n"
			"  `- #:#:#:# longer 8:32 failed faulty running\n",
	},
	{ .what = "no volume", .text = "" },
};

static size_t make(const struct fake_desc *desc, struct fake_volume *f,
		   const struct volume **v)
{
	size_t n;

	for (n = 0; n < FAKE_VOLUMES && desc[n].name; n++) {
		fake_new(&f[n], &desc[n], (uint32_t)n);
		v[n] = f[n].v;
	}
	return n;
}

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text_cases); i++) {
		struct fake_volume f[FAKE_VOLUMES];
		const struct volume *v[FAKE_VOLUMES];
		size_t n = make(text_cases[i].v, f, v), size;
		char *text;
		FILE *out = open_memstream(&text, &size);

		assert_non_null(out);
		status_print(out, v, n);
		fclose(out);
		print_message("# %s\n", text_cases[i].what);
		assert_string_equal(text, text_cases[i].text);
		free(text);
		while (n > 0)
			fake_free(&f[--n]);
	}
}

#define NOW (1000 * NSEC_PER_SEC)

static const struct queueing_case {
	const char *what;
	int64_t no_path_retry;
	struct volume_queueing queueing;
	const char *text;
} queueing_cases[] = {
	{"fail", NO_PATH_FAIL, {.on = false}, "off"},
	{"queue", NO_PATH_QUEUE, {.on = true}, "on"},
	{"retries, nothing lost", 5, {.on = true}, "5 chk"},
	{"counting down", 5, {.on = true, .deadline = NOW + 7 * NSEC_PER_SEC},
	 "7 sec"},
	{"the last part of a second", 5, {.on = true, .deadline = NOW + 1},
	 "1 sec"},
	{"over, not yet acted upon", 5, {.on = true, .deadline = NOW - 1},
	 "0 sec"},
	{"pinned off", NO_PATH_QUEUE, {.on = false, .pinned_off = true}, "off"},
};

static void test_queueing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(queueing_cases); i++) {
		const struct queueing_case *c = &queueing_cases[i];
		struct fake_desc d = {
			.name = "v",
			.wwid = "v",
			.no_path_retry = c->no_path_retry,
			.queueing = c->queueing,
			.paths = { { "a", 0, 0, 1 } },
		};
		struct fake_volume f;
		char text[64];

		fake_new(&f, &d, 0);
		status_queueing_text(f.v, NOW, text, sizeof(text));
		print_message("# %s\n", c->what);
		assert_string_equal(text, c->text);
		fake_free(&f);
	}
}

/* Every key of the object, in its order, with blanks between. */
static void keys(struct json_object *o, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	json_object_object_foreach(o, key, value)
	{
		(void)value;
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 used ? " " : "", key);
	}
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *found;

	assert_true(json_object_object_get_ex(o, key, &found));
	return found;
}

static void assert_keys(struct json_object *o, const char *expected)
{
	char buf[1024];

	keys(o, buf, sizeof(buf));
	assert_string_equal(buf, expected);
}

static void assert_text(struct json_object *o, const char *key,
			const char *expected)
{
	assert_string_equal(json_object_get_string(at(o, key)), expected);
}

/* The whole of multipathd's keys, and what stands for each. */
static void check_map(struct json_object *map)
{
	struct json_object *group, *path;

	assert_keys(map, "name uuid sysfs failback queueing paths write_prot "
			 "dm_st features hwhandler action path_faults vend "
			 "prod rev switch_grp map_loads total_q_time "
			 "q_timeouts path_groups mpathfs");
	assert_text(map, "name", "mpatha");
	assert_text(map, "uuid", "w1");
	assert_text(map, "failback", "manual");
	assert_text(map, "features", "1 queue_if_no_path");
	assert_text(map, "hwhandler", "0");
	assert_text(at(map, "mpathfs"), "activation", "none");
	assert_int_equal(json_object_get_int(at(map, "paths")), 2);
	assert_true(json_object_is_type(at(map, "paths"), json_type_int));
	assert_text(at(map, "mpathfs"), "state", "at-risk");
	assert_int_equal(json_object_array_length(at(map, "path_groups")), 2);
	group = json_object_array_get_idx(at(map, "path_groups"), 0);
	assert_keys(group, "selector pri dm_st marginal_st group paths");
	assert_text(group, "selector", "service-time 0");
	assert_text(group, "dm_st", "active");
	assert_int_equal(json_object_get_int(at(group, "pri")), 7);
	assert_int_equal(json_object_get_int(at(group, "group")), 1);
	path = json_object_array_get_idx(at(group, "paths"), 0);
	assert_keys(path, "dev dev_t dm_st dev_st chk_st checker pri "
			  "host_wwnn target_wwnn host_wwpn target_wwpn "
			  "host_adapter lun_hex marginal_st mpathfs");
	assert_text(path, "dev", "sdb");
	assert_text(path, "dev_t", "8:16");
	assert_text(path, "chk_st", "ready");
	assert_text(at(path, "mpathfs"), "state", "active");
	assert_text(at(path, "mpathfs"), "device", "/dev/sdb");
}

static const struct fake_desc json_volume = {
	.name = "mpatha",
	.wwid = "w1",
	.size = GIB,
	.current = 1,
	.no_path_retry = NO_PATH_QUEUE,
	.queueing.on = true,
	.paths = { { "sdb", 8, 16, 7, .check = CHECK_UP },
		   { "sdc", 8, 32, 3, .failed = true, .check = CHECK_DOWN } },
};

static struct json_object *parse(int (*print)(FILE *, const struct volume *))
{
	struct json_object *o;
	struct fake_volume f;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fake_new(&f, &json_volume, 0);
	assert_int_equal(print(out, f.v), 0);
	fclose(out);
	fake_free(&f);
	o = json_tokener_parse(text);
	assert_non_null(o);
	free(text);
	assert_int_equal(json_object_get_int(at(o, "major_version")), 0);
	assert_int_equal(json_object_get_int(at(o, "minor_version")), 1);
	return o;
}

/* No table has been read yet. */
static struct partitions *no_partitions(void)
{
	const struct partitions_params params = {.monitor = NULL};
	struct partitions *p;

	assert_int_equal(partitions_new(&params, &p), 0);
	return p;
}

static int print_maps(FILE *out, const struct volume *v)
{
	struct partitions *p = no_partitions();
	int r = status_json_maps(out, &v, 1, p, NOW);

	partitions_free(p);
	return r;
}

static int print_map(FILE *out, const struct volume *v)
{
	struct partitions *p = no_partitions();
	int r = status_json_map(out, v, p, NOW);

	partitions_free(p);
	return r;
}

static void test_json(void **state)
{
	struct json_object *o = parse(print_maps);

	(void)state;
	assert_keys(o, "major_version minor_version maps");
	assert_int_equal(json_object_array_length(at(o, "maps")), 1);
	check_map(json_object_array_get_idx(at(o, "maps"), 0));
	json_object_put(o);
	o = parse(print_map);
	assert_keys(o, "major_version minor_version map");
	check_map(at(o, "map"));
	json_object_put(o);
}

static const struct utf8_case {
	const char *text, *clean;
} utf8_cases[] = {
	{"", ""},
	{"plain", "plain"},
	{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	{"\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80"},
	{"\xff", "?"},
	{"a\xc3", "a?"},		  /* cut */
	{"\xe2\x82", "??"},		  /* cut */
	{"\xc0\xaf", "??"},		  /* overlong */
	{"\xe0\x80\x80", "???"},	  /* overlong */
	{"\xed\xa0\x80", "???"},	  /* surrogate */
	{"\xf4\x90\x80\x80", "????"},	  /* past the end */
	{"\xf0\x8f\xbf\xbf", "????"},	  /* overlong */
	{"\x80x", "?x"},
};

static void test_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(utf8_cases); i++) {
		struct json_object *o = json_text(utf8_cases[i].text);

		assert_string_equal(json_object_get_string(o),
				    utf8_cases[i].clean);
		json_object_put(o);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_queueing),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_utf8),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
