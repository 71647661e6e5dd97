// SPDX-License-Identifier: MIT
/* The kernel's device handler underneath, on a /sys of the test's own. */
#include "tests/unit/hw_handler_rig.h"

#include <sys/sysmacros.h>
#include "tests/unit/fake_sysfs.h"

#define SCSI "pci0000:00/host2/target2:0:0/2:0:0:0"
#define DEVICE "sys/devices/" SCSI

#define STANDARD INQUIRY(36), DATA([5] = 0x30, [35] = 0)
#define PORT VPD(0x83, 254), DATA(0, 0x83, 0, 8, 1, 0x95, 0, 4, 0, 0, 0, 1)
#define REPORT(state)                                                          \
	CDB(0xa3, 0x2a, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0), .room = 128,          \
		DATA(0, 0, 0, 8, state, 0xcf, 0, 1, 0, 0, 0, 0)
#define ALUA(state) {STANDARD}, {PORT}, {REPORT(state)}

static const struct sg_step says_optimized[] = {ALUA(0)};
static const struct sg_step says_standby[] = {ALUA(2)};
static const struct sg_step says_offline[] = {ALUA(0xe)};
static const struct sg_step sets_and_changes[] = {
	ALUA(2),
	{CDB(0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0),
	 SENT(0, 0, 0, 0, 0, 0, 0, 1)},
	{REPORT(0xf)}};
static const struct sg_step is_active[] = {{TUR}};
static const struct sg_step is_passive[] = {{TUR, CHECK(2, 4, 2)}};
static const struct sg_step is_dead[] = {{TUR, HOST(1)}};

static int setup(void **state)
{
	if (fake_setup(state) || handler_setup(state))
		return -1;
	fake_disk(SCSI);
	handler_dev.id.rdev = makedev(8, 16);
	handler_request.root = fake_root;
	return 0;
}

static int teardown(void **state)
{
	return handler_teardown(state) || fake_teardown(state);
}

static void attached(const char *name)
{
	fake_attr(DEVICE, "dh_state", name);
}

static void kernel_says(const char *state)
{
	fake_attr(DEVICE, "access_state", state);
}

/* It was told, and is asked for its name again next time. */
static void expect_told(const char *name)
{
	char path[256], word[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/dh_state", fake_root, DEVICE);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(word, sizeof(word), f));
	fclose(f);
	assert_string_equal(word, "activate\n");
	attached(name);
}

#define CALL(ops, steps, after, want, text)                                    \
	handler_expect(#steps,                                                 \
		       handler_call(ops, steps, ARRAY_SIZE(steps), after),     \
		       want, text)
#define CALL_NOTHING(ops, after, want, text)                                   \
	handler_expect("no command", handler_call(ops, NULL, 0, after), want,  \
		       text)

/* Told once; the kernel's word first, then the array's. */
static void test_agree(void **state)
{
	(void)state;
	attached("alua");
	kernel_says("standby");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "handler alua is at it");
	expect_told("alua");
	CALL_NOTHING(&handler_alua, SEC, ACTIVATE_WAIT,
		     "to the kernel the path is standby");
	kernel_says("transitioning");
	CALL_NOTHING(&handler_alua, SEC, ACTIVATE_WAIT, "transitioning");
	kernel_says("active/optimized");
	CALL(&handler_alua, says_standby, SEC, ACTIVATE_WAIT,
	     "to the array the path is standby");
	CALL(&handler_alua, says_optimized, SEC, ACTIVATE_OK, NULL);
}

/* Ready before: told all the same, since the kernel may be wrong. */
static void test_ready_before(void **state)
{
	(void)state;
	attached("alua");
	kernel_says("active/optimized");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "at it");
	expect_told("alua");
	CALL(&handler_alua, says_optimized, SEC / 10, ACTIVATE_OK, NULL);
}

static void test_never(void **state)
{
	(void)state;
	attached("emc");
	kernel_says("standby");
	CALL_NOTHING(&handler_emc, 0, ACTIVATE_WAIT, "at it");
	attached("emc");
	CALL_NOTHING(&handler_emc, 60 * SEC - 1, ACTIVATE_WAIT, "standby");
	CALL_NOTHING(&handler_emc, 1, ACTIVATE_IO, "standby, for 60 s");
	/* a transition may take longer */
	kernel_says("transitioning");
	CALL_NOTHING(&handler_emc, 195 * SEC - 1, ACTIVATE_WAIT, "transition");
	CALL_NOTHING(&handler_emc, 1, ACTIVATE_IO, "transitioning, for 255 s");
}

