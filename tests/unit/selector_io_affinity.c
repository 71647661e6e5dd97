// SPDX-License-Identifier: MIT
/*
 * io-affinity: which path each CPU of a made-up machine has, by masks and
 * without; what takes the I/O where that path is failed; misses; masks as they
 * may and may not be written; and an oracle with a list of CPUs for each path.
 */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include "selectors/selectors.h"
#include "tests/unit/fake_cpu.h"

/* A machine on which the caller stays where a test puts it. */
static void machine(unsigned int cpus, unsigned int per_node)
{
	fake_cpu.count = cpus;
	fake_cpu.per_node = per_node;
	fake_cpu.now = 0;
	fake_cpu.wander = false;
}

static int pick_on(struct model *m, unsigned int cpu)
{
	fake_cpu.now = cpu;
	return model_select(m, 4096);
}

/* The owner of each CPU, one digit or '-' (nobody: a miss) each. */
static const struct {
	const char *name;
	unsigned int cpus, paths;
	int argc;
	const char *argv[4]; /* the selector's masks */
	const char *path_mask[4];
	const char *owners;
} maps[] = {
	{"no mask: in turn", 8, 3, 0, {NULL}, {NULL}, "01201201"},
	{"one path", 4, 1, 0, {NULL}, {NULL}, "0000"},
	{"masks", 8, 2, 2, {"f", "f0"}, {NULL}, "00001111"},
	{"masks of the paths", 8, 2, 0, {NULL}, {"aa", "55"}, "10101010"},
	{"a path's own mask comes first", 8, 2, 2, {"f", "f0"}, {NULL, "c0"},
	 "0000--11"},
	{"the first owner stays", 8, 3, 3, {"0f", "1f", "7f"}, {NULL},
	 "0000122-"},
	{"the rest is for those without", 8, 3, 1, {"3"}, {NULL}, "00121212"},
	{"more masks than paths", 4, 1, 2, {"1", "2"}, {NULL}, "0---"},
	{"CPUs that do not exist", 4, 2, 2, {"f1", "ffffffff"}, {NULL}, "0111"},
	{"capitals, leading zeroes", 4, 2, 2, {"0000000A", "005"}, {NULL},
	 "1010"},
	{"more than a word", 40, 2, 2, {"ff,00000001", "00,fffffffe"}, {NULL},
	 "0111111111111111111111111111111100000000"},
};

static void map_check(struct model *m, size_t i)
{
	unsigned int misses = 0;
	char want[16];

	for (unsigned int cpu = 0; cpu < maps[i].cpus; cpu++) {
		char owner = maps[i].owners[cpu];
		int got = pick_on(m, cpu);

		misses += owner == '-';
		if (owner != '-' && got != owner - '0')
			fail_msg("%s: CPU %u: got %d, expected %c",
				 maps[i].name, cpu, got, owner);
	}
	snprintf(want, sizeof(want), "%u", misses);
	model_check_status(m, 0, want);
}

static void test_maps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct errmsg e = {.text = ""};
		struct model m;

		machine(maps[i].cpus, 4);
		assert_int_equal(strlen(maps[i].owners), maps[i].cpus);
		model_create_args(&m, &sel_io_affinity, maps[i].argc,
				  maps[i].argv);
		for (unsigned int p = 0; p < maps[i].paths; p++) {
			const char *const *mask = &maps[i].path_mask[p];

			if (model_add(&m, *mask != NULL, mask, &e))
				fail_msg("%s: path %u: %s", maps[i].name, p,
					 e.text);
		}
		map_check(&m, i);
		model_destroy(&m);
	}
}

/* 16 CPUs, nodes of 4; paths 0 and 1 in node 0, 2 in node 1, 3 none. */
static void test_fallback(void **state)
{
	static const char *const argv[] = {"3", "c", "f0", "ff00"};
	unsigned int used[4] = {0};
	struct errmsg e;
	struct model m;

	(void)state;
	machine(16, 4);
	model_create_args(&m, &sel_io_affinity, 3, argv);
	for (int i = 0; i < 3; i++)
		assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	/* of its node, though another is longer unused */
	model_fail(&m, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pick_on(&m, 1), 1);
	assert_int_equal(pick_on(&m, 5), 2);
	/* none of its node: any, in turn */
	model_reinstate(&m, 0);
	model_fail(&m, 2);
	for (int i = 0; i < 10; i++)
		used[pick_on(&m, 5)]++;
	assert_int_equal(used[0], 5);
	assert_int_equal(used[1], 5);
	/* that was no miss: CPU 5 has a path; CPU 9 has none */
	model_check_status(&m, 1, "0");
	assert_true(pick_on(&m, 9) >= 0);
	model_check_status(&m, 1, "1");
	/* back in its place */
	model_reinstate(&m, 2);
	assert_int_equal(pick_on(&m, 5), 2);
	assert_int_equal(pick_on(&m, 1), 0);
	for (unsigned int i = 0; i < 3; i++)
		model_fail(&m, i);
	assert_int_equal(pick_on(&m, 5), -1);
	model_destroy(&m);
}

