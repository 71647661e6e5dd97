// SPDX-License-Identifier: MIT
/*
 * The command line, and the order in which a daemon comes to life: everything
 * that can be refused is refused before anything is mounted.
 *
 * The only file that names the tables in selectors/ and hw/.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/checker.h"
#include "core/config.h"
#include "core/facts.h"
#include "core/identity.h"
#include "core/prioritizer.h"
#include "core/purge.h"
#include "core/reserver.h"
#include "core/selector.h"
#include "core/transport.h"
#include "fs/background.h"
#include "fs/harden.h"
#include "fs/import.h"
#include "fs/keep.h"
#include "fs/listing.h"
#include "fs/log.h"
#include "fs/daemonconf.h"
#include "fs/mount.h"
#include "fs/mountopt.h"
#include "fs/mountpoint.h"
#include "fs/statedir.h"
#include "fs/supervisor.h"
#include "fs/tree.h"
#include "fs/worker.h"
#include "hw/checkers.h"
#include "hw/disk_state.h"
#include "hw/facts.h"
#include "hw/handlers.h"
#include "hw/hardware_table.h"
#include "hw/identity.h"
#include "hw/persist.h"
#include "hw/prioritizers.h"
#include "hw/purge.h"
#include "hw/rescan.h"
#include "hw/transport.h"
#include "selectors/selectors.h"

#define CONFIG_FILE "/etc/mpathfs.conf"
#define CONFIG_DIR "/etc/mpathfs.conf.d"

const struct selector_ops *const selector_table[] = SELECTOR_TABLE;
const struct checker_ops *const checker_table[] = CHECKER_TABLE;
const struct prioritizer_ops *const prioritizer_table[] = PRIORITIZER_TABLE;
const struct handler_ops *const handler_table[] = HANDLER_TABLE;
void (*const device_identify)(const struct device *d,
			      struct path_facts *ret) = facts_identify;
void (*const transport_set)(const struct device *d,
			    const struct transport_timers *t,
			    struct transport_report *ret) = transport_write;
int (*const disk_delete)(const struct device *d,
			 struct errmsg *e) = purge_device;
int (*const disk_rescan)(dev_t devt, struct errmsg *e) = rescan_device;
int (*const disk_inquire)(const char *node, dev_t devt, char *buf, size_t size,
			  struct errmsg *e) = identity_of_node;
int (*const device_wwid)(const struct device *d, char *buf, size_t size,
			 struct errmsg *e) = identity_read;
enum check_state (*const device_state)(const struct device *d, char *message,
				       size_t size) = disk_state;
enum reserve_verdict (*const device_reserve)(struct reserve_request *r) =
	persist_send;

enum action { ACTION_MOUNT, ACTION_LIST, ACTION_CHECK, ACTION_IMPORT };

struct command {
	enum action action;
	bool foreground;
	int verbose;
	const char *import;
	const char *config; /* -c, config= of -o, or the first of two words */
	const char *state_dir;
	const char *mountpoint;
	struct mountopt opt;
	struct mount_options mount; /* what follows from all of it */
};

static const char usage[] =
	"usage: mpathfs [-c FILE] [-f] [-o OPTIONS] [--state-dir DIR] [-v]... "
	"MOUNTPOINT\n"
	"       mpathfs [-c FILE] [--state-dir DIR] --list\n"
	"       mpathfs [-c FILE] --check-config\n"
	"       mpathfs --import-multipath-conf FILE\n"
	"       mpathfs --version | --help\n";

static const char help[] =
	"\n"
	"Offers each LUN that is reached through several paths as one file.\n"
	"\n"
	"  -c, --config FILE   read FILE instead of " CONFIG_FILE "\n"
	"                      and " CONFIG_DIR "/*.conf\n"
	"  -f, --foreground    stay in the foreground, log to stderr\n"
	"  -o OPTIONS          mount options; also config=FILE, state_dir=DIR\n"
	"      --state-dir DIR where holds and the like are kept\n"
	"  -v, --verbose       say more; may be repeated\n"
	"      --list          print what would be mounted\n"
	"      --check-config  print every mistake in the configuration\n"
	"      --import-multipath-conf FILE\n"
	"                      print what a multipath.conf means, as a "
	"configuration;\n"
	"                      - is stdin\n"
	"  -V, --version       print the version\n"
	"  -h, --help          print this\n"
	"\n"
	"See mpathfs(8).\n";

