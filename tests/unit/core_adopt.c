// SPDX-License-Identifier: MIT
/*
 * Which disks become paths: a configuration, disks, and for each of them what
 * comes of it. The configuration is text, as a user would write it.
 */
#include "core/adopt.h"

#include "core/disk.h"
#include "tests/unit/config_fixture.h"

#define MAX_DISKS 3

struct given {
	const char *name, *size; /* size NULL: 1 MiB */
	const char *properties;	 /* "A=1 B=2" */
	const char *own;	 /* what the device says itself */
	/* "hidden", "partition", "usb", "joined", or who holds */
	const char *use;
	const char *protocol, *vendor, *product;
};

static const struct scenario {
	const char *name, *config;
	const char *known;  /* in the wwids file */
	const char *volume; /* of which there is a volume */
	const char *hand;   /* disk of a volume named by hand */
	bool fall_back;
	struct given disks[MAX_DISKS];
	/* "WWID", "wait WWID", "none", or "REASON"; of each disk */
	const char *want[MAX_DISKS];
} scenarios[] = {
	{.name = "strict takes nothing",
	 .config = "",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"nobody has asked for it (find_multipaths = strict)"}},
	{.name = "strict, known",
	 .config = "",
	 .known = "3600",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600"}},
	{.name = "strict, another one known",
	 .config = "",
	 .known = "36001",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"nobody"}},
	{.name = "strict, a volume",
	 .config = "",
	 .volume = "3600",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600"}},
	{.name = "strict, named",
	 .config = "[multipath 3600]\nalias = a\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3601 ID_WWN=x"}},
	 .want = {"3600", "nobody"}},
	{.name = "strict, two paths",
	 .config = "",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"nobody", "nobody"}},
	{.name = "no",
	 .config = "[defaults]\nfind_multipaths = no\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600"}},
	{.name = "greedy",
	 .config = "[defaults]\nfind_multipaths = greedy\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600"}},
	{.name = "yes, one path",
	 .config = "[defaults]\nfind_multipaths = yes\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3601 ID_WWN=x"}},
	 .want = {"wait 3600", "wait 3601"}},
	{.name = "yes, two paths",
	 .config = "[defaults]\nfind_multipaths = yes\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3601 ID_WWN=x"},
		   {.name = "sdc", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600", "wait 3601", "3600"}},
	{.name = "yes, the second path is rejected",
	 .config = "[defaults]\nfind_multipaths = yes\n[blacklist]\n"
		   "devnode = ^sdb\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"wait 3600", "devnode 'sdb' is blacklisted by '^sdb'"}},
	{.name = "yes, known",
	 .config = "[defaults]\nfind_multipaths = yes\n",
	 .known = "3600",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600"}},
	{.name = "smart, one path",
	 .config = "[defaults]\nfind_multipaths = smart\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"wait 3600"}},
	{.name = "smart, two",
	 .config = "[defaults]\nfind_multipaths = smart\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"3600", "3600"}},
#define ALL "[defaults]\nfind_multipaths = no\n"
	{.name = "hidden",
	 .config = ALL,
	 .disks = {{.name = "sda", .own = "3600", .use = "hidden"}},
	 .want = {"the kernel hides it"}},
	{.name = "a partition",
	 .config = ALL,
	 .disks = {{.name = "sda1", .own = "3600", .use = "partition"}},
	 .want = {"it is not a whole disk"}},
	{.name = "no medium",
	 .config = ALL,
	 .disks = {{.name = "sda", .own = "3600", .size = "0"}},
	 .want = {"its size is 0: it has no medium, "}},
	{.name = "usb",
	 .config = ALL,
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .use = "usb"}},
	 .want = {"it is a USB device"}},
	{.name = "usb allowed",
	 .config = ALL "allow_usb_devices = yes\n",
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .use = "usb"}},
	 .want = {"1"}},
	{.name = "mounted",
	 .config = ALL,
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .use = "mounted at /data"}},
	 .want = {"it is in use: mounted at /data"}},
	{.name = "mounted, of a volume",
	 .config = ALL,
	 .volume = "1",
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .use = "dm-3"}},
	 .want = {"it is in use: dm-3"}},
	{.name = "by hand",
	 .config = ALL,
	 .hand = "sda",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=1 ID_WWN=x"}},
	 .want = {"it is a path of [volume byhand]"}},
	{.name = "devnode, built in",
	 .config = ALL,
	 .disks = {{.name = "vda", .properties = "ID_SERIAL=1 ID_WWN=x"}},
	 .want = {"devnode 'vda' is blacklisted"}},
	{.name = "devnode excepted",
	 .config = ALL "[blacklist_exceptions]\ndevnode = ^loop\n",
	 .disks = {{.name = "loop0", .properties = "ID_SERIAL=1 ID_WWN=x"}},
	 .want = {"1"}},
	{.name = "property missing",
	 .config = ALL,
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=1 ID_BUS=ata"}},
	 .want = {"it has ID_SERIAL, but none of the properties"}},
	{.name = "device",
	 .config = ALL "[blacklist device x]\nvendor = A\n",
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .vendor = "AB",
		    .product = "C"}},
	 .want = {"device 'AB' 'C' is blacklisted"}},
	{.name = "protocol",
	 .config = ALL "[blacklist]\nprotocol = scsi:sas\n",
	 .disks = {{.name = "sda",
		    .properties = "ID_SERIAL=1 ID_WWN=x",
		    .protocol = "scsi:sas"}},
	 .want = {"protocol 'scsi:sas' is blacklisted"}},
	{.name = "wwid",
	 .config = ALL "[blacklist]\nwwid = ^36\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"},
		   {.name = "sdb", .properties = "ID_SERIAL=4600 ID_WWN=x"}},
	 .want = {"wwid '3600' is blacklisted by '^36'", "4600"}},
	{.name = "a known wwid that is blacklisted",
	 .known = "3600",
	 .config = "[blacklist]\nwwid = ^36\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=3600 ID_WWN=x"}},
	 .want = {"wwid '3600' is blacklisted"}},
	{.name = "nvme",
	 .config = ALL,
	 .disks = {{.name = "nvme0n1",
		    .properties = "ID_WWN=eui.1 ID_SERIAL=2"}},
	 .want = {"eui.1"}},
	{.name = "joined by the kernel",
	 .config = ALL,
	 .known = "eui.1",
	 .volume = "eui.1",
	 .disks = {{.name = "nvme0n1",
		    .properties = "ID_WWN=eui.1 ID_SERIAL=2",
		    .use = "joined"}},
	 .want = {"the kernel's own NVMe multipath has joined its paths "
		  "(nvme0c0n1, nvme0c1n1)"}},
	{.name = "joined by the kernel, by hand",
	 .config = ALL,
	 .hand = "nvme0n1",
	 .disks = {{.name = "nvme0n1",
		    .properties = "ID_WWN=eui.1 ID_SERIAL=2",
		    .use = "joined"}},
	 .want = {"it is a path of [volume byhand]"}},
	{.name = "dasd",
	 .config = ALL,
	 .disks = {{.name = "dasda",
		    .properties = "ID_UID=IBM.1 ID_SERIAL=2 ID_WWN=x"}},
	 .want = {"IBM.1"}},
	{.name = "no property yet",
	 .config = ALL,
	 .disks = {{.name = "sda", .properties = "ID_WWN=x", .own = "3600"}},
	 .want = {"none"}},
	{.name = "no property, asked often enough",
	 .config = ALL,
	 .fall_back = true,
	 .disks = {{.name = "sda", .properties = "ID_WWN=x", .own = "3600"}},
	 .want = {"3600"}},
	{.name = "no property and no word of its own",
	 .config = ALL,
	 .fall_back = true,
	 .disks = {{.name = "sda", .properties = "ID_WWN=x"}},
	 .want = {"none"}},
	{.name = "another attribute has no substitute",
	 .config = ALL "uid_attribute = ID_FOO\n",
	 .fall_back = true,
	 .disks = {{.name = "sda", .properties = "ID_WWN=x", .own = "3600"}},
	 .want = {"none"}},
	{.name = "another attribute",
	 .config = ALL "uid_attribute = ID_FOO\n",
	 .disks = {{.name = "sda", .properties = "ID_FOO=1 ID_WWN=x"}},
	 .want = {"1"}},
	{.name = "the device itself",
	 .config = ALL "uid_attribute = none\n",
	 .disks = {{.name = "sda", .properties = "ID_SERIAL=1", .own = "3600"}},
	 .want = {"3600"}},
	{.name = "attribute of an array",
	 .config = ALL "[device x]\nvendor = A\nproduct = B\n"
		       "uid_attribute = ID_FOO\n",
	 .disks = {{.name = "sda",
		    .properties = "ID_FOO=1 ID_SERIAL=2 ID_WWN=x",
		    .vendor = "A",
		    .product = "B"},
		   {.name = "sdb",
		    .properties = "ID_FOO=1 ID_SERIAL=2 ID_WWN=x",
		    .vendor = "A",
		    .product = "C"}},
	 .want = {"1", "2"}},
	{.name = "uid_attrs",
	 .config = ALL "uid_attrs = sda:ID_A sd:ID_B\nuid_attribute = ID_C\n",
	 .disks = {{.name = "sda",
		    .properties = "ID_A=1 ID_B=2 ID_C=3 ID_WWN=x"},
		   {.name = "sdb",
		    .properties = "ID_A=1 ID_B=2 ID_C=3 ID_WWN=x"},
		   {.name = "nvme0n1", .properties = "ID_C=3 ID_WWN=x"}},
	 .want = {"1", "2", "3"}},
	{.name = "blanks at the end",
	 .config = ALL "uid_attribute = none\n",
	 .disks = {{.name = "sda", .own = "3600  "}},
	 .want = {"3600"}},
	{.name = "a slash",
	 .config = ALL "uid_attribute = none\n",
	 .disks = {{.name = "sda", .own = "a/b"}},
	 .want = {"its WWID by sysfs is none"}},
	{.name = "no udevd: no property is missing",
	 .config = ALL,
	 .fall_back = true,
	 .disks = {{.name = "sda", .own = "3600"}},
	 .want = {"3600"}},
};

