// SPDX-License-Identifier: MIT
/*
 * What holds for a LUN: which sections fit it, and which of them has the last
 * word, option by option (census 5.1 and 7). Each scenario has a hardware
 * table, a main file and one of conf.d, a device, and "option=value" for what
 * must come out.
 */
#include "tests/unit/config_fixture.h"
#include "core/filter.h"
#include "hw/hardware_table.h"

#define DEV(v, p) "[device " v "]\nvendor = " v "\nproduct = " p "\n"

struct scenario {
	const char *name;
	const char *hardware, *main, *conf_d; /* NULL: none */
	struct lun_identity id;
	const char *want;
};

#define FOO .vendor = "foo", .product = "bar", .revision = "baz"
#define ID(...) {.wwid = "w1", .protocol = "scsi:fcp", __VA_ARGS__}

static const struct scenario scenarios[] = {
	{"nothing said", NULL, "", NULL, ID(FOO),
	 "no_path_retry=fail failback=manual prio=const"},
	{"defaults", NULL, "[defaults]\nno_path_retry = 3\n", NULL, ID(FOO),
	 "no_path_retry=3"},
	{"device", NULL, DEV("foo", "bar") "no_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5"},
	{"device before defaults", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\n"
	 "[defaults]\nno_path_retry = 3\nfailback = 7\n", NULL, ID(FOO),
	 "no_path_retry=5 failback=7"},
	{"another vendor", NULL, DEV("fob", "bar") "no_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=fail"},
	{"another product", NULL, DEV("foo", "baz") "no_path_retry = 5\n",
	 NULL, ID(FOO), "no_path_retry=fail"},
	{"a part of the vendor", NULL, DEV("o", "a") "no_path_retry = 5\n",
	 NULL, ID(FOO), "no_path_retry=5"},
	{"anchored", NULL, DEV("^oo", "bar") "no_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=fail"},
	{"a regular expression", NULL,
	 DEV("^(foo|fob)$", "ba[rz]") "no_path_retry = 5\n", NULL, ID(FOO),
	 "no_path_retry=5"},
	{"inverted", NULL, DEV("!^x", "!^y") "no_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5"},
	{"inverted, not fitting", NULL, DEV("!^f", ".*") "no_path_retry = 5\n",
	 NULL, ID(FOO), "no_path_retry=fail"},
	{"a revision", NULL,
	 DEV("foo", "bar") "revision = ^ba\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5"},
	{"another revision", NULL,
	 DEV("foo", "bar") "revision = bag\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=fail"},
	{"a device of which nothing is known", NULL,
	 DEV(".*", ".*") "no_path_retry = 5\n", NULL,
	 ID(.vendor = "", .product = "", .revision = ""),
	 "no_path_retry=fail"},
	{"table", DEV("foo", "bar") "no_path_retry = 9\n", "", NULL, ID(FOO),
	 "no_path_retry=9"},
	{"table and the file, each another option",
	 DEV("foo", "bar") "no_path_retry = 9\n",
	 "[device x]\nvendor = fo+\nproduct = bar\nfailback = 7\n", NULL,
	 ID(FOO), "no_path_retry=9 failback=7"},
	{"the file before the table",
	 DEV("foo", "bar") "no_path_retry = 9\nfailback = 7\n",
	 "[device x]\nvendor = fo+\nproduct = bar\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5 failback=7"},
	{"a specific entry of the table, a general one of the file",
	 DEV("^foo$", "^bar$") "no_path_retry = 9\n",
	 "[device x]\nvendor = .*\nproduct = .*\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5"},
	{"of the table, the later one",
	 DEV(".*", ".*") "no_path_retry = 9\nfailback = 7\n"
	 "[device x]\nvendor = foo\nproduct = bar\nno_path_retry = 8\n",
	 "", NULL, ID(FOO), "no_path_retry=8 failback=7"},
	{"of the file, the later one", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\nfailback = 7\n"
	 "[device x]\nvendor = f\nproduct = b\nno_path_retry = 6\n", NULL,
	 ID(FOO), "no_path_retry=6 failback=7"},
	{"conf.d before the main file", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\nfailback = 7\n",
	 "[device x]\nvendor = f\nproduct = b\nno_path_retry = 6\n", ID(FOO),
	 "no_path_retry=6 failback=7"},
	{"the same words: one takes over the other",
	 DEV("foo", "bar") "no_path_retry = 9\nfailback = 7\n",
	 "[device x]\nvendor = foo\nproduct = bar\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5 failback=7"},
	/* It keeps the later place: before what stands between. */
	{"the same words, another between",
	 DEV("foo", "bar") "no_path_retry = 9\nfailback = 7\n"
	 "[device z]\nvendor = fo\nproduct = ba\nfailback = 8\n",
	 "[device x]\nvendor = foo\nproduct = bar\nno_path_retry = 5\n", NULL,
	 ID(FOO), "no_path_retry=5 failback=7"},
	{"the same words, main file and conf.d", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\nfailback = 7\n",
	 "[device x]\nvendor = foo\nproduct = bar\nfailback = 8\n", ID(FOO),
	 "no_path_retry=5 failback=8"},
	{"the same but for the revision: two entries", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\nfailback = 7\n"
	 "[device x]\nvendor = foo\nproduct = bar\nrevision = qux\n"
	 "failback = 8\n", NULL, ID(FOO), "no_path_retry=5 failback=7"},
	{"three of the same words",
	 DEV("foo", "bar") "no_path_retry = 9\n",
	 DEV("foo", "bar") "failback = 7\n",
	 "[device x]\nvendor = foo\nproduct = bar\nghost_delay = 8\n", ID(FOO),
	 "no_path_retry=9 failback=7 ghost_delay=8"},
	{"overrides before a device", NULL,
	 DEV("foo", "bar") "no_path_retry = 5\nfailback = 7\n"
	 "[overrides]\nno_path_retry = 6\n", NULL, ID(FOO),
	 "no_path_retry=6 failback=7"},
	{"overrides in two files", NULL,
	 "[overrides]\nno_path_retry = 6\nfailback = 7\n",
	 "[overrides]\nno_path_retry = 8\n", ID(FOO),
	 "no_path_retry=8 failback=7"},
	{"protocol before overrides", NULL,
	 "[protocol scsi:fcp]\ndev_loss_tmo = 11\n"
	 "[overrides]\ndev_loss_tmo = 12\nfast_io_fail_tmo = 4\n", NULL,
	 ID(FOO), "dev_loss_tmo=11 fast_io_fail_tmo=4"},
	{"another protocol", NULL,
	 "[protocol scsi:iscsi]\ndev_loss_tmo = 11\n"
	 "[overrides]\ndev_loss_tmo = 12\n", NULL, ID(FOO),
	 "dev_loss_tmo=12"},
	{"multipath before all", NULL,
	 "[multipath w1]\nno_path_retry = 4\nalias = a\n"
	 "[overrides]\nno_path_retry = 6\n" DEV("foo", "bar")
	 "no_path_retry = 5\n", NULL, ID(FOO), "no_path_retry=4 alias=a"},
	{"another multipath", NULL, "[multipath w2]\nno_path_retry = 4\n",
	 NULL, ID(FOO), "no_path_retry=fail alias="},
	{"multipath in two files", NULL,
	 "[multipath w1]\nno_path_retry = 4\nfailback = 7\n",
	 "[multipath w1]\nfailback = 8\n", ID(FOO),
	 "no_path_retry=4 failback=8"},
	{"what this build does not know is left out of the table",
	 "[device y]\nvendor = f\nproduct = b\npath_checker = none\n"
	 DEV("foo", "bar") "path_checker = seance\nfailback = 7\n", "", NULL,
	 ID(FOO), "path_checker=none failback=7"},
	{"the wwid", NULL, "", NULL, ID(FOO), "wwid=w1"},
	{"the longest interval only", NULL,
	 "[defaults]\nmax_polling_interval = 30\n", NULL, ID(FOO),
	 "max_polling_interval=30 polling_interval=7"},
	{"the longest interval is short", NULL, "[defaults]\n",
	 "[defaults]\nmax_polling_interval = 3\n", ID(FOO),
	 "polling_interval=1"},
	{"both intervals", NULL,
	 "[defaults]\nmax_polling_interval = 40\npolling_interval = 5\n",
	 NULL, ID(FOO), "max_polling_interval=40 polling_interval=5"},
	{"the longest interval is auto", NULL,
	 "[defaults]\nmax_polling_interval = auto\n", NULL, ID(FOO),
	 "polling_interval=5"},
};

