// SPDX-License-Identifier: MIT
/*
 * The blacklist: a table of rules and devices, each with the rule that must
 * have rejected the device, or none. Rules beside the built-in ones.
 */
#include "core/filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MAX_RULES 4

#define B(k, p) {.kind = FILTER_##k, .pattern = p, .where = "f:1"}
#define X(k, p) {.kind = FILTER_##k, .exception = true, .pattern = p, .where = "f:2"}
#define BD(v, p)                                                               \
	{.kind = FILTER_DEVICE, .pattern = v, .product = p, .where = "f:3"}
#define XD(v, p)                                                               \
	{.kind = FILTER_DEVICE, .exception = true, .pattern = v, .product = p, \
	 .where = "f:4"}

static const char *const no_properties[] = {NULL};
static const char *const scsi_properties[] = {"DEVNAME", "ID_SERIAL",
					      "SCSI_IDENT_SERIAL", NULL};
static const char *const wwn_first[] = {"ID_WWN", "ID_FOO", NULL};
static const char *const foo_first[] = {"ID_FOO", "ID_WWN", NULL};
static const char *const bare[] = {"DEVNAME", "ID_SERIAL", NULL};
static const char *const unidentified[] = {"DEVNAME", "ID_PATH", NULL};

#define DISK                                                                   \
	.devnode = "sdb", .vendor = "NETAPP", .product = "LUN C-Mode",         \
	.protocol = "scsi:fcp", .wwid = "3600a0980",                           \
	.properties = scsi_properties, .uid_attribute = "ID_SERIAL"

