// SPDX-License-Identifier: MIT
/*
 * The tree without FUSE: every name leads to an inode number and back, no
 * number stands for two files, and every file that can be read has a text.
 */
#include "fs/node.h"

#include <errno.h>
#include "core/monitor_private.h"
#include "core/pool.h"
#include "fs/keep.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "tests/unit/fake_volume.h"

#define MAX_NODES 512

static const struct checker_ops *const no_checkers[] = {NULL};

static const struct fake_desc descs[FAKE_VOLUMES] = {
	{
		.name = "va",
		.wwid = "wwid-a",
		.size = 1 << 20,
		.current = 1,
		.paths = {{"a", 8, 0, 9, .check = CHECK_UP},
			  {"shared", 8, 16, 5, .check = CHECK_UP}},
	},
	{
		.name = "vb",
		.wwid = "vb",
		.size = 1 << 20,
		.current = 1,
		.policy = POLICY_MULTIBUS,
		.paths = {{"b", 8, 32, 1, .check = CHECK_UP},
			  {"shared", 8, 48, 1, .check = CHECK_UP}},
	},
};

struct fixture {
	struct fake_volume f[FAKE_VOLUMES];
	struct volume *volumes[FAKE_VOLUMES];
	struct monitor monitor;
	struct pool pool; /* nothing runs in it */
	struct config config;
	struct mount mount;
	struct daemon daemon;
	struct partitions *partitions;
	struct tree *tree;
	struct discovery *discovery;
};

/* va has what a worker before has left: partitions 1 and 12. */
static void make_partitions(struct fixture *x)
{
	struct partitions_params p = {
		.monitor = &x->monitor,
		.host.slices = keep_slices(x->daemon.keep),
	};
	bool resized;

	assert_non_null(slice_show(p.host.slices, x->volumes[0]->id, 12, 4096,
				   8192, &resized));
	assert_non_null(slice_show(p.host.slices, x->volumes[0]->id, 1, 512,
				   512, &resized));
	assert_int_equal(partitions_new(&p, &x->partitions), 0);
	partitions_look(x->partitions);
}

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));
	struct tree_env env = {0};
	struct discovery_params p = {.state_dir = "/nowhere"};

	assert_non_null(x);
	for (unsigned int i = 0; i < FAKE_VOLUMES; i++) {
		fake_new(&x->f[i], &descs[i], i + 7);
		x->volumes[i] = x->f[i].v;
	}
	x->monitor.volumes = x->volumes;
	x->monitor.nvolumes = FAKE_VOLUMES;
	x->monitor.p.pool = &x->pool;
	x->monitor.p.checkers = no_checkers;
	fake_settings(&x->config.defaults);
	x->mount.mountpoint = (char *)"/somewhere";
	x->daemon.config = &x->config;
	x->daemon.mount = &x->mount;
	assert_int_equal(keep_new(&x->daemon.keep), 0);
	x->tree = tree_new();
	assert_non_null(x->tree);
	env.daemon = &x->daemon;
	env.monitor = &x->monitor;
	make_partitions(x);
	env.partitions = x->partitions;
	p.monitor = &x->monitor;
	p.config = &x->config;
	assert_int_equal(discovery_new(&p, &x->discovery), 0);
	env.discovery = x->discovery;
	tree_attach(x->tree, &env);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	tree_free(x->tree);
	partitions_free(x->partitions);
	discovery_free(x->discovery);
	for (unsigned int i = 0; i < FAKE_VOLUMES; i++)
		fake_free(&x->f[i]);
	keep_free(x->daemon.keep);
	free(x);
	return 0;
}

/* Follows path from the root; -errno or 0 and *ret. */
static int walk(struct fixture *x, const char *path, struct node *ret)
{
	char copy[256], *save = NULL;
	uint64_t ino = 1;
	int r = node_resolve(x->tree, ino, ret);

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name = strtok_r(copy, "/", &save); name && r == 0;
	     name = strtok_r(NULL, "/", &save)) {
		r = node_lookup(ret, name, &ino);
		if (r == 0)
			r = node_resolve(x->tree, ino, ret);
	}
	return r;
}

