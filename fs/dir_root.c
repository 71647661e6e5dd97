// SPDX-License-Identifier: MIT
/*
 * The mount's top level: all volumes at once, the daemon itself, and the two
 * directories of links, by-wwid/ and paths/. No locks: the monitor's thread.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include "core/clock.h"
#include "core/discovery.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/chosen.h"
#include "fs/keep.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/node.h"
#include "fs/status.h"
#include "fs/status_json.h"

/* All volumes, malloc'ed; NULL: no memory. */
static const struct volume **root_volumes(struct monitor *m, size_t *ret)
{
	const struct volume **v;
	size_t n = 0;

	while (monitor_volume(m, (unsigned int)n))
		n++;
	v = calloc(n + 1, sizeof(*v));
	for (size_t i = 0; v && i < n; i++)
		v[i] = monitor_volume(m, (unsigned int)i);
	*ret = n;
	return v;
}

static int root_show_status(const struct node *n, FILE *out)
{
	size_t nr;
	const struct volume **v = root_volumes(n->tree->env.monitor, &nr);

	if (!v)
		return -ENOMEM;
	status_print(out, v, nr);
	free(v);
	return 0;
}

static int root_show_json(const struct node *n, FILE *out)
{
	size_t nr;
	const struct volume **v = root_volumes(n->tree->env.monitor, &nr);
	int r;

	if (!v)
		return -ENOMEM;
	r = status_json_maps(out, v, nr, n->tree->env.partitions, clock_now());
	free(v);
	return r;
}

/* malloc'ed; NULL: no memory, or there are none. */
static char *root_notes(const struct monitor *m, const struct volume *v)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	chosen_print(f, m, v, "# ");
	fclose(f);
	return text;
}

/* Those by hand, as the files say, and those found. */
static void root_fill_config(struct monitor *m, const struct config *by_hand,
			     struct config *c, const struct settings **live)
{
	const struct volume *v;

	for (size_t i = 0; i < by_hand->nvolumes; i++) {
		c->volumes[i] = by_hand->volumes[i];
		v = monitor_volume_by_key(m, by_hand->volumes[i].name);
		live[i] = v ? &v->settings : NULL;
		c->volumes[i].notes = v ? root_notes(m, v) : NULL;
	}
	for (unsigned int i = 0; (v = monitor_volume(m, i)); i++) {
		if (!v->found)
			continue;
		live[c->nvolumes] = &v->settings;
		c->volumes[c->nvolumes].notes = root_notes(m, v);
		strcpy(c->volumes[c->nvolumes].name, v->name);
		c->volumes[c->nvolumes++].found = true;
	}
}

static int root_show_config(const struct node *n, FILE *out)
{
	const struct config *by_hand = n->tree->env.daemon->config;
	struct monitor *m = n->tree->env.monitor;
	struct config c = *by_hand;
	const struct settings **live;
	char *text = NULL;
	size_t nr = by_hand->nvolumes + 1;

	for (unsigned int i = 0; monitor_volume(m, i); i++)
		nr++;
	c.volumes = calloc(nr, sizeof(*c.volumes));
	live = calloc(nr, sizeof(*live));
	if (c.volumes && live) {
		root_fill_config(m, by_hand, &c, live);
		text = config_render(&c, live);
	}
	for (size_t i = 0; c.volumes && i < c.nvolumes; i++)
		free(c.volumes[i].notes);
	free(c.volumes);
	free(live);
	if (!text)
		return -ENOMEM;
	fputs(text, out);
	free(text);
	return 0;
}

/* How the last worker ended. */
static void root_exit_text(uint32_t restarts, int status, char *buf,
			   size_t size)
{
	const char *name =
		WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;

	if (restarts == 0)
		snprintf(buf, size, "none");
	else if (name)
		snprintf(buf, size, "SIG%s", name);
	else if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d", WTERMSIG(status));
	else
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
}

