// SPDX-License-Identifier: MIT
/*
 * A configuration becomes volumes: whole, or nothing changes; and live, with
 * what is in use kept.
 */
#include "tests/unit/monitor_rig.h"

#define BASE                                                                   \
	"[volume v]\npath = a @a 2\npath = b @b 1\n"                           \
	"no_path_retry = 5\npolling_interval = 9\n"

/* Everything that a refused change must leave as it was. */
static char *render(struct rig *r)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct volume *v;

	for (unsigned int i = 0; (v = monitor_volume(r->m, i)); i++) {
		const struct view *view = atomic_load(&v->view);

		fprintf(f, "%s %p id %u wwid %s size %llu state %s seq %llu\n",
			v->name, (void *)v, v->id, v->wwid,
			(unsigned long long)volume_size(v),
			volume_state_text(volume_state(v)),
			(unsigned long long)view->seq);
		for (int o = 0; o < OPT_COUNT; o++)
			fprintf(f, "%s ", v->settings.v[o].text);
		for (unsigned int g = 0; g < v->ngroups; g++)
			fprintf(f, "\ngroup %p %u%s%s", (void *)v->groups[g],
				v->groups[g]->npaths,
				v->groups[g] == v->current ? " current" : "",
				v->groups[g]->bypassed ? " bypassed" : "");
		for (unsigned int p = 0; p < v->npaths; p++)
			fprintf(f, "\npath %s %p %p prio %d %s%s",
				v->paths[p]->name, (void *)v->paths[p],
				(void *)v->paths[p]->dev, v->paths[p]->priority,
				path_state_text(path_state(v->paths[p])),
				v->paths[p]->usable ? " usable" : "");
		fprintf(f, "\n");
	}
	fclose(f);
	return text;
}

/* Refused on a running BASE plus volume w of device c, kept "size" bytes. */
static const struct {
	const char *name, *text;
	int rc;
	const char *error;
} refused[] = {
	{"a device that is not there", BASE "path = x @x\n"
	 "[volume w]\npath = c @c\n", -ENODEV,
	 "main:6: volume v: path x: x: No such file or directory"},
	{"a directory", BASE "path = x @d\n[volume w]\npath = c @c\n", -ENODEV,
	 "main:6: volume v: path x: d: neither a block device nor a file"},
	{"another size", BASE "path = x @small\n[volume w]\npath = c @c\n",
	 -EINVAL, "main:6: volume v: path x: size is 4096 bytes, the other "
	 "paths' 1048576"},
	{"another size in a new volume",
	 BASE "[volume w]\npath = c @c\n[volume n]\npath = p @n1\n"
	 "path = q @small\n", -EINVAL,
	 "main:10: volume n: path q: size is 4096 bytes, the other paths' "
	 "1048576"},
	{"a file of another volume", BASE "[volume w]\npath = c @c\n"
	 "[volume n]\npath = p @a\n", -EBUSY,
	 "main:9: volume n: path p: its device is path a of volume v already"},
	{"the same file by a link", BASE "[volume w]\npath = c @c\n"
	 "[volume n]\npath = p @link\n", -EBUSY,
	 "main:9: volume n: path p: its device is path a of volume v already"},
	{"removal of what is in use", BASE, -EBUSY,
	 "volume w is not in the configuration any more, but its files are "
	 "open"},
	/* After others were planned, opened, and given new priorities. */
	{"a fault at the end",
	 "[volume v]\npath = a @a 7\npath = b @b 8\npath = e @n1 9\n"
	 "path_grouping_policy = multibus\n[volume n]\npath = n @n2\n"
	 "[volume w]\npath = c @c\npath = x @x\n", -ENODEV,
	 "main:10: volume w: path x: x: No such file or directory"},
	{"more volumes than there is room for", BASE
	 "[volume w]\npath = c @c\n[volume v1]\npath = p @n1\n"
	 "[volume v2]\npath = p @n2\n[volume v3]\npath = p @n3\n"
	 "[volume v4]\npath = p @n4\n[volume v5]\npath = p @n5\n"
	 "[volume v6]\npath = p @n6\n[volume v7]\npath = p @n7\n", -ENOSPC,
	 "volume v6: No space left on device"},
};

static void more_files(struct rig *r)
{
	char from[128], to[128], name[8];

	rig_device(r, "small", 4096);
	for (int i = 1; i < 8; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		rig_device(r, name, FILE_SIZE);
	}
	snprintf(from, sizeof(from), "%sa", r->f->dir);
	snprintf(to, sizeof(to), "%slink", r->f->dir);
	assert_int_equal(link(from, to), 0);
}

