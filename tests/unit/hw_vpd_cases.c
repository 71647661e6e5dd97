// SPDX-License-Identifier: MIT
/*
 * Names from VPD pages, by the dozen: every kind of designator in buffers of
 * every interesting size, and with wrong lengths. What is expected is worked
 * out here from the parameters, by other means than in hw/vpd.c.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/unit/vpd_page.h"

/* Most names are made of it: as text, or as hex. */
static const char id[] =
	"A123456789AbcDefB123456789AbcDefC123456789AbcDefD123456789AbcDef";

/* Of any text that is expected: id and a few characters more. */
enum { WANT_SIZE = 80 };

static unsigned int nr_cases;
static unsigned int nr_faults;

static int count_anew(void **state)
{
	(void)state;
	nr_cases = nr_faults = 0;
	return 0;
}

PRINTF_LIKE(4, 5)
static void expect(const struct answer *a, int r, const char *text,
		   const char *fmt, ...)
{
	va_list args;

	nr_cases++;
	if (a->r == r && strcmp(a->text, text) == 0)
		return;
	nr_faults++;
	va_start(args, fmt);
	vprint_error(fmt, args);
	va_end(args);
	print_error(": got %d \"%s\", expected %d \"%s\"\n", a->r, a->text, r,
		    text);
}

/* All went well, and none was left out. */
static void all_well(unsigned int cases)
{
	assert_int_equal(nr_faults, 0);
	assert_int_equal(nr_cases, cases);
}

static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

/* In place, to what a buffer of size bytes holds: of hex an odd length. */
static void cut_to(char *s, size_t size, bool hex)
{
	while (strlen(s) > size - 1 || (hex && strlen(s) % 2 == 0))
		s[strlen(s) - 1] = '\0';
}

static void bytes_of(uint8_t *bytes, const char *hex, size_t n)
{
	for (; n > 0; n--, hex += 2)
		assert_int_equal(sscanf(hex, "%2hhx", bytes++), 1);
}

/* Lists of sizes end with 0. */
struct serial_case {
	size_t len, used; /* right-aligned */
	size_t sizes[6];
};

static const struct serial_case serial_cases[] = {
	{20, 20, {30, 21, 20, 10}}, {24, 24, {30, 25, 24, 21, 20}},
	{20, 16, {30, 17, 16}},	    {24, 20, {21, 20}},
	{30, 24, {30, 21, 20}},
};

static void serial_case(const struct serial_case *c, size_t size)
{
	struct vpd_page p;
	struct answer a;
	char bytes[64], want[WANT_SIZE];

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes + c->len - c->used, id, MIN(c->used, (size_t)20));
	page_begin(&p, VPD_SERIAL);
	page_add(&p, bytes, c->len);
	a = page_ask(&p, p.len, size, true);
	snprintf(want, sizeof(want), "%.*s", (int)MIN(c->used, (size_t)20), id);
	cut_to(want, size, false);
	expect(&a, 0, want, "serial of %zu in %zu, size %zu", c->used, c->len,
	       size);
}

static void test_serial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(serial_cases); i++)
		for (const size_t *s = serial_cases[i].sizes; *s; s++)
			serial_case(&serial_cases[i], *s);
	all_well(17);
}

/* len: with the eight bytes of the vendor. */
static const struct {
	size_t len, size;
} t10_cases[] = {
	{40, 40}, {40, 30}, {30, 20}, {29, 30}, {28, 30}, {27, 30}, {26, 30},
	{25, 30}, {24, 30}, {23, 30}, {22, 30}, {24, 20}, {23, 20}, {22, 20},
	{21, 20}, {20, 20}, {19, 20}, {20, 10}, {10, 10},
};

static void t10_case(size_t len, size_t size)
{
	struct vpd_page p;
	struct answer a;
	char name[80], want[WANT_SIZE] = "1", *word, *rest;

	snprintf(name, sizeof(name), "%-8s%s", "Linux", id);
	name[8 + 15] = name[8 + 17] = name[8 + 18] = ' ';
	page_begin(&p, VPD_IDENTITY);
	page_designator(&p, DESIG_T10, name, len);
	a = page_ask(&p, p.len, size, false);
	name[len] = '\0';
	for (word = strtok_r(name, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (want[1])
			strcat(want, "_");
		strcat(want, word);
	}
	cut_to(want, size, false);
	expect(&a, 0, want, "T10 of %zu, size %zu", len, size);
}

static void test_t10(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t10_cases); i++)
		t10_case(t10_cases[i].len, t10_cases[i].size);
	all_well(19);
}