static const struct {
	const char *name;
	struct filter_rule rules[MAX_RULES];
	struct filter_device d;
	const char *want; /* in the reason; NULL: it passes */
} cases[] = {
	{"a disk", {{0}}, {DISK}, NULL},
	{"nvme", {{0}}, {.devnode = "nvme0n1"}, NULL},
	{"dasd", {{0}}, {.devnode = "dasda"}, NULL},
	{"loop", {{0}}, {.devnode = "loop0"}, "devnode 'loop0'"},
	{"virtio", {{0}}, {.devnode = "vda"}, "(built in)"},
	{"sd without a letter", {{0}}, {.devnode = "sd1"}, "devnode 'sd1'"},
	{"loop allowed", {X(DEVNODE, "^loop")}, {.devnode = "loop0"}, NULL},
	{"devnode", {B(DEVNODE, "^sdb$")}, {DISK}, "'^sdb$' (f:1)"},
	{"devnode, another", {B(DEVNODE, "^sdc$")}, {DISK}, NULL},
	{"devnode inverted", {B(DEVNODE, "!^sda")}, {DISK}, "'!^sda' (f:1)"},
	{"devnode, excepted",
	 {B(DEVNODE, "^sd"), X(DEVNODE, "^sdb")}, {DISK}, NULL},
	{"excepted by another kind",
	 {B(DEVNODE, "^sd"), X(WWID, "3600a0980")}, {DISK}, "devnode 'sdb'"},
	{"wwid", {B(WWID, "^3600a")}, {DISK}, "wwid '3600a0980'"},
	{"wwid, excepted", {B(WWID, ".*"), X(WWID, "^3600a0980$")}, {DISK},
	 NULL},
	{"wwid not known yet", {B(WWID, ".*")}, {.devnode = "sdb"}, NULL},
	{"device", {BD("NETAPP", "LUN")}, {DISK},
	 "device 'NETAPP' 'LUN C-Mode' is blacklisted by 'NETAPP' 'LUN' (f:3)"},
	{"device, other product", {BD("NETAPP", "INF")}, {DISK}, NULL},
	{"device, other vendor", {BD("IBM", "LUN")}, {DISK}, NULL},
	{"vendor only", {BD("NETAPP", NULL)}, {DISK}, "'NETAPP' '*'"},
	{"product only", {BD(NULL, "LUN")}, {DISK}, "'*' 'LUN'"},
	{"device, excepted", {BD(".*", ".*"), XD("NETAPP", "LUN")}, {DISK},
	 NULL},
	{"device, exception of another product",
	 {BD(".*", ".*"), XD("NETAPP", "INF")}, {DISK}, "device"},
	{"device not known", {BD(".*", ".*")}, {.devnode = "sdb"}, NULL},
	{"no product known", {BD("A", "B")}, {.devnode = "sdb", .vendor = "A"},
	 NULL},
	{"protocol", {B(PROTOCOL, "scsi:(fcp|iscsi)")}, {DISK},
	 "protocol 'scsi:fcp'"},
	{"protocol, another", {B(PROTOCOL, "scsi:usb")}, {DISK}, NULL},
	{"protocol, excepted",
	 {B(PROTOCOL, "scsi"), X(PROTOCOL, "fcp$")}, {DISK}, NULL},
	{"a property that says disk", {{0}}, {DISK}, NULL},
	{"identified, no such property", {{0}},
	 {.devnode = "sdb", .properties = bare, .uid_attribute = "ID_SERIAL"},
	 "it has ID_SERIAL"},
	{"not identified", {{0}},
	 {.devnode = "sdb", .properties = unidentified,
	  .uid_attribute = "ID_SERIAL"}, NULL},
	{"another uid_attribute", {{0}},
	 {.devnode = "sdb", .properties = bare, .uid_attribute = "ID_UID"},
	 NULL},
	{"no uid_attribute", {{0}},
	 {.devnode = "sdb", .properties = bare, .uid_attribute = ""}, NULL},
	{"no properties", {{0}},
	 {.devnode = "sdb", .properties = no_properties,
	  .uid_attribute = "ID_SERIAL"}, NULL},
	{"property excepted by hand", {X(PROPERTY, "^DEVNAME$")},
	 {.devnode = "sdb", .properties = bare, .uid_attribute = "ID_SERIAL"},
	 NULL},
	{"property, after one that is excepted", {B(PROPERTY, "ID_FOO")},
	 {.devnode = "sdb", .properties = wwn_first}, NULL},
	{"property, before one that is excepted", {B(PROPERTY, "ID_FOO")},
	 {.devnode = "sdb", .properties = foo_first},
	 "property 'ID_FOO' is blacklisted by 'ID_FOO' (f:1)"},
	{"property goes first",
	 {B(PROPERTY, "ID_FOO"), B(DEVNODE, "sdb"), B(WWID, "w")},
	 {.devnode = "sdb", .wwid = "w", .properties = foo_first}, "property"},
	{"devnode before device", {BD("A", NULL), B(DEVNODE, "sdb")},
	 {.devnode = "sdb", .vendor = "A", .product = "B"}, "devnode"},
	{"device before protocol", {B(PROTOCOL, "scsi"), BD("A", NULL)},
	 {.devnode = "sdb", .vendor = "A", .product = "B",
	  .protocol = "scsi:fcp"}, "device"},
	{"protocol before wwid", {B(WWID, "w"), B(PROTOCOL, "scsi")},
	 {.devnode = "sdb", .protocol = "scsi:fcp", .wwid = "w"}, "protocol"},
	{"the first rule of several",
	 {B(DEVNODE, "nothing"), B(DEVNODE, "sdb"), B(DEVNODE, "sd")},
	 {.devnode = "sdb"}, "by 'sdb'"},
};

static void test_cases(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct filter *f = filter_new();
		struct errmsg e = {""};
		const char *want = cases[i].want;
		bool got;

		assert_non_null(f);
		for (int k = 0; k < MAX_RULES && cases[i].rules[k].where; k++)
			assert_int_equal(
				filter_add(f, &cases[i].rules[k], &e), 0);
		got = filter_allows(f, &cases[i].d, &e);
		filter_free(f);
		if (got == !want && (got || strstr(e.text, want)))
			continue;
		print_message("%s: got %d '%s', expected %d '%s'\n",
			      cases[i].name, got, e.text, !want,
			      want ? want : "");
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void test_bad_rules(void **state)
{
	static const struct {
		struct filter_rule rule;
		const char *want;
	} rules[] = {
		{B(DEVNODE, "("), "no regular expression"},
		{B(WWID, NULL), "wwid: a pattern is missing"},
		{BD(NULL, NULL), "device: a pattern is missing"},
		{BD("A", "["), "no regular expression"},
		{BD("[", "A"), "no regular expression"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct filter_device d = {.devnode = "sdb", .vendor = "A",
					  .product = "A", .wwid = "w"};
		struct filter *f = filter_new();
		struct errmsg e = {""};

		assert_non_null(f);
		assert_int_equal(filter_add(f, &rules[i].rule, &e), -EINVAL);
		assert_non_null(strstr(e.text, rules[i].want));
		assert_true(filter_allows(f, &d, &e)); /* nothing was added */
		filter_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bad_rules),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