static bool hook_known(void *ctx, const char *wwid)
{
	const struct scenario *c = ctx;

	return c->known && !strcmp(c->known, wwid);
}

static bool hook_volume(void *ctx, const char *wwid)
{
	const struct scenario *c = ctx;

	return c->volume && !strcmp(c->volume, wwid);
}

static const char *hook_by_hand(void *ctx, const struct disk *d)
{
	const struct scenario *c = ctx;

	return c->hand && !strcmp(c->hand, d->name) ? "byhand" : NULL;
}

static bool hook_fall_back(void *ctx, const struct disk *d)
{
	const struct scenario *c = ctx;

	(void)d;
	return c->fall_back;
}

static char **split(const char *text)
{
	char **ret = calloc(16, sizeof(char *)), *save = NULL;
	CLEANUP_FREE char *copy = strdup(text ? text : "");
	size_t n = 0;

	assert_true(ret && copy);
	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		ret[n++] = strdup(w);
	return ret;
}

static void set_text(char *buf, size_t size, const char *text)
{
	snprintf(buf, size, "%s", text ? text : "");
}

static struct disk *make_disk(const struct given *g)
{
	struct disk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	set_text(d->name, sizeof(d->name), g->name);
	d->size = g->size ? 0 : 1 << 20;
	d->properties = split(g->properties);
	set_text(d->own_wwid, sizeof(d->own_wwid), g->own);
	set_text(d->own_wwid_from, sizeof(d->own_wwid_from), "sysfs");
	set_text(d->protocol, sizeof(d->protocol), g->protocol);
	d->facts = PATH_FACTS_NONE;
	set_text(d->facts.vendor, sizeof(d->facts.vendor), g->vendor);
	set_text(d->facts.product, sizeof(d->facts.product), g->product);
	if (!g->use)
		return d;
	d->use.hidden = !strcmp(g->use, "hidden");
	d->use.partition = !strcmp(g->use, "partition");
	d->use.usb = !strcmp(g->use, "usb");
	if (!strcmp(g->use, "joined"))
		set_text(d->use.joined, sizeof(d->use.joined),
			 "nvme0c0n1, nvme0c1n1");
	else if (!d->use.hidden && !d->use.partition && !d->use.usb)
		set_text(d->use.held_by, sizeof(d->use.held_by), g->use);
	return d;
}

