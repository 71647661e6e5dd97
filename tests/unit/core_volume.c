// SPDX-License-Identifier: MIT
/*
 * A volume as the monitor sees it: which group is chosen, which is best, which
 * paths are offered, what lanes are shown and what people are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/group.h"
#include "core/path.h"
#include "core/volume_private.h"
#include "selectors/selectors.h"

#define PATHS 6

static const struct selector_ops *const table[] = SELECTOR_TABLE;
static struct device devices[PATHS];

/* Up to three groups, of priority 3, 2 and 1, with that many paths each. */
static struct volume *make(const unsigned int npaths[3])
{
	struct volume *v = volume_new("v", 1, 1);
	struct errmsg e;

	v->paths = calloc(PATHS, sizeof(struct path *));
	for (unsigned int g = 0; g < 3; g++)
		for (unsigned int k = 0; k < npaths[g]; k++) {
			unsigned int i = v->npaths++;
			char name[8];

			snprintf(name, sizeof(name), "p%u", i);
			v->paths[i] = path_new(v, name, "/dev/null",
					       3 - (int)g, i + 1, 1);
			devices[i].limits = (struct device_limits){
				.size = 1 << 20, .block = 512, .max_io = 65536};
			v->paths[i]->dev = &devices[i];
			v->paths[i]->health.active = true;
		}
	for (int o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &v->settings.v[o]);
	v->settings.v[OPT_PATH_GROUPING_POLICY].num = POLICY_GROUP_BY_PRIO;
	assert_int_equal(volume_group_paths(v, v->paths, v->npaths,
					    &v->settings, table, &v->groups,
					    &v->ngroups, &e),
			 0);
	volume_measure(v);
	return v;
}

static void done(struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->dev = NULL;
	volume_free(v);
}

static unsigned int id_of(const struct group *g)
{
	return g ? g->id : 0;
}

/*
 * Census 1.2, on three groups of one path each. usable, bypassed: bits of
 * groups 1, 2, 3. current, next: group or 0.
 */
static const struct {
	const char *name;
	unsigned int usable, bypassed, current, next;
	unsigned int want_current, want_next;
} choices[] = {
	{"the first", 7, 0, 0, 0, 1, 0},
	{"the first that has a path", 6, 0, 0, 0, 2, 0},
	{"current is sticky", 7, 0, 3, 0, 3, 0},
	{"current goes before next", 7, 0, 3, 2, 3, 2},
	{"current without a path", 3, 0, 3, 0, 1, 0},
	{"next, consumed", 7, 0, 0, 3, 3, 0},
	{"next without a path, consumed", 3, 0, 0, 3, 1, 0},
	{"next, when current has no path", 6, 0, 1, 3, 3, 0},
	{"next though bypassed", 7, 4, 0, 3, 3, 0},
	{"bypassed passed over", 7, 1, 0, 0, 2, 0},
	{"bypassed when there is no other", 1, 1, 0, 0, 1, 0},
	{"of two bypassed the first", 6, 6, 0, 0, 2, 0},
	{"current though bypassed", 7, 2, 2, 0, 2, 0},
	{"none", 0, 0, 1, 0, 0, 0},
	{"none keeps next", 0, 0, 1, 2, 0, 2},
};

static void test_choose(void **state)
{
	static const unsigned int shape[3] = {1, 1, 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		struct volume *v = make(shape);

		for (unsigned int g = 0; g < 3; g++) {
			v->paths[g]->usable = choices[i].usable >> g & 1;
			v->groups[g]->bypassed = choices[i].bypassed >> g & 1;
		}
		if (choices[i].current)
			v->current = v->groups[choices[i].current - 1];
		if (choices[i].next)
			v->next = v->groups[choices[i].next - 1];
		volume_choose_group(v);
		if (id_of(v->current) != choices[i].want_current ||
		    id_of(v->next) != choices[i].want_next)
			fail_msg("%s: got current %u, next %u; expected %u, %u",
				 choices[i].name, id_of(v->current),
				 id_of(v->next), choices[i].want_current,
				 choices[i].want_next);
		done(v);
	}
}

