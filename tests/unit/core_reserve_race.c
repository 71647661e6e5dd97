// SPDX-License-Identifier: MIT
/*
 * Operations at random, on a LUN in a random state, while answers are lost and
 * another host registers, preempts and clears in between. Whatever happens,
 * they come to an end, and whoever was preempted is not registered again.
 */
#include "tests/unit/reserve_model.h"
#include "tests/unit/seed.h"

enum { OURS = 1, NEW = 2, ANOTHERS = 9, ROUNDS = 30000, STEPS = 64 };

static uint64_t rng;

static unsigned int pick(unsigned int n)
{
	return seed_below(&rng, n);
}

static struct {
	bool acts;	/* the other host does something now and then */
	bool acted, preempted;
	bool held;
	unsigned int faults; /* of a hundred answers */
	bool unanswered;
} world;

static bool has(const struct model *m, uint64_t key)
{
	for (int i = 0; i < MODEL_OURS; i++)
		if (m->key[i] == key)
			return true;
	return false;
}

static void other_host(struct model *m)
{
	struct reserve_command c = {.type = RESERVE_WRITE_EXCLUSIVE_RO,
				    .key = m->key[MODEL_B],
				    .other = ANOTHERS};
	struct reserve_request q = {.nkeys = 0};
	enum model_fault well = m->fault[MODEL_B];
	bool had = has(m, OURS);

	switch (pick(4)) {
	case 0:
		c.verb = RESERVE_REGISTER_IGNORE;
		break;
	case 1:
		c.verb = RESERVE_CLEAR;
		break;
	default:
		c.verb = RESERVE_PREEMPT;
		c.other = pick(8) ? OURS : 0;
	}
	m->fault[MODEL_B] = WELL;
	(void)model_ask(m, MODEL_B, &c, &q);
	m->fault[MODEL_B] = well;
	world.acted = true;
	world.preempted |= had && !has(m, OURS);
}

static void meanwhile(struct run *run, int way)
{
	if (world.acts && !pick(4))
		other_host(&run->m);
	run->m.fault[way] = WELL;
	if (pick(100) < world.faults)
		run->m.fault[way] = 1 + pick(2);
	world.unanswered |= run->m.fault[way] != WELL;
}

static void random_lun(struct model *m)
{
	static const char *const types[] = {"1", "3", "5", "6", "7", "8"};
	int way = (int)pick(MODEL_WAYS);

	*m = (struct model){.holder = -1, .generation = pick(1000)};
	for (int i = 0; i < MODEL_OURS; i++)
		m->key[i] = pick(5) ? OURS : pick(3) ? 0 : 7;
	m->key[MODEL_B] = pick(3) ? ANOTHERS : 0;
	m->merges = !pick(8);
	if (pick(3) && m->key[way])
		model_hold(m, way, reserve_type_parse(types[pick(6)]));
}

static void random_operation(struct run *run)
{
	static const uint64_t keys[] = {0, OURS, NEW, ANOTHERS};
	char paths[4] = "";
	unsigned int first = pick(3), n = 1 + pick(3);

	run->r.op = (enum reserve_op)pick(RESERVE_OP_LEAVE + 1);
	run->r.key = pick(8) ? OURS : 0;
	if (run->r.op > RESERVE_OP_REGISTER_IGNORE ||
	    run->r.op == RESERVE_OP_LOOK)
		run->r.key = OURS;
	if (run->r.op == RESERVE_OP_LEAVE)
		run->r.key = 0;
	run->r.other = keys[pick(4)];
	if (run->r.op == RESERVE_OP_LEAVE)
		run->r.other = OURS;
	run->r.type = (enum reserve_type)(1 + pick(RESERVE_TYPES - 1));
	for (unsigned int i = 0; i < n; i++)
		paths[i] = (char)('a' + (first + i) % 3);
	set_up(run, paths, false);
	for (unsigned int i = 0; i < run->r.n; i++)
		run->target[i].in =
			run->r.key &&
			run->m.key[run->target[i].name[0] - 'a'] == run->r.key;
}

