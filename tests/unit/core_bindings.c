// SPDX-License-Identifier: MIT
/* The bindings file: what its lines mean, and which name a volume gets. */
#include "core/bindings.h"

#include "core/alias.h"
#include "core/binding_table.h"
#include "tests/unit/state_fixture.h"

#define X100 "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww" \
	     "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
#define X128 X100 "wwwwwwwwwwwwwwwwwwwwwwwwwwww"

/* What a file says: its bindings in order, and what is told of the rest. */
static const struct {
	const char *text;
	const char *want; /* as they are written, parted by ';' */
	const char *told; /* begins of what is told, one per line */
} files[] = {
	{"", "", ""},
	{"\n\n", "", ""},
	{"# nothing\n  # at all\n", "", ""},
	{"mpatha W1\n", "mpatha W1", ""},
	{"mpatha W1", "mpatha W1", ""},
	{"  mpatha \t W1  \r\n", "mpatha W1", ""},
	{"mpatha W1 # the first\n#mpathb W2\n", "mpatha W1", ""},
	{"mpatha W#1\n", "mpatha W#1", ""},
	{"mpathb W2\nmpatha W1\n", "mpatha W1;mpathb W2", ""},
	{"mpathaa W3\nmpathz W2\nmpathb W1\n", "mpathb W1;mpathz W2;mpathaa W3",
	 ""},
	{"data W1\nmpatha W2\nlunb W3\n", "data W1;lunb W3;mpatha W2", ""},
	{"mpatha 3600a\nmpatha 3600b\n", "mpatha 3600a",
	 "f:2: alias 'mpatha' is bound to 3600a - the line is left out\n"},
	{"mpatha 3600a\nmpathb 3600a\n", "mpatha 3600a",
	 "f:2: 3600a has the alias 'mpatha' - the line is left out\n"},
	{"mpatha W1\nmpatha W1\n", "mpatha W1",
	 "f:2: alias 'mpatha' is bound to W1 - the line is left out\n"},
	/* a line that was left out leaves its WWID free */
	{"mpatha W1\nmpatha W2\nmpathb W2\n", "mpatha W1;mpathb W2",
	 "f:2: alias 'mpatha' is bound to W1 - the line is left out\n"},
	{"\n# one\nmpatha\nmpathb W2\n", "mpathb W2;mpatha",
	 "f:3: alias 'mpatha' without a WWID - the line is left out\n"},
	{"mpatha W1 W2\n", "mpatha W1 W2",
	 "f:1: 'W2' after the WWID - the line is left out\n"},
	{"mpath/a W1\n", "mpath/a W1",
	 "f:1: alias 'mpath/a': not a name: has '/' or ']' in it - "
	 "the line is left out\n"},
	{"paths W1\n", "paths W1",
	 "f:1: alias 'paths': reserved: the mount has a file of that name - "
	 "the line is left out\n"},
	{"mpatha /W1\n", "mpatha /W1",
	 "f:1: WWID '/W1': not a name: has '/' or ']' in it - "
	 "the line is left out\n"},
	{"mpatha " X128 "\n", "mpatha " X128,
	 "f:1: WWID '" X128 "': not a name: longer than 127 bytes - "
	 "the line is left out\n"},
	{X128 " W1\nmpatha W2\n", "mpatha W2;" X128 " W1",
	 "f:1: alias '" X128 "': not a name: longer than 127 bytes - "
	 "the line is left out\n"},
	{"b\na\nmpatha W1\n", "mpatha W1;b;a",
	 "f:1: alias 'b' without a WWID - the line is left out\n"
	 "f:2: alias 'a' without a WWID - the line is left out\n"},
};

static void told_append(void *ctx, const char *text)
{
	char *told = ctx;

	snprintf(told + strlen(told), 2048 - strlen(told), "%s\n", text);
}

