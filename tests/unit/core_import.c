// SPDX-License-Identifier: MIT
/*
 * From a multipath.conf to ours: each construct, what becomes of it and what is
 * said of those that become nothing; and a whole file, of which the meaning is
 * compared.
 */
#include "core/import.h"

#include "core/filter.h"
#include "hw/hardware_table.h"
#include "tests/unit/config_fixture.h"

/* out: without comments, headings and lines joined by '|'. notes: likewise. */
static const struct {
	const char *in, *out, *notes;
} cases[] = {
	{"", "", ""},
	{"defaults {\n}\n", "[defaults]|", ""},
	{"defaults {\nno_path_retry queue\n}\n",
	 "[defaults]|no_path_retry = queue|", ""},
	{"defaults {\nchecker none\nfind_multipaths on\n"
	 "user_friendly_names 1\n}\n",
	 "[defaults]|path_checker = none|find_multipaths = yes|"
	 "user_friendly_names = yes|", ""},
	{"defaults {\nuid_attribute \"\"\nfailback 012\n}\n",
	 "[defaults]|uid_attribute = none|failback = 12|", ""},
	{"defaults {\nfailback 3\nfailback 4\n}\n",
	 "[defaults]|failback = 4|",
	 "2: failback: line 3 says it again, and that holds|"},
	{"defaults {\nfailback 3\n}\ndefaults {\nfailback 4\n}\n",
	 "[defaults]|failback = 4|",
	 "2: failback: line 5 says it again, and that holds|"},
	{"defaults {\nrr_min_io 100\nno_such 1\nfailback\nalias x\n}\n",
	 "[defaults]|",
	 "4: failback: has no value|"
	 "2: rr_min_io: it has had no effect for long (rr_min_io_rq has)|"
	 "3: no_such: there is no such keyword|"
	 "5: alias: does not stand in such a section|"},
	{"defaults {\nfailback soon\nfailback 3 4\n}\nfailback 5\n",
	 "[defaults]|failback = 3|",
	 "3: more words than one value: they are ignored|"
	 "5: failback: stands in no section|"
	 "2: failback: line 3 says it again, and that holds|"},
	{"defaults {\nfailback soon\n}\n", "[defaults]|",
	 "2: failback: 'soon': manual, immediate, followover or seconds, 1 to "
	 "86400|"},
	{"defaults {\nfailback 3\nfailback soon\npath_checker none\n"
	 "checker unheard\n}\n",
	 "[defaults]|failback = 3|",
	 "3: failback: 'soon': manual, immediate, followover or seconds, 1 to "
	 "86400|"
	 "4: path_checker: line 5 says it again, and that holds|"
	 "5: path_checker: 'unheard': there is no such checker; there are: "
	 "directio, none, slow|"},
	{"defaults {\nprio_args \"\"\n}\n", "[defaults]|prio_args =|", ""},
	{"defaults {\nprio_args \" a \t b \"\n}\n",
	 "[defaults]|prio_args = a b|", ""},
	{"defaults {\nfind_multipaths 1\nflush_on_last_del 0\n"
	 "dev_loss_tmo 4294967295\nmarginal_pathgroups yes\n}\n",
	 "[defaults]|find_multipaths = yes|flush_on_last_del = unused|"
	 "dev_loss_tmo = infinity|marginal_pathgroups = on|", ""},
	{"defaults\n{\nfailback 3\n}\n", "[defaults]|failback = 3|",
	 "2: a brace on a line of its own: the line before is taken for its "
	 "name|"},
	{"\xef\xbb\xbf" "defaults {\r\nfailback \"3\"\r\n}\r\n",
	 "[defaults]|failback = 3|",
	 "1: a byte order mark: it is passed over|"},
	{"defaults {\nfail\033back 3\nno_path_retry \"a\tb\"\n"
	 "alias_prefix \"a\177\"\n}\n", "[defaults]|",
	 "2: fail?back: there is no such keyword|"
	 "3: no_path_retry: 'a?b': fail, queue or retries, 1 to 100000|"
	 "4: alias_prefix: 'a?': has a control character in it|"},
	{"nonsense {\nfailback 3\ninner {\nfailback 3\n}\n}\n", "",
	 "1: nonsense {: no such section here: it is left out with all it "
	 "holds|3: inner {: no such section here: it is left out with all it "
	 "holds|"},
	{"devices {\nfailback 3\n}\n", "", "2: failback: does not stand in devices|"},
	{"device {\nvendor a\n}\n", "",
	 "1: device {: no such section here: it is left out with all it "
	 "holds|"},
	{"devices {\ndevice {\nvendor \"A B\"\nproduct \"^C(D|E)$\"\n"
	 "revision 1\nfailback 3\nbl_product LUNZ\n}\n}\n",
	 "[device A-B--C-D-E---2]|vendor = A B|product = ^C(D|E)$|revision = "
	 "1|product_blacklist = LUNZ|failback = 3|", ""},
	{"devices {\ndevice {\nvendor A\n}\n}\n", "",
	 "2: device: vendor or product is missing: it fits nothing|"},
	{"devices {\ndevice {\nvendor (\nproduct b\n}\n}\n", "",
	 "3: vendor: '(' is no regular expression: Unmatched ( or \\(|"
	 "2: device: left out, for its vendor|"},
	{"devices {\ndevice {\nvendor \"A \"\nproduct \"  ^b| c  \"\n"
	 "revision \" \"\nproduct_blacklist \"!\tx\\ y\t\"\n}\n}\n",
	 "[device A-----b--c---2]|vendor = A[ ]|product = [ ] ^b| c [ ]|"
	 "revision = [ ]|product_blacklist = !\tx\\ y[\t]|", ""},
	{"devices {\ndevice {\nvendor \"A\\ \"\nproduct b\n}\n}\n", "",
	 "3: vendor \"A\\ \": the blanks at its ends would be lost|"
	 "2: device: left out, for its vendor|"},
	{"devices {\ndevice {\nvendor \"A[ \"\nproduct b\n}\n}\n", "",
	 "3: vendor: 'A[ ' is no regular expression: Unmatched [, [^, [:, "
	 "[., or [=|"
	 "2: device: left out, for its vendor|"},
	{"devices {\ndevice {\nvendor \"a ;b\"\nproduct b\n}\n}\n", "",
	 "3: vendor \"a ;b\": the value would end at ' ;': a comment needs a "
	 "line of its own|"
	 "2: device: left out, for its vendor|"},
	{"devices {\ndevice {\nvendor \";a\"\nproduct \"\"\"b\"\"\"\n}\n}\n",
	 "",
	 "4: product: '\"b\"' is in quotes: it is to be without|"
	 "2: device: left out, for its product|"},
	{"devices {\ndevice {\nvendor b\nvendor \";a\"\nproduct \"\"\n}\n}\n",
	 "[device xa--2]|vendor=;a|product =|",
	 "3: vendor: line 4 says it again, and that holds|"},
	/* 183 bytes fit in a line of 190, 184 do not. */
	{"blacklist {\nwwid " NAME_127 A42 "xxxxxxxxxxxxxxxx\n"
	 "wwid " NAME_127 A42 "xxxxxxxxxxxxxxxxx\n}\n",
	 "[blacklist]|wwid=" NAME_127 A42 "xxxxxxxxxxxxxxxx|",
	 "3: wwid \"" NAME_127 "a\": the line would have 191 bytes, the limit "
	 "is 190|"},
	{"devices {\ndevice {\nvendor a\nproduct \"2.5\"\" SSD\"\n}\n}\n",
	 "[device a-2-5--SSD-2]|vendor = a|product = 2.5\" SSD|", ""},
	{"overrides {\nfailback 3\nprotocol {\ntype scsi:fcp\n"
	 "dev_loss_tmo infinity\n}\n}\n",
	 "[overrides]|failback = 3|[protocol scsi:fcp]|dev_loss_tmo = "
	 "infinity|", ""},
	{"overrides {\nprotocol {\ntype scsi\n}\nprotocol {\n"
	 "dev_loss_tmo 3\n}\n}\n",
	 "[overrides]|",
	 "3: type: there is no protocol 'scsi': the section is left out|"
	 "5: protocol: type is missing: it fits nothing|"},
	{"multipaths {\nmultipath {\nwwid 3600\nalias a\n}\nmultipath {\n"
	 "alias b\n}\nmultipath {\nwwid 3601\nalias \"b c\"\n"
	 "path_checker none\n}\n}\n",
	 "[multipath 3600]|alias = a|[multipath 3601]|",
	 "6: multipath: wwid is missing: it fits nothing|"
	 "11: alias: 'b c': not a name: has a blank or a control character in "
	 "it|"
	 "12: path_checker: does not stand in such a section|"},
	{"multipaths {\nmultipath {\nwwid 1\nalias a\n}\nmultipath {\nwwid 2\n"
	 "alias a\n}\nmultipath {\nwwid 1\nalias a\n}\n}\n",
	 "[multipath 1]|alias = a|[multipath 2]|[multipath 1]|alias = a|",
	 "8: alias \"a\": it is the name of 1, line 2|"},
	/* one that cannot be does not take the place of the one before */
	{"multipaths {\nmultipath {\nwwid 1\nalias a\nalias ;b\n}\n"
	 "multipath {\nwwid 2\nalias a\n}\n}\n",
	 "[multipath 1]|alias = a|[multipath 2]|",
	 "5: alias: ';b': not a name: begins with '-', ';' or '\"'|"
	 "9: alias \"a\": it is the name of 1, line 2|"},
	{"defaults {\nprio hungry\n}\ndevices {\ndevice {\nvendor a\n"
	 "product b\nprio x\nprio_args bad\n}\n}\n",
	 "[defaults]|[device a-b-5]|vendor = a|product = b|prio_args = bad|",
	 "2: prio \"hungry\": fake: wants words|"
	 "8: prio \"x\": fake: not for x|"},
	{"defaults {\nprio hungry\n}\noverrides {\nprio_args food\n}\n",
	 "[defaults]|prio = hungry|[overrides]|prio_args = food|", ""},
	{"multipaths {\nmultipath {\nalias a\nwwid a/b\n}\n}\n", "",
	 "4: wwid: not a name: has '/' or ']' in it: the section is left "
	 "out|"},
	{"blacklist {\ndevnode \"!^sd\"\ndevnode \"^sdb\"\nwwid (\n"
	 "property ID_ATA\nprotocol scsi:usb\nalias x\n}\n",
	 "[blacklist]|devnode = !^sd|devnode = ^sdb|property = ID_ATA|"
	 "protocol = scsi:usb|",
	 "4: wwid: '(' is no regular expression: Unmatched ( or \\(|"
	 "7: alias: does not stand in such a section|"},
	/* what it was once; left out, it would let in every disk */
	{"blacklist {\ndevnode \"*\"\nwwid \"*a\"\ndevice {\nvendor \"*\"\n}\n"
	 "}\n",
	 "[blacklist]|devnode = .*|[blacklist device 4]|vendor = .*|",
	 "2: devnode: '*' is no regular expression: it is taken for '.*'|"
	 "3: wwid: '*a' is no regular expression: Invalid preceding regular "
	 "expression|"
	 "5: vendor: '*' is no regular expression: it is taken for '.*'|"},
	{"blacklist_exceptions {\ndevice {\nproduct x\n}\ndevice {\n}\n"
	 "wwid 3600\n}\n",
	 "[blacklist_exceptions]|wwid = 3600|"
	 "[blacklist_exceptions device 2]|product = x|",
	 "5: device: neither vendor nor product|"},
	{"defaults {\nfailback 3\n", "[defaults]|failback = 3|",
	 "2: the block of line 1 is not closed|"},
};