static void check_show(const struct node *n, const char *name)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (n->entry->show(n, out) != 0)
		fail_msg("%s: cannot be shown", name);
	fclose(out);
	if (size > 0 && text[size - 1] != '\n')
		fail_msg("%s: no newline at the end of '%s'", name, text);
	free(text);
}

static void check_node(const struct node *n, const char *name)
{
	switch (node_type(n->ino)) {
	case NODE_LINK:
		assert_non_null(n->entry->target);
		break;
	case NODE_FILE:
		if (n->entry->show)
			check_show(n, name);
		else
			assert_non_null(n->entry->store);
		break;
	default:
		break;
	}
}

static size_t walk_all(struct tree *t, const struct node *dir, uint64_t *seen,
		       size_t nr)
{
	struct node n;
	struct child c;
	uint64_t ino;

	for (size_t i = 0; node_child(dir, i, &c); i++) {
		for (size_t j = 0; j < nr; j++)
			if (seen[j] == c.ino)
				fail_msg("%s: its number is taken", c.name);
		assert_true(nr < MAX_NODES);
		seen[nr++] = c.ino;
		assert_int_equal(node_lookup(dir, c.name, &ino), 0);
		assert_int_equal(ino, c.ino);
		assert_int_equal(node_resolve(t, ino, &n), 0);
		check_node(&n, c.name);
		if (node_type(ino) != NODE_DIR)
			continue;
		assert_int_equal(node_parent(&n), dir->ino);
		nr = walk_all(t, &n, seen, nr);
	}
	return nr;
}

static void test_whole(void **state)
{
	struct fixture *x = *state;
	uint64_t seen[MAX_NODES] = {1};
	struct node root;
	size_t n;

	assert_int_equal(node_resolve(x->tree, 1, &root), 0);
	n = walk_all(x->tree, &root, seen, 1);
	/* Two volumes with two paths each: more than 50 files a volume. */
	assert_true(n > 100);
}

static const struct link_case {
	const char *path, *target;
} link_cases[] = {
	{"by-wwid/wwid-a", "../va"},
	{"by-wwid/vb", "../vb"},
	{"paths/a", "../va/paths/a"},
	{"paths/b", "../vb/paths/b"},
	{"paths/va:shared", "../va/paths/shared"},
	{"paths/vb:shared", "../vb/paths/shared"},
	{"va/groups/2/paths/shared", "../../../paths/shared"},
	{"vb/groups/1/paths/shared", "../../../paths/shared"},
};

static void test_links(void **state)
{
	struct fixture *x = *state;
	char target[LINK_SIZE];
	struct node n;

	for (size_t i = 0; i < ARRAY_SIZE(link_cases); i++) {
		print_message("# %s\n", link_cases[i].path);
		assert_int_equal(walk(x, link_cases[i].path, &n), 0);
		assert_int_equal(node_type(n.ino), NODE_LINK);
		n.entry->target(&n, target, sizeof(target));
		assert_string_equal(target, link_cases[i].target);
	}
}

static const struct missing_case {
	const char *path;
	int error;
} missing_cases[] = {
	{"nothing", -ENOENT},
	{"paths/shared", -ENOENT}, /* of which volume? */
	{"va/groups/3", -ENOENT},
	{"va/groups/1/paths/shared", -ENOENT},
	{"va/lanes", -ENOENT}, /* an option, but not of a volume */
	{"va/wwid/x", -ENOTDIR},
	{"va/volume/x", -ENOTDIR},
	{"va/partitions/1/x", -ENOTDIR},
	{"va/partitions/2", -ENOENT},
	{"vb/partitions/1", -ENOENT},
};

static void test_missing(void **state)
{
	struct fixture *x = *state;
	struct node n;

	for (size_t i = 0; i < ARRAY_SIZE(missing_cases); i++) {
		print_message("# %s\n", missing_cases[i].path);
		assert_int_equal(walk(x, missing_cases[i].path, &n),
				 missing_cases[i].error);
	}
}