/* Parsed and rendered, twice: what is written reads as what it was. */
static void test_files(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char got[2048] = "", told[2048] = "";
		struct state_warn w = {told_append, told};
		char *text = strdup(files[i].text), *first = NULL;

		for (int turn = 0; turn < 2; turn++) {
			struct binding_table t = {0};
			size_t len;

			assert_int_equal(binding_table_parse(&t, text,
							     strlen(text), "f",
							     turn ? NULL : &w),
					 0);
			free(text);
			assert_int_equal(binding_table_render(&t, &text, &len),
					 0);
			assert_int_equal(len, strlen(text));
			binding_table_clear(&t);
			if (first)
				assert_string_equal(text, first);
			free(first);
			first = strdup(text);
		}
		free(first);
		for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
			if (l[0] != '#')
				snprintf(got + strlen(got),
					 sizeof(got) - strlen(got), "%s%s",
					 *got ? ";" : "", l);
		free(text);
		if (strcmp(got, files[i].want) == 0 &&
		    strcmp(told, files[i].told) == 0)
			continue;
		print_message("'%s': got '%s' and\n%sexpected '%s' and\n%s",
			      files[i].text, got, told, files[i].want,
			      files[i].told);
		bad++;
	}
	assert_int_equal(bad, 0);
}

/* A NUL hides nothing of its line. */
static void test_nul(void **state)
{
	char text[] = "mpatha W1\0W2\nmpathb W3\n";
	char told[2048] = "";
	struct state_warn w = {told_append, told};
	struct binding_table t = {0};

	(void)state;
	assert_int_equal(binding_table_parse(&t, text, sizeof(text) - 1, "f",
					     &w), 0);
	assert_int_equal(t.n, 1);
	assert_non_null(binding_table_wwid(&t, "W3"));
	assert_non_null(strstr(told, "f:1: WWID 'W1\1W2': not a name"));
	binding_table_clear(&t);
}

static void test_lookup(void **state)
{
	struct binding_table t = {0};
	struct errmsg e;
	char alias[NAME_SIZE], wwid[NAME_SIZE];

	(void)state;
	assert_null(binding_table_alias(&t, "mpatha"));
	assert_null(binding_table_wwid(&t, "W1"));
	/* 7 and 1000 have no common divisor: every id once, out of order */
	for (int i = 0; i < 1000; i++) {
		int id = i * 7 % 1000 + 1;

		assert_int_equal(alias_format("lun", id, alias), 0);
		snprintf(wwid, sizeof(wwid), "3600%d", id * 37 % 1001);
		assert_int_equal(binding_table_add(&t, alias, wwid, &e), 0);
	}
	assert_int_equal(t.n, 1000);
	for (int id = 1; id <= 1000; id++) {
		assert_int_equal(alias_format("lun", id, alias), 0);
		snprintf(wwid, sizeof(wwid), "3600%d", id * 37 % 1001);
		assert_string_equal(t.by_alias[id - 1]->alias, alias);
		assert_string_equal(binding_table_alias(&t, alias)->wwid, wwid);
		assert_string_equal(binding_table_wwid(&t, wwid)->alias, alias);
	}
	assert_null(binding_table_alias(&t, "lun"));
	assert_null(binding_table_alias(&t, "lunalm"));
	assert_null(binding_table_wwid(&t, "36000"));
	assert_int_equal(binding_table_add(&t, "luna", "new", &e), -EEXIST);
	assert_int_equal(binding_table_add(&t, "new", wwid, &e), -EEXIST);
	assert_int_equal(t.n, 1000);
	binding_table_clear(&t);
}

/* taken: "ALIAS=WWID ..." of volumes that are there. */
static bool is_taken(void *ctx, const char *alias, const char *wwid)
{
	CLEANUP_FREE char *list = strdup(ctx);
	char *save;

	for (char *it = strtok_r(list, " ", &save); it;
	     it = strtok_r(NULL, " ", &save)) {
		char *owner = strchr(it, '=');

		*owner++ = '\0';
		if (strcmp(it, alias) == 0)
			return strcmp(owner, wwid) != 0;
	}
	return false;
}

