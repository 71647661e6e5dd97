// SPDX-License-Identifier: MIT
/* Loading the configuration: what files give, or every mistake in them. */
#include "tests/unit/config_fixture.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#define UNKNOWN                                                                \
	"unknown section; there are [defaults], [volume NAME], "               \
	"[multipath WWID], [device NAME], [overrides], [protocol PROTOCOL], "  \
	"[blacklist] and [blacklist_exceptions]\n"

static const struct {
	const char *text, *errors;
} mistakes[] = {
	/* headings */
	{"[blacklists]\n[defaults x]\n[Volume a]\n[]\n[overrides x]\n",
	 "main:1: [blacklists]: " UNKNOWN "main:2: [defaults x]: " UNKNOWN
	 "main:3: [Volume a]: " UNKNOWN "main:4: []: " UNKNOWN
	 "main:5: [overrides x]: " UNKNOWN},
	{"[blacklist x]\ndevnode = (\n[blacklist]\ndevnode = (\nalias = x\n",
	 "main:1: 'x': what may stand here is nothing, or device NAME\n"
	 "main:4: '(' is no regular expression: Unmatched ( or \\(\n"
	 "main:5: 'alias': unknown keyword; there are devnode, wwid, property "
	 "and protocol, and a section [blacklist device NAME]\n"},
	{"[blacklist_exceptions device x]\nwwid = 3\nvendor = A\nvendor = A\n"
	 "[blacklist device y]\n[blacklist device z]\nproduct = (\n",
	 "main:2: 'wwid': unknown keyword; there are vendor and product\n"
	 "main:4: vendor: stands here already\n"
	 "main:5: device: a pattern is missing\n"
	 "main:6: '(' is no regular expression: Unmatched ( or \\(\n"},
	{"[device x]\nvendor = A\n[device y]\nvendor = A\nvendor = B\n"
	 "product = .*\nrevision = (\nno_path_retry = 0x\n",
	 "main:1: [device x]: vendor or product is missing\n"
	 "main:5: vendor: stands here already\n"
	 "main:7: revision: '(' is no regular expression: Unmatched ( or "
	 "\\(\n"
	 "main:8: no_path_retry: '0x': fail, queue or retries, 1 to 100000\n"},
	{"[device]\n[device x]\nvendor = A\nproduct = B\nalias = x\n"
	 "polling_interval = 3\npath = a /dev/a\n[multipath]\n[multipath a b]\n",
	 "main:1: [device ]: not a name: empty\n"
	 "main:5: alias: may stand in [multipath WWID] only\n"
	 "main:6: polling_interval: may stand in [defaults], [volume NAME] "
	 "only\n"
	 "main:7: path: may stand in [volume NAME] only\n"
	 "main:8: [multipath ]: not a name: empty\n"
	 "main:9: [multipath a b]: not a name: has a blank or a control "
	 "character in it\n"},
	{"[device x]\nvendor = \"A\"\nproduct = B\"\n[blacklist]\n"
	 "devnode = \"^sd\"\n",
	 "main:2: vendor: '\"A\"' is in quotes: it is to be without\n"
	 "main:5: '\"^sd\"' is in quotes: it is to be without\n"},
	{"[protocol scsi]\n[protocol scsi:fcp]\nprio = const\n"
	 "dev_loss_tmo = 5\ndev_loss_tmo = infinity\n",
	 "main:1: [protocol scsi]: there is no such protocol\n"
	 "main:3: prio: may stand in [defaults], [volume NAME], [device NAME], "
	 "[overrides], [multipath WWID] only\n"
	 "main:5: dev_loss_tmo: is at main:4 already\n"},
	{"[multipath 3600]\npath_checker = none\nalias = a/b\nalias = status\n",
	 "main:2: path_checker: may stand in [defaults], [volume NAME], "
	 "[device NAME], [overrides] only\n"
	 "main:3: alias: 'a/b': not a name: has '/' or ']' in it\n"
	 "main:4: alias: is at main:3 already\n"},
	{"[volume a] path = p /dev/a\n[defaults]]\n",
	 "main:1: a heading is '[' to ']' and nothing after it\n"
	 "main:2: a heading is '[' to ']' and nothing after it\n"},
	{"[volume]\npath = p /dev/a\n[volume a/b]\npath = p /dev/a\n",
	 "main:1: [volume ]: not a name: empty\n"
	 "main:3: [volume a/b]: not a name: has '/' or ']' in it\n"},
	{"[volume a b]\npath = p /dev/a\n[volume status]\npath = p /dev/a\n"
	 "[volume ..]\npath = p /dev/a\n[volume -a]\npath = p /dev/a\n",
	 "main:1: [volume a b]: not a name: has a blank or a control "
	 "character in it\n"
	 "main:3: [volume status]: reserved: the mount has a file of that "
	 "name\n"
	 "main:5: [volume ..]: not a name: means a directory\n"
	 "main:7: [volume -a]: not a name: begins with '-', ';' or '\"'\n"},
	{"[volume " NAME_127 "a]\npath = p /dev/a\n",
	 "main:1: [volume " NAME_127 "a]: not a name: longer than 127 "
	 "bytes\n"},
	{"[volume a]\npath = p /dev/a\n[volume a]\npath = p /dev/a\n",
	 "main:3: [volume a]: that volume is at main:1 already\n"},
	{"[volume a]\n[volume b]\nmode = 0600\n# end\n",
	 "main:1: [volume a] has no path: 'path = NAME DEVICE' is missing\n"
	 "main:2: [volume b] has no path: 'path = NAME DEVICE' is "
	 "missing\n"},
	/* keywords */
	{"verbosity = 2\npath = p /dev/a\n[defaults]\n",
	 "main:1: verbosity: stands before the first section\n"
	 "main:2: path: stands before the first section\n"},
	{"[defaults]\npriority = 3\n= 3\nMode = 0600\n",
	 "main:2: 'priority': unknown keyword\n"
	 "main:3: '': unknown keyword\n"
	 "main:4: 'Mode': unknown keyword\n"},
	{"[defaults]\nwwid = x\npath = p /dev/a\n",
	 "main:2: wwid: may stand in [volume NAME] only\n"
	 "main:3: path: may stand in [volume NAME] only\n"},
	{"[volume a]\npath = p /dev/a\nverbosity = 3\nlanes = 2\n"
	 "cache = auto\n",
	 "main:3: verbosity: may stand in [defaults] only\n"
	 "main:4: lanes: may stand in [defaults] only\n"
	 "main:5: cache: may stand in [defaults] only\n"},
	{"[defaults]\nmode = 0600\n[volume a]\npath = p /dev/a\nmode = 0\n"
	 "mode = 0\n[defaults]\nmode = 0640\n",
	 "main:6: mode: is at main:5 already\n"
	 "main:8: mode: is at main:2 already\n"},
	/* values */
	{"[defaults]\nno_path_retry = -1\npolling_interval =\n",
	 "main:2: no_path_retry: '-1': fail, queue or retries, 1 to 100000\n"
	 "main:3: polling_interval: '': seconds, 1 to 86400\n"},
	{"[multipath \"3600\"]\n[volume \"a\"]\npath = p /dev/a\n"
	 "path = \"q\" /dev/b\npath = r \"/dev/c\"\nwwid = \"3600\"\n"
	 "[multipath 3600]\nalias = \"b\"\n[defaults]\n"
	 "uid_attribute = \"ID_SERIAL\"\nalias_prefix = \"disk\nlanes = 2\"\n",
	 "main:1: [multipath \"3600\"]: not a name: begins with '-', ';' or "
	 "'\"'\n"
	 "main:2: [volume \"a\"]: not a name: begins with '-', ';' or '\"'\n"
	 "main:4: path \"q\": not a name: begins with '-', ';' or '\"'\n"
	 "main:5: path r: '\"/dev/c\"': a device is an absolute path\n"
	 "main:6: wwid: '\"3600\"': is in quotes: it is to be without\n"
	 "main:8: alias: '\"b\"': is in quotes: it is to be without\n"
	 "main:10: uid_attribute: '\"ID_SERIAL\"': is in quotes: it is to be "
	 "without\n"
	 "main:11: alias_prefix: '\"disk': is in quotes: it is to be without\n"
	 "main:12: lanes: '2\"': auto or 1 to 16\n"},
	{"[defaults]\nlanes = 2 # two\n",
	 "main:2: lanes: '2 # two': auto or 1 to 16\n"},
	/* paths */
	{"[volume a]\npath = p\npath =\npath = q /dev/a 1 2\n",
	 "main:2: path: 'p': what may stand here is NAME DEVICE [PRIORITY] "
	 "[serial=TEXT] [node=TEXT] [tpg=N]\n"
	 "main:3: path: '': what may stand here is NAME DEVICE [PRIORITY] "
	 "[serial=TEXT] [node=TEXT] [tpg=N]\n"
	 "main:4: path q: '2': neither serial=TEXT, node=TEXT nor tpg=N\n"},
	{"[volume a]\npath = p /dev/a serial= tpg=65536\n"
	 "path = q /dev/b 5 node=x node=y tpg=1 tpg=-1\n"
	 "path = r /dev/c serial=x 5\npath = s /dev/d 1 lun=2\n"
	 "path = t /dev/e 1 serial=x node=y tpg=1 tpg=2\n",
	 "main:2: path p: serial has 1 to 127 bytes\n"
	 "main:2: path p: '65536': tpg is 0 to 65535\n"
	 "main:3: path: 'q /dev/b 5 node=x node=y tpg=1 tpg=-1': what may "
	 "stand here is NAME DEVICE [PRIORITY] [serial=TEXT] [node=TEXT] "
	 "[tpg=N]\n"
	 "main:4: path r: '5': neither serial=TEXT, node=TEXT nor tpg=N\n"
	 "main:5: path s: 'lun=2': neither serial=TEXT, node=TEXT nor tpg=N\n"
	 "main:6: path: 't /dev/e 1 serial=x node=y tpg=1 tpg=2': what may "
	 "stand here is NAME DEVICE [PRIORITY] [serial=TEXT] [node=TEXT] "
	 "[tpg=N]\n"},
	{"[volume a]\npath = p /dev/a node=x tpg=1 node=y\n"
	 "path = q /dev/b tpg=1 tpg=2\n"
	 "path = r /" A42 A42 " serial=" A42 A42 "\n",
	 "main:2: path p: node is given twice\n"
	 "main:3: path q: tpg is given twice\n"
	 "main:4: path r: the name, the device and what is known of it have "
	 "more than 170 bytes together\n"},
	{"[volume a]\npath = a/b dev/a 0\n",
	 "main:2: path a/b: not a name: has '/' or ']' in it\n"
	 "main:2: path a/b: 'dev/a': a device is an absolute path\n"
	 "main:2: path a/b: '0': a priority is 1 to 65535\n"},
	/* A pair, of which each may stand elsewhere. */
	{"[defaults]\nprio_args = bad\n[volume a]\npath = p /dev/a\nprio = x\n"
	 "[volume b]\npath = p /dev/b\nprio_args = good\n",
	 "main:2: [volume a]: prio = x, prio_args = bad: fake: not for x\n"
	 "main:2: prio = const, prio_args = bad: fake: not for const\n"},
	{"[device d]\nvendor = A\nproduct = B\nprio = x\nprio_args = bad\n"
	 "[overrides]\nprio = hungry\n[multipath w]\nprio_args = bad\n"
	 "[multipath v]\nprio_args = bad\nprio = y\n",
	 "main:4: prio = x, prio_args = bad: fake: not for x\n"
	 "main:7: prio = hungry, prio_args = : fake: wants words\n"
	 "main:12: prio = y, prio_args = bad: fake: not for y\n"},
	/* names that are given twice */
	{"[multipath w1]\nalias = a\n[multipath w2]\nalias = b\n"
	 "[multipath w3]\nalias = a\n[volume b]\npath = p /dev/a\n",
	 "main:4: alias: 'b' is the name of the volume at main:7 already\n"
	 "main:6: alias: 'a' is that of [multipath w1] at main:2 already\n"},
	/* Also with a path that is wrong itself. */
	{"[volume a]\npath = p dev/a\npath = p /dev/b\npath = q dev/a\n",
	 "main:2: path p: 'dev/a': a device is an absolute path\n"
	 "main:3: path p: that path is at main:2 already\n"
	 "main:4: path q: 'dev/a': a device is an absolute path\n"
	 "main:4: path q: 'dev/a' is the device of path p at main:2 "
	 "already\n"},
	{"[volume a]\npath=" NAME_127 " /" A42 "a\n",
	 "main:2: path " NAME_127 ": the name and the device have more than "
	 "170 bytes together\n"},
	{"[volume a]\npath = p /dev/a 65536\npath = q /dev/b -1\n"
	 "path = r /dev/c 1x\n",
	 "main:2: path p: '65536': a priority is 1 to 65535\n"
	 "main:3: path q: '-1': a priority is 1 to 65535\n"
	 "main:4: path r: '1x': a priority is 1 to 65535\n"},
	{"[volume a]\npath = p /dev/a\npath = p /dev/b\npath = q /dev/a\n"
	 "path = p /dev/a\n",
	 "main:3: path p: that path is at main:2 already\n"
	 "main:4: path q: '/dev/a' is the device of path p at main:2 "
	 "already\n"
	 "main:5: path p: that path is at main:2 already\n"
	 "main:5: path p: '/dev/a' is the device of path p at main:2 "
	 "already\n"},
	/* what inih would cut or change */
	{"[volume a]\npath = p /dev/a\n  path = q /dev/b\n\tx\n",
	 "main:3: the line begins with a blank (there are no continuation "
	 "lines)\n"
	 "main:4: the line begins with a blank (there are no continuation "
	 "lines)\n"},
	{"[defaults]\nmode = 0600 ; mine\nuid = ;x\n[volume a] ; x\n",
	 "main:2: the value would end at ' ;': a comment needs a line of its "
	 "own\n"
	 "main:3: the value would end at ' ;': a comment needs a line of its "
	 "own\n"
	 "main:4: the value would end at ' ;': a comment needs a line of its "
	 "own\n"},
	{"[defaults]\npath_selector \"round-robin 0\"\n}\n",
	 "main:2: neither [SECTION] nor KEYWORD = VALUE\n"
	 "main:3: neither [SECTION] nor KEYWORD = VALUE\n"},
	{"[volume a]\npath = p /dev/a\npath = " NAME_127 "      /" A42
	 "   65535\n",
	 "main:3: the line has 191 bytes, the limit is 190\n"},
	{"[volume " A64 A64 A64 "]\npath = p dev\n[defaults]\n" A64
	 " = 1\nlanes = x",
	 "main:1: the line has 201 bytes, the limit is 190\n"
	 "main:4: '" A64 "': unknown keyword\n"
	 "main:5: lanes: 'x': auto or 1 to 16\n"},
	/* A byte order mark, but not at the beginning. */
	{"[defaults]\n\xef\xbb\xbfmode = 0600\nmode = 0600\rlanes = 2\n",
	 "main:2: a byte order mark may begin the file only\n"
	 "main:3: byte 12 is a control character (0x0d)\n"},
	/* wwid */
	{"[volume a]\npath = p /dev/a\nwwid = b\n[volume b]\n"
	 "path = p /dev/b\n[volume c]\npath = p /dev/c\nwwid = b\n",
	 "main:4: [volume b]: wwid: 'b' is that of [volume a] at main:1 "
	 "already\n"
	 "main:8: [volume c]: wwid: 'b' is that of [volume a] at main:1 "
	 "already\n"
	 "main:8: [volume c]: wwid: 'b' is that of [volume b] at main:4 "
	 "already\n"},
};