/* Numbers of things that have gone, or never were. */
static void test_stale(void **state)
{
	static const uint64_t numbers[] = {
		0,
		UINT64_MAX,
		(uint64_t)KIND_COUNT << 56 | INO_SELF,
		(uint64_t)KIND_PARTITION << 56 | INO_SELF,
		(uint64_t)KIND_ROOT << 56 | 200,
		(uint64_t)KIND_VOLUME << 56 | UINT64_C(99) << 32 | INO_SELF,
		(uint64_t)KIND_PATH << 56 | UINT64_C(7) << 32 | 9 << 8 | 1,
		(uint64_t)KIND_GROUP << 56 | UINT64_C(7) << 32 | 3 << 8 | 1,
		(uint64_t)KIND_SETTING << 56 | UINT64_C(7) << 32 |
			OPT_COUNT << 8 | INO_ENTRY,
		(uint64_t)KIND_SETTING << 56 | UINT64_C(7) << 32 |
			OPT_LANES << 8 | INO_ENTRY,
		(uint64_t)KIND_DATA << 56 | UINT64_C(7) << 32 | INO_ENTRY,
	};
	struct fixture *x = *state;
	struct node n;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		print_message("# %#llx\n", (unsigned long long)numbers[i]);
		assert_int_equal(node_resolve(x->tree, numbers[i], &n),
				 -ESTALE);
	}
}

static const struct name_case {
	const char *path, *name;
} name_cases[] = {
	{"status", "status"},
	{"va/no_path_retry", "no_path_retry"},
	{"va/groups/2/state", "groups/2/state"},
	{"va/paths/a/check", "check"},
	{"va/partitions/12", "partitions/12"},
};

static void test_node_name(void **state)
{
	struct fixture *x = *state;
	char name[64];
	struct node n;

	for (size_t i = 0; i < ARRAY_SIZE(name_cases); i++) {
		assert_int_equal(walk(x, name_cases[i].path, &n), 0);
		node_name(&n, name, sizeof(name));
		assert_string_equal(name, name_cases[i].name);
	}
}

/* Is name a word of text: no letter, digit, '_', '-' or '.' before or after? */
static bool has_word(const char *text, const char *name)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at += len)
		if (at > text && !strchr(inside, at[-1]) &&
		    (at[len] == '\0' || !strchr(inside, at[len])))
			return true;
	return false;
}

/* What the tables name is in the manual page, and so is every setting. */
static void test_manual(void **state)
{
	static const char *const dirs[] = {"", "va", "va/groups/1",
					   "va/paths/a"};
	struct fixture *x = *state;
	const char *srcdir = getenv("SRCDIR");
	char file[4096], text[65536];
	struct node dir;
	struct child c;
	FILE *f;

	snprintf(file, sizeof(file), "%s/man/mpathfs-tree.7",
		 srcdir ? srcdir : ".");
	f = fopen(file, "r");
	if (!f)
		fail_msg("%s: %s (SRCDIR is the top of the tree)", file,
			 strerror(errno));
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	assert_true(feof(f));
	fclose(f);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		assert_int_equal(walk(x, dirs[i], &dir), 0);
		for (size_t j = 0; node_child(&dir, j, &c); j++)
			if (ino_kind(c.ino) != KIND_VOLUME &&
			    !has_word(text, c.name))
				fail_msg("%s is not in mpathfs-tree(7)",
					 c.name);
	}
}

/* A path goes, and its name is free of doubt again. */
static void test_names_change(void **state)
{
	struct fixture *x = *state;
	struct node n;

	assert_int_equal(walk(x, "paths/vb:shared", &n), 0);
	x->monitor.nvolumes = 1; /* vb has gone */
	tree_changed(x->tree);
	assert_int_equal(walk(x, "paths/vb:shared", &n), -ENOENT);
	assert_int_equal(walk(x, "paths/va:shared", &n), -ENOENT);
	assert_int_equal(walk(x, "paths/shared", &n), 0);
	assert_int_equal(walk(x, "vb", &n), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_manual, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_change, setup,
						teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
