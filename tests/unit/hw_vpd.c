// SPDX-License-Identifier: MIT
/* VPD pages: which designator counts, what is refused, the target port. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/unit/vpd_page.h"

/* A designator, and what a page with nothing else gives. */
struct sample {
	unsigned int by_type;
	const char *name;
	size_t len;
	int r;
	const char *wwid; /* if r is 0 */
};

#define BYTES(s) s, sizeof(s) - 1

/* The worst first; samples of one rank side by side, with their rank. */
static const struct ranked {
	int rank;
	struct sample s;
} ranked[] = {
	{1, {DESIG_NAA, BYTES("\x3a\1\2\3\4\5\6\7"), 0, "33a01020304050607"}},
	{1, {DESIG_NAA, BYTES("\x3b\1\2\3\4\5\6\7"), 0, "33b01020304050607"}},
	{2, {DESIG_T10, BYTES("ACME    disk"), 0, "1ACME_disk"}},
	{2, {DESIG_T10, BYTES("LINUX   disk"), 0, "1LINUX_disk"}},
	{3, {DESIG_NAME, BYTES("eui.AB\0\0"), 0, "2ab"}},
	{3, {DESIG_NAME, BYTES("iqn.AB\0\0"), 0, "8AB"}},
	{3, {DESIG_NAME, BYTES("naa.AB\0\0"), 0, "3ab"}},
	{4, {DESIG_EUI64, BYTES("\0\0\0\0\0\0\0\1"), 0, "20000000000000001"}},
	{4,
	 {DESIG_EUI64, BYTES("\2\0\0\0\0\0\0\0\0\0\0\1"), 0,
	  "2020000000000000000000001"}},
	{6, {DESIG_NAA, BYTES("\x2a\1\2\3\4\5\6\7"), 0, "32a01020304050607"}},
	{6, {DESIG_NAA, BYTES("\x2b\1\2\3\4\5\6\7"), 0, "32b01020304050607"}},
	{7, {DESIG_NAA, BYTES("\x5a\1\2\3\4\5\6\7"), 0, "35a01020304050607"}},
	{7, {DESIG_NAA, BYTES("\x5b\1\2\3\4\5\6\7"), 0, "35b01020304050607"}},
	{8,
	 {DESIG_NAA, BYTES("\x6a\1\2\3\4\5\6\7\x8\x9\0\0\0\0\0\xff"), 0,
	  "36a0102030405060708090000000000ff"}},
	{8,
	 {DESIG_NAA, BYTES("\x6b\1\2\3\4\5\6\7\x8\x9\0\0\0\0\0\xff"), 0,
	  "36b0102030405060708090000000000ff"}},
};