static void test_mistakes(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		put(f, "main", mistakes[i].text);
		assert_errors(f, mistakes[i].text, load(f), -EINVAL,
			      mistakes[i].errors);
	}
}

static void test_nul_byte(void **state)
{
	static const char text[] = "[defaults]\nmode = 06\0"
				   "00\nlanes = x\n";
	struct fixture *f = *state;

	put_bytes(f, "main", text, sizeof(text) - 1);
	assert_errors(f, "NUL", load(f), -EINVAL,
		      "main:2: byte 10 is a control character (0x00)\n"
		      "main:3: lanes: 'x': auto or 1 to 16\n");
}

static void test_mistakes_in_all_files(void **state)
{
	struct fixture *f = *state;

	put(f, "main", "[volume a]\npath = p /dev/a\nx = 1\n");
	put(f, "d/2.conf", "[volume b]\npath = p /dev/b\n[volume a]\n");
	put(f, "d/1.conf", "\n[volume b]\npath = p b\n");
	put(f, "d/3.conf", "path = q /dev/c\n");
	assert_errors(f, "three files", load(f), -EINVAL,
		      "main:3: 'x': unknown keyword\n"
		      "d/1.conf:3: path p: 'b': a device is an absolute path\n"
		      "d/2.conf:1: [volume b]: that volume is at d/1.conf:2 "
		      "already\n"
		      "d/2.conf:3: [volume a]: that volume is at main:1 "
		      "already\n"
		      "d/2.conf:3: [volume a] has no path: 'path = NAME "
		      "DEVICE' is missing\n"
		      "d/3.conf:1: path: stands before the first section\n");
}

