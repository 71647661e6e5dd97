// SPDX-License-Identifier: MIT
/* Who a disk is, whether that stays so, and disks that cannot be opened. */
#include "tests/unit/discovery_rig.h"

#define TAKE_ALL "[defaults]\nfind_multipaths = no\n"

/* Who it is */

static void test_wwid_changes(void **state)
{
	struct rig *r = *state;
	struct path *p;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL);
	p = volume_path(rig_volume(r, "3600a"), "sdb");
	atomic_store(&p->load.ios, 1); /* in flight: it is not freed */
	strcpy(rig_disk_at("sdb")->wwid, "3600b");
	rig_event(r, DISK_CHANGE, "sdb");
	discovery_input(r->d, r->now);
	rig_turn(r);
	assert_false(atomic_load(&p->usable)); /* at once */
	rig_expect_event(r, "path-wwid-changed 3600a sdb: its WWID is 3600b");
	atomic_store(&p->load.ios, 0);
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda; 3600b: sdb");
}

/* max_sectors_kb is that of its LUN; where the kernel refuses, ours holds. */
static void test_max_sectors(void **state)
{
	struct rig *r = *state;
	struct volume *v;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a")->limit_error = EACCES;
	rig_plug(r, "sdc", "3600b");
	rig_start(r, TAKE_ALL "[multipath 3600a]\nmax_sectors_kb = 64\n");
	rig_expect(r, "3600a: sda sdb; 3600b: sdc");
	v = rig_volume(r, "3600a");
	for (unsigned int i = 0; i < v->npaths; i++)
		assert_int_equal(v->paths[i]->dev->limits.max_io, 64 << 10);
	v = rig_volume(r, "3600b");
	assert_int_equal(v->paths[0]->dev->limits.max_io, MIB);
	rig_expect_event(r, "limit-refused 3600a sdb: max_sectors_kb = 64: "
			    "Permission denied");
}

/* What cannot be read now is no other WWID. */
static void test_wwid_vanishes(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_start(r, TAKE_ALL);
	rig_disk_at("sda")->wwid[0] = '\0';
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 60 * SEC);
	rig_expect(r, "3600a: sda");
}

