// SPDX-License-Identifier: MIT
/* Disks come and go, and the volumes follow. */
#include "tests/unit/discovery_rig.h"

#define TAKE_ALL "[defaults]\nfind_multipaths = no\n"
#define FRIENDLY TAKE_ALL "user_friendly_names = yes\n"

/* Nothing was asked for: nothing is taken, and that is fine. */
static void test_strict(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, "");
	rig_expect(r, "");
	rig_expect_reason(r, "sda", "nobody has asked for it");
	rig_expect_file(r, "wwids", "3600a", false);
	assert_int_equal(rig_disk_at("sda")->open, 0);
	/* Asked for: the whole LUN, now and later. */
	assert_int_equal(discovery_add(r->d, "/dev/sda", r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	rig_expect_file(r, "wwids", "/3600a/", true);
	rig_add(r, "sdc", "3600a");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb sdc");
	rig_expect_event(r, "path-added 3600a sdc: discovery");
}

static void test_known(void **state)
{
	struct rig *r = *state;

	put(r->f, "wwids", "/3600a/\n");
	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_start(r, "");
	rig_expect(r, "3600a: sda");
	rig_expect_reason(r, "sdb", "nobody");
}

/* A path that did not tell its size is there, and used once it has. */
static void test_no_size(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_disk_at("sdb")->size = 0;
	rig_plug(r, "loop0", "");
	rig_disk_at("loop0")->size = 0;
	strcpy(rig_disk_at("loop0")->protocol, "undef");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sda");
	rig_expect_reason(r, "sdb", "its size is 0");
	assert_null(rig_reason(r, "loop0"));
	rig_disk_at("sdb")->size = MIB;
	rig_event(r, DISK_CHANGE, "sdb");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
}

/* In the order of their names, whatever the order they came in. */
static void test_life(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sdaa", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_plug(r, "sdc", "3600b");
	rig_start(r, FRIENDLY);
	rig_expect(r, "mpatha: sdb sdaa; mpathb: sdc");
	rig_expect_file(r, "bindings", "mpatha 3600a\nmpathb 3600b\n", true);
	rig_add(r, "sda", "3600a");
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdb sdaa; mpathb: sdc");
	rig_unplug(r, "sdb");
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdaa; mpathb: sdc");
	rig_expect_event(r, "path-removed mpatha sdb: discovery");
	rig_unplug(r, "sdc");
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdaa");
	rig_expect_event(r, "volume-removed mpathb: discovery");
	/* and again, under its name */
	rig_add(r, "sdd", "3600b");
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdaa; mpathb: sdd");
	assert_int_equal(rig_volume(r, "mpathb")->id, 1);
}

static void test_second_path_decides(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_start(r, "[defaults]\nfind_multipaths = yes\n");
	rig_expect(r, "");
	rig_expect_reason(r, "sda", "only path");
	rig_add(r, "sdb", "3600a");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	rig_unplug(r, "sdb"); /* it stays one */
	rig_settle(r);
	rig_expect(r, "3600a: sda");
}

/* Of what is there already nothing is touched. */
static void test_others_stay(void **state)
{
	struct rig *r = *state;
	uint64_t loads;
	struct group *g;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_start(r, TAKE_ALL);
	g = rig_volume(r, "3600a")->groups[0];
	loads = volume_stats(rig_volume(r, "3600a"))->map_loads;
	rig_add(r, "sdc", "3600b");
	rig_settle(r);
	rig_expect(r, "3600a: sda; 3600b: sdb sdc");
	assert_ptr_equal(rig_volume(r, "3600a")->groups[0], g);
	assert_int_equal(volume_stats(rig_volume(r, "3600a"))->map_loads,
			 loads);
}

static void expect_lun(struct rig *r, int lun)
{
	char want[16], name[16];
	struct volume *v;
	unsigned int n = 0;

	snprintf(name, sizeof(name), "lun%d", lun);
	v = rig_volume(r, name);
	for (int i = lun; i < 40; i += 10) {
		if (i % 4 == 3)
			continue;
		snprintf(want, sizeof(want), "loop%d", i);
		assert_true(n < v->npaths);
		assert_string_equal(v->paths[n]->name, want);
		if (!atomic_load(&v->paths[n]->usable))
			fail_msg("%s of lun%d: %s", want, lun,
				 v->paths[n]->health.why);
		n++;
	}
	assert_int_equal(v->npaths, n);
}

/* A thousand events in a burst, which end in one state. */
static void test_burst(void **state)
{
	struct rig *r = *state;
	char name[16], wwid[16];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "loop%d", i);
		snprintf(wwid, sizeof(wwid), "lun%d", i % 10);
		rig_plug(r, name, wwid);
	}
	rig_start(r, TAKE_ALL "[blacklist_exceptions]\ndevnode = ^loop\n");
	srand(1);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "loop%d", rand() % 40);
		snprintf(wwid, sizeof(wwid), "lun%d", atoi(name + 4) % 10);
		if (rig_disk_at(name)->present)
			rig_unplug(r, name);
		else
			rig_add(r, name, wwid);
		if (rand() % 100 == 0)
			rig_settle(r);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "loop%d", i);
		snprintf(wwid, sizeof(wwid), "lun%d", i % 10);
		if (i % 4 == 3 && rig_disk_at(name)->present)
			rig_unplug(r, name);
		else if (i % 4 < 3 && !rig_disk_at(name)->present)
			rig_add(r, name, wwid);
	}
	r->lost = true; /* events: all is looked at anew */
	rig_settle(r);
	rig_pass(r, 60 * SEC);
	for (int i = 0; i < 10; i++)
		expect_lun(r, i);
}

