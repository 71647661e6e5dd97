// SPDX-License-Identifier: MIT
/*
 * What a selector is told of an I/O while its group is the current one, is
 * not, or is gone: each start has one end as long as the instance is there.
 */
#include "tests/unit/lane_rig.h"

static unsigned int starts, ends, offs;

static struct sel_path *count_select(struct selector *s, uint64_t off,
				     size_t bytes, uint64_t now)
{
	offs += (unsigned int)(off / 4096);
	return sel_round_robin.select(s, off, bytes, now);
}

static void count_start(struct selector *s, struct sel_path *p, size_t bytes,
			uint64_t now)
{
	(void)s;
	(void)now;
	assert_int_equal(bytes, 4096);
	++*(int *)p->priv;
	starts++;
}

static void count_end(struct selector *s, struct sel_path *p, size_t bytes,
		      uint64_t start, uint64_t now)
{
	(void)s;
	assert_int_equal(bytes, 4096);
	assert_true(start <= now);
	/* of the path that it began on */
	assert_true(--*(int *)p->priv >= 0);
	ends++;
}

static void count_status(const struct selector *s, const struct sel_path *p,
			 char *buf, size_t size)
{
	(void)s;
	(void)p;
	snprintf(buf, size, "0");
}

static const struct selector_ops count = {
	.name = "count",
	.path_size = sizeof(int),
	.create = sel_create_plain,
	.add_path = sel_add_path_plain,
	.fail = sel_fail,
	.reinstate = sel_reinstate_head,
	.select = count_select,
	.start_io = count_start,
	.end_io = count_end,
	.status = count_status,
};

static const struct selector_ops *const table[] = {&count, NULL};

/* Each path a group of its own, or all one. */
static void regroup(struct rig *r, enum grouping_policy policy)
{
	struct settings *s = &r->v->settings;
	struct group **old = r->v->groups;
	unsigned int nold = r->v->ngroups;
	struct errmsg e = {.text = ""};

	s->v[OPT_PATH_GROUPING_POLICY].num = policy;
	strcpy(s->v[OPT_PATH_SELECTOR].text, "count 0");
	if (volume_group_paths(r->v, r->v->paths, r->v->npaths, s, table,
			       &r->v->groups, &r->v->ngroups, &e))
		fail_msg("%s", e.text);
	r->v->current = r->v->next = NULL;
	rig_publish(r);
	rig_run(r);
	volume_free_groups(old, nold);
}

static void setup(struct rig *r)
{
	rig_init(r, 2, 1, 512, 65536);
	regroup(r, POLICY_FAILOVER);
	starts = ends = offs = 0;
}

/* An I/O of the first group ends while the second is current. */
static void test_other_group(void **state)
{
	static struct rig r;
	struct group *first;

	(void)state;
	setup(&r);
	first = r.v->current;
	rig_submit(&r, 0, IO_READ, 3 * 4096, 4096);
	assert_int_equal(offs, 3);
	rig_set_path(&r, 0, false);
	assert_true(r.v->current && r.v->current != first);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	assert_int_equal(starts, 2);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(ends, 1);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(ends, 2);
	rig_free(&r);
}

/* It fails there, and goes on in the second. */
static void test_failover(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_set_path(&r, 0, false);
	rig_end(&r, 0, 0, -EIO);
	assert_int_equal(starts, 2);
	assert_int_equal(ends, 1);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(ends, 2);
	rig_free(&r);
}

/* There is no current group when it ends. */
static void test_no_group(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_set_path(&r, 1, false);
	rig_set_path(&r, 0, false);
	assert_null(r.v->current);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(ends, 1);
	rig_free(&r);
}

/* The groups have been replaced: there is nobody to tell. */
static void test_replaced(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	regroup(&r, POLICY_MULTIBUS);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(starts, 1);
	assert_int_equal(ends, 0);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_end(&r, 0, 0, 4096);
	assert_int_equal(ends, 1);
	rig_free(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_group),
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_no_group),
		cmocka_unit_test(test_replaced),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