static struct config_registry with_table(const char *text, size_t len)
{
	struct config_registry reg = fake_registry;

	reg.hardware = text;
	reg.hardware_len = len;
	return reg;
}

static int load_with(struct fixture *f, const char *hardware)
{
	struct config_registry reg =
		with_table(hardware, hardware ? strlen(hardware) : 0);

	forget(f);
	return config_load(f->main, f->conf_dir, &reg, &f->config, &f->errs);
}

/* How many of "option=value ..." do not hold. */
static int compare(const char *name, const struct settings *s,
		   const char *want)
{
	CLEANUP_FREE char *text = strdup(want);
	char *save = NULL;
	int bad = 0;

	for (char *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		char *value = strchr(w, '=');
		int o;

		assert_non_null(value);
		*value++ = '\0';
		o = option_find(w);
		assert_true(o >= 0);
		if (!strcmp(s->v[o].text, value))
			continue;
		print_message("%s: %s: got '%s' (%s), expected '%s'\n", name,
			      w, s->v[o].text, s->v[o].where, value);
		bad++;
	}
	return bad;
}

static void test_scenarios(void **state)
{
	struct fixture *f = *state;
	struct settings s;
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *c = &scenarios[i];

		put(f, "main", c->main);
		put(f, "d/a.conf", c->conf_d ? c->conf_d : "");
		if (load_with(f, c->hardware)) {
			CLEANUP_FREE char *errors = errors_text(f);

			fail_msg("%s: %s", c->name, errors);
		}
		config_for_lun(f->config, &c->id, &s);
		bad += compare(c->name, &s, c->want);
	}
	assert_int_equal(bad, 0);
}