/* Text without comments and empty lines, '|' for each newline. */
static char *joined(const char *text, const char *drop_prefix)
{
	char *ret = calloc(1, strlen(text) + 1);
	size_t skip = strlen(drop_prefix);

	assert_non_null(ret);
	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "\n");

		if (len && *p != '#') {
			const char *from = p;

			if (skip && !strncmp(p, drop_prefix, skip))
				from += skip;
			strncat(ret, from, (size_t)(p + len - from));
			strcat(ret, "|");
		}
		p += len + (p[len] == '\n');
	}
	return ret;
}

static void import(const char *in, char **out, char **notes,
		   struct import_result *result)
{
	FILE *f = *in ? fmemopen((void *)(uintptr_t)in, strlen(in), "r") :
			fopen("/dev/null", "r");
	size_t size;
	FILE *o = open_memstream(out, &size), *n = open_memstream(notes, &size);

	assert_true(f && o && n);
	assert_int_equal(import_multipath_conf(f, "mp", &fake_registry, o, n,
					       result),
			 0);
	fclose(f);
	assert_int_equal(fclose(o), 0);
	assert_int_equal(fclose(n), 0);
}

static void test_cases(void **state)
{
	struct fixture *f = *state;
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *out, *notes, *got_out, *got_notes;
		struct import_result result;

		import(cases[i].in, &out, &notes, &result);
		got_out = joined(out, "");
		got_notes = joined(notes, "mp:");
		if (strcmp(got_out, cases[i].out) ||
		    strcmp(got_notes, cases[i].notes)) {
			print_message("%s\ngot %s\nexpected %s\nnotes %s\n"
				      "expected %s\n",
				      cases[i].in, got_out, cases[i].out,
				      got_notes, cases[i].notes);
			bad++;
		}
		put(f, "main", out);
		assert_loads(f, cases[i].in);
		forget(f);
		free(out);
		free(notes);
		free(got_out);
		free(got_notes);
	}
	assert_int_equal(bad, 0);
}