static void test_refused(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	more_files(r);
	assert_int_equal(rig_apply(r, BASE "[volume w]\npath = c @c\n", true,
				   &e),
			 0);
	rig_turn(r);
	rig_word(r, "b", "offline");
	r->busy = true;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		CLEANUP_FREE char *before = render(r);
		CLEANUP_FREE char *after = NULL;
		int rc;

		r->log[0] = '\0';
		rc = rig_apply(r, refused[i].text, true, &e);
		if (rc != refused[i].rc || strcmp(e.text, refused[i].error))
			fail_msg("%s: got %d, %s; expected %d, %s",
				 refused[i].name, rc, e.text, refused[i].rc,
				 refused[i].error);
		after = render(r);
		if (strcmp(before, after))
			fail_msg("%s: got\n%sexpected\n%s", refused[i].name,
				 after, before);
		rig_expect_log(r, "");
		rig_open_all(r);
		for (int k = 0; k < RIG_VOLUMES; k++)
			assert_int_equal(r->table[k] != NULL, k < 2);
	}
	rig_pass(r, 100 * SEC); /* and it goes on well */
	rig_expect_state(r, "a", "active");
	rig_expect_state(r, "b", "offline");
}

static void test_first(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct volume *v;

	assert_int_equal(rig_apply(r,
				   "[volume w]\npath = c @c\nwwid = 3600\n" BASE,
				   true, &e),
			 0);
	v = rig_volume(r, "v");
	assert_ptr_equal(monitor_volume(r->m, 0), v); /* by name */
	assert_string_equal(monitor_volume(r->m, 1)->name, "w");
	assert_null(monitor_volume(r->m, 2));
	assert_string_equal(v->wwid, "v");
	assert_string_equal(monitor_volume(r->m, 1)->wwid, "3600");
	assert_int_equal(volume_size(v), FILE_SIZE);
	assert_ptr_equal(atomic_load(&r->table[v->id]), v);
	assert_ptr_equal(monitor_volume_by_id(r->m, v->id), v);
	assert_int_equal(rig_group(r), 1);
	assert_int_equal(r->changed, 2);
	rig_expect_log(r, "group-active w: the first with a usable path\n"
			  "volume-state w: at-risk\n"
			  "volume-added w: configuration\n"
			  "group-active v: the first with a usable path\n"
			  "volume-added v: configuration\n");
}

/* The same again: no path is opened anew, nobody's state is lost. */
static void test_same_again(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct device *dev;
	struct path *a;

	rig_start(r, "");
	a = rig_path(r, "a");
	dev = a->dev;
	rig_word(r, "a", "fail");
	rig_word(r, "b", "offline");
	rig_fault(r, "a");
	rig_start(r, "");
	assert_ptr_equal(rig_path(r, "a"), a);
	assert_ptr_equal(a->dev, dev);
	rig_expect_state(r, "a", "failed");
	rig_expect_state(r, "b", "offline");
	assert_int_equal(a->health.fail_count, 1);
	assert_int_equal(rig_apply(r, BASE, true, &e), 0);
	assert_string_equal(
		rig_volume(r, "v")->settings.v[OPT_NO_PATH_RETRY].text, "5");
}

/* Paths come and go; the group in use stays the one in use. */
static void test_paths_change(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct path *a, *b;

	rig_start(r, "");
	a = rig_path(r, "a");
	b = rig_path(r, "b");
	rig_control(r, "switch-group 2");
	assert_int_equal(rig_apply(r, "[volume v]\npath = b @b 1\n"
				      "path = c @c 9\npath = a @a 2\n",
				   true, &e),
			 0);
	rig_turn(r);
	assert_ptr_equal(rig_path(r, "a"), a);
	assert_ptr_equal(rig_path(r, "b"), b);
	rig_expect_state(r, "c", "active");
	assert_int_equal(rig_volume(r, "v")->ngroups, 3);
	assert_ptr_equal(rig_view(r)->group->paths[0], b);
	/* b goes while something of it is out. */
	atomic_store(&b->load.ios, 1);
	assert_int_equal(rig_apply(r, "[volume v]\npath = c @c 9\n"
				      "path = a @a 2\n",
				   true, &e),
			 0);
	assert_false(atomic_load(&b->usable));
	assert_null(volume_path(rig_volume(r, "v"), "b"));
	assert_int_equal(rig_group(r), 1);
	rig_pass(r, 100 * SEC);
	assert_int_equal(r->m->nretired_paths, 1);
	atomic_store(&b->load.ios, 0);
	rig_pass(r, SEC);
	rig_open_all(r);
	assert_int_equal(r->m->nretired_paths, 0);
}

/* One name, another device: a new path in the place of the old one. */
static void test_device_changes(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct path *b;

	rig_start(r, "");
	rig_word(r, "b", "fail");
	b = rig_path(r, "b");
	r->failed = NULL;
	assert_int_equal(rig_apply(r, "[volume v]\npath = a @a 2\n"
				      "path = b @c 1\n",
				   true, &e),
			 0);
	assert_ptr_not_equal(rig_path(r, "b"), b);
	rig_expect_state(r, "b", "active");
	assert_true(strchr(rig_path(r, "b")->dev_path, 'c') != NULL);
}