static int root_show_daemon(const struct node *n, FILE *out)
{
	const struct daemon *d = n->tree->env.daemon;
	const struct mount *m = n->tree->mount;
	const struct keep_info *info = keep_info(n->tree->keep);
	uint64_t now = clock_realtime(), start = info->start_realtime_ns;
	uint32_t restarts = info->restarts;
	char last_exit[32], started[CLOCK_TEXT_SIZE];

	root_exit_text(restarts, info->last_exit, last_exit, sizeof(last_exit));
	clock_text(start, started);
	fprintf(out, "version=%s\n", MPATHFS_VERSION);
	fprintf(out, "supervisor_pid=%d\n", (int)info->supervisor_pid);
	fprintf(out, "worker_pid=%d\n", (int)info->worker_pid);
	fprintf(out, "restarts=%" PRIu32 "\n", restarts);
	fprintf(out, "last_exit=%s\n", last_exit);
	fprintf(out, "restart_delay_ms=%" PRIu32 "\n",
		(uint32_t)info->restart_delay_ms);
	fprintf(out, "started=%s\n", started);
	/* The wall clock may have been set back. */
	fprintf(out, "uptime=%llu\n",
		now > start ? (now - start) / NSEC_PER_SEC : 0);
	fprintf(out, "worker_uptime=%llu\n",
		(clock_now() - info->worker_start_ns) / NSEC_PER_SEC);
	fprintf(out, "lanes=%u\n", d->lanes);
	fprintf(out, "late_probes=%u\n",
		monitor_late_probes(n->tree->env.monitor));
	fprintf(out, "transport=dev_fuse\n");
	fprintf(out, "protocol=7.%u\n", m->proto_minor);
	fprintf(out, "resend=%s\n", m->can_resend ? "yes" : "no");
	fprintf(out, "writeback_cache=%s\n", m->writeback ? "yes" : "no");
	fprintf(out, "allow_other=%s\n", m->allow_other ? "yes" : "no");
	fprintf(out, "mountpoint=%s\n", m->mountpoint);
	fprintf(out, "config=%s\n", d->config_file ? d->config_file : "");
	fprintf(out, "config_dir=%s\n", d->config_dir ? d->config_dir : "");
	fprintf(out, "state_dir=%s\n", d->state_dir ? d->state_dir : "");
	return 0;
}

/* ---- control ---- */

static int control_reconfigure(struct tree *t, const char *arg,
			       struct errmsg *e)
{
	int r;

	if (arg && strcmp(arg, "--dry-run"))
		return errmsg_set(e, EINVAL,
				  "reconfigure takes --dry-run or nothing");
	r = t->env.reconfigure(t->env.reload, arg != NULL, &t->reload_id, e);
	return r ? r : STORE_WAITS;
}

static int control_reset_stats(struct tree *t, const char *arg,
			       struct errmsg *e)
{
	struct monitor *m = t->env.monitor;
	struct volume *v;
	int r = 0;

	(void)arg;
	for (unsigned int i = 0; r == 0 && (v = monitor_volume(m, i)); i++)
		r = monitor_volume_control(m, v, "reset-stats", clock_now(), e);
	return r;
}

static int control_rescan(struct tree *t, const char *arg, struct errmsg *e)
{
	(void)arg;
	return discovery_rescan(t->env.discovery, clock_now(), e);
}

static int control_add(struct tree *t, const char *arg, struct errmsg *e)
{
	return discovery_add(t->env.discovery, arg, clock_now(), e);
}

static int control_remove(struct tree *t, const char *arg, struct errmsg *e)
{
	return discovery_remove(t->env.discovery, arg, clock_now(), e);
}

enum argument { NO_ARGUMENT, ONE_ARGUMENT, ANY_ARGUMENT };

static const struct root_command {
	const char *word; /* what follows a blank is its argument */
	int (*run)(struct tree *t, const char *arg, struct errmsg *e);
	enum argument argument;
} root_commands[] = {
	{"reconfigure", control_reconfigure, ANY_ARGUMENT},
	{"reset-stats", control_reset_stats, NO_ARGUMENT},
	{"rescan", control_rescan, NO_ARGUMENT},
	{"add", control_add, ONE_ARGUMENT},
	{"remove", control_remove, ONE_ARGUMENT},
};