static void test_unreadable(void **state)
{
	struct fixture *f = *state;
	char path[96];

	assert_errors(f, "no main file", load(f), -ENOENT,
		      "main: cannot be read: No such file or directory\n");
	put(f, "main", "x = 1\n");
	snprintf(path, sizeof(path), "%s/a.conf", f->conf_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_errors(f, "a directory", load(f), -EINVAL,
		      "main:1: x: stands before the first section\n"
		      "d/a.conf: cannot be read: Is a directory\n");
	strcat(f->conf_dir, "/../main");
	assert_errors(f, "conf_dir is a file", load(f), -ENOTDIR,
		      "main:1: x: stands before the first section\n"
		      "d/../main: cannot be read: Not a directory\n");
}

static void assert_setting(const struct fixture *f,
			   const struct settings *settings, enum opt o,
			   const char *text, enum origin origin,
			   const char *where)
{
	const struct setting *s = &settings->v[o];
	char got[sizeof(s->where)];

	strcpy(got, s->where);
	strip(f, got);
	if (strcmp(s->text, text) != 0 || s->origin != origin ||
	    strcmp(got, where) != 0)
		fail_msg("%s: got '%s' origin %d '%s'; expected '%s' origin "
			 "%d '%s'",
			 option_info(o)->name, s->text, s->origin, got, text,
			 origin, where);
}

static void test_precedence(void **state)
{
	struct fixture *f = *state;
	const struct volume_config *a, *b;
	const struct settings *d;

	put(f, "main",
	    "# first\n[volume a]\npath = p /dev/a\nfailback = 7\n\n"
	    "[defaults]\nfailback = immediate\nno_path_retry = 12\n"
	    "[volume b]\npath = p /dev/b\nwwid = 3600\n");
	put(f, "d/1.conf", "[defaults]\nno_path_retry = queue\n");
	put(f, "d/2.conf", "[defaults]\nno_path_retry = 3\nlanes = 2\n");
	assert_loads(f, "three files");
	d = &f->config->defaults;
	a = config_volume(f->config, "a");
	b = config_volume(f->config, "b");
	assert_non_null(a);
	assert_non_null(b);
	assert_null(config_volume(f->config, "c"));
	assert_setting(f, d, OPT_MODE, "0660", ORIGIN_BUILTIN, "");
	assert_setting(f, d, OPT_LANES, "2", ORIGIN_DEFAULTS, "d/2.conf:3");
	assert_setting(f, d, OPT_NO_PATH_RETRY, "3", ORIGIN_DEFAULTS,
		       "d/2.conf:2");
	assert_int_equal(d->v[OPT_NO_PATH_RETRY].num, 3);
	/* Also of a volume that stands before the defaults. */
	assert_setting(f, &a->settings, OPT_NO_PATH_RETRY, "3", ORIGIN_DEFAULTS,
		       "d/2.conf:2");
	assert_setting(f, &a->settings, OPT_FAILBACK, "7", ORIGIN_VOLUME,
		       "main:4");
	assert_int_equal(a->settings.v[OPT_FAILBACK].num, 7);
	assert_setting(f, &a->settings, OPT_WWID, "a", ORIGIN_BUILTIN, "");
	assert_setting(f, &b->settings, OPT_FAILBACK, "immediate",
		       ORIGIN_DEFAULTS, "main:7");
	assert_int_equal(b->settings.v[OPT_FAILBACK].num, FAILBACK_IMMEDIATE);
	assert_setting(f, &b->settings, OPT_WWID, "3600", ORIGIN_VOLUME,
		       "main:11");
	assert_setting(f, &b->settings, OPT_MODE, "0660", ORIGIN_BUILTIN, "");
}

static void assert_path(const struct fixture *f, const struct path_config *p,
			const char *name, const char *device, int priority,
			const char *where)
{
	char got[sizeof(p->where)];

	strcpy(got, p->where);
	strip(f, got);
	if (strcmp(p->name, name) != 0 || strcmp(p->device, device) != 0 ||
	    p->priority != priority || strcmp(got, where) != 0)
		fail_msg("got %s %s %d at %s; expected %s %s %d at %s", p->name,
			 p->device, p->priority, got, name, device, priority,
			 where);
}

static void test_paths(void **state)
{
	struct fixture *f = *state;
	const struct volume_config *v;
	char where[WHERE_SIZE];

	put(f, "main",
	    "[volume b]\npath = sdb /dev/sdb\n"
	    "[ volume \t a ]\n"
	    "path=p1 /dev/disk/by-path/pci-0000:00:1f.2=x;y\n"
	    "\n;path = p2 /dev/no\n"
	    "path = \t p2\t/dev/b \t 50  \n"
	    "path : p3 /dev/c 065535\n"
	    "path = p4 /dev/d tpg=0 serial=a=b\n"
	    "path = p5 /dev/e 7 node=iqn.x:y tpg=65535\n");
	assert_loads(f, "paths");
	assert_int_equal(f->config->nvolumes, 2);
	assert_string_equal(f->config->volumes[0].name, "b");
	v = &f->config->volumes[1];
	assert_string_equal(v->name, "a");
	strcpy(where, v->where);
	strip(f, where);
	assert_string_equal(where, "main:3");
	assert_int_equal(v->npaths, 5);
	assert_path(f, &v->paths[0], "p1",
		    "/dev/disk/by-path/pci-0000:00:1f.2=x;y", 1, "main:4");
	assert_path(f, &v->paths[1], "p2", "/dev/b", 50, "main:7");
	assert_path(f, &v->paths[2], "p3", "/dev/c", 65535, "main:8");
	assert_string_equal(v->paths[2].facts.serial, "");
	assert_int_equal(v->paths[2].facts.tpg, TPG_UNKNOWN);
	assert_path(f, &v->paths[3], "p4", "/dev/d", 1, "main:9");
	assert_string_equal(v->paths[3].facts.serial, "a=b");
	assert_string_equal(v->paths[3].facts.node_name, "");
	assert_int_equal(v->paths[3].facts.tpg, 0);
	assert_path(f, &v->paths[4], "p5", "/dev/e", 7, "main:10");
	assert_string_equal(v->paths[4].facts.node_name, "iqn.x:y");
	assert_int_equal(v->paths[4].facts.tpg, 65535);
}

/* Texts that must load, and how many volumes they make. */
static const struct {
	const char *text;
	size_t volumes;
} forms[] = {
	{"", 0},
	{"\n\n# nothing\n", 0},
	{"[defaults]\n", 0},
	{"[defaults]\nmode = 0600\n[defaults]\nlanes = 1\n", 0},
	{"\xef\xbb\xbf[volume a]\r\npath = p /dev/a\r\n", 1},
	{"\xef\xbb\xbf# mark\n  # an indented comment; with more\n \t\n", 0},
	{"[volume a]\npath = p /dev/a", 1},
	{"#" A64 A64 A64 A64 "\n; " A64 A64 A64 " = x\n[defaults]\n", 0},
	{"[volume " NAME_127 "]\npath = p /dev/a\n", 1},
	/* 190 bytes, the limit, and a blank that does not count. */
	{"[volume a]\npath = " NAME_127 "     /" A42 "   65535  \n", 1},
	{"[volume a]\npath = p /" A42 " serial=" A42 " node=" A42 "aaaaa"
	 "aaaaaaaaaaaaa tpg=65535\n", 1},
	/* Two sections alike up to the length at which inih cuts. */
	{"[volume " A64 "1]\npath = p /a\n[volume " A64 "2]\npath = p /b\n", 2},
	{"[defaults]\npath_selector = round-robin\n", 0},
};

/* Two sections that go together though neither is whole. */
static void test_pairs(void **state)
{
	struct fixture *f = *state;

	put(f, "main",
	    "[defaults]\nprio = hungry\n[device d]\nvendor = A\nproduct = B\n"
	    "prio_args = food\n");
	assert_loads(f, "words from another section");
	put(f, "main",
	    "[multipath w1]\nalias = a\n[multipath w2]\nalias = a\n"
	    "[multipath w1]\nalias = b\n");
	assert_loads(f, "an alias that a later section changes");
}

static void test_forms(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		put(f, "main", forms[i].text);
		assert_loads(f, forms[i].text);
		if (f->config->nvolumes != forms[i].volumes)
			fail_msg("%s\ngot %zu volumes; expected %zu",
				 forms[i].text, f->config->nvolumes,
				 forms[i].volumes);
	}
}