static void test_volumes_change(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct volume *v;
	const struct view *view;

	rig_start(r, "");
	v = rig_volume(r, "v");
	v->lanes[1].requests = 1; /* a lane has one of its requests */
	assert_int_equal(rig_apply(r, "[volume w]\npath = c @c\n", true, &e), 0);
	assert_null(monitor_volume_by_name(r->m, "v"));
	assert_null(atomic_load(&r->table[v->id]));
	view = atomic_load(&v->view);
	assert_true(view->gone);
	rig_pass(r, 10 * SEC);
	assert_false(cds_list_empty(&r->m->retired_volumes));
	/* It may be a write that hangs, and lands over what is written next. */
	assert_int_equal(rig_apply(r, BASE, true, &e), -EBUSY);
	assert_string_equal(e.text, "volume v: it was removed, and I/O of before "
				    "has not come back");
	assert_int_equal(rig_apply(r, "[volume x]\nwwid = v\npath = a @a\n",
				   true, &e), -EBUSY);
	/* What fails on it now brings it not back. */
	path_fail(v->paths[0], monitor_mailbox(r->m), EIO, IO_READ, 0);
	rig_turn(r);
	view = atomic_load(&v->view);
	assert_true(view->gone);
	v->lanes[1].requests = 0;
	rig_pass(r, SEC);
	rig_open_all(r);
	assert_true(cds_list_empty(&r->m->retired_volumes));
	/* and again under the old name */
	assert_int_equal(rig_apply(r, BASE, true, &e), 0);
	rig_turn(r);
	rig_expect_state(r, "a", "active");
}

/* What was kept: offline, failed, a live value over the file's. */
static void test_kept(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	struct setting *s;

	r->held = "a";
	r->failed = "b";
	r->live = "immediate";
	r->live_opt = OPT_FAILBACK;
	verdict_of("b")->state = CHECK_PENDING;
	assert_int_equal(rig_apply(r, BASE "failback = manual\n", true, &e), 0);
	s = rig_volume(r, "v")->settings.v;
	assert_string_equal(s[OPT_FAILBACK].text, "immediate");
	assert_int_equal(s[OPT_FAILBACK].origin, ORIGIN_LIVE);
	rig_turn(r);
	rig_expect_state(r, "a", "offline");
	rig_expect_state(r, "b", "failed");
	rig_set(r, OPT_FAILBACK, "default");
	assert_string_equal(s[OPT_FAILBACK].text, "manual");
	r->live = "nonsense"; /* of another version: the file's counts */
	assert_int_equal(rig_apply(r, BASE "failback = 3\n", true, &e), 0);
	assert_string_equal(s[OPT_FAILBACK].text, "3");
}

/* A worker that starts again takes what is there. */
static void test_not_strict(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	rig_device(r, "small", 4096);
	assert_int_equal(rig_apply(r,
				   "[volume v]\npath = a @a\npath = b @x\n"
				   "path = c @small\n",
				   false, &e),
			 0);
	rig_turn(r);
	rig_open_all(r);
	rig_expect_state(r, "a", "active");
	rig_expect_state(r, "b", "failed");
	rig_expect_state(r, "c", "failed");
	assert_null(rig_path(r, "b")->dev);
	assert_null(rig_path(r, "c")->dev);
	assert_int_equal(volume_state(rig_volume(r, "v")), VOLUME_AT_RISK);
	rig_device(r, "x", FILE_SIZE);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "b", "active");
}

/* More paths than may be opened at once. */
static void test_many_paths(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	char text[2048] = "[volume v]\n", line[64];

	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "file%d", i);
		rig_device(r, line, FILE_SIZE);
		snprintf(line, sizeof(line), "path = p%d @file%d\n", i, i);
		strcat(text, line);
	}
	strcat(text, "path_checker = none\n");
	assert_int_equal(rig_apply(r, text, true, &e), 0);
	rig_turn(r);
	assert_int_equal(volume_usable(rig_volume(r, "v")), 40);
}

/* Ended at once after a removal: what is being closed is waited for. */
static void test_free_while_closing(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	rig_start(r, "");
	assert_int_equal(rig_apply(r, "[volume w]\npath = c @c\n", true, &e), 0);
	assert_int_equal(rig_apply(r, "[volume w]\npath = b @b\n", true, &e), 0);
	mailbox_deliver(&r->m->mailbox);
	assert_int_equal(r->m->nopening, 0);
	assert_int_equal(r->m->nretired_paths, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_refused),
		RIG_TEST(test_first),
		RIG_TEST(test_same_again),
		RIG_TEST(test_paths_change),
		RIG_TEST(test_device_changes),
		RIG_TEST(test_volumes_change),
		RIG_TEST(test_kept),
		RIG_TEST(test_not_strict),
		RIG_TEST(test_many_paths),
		RIG_TEST(test_free_while_closing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
