// SPDX-License-Identifier: MIT
/*
 * What is detected (census 3.5, 4.2): what an array is asked, on made-up trees
 * of sysfs and by scripted exchanges; and what the real tables of checkers and
 * prioritizers make of it.
 */
#include "tests/unit/fake_sysfs.h"
#include "tests/unit/scripted_sg.h"

#include "core/checker.h"
#include "core/choice.h"
#include "core/prioritizer.h"
#include "hw/checkers.h"
#include "hw/detect.h"
#include "hw/facts.h"
#include "hw/prioritizers.h"

#define DISK "pci0000:00/0000:00:01.0/host2/target2:0:1/2:0:1:3"

static const struct checker_ops *const checkers[] = CHECKER_TABLE;
static const struct prioritizer_ops *const prioritizers[] = PRIORITIZER_TABLE;

static const uint8_t c9[44] = {0x00, 0xc9, 0x00, 0x28, 'v', 'a', 'c', '1'};
static const uint8_t not_c9[44] = {0x00, 0xc9, 0x00, 0x28, 'v', 'a', 'c', '2'};
static const uint8_t short_c9[6] = {0x00, 0xc9, 0x00, 0x28, 'v', 'a'};
static const uint8_t groups[16] = {0, 0, 0, 12, 0x00, 0x8f, 0, 1, 0, 0, 0, 1,
				   0, 0, 0, 1};

#define ASK_C9(ANSWER)                                                         \
	{                                                                      \
		.cdb = {0x12, 1, 0xc9, 0, 44, 0}, .cdb_len = 6, .room = 44,    \
		.data = ANSWER, .data_len = sizeof(ANSWER)                     \
	}
#define ASK_GROUPS .cdb = {0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0},        \
	.cdb_len = 12, .room = 128
#define ILLEGAL .status = 2, .sense_len = 18,                                  \
	.sense = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0}
#define NOT_READY .status = 2, .sense_len = 18,                                \
	.sense = {0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x04, 0x0a}

/* A disk of those TPGS; access: its access_state, or NULL. */
static struct path_facts disk(uint8_t tpgs, const char *access)
{
	const uint8_t inquiry[36] = {0, 0, 6, 2, 31, (uint8_t)(tpgs << 4)};
	struct path_facts f = PATH_FACTS_NONE;

	fake_disk(DISK);
	fake_bytes("sys/devices/" DISK "/inquiry", inquiry, sizeof(inquiry));
	fake_attr("sys/devices/" DISK, "state", "running");
	if (access)
		fake_attr("sys/devices/" DISK, "access_state", access);
	facts_of_disk(fake_root, makedev(8, 16), &f);
	return f;
}

static void ask(struct path_facts *f, const struct sg_step *steps, size_t n)
{
	sg_expect(steps, n);
	detect_array(fake_root, 0, makedev(8, 16), f);
	sg_all_done();
}

#define ASK(F, ...)                                                            \
	do {                                                                   \
		static const struct sg_step steps[] = {__VA_ARGS__};           \
		ask(F, steps, ARRAY_SIZE(steps));                              \
	} while (0)

static void expect_traits(const struct path_facts *f, const char *want)
{
	char got[64];

	path_facts_traits(f, got, sizeof(got));
	assert_string_equal(got, want);
}

static void test_rdac(void **state)
{
	struct path_facts f = disk(0, NULL);

	(void)state;
	ASK(&f, ASK_C9(c9));
	expect_traits(&f, "RDAC");
	assert_int_equal(sg_timeout_ms, 5000);
	f.rdac = false;
	ASK(&f, ASK_C9(not_c9));
	expect_traits(&f, "");
	ASK(&f, ASK_C9(short_c9));
	expect_traits(&f, "");
	ASK(&f, {.cdb = {0x12, 1, 0xc9, 0, 44, 0}, .cdb_len = 6, .room = 44,
		 .error = ENODEV});
	expect_traits(&f, "");
}

/* Who says that he does not have the page is not asked for it. */
static void test_supported_pages(void **state)
{
	static const uint8_t without[] = {0, 0, 0, 3, 0x00, 0x80, 0x83};
	static const uint8_t with[] = {0, 0, 0, 4, 0x00, 0x80, 0x83, 0xc9};
	struct path_facts f = disk(0, NULL);

	(void)state;
	fake_bytes("sys/devices/" DISK "/vpd_pg0", without, sizeof(without));
	ask(&f, NULL, 0);
	fake_bytes("sys/devices/" DISK "/vpd_pg0", with, sizeof(with));
	ASK(&f, ASK_C9(c9));
	expect_traits(&f, "RDAC");
}