/* The file of tests/data, beside the hardware table. */

static const enum opt compared[] = {
	OPT_PATH_GROUPING_POLICY, OPT_PATH_SELECTOR,
	OPT_FAILBACK, OPT_NO_PATH_RETRY,
	OPT_FEATURES, OPT_FAST_IO_FAIL_TMO,
	OPT_DEV_LOSS_TMO, OPT_USER_FRIENDLY_NAMES,
	OPT_MAX_SECTORS_KB, OPT_FLUSH_ON_LAST_DEL,
	OPT_GHOST_DELAY, OPT_SAN_PATH_ERR_THRESHOLD,
	OPT_PATH_CHECKER, OPT_UID_ATTRIBUTE,
};

/*
 * What these devices get of them, worked out from the file and from the table
 * by the rules of multipath-tools: sections by their rank, of the devices the
 * last one that matches and has the option.
 */
static const struct {
	const char *vendor, *product, *revision, *protocol, *want;
} triples[] = {
	{"NETAPP", "LUN C-Mode", "9111", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;12;3 queue_if_no_path pg_init_retries 50;3;90;no;unset;always;no;no;directio;ID_SERIAL"},
	{"NETAPP", "LUN", "8020", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;12;3 queue_if_no_path pg_init_retries 50;15;infinity;no;unset;always;no;no;directio;ID_SERIAL"},
	{"NETAPP", "INF-01-00", "0825", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;30;2 pg_init_retries 50;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"EMC", "SYMMETRIX", "5978", "scsi:fcp",
	 "multibus;round-robin 0;manual;18;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"EMC", "Invista", "1", "scsi:iscsi",
	 "multibus;round-robin 0;manual;5;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"DGC", "RAID 5", "0533", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;90;0;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"DGC", "VRAID", "1", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;90;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"DGC", "LUNZ", "1", "scsi:iscsi",
	 "failover;round-robin 0;manual;fail;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"3PARdata", "VV", "3315", "scsi:sas",
	 "group_by_prio;service-time 0;immediate;18;0;7;infinity;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"PURE", "FlashArray", "8888", "scsi:fcp",
	 "group_by_prio;queue-length 0;10;fail;0;3;90;yes;1024;unused;no;no;directio;ID_SERIAL"},
	{"IBM", "2145", "0612", "scsi:iscsi",
	 "group_by_prio;round-robin 0;30;queue;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"IBM", "2145", "0000", "scsi:sas",
	 "group_by_prio;round-robin 0;30;queue;0;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"IBM", "2107900", "1", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"IBM", "2810XIV", "10.2", "scsi:iscsi",
	 "group_by_prio;round-robin 0;15;queue;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"IBM", "1814 FAStT", "0916", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;30;2 pg_init_retries 50;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HITACHI", "OPEN-V", "8001", "scsi:fcp",
	 "multibus;round-robin 0;immediate;3;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HITACHI", "OPEN-9", "8001", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;3;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HP", "OPEN-V", "5001", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;10;0;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HITACHI", "DF600F", "0000", "scsi:fcp",
	 "multibus;round-robin 0;immediate;queue;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HITACHI", "DF600", "0000", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;queue;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"LIO-ORG", "disk0", "4.0", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;queue;0;7;600;yes;unset;unused;no;4;directio;ID_SERIAL"},
	{"SUSE", "x", "1", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;3;90;yes;unset;unused;no;4;directio;ID_SERIAL"},
	{"NVME", "Pure Storage FlashArray", "1", "nvme:tcp",
	 "group_by_prio;round-robin 0;immediate;20;0;7;600;yes;unset;unused;no;no;none;ID_WWN"},
	{"NVME", "EMC PowerMax", "1", "nvme:tcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;7;600;yes;unset;unused;no;no;none;ID_WWN"},
	{"NVME", "Samsung SSD", "1", "nvme:tcp",
	 "group_by_prio;round-robin 0;immediate;fail;0;7;600;yes;unset;unused;no;no;none;ID_WWN"},
	{"NVME", "NetApp ONTAP Controller", "1", "nvme:tcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;7;600;yes;unset;unused;no;no;none;ID_WWN"},
	{"DELL", "MD32xxi", "0770", "scsi:sas",
	 "group_by_prio;round-robin 0;followover;30;2 pg_init_retries 50;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"DELL", "MD38xxf", "0820", "scsi:fcp",
	 "group_by_prio;round-robin 0;followover;30;2 pg_init_retries 50;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"DellEMC", "PowerStore", "2100", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;3;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"DellEMC", "ME4", "G280", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;fail;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"COMPELNT", "Compellent Vol", "0704", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;3;90;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"HP", "MSA 2040 SAN", "G220", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;18;0;15;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HPE", "MSA 2050 SAN", "V270", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;18;0;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"HP", "HSV200", "6220", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;12;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"COMPAQ", "MSA1000", "4.48", "scsi:iscsi",
	 "group_by_prio;round-robin 0;manual;12;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"HP", "P2000 G3 FC", "T250", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;18;0;7;600;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"Nimble", "Server", "1.0", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;queue;0;3;90;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"XtremIO", "XtremApp", "4050", "scsi:iscsi",
	 "multibus;round-robin 0;manual;fail;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"FUJITSU", "ETERNUS_DXL", "0000", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;10;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"HUAWEI", "XSG1", "4303", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;15;0;3;90;yes;unset;unused;no;no;directio;ID_SERIAL"},
	{"NFINIDAT", "InfiniBox", "0h", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;queue;0;15;infinity;yes;unset;always;7;no;directio;ID_SERIAL"},
	{"TMS", "RamSan", "1", "scsi:sas",
	 "multibus;round-robin 0;manual;fail;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"SUN", "ZFS Storage 7330", "1.0", "scsi:fcp",
	 "group_by_prio;round-robin 0;immediate;30;0;3;90;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"SUN", "COMSTAR", "1.0", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;30;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"NEXENTA", "COMSTAR", "1.0", "scsi:sas",
	 "group_by_serial;round-robin 0;manual;30;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"VSTORAGE", "VSTOR-DISK", "0001", "scsi:fcp",
	 "group_by_node_name;round-robin 0;immediate;queue;2 pg_init_retries 50;3;90;yes;unset;always;7;no;directio;ID_SERIAL"},
	{"DataCore", "Virtual Disk", "DCS", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;queue;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"Linux", "scsi_debug", "0190", "scsi:sas",
	 "failover;round-robin 0;manual;fail;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"ATA", "WDC WD10", "1A01", "scsi:fcp",
	 "failover;round-robin 0;manual;fail;0;3;90;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"FOO", "BAR", "1", "scsi:iscsi",
	 "failover;round-robin 0;manual;fail;0;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"Qsan", "P300Q", "1.0", "scsi:sas",
	 "group_by_prio;round-robin 0;immediate;30;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"IET", "VIRTUAL-DISK", "1", "scsi:fcp",
	 "failover;round-robin 0;manual;fail;0;3;90;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"SGI", "TP9500", "1", "scsi:iscsi",
	 "group_by_prio;round-robin 0;immediate;30;2 pg_init_retries 50;15;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
	{"APPLE", "Xserve RAID", "1.5", "scsi:sas",
	 "multibus;round-robin 0;manual;fail;0;7;600;yes;unset;unused;7;no;directio;ID_SERIAL"},
};

static char *file_text(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		fail_msg("%s: %s", name, strerror(errno));
	assert_true(getdelim(&text, &size, EOF, f) > 0);
	fclose(f);
	return text;
}

static void load_whole_file(struct fixture *f, struct import_result *result)
{
	struct config_registry reg = fake_registry;
	CLEANUP_FREE char *in = file_text("tests/data/multipath.conf");
	char *out, *notes;

	import(in, &out, &notes, result);
	put(f, "main", out);
	reg.hardware = hardware_table;
	reg.hardware_len = (size_t)(hardware_table_end - hardware_table);
	if (config_load(f->main, NULL, &reg, &f->config, &f->errs)) {
		CLEANUP_FREE char *errors = errors_text(f);

		fail_msg("%s", errors);
	}
	free(out);
	free(notes);
}

static void test_whole_file(void **state)
{
	struct fixture *f = *state;
	struct import_result result;
	struct settings s;
	int bad = 0;

	load_whole_file(f, &result);
	assert_true(result.translated > 120);
	assert_int_equal(result.left, 9);
	for (size_t i = 0; i < ARRAY_SIZE(triples); i++) {
		const struct lun_identity id = {
			"w", triples[i].vendor, triples[i].product,
			triples[i].revision, triples[i].protocol};
		char got[512] = "";

		config_for_lun(f->config, &id, &s);
		for (size_t k = 0; k < ARRAY_SIZE(compared); k++) {
			strcat(got, k ? ";" : "");
			strcat(got, s.v[compared[k]].text);
		}
		if (!strcmp(got, triples[i].want))
			continue;
		print_message("%s %s: got\n  %s, expected\n  %s\n",
			      triples[i].vendor, triples[i].product, got,
			      triples[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void test_whole_file_luns(void **state)
{
	struct fixture *f = *state;
	const struct lun_identity oradata = {
		"3600a098038303634722b4d59646c4436", "NETAPP", "LUN", "1",
		"scsi:fcp"};
	const struct lun_identity backup = {
		"360060e801604bf0000014bf000000012", "HITACHI", "OPEN-V", "1",
		"scsi:fcp"};
	struct import_result result;
	struct settings s;

	load_whole_file(f, &result);
	config_for_lun(f->config, &oradata, &s);
	assert_string_equal(s.v[OPT_ALIAS].text, "oradata");
	assert_string_equal(s.v[OPT_NO_PATH_RETRY].text, "queue");
	assert_string_equal(s.v[OPT_MODE].text, "0600");
	assert_string_equal(s.v[OPT_UID].text, "1000");
	config_for_lun(f->config, &backup, &s);
	assert_string_equal(s.v[OPT_ALIAS].text, "backup");
	assert_string_equal(s.v[OPT_FAILBACK].text, "60");
	assert_string_equal(s.v[OPT_RESERVATION_KEY].text, "file");
}

static void test_whole_file_blacklist(void **state)
{
	static const struct {
		struct filter_device d;
		bool want;
	} disks[] = {
		{{.devnode = "sdb", .vendor = "HP", .product = "LOGICAL VOLUME"},
		 false},
		{{.devnode = "sdb", .vendor = "HP",
		  .product = "LOGICAL VOLUME SPECIAL"}, true},
		{{.devnode = "sdb", .vendor = "x", .product = "2.5\" SSD"}, false},
		{{.devnode = "sdb", .vendor = "DGC", .product = "LUNX"}, false},
		{{.devnode = "sdb", .vendor = "DGC", .product = "DISK"}, true},
		{{.devnode = "vda"}, false},
		{{.devnode = "sdb", .wwid = "3600508b1001c0001"}, false},
		{{.devnode = "sdb", .wwid = "3600508b1001c4d5e6f"}, true},
		{{.devnode = "sdb", .protocol = "scsi:usb"}, false},
		{{.devnode = "sdb", .protocol = "scsi:fcp"}, true},
	};
	struct fixture *f = *state;
	struct import_result result;
	struct errmsg why;

	load_whole_file(f, &result);
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++)
		if (filter_allows(f->config->filter, &disks[i].d, &why) !=
		    disks[i].want)
			fail_msg("disk %zu: expected %d", i, disks[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cases),
		TEST(test_whole_file),
		TEST(test_whole_file_luns),
		TEST(test_whole_file_blacklist),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
