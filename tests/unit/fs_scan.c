// SPDX-License-Identifier: MIT
/*
 * Reading a partition table with libblkid: tables made byte by byte, none,
 * garbage, and a device that cannot be read, which is not the same as no table.
 * And the order for it, in words.
 */
#include "fs/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "fs/parttable.h"

#define SECTOR 512
#define SECTORS 20480

/* One entry of a DOS table in the sector at base; n: 0 to 3. */
static void put_entry(int fd, uint32_t base, int n, uint8_t type,
		      uint32_t start, uint32_t size)
{
	unsigned char e[16] = {
		[4] = type,	    [8] = (unsigned char)start,
		[9] = start >> 8,   [10] = start >> 16,
		[12] = (unsigned char)size, [13] = size >> 8,
		[14] = size >> 16,
	};

	assert_int_equal(pwrite(fd, e, sizeof(e), base * SECTOR + 446 + n * 16),
			 sizeof(e));
	assert_int_equal(pwrite(fd, "\x55\xaa", 2, base * SECTOR + 510), 2);
}

static int new_disk(void)
{
	int fd = memfd_create("disk", 0);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SECTORS * SECTOR), 0);
	return fd;
}

static int scan(int fd, uint32_t block, struct part_table *t)
{
	const struct scan what = {
		.volume = "v",
		.size = SECTORS * SECTOR,
		.block = block,
	};
	struct errmsg e;

	return scan_table(fd, &what, t, &e);
}

static void check(const struct part *p, uint32_t number, uint64_t start,
		  uint64_t size, const char *type)
{
	assert_int_equal(p->number, number);
	assert_int_equal(p->start, start * SECTOR);
	assert_int_equal(p->size, size * SECTOR);
	assert_string_equal(p->type, type);
}

static void test_dos(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0x83, 2048, 100);
	put_entry(fd, 0, 2, 0x0c, 4096, 1 << 20); /* beyond the end */
	put_entry(fd, 0, 3, 0x05, 8192, 8192);
	put_entry(fd, 8192, 0, 0x83, 8, 64);
	put_entry(fd, 8192, 1, 0x05, 1024, 1024);
	put_entry(fd, 8192 + 1024, 0, 0x8e, 16, 32);
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_string_equal(t.type, "dos");
	assert_int_equal(t.n, 5);
	check(&t.v[0], 1, 2048, 100, "0x83");
	check(&t.v[1], 3, 4096, 1 << 20, "0xc");
	check(&t.v[2], 4, 8192, 2, "0x5");
	check(&t.v[3], 5, 8192 + 8, 64, "0x83");
	check(&t.v[4], 6, 8192 + 1024 + 16, 32, "0x8e");
	part_table_free(&t);
	close(fd);
}

/* One that could have a table within, but reaches beyond the end. */
static void test_overflow(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0x83, 2048, 100);
	put_entry(fd, 0, 1, 0x82, 4096, 1 << 20);
	assert_int_equal(scan(fd, 512, &t), -EBADMSG);
	close(fd);
}

/* One of a chain lies beyond the end, or begins there. */
static void test_logical_overflow(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0x05, 2048, 1 << 20);
	put_entry(fd, 2048, 0, 0x83, 8, 64);
	put_entry(fd, 2048, 1, 0x05, 1024, 1 << 19);
	put_entry(fd, 2048 + 1024, 0, 0x83, 16, 1 << 19);
	put_entry(fd, 2048 + 1024, 1, 0x05, 2 * SECTORS, 1024);
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_int_equal(t.n, 3);
	check(&t.v[0], 1, 2048, 2, "0x5");
	check(&t.v[1], 5, 2048 + 8, 64, "0x83");
	check(&t.v[2], 6, 2048 + 1024 + 16, 1 << 19, "0x83");
	part_table_free(&t);
	close(fd);
}

/* The containers lead to one another: each partition is there once. */
static void test_loop(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0x83, 2048, 100);
	put_entry(fd, 0, 1, 0x05, 4096, 8192);
	put_entry(fd, 4096, 0, 0x83, 8, 64);
	put_entry(fd, 4096, 1, 0x05, 1024, 1024);
	put_entry(fd, 4096 + 1024, 0, 0x83, 16, 32);
	put_entry(fd, 4096 + 1024, 1, 0x05, 0, 8192);
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_int_equal(t.n, 4);
	check(&t.v[2], 5, 4096 + 8, 64, "0x83");
	check(&t.v[3], 6, 4096 + 1024 + 16, 32, "0x83");
	part_table_free(&t);
	close(fd);
}

