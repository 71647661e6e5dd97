// SPDX-License-Identifier: MIT
/*
 * VOLUME/: what one volume is and does, and its settings, whose files are made
 * from the table of options. No locks: the monitor's thread.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "core/clock.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/keep.h"
#include "fs/node.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "fs/status.h"
#include "fs/status_json.h"

static int volume_show_status(const struct node *n, FILE *out)
{
	const struct volume *v = n->volume;

	status_print(out, &v, 1);
	return 0;
}

static int volume_show_json(const struct node *n, FILE *out)
{
	return status_json_map(out, n->volume, n->tree->env.partitions,
			       clock_now());
}

static int volume_show_state(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", volume_state_text(volume_state(n->volume)));
	return 0;
}

static int volume_show_wwid(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n", n->volume->wwid);
	return 0;
}

static int volume_show_size(const struct node *n, FILE *out)
{
	fprintf(out, "%" PRIu64 "\n", volume_size(n->volume));
	return 0;
}

static int volume_show_read_only(const struct node *n, FILE *out)
{
	fprintf(out, "%d\n", volume_read_only(n->volume));
	return 0;
}

/* The paths' counters, summed. */
static void volume_totals(const struct volume *v, struct path_totals *ret)
{
	struct path_totals one;

	memset(ret, 0, sizeof(*ret));
	for (unsigned int i = 0; i < v->npaths; i++) {
		path_totals(v->paths[i], &one);
		for (int op = 0; op < 2; op++) {
			ret->ios[op] += one.ios[op];
			ret->bytes[op] += one.bytes[op];
		}
		ret->errors += one.errors;
	}
}

static int volume_show_stats(const struct node *n, FILE *out)
{
	const struct volume *v = n->volume;
	const struct volume_stats *s = volume_stats(v);
	struct path_totals io;

	volume_totals(v, &io);
	fprintf(out, "reads=%" PRIu64 "\nread_bytes=%" PRIu64 "\n", io.ios[0],
		io.bytes[0]);
	fprintf(out, "writes=%" PRIu64 "\nwrite_bytes=%" PRIu64 "\n", io.ios[1],
		io.bytes[1]);
	fprintf(out, "errors=%" PRIu64 "\n", io.errors);
	fprintf(out, "waiting=%u\n", volume_parked(v));
	fprintf(out, "opens=%" PRIu32 "\n",
		*keep_opens(n->tree->keep, v->id) +
			slices_opens(keep_slices(n->tree->keep), v->id));
	fprintf(out, "path_faults=%" PRIu64 "\n", s->path_faults);
	fprintf(out, "switch_grp=%" PRIu64 "\n", s->switch_grp);
	fprintf(out, "map_loads=%" PRIu64 "\n", s->map_loads);
	fprintf(out, "total_q_time=%llu\n", s->total_q_time_ns / NSEC_PER_SEC);
	fprintf(out, "q_timeouts=%" PRIu64 "\n", s->q_timeouts);
	fprintf(out, "map_failures=%" PRIu64 "\n", s->map_failures);
	fprintf(out, "activations=%" PRIu64 "\n", s->activations);
	fprintf(out, "activation_failures=%" PRIu64 "\n",
		s->activation_failures);
	return 0;
}

static int volume_store_control(const struct node *n, const char *word,
				struct errmsg *e)
{
	int r;

	if (!strcmp(word, "reread-partitions")) {
		r = partitions_reread(n->tree->env.partitions, n->volume, e);
		return r < 0 ? r : STORE_WAITS;
	}
	if (!strcmp(word, "flush"))
		return discovery_flush(n->tree->env.discovery, n->volume,
				       clock_now(), e);
	return monitor_volume_control(n->tree->env.monitor, n->volume, word,
				      clock_now(), e);
}

static int setting_show(const struct node *n, FILE *out)
{
	const struct volume *v = n->volume;

	fprintf(out, "%s\n", n->opt == OPT_NO_PATH_RETRY ?
				     volume_no_path_retry_text(v) :
				     v->settings.v[n->opt].text);
	return 0;
}

static int setting_store(const struct node *n, const char *word,
			 struct errmsg *e)
{
	return monitor_set(n->tree->env.monitor, n->volume, n->opt, word,
			   clock_now(), e);
}

/* The i-th option that has a file. */
static bool volume_child(const struct node *dir, size_t i, struct child *ret)
{
	for (int o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info((enum opt)o);

		if (!info->live || i-- > 0)
			continue;
		snprintf(ret->name, sizeof(ret->name), "%s", info->name);
		ret->ino = ino_make(KIND_SETTING, dir->volume->id, (uint32_t)o,
				    INO_ENTRY);
		return true;
	}
	return false;
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry volume_entries[] = {
	{.name = "volume", .type = NODE_DATA, .kind = KIND_DATA},
	{.name = "status", .show = volume_show_status},
	{.name = "status.json", .show = volume_show_json},
	{.name = "state", .show = volume_show_state},
	{.name = "wwid", .show = volume_show_wwid},
	{.name = "size", .show = volume_show_size},
	{.name = "read_only", .show = volume_show_read_only},
	{.name = "stats", .show = volume_show_stats},
	{.name = "control", .store = volume_store_control},
	{.name = "groups", .type = NODE_DIR, .kind = KIND_GROUPS},
	{.name = "paths", .type = NODE_DIR, .kind = KIND_VOLUME_PATHS},
	{.name = "partitions", .type = NODE_DIR, .kind = KIND_PARTITIONS},
	{.name = "reservation", .type = NODE_DIR, .kind = KIND_RESERVATION},
};

static const struct dir_entry setting_entries[] = {
	{.show = setting_show, .store = setting_store},
};

const struct dir dir_volume = {
	.self = SCOPE_VOLUME,
	.entries_scope = SCOPE_VOLUME,
	.parent = KIND_ROOT,
	.entries = volume_entries,
	.nentries = ARRAY_SIZE(volume_entries),
	.child = volume_child,
};

/* No directory: only the kind of what volume_child() names. */
const struct dir dir_setting = {
	.self = SCOPE_OPTION,
	.entries_scope = SCOPE_OPTION,
	.parent = KIND_VOLUME,
	.entries = setting_entries,
	.nentries = ARRAY_SIZE(setting_entries),
};

/* No directory: the LUN itself. */
const struct dir dir_data = {
	.self = SCOPE_VOLUME,
	.parent = KIND_VOLUME,
};