static void test_conf_dir(void **state)
{
	struct fixture *f = *state;

	put(f, "main", "[volume m]\npath = p /dev/m\n");
	/* By bytes, whatever the locale: upper case first. */
	put(f, "d/b.conf", "[volume b]\npath = p /dev/b\n");
	put(f, "d/B.conf", "[volume B]\npath = p /dev/B\n");
	put(f, "d/a.conf", "[volume a]\npath = p /dev/a\n");
	put(f, "d/a.conf~", "nonsense\n");
	put(f, "d/.hidden.conf", "nonsense\n");
	put(f, "d/README", "nonsense\n");
	assert_loads(f, "the directory");
	assert_int_equal(f->config->nvolumes, 4);
	assert_string_equal(f->config->volumes[0].name, "m");
	assert_string_equal(f->config->volumes[1].name, "B");
	assert_string_equal(f->config->volumes[2].name, "a");
	assert_string_equal(f->config->volumes[3].name, "b");
	strcat(f->conf_dir, "-none");
	assert_loads(f, "a directory that does not exist");
	assert_int_equal(f->config->nvolumes, 1);
	forget(f);
	assert_int_equal(config_load(f->main, NULL, &fake_registry, &f->config,
				     &f->errs),
			 0);
	assert_int_equal(f->config->nvolumes, 1);
}