static void eui64_page(struct vpd_page *p, size_t len)
{
	uint8_t name[16];

	bytes_of(name, id, len);
	page_begin(p, VPD_IDENTITY);
	page_designator(p, DESIG_EUI64, name, len);
}

static void eui64_want(char *want, size_t len, size_t size)
{
	snprintf(want, WANT_SIZE, "2%.*s", (int)(2 * len), id);
	lower(want);
	cut_to(want, size, true);
}

static const struct hex_case {
	unsigned int kind; /* EUI-64: its length; NAA: its first digit */
	size_t sizes[6];
} eui64_cases[] =
	{
		{8, {32, 18, 17, 16, 10}},
		{12, {32, 26, 25, 20, 10}},
		{16, {40, 34, 33, 20}},
},
  naa_cases[] = {
	  {6, {40, 34, 33, 32, 20}},
	  {5, {20, 18, 17, 16}},
	  {3, {20, 18, 17, 16}},
	  {2, {20, 18, 17, 16}},
};

static void test_eui64(void **state)
{
	struct vpd_page p;
	struct answer a;
	char want[WANT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(eui64_cases); i++)
		for (const size_t *s = eui64_cases[i].sizes; *s; s++) {
			eui64_page(&p, eui64_cases[i].kind);
			a = page_ask(&p, p.len, *s, false);
			eui64_want(want, eui64_cases[i].kind, *s);
			expect(&a, 0, want, "EUI-64 of %u, size %zu",
			       eui64_cases[i].kind, *s);
		}
	all_well(14);
}

/*
 * The first command had room for 254 bytes, the device claims 259. The second
 * has room enough, and still the device sends no more: the rest is zeros.
 */
static void test_read_again(void **state)
{
	static const size_t lens[] = {8, 12, 16};
	struct vpd_page p;
	struct answer a;
	char want[WANT_SIZE];
	size_t size;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		eui64_page(&p, lens[i]);
		memset(p.bytes + p.len, 0, sizeof(p.bytes) - p.len);
		p.bytes[3] = 255;
		a = page_ask(&p, 254, 40, false);
		assert_int_equal(a.r, -EOVERFLOW);
		assert_int_equal(
			vpd_page_size(p.bytes, 254, VPD_IDENTITY, &size), 0);
		assert_int_equal(size, 259);
		a = page_ask(&p, size, 40, false);
		eui64_want(want, lens[i], 40);
		expect(&a, 0, want, "EUI-64 of %zu, read again", lens[i]);
	}
	all_well(3);
}

/* The first digit is the kind; the others are those of id, from the first. */
static size_t naa_page(struct vpd_page *p, unsigned int kind)
{
	size_t len = kind == 6 ? 16 : 8;
	uint8_t name[16];
	char hex[80];

	snprintf(hex, sizeof(hex), "%u%s", kind, id);
	bytes_of(name, hex, len);
	page_begin(p, VPD_IDENTITY);
	page_designator(p, DESIG_NAA, name, len);
	return len;
}

static void naa_want(char *want, unsigned int kind, size_t len, size_t size)
{
	snprintf(want, WANT_SIZE, "3%u%.*s", kind, (int)(2 * len - 1), id);
	lower(want);
	cut_to(want, size, true);
}

static void test_naa(void **state)
{
	struct vpd_page p;
	struct answer a;
	char want[WANT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(naa_cases); i++)
		for (const size_t *s = naa_cases[i].sizes; *s; s++) {
			size_t len = naa_page(&p, naa_cases[i].kind);

			a = page_ask(&p, p.len, *s, false);
			naa_want(want, naa_cases[i].kind, len, *s);
			expect(&a, 0, want, "NAA %u, size %zu",
			       naa_cases[i].kind, *s);
		}
	all_well(17);
}

/*
 * The length field of the only designator is wrong. Too short but good: it is
 * that, and the rest of it is taken for another designator, which does not
 * matter any more.
 */
