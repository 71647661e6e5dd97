// SPDX-License-Identifier: MIT
/* Rendering a configuration: what it says, and that it loads again as it was.
 */
#include "tests/unit/config_fixture.h"
#include "core/filter.h"
#include "hw/hardware_table.h"

static void assert_same_settings(const char *what, const struct settings *got,
				 const struct settings *expected)
{
	const enum opt retry = OPT_NO_PATH_RETRY;
	int o;

	/* Said or not: only then may features say it. */
	if ((got->v[retry].origin == ORIGIN_BUILTIN) !=
	    (expected->v[retry].origin == ORIGIN_BUILTIN))
		fail_msg("%s: no_path_retry: said, or not said", what);
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
		assert_true(path_facts_same(&got->paths[i].facts,
					    &expected->paths[i].facts));
	}
}

/* c as text and back, from a file of its own. */
static struct config *render_and_load_with(struct fixture *f,
					   const struct config *c,
					   const struct settings *const *live,
					   const struct config_registry *reg)
{
	CLEANUP_FREE char *text = config_render(c, live);
	struct config_errors errs;
	struct config *again = NULL;
	char path[96];
	int rc;

	assert_non_null(text);
	put(f, "again", text);
	snprintf(path, sizeof(path), "%sagain", f->dir);
	rc = config_load(path, NULL, reg, &again, &errs);
	if (rc)
		fail_msg("got %d: %s; from\n%s", rc,
			 errs.n ? errs.v[0].text : "", text);
	config_errors_free(&errs);
	return again;
}