/* An operator's words */

static void test_remove(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL);
	assert_int_equal(discovery_remove(r->d, "sdb", r->now, &e), 0);
	rig_expect(r, "3600a: sda");
	rig_expect_event(r, "path-removed 3600a sdb: operator");
	assert_string_equal(r->removed, "sdb");
	rig_event(r, DISK_CHANGE, "sdb"); /* changes nothing */
	rig_settle(r);
	rig_expect(r, "3600a: sda");
	rig_expect_reason(r, "sdb", "it was removed by `remove` or `flush`");
	assert_int_equal(discovery_add(r->d, "sdb", r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	assert_string_equal(r->removed, "");
	assert_int_equal(discovery_remove(r->d, "sdb", r->now, &e), 0);
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	/* What an unplugged one was told is forgotten. */
	assert_int_equal(discovery_remove(r->d, "sdb", r->now, &e), 0);
	rig_unplug(r, "sdb");
	rig_add(r, "sdb", "3600a");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
	/* The last one. */
	assert_int_equal(discovery_remove(r->d, "/dev/sda", r->now, &e), 0);
	assert_int_equal(discovery_remove(r->d, "sdb", r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "");
}

static void test_words_refused(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_plug(r, "sdc", "3600c");
	rig_start(r, "[volume v]\npath = a /dev/sda\nwwid = 3600c\n"
		     "[blacklist]\nwwid = 3600b\n");
	assert_int_equal(discovery_add(r->d, "sdx", r->now, &e), -ENOENT);
	assert_string_equal(e.text, "there is no disk 'sdx'");
	assert_int_equal(discovery_remove(r->d, "sdx", r->now, &e), -ENOENT);
	assert_int_equal(discovery_add(r->d, "sdb", r->now, &e), -EPERM);
	assert_non_null(strstr(e.text, "sdb: wwid '3600b' is blacklisted"));
	assert_int_equal(discovery_add(r->d, "sdc", r->now, &e), -EPERM);
	assert_non_null(strstr(e.text, "its LUN is [volume v]"));
	rig_settle(r);
	rig_expect(r, "v: a");
	rig_expect_file(r, "wwids", "/3600b/", false);
}

/* Events do not come: they are looked for. */
static void test_rescan(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_start(r, TAKE_ALL);
	rig_disk_at("sda")->present = false;
	rig_plug(r, "sdb", "3600b");
	rig_expect(r, "3600a: sda");
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600b: sdb");
	rig_expect_event(r, "volume-removed 3600a: rescan");
	/* another program has asked for it */
	assert_int_equal(rig_reconfigure(r, "", false, &e), 0);
	rig_plug(r, "sdc", "3600c");
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600b: sdb");
	put(r->f, "wwids", "/3600c/\n");
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	rig_expect(r, "3600b: sdb; 3600c: sdc");
}

static void test_reconfigure(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_plug(r, "sdh", "");
	rig_start(r, TAKE_ALL);
	rig_expect(r, "3600a: sda; 3600b: sdb");
	/* settings of the LUN, by its section and by its kind */
	assert_int_equal(rig_reconfigure(r,
					 TAKE_ALL
					 "[multipath 3600a]\n"
					 "no_path_retry = 7\n"
					 "[device acme]\nvendor = ACME\n"
					 "product = .\nfailback = 9\n",
					 false, &e),
			 0);
	assert_string_equal(
		rig_volume(r, "3600a")->settings.v[OPT_NO_PATH_RETRY].text,
		"7");
	assert_string_equal(
		rig_volume(r, "3600b")->settings.v[OPT_FAILBACK].text, "9");
	/* One mistake: nothing of it. */
	strcpy(r->busy, "3600b");
	assert_int_equal(rig_reconfigure(r,
					 TAKE_ALL
					 "[blacklist]\nwwid = 3600b\n"
					 "[volume h]\npath = h /dev/sdh\n",
					 false, &e),
			 -EBUSY);
	assert_non_null(strstr(e.text, "volume 3600b is not"));
	rig_expect(r, "3600a: sda; 3600b: sdb");
	assert_string_equal(
		rig_volume(r, "3600b")->settings.v[OPT_FAILBACK].text, "9");
	assert_int_equal(
		rig_reconfigure(r, TAKE_ALL "[volume h]\npath = h /dev/no\n",
				false, &e),
		-ENODEV);
	rig_settle(r);
	rig_expect(r, "3600a: sda; 3600b: sdb");
	/* and well */
	r->busy[0] = '\0';
	assert_int_equal(rig_reconfigure(r,
					 TAKE_ALL
					 "[blacklist]\nwwid = 3600b\n"
					 "[volume h]\npath = h /dev/sdh\n",
					 false, &e),
			 0);
	rig_settle(r);
	rig_expect(r, "3600a: sda; h: h");
	rig_expect_reason(r, "sdb", "is blacklisted");
}

static void test_dry_run(void **state)
{
	struct rig *r = *state;
	struct errmsg e;
	uint64_t loads;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600b");
	rig_plug(r, "sdc", "3600c");
	rig_plug(r, "sdh", "");
	rig_start(r, "[multipath 3600a]\n[multipath 3600b]\n");
	loads = volume_stats(rig_volume(r, "3600a"))->map_loads;
	rig_forget_log(r);
	assert_int_equal(rig_reconfigure(r,
					 TAKE_ALL
					 "[multipath 3600a]\nalias = x\n"
					 "failback = 4\n[blacklist]\n"
					 "wwid = 3600b\n[volume h]\n"
					 "path = h /dev/sdh\n",
					 true, &e),
			 0);
	rig_expect_event(r, "difference h: volume added\n");
	rig_expect_event(r, "difference h h: path added\n");
	rig_expect_event(r, "difference x: volume renamed\n");
	rig_expect_event(r, "difference x: setting changed\n");
	rig_expect_event(r, "difference: setting changed\n");
	rig_expect_event(r, "difference 3600b: volume removed\n");
	rig_expect_event(r, "difference 3600c: volume added\n");
	rig_expect_event(r, "difference 3600c sdc: path added\n");
	rig_settle(r);
	rig_expect(r, "3600a: sda; 3600b: sdb");
	assert_int_equal(volume_stats(rig_volume(r, "3600a"))->map_loads,
			 loads);
	/* What would be refused is. */
	assert_int_equal(
		rig_reconfigure(r, TAKE_ALL "[volume h]\npath = h /dev/no\n",
				true, &e),
		-ENODEV);
	rig_settle(r);
	rig_expect(r, "3600a: sda; 3600b: sdb");
	assert_int_equal(rig_disk_at("sdh")->open, 0);
}

/* Volumes named by hand */

static void test_by_hand(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	assert_int_equal(
		rig_begin(r, TAKE_ALL "[volume v]\npath = a /dev/no\n", &e),
		-ENODEV);
	assert_non_null(strstr(e.text, "path a"));
	assert_int_equal(rig_disk_at("sda")->open, 0);
}

/* One LUN is one volume, though only some of its disks are named. */
static void test_lun_by_hand(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a");
	rig_start(r, TAKE_ALL "[volume v]\npath = a /dev/sda\nwwid = 3600a\n");
	rig_expect(r, "v: a");
	rig_expect_reason(r, "sdb", "its LUN is [volume v]");
}

/* A worker that comes after another one */

static void test_kept(void **state)
{
	struct rig *r = *state;

	r->kept[0] = (struct discovery_kept){"3600a", "data", MIB, 512};
	r->kept[1] = (struct discovery_kept){"3600b", "lost", 4 * MIB, 4096};
	strcpy(r->removed, "sdc");
	strcpy(r->busy, "3600b");
	rig_plug(r, "sda", "3600a");
	rig_plug(r, "sdb", "3600a")->error = EIO;
	rig_plug(r, "sdc", "3600a");
	rig_plug(r, "sdd", "3600d");
	/* There before anything has run. */
	assert_int_equal(rig_begin(r, "[defaults]\nuser_friendly_names = yes\n",
				   &(struct errmsg){""}),
			 0);
	rig_expect(r, "data: sda sdb!; lost:");
	assert_int_equal(volume_size(rig_volume(r, "lost")), 4 * MIB);
	assert_int_equal(volume_block(rig_volume(r, "lost")), 4096);
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdb!; mpathb:"); /* by the file of now */
	rig_plug(r, "sde", "3600b")->size = 4 * MIB;
	rig_event(r, DISK_ADD, "sde");
	rig_settle(r);
	rig_expect(r, "mpatha: sda sdb!; mpathb: sde");
}

/* What goes wrong */

static int no_list(struct disk_source *s,
		   void (*sink)(void *ctx, struct disk *d), void *ctx,
		   struct errmsg *e)
{
	(void)s;
	(void)sink;
	(void)ctx;
	return errmsg_set(e, EIO, "no list");
}

/* What is there stays, and events go on. */
static void test_no_list(void **state)
{
	struct rig *r = *state;

	rig_plug(r, "sda", "3600a");
	rig_start(r, TAKE_ALL);
	r->source.enumerate = no_list;
	r->lost = true;
	rig_settle(r);
	rig_expect_event(r, "discovery-failed: no list");
	rig_expect(r, "3600a: sda");
	rig_add(r, "sdb", "3600a");
	rig_settle(r);
	rig_expect(r, "3600a: sda sdb");
}

static int no_trigger(struct disk_source *s, const char *name, struct errmsg *e)
{
	(void)s;
	return errmsg_set(e, EACCES, "%s: no", name);
}

static void test_no_trigger(void **state)
{
	struct rig *r = *state;

	r->source.trigger = no_trigger;
	strcpy(rig_plug(r, "sda", "")->own, "3600a");
	rig_start(r, TAKE_ALL);
	rig_pass(r, 40 * SEC);
	rig_expect_event(r, "disk-ignored sda: sda: no");
	rig_expect(r, "3600a: sda");
}

/* A new volume that cannot be does not keep the others from changing. */
static void test_too_many(void **state)
{
	struct rig *r = *state;
	char name[16], wwid[32];
	struct errmsg e;

	for (int i = 0; i < RIG_VOLUMES - 1; i++) {
		snprintf(name, sizeof(name), "loop%d", i);
		snprintf(wwid, sizeof(wwid), "lun%02d", i);
		rig_plug(r, name, wwid);
	}
	rig_start(r, TAKE_ALL "[blacklist_exceptions]\ndevnode = ^loop\n");
	assert_non_null(monitor_volume(r->m, RIG_VOLUMES - 2));
	rig_add(r, "sda", "lun99");
	rig_add(r, "sdb", "lun00");
	rig_add(r, "sdc", "lun98"); /* for which there is room */
	rig_settle(r);
	assert_non_null(monitor_volume_by_name(r->m, "lun98"));
	rig_expect_event(r, "volume-failed lun99: ");
	rig_expect_reason(r, "sda", "No space left on device");
	rig_expect_remedy(r, "sda", "`rescan` or `reconfigure`");
	assert_int_equal(rig_volume(r, "lun00")->npaths, 2);
	rig_unplug(r, "sdb");
	rig_settle(r);
	assert_int_equal(rig_volume(r, "lun00")->npaths, 1);
	assert_int_equal(discovery_rescan(r->d, r->now, &e), 0);
	rig_settle(r);
	assert_null(monitor_volume_by_name(r->m, "lun99"));
}

/* Devices are held exclusively: a path that comes has that of the one that
 * goes, but from another volume only when nothing is out on it. */
static void test_handed_over(void **state)
{
	struct rig *r = *state;
	struct device *dev;
	struct path *old;
	struct errmsg e;
	int rc;

	rig_plug(r, "sda", "");
	rig_start(r, "[volume v]\npath = a /dev/sda\n");
	old = rig_volume(r, "v")->paths[0];
	dev = old->dev;
	atomic_store(&old->load.ios, 1);
	rc = rig_reconfigure(r, "[volume v]\npath = b /dev/sda\n", false, &e);
	atomic_store(&old->load.ios, 0);
	assert_int_equal(rc, 0);
	rig_settle(r);
	rig_expect(r, "v: b");
	old = rig_volume(r, "v")->paths[0];
	assert_ptr_equal(old->dev, dev);
	assert_int_equal(rig_disk_at("sda")->open, 1);
	atomic_store(&old->load.ios, 1);
	rc = rig_reconfigure(r, "[volume w]\npath = b /dev/sda\n", false, &e);
	atomic_store(&old->load.ios, 0);
	assert_int_equal(rc, -ENODEV);
	assert_non_null(strstr(e.text, "in use"));
	rig_expect(r, "v: b");
	/* what cannot be has given back what it had taken */
	assert_int_equal(rig_reconfigure(r,
					 "[volume w]\npath = b /dev/sda\n"
					 "path = c /dev/no\n",
					 false, &e),
			 -ENODEV);
	assert_int_equal(atomic_load(&old->dev->shares), 0);
	assert_int_equal(rig_reconfigure(r, "[volume w]\npath = b /dev/sda\n",
					 false, &e),
			 0);
	rig_settle(r);
	rig_expect(r, "w: b");
	assert_int_equal(rig_disk_at("sda")->open, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_strict),	    RIG_TEST(test_known),
		RIG_TEST(test_life),	    RIG_TEST(test_second_path_decides),
		RIG_TEST(test_others_stay), RIG_TEST(test_burst),
		RIG_TEST(test_remove),	    RIG_TEST(test_words_refused),
		RIG_TEST(test_rescan),	    RIG_TEST(test_reconfigure),
		RIG_TEST(test_dry_run),	    RIG_TEST(test_by_hand),
		RIG_TEST(test_lun_by_hand), RIG_TEST(test_kept),
		RIG_TEST(test_handed_over),
		RIG_TEST(test_no_list),	    RIG_TEST(test_no_trigger),
		RIG_TEST(test_no_size),
		RIG_TEST(test_too_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
