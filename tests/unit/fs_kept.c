// SPDX-License-Identifier: MIT
/*
 * The kept text where volumes come and go for years: numbers do not run out,
 * none is used twice, and what is known of the gone does not grow without end.
 */
#include "fs/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/monitor_private.h"
#include "fs/keep.h"

#define COMERS 20000

static void numbers_do_not_run_out(void **state)
{
	static struct monitor no_volumes;
	struct keep *keep;
	struct kept *k;
	char name[32];

	(void)state;
	assert_int_equal(keep_new(&keep), 0);
	k = kept_new(keep, "/nonexistent", false);
	assert_non_null(k);
	for (uint32_t i = 0; i < COMERS; i++) {
		uint32_t id;

		snprintf(name, sizeof(name), "/3600a0b8000%08x", i);
		id = kept_volume_id(k, name);
		if (id != i || id >= KEEP_MAX_VOLUMES)
			fail_msg("%s: got number %u, expected %u, below %u",
				 name, id, i, KEEP_MAX_VOLUMES);
		assert_int_equal(kept_path_id(k, name, "sda"), 0);
		if (i % 500 == 499)
			kept_save(k, &no_volumes); /* it has gone by now */
	}
	kept_save(k, &no_volumes);
	if (strlen(keep_text(keep)) > 200000)
		fail_msg("%zu bytes are kept", strlen(keep_text(keep)));
	kept_free(k);

	/* The next worker goes on where this one was. */
	k = kept_new(keep, "/nonexistent", false);
	assert_non_null(k);
	assert_int_equal(kept_volume_id(k, name), COMERS - 1);
	assert_int_equal(kept_volume_id(k, "/a-new-one"), COMERS);
	kept_free(k);
	keep_free(keep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_do_not_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