static bool fits(const struct root_command *c, const char *arg)
{
	return c->argument == ANY_ARGUMENT ||
	       (arg != NULL) == (c->argument == ONE_ARGUMENT);
}

static int root_store_control(const struct node *n, const char *word,
			      struct errmsg *e)
{
	size_t len = strcspn(word, " ");
	const char *arg = word[len] ? word + len + 1 : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(root_commands); i++) {
		const struct root_command *c = &root_commands[i];

		if (strlen(c->word) == len && memcmp(c->word, word, len) == 0 &&
		    fits(c, arg))
			return c->run(n->tree, arg, e);
	}
	return errmsg_set(e, EINVAL,
			  "no such command; it takes reconfigure [--dry-run], "
			  "rescan, add DEV, remove DEV or reset-stats");
}

/* ---- the directories ---- */

static bool root_child(const struct node *dir, size_t i, struct child *ret)
{
	const struct volume *v =
		monitor_volume(dir->tree->env.monitor, (unsigned int)i);

	if (!v)
		return false;
	strcpy(ret->name, v->name);
	ret->ino = ino_make(KIND_VOLUME, v->id, 0, INO_SELF);
	return true;
}

static bool by_wwid_child(const struct node *dir, size_t i, struct child *ret)
{
	const struct volume *v =
		monitor_volume(dir->tree->env.monitor, (unsigned int)i);

	if (!v)
		return false;
	strcpy(ret->name, v->wwid);
	ret->ino = ino_make(KIND_BY_WWID, v->id, 0, INO_ENTRY);
	return true;
}

static void by_wwid_target(const struct node *n, char *buf, size_t size)
{
	snprintf(buf, size, "../%s", n->volume->name);
}

static bool paths_child(const struct node *dir, size_t i, struct child *ret)
{
	struct tree *t = dir->tree;

	return names_get(t->names, t, i, ret->name, sizeof(ret->name),
			 &ret->ino);
}

static void paths_target(const struct node *n, char *buf, size_t size)
{
	snprintf(buf, size, "../%s/paths/%s", n->volume->name, n->path->name);
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry root_entries[] = {
	{.name = "status", .show = root_show_status},
	{.name = "status.json", .show = root_show_json},
	{.name = "events", .type = NODE_EVENTS},
	{.name = "config", .show = root_show_config},
	{.name = "daemon", .show = root_show_daemon},
	{.name = "control", .store = root_store_control},
	{.name = "by-wwid", .type = NODE_DIR, .kind = KIND_BY_WWID},
	{.name = "paths", .type = NODE_DIR, .kind = KIND_PATHS},
};

static const struct dir_entry by_wwid_entries[] = {
	{.type = NODE_LINK, .target = by_wwid_target},
};

static const struct dir_entry paths_entries[] = {
	{.type = NODE_LINK, .target = paths_target},
};

const struct dir dir_root = {
	.self = SCOPE_NONE,
	.entries_scope = SCOPE_NONE,
	.parent = KIND_ROOT,
	.entries = root_entries,
	.nentries = ARRAY_SIZE(root_entries),
	.child = root_child,
};

const struct dir dir_by_wwid = {
	.self = SCOPE_NONE,
	.entries_scope = SCOPE_VOLUME,
	.parent = KIND_ROOT,
	.entries = by_wwid_entries,
	.nentries = ARRAY_SIZE(by_wwid_entries),
	.child = by_wwid_child,
};

const struct dir dir_paths = {
	.self = SCOPE_NONE,
	.entries_scope = SCOPE_PATH,
	.parent = KIND_ROOT,
	.entries = paths_entries,
	.nentries = ARRAY_SIZE(paths_entries),
	.child = paths_child,
};
