// SPDX-License-Identifier: MIT
/* What LUNs are called, and that they may be called something else. */
#include "tests/unit/discovery_rig.h"

#define TAKE_ALL "[defaults]\nfind_multipaths = no\n"
#define FRIENDLY TAKE_ALL "user_friendly_names = yes\n"

static void test_alias(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_plug(r, "sdc", "3600c");
	rig_plug(r, "sdd", "3600d");
	rig_start(r, TAKE_ALL "[multipath 3600a]\nalias = data\n"
			      "[multipath 3600b]\nalias = 3600c\n"
			      "[volume hand]\npath = x /dev/sdd\n");
	rig_expect(r, "3600b: sdb; 3600c: sdc; data: sda; hand: x");
	rig_expect_event(r, "name-refused 3600b: '3600c' is the name of 3600c");
	rig_expect_file(r, "bindings", "3600", false);
}

static void test_naming_fails(void **state)
{
	struct rig *r = *state;
	char path[128];
	struct errmsg e;

	snprintf(path, sizeof(path), "%sbindings", r->f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	rig_plug(r, "sda", "3600a");
	rig_start(r, FRIENDLY);
	rig_expect(r, "3600a: sda");
	rig_expect_event(r, "state-file 3600a: ");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "mpatha: sda");
	rig_expect_event(r, "volume-renamed mpatha");
}

/* The wwids file cannot be written for a while: it is, later, and once told. */
static void test_wwid_owed(void **state)
{
	struct rig *r = *state;
	char path[128];

	/* what is to become the file */
	snprintf(path, sizeof(path), "%swwids.new", r->f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	rig_plug(r, "sda", "3600a");
	rig_start(r, "[defaults]\nfind_multipaths = no\n");
	rig_expect(r, "3600a: sda");
	rig_expect_event(r, "state-file 3600a: ");
	rig_forget_log(r);
	rig_pass(r, 300 * SEC);
	rig_expect_no_event(r, "state-file");
	assert_int_equal(rmdir(path), 0);
	rig_pass(r, 61 * SEC);
	rig_expect_file(r, "wwids", "/3600a/\n", true);
	/* Who takes it out of there does not want it any more. */
	snprintf(path, sizeof(path), "%swwids", r->f->dir);
	assert_int_equal(unlink(path), 0);
	rig_pass(r, 300 * SEC);
	rig_expect_file(r, "wwids", "/3600a/\n", false);
}

/* The id, the paths and who has it open stay; the name does not. */
static void test_renames(void **state)
{
	struct rig *r = *state;
	struct volume *v;
	struct path *p;
	struct errmsg e;
	uint32_t id;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_start(r, FRIENDLY);
	v = rig_volume(r, "mpatha");
	p = v->paths[0];
	id = v->id;
	strcpy(r->busy, "3600a");
	/* two that exchange their names */
	put(r->f, "bindings", "mpathb 3600a\nmpatha 3600b\n");
	assert_int_equal(rig_reconfigure(r, FRIENDLY, false, &e), 0);
	rig_settle(r);
	rig_expect(r, "mpatha: sdb; mpathb: sda");
	assert_ptr_equal(rig_volume(r, "mpathb"), v);
	assert_ptr_equal(v->paths[0], p);
	assert_int_equal(v->id, id);
	assert_ptr_equal(monitor_volume_by_id(r->m, id), v);
	/* an alias, then none, then the WWID */
	assert_int_equal(rig_reconfigure(r,
					 FRIENDLY "[multipath 3600a]\n"
						  "alias = x\n",
					 false, &e),
			 0);
	assert_string_equal(v->name, "x");
	assert_int_equal(rig_reconfigure(r, FRIENDLY, false, &e), 0);
	assert_string_equal(v->name, "mpathb");
	assert_int_equal(rig_reconfigure(r, TAKE_ALL, false, &e), 0);
	assert_string_equal(v->name, "3600a");
	/* a name that is wanted by hand is given up */
	rig_plug(r, "sdh", "");
	assert_int_equal(rig_reconfigure(r, FRIENDLY, false, &e), 0);
	rig_settle(r);
	assert_int_equal(rig_reconfigure(r,
					 FRIENDLY "[volume mpathb]\n"
						  "path = x /dev/sdh\n",
					 false, &e),
			 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda; mpatha: sdb; mpathb: x");
	assert_ptr_equal(rig_volume(r, "3600a"), v);
}

#define CLASH FRIENDLY "[multipath 3600a]\nalias = mpathb\n"

/* A name that another volume has: only looked at, refused as a whole, done. */
static void test_clash(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_start(r, FRIENDLY);
	rig_expect(r, "mpatha: sda; mpathb: sdb");
	assert_int_equal(rig_reconfigure(r, CLASH, true, &e), 0);
	rig_expect_event(r, "difference mpatha: 'mpathb' is the name of 3600b");
	strcpy(r->busy, "3600b");
	assert_int_equal(rig_reconfigure(r,
					 CLASH "[blacklist]\nwwid = 3600b\n",
					 false, &e),
			 -EBUSY);
	rig_settle(r);
	rig_expect(r, "mpatha: sda; mpathb: sdb");
	rig_expect_no_event(r, "name-refused");
	/* it keeps the name it has */
	assert_int_equal(rig_reconfigure(r, CLASH, false, &e), 0);
	rig_settle(r);
	rig_expect(r, "mpatha: sda; mpathb: sdb");
	rig_expect_event(r,
			 "name-refused mpatha: 'mpathb' is the name of 3600b");
	/* until that is free */
	r->busy[0] = '\0';
	rig_disk_at("sdb")->present = false;
	rig_event(r, DISK_REMOVE, "sdb");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "mpathb: sda");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_alias),
		RIG_TEST(test_naming_fails),
		RIG_TEST(test_wwid_owed),
		RIG_TEST(test_renames),
		RIG_TEST(test_clash),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
