// SPDX-License-Identifier: MIT
/* Which handler is for which array (census 3.0), and the table as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "core/facts.h"
#include "hw/handlers.h"

static const struct handler_ops *const table[] = HANDLER_TABLE;

static const struct {
	const char *vendor, *product;
	int tpg;
	uint8_t tpgs;
	const char *handler; /* NULL: none */
} rows[] = {
	{"LIO-ORG", "lun0", 1, 3, "alua"},
	{"LIO-ORG", "lun0", 1, 2, "alua"},
	{"PURE", "FlashArray", 0, 1, "alua"},
	{"LIO-ORG", "lun0", 1, 0, NULL},
	{"LIO-ORG", "lun0", TPG_UNKNOWN, 3, NULL},
	/* ALUA goes first */
	{"DGC", "VRAID", 1, 3, "alua"},
	{"IBM", "1815 FAStT", 1, 1, "alua"},
	{"DGC", "RAID 5", TPG_UNKNOWN, 0, "emc"},
	{"DGC", "DISK", TPG_UNKNOWN, 0, "emc"},
	{"DGC", "VRAID", TPG_UNKNOWN, 0, "emc"},
	{"DGC", "LUNZ", TPG_UNKNOWN, 0, NULL},
	{"EMC", "SYMMETRIX", TPG_UNKNOWN, 0, NULL},
	{"COMPAQ", "MSA1000 VOLUME", TPG_UNKNOWN, 0, "hp_sw"},
	{"COMPAQ", "MSA1000", TPG_UNKNOWN, 0, NULL},
	{"COMPAQ", "HSV110 (C)COMPAQ", TPG_UNKNOWN, 0, "hp_sw"},
	{"HP", "HSV100", TPG_UNKNOWN, 0, "hp_sw"},
	{"HP", "HSV200", TPG_UNKNOWN, 0, NULL},
	{"DEC", "HSG80", TPG_UNKNOWN, 0, "hp_sw"},
	{"IBM", "1722-600", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1724-100  FAStT", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1726-4xx  FAStT", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1742", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1745", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1746", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1813", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1814", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1815", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "1818", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "3526", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "3542", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "3552", TPG_UNKNOWN, 0, "rdac"},
	{"IBM", "2145", TPG_UNKNOWN, 0, NULL},
	{"SGI", "TP9300", TPG_UNKNOWN, 0, "rdac"},
	{"SGI", "TP9400", TPG_UNKNOWN, 0, "rdac"},
	{"SGI", "TP9500", TPG_UNKNOWN, 0, "rdac"},
	{"SGI", "TP9700", TPG_UNKNOWN, 0, "rdac"},
	{"SGI", "TP9100", TPG_UNKNOWN, 0, NULL},
	{"SGI", "IS220", TPG_UNKNOWN, 0, "rdac"},
	{"STK", "OPENstorage 9176", TPG_UNKNOWN, 0, "rdac"},
	{"STK", "FLEXLINE 380", TPG_UNKNOWN, 0, "rdac"},
	{"STK", "BladeCtlr", TPG_UNKNOWN, 0, "rdac"},
	{"SUN", "CSM100_R_FC", TPG_UNKNOWN, 0, "rdac"},
	{"SUN", "LCSM100_F", TPG_UNKNOWN, 0, "rdac"},
	{"SUN", "STK6580_6780", TPG_UNKNOWN, 0, "rdac"},
	{"SUN", "SUN_6180", TPG_UNKNOWN, 0, "rdac"},
	{"SUN", "ArrayStorage", TPG_UNKNOWN, 0, "rdac"},
	{"DELL", "MD3000i", TPG_UNKNOWN, 0, "rdac"},
	{"DELL", "MD1000", TPG_UNKNOWN, 0, NULL},
	{"NETAPP", "INF-01-00", TPG_UNKNOWN, 0, "rdac"},
	{"LSI", "INF-01-00", TPG_UNKNOWN, 0, "rdac"},
	{"ENGENIO", "INF-01-00", TPG_UNKNOWN, 0, "rdac"},
	{"NETAPP", "LUN C-Mode", TPG_UNKNOWN, 0, NULL},
	{"LENOVO", "DE_Series", TPG_UNKNOWN, 0, "rdac"},
	{"FUJITSU", "ETERNUS_AHB", TPG_UNKNOWN, 0, "rdac"},
	{"FUJITSU", "ETERNUS_DXL", TPG_UNKNOWN, 0, NULL},
	{"", "", TPG_UNKNOWN, 0, NULL},
	{"ATA", "QEMU HARDDISK", TPG_UNKNOWN, 0, NULL},
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct path_facts f = PATH_FACTS_NONE;
		const struct handler_ops *h;
		const char *got, *want = rows[i].handler;

		strcpy(f.vendor, rows[i].vendor);
		strcpy(f.product, rows[i].product);
		f.tpg = rows[i].tpg;
		f.tpgs = rows[i].tpgs;
		h = handler_match(table, &f);
		got = h ? h->name : "none";
		if (strcmp(got, want ? want : "none"))
			fail_msg("%s %s: got %s, expected %s", rows[i].vendor,
				 rows[i].product, got, want ? want : "none");
	}
	assert_null(handler_match(NULL, &PATH_FACTS_NONE));
}

/* All of them can be asked; "none" does nothing and is for nobody. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; table[i]; i++) {
		assert_ptr_equal(handler_find(table, table[i]->name), table[i]);
		if (table[i] == &handler_none)
			continue;
		assert_non_null(table[i]->activate);
		assert_non_null(table[i]->access);
		assert_non_null(table[i]->match);
		assert_false(table[i]->at_once);
		assert_int_equal(table[i]->patience, 60 * NSEC_PER_SEC);
	}
	assert_null(handler_none.activate);
	assert_null(handler_none.match);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