/* A disk that the kernel does not reach is not asked, and stays what its
 * INQUIRY of once says. */
static void test_not_running(void **state)
{
	struct path_facts f = disk(3, NULL);

	(void)state;
	fake_attr("sys/devices/" DISK, "state", "offline");
	ask(&f, NULL, 0);
	expect_traits(&f, "TPGS 3");
}

/* The bits of INQUIRY alone do not make an array: the command must be known. */
static void test_groups(void **state)
{
	struct path_facts f = disk(1, NULL);

	(void)state;
	ASK(&f, ASK_C9(not_c9),
	    {ASK_GROUPS, .data = groups, .data_len = sizeof(groups)});
	expect_traits(&f, "TPGS 1");
	assert_true(f.implicit_only);
	ASK(&f, ASK_C9(not_c9), {ASK_GROUPS, NOT_READY},
	    {ASK_GROUPS, NOT_READY}, {ASK_GROUPS, NOT_READY},
	    {ASK_GROUPS, NOT_READY});
	expect_traits(&f, "TPGS 1");
	ASK(&f, ASK_C9(not_c9), {ASK_GROUPS, ILLEGAL});
	expect_traits(&f, "");
	assert_false(f.implicit_only);
}

/* The kernel's handler has asked for them. */
static void test_access_state(void **state)
{
	struct path_facts f = disk(3, "active/optimized");

	(void)state;
	ASK(&f, ASK_C9(not_c9));
	expect_traits(&f, "TPGS 3, access_state");
}

/* Choices by the real tables */

static void set(struct settings *s, enum opt o, const char *text)
{
	assert_int_equal(option_parse(o, text, NULL, &s->v[o], NULL), 0);
	s->v[o].origin = ORIGIN_DEFAULTS;
}

#define SCSI .kind = DEVICE_SCSI
#define NVM .kind = DEVICE_NVME

static const struct {
	struct path_facts f;
	const char *detect;	     /* both options */
	const char *checker, *prio;  /* configured; NULL: built in */
	const char *want_checker, *want_prio;
	enum chosen_by checker_by, prio_by;
} choices[] = {
	/* nothing configured */
	{{SCSI}, "yes", NULL, NULL, "tur", "const", 0, 0},
	{{NVM}, "yes", NULL, NULL, "none", "const", 0, 0},
	{{.kind = DEVICE_OTHER}, "yes", NULL, NULL, "directio", "const", 0, 0},
	{{.kind = DEVICE_UNKNOWN}, "yes", NULL, NULL, "directio", "const", 0, 0},
	/* TPGS */
	{{SCSI, .tpgs = 1}, "yes", NULL, NULL, "tur", "alua", 1, 1},
	{{SCSI, .tpgs = 2}, "yes", NULL, NULL, "tur", "alua", 1, 1},
	{{SCSI, .tpgs = 3}, "yes", NULL, NULL, "tur", "alua", 1, 1},
	{{SCSI, .tpgs = 1, .access_state = true}, "yes", NULL, NULL, "tur",
	 "sysfs", 1, 1},
	{{SCSI, .tpgs = 3, .access_state = true}, "yes", NULL, NULL, "tur",
	 "sysfs", 1, 1},
	/* an access state without TPGS (emc's, rdac's) suggests nothing */
	{{SCSI, .access_state = true}, "yes", NULL, NULL, "tur", "const", 0, 0},
	/* RDAC */
	{{SCSI, .rdac = true}, "yes", NULL, NULL, "rdac", "const", 1, 0},
	{{SCSI, .rdac = true, .tpgs = 1, .access_state = true}, "yes", NULL,
	 NULL, "rdac", "alua", 1, 1},
	{{SCSI, .rdac = true, .tpgs = 3, .access_state = true}, "yes", NULL,
	 NULL, "rdac", "alua", 1, 1},
	{{SCSI, .rdac = true, .tpgs = 2, .access_state = true}, "yes", NULL,
	 NULL, "rdac", "sysfs", 1, 1},
	/* ANA */
	{{NVM, .ana = true}, "yes", NULL, NULL, "ana", "ana", 1, 1},
	{{NVM, .ana = true}, "yes", "none", NULL, "ana", "ana", 1, 1},
	/* it outranks what is configured */
	{{SCSI, .tpgs = 3}, "yes", "directio", "const", "tur", "alua", 1, 1},
	{{SCSI, .rdac = true}, "yes", "tur", "rdac", "rdac", "rdac", 1, 0},
	{{NVM, .ana = true}, "yes", "directio", "const", "ana", "ana", 1, 1},
	{{SCSI}, "yes", "readsector0", "hds", "readsector0", "hds", 0, 0},
	{{SCSI}, "yes", "auto", "emc", "tur", "emc", 0, 0},
	/* and can be turned off */
	{{SCSI, .tpgs = 3}, "no", "directio", "const", "directio", "const", 0,
	 0},
	{{SCSI, .tpgs = 3}, "no", NULL, NULL, "tur", "const", 0, 0},
	{{SCSI, .rdac = true, .tpgs = 1}, "no", NULL, "alua", "tur", "alua", 0,
	 0},
	{{NVM, .ana = true}, "no", NULL, NULL, "ana", "const", 0, 0},
	/* alua cannot work without TPGS: the emergency fallback */
	{{SCSI}, "yes", NULL, "alua", "tur", "const", 0, 2},
	{{SCSI}, "no", NULL, "alua", "tur", "const", 0, 2},
	{{.kind = DEVICE_OTHER}, "yes", NULL, "alua", "directio", "const", 0,
	 2},
	/* nor is it concluded from what is not known */
	{{.kind = DEVICE_UNKNOWN}, "yes", NULL, "alua", "directio", "alua", 0,
	 0},
};