static struct config *render_and_load(struct fixture *f, const struct config *c,
				      const struct settings *const *live)
{
	return render_and_load_with(f, c, live, &fake_registry);
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
	"[volume a]\npath = p /dev/a 3 serial=s;1 node=n tpg=0\n"
	"path = q /dev/b tpg=7\n",
	"[volume a]\npath = p /dev/a 3\npath = q /dev/b\n[volume #b]\n"
	"path_selector = round-robin 1 x\npath = p /dev/c\nmode = 0\n"
	"no_path_retry = 0\n",
	/* An option that is empty, over one that is not. */
	"[defaults]\nprio_args = x\n[overrides]\nprio_args = y\n"
	"[volume a]\npath = p /dev/a\nprio_args =\n"
	"[volume b]\npath = p /dev/b\n",
	"[defaults]\nmax_polling_interval = 30\n",
	"[defaults]\nfeatures = 1 queue_if_no_path\n"
	"[volume a]\npath = p /dev/a\n"
	"[volume b]\npath = p /dev/b\nno_path_retry = fail\n",
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

/* Sections: one of each, odd patterns, lines of 190 bytes. */
static const char sections[] =
	"[defaults]\nprio_args = x\n"
	"[device a]\nvendor = NETAPP\nproduct = LUN\nprio_args =\n"
	"no_path_retry = 7\nproduct_blacklist = ^L!$\n"
	"[device b]\nvendor=;foo\nproduct = a =b# \"c:;d\n"
	"[device c]\nvendor=" NAME_127 A42 "xxxxxxxxxxxxxx\nproduct =\n"
	"revision = ^1\nfeatures = 1 queue_if_no_path\n"
	"[device d]\nvendor = NETAPP\nproduct = LUN\nfailback = 9\n"
	"[overrides]\nghost_delay = 3\nuid_attribute = none\n"
	"[protocol nvme:tcp]\nfast_io_fail_tmo = off\neh_deadline = off\n"
	"[multipath 3600]\nalias = data\nprio_args =\nmode = 0\n"
	"[blacklist]\ndevnode = !^sd\nwwid=;x\nproperty = ID_ATA\n"
	"protocol=" NAME_127 A42 "xxxxxxxxxxxx\n"
	"[blacklist device x]\nproduct = LUN X\n"
	"[blacklist_exceptions]\nwwid = 3\n"
	"[blacklist_exceptions device y]\nvendor = NET\nproduct = Xc\n"
	"[volume v]\npath = p /dev/a\n";

static void assert_same_luns(const struct config *got,
			     const struct config *expected)
{
	static const struct lun_identity luns[] = {
		{"3600", "NETAPP", "LUN", "1", "scsi:fcp"},
		{"1", "NETAPP", "LUN C-Mode", "2", "nvme:tcp"},
		{"1", ";foo", "a =b# \"c:;d", "1", ""},
		{"1", NAME_127 A42 "xxxxxxxxxxxxxx", "y", "11", "scsi:sas"},
		{"3601", "IBM", "2145", "", "nvme:tcp"},
		{"1", "DGC", "VRAID", "0", "scsi:fcp"},
	};
	struct settings g, e;

	for (size_t i = 0; i < ARRAY_SIZE(luns); i++) {
		config_for_lun(got, &luns[i], &g);
		config_for_lun(expected, &luns[i], &e);
		assert_same_settings(luns[i].product, &g, &e);
	}
}

static void assert_same_filter(const struct config *got,
			       const struct config *expected)
{
	static const struct filter_device disks[] = {
		{.devnode = "sda"},
		{.devnode = "vda"},
		{.devnode = "sda", .vendor = "NETAPP", .product = "L!"},
		{.devnode = "sda", .vendor = "NETAPP", .product = "LUN Xc"},
		{.devnode = "sda", .vendor = "HP", .product = "LUN Xc"},
		{.devnode = "sda", .vendor = "DGC", .product = "LUNZ"},
		{.devnode = "sda", .vendor = "IBM", .product = "Universal Xport"},
		{.devnode = "sda", .wwid = ";x"},
		{.devnode = "sda", .wwid = ";x3"},
		{.devnode = "sda", .protocol = NAME_127 A42 "xxxxxxxxxxxx"},
	};
	struct errmsg why;

	for (size_t i = 0; i < ARRAY_SIZE(disks); i++)
		if (filter_allows(got->filter, &disks[i], &why) !=
		    filter_allows(expected->filter, &disks[i], &why))
			fail_msg("disk %zu: not as before", i);
}

/* Loaded with reg, then its text with reg_again: the same. */
static void check_sections(struct fixture *f, const struct config_registry *reg,
			   const struct config_registry *reg_again)
{
	struct config *again;

	forget(f);
	put(f, "main", sections);
	if (config_load(f->main, NULL, reg, &f->config, &f->errs))
		fail_msg("%s", f->errs.v[0].text);
	again = render_and_load_with(f, f->config, NULL, reg_again);
	assert_same_settings("[defaults]", &again->defaults,
			     &f->config->defaults);
	assert_same_settings("v", &again->volumes[0].settings,
			     &f->config->volumes[0].settings);
	assert_int_equal(again->nentries, f->config->nentries);
	assert_same_luns(again, f->config);
	assert_same_filter(again, f->config);
	config_free(again);
}

static void test_sections(void **state)
{
	struct config_registry table = fake_registry;

	table.hardware = hardware_table;
	table.hardware_len = (size_t)(hardware_table_end - hardware_table);
	check_sections(*state, &fake_registry, &fake_registry);
	check_sections(*state, &table, &table);
	/* It is complete: the table is in it. */
	check_sections(*state, &table, &fake_registry);
}

/* What another section has handed down keeps its own origin. */
static void test_origin_in_sections(void **state)
{
	static const char *const parts[] = {
		"\n# main:5\n[device b]\nvendor = A\nproduct = B\n"
		"# [device] main:8\nfailback = 3\n"
		"# [device] main:4\nghost_delay = 2\n",
		"\n# main:9\n[overrides]\n"
		"# [overrides] main:10\nprio_args =\n",
		"\n# main:12\n[blacklist]\nwwid = x\n",
	};
	struct fixture *f = *state;
	CLEANUP_FREE char *text = NULL;

	put(f, "main",
	    "[device a]\nvendor = A\nproduct = B\nghost_delay = 2\n"
	    "[device b]\nvendor = A\nproduct = B\nfailback = 3\n"
	    "[overrides]\nprio_args =\n[blacklist]\nwwid = x\n");
	assert_loads(f, "sections");
	text = config_render(f->config, NULL);
	assert_non_null(text);
	strip(f, text);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(text, parts[i]))
			fail_msg("expected \"%s\" in\n%s", parts[i], text);
	assert_null(strstr(text, "[device a]"));
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
		TEST(test_sections),
		TEST(test_origin_in_sections),
		TEST(test_render_live),
		TEST(test_render_text),
		TEST(test_newline_in_file_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