/* Of a place that is too long the end is kept: there the line number is. */
static void test_long_where(void **state)
{
	struct fixture *f = *state;
	const char *where;

	put(f, "main", "");
	put(f, "d/" NAME_127 ".conf", "\n\n[volume a]\npath = p /dev/a\n");
	assert_loads(f, "a long file name");
	where = f->config->volumes[0].where;
	assert_int_equal(strlen(where), WHERE_SIZE - 1);
	assert_true(strncmp(where, "...aaa", 6) == 0);
	assert_string_equal(where + strlen(where) - 10, "aaa.conf:3");
	where = f->config->volumes[0].paths[0].where;
	assert_string_equal(where + strlen(where) - 10, "aaa.conf:4");
}

/*
 * The example as it is shipped, with or without its examples: those are the
 * comments without a blank after the '#'.
 */
static char *read_example(bool uncomment)
{
	char *text = NULL, *line = NULL;
	size_t size, line_size = 0;
	FILE *in = fopen("etc/mpathfs.conf", "r");
	FILE *out = open_memstream(&text, &size);

	if (!in)
		fail_msg("etc/mpathfs.conf: %s (the tests run at the top of "
			 "the source)",
			 strerror(errno));
	assert_non_null(out);
	while (getline(&line, &line_size, in) >= 0) {
		bool example = line[0] == '#' && !strchr(" #\n", line[1]);

		fputs(uncomment && example ? line + 1 : line, out);
	}
	free(line);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_example_file(void **state)
{
	struct fixture *f = *state;
	CLEANUP_FREE char *shipped = read_example(false);
	CLEANUP_FREE char *whole = read_example(true);
	int o;

	put(f, "main", shipped);
	assert_loads(f, "etc/mpathfs.conf");
	assert_int_equal(f->config->nvolumes, 0);
	for (o = 0; o < OPT_COUNT; o++)
		assert_int_equal(f->config->defaults.v[o].origin,
				 ORIGIN_BUILTIN);
	put(f, "main", whole);
	assert_loads(f, "etc/mpathfs.conf, uncommented");
	assert_true(f->config->nvolumes >= 2);
	/* Each option stands where it may, with its built-in default. */
	for (o = 0; o < OPT_COUNT; o++) {
		const struct setting *s = &f->config->defaults.v[o];
		const struct option_info *info = option_info(o);

		/* What is empty cannot be written down. */
		if (!(info->sections & IN_DEFAULTS) || !*info->builtin)
			continue;
		if (s->origin != ORIGIN_DEFAULTS ||
		    strcmp(s->text, info->builtin) != 0)
			fail_msg("%s: got '%s' (origin %d); expected '%s' in "
				 "[defaults]",
				 info->name, s->text, s->origin, info->builtin);
	}
}

/* A load after a failed one: nothing is left over from it. */
static void test_mistake_mended(void **state)
{
	struct fixture *f = *state;

	put(f, "main", "[volume a]\npath = p /dev/a\n");
	put(f, "d/x.conf", "[volume a]\npath = p /dev/a\n");
	assert_int_equal(load(f), -EINVAL);
	assert_null(f->config);
	drop(f, "d/x.conf");
	assert_loads(f, "mended");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_mistakes),
		TEST(test_nul_byte),
		TEST(test_mistakes_in_all_files),
		TEST(test_unreadable),
		TEST(test_precedence),
		TEST(test_paths),
		TEST(test_pairs),
		TEST(test_forms),
		TEST(test_conf_dir),
		TEST(test_long_where),
		TEST(test_example_file),
		TEST(test_mistake_mended),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