/* What gives no name, and names with something odd about them. */
static const struct sample samples[] = {
	/* good for something else */
	{DESIG_VENDOR, BYTES("anything"), -ENODATA, NULL},
	{DESIG_VENDOR, BYTES(""), -ENODATA, NULL},
	{DESIG_UUID, BYTES("\x10\0abcdefghijklmnop"), -ENODATA, NULL},
	{DESIG_UNIT_GROUP, BYTES("\0\0\0\1"), -ENODATA, NULL},
	{DESIG_MD5, BYTES("abcdefghijklmnop"), -ENODATA, NULL},
	{DESIG_UNIT_GROUP, BYTES("\0\0\0\0\1"), -EINVAL, NULL},
	{DESIG_MD5, BYTES("abcdefghijklmno"), -EINVAL, NULL},
	/* a port's types, reserved ones */
	{DESIG_PORT, BYTES("\0\0\0\1"), -EINVAL, NULL},
	{DESIG_GROUP, BYTES("\0\0\0\1"), -EINVAL, NULL},
	{9, BYTES("\0\0\0\1"), -EINVAL, NULL},
	{11, BYTES(""), -EINVAL, NULL},
	{15, BYTES(""), -EINVAL, NULL},
	/* not the LUN's */
	{BY_PORT | DESIG_NAA, BYTES("\x5a\1\2\3\4\5\6\7"), -ENODATA, NULL},
	{BY_DEVICE | DESIG_NAA, BYTES("\x5a\1\2\3\4\5\6\7"), -ENODATA, NULL},
	{BY_NOBODY | DESIG_NAA, BYTES("\x5a\1\2\3\4\5\6\7"), -EINVAL, NULL},
	{BY_PORT | DESIG_NAA, BYTES("\x5a\1\2"), -ENODATA, NULL},
	/* NAA: of another authority, of another length */
	{DESIG_NAA, BYTES("\x1a\1\2\3\4\5\6\7"), -EINVAL, NULL},
	{DESIG_NAA, BYTES("\x4a\1\2\3\4\5\6\7"), -EINVAL, NULL},
	{DESIG_NAA, BYTES("\xfa\1\2\3\4\5\6\7"), -EINVAL, NULL},
	{DESIG_NAA, BYTES("\x6a\1\2\3\4\5\6\7"), -EINVAL, NULL},
	{DESIG_NAA, BYTES(""), -EINVAL, NULL},
	/* names nothing */
	{DESIG_EUI64, BYTES("\0\0\0\0\0\0\0\0"), -EINVAL, NULL},
	{DESIG_T10, BYTES("        "), -EINVAL, NULL},
	{DESIG_T10, BYTES("\0CME    disk"), -EINVAL, NULL},
	{DESIG_T10, BYTES("ACME   "), -EINVAL, NULL},
	{DESIG_NAME, BYTES("naa."), -EINVAL, NULL},
	{DESIG_NAME, BYTES("iqn.\0\0\0\0"), -EINVAL, NULL},
	{DESIG_NAME, BYTES("iqn"), -EINVAL, NULL},
	{DESIG_NAME, BYTES("foo.bar\0"), -EINVAL, NULL},
	{DESIG_NAME, BYTES("IQN.bar\0"), -EINVAL, NULL},
	/* texts */
	{DESIG_T10, BYTES("ACME    "), 0, "1ACME"},
	{DESIG_T10, BYTES("  ACME  a  b   c  "), 0, "1_ACME_a_b_c"},
	{DESIG_T10, BYTES("ACME    a\0b"), 0, "1ACME_a"},
	{DESIG_T10, BYTES("ACME    a  \0"), 0, "1ACME_a"},
	{DESIG_T10, BYTES("ACME    a\tB_"), 0, "1ACME_a\tB_"},
	{DESIG_NAME, BYTES("naa.6 Z\xc4"), 0, "36 z\xc4"},
	{DESIG_NAME, BYTES("iqn.x\0\0y"), 0, "8x"},
};

static void add_sample(struct vpd_page *p, const struct sample *s)
{
	page_designator(p, s->by_type, s->name, s->len);
}

static void expect(const struct answer *a, const struct sample *s,
		   const char *what, size_t i, size_t k)
{
	const char *want = s->r == 0 ? s->wwid : "";

	if (a->r != s->r || strcmp(a->text, want) != 0)
		fail_msg("%s %zu and %zu: got %d \"%s\", expected %d \"%s\"",
			 what, i, k, a->r, a->text, s->r, want);
}

static void test_alone(void **state)
{
	struct vpd_page p;
	struct answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		page_begin(&p, VPD_IDENTITY);
		add_sample(&p, &samples[i]);
		a = page_ask(&p, p.len, 300, false);
		expect(&a, &samples[i], "sample", i, i);
	}
	page_begin(&p, VPD_IDENTITY);
	assert_int_equal(page_ask(&p, p.len, 300, false).r, -ENODATA);
}

/* Any two names: the better one; of two as good, the first. */
static void test_pairs(void **state)
{
	struct vpd_page p;
	struct answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranked); i++)
		for (size_t k = 0; k < ARRAY_SIZE(ranked); k++) {
			bool second = ranked[k].rank > ranked[i].rank;

			page_begin(&p, VPD_IDENTITY);
			add_sample(&p, &ranked[i].s);
			add_sample(&p, &ranked[k].s);
			a = page_ask(&p, p.len, 300, false);
			expect(&a, &ranked[second ? k : i].s, "names", i, k);
		}
}

/* Whatever else is there, on either side of it: the name counts. */
static void test_company(void **state)
{
	struct vpd_page p;
	struct answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		if (samples[i].r == 0)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(ranked); k++) {
			page_begin(&p, VPD_IDENTITY);
			add_sample(&p, &samples[i]);
			add_sample(&p, &ranked[k].s);
			add_sample(&p, &samples[i]);
			a = page_ask(&p, p.len, 300, false);
			expect(&a, &ranked[k].s, "sample", i, k);
		}
	}
}