static void test_offline(void **state)
{
	(void)state;
	attached("alua");
	kernel_says("offline");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "at it");
	attached("alua");
	CALL_NOTHING(&handler_alua, 1, ACTIVATE_OFFLINED, "offline");
	kernel_says("active/optimized");
	CALL(&handler_alua, says_offline, 1, ACTIVATE_OFFLINED, "offline");
}

/* Nobody can make it active: the next round asks again. */
static void test_implicit_only(void **state)
{
	(void)state;
	handler_dev.facts.implicit_only = true;
	attached("alua");
	kernel_says("standby");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "at it");
	attached("alua");
	CALL_NOTHING(&handler_alua, 1, ACTIVATE_RETRY, "the array alone");
}

/* hp_sw keeps no access state: the array's word alone. */
static void test_no_access_state(void **state)
{
	(void)state;
	attached("hp_sw");
	CALL_NOTHING(&handler_hp_sw, 0, ACTIVATE_WAIT, "at it");
	expect_told("hp_sw");
	CALL(&handler_hp_sw, is_passive, SEC, ACTIVATE_WAIT, "standby");
	CALL(&handler_hp_sw, is_dead, SEC, ACTIVATE_IO, "NO_CONNECT");
	CALL(&handler_hp_sw, is_active, SEC, ACTIVATE_OK, NULL);
}

/* Another one than was asked for goes first, with its own questions. */
static void test_another(void **state)
{
	(void)state;
	attached("hp_sw");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "handler hp_sw is at it");
	expect_told("hp_sw");
	CALL(&handler_alua, is_active, SEC, ACTIVATE_OK, NULL);
}

/* With retain_attached_hw_handler = no it stands aside. */
static void test_another_not_retained(void **state)
{
	(void)state;
	handler_request.retain = false;
	attached("hp_sw");
	CALL(&handler_alua, says_optimized, 0, ACTIVATE_OK, NULL);
	/* but not if it is the same */
	attached("alua");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "handler alua is at it");
}

/* One that nobody here knows: its word is all there is. */
static void test_unknown(void **state)
{
	(void)state;
	attached("newer");
	kernel_says("standby");
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_WAIT, "handler newer");
	attached("newer");
	CALL_NOTHING(&handler_alua, SEC, ACTIVATE_WAIT, "standby");
	kernel_says("active/non-optimized");
	CALL_NOTHING(&handler_alua, SEC, ACTIVATE_OK, NULL);
}

/* The kernel has none: our own commands. */
static void test_detached(void **state)
{
	(void)state;
	attached("detached");
	kernel_says("standby"); /* of no matter */
	CALL(&handler_alua, says_optimized, 0, ACTIVATE_OK, NULL);
	CALL(&handler_hp_sw, is_active, 0, ACTIVATE_OK, NULL);
}

/* It is attached while our own commands are under way: told then. */
static void test_attached_late(void **state)
{
	(void)state;
	attached("detached");
	CALL(&handler_alua, sets_and_changes, 0, ACTIVATE_WAIT,
	     "transitioning");
	attached("alua");
	CALL_NOTHING(&handler_alua, SEC, ACTIVATE_WAIT, "handler alua is at it");
	expect_told("alua");
}

/* It cannot be told. */
static void test_untold(void **state)
{
	char path[256];

	(void)state;
	attached("alua");
	snprintf(path, sizeof(path), "%s/%s/dh_state", fake_root, DEVICE);
	assert_int_equal(unlink(path), 0);
	fake_link(DEVICE "/dh_state", "/proc/sys/kernel/ostype");
	/* a text that is no handler's, in a file that takes no text */
	CALL_NOTHING(&handler_alua, 0, ACTIVATE_IO, "telling the kernel's");
	assert_int_equal(handler_request.ticket, 0);
}

#define KERNEL_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		KERNEL_TEST(test_agree),
		KERNEL_TEST(test_ready_before),
		KERNEL_TEST(test_never),
		KERNEL_TEST(test_offline),
		KERNEL_TEST(test_implicit_only),
		KERNEL_TEST(test_no_access_state),
		KERNEL_TEST(test_another),
		KERNEL_TEST(test_another_not_retained),
		KERNEL_TEST(test_unknown),
		KERNEL_TEST(test_detached),
		KERNEL_TEST(test_attached_late),
		KERNEL_TEST(test_untold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
