// SPDX-License-Identifier: MIT
/* The file of reservation keys: what its lines mean, and each change of it. */
#include "core/prkeys.h"

#include "tests/unit/state_fixture.h"

/* One change of a file; lines parted by ';', NULL: none. */
static const struct {
	const char *file, *wwid, *key; /* "0": it is to be removed */
	int rc;
	const char *after; /* NULL: as before, and not written */
	const char *told;
} rows[] = {
	{NULL, "W1", "0x123abc", 0, "0x0000000000123abc W1", ""},
	{"", "W1", "123abc", 0, "0x0000000000123abc W1", ""},
	{NULL, "W1", "1:aptpl", 0, "0x0000000000000001:aptpl W1", ""},
	{NULL, "W1", "fedcba9876543210", 0, "0xfedcba9876543210 W1", ""},
	{"0x1 W2", "W1", "2", 0,
	 "0x0000000000000002 W1;0x0000000000000001 W2", ""},
	{"0x1 W1", "W1", "2", 0, "0x0000000000000002 W1", ""},
	{"0x1 W1", "W1", "1", 0, NULL, ""},
	{"1:aptpl  W1  # of ours", "W1", "1:aptpl", 0, NULL, ""},
	{"0x1 W1", "W1", "1:aptpl", 0, "0x0000000000000001:aptpl W1", ""},
	{"0x1 W1;0x2 W2;0x3 W3", "W2", "0", 0,
	 "0x0000000000000001 W1;0x0000000000000003 W3", ""},
	{"0x1 W1;0x2 W2", "W1", "0", 0, "0x0000000000000002 W2", ""},
	{"0x1 W1", "W1", "0", 0, "", ""},
	{"0x1 W1", "W2", "0", 0, NULL, ""},
	{NULL, "W1", "0", 0, NULL, ""},
	{"#0x1 W1", "W1", "2", 0, "0x0000000000000002 W1", ""},
	{"0x1 W1", "a b", "2", -EINVAL, NULL, ""},
	{"0x1 W1", "", "2", -EINVAL, NULL, ""},
	{"0x1", "W1", "2", 0, "0x0000000000000002 W1;0x1",
	 "prkeys:1: WWID '': not a name: empty - the line is left out\n"},
	{"key W1", "W1", "2", 0, "0x0000000000000002 W1;key W1",
	 "prkeys:1: 'key' is no key - the line is left out\n"},
	{"0x0 W1", "W1", "2", 0, "0x0000000000000002 W1;0x0 W1",
	 "prkeys:1: '0x0' is no key - the line is left out\n"},
	{"0x12345678901234567 W1", "W2", "2", 0,
	 "0x0000000000000002 W2;0x12345678901234567 W1",
	 "prkeys:1: '0x12345678901234567' is no key - the line is left out\n"},
	{"0x1:atpl W1", "W2", "0", 0, NULL,
	 "prkeys:1: '0x1:atpl' is no key - the line is left out\n"},
	{"0x1 W1;0x2 W1", "W2", "3", 0,
	 "0x0000000000000001 W1;0x0000000000000003 W2;0x2 W1",
	 "prkeys:2: WWID 'W1' has a key already - the line is left out\n"},
};

static void put_lines(const struct state_fixture *f, const char *lines)
{
	CLEANUP_FREE char *text = strdup(lines);

	for (char *c = text; *c; c++)
		if (*c == ';')
			*c = '\n';
	fixture_put(f, "prkeys", text);
}

static void test_changes(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct state_fixture f;
		struct errmsg e = {""};
		struct prkeys *p;
		struct prkey key, is;
		const char *want = rows[i].after  ? rows[i].after
				   : rows[i].file ? rows[i].file
						  : "-";
		char got[256];
		int r;

		fixture_init(&f);
		p = prkeys_new(f.dir, &f.warn);
		if (rows[i].file)
			put_lines(&f, rows[i].file);
		assert_true(prkey_parse(rows[i].key, &key));
		r = prkeys_set(p, rows[i].wwid, key, &e);
		fixture_lines(&f, "prkeys", !rows[i].after, got, sizeof(got));
		is = prkeys_get(p, rows[i].wwid);
		if (r != rows[i].rc || strcmp(got, want) != 0 ||
		    strcmp(f.told, rows[i].told) != 0 || (r < 0 && !*e.text) ||
		    (r == 0 && (is.key != key.key || is.aptpl != key.aptpl))) {
			print_message("row %zu: got %d '%s', '%s', told '%s'; "
				      "expected %d, '%s', told '%s'\n",
				      i + 1, r, e.text, got, f.told,
				      rows[i].rc, want, rows[i].told);
			bad++;
		}
		prkeys_free(p);
		fixture_fini(&f);
	}
	assert_int_equal(bad, 0);
}

/* As another system of that kind writes it. */
static void test_foreign(void **state)
{
	struct state_fixture f;
	struct prkeys *p;
	struct errmsg e;

	(void)state;
	fixture_init(&f);
	fixture_put(&f, "prkeys",
		    "# Kept by another program, Version : 1.0\n#\n# Format:\n"
		    "# prkey wwid\n#\n0x00000000000000ab 360014057a3c1f7e\n"
		    "#x0000000000000001 35000c500a1b2c3d4\n"
		    "0x00000000000000cd:aptpl 35000c500a1b2c3d5\n");
	p = prkeys_new(f.dir, &f.warn);
	assert_int_equal(prkeys_refresh(p, &e), 0);
	assert_int_equal(prkeys_get(p, "360014057a3c1f7e").key, 0xab);
	assert_false(prkeys_get(p, "360014057a3c1f7e").aptpl);
	assert_int_equal(prkeys_get(p, "35000c500a1b2c3d4").key, 0);
	assert_true(prkeys_get(p, "35000c500a1b2c3d5").aptpl);
	assert_string_equal(f.told, "");
	prkeys_free(p);
	fixture_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_foreign),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
