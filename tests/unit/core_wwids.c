// SPDX-License-Identifier: MIT
/* The wwids file: what its lines mean, and each change of it. */
#include "core/wwids.h"

#include "tests/unit/state_fixture.h"

enum op { ADD, REMOVE, RESET };

/* One change of a file; lines parted by ';', NULL: none. */
static const struct {
	const char *file;
	enum op op;
	const char *wwid; /* RESET: several, parted by blanks */
	int rc;
	const char *after; /* NULL: as before, and not written */
	const char *told;
} rows[] = {
	{NULL, ADD, "W1", 0, "/W1/", ""},
	{"", ADD, "W1", 0, "/W1/", ""},
	{"/W2/", ADD, "W1", 0, "/W1/;/W2/", ""},
	{"/W1/", ADD, "W2", 0, "/W1/;/W2/", ""},
	{"/W1/", ADD, "W1", 0, NULL, ""},
	{" /W1/  # taken", ADD, "W1", 0, NULL, ""},
	{"/W3/;/W1/", ADD, "W2", 0, "/W1/;/W2/;/W3/", ""},
	{"/W1/;/W1/", ADD, "W2", 0, "/W1/;/W2/", ""},
	{"/W#1/", ADD, "W2", 0, "/W#1/;/W2/", ""},
	{"/W1/", ADD, "", -EINVAL, NULL, ""},
	{"/W1/", ADD, "a b", -EINVAL, NULL, ""},
	{"/W1/", ADD, "a/b", -EINVAL, NULL, ""},
	{"/W1/", ADD, "#1", -EINVAL, NULL, ""},
	{NULL, ADD, "a\nb", -EINVAL, NULL, ""},
	{"W1", ADD, "W1", 0, "/W1/;W1",
	 "wwids:1: 'W1' is not a WWID between '/' - the line is left out\n"},
	{"/W2/;/W1", ADD, "W1", 0, "/W1/;/W2/;/W1",
	 "wwids:2: '/W1' is not a WWID between '/' - the line is left out\n"},
	{"/", ADD, "W1", 0, "/W1/;/",
	 "wwids:1: '/' is not a WWID between '/' - the line is left out\n"},
	{"//", ADD, "W1", 0, "/W1/;//",
	 "wwids:1: WWID '': not a name: empty - the line is left out\n"},
	{"/a b/", REMOVE, "W1", 0, NULL,
	 "wwids:1: WWID 'a b': not a name: has a blank or a control character "
	 "in it - the line is left out\n"},
	{"/W1/", REMOVE, "W1", 0, "", ""},
	{"/W1/;/W2/", REMOVE, "W1", 0, "/W2/", ""},
	{"/W1/;/W2/", REMOVE, "W2", 0, "/W1/", ""},
	{"/W1/;/W1/", REMOVE, "W1", 0, "", ""},
	{"/W12/", REMOVE, "W1", 0, NULL, ""},
	{"/W1/", REMOVE, "", 0, NULL, ""},
	{NULL, REMOVE, "W1", 0, NULL, ""},
	{NULL, RESET, "", 0, "", ""},
	{"/W1/;/W2/", RESET, "", 0, "", ""},
	{"/W1/;/W2/", RESET, "W2", 0, "/W2/", ""},
	{"/W1/", RESET, "W3 W2 W3", 0, "/W2/;/W3/", ""},
	{"/W1/", RESET, "W3 #", -EINVAL, NULL, ""},
	{"W1", RESET, "W2", 0, "/W2/",
	 "wwids:1: 'W1' is not a WWID between '/' - the line is left out\n"},
};

static int reset(struct wwids *w, const char *wwid, struct errmsg *e)
{
	CLEANUP_FREE char *list = strdup(wwid);
	const char *v[8];
	size_t n = 0;

	for (char *it = strtok(list, " "); it; it = strtok(NULL, " "))
		v[n++] = it;
	return wwids_reset(w, v, n, e);
}

static int change(struct wwids *w, size_t row, struct errmsg *e)
{
	const char *wwid = rows[row].wwid;

	switch (rows[row].op) {
	case ADD:
		return wwids_add(w, wwid, e);
	case REMOVE:
		return wwids_remove(w, wwid, e);
	case RESET:
		return reset(w, wwid, e);
	}
	return -ENOSYS;
}

static void put_lines(const struct state_fixture *f, const char *lines)
{
	CLEANUP_FREE char *text = strdup(lines);

	for (char *c = text; *c; c++)
		if (*c == ';')
			*c = '\n';
	fixture_put(f, "wwids", text);
}

static void test_changes(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct state_fixture f;
		struct errmsg e = {""};
		struct wwids *w;
		const char *want = rows[i].after ? rows[i].after
				   : rows[i].file ? rows[i].file
						  : "-";
		char got[256];
		int r;

		fixture_init(&f);
		w = wwids_new(f.dir, &f.warn);
		if (rows[i].file)
			put_lines(&f, rows[i].file);
		r = change(w, i, &e);
		fixture_lines(&f, "wwids", !rows[i].after, got, sizeof(got));
		if (r != rows[i].rc || strcmp(got, want) != 0 ||
		    strcmp(f.told, rows[i].told) != 0 || (r < 0 && !*e.text)) {
			print_message("row %zu: got %d '%s', '%s', told '%s'; "
				      "expected %d, '%s', told '%s'\n",
				      i + 1, r, e.text, got, f.told,
				      rows[i].rc, want, rows[i].told);
			bad++;
		}
		wwids_free(w);
		fixture_fini(&f);
	}
	assert_int_equal(bad, 0);
}

/* What one has, the other has after a refresh. */
static void test_two(void **state)
{
	struct state_fixture f;
	struct wwids *a, *b;
	struct errmsg e;

	(void)state;
	fixture_init(&f);
	a = wwids_new(f.dir, &f.warn);
	b = wwids_new(f.dir, &f.warn);
	assert_false(wwids_has(a, "W1"));
	assert_int_equal(wwids_add(a, "W1", &e), 0);
	assert_true(wwids_has(a, "W1"));
	assert_false(wwids_has(b, "W1"));
	assert_int_equal(wwids_refresh(b, &e), 0);
	assert_true(wwids_has(b, "W1"));
	assert_int_equal(wwids_add(b, "W2", &e), 0);
	assert_int_equal(wwids_remove(a, "W1", &e), 0);
	assert_true(wwids_has(a, "W2"));
	assert_true(wwids_has(b, "W1"));
	assert_int_equal(wwids_refresh(b, &e), 0);
	assert_false(wwids_has(b, "W1"));
	fixture_put(&f, "wwids", NULL);
	assert_int_equal(wwids_refresh(b, &e), 0);
	assert_false(wwids_has(b, "W2"));
	assert_string_equal(f.told, "");
	wwids_free(a);
	wwids_free(b);
	fixture_fini(&f);
}

/* As another system of that kind writes it. */
static void test_foreign(void **state)
{
	struct state_fixture f;
	struct wwids *w;
	struct errmsg e;

	(void)state;
	fixture_init(&f);
	fixture_put(&f, "wwids",
		    "# Kept by another program, Version : 1.0\n#\n"
		    "# Valid WWIDs:\n/360014057a3c1f7e/\n/35000c500a1b2c3d4/\n");
	w = wwids_new(f.dir, &f.warn);
	assert_int_equal(wwids_refresh(w, &e), 0);
	assert_true(wwids_has(w, "360014057a3c1f7e"));
	assert_true(wwids_has(w, "35000c500a1b2c3d4"));
	assert_string_equal(f.told, "");
	wwids_free(w);
	fixture_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_foreign),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