/* One that reaches over the end of the page ends it. */
static void test_overrun(void **state)
{
	const struct sample *naa5 = &ranked[11].s, *naa3 = &ranked[0].s;
	const struct sample over = {.r = -EOVERFLOW};
	struct vpd_page p;
	struct answer a;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, naa3);
	add_sample(&p, naa5);
	p.bytes[VPD_HEADER_SIZE + 12 + 3]++;
	a = page_ask(&p, p.len, 300, false);
	expect(&a, naa3, "good, over", 0, 0);

	p.bytes[VPD_HEADER_SIZE + 3] = 21;
	a = page_ask(&p, p.len, 300, false);
	expect(&a, &over, "over, good", 0, 0);

	/* invalid, and then over */
	p.bytes[VPD_HEADER_SIZE + 3] = 8;
	p.bytes[VPD_HEADER_SIZE + 4] = 0x40;
	a = page_ask(&p, p.len, 300, false);
	expect(&a, &over, "invalid, over", 0, 0);

	/* a rest that is no header is no fault */
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, naa5);
	page_add(&p, "\xff\xff\xff", 3);
	a = page_ask(&p, p.len, 300, false);
	expect(&a, naa5, "good, rest", 0, 0);
}

/* Less than the page says: nothing. More than that: it makes no difference. */
static void test_truncated(void **state)
{
	struct vpd_page p;
	uint16_t number;
	size_t size;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, &ranked[11].s);
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\0\1", 4);
	page_designator(&p, BY_PORT | DESIG_PORT, "\0\0\0\1", 4);
	for (size_t len = 0; len <= p.len + 5; len++) {
		int want = len < 4 ? -ENODATA : len < p.len ? -EOVERFLOW : 0;
		uint8_t *page = malloc(len);

		memcpy(page, p.bytes, len);
		assert_int_equal(page_ask(&p, len, 300, false).r, want);
		assert_int_equal(vpd_target_group(page, len, &number), want);
		assert_int_equal(vpd_target_port(page, len, &number), want);
		assert_int_equal(vpd_page_size(page, len, VPD_IDENTITY, &size),
				 len < 4 ? -ENODATA : 0);
		if (len >= 4)
			assert_int_equal(size, p.len);
		free(page);
	}
	page_begin(&p, VPD_SERIAL);
	page_add(&p, "A1", 2);
	for (size_t len = 0; len < p.len; len++)
		assert_int_equal(page_ask(&p, len, 300, true).r,
				 len < 4 ? -ENODATA : -EOVERFLOW);
}

/* Another page, or none: a device that knows no EVPD sends its inquiry data. */
static void test_other_page(void **state)
{
	static const uint8_t codes[] = {0x00, 0x06, 0x80, 0x82, 0x84, 0xb0};
	struct vpd_page p;
	uint16_t number;
	size_t size;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		page_begin(&p, codes[i]);
		add_sample(&p, &ranked[11].s);
		assert_int_equal(page_ask(&p, p.len, 300, false).r, -ENODATA);
		assert_int_equal(vpd_target_group(p.bytes, p.len, &number),
				 -ENODATA);
		assert_int_equal(vpd_target_port(p.bytes, p.len, &number),
				 -ENODATA);
		assert_int_equal(
			vpd_page_size(p.bytes, p.len, VPD_IDENTITY, &size),
			-ENODATA);
	}
	page_begin(&p, VPD_IDENTITY);
	page_add(&p, "A1", 2);
	assert_int_equal(page_ask(&p, p.len, 300, true).r, -ENODATA);
}

/* The caller hears of a text that is not the whole name. */
static void test_cut(void **state)
{
	static const size_t nr_chars[] = {300 - 1, 17 + 1, 17, 17 - 1, 1};
	struct vpd_page p;
	struct answer a;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, &ranked[11].s); /* 17 characters */
	for (size_t i = 0; i < ARRAY_SIZE(nr_chars); i++) {
		a = page_ask(&p, p.len, nr_chars[i] + 1, false);
		assert_int_equal(a.r, 0);
		assert_int_equal(a.cut, nr_chars[i] < 17);
	}
	assert_int_equal(vpd_wwid(p.bytes, p.len, a.text, 300, NULL), 0);
	assert_string_equal(a.text, ranked[11].s.wwid);
}

/* The reserved byte tells old pages from new ones, if it is one of 20 or more.
 */
