// SPDX-License-Identifier: MIT
/*
 * VOLUME/paths/: one directory for each path. No locks: the monitor's thread.
 */
#include "core/path.h"

#include <inttypes.h>
#include <string.h>
#include "core/choice.h"
#include "core/clock.h"
#include "core/device.h"
#include "core/prioritizer.h"
#include "core/volume.h"
#include "fs/node.h"

static int path_show_state(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", path_state_text(path_state(n->path)));
	return 0;
}

static int path_store_state(const struct node *n, const char *word,
			    struct errmsg *e)
{
	return monitor_path_state(n->tree->env.monitor, n->path, word,
				  clock_now(), e);
}

static int path_show_checker_state(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", path_checker_text(n->path));
	return 0;
}

static int path_show_checker(const struct node *n, FILE *out)
{
	const struct checker_ops *ops = n->path->check.checker.ops;

	fprintf(out, "%s\n", ops ? ops->name : "none");
	return 0;
}

/* Any word, as all there is to say is: now. */
static int path_store_check(const struct node *n, const char *word,
			    struct errmsg *e)
{
	int r = monitor_path_check(n->tree->env.monitor, n->path, clock_now(),
				   e);

	(void)word;
	if (r < 0)
		return r;
	/* A checker that does no I/O has ended already. */
	return n->path->check.asked ? STORE_WAITS : 0;
}

static int path_show_priority(const struct node *n, FILE *out)
{
	if (n->path->priority == PRIO_UNDEF)
		fprintf(out, "unknown\n");
	else
		fprintf(out, "%d\n", n->path->priority);
	return 0;
}

static int path_show_prioritizer(const struct node *n, FILE *out)
{
	const struct prioritizer_ops *ops =
		path_prio(n->tree->env.monitor, n->path).ops;

	fprintf(out, "%s\n", ops ? ops->name : "none");
	return 0;
}

static int show_choice(const struct node *n, enum chosen_by by, enum opt o,
		       FILE *out)
{
	char text[CHOICE_TEXT];

	choice_text(n->path, by, o, text);
	fprintf(out, "%s\n", text);
	return 0;
}

static int path_show_checker_origin(const struct node *n, FILE *out)
{
	return show_choice(n, path_checker(n->tree->env.monitor, n->path).by,
			   OPT_PATH_CHECKER, out);
}

static int path_show_prioritizer_origin(const struct node *n, FILE *out)
{
	return show_choice(n, path_prio(n->tree->env.monitor, n->path).by,
			   OPT_PRIO, out);
}

static int path_show_prio_timeouts(const struct node *n, FILE *out)
{
	fprintf(out, "%" PRIu64 "\n", n->path->prio.timeouts);
	return 0;
}

static int show_known(const char *text, FILE *out)
{
	fprintf(out, "%s\n", *text ? text : "unknown");
	return 0;
}

static int path_show_hctl(const struct node *n, FILE *out)
{
	return show_known(n->path->said.hctl, out);
}

static int path_show_serial(const struct node *n, FILE *out)
{
	return show_known(path_serial(n->path), out);
}

static int path_show_node_name(const struct node *n, FILE *out)
{
	return show_known(path_node(n->path), out);
}

static int path_show_tpg(const struct node *n, FILE *out)
{
	int tpg = path_tpg(n->path);

	if (tpg == TPG_UNKNOWN)
		return show_known("", out);
	fprintf(out, "%d\n", tpg);
	return 0;
}

static int path_show_access_state(const struct node *n, FILE *out)
{
	char state[64];

	path_access_state(n->path, state, sizeof(state));
	return show_known(state, out);
}

static int path_show_device(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", n->path->dev_path);
	return 0;
}

/* Of the device when it was last opened; 0: never. */
static int path_show_size(const struct node *n, FILE *out)
{
	const struct device *d = n->path->dev;

	fprintf(out, "%" PRIu64 "\n", d ? d->limits.size : 0);
	return 0;
}

/* What its device says; one without, of a volume named by hand, is a path of it
 * because that is said so. */
static int path_show_wwid(const struct node *n, FILE *out)
{
	const char *own = n->path->said.wwid;

	fprintf(out, "%s\n",
		n->volume->found || !*own ? n->volume->wwid : own);
	return 0;
}

static int path_show_errors(const struct node *n, FILE *out)
{
	struct path_totals t;

	path_totals(n->path, &t);
	fprintf(out, "%" PRIu64 "\n", t.errors);
	return 0;
}

static int path_show_inflight(const struct node *n, FILE *out)
{
	fprintf(out, "%" PRIu32 "\n",
		atomic_load_explicit(&n->path->load.ios, memory_order_relaxed));
	return 0;
}

/* "BOUND COUNT": so many took less than BOUND microseconds, and not less than
 * the bound of the line before. */
static int path_show_latency(const struct node *n, FILE *out)
{
	struct path_totals t;

	path_totals(n->path, &t);
	for (unsigned int i = 0; i < PATH_LATENCY_BUCKETS - 1; i++)
		fprintf(out, "%" PRIu64 " %" PRIu64 "\n", UINT64_C(2) << i,
			t.latency[i]);
	fprintf(out, "inf %" PRIu64 "\n", t.latency[PATH_LATENCY_BUCKETS - 1]);
	return 0;
}

static int path_show_bytes(const struct node *n, FILE *out)
{
	struct path_totals t;

	path_totals(n->path, &t);
	fprintf(out, "read=%" PRIu64 "\nwritten=%" PRIu64 "\n", t.bytes[0],
		t.bytes[1]);
	return 0;
}

static int path_show_why(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", n->path->health.why);
	return 0;
}

static bool volume_paths_child(const struct node *dir, size_t i,
			       struct child *ret)
{
	const struct volume *v = dir->volume;

	if (i >= v->npaths)
		return false;
	strcpy(ret->name, v->paths[i]->name);
	ret->ino = ino_make(KIND_PATH, v->id, v->paths[i]->id, INO_SELF);
	return true;
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry path_entries[] = {
	{.name = "state", .show = path_show_state, .store = path_store_state},
	{.name = "checker_state", .show = path_show_checker_state},
	{.name = "checker", .show = path_show_checker},
	{.name = "check", .store = path_store_check},
	{.name = "priority", .show = path_show_priority},
	{.name = "device", .show = path_show_device},
	{.name = "size", .show = path_show_size},
	{.name = "wwid", .show = path_show_wwid},
	{.name = "errors", .show = path_show_errors},
	{.name = "inflight", .show = path_show_inflight},
	{.name = "latency", .show = path_show_latency},
	{.name = "bytes", .show = path_show_bytes},
	{.name = "why", .show = path_show_why},
	{.name = "prioritizer", .show = path_show_prioritizer},
	{.name = "prio_timeouts", .show = path_show_prio_timeouts},
	{.name = "hctl", .show = path_show_hctl},
	{.name = "serial", .show = path_show_serial},
	{.name = "node_name", .show = path_show_node_name},
	{.name = "tpg", .show = path_show_tpg},
	{.name = "access_state", .show = path_show_access_state},
	{.name = "checker_origin", .show = path_show_checker_origin},
	{.name = "prioritizer_origin", .show = path_show_prioritizer_origin},
};

const struct dir dir_volume_paths = {
	.self = SCOPE_VOLUME,
	.parent = KIND_VOLUME,
	.child = volume_paths_child,
};

const struct dir dir_path = {
	.self = SCOPE_PATH,
	.entries_scope = SCOPE_PATH,
	.parent = KIND_VOLUME_PATHS,
	.entries = path_entries,
	.nentries = ARRAY_SIZE(path_entries),
};