/* What protects a GPT is there, and no header of it. */
static void test_lost_gpt(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0xee, 1, SECTORS - 1);
	assert_int_equal(scan(fd, 512, &t), -EUCLEAN);
	assert_int_equal(pwrite(fd, "EFI PART", 8, SECTOR), 8);
	assert_int_equal(scan(fd, 512, &t), -EUCLEAN);
	/* Without the signature the first sector says nothing. */
	assert_int_equal(pwrite(fd, "\0", 1, 510), 1);
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_int_equal(t.n, 0);
	part_table_free(&t);
	close(fd);
}

/* On blocks of 4096 the entries count in those. */
static void test_4096(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	put_entry(fd, 0, 0, 0x83, 256, 100);
	put_entry(fd, 0, 1, 0x05, 512, 100);
	assert_int_equal(scan(fd, 4096, &t), 0);
	assert_true(t.n >= 2);
	check(&t.v[0], 1, 256 * 8, 100 * 8, "0x83");
	check(&t.v[1], 2, 512 * 8, 8, "0x5");
	part_table_free(&t);
	close(fd);
}

static void test_none(void **state)
{
	int fd = new_disk();
	struct part_table t;

	(void)state;
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_int_equal(t.n, 0);
	assert_string_equal(t.type, "");
	part_table_free(&t);
	/* a signature, and entries of all ones */
	put_entry(fd, 0, 0, 0xff, UINT32_MAX, UINT32_MAX);
	put_entry(fd, 0, 1, 0x05, UINT32_MAX, UINT32_MAX);
	assert_int_equal(scan(fd, 512, &t), 0);
	part_table_free(&t);
	/* an extended one that leads to itself */
	put_entry(fd, 0, 0, 0x05, 64, 1024);
	put_entry(fd, 64, 0, 0x83, 1, 1);
	put_entry(fd, 64, 1, 0x05, 0, 1024);
	assert_int_equal(scan(fd, 512, &t), 0);
	assert_true(t.n < 200);
	part_table_free(&t);
	close(fd);
}

static void test_unreadable(void **state)
{
	int fd = open("/proc/self/mem", O_RDONLY); /* EIO at 0 */
	int wr = open("/dev/null", O_WRONLY);	   /* EBADF */
	struct part_table t;

	(void)state;
	assert_true(fd >= 0 && wr >= 0);
	assert_true(scan(fd, 512, &t) < 0);
	assert_true(scan(wr, 512, &t) < 0);
	close(fd);
	close(wr);
}

static const char *const bad_orders[] = {
	"",		 "1",		     "1 512",	 "1 512 ",
	"x 512 v",	 "-1 512 v",	     "1 511 v",	 "1 9999999 v",
	"99999999999999999999 512 v", " 1 512 v",
};

static void test_orders(void **state)
{
	struct scan what = {.volume = "a name", .size = 1 << 30, .block = 4096};
	char words[SCAN_WORDS], longest[SCAN_WORDS + NAME_SIZE];
	struct scan got;

	(void)state;
	scan_print(&what, words);
	assert_int_equal(scan_parse(words, &got), 0);
	assert_string_equal(got.volume, what.volume);
	assert_int_equal(got.size, what.size);
	assert_int_equal(got.block, what.block);
	for (size_t i = 0; i < ARRAY_SIZE(bad_orders); i++)
		if (scan_parse(bad_orders[i], &got) != -EINVAL)
			fail_msg("taken: '%s'", bad_orders[i]);
	/* a name that is as long as may be, and one byte more */
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "1 512 ", 6);
	longest[6 + NAME_SIZE - 1] = '\0';
	assert_int_equal(scan_parse(longest, &got), 0);
	longest[6 + NAME_SIZE - 1] = 'x';
	longest[6 + NAME_SIZE] = '\0';
	assert_int_equal(scan_parse(longest, &got), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dos),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_logical_overflow),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_lost_gpt),
		cmocka_unit_test(test_4096),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