static void free_disk(struct disk *d)
{
	for (char **p = d->properties; *p; p++)
		free(*p);
	free(d->properties);
	free(d);
}

static bool as_wanted(const struct adoption *a, const char *want)
{
	switch (a->result) {
	case ADOPT_PATH:
		return !strcmp(a->wwid, want);
	case ADOPT_WAIT:
		return !strncmp(want, "wait ", 5) && !strcmp(a->wwid, want + 5);
	case ADOPT_NO_WWID:
		return !strcmp(want, "none") && a->reason.text[0];
	case ADOPT_REJECTED:
		return strstr(a->reason.text, want) != NULL;
	}
	return false;
}

static int run(struct fixture *f, const struct scenario *c)
{
	const struct adopt_hooks hooks = {(void *)(uintptr_t)c, hook_known,
					  hook_volume, hook_by_hand,
					  hook_fall_back};
	struct disk *disks[MAX_DISKS];
	struct adoption out[MAX_DISKS];
	size_t n = 0;
	int bad = 0;

	put(f, "main", c->config);
	assert_loads(f, c->name);
	for (; n < MAX_DISKS && c->disks[n].name; n++)
		disks[n] = make_disk(&c->disks[n]);
	adopt_decide(f->config, &hooks, (const struct disk *const *)disks, n,
		     out);
	for (size_t i = 0; i < n; i++) {
		free_disk(disks[i]);
		if (as_wanted(&out[i], c->want[i]))
			continue;
		print_message("%s: %s: got %d '%s' '%s', expected '%s'\n",
			      c->name, c->disks[i].name, out[i].result,
			      out[i].wwid, out[i].reason.text, c->want[i]);
		bad++;
	}
	return bad;
}

static void test_scenarios(void **state)
{
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		bad += run(*state, &scenarios[i]);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scenarios),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
