// SPDX-License-Identifier: MIT
/* The layout of `multipath -ll`; see status.h. No state. */
#include "fs/status.h"

#include <string.h>
#include "core/device.h"
#include "core/features.h"
#include "core/group.h"
#include "core/monitor.h"
#include "core/path.h"
#include "core/rounds.h"
#include "core/volume.h"

#define NO_HCTL "#:#:#:#"

void status_size_text(uint64_t bytes, char buf[STATUS_SIZE_TEXT])
{
	static const char units[] = "KMGTP";
	double size = (double)bytes / 1024;
	size_t unit = 0;

	while (size >= 1024 && unit < sizeof(units) - 2) {
		size /= 1024;
		unit++;
	}
	snprintf(buf, STATUS_SIZE_TEXT, "%.*f%c", size < 10, size, units[unit]);
}

void status_features_text(const struct volume *v, char buf[STATUS_FEATURES])
{
	bool queue = volume_queueing(v)->on, retries, delay;
	struct features f = {.pg_init_delay_ms = FEATURES_DELAY_MS};
	struct errmsg e;
	size_t used;

	(void)!features_parse(v->settings.v[OPT_FEATURES].text, &f, &e);
	retries = f.pg_init_retries > 0;
	delay = f.pg_init_delay_ms != FEATURES_DELAY_MS;
	used = (size_t)snprintf(buf, STATUS_FEATURES, "%d%s",
				queue + 2 * retries + 2 * delay,
				queue ? " queue_if_no_path" : "");
	if (retries)
		used += (size_t)snprintf(buf + used, STATUS_FEATURES - used,
					 " pg_init_retries %u",
					 f.pg_init_retries);
	if (delay)
		snprintf(buf + used, STATUS_FEATURES - used,
			 " pg_init_delay_msecs %u", f.pg_init_delay_ms);
}

const char *status_dm_state(const struct path *p)
{
	return p->health.active && !p->health.held ? "active" : "failed";
}

const char *status_dev_state(const struct path *p)
{
	if (p->health.held)
		return "offline";
	return p->health.stalled ? "stalled" : "running";
}

void status_devt_text(const struct path *p, char buf[STATUS_DEVT_TEXT])
{
	if (p->dev)
		device_devt_text(p->dev, buf, STATUS_DEVT_TEXT);
	else
		strcpy(buf, "-");
}

/* The widths of the columns that differ from path to path. */
struct status_widths {
	int name, devt, dm, check;
};

static void status_widen(int *width, const char *text)
{
	int len = (int)strlen(text);

	*width = MAX(*width, len);
}

static void status_measure(const struct volume *v, struct status_widths *w)
{
	char devt[STATUS_DEVT_TEXT];

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		status_devt_text(p, devt);
		status_widen(&w->name, p->name);
		status_widen(&w->devt, devt);
		status_widen(&w->dm, status_dm_state(p));
		status_widen(&w->check, path_checker_text(p));
	}
}

static void status_print_path(FILE *out, const struct path *p,
			      const struct status_widths *w)
{
	char devt[STATUS_DEVT_TEXT];

	status_devt_text(p, devt);
	fprintf(out, "%s %-*s %-*s %-*s %-*s %s\n",
		*p->said.hctl ? p->said.hctl : NO_HCTL, w->name, p->name,
		w->devt, devt, w->dm, status_dm_state(p), w->check,
		path_checker_text(p), status_dev_state(p));
}

static void status_print_group(FILE *out, const struct volume *v,
			       const struct group *g, bool last,
			       const struct status_widths *w)
{
	fprintf(out, "%s policy='%s' prio=%d status=%s\n",
		last ? "`-+-" : "|-+-", g->selector, group_priority(g),
		monitor_group_state_text(v, g));
	for (unsigned int i = 0; i < g->npaths; i++) {
		fprintf(out, "%s %s ", last ? " " : "|",
			i + 1 == g->npaths ? "`-" : "|-");
		status_print_path(out, g->paths[i], w);
	}
}

static void status_print_volume(FILE *out, const struct volume *v,
				const struct status_widths *w)
{
	char size[STATUS_SIZE_TEXT], features[STATUS_FEATURES], doing[64];

	status_size_text(volume_size(v), size);
	status_features_text(v, features);
	rounds_text(volume_rounds(v), doing, sizeof(doing));
	fputs(v->name, out);
	if (strcmp(v->name, v->wwid) != 0)
		fprintf(out, " (%s)", v->wwid);
	fprintf(out, " mpathfs\nsize=%s features='%s' hwhandler='%s' wp=%s",
		size, features, volume_rounds(v)->handler_text,
		volume_read_only(v) ? "ro" : "rw");
	if (activation_holds(&volume_rounds(v)->a))
		fprintf(out, " activation='%s'", doing);
	fputc('\n', out);
	for (unsigned int i = 0; i < v->ngroups; i++)
		status_print_group(out, v, v->groups[i], i + 1 == v->ngroups,
				   w);
}

void status_print(FILE *out, const struct volume *const *v, size_t n)
{
	struct status_widths w = {0};

	for (size_t i = 0; i < n; i++)
		status_measure(v[i], &w);
	for (size_t i = 0; i < n; i++)
		status_print_volume(out, v[i], &w);
}