static const struct length_case {
	unsigned int kind; /* as in hex_case */
	struct {
		uint8_t len;
		int r; /* 0: good */
	} lengths[10];
	size_t nr;
} eui64_lengths[] =
	{
		{8,
		 {{8, 0},
		  {12, -EOVERFLOW},
		  {9, -EOVERFLOW},
		  {4, -EOVERFLOW},
		  {0, -EOVERFLOW},
		  {7, -EINVAL},
		  {5, -EINVAL}},
		 7},
		{12,
		 {{12, 0},
		  {16, -EOVERFLOW},
		  {13, -EOVERFLOW},
		  {7, -EOVERFLOW},
		  {0, -EOVERFLOW},
		  {11, -EINVAL},
		  {9, -EINVAL},
		  {8, 0}},
		 8},
		{16,
		 {{16, 0},
		  {17, -EOVERFLOW},
		  {11, -EOVERFLOW},
		  {7, -EOVERFLOW},
		  {0, -EOVERFLOW},
		  {15, -EINVAL},
		  {13, -EINVAL},
		  {12, 0},
		  {8, 0}},
		 9},
},
  naa_lengths[] = {
	  {6,
	   {{16, 0},
	    {17, -EOVERFLOW},
	    {8, -EOVERFLOW},
	    {0, -EOVERFLOW},
	    {15, -EINVAL}},
	   5},
	  {5,
	   {{8, 0},
	    {16, -EOVERFLOW},
	    {9, -EOVERFLOW},
	    {4, -EOVERFLOW},
	    {0, -EOVERFLOW},
	    {7, -EINVAL}},
	   6},
};

static void length_case(const struct length_case *c, size_t i, bool naa)
{
	uint8_t len = c->lengths[i].len;
	int r = c->lengths[i].r;
	struct vpd_page p;
	struct answer a;
	char want[WANT_SIZE] = "";

	if (naa)
		naa_page(&p, c->kind);
	else
		eui64_page(&p, c->kind);
	p.bytes[VPD_HEADER_SIZE + 3] = len;
	a = page_ask(&p, p.len, 40, false);
	if (r == 0 && naa)
		naa_want(want, c->kind, len, 40);
	else if (r == 0)
		eui64_want(want, len, 40);
	expect(&a, r, want, "%s %u with length %u", naa ? "NAA" : "EUI-64",
	       c->kind, len);
}

static void test_wrong_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(eui64_lengths); i++)
		for (size_t k = 0; k < eui64_lengths[i].nr; k++)
			length_case(&eui64_lengths[i], k, false);
	for (size_t i = 0; i < ARRAY_SIZE(naa_lengths); i++)
		for (size_t k = 0; k < naa_lengths[i].nr; k++)
			length_case(&naa_lengths[i], k, true);
	all_well(35);
}

static void name_case(const char *prefix, char first, size_t zeros, size_t size)
{
	struct vpd_page p;
	struct answer a;
	char name[20 + 1], want[WANT_SIZE];

	memset(name, 0, sizeof(name));
	memcpy(name, prefix, 4);
	memcpy(name + 4, id, 20 - 4 - zeros);
	page_begin(&p, VPD_IDENTITY);
	page_designator(&p, DESIG_NAME, name, 20);
	a = page_ask(&p, p.len, size, false);
	snprintf(want, sizeof(want), "%c%s", first, name + 4);
	if (first != '8')
		lower(want);
	cut_to(want, size, false);
	expect(&a, 0, want, "name %s with %zu NULs, size %zu", prefix, zeros,
	       size);
}

static void test_name(void **state)
{
	static const size_t sizes[] = {18, 17, 16, 15};

	(void)state;
	for (size_t zeros = 0; zeros <= 2; zeros++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			name_case("eui.", '2', zeros, sizes[i]);
			name_case("naa.", '3', zeros, sizes[i]);
			name_case("iqn.", '8', zeros, sizes[i]);
		}
	all_well(36);
}

/* Before SPC-2: no designators, but 16 bytes of binary. */
static void test_old(void **state)
{
	static const size_t sizes[] = {40, 34, 33, 32, 20};
	struct vpd_page p;
	struct answer a;
	uint8_t name[16];
	char want[WANT_SIZE];

	(void)state;
	bytes_of(name, id, sizeof(name));
	page_begin(&p, VPD_IDENTITY);
	page_add(&p, name, sizeof(name));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		a = page_ask(&p, p.len, sizes[i], false);
		eui64_want(want, 16, sizes[i]);
		want[0] = '3';
		expect(&a, 0, want, "old page, size %zu", sizes[i]);
	}
	all_well(5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_serial, count_anew),
		cmocka_unit_test_setup(test_t10, count_anew),
		cmocka_unit_test_setup(test_eui64, count_anew),
		cmocka_unit_test_setup(test_read_again, count_anew),
		cmocka_unit_test_setup(test_naa, count_anew),
		cmocka_unit_test_setup(test_wrong_length, count_anew),
		cmocka_unit_test_setup(test_name, count_anew),
		cmocka_unit_test_setup(test_old, count_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