/* Census 6.4. prio: of groups; usable: how many paths of each. */
static const struct {
	const char *name;
	int prio[3];
	unsigned int usable[3], bypassed;
	unsigned int want;
} bests[] = {
	{"priority", {1, 5, 3}, {2, 2, 2}, 0, 2},
	{"priority before paths", {1, 5, 3}, {2, 1, 2}, 0, 2},
	{"then how many paths", {5, 5, 3}, {1, 2, 2}, 0, 2},
	{"then the order", {5, 5, 5}, {2, 2, 2}, 0, 1},
	{"without a path it is none", {5, 3, 1}, {0, 2, 2}, 0, 2},
	{"bypassed is none", {5, 3, 1}, {2, 2, 2}, 1, 2},
	{"no path at all", {5, 3, 1}, {0, 0, 0}, 0, 0},
	{"all bypassed", {5, 3, 1}, {2, 2, 2}, 7, 0},
};

static void test_best(void **state)
{
	static const unsigned int shape[3] = {2, 2, 2};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bests); i++) {
		struct volume *v = make(shape);
		unsigned int got;

		for (unsigned int p = 0; p < 6; p++) {
			v->paths[p]->priority = bests[i].prio[p / 2];
			v->paths[p]->usable = p % 2 < bests[i].usable[p / 2];
		}
		for (unsigned int g = 0; g < 3; g++)
			v->groups[g]->bypassed = bests[i].bypassed >> g & 1;
		got = id_of(volume_best_group(v));
		if (got != bests[i].want)
			fail_msg("%s: got %u, expected %u", bests[i].name, got,
				 bests[i].want);
		done(v);
	}
}

/* One letter a path: a active, f failed, o offline, s stalled, n no device. */
static const struct {
	const char *paths;
	bool queueing;
	const char *usable; /* which are offered to lanes */
	const char *state;
} rows[] = {
	{"aa", false, "11", "optimal"},	  {"a", false, "1", "at-risk"},
	{"aaf", false, "110", "degraded"}, {"af", false, "10", "at-risk"},
	{"ao", false, "10", "at-risk"},	  {"ff", false, "00", "failed"},
	{"ff", true, "00", "queueing"},	  {"oo", true, "00", "queueing"},
	{"nn", false, "00", "failed"},	  {"an", false, "10", "at-risk"},
	{"as", false, "10", "at-risk"},	  {"ss", false, "11", "at-risk"},
	{"fs", true, "01", "at-risk"},	  {"aas", false, "110", "degraded"},
	{"so", false, "10", "at-risk"},
};

static void set_path(struct path *p, char c, struct device *dev)
{
	p->health.active = c != 'f';
	p->health.held = c == 'o';
	p->health.stalled = c == 's';
	p->dev = c == 'n' ? NULL : dev;
}

static void test_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int n = (unsigned int)strlen(rows[i].paths);
		unsigned int shape[3] = {n, 0, 0};
		struct volume *v = make(shape);
		char got[PATHS + 1] = "";

		for (unsigned int k = 0; k < n; k++)
			set_path(v->paths[k], rows[i].paths[k], &devices[k]);
		v->run->queueing.on = rows[i].queueing;
		volume_offer_paths(v);
		assert_false(volume_offer_paths(v)); /* nothing is new */
		volume_choose_group(v);
		for (unsigned int k = 0; k < n; k++)
			got[k] = v->paths[k]->usable ? '1' : '0';
		if (strcmp(got, rows[i].usable) ||
		    strcmp(volume_state_text(volume_state(v)), rows[i].state))
			fail_msg("%s: got %s, %s; expected %s, %s",
				 rows[i].paths, got,
				 volume_state_text(volume_state(v)),
				 rows[i].usable, rows[i].state);
		done(v);
	}
}

static void on_report(struct mail *m, void *owner)
{
	(void)m;
	(void)owner;
}

