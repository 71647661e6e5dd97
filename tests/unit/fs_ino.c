// SPDX-License-Identifier: MIT
/* Inode numbers: the ABI's bits, and that nothing is lost on the way. */
#include "fs/ino.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const struct ino_case {
	enum ino_kind kind;
	uint32_t volume, object;
	unsigned int index;
	uint64_t ino;
} ino_cases[] = {
	/* the kernel's FUSE_ROOT_ID */
	{KIND_ROOT, 0, 0, INO_SELF, 1},
	{KIND_ROOT, 0, 0, INO_ENTRY, 2},
	{KIND_DATA, 0, 0, INO_SELF, 0x0100000000000001},
	{KIND_DATA, 0xabc, 0, INO_SELF, 0x01000abc00000001},
	{KIND_VOLUME, 1, 0, INO_ENTRY + 3, 0x0500000100000005},
	{KIND_PATH, 2, 3, INO_SELF, 0x0b00000200000301},
	{KIND_PATH, INO_ID_MAX, INO_ID_MAX, 255, 0x0bffffffffffffff},
	{KIND_GROUP, 0, INO_ID_MAX, INO_SELF, 0x08000000ffffff01},
};

static void test_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ino_cases); i++) {
		const struct ino_case *c = &ino_cases[i];
		uint64_t ino = ino_make(c->kind, c->volume, c->object,
					c->index);

		assert_int_equal(ino, c->ino);
		assert_int_equal(ino_kind(ino), c->kind);
		assert_int_equal(ino_volume(ino), c->volume);
		assert_int_equal(ino_object(ino), c->object);
		assert_int_equal(ino_index(ino), c->index);
	}
}

/* Part of the ABI between two versions of the daemon: never renumbered. */
static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(KIND_ROOT, 0);
	assert_int_equal(KIND_DATA, 1);
	assert_int_equal(KIND_PARTITION, 2);
	assert_int_equal(KIND_BY_WWID, 3);
	assert_int_equal(KIND_PATHS, 4);
	assert_int_equal(KIND_VOLUME, 5);
	assert_int_equal(KIND_SETTING, 6);
	assert_int_equal(KIND_GROUPS, 7);
	assert_int_equal(KIND_GROUP, 8);
	assert_int_equal(KIND_GROUP_PATHS, 9);
	assert_int_equal(KIND_VOLUME_PATHS, 10);
	assert_int_equal(KIND_PATH, 11);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