/* [overrides] are for volumes named by hand as well, devices are not. */
static void test_named_by_hand(void **state)
{
	struct fixture *f = *state;

	put(f, "main",
	    "[overrides]\nno_path_retry = 6\nfailback = 7\n"
	    "[device x]\nvendor = .*\nproduct = .*\nghost_delay = 3\n"
	    "[volume a]\npath = p /dev/a\nfailback = 8\n");
	assert_int_equal(load_with(f, NULL), 0);
	assert_int_equal(compare("volume", &f->config->volumes[0].settings,
				 "no_path_retry=6 failback=8 ghost_delay=no "
				 "wwid=a"),
			 0);
}

static void test_product_blacklist(void **state)
{
	struct fixture *f = *state;
	const struct filter_device lunz = {.vendor = "foo", .product = "LUNZ"};
	const struct filter_device disk = {.vendor = "foo", .product = "bar"};
	struct errmsg why = {""};

	put(f, "main", "");
	assert_int_equal(load_with(f, DEV("foo", "bar") "product_blacklist = "
				      "LUNZ\n"),
			 0);
	assert_false(filter_allows(f->config->filter, &lunz, &why));
	assert_string_equal(why.text, "device 'foo' 'LUNZ' is blacklisted by "
				      "'foo' 'LUNZ' (built in:1)");
	assert_true(filter_allows(f->config->filter, &disk, &why));

	/* One who takes it over, with others, takes it away. */
	put(f, "main",
	    "[device x]\nvendor = foo\nproduct = bar\nfailback = 3\n");
	assert_int_equal(load_with(f, DEV("foo", "bar") "product_blacklist = "
				      "LUNZ\n"),
			 0);
	assert_false(filter_allows(f->config->filter, &lunz, &why));
	put(f, "main",
	    "[device x]\nvendor = foo\nproduct = bar\n"
	    "product_blacklist = bar\n");
	assert_int_equal(load_with(f, DEV("foo", "bar") "product_blacklist = "
				      "LUNZ\n"),
			 0);
	assert_true(filter_allows(f->config->filter, &lunz, &why));
	assert_false(filter_allows(f->config->filter, &disk, &why));
}

/* The table that is compiled in: whole, and a few of its entries. */

static const struct {
	const char *vendor, *product, *want;
} arrays[] = {
	{"NETAPP", "LUN C-Mode",
	 "path_grouping_policy=group_by_prio failback=immediate "
	 "no_path_retry=queue flush_on_last_del=always dev_loss_tmo=infinity "
	 "user_friendly_names=no"},
	{"NVME", "Some SSD",
	 "path_grouping_policy=group_by_prio path_checker=none "
	 "failback=immediate uid_attribute=ID_WWN no_path_retry=fail "
	 "fast_io_fail_tmo=0"},
	{"NVME", "Pure Storage FlashArray",
	 "path_grouping_policy=group_by_prio path_checker=none "
	 "no_path_retry=10"},
	{"3PARdata", "VV",
	 "no_path_retry=18 fast_io_fail_tmo=10 dev_loss_tmo=infinity"},
	{"EMC", "SYMMETRIX", "path_grouping_policy=multibus no_path_retry=6"},
	{"HITACHI", "OPEN-V",
	 "path_grouping_policy=group_by_prio no_path_retry=10"},
	{"HITACHI", "DF600F-CM", "path_grouping_policy=multibus"},
	{"IBM", "2810XIV", "failback=15 no_path_retry=queue"},
	{"LIO-ORG", "disk0",
	 "path_grouping_policy=group_by_prio failback=immediate "
	 "path_checker=directio detect_checker=no no_path_retry=12"},
	{"VSTORAGE", "VSTOR-DISK", "path_grouping_policy=group_by_node_name"},
	{"DELL", "MD32xx", "no_path_retry=30"},
	{"Linux", "scsi_debug",
	 "path_grouping_policy=failover failback=manual no_path_retry=fail"},
};

static void test_hardware_table(void **state)
{
	struct fixture *f = *state;
	struct config_registry reg = with_table(
		hardware_table, (size_t)(hardware_table_end - hardware_table));
	struct settings s;
	int bad = 0;

	put(f, "main", "");
	if (config_load(f->main, NULL, &reg, &f->config, &f->errs)) {
		CLEANUP_FREE char *errors = errors_text(f);

		fail_msg("%s", errors);
	}
	assert_true(f->config->nentries > 130);
	for (size_t i = 0; i < ARRAY_SIZE(arrays); i++) {
		const struct lun_identity id = {
			"w", arrays[i].vendor, arrays[i].product, "1",
			"scsi:fcp"};

		config_for_lun(f->config, &id, &s);
		bad += compare(arrays[i].product, &s, arrays[i].want);
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scenarios),
		TEST(test_named_by_hand),
		TEST(test_product_blacklist),
		TEST(test_hardware_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