static _Noreturn void fail(const char *text)
{
	fprintf(stderr, "mpathfs: %s\n", text);
	exit(EXIT_FAILURE);
}

static _Noreturn void fail_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

/* The names in the tables, for config_load(). */
static const char *selector_names[ARRAY_SIZE(selector_table)];
static const char *checker_names[ARRAY_SIZE(checker_table)];
static const char *prioritizer_names[ARRAY_SIZE(prioritizer_table)];
static const char *handler_names[ARRAY_SIZE(handler_table)];

static int check_selector(const char *text, struct errmsg *e)
{
	return selector_check(selector_table, text, e);
}

static int check_prio(const char *prio, const char *args, struct errmsg *e)
{
	return prioritizer_check(prioritizer_table, prio, args, e);
}

static struct config_registry registry = {
	.selectors = selector_names,
	.checkers = checker_names,
	.prioritizers = prioritizer_names,
	.handlers = handler_names,
	.check_selector = check_selector,
	.check_prio = check_prio,
	.hardware = hardware_table,
};

static void fill_registry(void)
{
	for (size_t i = 0; selector_table[i]; i++)
		selector_names[i] = selector_table[i]->name;
	for (size_t i = 0; checker_table[i]; i++)
		checker_names[i] = checker_table[i]->name;
	for (size_t i = 0; prioritizer_table[i]; i++)
		prioritizer_names[i] = prioritizer_table[i]->name;
	for (size_t i = 0; handler_table[i]; i++)
		handler_names[i] = handler_table[i]->name;
	registry.hardware_len = (size_t)(hardware_table_end - hardware_table);
}

enum { LONG_LIST = 256, LONG_CHECK, LONG_IMPORT, LONG_STATE_DIR };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"foreground", no_argument, NULL, 'f'},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{"state-dir", required_argument, NULL, LONG_STATE_DIR},
	{"list", no_argument, NULL, LONG_LIST},
	{"check-config", no_argument, NULL, LONG_CHECK},
	{"import-multipath-conf", required_argument, NULL, LONG_IMPORT},
	{NULL, 0, NULL, 0},
};

static void set_config(struct command *c, const char *file)
{
	if (c->config && strcmp(c->config, file) != 0)
		fail("more than one configuration file is named");
	c->config = file;
}

static void take_option(struct command *c, int opt)
{
	struct errmsg e;

	switch (opt) {
	case 'c':
		set_config(c, optarg);
		break;
	case 'f':
		c->foreground = true;
		break;
	case 'o':
		if (mountopt_add(&c->opt, optarg, &e) < 0)
			fail(e.text);
		break;
	case 'v':
		c->verbose++;
		break;
	case LONG_STATE_DIR:
		c->state_dir = optarg;
		break;
	case LONG_LIST:
		c->action = ACTION_LIST;
		break;
	case LONG_CHECK:
		c->action = ACTION_CHECK;
		break;
	case LONG_IMPORT:
		c->action = ACTION_IMPORT;
		c->import = optarg;
		break;
	case 'V':
		puts("mpathfs " MPATHFS_VERSION);
		exit(EXIT_SUCCESS);
	case 'h':
		printf("%s%s", usage, help);
		exit(EXIT_SUCCESS);
	default:
		fail_usage();
	}
}

/*
 * One word: the mount point. Two, as mount(8) passes them: in front of it the
 * first field of an fstab line, a configuration file or any word without '/'.
 */
static void take_words(struct command *c, int argc, char **argv)
{
	int wanted = c->action == ACTION_MOUNT;

	if (argc < wanted || argc > 2 * wanted)
		fail_usage();
	if (argc > 0)
		c->mountpoint = argv[argc - 1];
	if (argc > 1 && strchr(argv[0], '/'))
		set_config(c, argv[0]);
}

static void parse_command(struct command *c, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "c:fo:vVh", long_options,
				  NULL)) != -1)
		take_option(c, opt);
	take_words(c, argc - optind, argv + optind);
	if (c->opt.config)
		set_config(c, c->opt.config);
	if (c->opt.state_dir && !c->state_dir)
		c->state_dir = c->opt.state_dir;
}

