// SPDX-License-Identifier: MIT
/* Rendering a configuration: what it says, and that it loads again as it was.
 */
#include "tests/unit/config_fixture.h"

static void assert_same_settings(const char *what, const struct settings *got,
				 const struct settings *expected)
{
	int o;

	for (o = 0; o < OPT_COUNT; o++)
		if (got->v[o].num != expected->v[o].num ||
		    strcmp(got->v[o].text, expected->v[o].text) != 0)
			fail_msg("%s: %s: got '%s'; expected '%s'", what,
				 option_info(o)->name, got->v[o].text,
				 expected->v[o].text);
}

static void assert_same_paths(const struct volume_config *got,
			      const struct volume_config *expected)
{
	size_t i;

	assert_int_equal(got->npaths, expected->npaths);
	for (i = 0; i < got->npaths; i++) {
		assert_string_equal(got->paths[i].name,
				    expected->paths[i].name);
		assert_string_equal(got->paths[i].device,
				    expected->paths[i].device);
		assert_int_equal(got->paths[i].priority,
				 expected->paths[i].priority);
	}
}

/* c as text and back, from a file of its own. */
static struct config *render_and_load(struct fixture *f, const struct config *c,
				      const struct settings *const *live)
{
	CLEANUP_FREE char *text = config_render(c, live);
	struct config_errors errs;
	struct config *again = NULL;
	char path[96];
	int rc;

	assert_non_null(text);
	put(f, "again", text);
	snprintf(path, sizeof(path), "%sagain", f->dir);
	rc = config_load(path, NULL, &fake_registry, &again, &errs);
	if (rc)
		fail_msg("got %d: %s; from\n%s", rc,
			 errs.n ? errs.v[0].text : "", text);
	config_errors_free(&errs);
	return again;
}

static const char *const round_trips[] = {
	"",
	"[defaults]\nverbosity = 4\nlanes = 3\ncache = direct\n"
	"path_selector = queue-length\npath_grouping_policy = multibus\n"
	"no_path_retry = queue\nfailback = immediate\npolling_interval = 9\n"
	"max_polling_interval = 90\nchecker_timeout = 4\n"
	"path_checker = none\nreplay_writes = quarantine\nmode = 600\n"
	"uid = 4711\ngid = root\n"
	"[volume a]\nwwid = 3600;#=x\npath = p;1 /dev/disk/by-path/x:y=z;[]\n",
	"[volume a]\npath = p /dev/a 3\npath = q /dev/b\n[volume #b]\n"
	"path_selector = round-robin 1 x\npath = p /dev/c\nmode = 0\n"
	"no_path_retry = 0\n",
	/* The longest path, whose line grows when it is rendered. */
	"[volume " NAME_127 "]\npath=" NAME_127 " /" A42 " 65535\n"
	"wwid=" NAME_127 "\n",
};

static void test_round_trip(void **state)
{
	struct fixture *f = *state;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(round_trips); i++) {
		struct config *again;

		put(f, "main", round_trips[i]);
		assert_loads(f, round_trips[i]);
		again = render_and_load(f, f->config, NULL);
		assert_same_settings("[defaults]", &again->defaults,
				     &f->config->defaults);
		assert_int_equal(again->nvolumes, f->config->nvolumes);
		for (j = 0; j < again->nvolumes; j++) {
			const struct volume_config *v = &again->volumes[j];

			assert_string_equal(v->name,
					    f->config->volumes[j].name);
			assert_same_settings(v->name, &v->settings,
					     &f->config->volumes[j].settings);
			assert_same_paths(v, &f->config->volumes[j]);
		}
		config_free(again);
	}
}

static void test_render_live(void **state)
{
	struct fixture *f = *state;
	const struct settings *live[2] = {NULL, NULL};
	CLEANUP_FREE char *text = NULL;
	struct settings changed;
	struct setting *s;
	struct config *again;

	put(f, "main",
	    "[volume a]\npath = p /dev/a\n[volume b]\npath = p /dev/b\n");
	assert_loads(f, "two volumes");
	changed = f->config->volumes[1].settings;
	s = &changed.v[OPT_NO_PATH_RETRY];
	assert_int_equal(option_parse(OPT_NO_PATH_RETRY, "queue",
				      &fake_registry, s, NULL),
			 0);
	s->origin = ORIGIN_LIVE;
	live[1] = &changed;
	text = config_render(f->config, live);
	assert_non_null(text);
	assert_non_null(strstr(text, "\n# live\nno_path_retry = queue\n"));
	again = render_and_load(f, f->config, live);
	assert_same_settings("a", &again->volumes[0].settings,
			     &f->config->volumes[0].settings);
	assert_same_settings("b", &again->volumes[1].settings, &changed);
	config_free(again);
}

static void test_render_text(void **state)
{
	static const char *const parts[] = {
		"\n[defaults]\n# built in\nverbosity = 2\n",
		"\n# [defaults] main:5\nfailback = immediate\n",
		"\n\n# main:1\n[volume a]\n",
		"\n# [volume] main:2\npath = p /dev/a 1\n",
		"\n# [volume] main:3\nmode = 0600\n",
		"\n# built in\nwwid = a\n",
	};
	struct fixture *f = *state;
	CLEANUP_FREE char *text = NULL;
	size_t i;

	put(f, "main",
	    "[volume a]\npath = p /dev/a\nmode = 600\n"
	    "[defaults]\nfailback = immediate\n");
	assert_loads(f, "one volume");
	text = config_render(f->config, NULL);
	assert_non_null(text);
	strip(f, text);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(text, parts[i]))
			fail_msg("expected \"%s\" in\n%s", parts[i], text);
}

/* A file name may hold any byte; the comment with it must stay one line. */
static void test_newline_in_file_name(void **state)
{
	struct fixture *f = *state;
	struct config *again;

	put(f, "main", "");
	put(f, "d/a\nx = y.conf", "[volume a]\npath = p /dev/a\n");
	assert_loads(f, "a newline");
	again = render_and_load(f, f->config, NULL);
	assert_int_equal(again->nvolumes, 1);
	config_free(again);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_render_live),
		TEST(test_render_text),
		TEST(test_newline_in_file_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
