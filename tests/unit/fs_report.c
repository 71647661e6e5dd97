// SPDX-License-Identifier: MIT
/* What the supervisor writes into the events: lines like all others. */
#include "fs/report.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fs/keep.h"

/* The line at *pos, which is moved behind it. */
static struct json_object *next_line(struct keep *k, uint64_t *pos)
{
	char buf[4096], *end;
	size_t n = keep_event_read(k, *pos, buf, sizeof(buf) - 1);
	struct json_object *o;

	buf[n] = '\0';
	end = strchr(buf, '\n');
	assert_non_null(end);
	*end = '\0';
	o = json_tokener_parse(buf);
	assert_non_null(o);
	*pos += (uint64_t)(end + 1 - buf);
	return o;
}

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v))
		fail_msg("no '%s' in %s", key, json_object_to_json_string(o));
	return v;
}

static void check(struct keep *k, uint64_t *pos, const char *event)
{
	uint64_t at = *pos;
	struct json_object *o = next_line(k, pos);

	assert_string_equal(json_object_get_string(member(o, "event")), event);
	assert_int_equal(json_object_get_int64(member(o, "pos")), at);
	assert_int_equal(json_object_get_int(member(o, "restarts")), 3);
	assert_int_equal(json_object_get_int(member(o, "delay_ms")), 300);
	member(o, "time");
	json_object_put(o);
}

static void a_death_has_its_place_in_the_log(void **state)
{
	const struct report_death d = {
		.pid = 4711,
		.status = SIGKILL,
		.restarts = 3,
		.delay_ms = 300,
		.slowed = true,
	};
	struct keep *k;
	uint64_t pos;

	(void)state;
	assert_int_equal(keep_new(&k), 0);
	assert_int_equal(keep_event_append(k, "{\"event\":\"before\"}"), 0);
	pos = keep_event_head(k);
	report_death(k, &d);
	check(k, &pos, "worker-died");
	check(k, &pos, "worker-restart-slowed");
	assert_int_equal(pos, keep_event_head(k));
	keep_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_death_has_its_place_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