/* A path without a CPU: when there is no other. */
static void test_no_cpu(void **state)
{
	static const char *const argv[] = {"3", "c"};
	struct errmsg e;
	struct model m;

	(void)state;
	machine(2, 2);
	model_init(&m, &sel_io_affinity, 3);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(pick_on(&m, i % 2), i % 2);
	model_fail(&m, 0);
	assert_int_equal(pick_on(&m, 0), 1);
	model_fail(&m, 1);
	assert_int_equal(pick_on(&m, 0), 2);
	model_destroy(&m);
	/* nor before one of another node that has been used after it */
	machine(4, 2);
	model_create_args(&m, &sel_io_affinity, 2, argv);
	for (int i = 0; i < 3; i++)
		assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	assert_int_equal(pick_on(&m, 2), 1);
	model_fail(&m, 0);
	assert_int_equal(pick_on(&m, 0), 1);
	model_destroy(&m);
}

static const struct {
	const char *text;
	const char *error; /* NULL: good */
} args[] = {
	{"io-affinity 0", NULL},
	{"io-affinity 1 00000000,00000001", NULL},
	{"io-affinity 2 1 3", NULL},
	{"io-affinity 1 0x1", "io-affinity ps: invalid cpumask: '0x1'"},
	{"io-affinity 1 g", "io-affinity ps: invalid cpumask: 'g'"},
	{"io-affinity 1 -1", "io-affinity ps: invalid cpumask: '-1'"},
	{"io-affinity 1 ,00000001",
	 "io-affinity ps: invalid cpumask: ',00000001'"},
	{"io-affinity 1 1,1", "io-affinity ps: invalid cpumask: '1,1'"},
	{"io-affinity 1 1,", "io-affinity ps: invalid cpumask: '1,'"},
	{"io-affinity 1 000000001",
	 "io-affinity ps: invalid cpumask: '000000001'"},
	{"io-affinity 1 0",
	 "io-affinity ps: cpumask '0' brings no CPU that another path does "
	 "not have (of 8)"},
	{"io-affinity 1 f00",
	 "io-affinity ps: cpumask 'f00' brings no CPU that another path does "
	 "not have (of 8)"},
	{"io-affinity 3 1 2 3",
	 "io-affinity ps: cpumask '3' brings no CPU that another path does "
	 "not have (of 8)"},
};

static void test_args(void **state)
{
	static const struct selector_ops *const table[] = SELECTOR_TABLE;

	(void)state;
	machine(8, 4);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct errmsg e = {.text = ""};
		int rc = selector_check(table, args[i].text, &e);

		assert_int_equal(rc, args[i].error ? -EINVAL : 0);
		if (args[i].error)
			assert_string_equal(e.text, args[i].error);
	}
}

/* 32 words are 1024 CPUs, the most; one more is too long a mask. */
static void test_longest(void **state)
{
	char text[9 * 33 + 1] = "80000000";
	const char *argv[] = {text};
	struct errmsg e = {.text = ""};
	struct model m;

	(void)state;
	machine(CPU_MAX, 64);
	for (int i = 1; i < 32; i++)
		strcat(text, ",00000000");
	model_create(&m, &sel_io_affinity);
	assert_int_equal(model_add(&m, 1, argv, &e), 0);
	assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	assert_int_equal(pick_on(&m, CPU_MAX - 1), 0);
	assert_int_equal(pick_on(&m, CPU_MAX - 2), 1);
	strcat(text, ",00000000");
	assert_int_equal(model_add(&m, 1, argv, &e), -EINVAL);
	model_check_status(&m, -1, "0");
	model_destroy(&m);
}

/* Of each CPU, the path; the machine has nodes of 4. */
static int owner[64];

static bool in_node(unsigned int path, unsigned int node)
{
	for (unsigned int cpu = 4 * node; cpu < 4 * node + 4; cpu++)
		if (owner[cpu] == (int)path)
			return true;
	return false;
}

static unsigned int ia_oracle(const struct oracle *o, const struct model *m,
			      size_t bytes)
{
	(void)m;
	(void)bytes;
	for (unsigned int i = 0; i < o->n; i++)
		if ((int)o->order[i] == owner[fake_cpu.now])
			return i;
	for (unsigned int i = 0; i < o->n; i++)
		if (in_node(o->order[i], fake_cpu.now / 4))
			return i;
	return 0;
}

static size_t elsewhere(uint64_t *seed)
{
	fake_cpu.now = seed_below(seed, 64);
	return 4096;
}

/* Random masks, each CPU of one path at most: every path has one. */
static void test_random(void **state)
{
	uint64_t seed = seed_init();
	struct errmsg e;
	struct model m;

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		struct oracle o = {.pick = ia_oracle};
		unsigned int n = 1 + seed_below(&seed, 8);

		machine(64, 4);
		for (unsigned int cpu = 0; cpu < 64; cpu++)
			owner[cpu] = cpu < n ? (int)cpu :
				     (int)seed_below(&seed, 12);
		model_create(&m, &sel_io_affinity);
		for (unsigned int p = 0; p < n; p++) {
			uint64_t mask = 0;
			char text[32];
			const char *argv[] = {text};

			for (unsigned int cpu = 0; cpu < 64; cpu++)
				mask |= (uint64_t)(owner[cpu] == (int)p) << cpu;
			snprintf(text, sizeof(text), "%x,%08x",
				 (unsigned int)(mask >> 32),
				 (unsigned int)mask);
			assert_int_equal(model_add(&m, 1, argv, &e), 0);
		}
		oracle_run(&o, &m, &seed, elsewhere, 200);
		model_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_no_cpu),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