/* A lane has failed it and nobody has read why: it is not offered yet. */
static void test_unread_report(void **state)
{
	static const unsigned int shape[3] = {2, 0, 0};
	struct volume *v = make(shape);
	struct path *p = v->paths[0];
	struct mailbox monitor;

	(void)state;
	assert_int_equal(mailbox_init(&monitor, NULL), 0);
	p->fault.mail.deliver = on_report;
	volume_offer_paths(v);
	path_fail(p, &monitor, 5, IO_READ, 0);
	p->health.held = true;
	volume_offer_paths(v);
	p->health.held = false;
	volume_offer_paths(v);
	assert_false(p->usable);
	mailbox_deliver(&monitor);
	atomic_store(&p->fault.reported, false);
	assert_true(volume_offer_paths(v));
	assert_true(p->usable);
	mailbox_fini(&monitor);
	done(v);
}

/* Of devices that differ, what all of them can do. */
static void test_measure(void **state)
{
	static const unsigned int shape[3] = {3, 0, 0};
	struct volume *v = make(shape);

	(void)state;
	v->paths[0]->dev = NULL;
	devices[1].limits = (struct device_limits){
		.size = 4096, .block = 512, .max_io = 65536};
	devices[2].limits = (struct device_limits){.size = 4096,
						   .block = 4096,
						   .max_io = 16384,
						   .read_only = true};
	volume_measure(v);
	assert_int_equal(volume_size(v), 4096);
	assert_int_equal(volume_block(v), 4096);
	assert_int_equal(v->run->max_io, 16384);
	assert_true(volume_read_only(v));
	v->paths[2]->dev = NULL;
	volume_measure(v);
	assert_int_equal(volume_block(v), 512);
	assert_false(volume_read_only(v));
	v->paths[1]->dev = NULL; /* none there: as it was */
	volume_measure(v);
	assert_int_equal(volume_size(v), 4096);
	done(v);
}

static const struct view *view_of(struct volume *v)
{
	return atomic_load(&v->view);
}

/* A new view only where something differs, or by force; seq only grows. */
static void test_publish(void **state)
{
	static const unsigned int shape[3] = {1, 1, 0};
	struct volume *v = make(shape);
	const struct view *before;
	uint64_t seq;

	(void)state;
	assert_true(volume_publish(v, false, false));
	before = view_of(v);
	seq = before->seq;
	assert_false(volume_publish(v, false, false));
	assert_ptr_equal(view_of(v), before);
	assert_true(volume_publish(v, false, true));
	assert_true(view_of(v)->seq > seq);
	seq = view_of(v)->seq;
	volume_offer_paths(v);
	volume_choose_group(v);
	assert_true(volume_publish(v, false, false));
	assert_ptr_equal(view_of(v)->group, v->groups[0]);
	assert_false(view_of(v)->queue);
	v->run->queueing.on = true;
	assert_true(volume_publish(v, false, false));
	assert_true(view_of(v)->queue);
	v->settings.v[OPT_REPLAY_WRITES].num = REPLAY_QUARANTINE;
	assert_true(volume_publish(v, false, false));
	assert_true(view_of(v)->quarantine);
	assert_true(volume_publish(v, true, false));
	assert_true(view_of(v)->gone);
	assert_true(view_of(v)->seq > seq);
	done(v);
}

static void test_find(void **state)
{
	static const unsigned int shape[3] = {2, 1, 0};
	struct volume *v = make(shape);

	(void)state;
	assert_ptr_equal(volume_path(v, "p1"), v->paths[1]);
	assert_null(volume_path(v, "p"));
	assert_ptr_equal(volume_path_by_id(v, 3), v->paths[2]);
	assert_null(volume_path_by_id(v, 9));
	assert_ptr_equal(volume_group_of(v, v->paths[2]), v->groups[1]);
	assert_true(volume_idle(v));
	v->lanes[0].requests = 1;
	assert_false(volume_idle(v));
	v->lanes[0].requests = 0;
	v->paths[2]->load.ios = 1;
	assert_false(volume_idle(v));
	v->paths[2]->load.ios = 0;
	done(v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_unread_report),
		cmocka_unit_test(test_measure),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_find),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