/* Our own registrations end only while no I/O is under way. */
static void expect_held(const struct run *run)
{
	const struct reserve_command *c = &run->r.command;

	if (c->verb != RESERVE_PREEMPT && c->verb != RESERVE_PREEMPT_ABORT)
		return;
	if (c->other == OURS && c->key == OURS)
		assert_true(world.held);
	if (!c->other)
		assert_true(world.held);
}

static void run_it(struct run *run)
{
	unsigned int steps = 0;

	reserve_begin(&run->r);
	while (run->r.next != RESERVE_END) {
		assert_true(++steps < STEPS);
		if (run->r.next == RESERVE_HOLD) {
			world.held = pick(8);
			reserve_held(&run->r, world.held);
			continue;
		}
		expect_held(run);
		note_asked(run);
		answer_asked(run, meanwhile);
	}
}

static bool registers(const struct run *run)
{
	return run->r.op == RESERVE_OP_REGISTER ||
	       run->r.op == RESERVE_OP_REGISTER_IGNORE;
}

/* Where our key is after all, it is known that it may be, and must go. */
static void expect_fenced(const struct run *run)
{
	if (!world.preempted || registers(run) ||
	    run->r.op == RESERVE_OP_LEAVE)
		return;
	for (unsigned int i = 0; i < run->r.n; i++) {
		const struct reserve_target *t = &run->target[i];

		if (run->m.key[t->name[0] - 'a'] != OURS)
			continue;
		if (t->stale != OURS)
			fail_msg("%s %s: %s is registered: in %d, key %llx",
				 reserve_op_text(run->r.op), run->trace,
				 t->name, t->in,
				 (unsigned long long)run->r.key_after);
	}
}

/* With the key that the volume has; a path may have another one. */
static bool ours_holds(const struct model *m)
{
	for (int i = 0; i < MODEL_OURS; i++)
		if (model_holds(m, i) && m->key[i] == OURS)
			return true;
	return false;
}

/* Undisturbed, what was asked for has been done. */
static void expect_done(const struct run *run)
{
	const struct reserve *r = &run->r;
	bool shared = reserve_type_is_shared(run->m.type);

	if (world.acted || r->error)
		return;
	if (r->op == RESERVE_OP_RESERVE)
		assert_true(ours_holds(&run->m) && run->m.type == r->type);
	if (r->op == RESERVE_OP_RELEASE)
		assert_true(!ours_holds(&run->m) || (shared && world.unanswered));
	if (r->op == RESERVE_OP_CLEAR)
		assert_int_equal(model_registered(&run->m), 0);
	if (r->op == RESERVE_OP_PREEMPT && r->other == ANOTHERS)
		assert_int_equal(run->m.key[MODEL_B], 0);
	for (unsigned int i = 0; i < r->n; i++)
		if (r->key_after && run->target[i].in)
			assert_true(run->m.key[run->target[i].name[0] - 'a'] ==
				    r->key_after);
}

/* What was refused has changed no path that could be asked. */
static void expect_undone(const struct run *run, const struct model *before)
{
	if (world.acted || world.unanswered || !run->r.error ||
	    !registers(run) || !run->r.n)
		return;
	for (int i = 0; i < MODEL_OURS; i++)
		assert_int_equal(run->m.key[i], before->key[i]);
}

static void test_race(void **state)
{
	(void)state;
	rng = seed_init();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct run run = {.trace = ""};
		struct model before;

		memset(&world, 0, sizeof(world));
		world.acts = pick(2);
		world.faults = pick(3) ? 0 : 20;
		random_lun(&run.m);
		before = run.m;
		random_operation(&run);
		run_it(&run);
		expect_fenced(&run);
		expect_done(&run);
		expect_undone(&run, &before);
		reserve_fini(&run.r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_race)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