static void test_choices(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		static struct settings s;
		struct checker_choice c;
		struct prio_choice p;

		for (enum opt o = 0; o < OPT_COUNT; o++)
			option_builtin(o, &s.v[o]);
		set(&s, OPT_DETECT_CHECKER, choices[i].detect);
		set(&s, OPT_DETECT_PRIO, choices[i].detect);
		if (choices[i].checker)
			set(&s, OPT_PATH_CHECKER, choices[i].checker);
		if (choices[i].prio)
			set(&s, OPT_PRIO, choices[i].prio);
		c = choose_checker(checkers, &choices[i].f, &s);
		p = choose_prio(prioritizers, &choices[i].f, &s);
		if (strcmp(c.ops->name, choices[i].want_checker) ||
		    c.by != choices[i].checker_by ||
		    strcmp(p.ops->name, choices[i].want_prio) ||
		    p.by != choices[i].prio_by)
			fail_msg("row %zu: got %s (%d), %s (%d); expected %s "
				 "(%d), %s (%d)",
				 i, c.ops->name, c.by, p.ops->name, p.by,
				 choices[i].want_checker,
				 choices[i].checker_by, choices[i].want_prio,
				 choices[i].prio_by);
	}
}

/* An operator's live word goes before what is detected. */
static void test_live(void **state)
{
	const struct path_facts f = {SCSI, .tpgs = 3, .access_state = true};
	static struct settings s;

	(void)state;
	for (enum opt o = 0; o < OPT_COUNT; o++)
		option_builtin(o, &s.v[o]);
	set(&s, OPT_PATH_CHECKER, "readsector0");
	set(&s, OPT_PRIO, "random");
	s.v[OPT_PATH_CHECKER].origin = s.v[OPT_PRIO].origin = ORIGIN_LIVE;
	assert_string_equal(choose_checker(checkers, &f, &s).ops->name,
			    "readsector0");
	assert_string_equal(choose_prio(prioritizers, &f, &s).ops->name,
			    "random");
}

/* prio_args hold for a detected prioritizer that understands them; those of
 * the one that is configured are not for it. */
static void test_args(void **state)
{
	const struct path_facts f = {SCSI, .tpgs = 3, .access_state = true};
	static struct settings s;

	(void)state;
	for (enum opt o = 0; o < OPT_COUNT; o++)
		option_builtin(o, &s.v[o]);
	set(&s, OPT_PRIO_ARGS, "exclusive_pref_bit");
	assert_string_equal(choose_prio(prioritizers, &f, &s).args,
			    "exclusive_pref_bit");
	set(&s, OPT_PRIO, "weightedpath");
	set(&s, OPT_PRIO_ARGS, "hbtl .* 3");
	assert_string_equal(choose_prio(prioritizers, &f, &s).args, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAKE_TEST(test_rdac),	     FAKE_TEST(test_supported_pages),
		FAKE_TEST(test_not_running), FAKE_TEST(test_groups),
		FAKE_TEST(test_access_state), FAKE_TEST(test_choices),
		FAKE_TEST(test_live),	     FAKE_TEST(test_args),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