/* recheck_wwid: disk and udev agreed once. */
static void test_recheck(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");

	strcpy(a->own, "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL);
	a->error = EIO;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	strcpy(a->own, "3600z");
	a->error = 0;
	a->rescan_error = EIO; /* udev is asked all the same */
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb");
	rig_expect_event(r, "path-wwid-changed 3600a sda");
	assert_int_equal(r->rescans, 1);
	assert_int_equal(r->triggers, 1);
	rig_expect_event(r, "rescan-failed sda: rescan: Input/output error");
	/* udev still says what it said */
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb");
	rig_expect_reason(r, "sda", "the disk says another");
	strcpy(a->wwid, "3600z");
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb; 3600z: sda");
}

/*
 * Only the disk itself says it, to who asks: the kernel's copy and udev have it
 * for what it was. It leaves the volume, is looked at anew, and becomes what it
 * is when udev has come to it.
 */
static void test_recheck_asked(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");
	struct rig_disk *b = rig_plug(r, "sdb", "3600a");

	strcpy(a->own, strcpy(a->says, "3600a"));
	strcpy(b->own, strcpy(b->says, "3600a"));
	rig_start(r, TAKE_ALL);
	a->error = EIO;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	strcpy(a->says, "3600z");
	a->error = 0;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb");
	rig_expect_event(r, "path-wwid-changed 3600a sda: its WWID is 3600z, "
			    "not 3600a");
	assert_int_equal(r->rescans, 1);
	assert_int_equal(r->triggers, 1);
	assert_string_equal(a->own, "3600z");
	/* udev has not come to it: it says what it said */
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb");
	rig_expect_reason(r, "sda", "the disk says another");
	strcpy(a->wwid, "3600z");
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb; 3600z: sda");
	assert_int_equal(r->rescans, 1);
}

/* An operator's word does not change who it is, nor its size. */
static void test_reinstate(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");
	struct errmsg e;
	struct path *p;

	strcpy(a->own, "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL);
	a->error = EIO;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	p = volume_path(rig_volume(r, "3600a"), "sda");
	a->size *= 2;
	assert_int_equal(monitor_path_state(r->m, p, "reinstate", r->now, &e),
			 -ESTALE);
	assert_string_equal(e.text, "sda: another size");
	a->size /= 2;
	rig_pass(r, 10 * SEC);
	rig_expect(r, "3600a: sda! sdb");
	a->error = 0;
	rig_pass(r, 10 * SEC);
	rig_expect(r, "3600a: sda sdb");
	a->error = EIO;
	rig_pass(r, 20 * SEC);
	strcpy(a->own, "3600z");
	assert_int_equal(monitor_path_state(r->m, p, "reinstate", r->now, &e),
			 -ESTALE);
	assert_string_equal(e.text, "sda: its WWID is another now");
	rig_settle(r);
	rig_expect(r, "3600a: sdb");
}

/* It cannot be looked at, and nobody says but the disk, when it is opened. */
static void test_recheck_opened(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");
	struct rig_disk *b = rig_plug(r, "sdb", "3600a");

	strcpy(a->says, "3600z");
	a->size = 2 * MIB; /* which is not what counts */
	strcpy(b->says, "3600a");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sdb");
	rig_expect_reason(r, "sda", "the disk itself says that its WWID is "
				    "3600z");
	/* It is refused once, whatever else is tried again. */
	rig_plug(r, "sdc", "3600c")->error = EIO;
	rig_event(r, DISK_ADD, "sdc");
	rig_forget_log(r);
	rig_pass(r, 30 * SEC);
	rig_expect_no_event(r, "path-refused");
	strcpy(a->says, "3600a");
	a->size = MIB;
	rig_event(r, DISK_CHANGE, "sda");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda sdb");
}

/* The same without the setting, and where no disk says what udev does. */
static void test_recheck_other_kind(void **state)
{
	struct rig *r = *state;

	strcpy(rig_plug(r, "sda", "3600a")->says, "3600z");
	strcpy(rig_plug(r, "sdb", "3600a")->says, "3600y");
	strcpy(rig_plug(r, "sdc", "3600c")->says, "3600c");
	strcpy(rig_plug(r, "sdd", "3600c")->says, "3600z");
	rig_start(r, TAKE_ALL "[multipath 3600a]\nalias = a\n[overrides]\n"
			      "recheck_wwid = no\n");
	rig_expect(r, "3600c: sdc sdd; a: sda sdb");
}

/* A worker that has died had it, and it is another now. */
static void test_recheck_kept(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");
	struct errmsg e;

	strcpy(a->own, "3600a");
	strcpy(a->says, "3600z");
	strcpy(rig_plug(r, "sdb", "3600a")->says, "3600a");
	r->kept[0] = (struct discovery_kept){"3600a", "3600a", MIB, 512};
	if (rig_begin(r, TAKE_ALL, &e))
		fail_msg("%s", e.text);
	rig_expect(r, "3600a: sda! sdb");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sdb");
	assert_int_equal(r->rescans, 1);
}

static void test_recheck_agrees(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", "3600a");

	strcpy(a->own, "3600a");
	rig_start(r, TAKE_ALL);
	a->error = EIO;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda!");
	a->error = 0;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda");
}

/* udev is asked three times, ten seconds apart; then the disk's word counts. */
static void test_retrigger(void **state)
{
	struct rig *r = *state;

	strcpy(rig_plug(r, "sda", "")->own, "3600a");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "");
	rig_expect_reason(r, "sda", "udev does not give ID_SERIAL");
	rig_pass(r, 9 * SEC);
	assert_int_equal(r->triggers, 0);
	rig_pass(r, 2 * SEC);
	assert_int_equal(r->triggers, 1);
	rig_pass(r, 18 * SEC);
	assert_int_equal(r->triggers, 2);
	rig_expect(r, "");
	rig_pass(r, 2 * SEC);
	rig_expect(r, "3600a: sda");
	rig_pass(r, 100 * SEC);
	assert_int_equal(r->triggers, 3);
}

/* Neither udev nor the kernel knows who it is: it is asked itself, once. */
static void test_inquiry(void **state)
{
	struct rig *r = *state;
	struct rig_disk *a = rig_plug(r, "sda", ""), *b = rig_plug(r, "sdb", "");

	strcpy(a->says, "3600a");
	rig_plug(r, "sdc", "")->error = EIO;
	rig_start(r, TAKE_ALL);
	rig_pass(r, 29 * SEC);
	assert_int_equal(r->inquiries, 0); /* udev first */
	rig_pass(r, 2 * SEC);
	rig_expect(r, "3600a: sda");
	assert_int_equal(r->inquiries, 3);
	rig_expect_reason(r, "sdb", "udev does not give ID_SERIAL");
	rig_expect_event(r, "disk-ignored sdc: INQUIRY: Input/output error");
	/* Events of it change nothing, and nobody asks again. */
	strcpy(b->says, "3600b");
	rig_event(r, DISK_CHANGE, "sda");
	rig_event(r, DISK_CHANGE, "sdb");
	rig_pass(r, 60 * SEC);
	rig_expect(r, "3600a: sda");
	assert_int_equal(r->inquiries, 3);
	/* Another disk by that name is another question. */
	rig_add(r, "sdb", "");
	rig_pass(r, 60 * SEC);
	rig_expect(r, "3600a: sda; 3600b: sdb");
	assert_int_equal(r->inquiries, 4);
}

static void test_inquiry_no_udevd(void **state)
{
	struct rig *r = *state;

	r->source.kind = "kernel";
	strcpy(rig_plug(r, "sda", "")->says, "3600a");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sda");
}

static void test_no_udevd(void **state)
{
	struct rig *r = *state;

	r->source.kind = "kernel";
	strcpy(rig_plug(r, "sda", "")->own, "3600a");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sda");
}

/* Devices that cannot be opened */

static void test_open_fails(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a")->error = ENXIO;
	rig_plug(r, "sdb", "3600b")->error = ENXIO;
	rig_plug(r, "sdc", "3600b");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600b: sdb! sdc"); /* one is enough */
	rig_expect_reason(r, "sda", "No such device or address");
	rig_disk_at("sda")->error = rig_disk_at("sdb")->error = 0;
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda; 3600b: sdb sdc");
}

/* The same name, another instance of the disk. */
static void test_replaced(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL);
	rig_event(r, DISK_REMOVE, "sdb");
	rig_add(r, "sdb", "3600a");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda sdb");
	/* without a remove */
	rig_add(r, "sdb", "3600a");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda sdb");
	rig_add(r, "sdb", "3600b");
	rig_pass(r, 20 * SEC);
	rig_expect(r, "3600a: sda; 3600b: sdb");
}