static void test_old(void **state)
{
	struct vpd_page p;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, &ranked[11].s);
	page_add(&p, "abc", 3);
	p.bytes[6] = 0xff;
	assert_int_equal(p.len, 19);
	assert_string_equal(page_ask(&p, p.len, 300, false).text,
			    ranked[11].s.wwid);
	page_add(&p, "d", 1);
	assert_string_equal(page_ask(&p, p.len, 300, false).text,
			    "30103ff085a0102030405060761626364");
	p.bytes[6] = 0;
	assert_string_equal(page_ask(&p, p.len, 300, false).text,
			    ranked[11].s.wwid);
}

static const struct {
	const char *bytes;
	size_t len;
	int r;
	const char *serial;
} serials[] = {
	{BYTES("A1"), 0, "A1"},		{BYTES("  A 1  "), 0, "A 1"},
	{BYTES("A1\0\0"), 0, "A1"},	{BYTES("A1  \0 x"), 0, "A1"},
	{BYTES("    "), -ENODATA, ""},	{BYTES("\0\0\0\0"), -ENODATA, ""},
	{BYTES(" \0A1"), -ENODATA, ""}, {BYTES(""), -ENODATA, ""},
};

static void test_serial(void **state)
{
	struct vpd_page p;
	struct answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(serials); i++) {
		page_begin(&p, VPD_SERIAL);
		page_add(&p, serials[i].bytes, serials[i].len);
		a = page_ask(&p, p.len, 300, true);
		if (a.r != serials[i].r || strcmp(a.text, serials[i].serial))
			fail_msg("serial %zu: got %d \"%s\", expected %d "
				 "\"%s\"",
				 i, a.r, a.text, serials[i].r,
				 serials[i].serial);
	}
}

static void ask_port(const struct vpd_page *p, int r_group, unsigned int group,
		     int r_port, unsigned int port)
{
	uint16_t got_group = 0xaaaa, got_port = 0xaaaa;
	int got_r_group = vpd_target_group(p->bytes, p->len, &got_group);
	int got_r_port = vpd_target_port(p->bytes, p->len, &got_port);

	if (got_r_group != r_group || got_r_port != r_port ||
	    got_group != (r_group ? 0xaaaa : group) ||
	    got_port != (r_port ? 0xaaaa : port))
		fail_msg("got group %d %#x, port %d %#x, expected %d %#x, "
			 "%d %#x",
			 got_r_group, got_group, got_r_port, got_port, r_group,
			 group, r_port, port);
}

static void test_target_port(void **state)
{
	struct vpd_page p;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	add_sample(&p, &ranked[11].s);
	ask_port(&p, -ENODATA, 0, -ENODATA, 0);
	/* not of the port */
	page_designator(&p, DESIG_GROUP, "\0\0\0\1", 4);
	page_designator(&p, BY_DEVICE | DESIG_GROUP, "\0\0\0\2", 4);
	page_designator(&p, BY_NOBODY | DESIG_PORT, "\0\0\0\3", 4);
	ask_port(&p, -ENODATA, 0, -ENODATA, 0);
	/* of the port, but no such number */
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\1", 3);
	ask_port(&p, -EINVAL, 0, -ENODATA, 0);
	page_designator(&p, BY_PORT | DESIG_PORT, "", 0);
	ask_port(&p, -EINVAL, 0, -EINVAL, 0);
	/* the first good one; the upper half is reserved or obsolete */
	page_designator(&p, BY_PORT | DESIG_PORT, "\xff\xff\x12\x34", 4);
	ask_port(&p, -EINVAL, 0, 0, 0x1234);
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\xff\xfe", 4);
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\0\6", 4);
	ask_port(&p, 0, 0xfffe, 0, 0x1234);
	/* the page's end */
	page_add(&p, "\1\0\0\1", 4);
	ask_port(&p, 0, 0xfffe, 0, 0x1234);
}

static void test_target_port_faults(void **state)
{
	struct vpd_page p;

	(void)state;
	page_begin(&p, VPD_IDENTITY);
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\0\1", 4);
	page_designator(&p, BY_PORT | DESIG_PORT, "\0\0\0\2", 4);
	p.bytes[p.len - 5]++;
	ask_port(&p, 0, 1, -EOVERFLOW, 0);
	/* a page of before SPC-2 is a name */
	page_designator(&p, BY_PORT | DESIG_GROUP, "\0\0\0\1", 4);
	p.bytes[p.len - 13]--;
	p.bytes[6] = 1;
	ask_port(&p, -ENODATA, 0, -ENODATA, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_company),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_other_page),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_target_port),
		cmocka_unit_test(test_target_port_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