/* As an absolute path: the daemon leaves its directory. */
static void name_config(struct daemon *d, const struct command *c)
{
	if (c->config) {
		d->config_file = realpath(c->config, NULL);
		if (!d->config_file) {
			fprintf(stderr, "mpathfs: %s: %s\n", c->config,
				strerror(errno));
			exit(EXIT_FAILURE);
		}
	} else {
		d->config_file = CONFIG_FILE;
		d->config_dir = CONFIG_DIR;
	}
}

static void load_config(struct daemon *d)
{
	struct config_errors errs = {0};
	int r = config_load(d->config_file, d->config_dir, &registry,
			    &d->config, &errs);

	for (size_t i = 0; i < errs.n; i++)
		fprintf(stderr, "%s\n", errs.v[i].text);
	config_errors_free(&errs);
	if (r < 0)
		exit(EXIT_FAILURE);
}

static char *wanted_state_dir(const struct command *c)
{
	char *dir = c->state_dir ? strdup(c->state_dir) : statedir_default();

	if (!dir)
		fail("no home is known for the state: name a --state-dir");
	return dir;
}

static int list(struct daemon *d, const struct command *c)
{
	CLEANUP_FREE char *dir = wanted_state_dir(c);
	struct errmsg e;

	d->state_dir = dir;
	if (listing_print(d, &e) < 0)
		fail(e.text);
	return EXIT_SUCCESS;
}

static void prepare(struct daemon *d, struct command *c)
{
	CLEANUP_FREE char *wanted = wanted_state_dir(c);
	char *mountpoint, *state_dir;
	struct errmsg e;

	if (mountpoint_resolve(c->mountpoint, &mountpoint, &e) < 0)
		fail(e.text);
	if (statedir_take(wanted, &state_dir, &e) < 0 ||
	    worker_preflight(d, &e) < 0)
		fail(e.text);
	d->state_dir = state_dir;
	d->lanes = daemonconf_lanes(d->config);
	d->writeback = daemonconf_writeback(d->config);
	d->tree = tree_new();
	if (!d->tree || keep_new(&d->keep) < 0)
		fail("out of memory");
	c->mount = (struct mount_options){
		.mountpoint = mountpoint,
		.fuse_options = c->opt.fuse,
		.lanes = d->lanes,
		.writeback = d->writeback,
	};
}

static int serve(struct daemon *d, const struct mount_options *o, int ready_fd)
{
	struct errmsg e;

	if (mount_new(o, &tree_ops, d->tree, &d->mount, &e) < 0) {
		log_error("%s", e.text);
		return EXIT_FAILURE;
	}
	return supervisor_run(d, ready_fd);
}

static int run(struct daemon *d, struct command *c)
{
	int ready_fd = -1;

	d->foreground = c->foreground;
	d->more_verbose = c->verbose;
	prepare(d, c);
	log_init(d->foreground,
		 (int)d->config->defaults.v[OPT_VERBOSITY].num +
			 d->more_verbose);
	supervisor_block_signals();
	umask(022);
	if (!c->foreground) {
		ready_fd = background();
		if (ready_fd < 0)
			fail(strerror(-ready_fd));
	}
	statedir_note_pid(d->state_dir);
	if (chdir("/") < 0)
		log_warn("/: %s", strerror(errno));
	return serve(d, &c->mount, ready_fd);
}

int main(int argc, char **argv)
{
	/* Static: a worker ends by exit() in the middle of this. */
	static struct daemon d = {
		.registry = &registry,
		.probe = &identity_probe,
	};
	static struct command c;

	fill_registry();
	parse_command(&c, argc, argv);
	if (c.action == ACTION_IMPORT)
		return import_command(c.import, &registry);
	name_config(&d, &c);
	load_config(&d);
	process_allow_files(
		(uint64_t)d.config->defaults.v[OPT_MAX_FDS].num);
	switch (c.action) {
	case ACTION_CHECK:
		return EXIT_SUCCESS;
	case ACTION_LIST:
		return list(&d, &c);
	case ACTION_IMPORT:
	case ACTION_MOUNT:
		break;
	}
	return run(&d, &c);
}