/* The controller of that name tells something; property: "" none. */
static void tell(struct rig *r, const char *name, const char *property)
{
	struct disk *told = calloc(1, sizeof(*told));

	assert_non_null(told);
	strcpy(told->name, name);
	told->properties = calloc(2, sizeof(char *));
	assert_non_null(told->properties);
	if (*property)
		told->properties[0] = strdup(property);
	r->events[r->nevents++] =
		(struct disk_event){.action = DISK_CONTROLLER, .disk = told};
	discovery_input(r->d, r->now);
	rig_turn(r);
}

/* A disk that tells of itself may be another LUN by now. */
static void test_unit_attention(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 2; i++) {
		struct rig_disk *disk = rig_plug(r, i ? "sdb" : "sda", "3600a");

		strcpy(disk->says, "3600a");
		strcpy(disk->controller, i ? "2:0:0:10" : "2:0:0:1");
	}
	rig_start(r, TAKE_ALL);
	rig_pass(r, 25 * SEC);
	tell(r, "2:0:0:1", "SDEV_UA=INQUIRY_DATA_HAS_CHANGED");
	rig_pass(r, SEC);
	rig_expect(r, "3600a: sda sdb");
	strcpy(rig_disk_at("sda")->says, "3600z");
	strcpy(rig_disk_at("sdb")->says, "3600z");
	rig_pass(r, 25 * SEC);
	rig_expect(r, "3600a: sda sdb"); /* nobody has told */
	tell(r, "2:0:0:1", "SDEV_UA=REPORTED_LUNS_DATA_HAS_CHANGED");
	rig_pass(r, SEC);
	rig_expect_event(r, "path-wwid-changed 3600a sda");
	rig_expect_no_event(r, "path-wwid-changed 3600a sdb");
}