#define P120 "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp" \
	     "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"

/* Asked for the name of W1; file and after: lines parted by ';', NULL: none. */
static const struct {
	const char *file, *current, *prefix, *taken;
	bool read_only;
	int rc;
	const char *want;
	const char *after; /* NULL: as before, and not written */
} names[] = {
	/* the lowest id that is free in the file */
	{NULL, "", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	{"", "", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	{"mpatha W2", "", "mpath", "", 0, 0, "mpathb", "mpatha W2;mpathb W1"},
	{"mpathb W2", "", "mpath", "", 0, 0, "mpatha", "mpatha W1;mpathb W2"},
	{"mpatha W2;mpathc W3", "", "mpath", "", 0, 0, "mpathb",
	 "mpatha W2;mpathb W1;mpathc W3"},
	{"mpathc W3;mpatha W2", "", "mpath", "", 0, 0, "mpathb",
	 "mpatha W2;mpathb W1;mpathc W3"},
	{"mpathaa W2;data W3", "", "mpath", "", 0, 0, "mpatha",
	 "data W3;mpatha W1;mpathaa W2"},
	{"luna W2;lunb W3", "", "mpath", "", 0, 0, "mpatha",
	 "luna W2;lunb W3;mpatha W1"},
	{"luna W2;mpatha W3", "", "lun", "", 0, 0, "lunb",
	 "luna W2;lunb W1;mpatha W3"},
	{"mpathA W2;mpath1 W3", "", "mpath", "", 0, 0, "mpatha",
	 "mpath1 W3;mpathA W2;mpatha W1"},
	{"mpathfxshrxw W2", "", "mpath", "", 0, 0, "mpatha",
	 "mpatha W1;mpathfxshrxw W2"},
	/* and that nobody has */
	{"", "", "mpath", "mpatha=W2", 0, 0, "mpathb", "mpathb W1"},
	{"", "", "mpath", "mpatha=W2 mpathb=W3", 0, 0, "mpathc", "mpathc W1"},
	{"mpathb W2", "", "mpath", "mpatha=W3", 0, 0, "mpathc",
	 "mpathb W2;mpathc W1"},
	{"mpatha W2", "", "mpath", "mpathb=W3", 0, 0, "mpathc",
	 "mpatha W2;mpathc W1"},
	{"", "", "mpath", "mpatha=W1", 0, 0, "mpatha", "mpatha W1"},
	{"", "", "mpath", "mpathb=W2", 0, 0, "mpatha", "mpatha W1"},
	/* what is bound already stays so, whatever the prefix */
	{"mpathc W1", "", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1;mpatha W2", "", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1", "", "lun", "", 0, 0, "mpathc", NULL},
	{"oracle W1", "", "mpath", "", 0, 0, "oracle", NULL},
	{"mpathc W1", "", "mpath", "mpathc=W1", 0, 0, "mpathc", NULL},
	{"mpathc W1", "mpathc", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1", "W1", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1", "mpatha", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1", "oracle", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1;mpatha W2", "mpatha", "mpath", "", 0, 0, "mpathc", NULL},
	{"mpathc W1", "", "mpath", "", 1, 0, "mpathc", NULL},
	{"mpathc W1", "mpatha", "mpath", "", 1, 0, "mpathc", NULL},
	/* a bound alias that another volume has */
	{"mpatha W1", "", "mpath", "mpatha=W2", 0, -EEXIST, "W1", NULL},
	{"mpatha W1", "W1", "mpath", "mpatha=W2", 0, -EEXIST, "W1", NULL},
	{"mpatha W1", "mpathb", "mpath", "mpatha=W2", 0, -EEXIST, "mpathb",
	 NULL},
	{"mpatha W1", "oracle", "mpath", "mpatha=W2", 1, -EEXIST, "oracle",
	 NULL},
	{"mpatha W1;mpathb W3", "mpathb", "mpath", "mpatha=W2", 0, -EEXIST,
	 "W1", NULL},
	/* the current name is kept where it may be */
	{"", "mpathq", "mpath", "", 0, 0, "mpathq", "mpathq W1"},
	{"mpatha W2", "mpathq", "mpath", "", 0, 0, "mpathq",
	 "mpatha W2;mpathq W1"},
	{"", "mpathq", "mpath", "mpathq=W1", 0, 0, "mpathq", "mpathq W1"},
	{"", "mpathfxshrxw", "mpath", "", 0, 0, "mpathfxshrxw",
	 "mpathfxshrxw W1"},
	{"mpathq W2", "mpathq", "mpath", "", 0, 0, "mpatha",
	 "mpatha W1;mpathq W2"},
	{"mpathq W2", "mpathq", "mpath", "mpatha=W3", 0, 0, "mpathb",
	 "mpathb W1;mpathq W2"},
	{"", "mpathq", "lun", "", 0, 0, "luna", "luna W1"},
	{"", "oracle", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	{"", "mpath7", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	{"", "mpathfxshrxx", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	{"", "W1", "mpath", "", 0, 0, "mpatha", "mpatha W1"},
	/* read only: nothing is bound */
	{NULL, "", "mpath", "", 1, 0, "W1", NULL},
	{"", "", "mpath", "", 1, 0, "W1", NULL},
	{"mpatha W2", "", "mpath", "", 1, 0, "W1", NULL},
	{"mpatha W2", "mpathq", "mpath", "", 1, 0, "mpathq", NULL},
	{"mpatha W2", "oracle", "mpath", "", 1, 0, "oracle", NULL},
	{"mpatha W2", "mpatha", "mpath", "", 1, 0, "W1", NULL},
	{"mpatha W2", "W1", "mpath", "", 1, 0, "W1", NULL},
	/* lines that are none: kept, and their names given to nobody */
	{"mpatha", "", "mpath", "", 0, 0, "mpathb", "mpathb W1;mpatha"},
	{"mpatha W2 W3;mpathb", "", "mpath", "", 0, 0, "mpathc",
	 "mpathc W1;mpatha W2 W3;mpathb"},
	{"mpatha", "mpatha", "mpath", "", 0, 0, "mpathb", "mpathb W1;mpatha"},
	{"mpathab", "", "mpath", "", 0, 0, "mpatha", "mpatha W1;mpathab"},
	{"mpatha W1 x", "", "mpath", "", 0, 0, "mpathb",
	 "mpathb W1;mpatha W1 x"},
	{"mpatha W2;mpatha W3", "", "mpath", "", 0, 0, "mpathb",
	 "mpatha W2;mpathb W1"},
	{"mpatha W2;mpatha W1", "", "mpath", "", 0, 0, "mpathb",
	 "mpatha W2;mpathb W1"},
	{"mpatha W1;mpathb W1", "", "mpath", "", 0, 0, "mpatha", NULL},
	/* prefixes */
	{"", "", "", "", 0, 0, "a", "a W1"},
	{"", "", "san-", "", 0, 0, "san-a", "san-a W1"},
	{"", "", "a/", "", 0, -EINVAL, "W1", NULL},
	{"", "mpathq", "my lun", "", 0, -EINVAL, "mpathq", NULL},
	{"", "", "#", "", 0, -EINVAL, "W1", NULL},
	{"", "", P120 "pppppppp", "", 0, -EINVAL, "W1", NULL},
	/* "paths" is id 19 of this prefix */
	{"", "", "path",
	 "patha=2 pathb=2 pathc=2 pathd=2 pathe=2 pathf=2 pathg=2 pathh=2 "
	 "pathi=2 pathj=2 pathk=2 pathl=2 pathm=2 pathn=2 patho=2 pathp=2 "
	 "pathq=2 pathr=2",
	 0, 0, "patht", "patht W1"},
	{"", "paths", "path", "", 0, 0, "patha", "patha W1"},
};

static void semicolons_to_lines(char *text)
{
	for (; *text; text++)
		if (*text == ';')
			*text = '\n';
}

static void test_names(void **state)
{
	struct state_fixture f;
	int bad = 0;

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct naming n = {
			.wwid = "W1",
			.current = names[i].current,
			.prefix = names[i].prefix,
			.read_only = names[i].read_only,
			.taken = is_taken,
			.ctx = (void *)names[i].taken,
		};
		struct bindings *b = bindings_new(f.dir, &f.warn);
		char got[NAME_SIZE] = "?", after[512], want[512];
		CLEANUP_FREE char *file = NULL;
		struct errmsg e = {""};
		int r;

		if (names[i].file) {
			file = strdup(names[i].file);
			semicolons_to_lines(file);
			fixture_put(&f, "bindings", file);
		}
		r = bindings_name(b, &n, got, &e);
		fixture_lines(&f, "bindings", !names[i].after, after,
			      sizeof(after));
		snprintf(want, sizeof(want), "%s",
			 names[i].after	 ? names[i].after
			 : names[i].file ? names[i].file
					 : "-");
		if (r != names[i].rc || strcmp(got, names[i].want) != 0 ||
		    strcmp(after, want) != 0 || (r < 0 && !*e.text)) {
			print_message("row %zu: '%s', now '%s', prefix '%s': "
				      "got %d '%s' '%s', '%s'; expected %d "
				      "'%s', '%s'\n",
				      i + 1,
				      names[i].file ? names[i].file : "-",
				      names[i].current, names[i].prefix, r, got,
				      e.text, after, names[i].rc,
				      names[i].want, want);
			bad++;
		}
		bindings_free(b);
		fixture_each(&f, remove);
	}
	fixture_fini(&f);
	assert_int_equal(bad, 0);
}

static bool nobody(void *ctx, const char *alias, const char *wwid)
{
	(void)ctx;
	(void)alias;
	(void)wwid;
	return false;
}

/* What can be neither a name nor in the file. */
static void test_no_wwid(void **state)
{
	static const char *const wwids[] = {"", "a b", "#1", "a/b", X128};
	struct state_fixture f;
	struct bindings *b;

	(void)state;
	fixture_init(&f);
	b = bindings_new(f.dir, &f.warn);
	for (size_t i = 0; i < ARRAY_SIZE(wwids); i++) {
		struct naming n = {wwids[i], "", "mpath", false, nobody, NULL};
		char got[NAME_SIZE] = "?";
		struct errmsg e = {""};

		assert_int_equal(bindings_name(b, &n, got, &e), -EINVAL);
		assert_string_equal(got, "");
		assert_string_not_equal(e.text, "");
	}
	assert_int_equal(fixture_each(&f, NULL), 0);
	bindings_free(b);
	fixture_fini(&f);
}

/* One after the other, past z: names in order, for ever, and all sorted. */
static void test_many(void **state)
{
	struct state_fixture f;
	struct bindings *b;
	struct errmsg e;
	char wwid[16], got[NAME_SIZE], want[NAME_SIZE];

	(void)state;
	fixture_init(&f);
	for (int turn = 0; turn < 2; turn++) {
		b = bindings_new(f.dir, &f.warn);
		for (int i = 1; i <= 60; i++) {
			struct naming n = {wwid, "", "mpath", turn, nobody,
					   NULL};

			snprintf(wwid, sizeof(wwid), "W%d", i * 7 % 61);
			assert_int_equal(alias_format("mpath", i, want), 0);
			assert_int_equal(bindings_name(b, &n, got, &e), 0);
			assert_string_equal(got, want);
			assert_string_equal(bindings_alias(b, wwid), want);
			assert_string_equal(bindings_wwid(b, want), wwid);
		}
		bindings_free(b);
	}
	assert_string_equal(f.told, "");
	fixture_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_wwid),
		cmocka_unit_test(test_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