/* Those of its disks that are paths are checked at once, and no others. */
static void test_controller(void **state)
{
	struct rig *r = *state;

	strcpy(rig_plug(r, "sda", "3600a")->controller, "nvme1");
	strcpy(rig_plug(r, "sdb", "3600a")->controller, "nvme10");
	strcpy(rig_plug(r, "sdc", "3600c")->controller, "nvme1");
	rig_plug(r, "sdd", ""); /* no path of anything */
	rig_start(r, TAKE_ALL);
	rig_pass(r, 25 * SEC);
	for (int i = 0; i < 3; i++)
		r->disks[i].error = EIO;
	tell(r, "nvme1", "");
	rig_expect(r, "3600a: sda! sdb; 3600c: sdc!");
}

/* prio_args of a section behind that of prio: for another one, if not for it. */
static void test_prio_pair(void **state)
{
	static const struct {
		const char *multipath, *prio, *args;
	} rows[] = {
		{"prio = fasting\n", "fasting", ""},
		{"prio = easy\n", "easy", "food"},
		{"failback = 9\n", "hungry", "food"},
		/* its own words are meant for what is there */
		{"prio_args = fodder\n", "hungry", "fodder"},
	};
	struct rig *r = *state;
	char text[256];

	rig_plug(r, "sda", "3600a");
	rig_start(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct setting *s;
		struct errmsg e;

		snprintf(text, sizeof(text),
			 "[defaults]\nfind_multipaths = no\nprio = hungry\n"
			 "prio_args = food\n[multipath 3600a]\n%s",
			 rows[i].multipath);
		if (rig_reconfigure(r, text, false, &e))
			fail_msg("row %zu: %s", i, e.text);
		rig_settle(r);
		s = rig_volume(r, "3600a")->settings.v;
		if (strcmp(s[OPT_PRIO].text, rows[i].prio) ||
		    strcmp(s[OPT_PRIO_ARGS].text, rows[i].args))
			fail_msg("row %zu: got '%s' '%s', expected '%s' '%s'",
				 i, s[OPT_PRIO].text, s[OPT_PRIO_ARGS].text,
				 rows[i].prio, rows[i].args);
		rig_expect_no_event(r, "setting-dropped");
	}
	/* Both of the section that has the word on the LUN: nothing fits. */
	if (rig_reconfigure(r, "[defaults]\nfind_multipaths = no\n"
			       "prio = fasting\n[multipath 3600a]\n"
			       "prio_args = food\n", false, &(struct errmsg){""}))
		fail_msg("it is not loaded");
	rig_settle(r);
	rig_expect_event(r, "setting-dropped 3600a: prio = fasting");
	assert_string_equal(rig_volume(r, "3600a")->settings.v[OPT_PRIO].text,
			    "const");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_max_sectors),
		RIG_TEST(test_wwid_changes), RIG_TEST(test_wwid_vanishes),
		RIG_TEST(test_recheck),	     RIG_TEST(test_recheck_agrees),
		RIG_TEST(test_recheck_asked), RIG_TEST(test_recheck_opened),
		RIG_TEST(test_recheck_other_kind),
		RIG_TEST(test_recheck_kept), RIG_TEST(test_reinstate),
		RIG_TEST(test_inquiry),	     RIG_TEST(test_inquiry_no_udevd),
		RIG_TEST(test_retrigger),    RIG_TEST(test_no_udevd),
		RIG_TEST(test_open_fails),   RIG_TEST(test_replaced),
		RIG_TEST(test_controller),   RIG_TEST(test_unit_attention),
		RIG_TEST(test_prio_pair),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
