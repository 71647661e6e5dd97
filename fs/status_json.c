// SPDX-License-Identifier: MIT
/*
 * The JSON of `multipathd show maps json`; see status_json.h. Built bottom up
 * with json-c: each function answers a whole object or NULL, no memory. No
 * state.
 */
#include "fs/status_json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "core/clock.h"
#include "core/config.h"
#include "core/device.h"
#include "core/group.h"
#include "core/monitor.h"
#include "core/path.h"
#include "core/rounds.h"
#include "core/volume.h"
#include "fs/json.h"
#include "fs/partitions.h"
#include "fs/status.h"

/* What multipathd prints for what it does not know. */
#define UNDEF "[undef]"
#define NO_VENDOR "##"

/* ---- path ---- */

static struct json_object *json_latency(const struct path_totals *t)
{
	struct json_maker m;

	json_begin_array(&m);
	for (size_t i = 0; i < PATH_LATENCY_BUCKETS; i++)
		json_append(&m, json_object_new_uint64(t->latency[i]));
	return json_end(&m);
}

static struct json_object *json_path_own(const struct path *p)
{
	const struct path_health *h = &p->health;
	char since[CLOCK_TEXT_SIZE] = "", access[64];
	struct path_totals t;
	struct json_maker m;

	path_totals(p, &t);
	path_access_state(p, access, sizeof(access));
	if (h->since)
		clock_text(h->since, since);
	json_begin(&m);
	json_put_text(&m, "device", p->dev_path);
	json_put_text(&m, "state", path_state_text(path_state(p)));
	json_put_text(&m, "why", h->why);
	json_put_text(&m, "since", since);
	json_put_text(&m, "check_message", p->check.checker.message);
	json_put_text(&m, "access_state", access);
	json_put_u64(&m, "failures", h->fail_count);
	json_put_u64(&m, "errors", t.errors);
	json_put_u64(&m, "inflight", atomic_load(&p->load.ios));
	json_put_u64(&m, "reads", t.ios[0]);
	json_put_u64(&m, "read_bytes", t.bytes[0]);
	json_put_u64(&m, "writes", t.ios[1]);
	json_put_u64(&m, "write_bytes", t.bytes[1]);
	json_put_u64(&m, "service_ns", t.ns);
	json_put(&m, "latency_us_log2", json_latency(&t));
	return json_end(&m);
}

static const char *known(const char *text)
{
	return *text ? text : UNDEF;
}

static struct json_object *json_path(const struct path *p)
{
	const struct checker_ops *checker = p->check.checker.ops;
	char devt[STATUS_DEVT_TEXT];
	struct json_maker m;

	status_devt_text(p, devt);
	json_begin(&m);
	json_put_text(&m, "dev", p->name);
	json_put_text(&m, "dev_t", devt);
	json_put_text(&m, "dm_st", status_dm_state(p));
	json_put_text(&m, "dev_st", status_dev_state(p));
	json_put_text(&m, "chk_st", path_checker_text(p));
	json_put_text(&m, "checker", checker ? checker->name : "none");
	json_put(&m, "pri", json_object_new_int(p->priority));
	json_put_text(&m, "host_wwnn", known(p->said.host_node));
	json_put_text(&m, "target_wwnn", known(path_node(p)));
	json_put_text(&m, "host_wwpn", known(p->said.host_port));
	json_put_text(&m, "target_wwpn", known(p->said.target_port));
	json_put_text(&m, "host_adapter", known(p->said.adapter));
	json_put_text(&m, "lun_hex", UNDEF);
	json_put_text(&m, "marginal_st",
		      p->health.marginal ? "marginal" : "normal");
	json_put(&m, "mpathfs", json_path_own(p));
	return json_end(&m);
}

/* ---- group ---- */

static struct json_object *json_group_paths(const struct group *g)
{
	struct json_maker m;

	json_begin_array(&m);
	for (unsigned int i = 0; i < g->npaths; i++)
		json_append(&m, json_path(g->paths[i]));
	return json_end(&m);
}

static struct json_object *json_group(const struct volume *v,
				      const struct group *g)
{
	struct json_maker m;

	json_begin(&m);
	json_put_text(&m, "selector", g->selector);
	json_put(&m, "pri", json_object_new_int(group_priority(g)));
	json_put_text(&m, "dm_st", monitor_group_state_text(v, g));
	json_put_text(&m, "marginal_st",
		      group_marginal(g) ? "marginal" : "normal");
	json_put_u64(&m, "group", g->id);
	json_put(&m, "paths", json_group_paths(g));
	return json_end(&m);
}

static struct json_object *json_groups(const struct volume *v)
{
	struct json_maker m;

	json_begin_array(&m);
	for (unsigned int i = 0; i < v->ngroups; i++)
		json_append(&m, json_group(v, v->groups[i]));
	return json_end(&m);
}

/* ---- volume ---- */

void status_queueing_text(const struct volume *v, uint64_t now, char *buf,
			  size_t size)
{
	const struct volume_queueing *q = volume_queueing(v);
	int64_t retries = v->settings.v[OPT_NO_PATH_RETRY].num;
	uint64_t left = q->deadline > now ? q->deadline - now : 0;

	if (!q->on)
		snprintf(buf, size, "off");
	else if (q->deadline)
		/* Rounded up: "0 sec" would say that it is over. */
		snprintf(buf, size, "%llu sec",
			 (left + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	else if (retries > 0)
		snprintf(buf, size, "%" PRId64 " chk", retries);
	else
		snprintf(buf, size, "on");
}

static void failback_text(const struct volume *v, char *buf, size_t size)
{
	const struct setting *s = &v->settings.v[OPT_FAILBACK];

	snprintf(buf, size, "%s%s", s->num > 0 ? "deferred:" : "", s->text);
}

static struct json_object *json_partitions(const struct volume *v,
					   const struct partitions *parts)
{
	size_t n;
	const struct partition *p = partitions_of(parts, v, &n);
	struct json_maker m;

	json_begin_array(&m);
	for (size_t i = 0; i < n; i++)
		json_append(&m, part_json(&p[i].is));
	return json_end(&m);
}

static struct json_object *json_volume_own(const struct volume *v,
					   const struct partitions *p)
{
	const struct setting *set = v->settings.v;
	const struct rounds *r = volume_rounds(v);
	struct json_maker m;
	char doing[64];

	rounds_text(r, doing, sizeof(doing));
	json_begin(&m);
	json_put_text(&m, "state", volume_state_text(volume_state(v)));
	json_put_u64(&m, "size", volume_size(v));
	json_put_u64(&m, "block", volume_block(v));
	json_put_u64(&m, "usable_paths", volume_usable(v));
	json_put_u64(&m, "waiting", volume_parked(v));
	json_put_u64(&m, "map_failures", volume_stats(v)->map_failures);
	json_put_text(&m, "activation", doing);
	json_put_text(&m, "last_activation", r->last);
	json_put_u64(&m, "activations", volume_stats(v)->activations);
	json_put_u64(&m, "activation_failures",
		     volume_stats(v)->activation_failures);
	json_put_text(&m, "path_grouping_policy",
		      set[OPT_PATH_GROUPING_POLICY].text);
	json_put_text(&m, "no_path_retry", volume_no_path_retry_text(v));
	json_put_text(&m, "partition_table", partitions_table(p, v));
	json_put(&m, "partitions", json_partitions(v, p));
	return json_end(&m);
}

/* dm_st of a map says whether it is suspended, and ours never is. */
static void json_map_head(struct json_maker *m, const struct volume *v,
			  uint64_t now)
{
	char failback[OPT_TEXT_SIZE + 16], queueing[64];
	char features[STATUS_FEATURES];

	status_features_text(v, features);
	failback_text(v, failback, sizeof(failback));
	status_queueing_text(v, now, queueing, sizeof(queueing));
	json_put_text(m, "name", v->name);
	json_put_text(m, "uuid", v->wwid);
	json_put_text(m, "sysfs", "mpathfs");
	json_put_text(m, "failback", failback);
	json_put_text(m, "queueing", queueing);
	json_put_u64(m, "paths", v->npaths);
	json_put_text(m, "write_prot", volume_read_only(v) ? "ro" : "rw");
	json_put_text(m, "dm_st", "active");
	json_put_text(m, "features", features);
	json_put_text(m, "hwhandler", volume_rounds(v)->handler_text);
	json_put_text(m, "action", "");
}

static struct json_object *json_map(const struct volume *v,
				    const struct partitions *p, uint64_t now)
{
	const struct volume_stats *s = volume_stats(v);
	struct json_maker m;

	json_begin(&m);
	json_map_head(&m, v, now);
	json_put_u64(&m, "path_faults", s->path_faults);
	json_put_text(&m, "vend", NO_VENDOR);
	json_put_text(&m, "prod", NO_VENDOR);
	json_put_text(&m, "rev", NO_VENDOR);
	json_put_u64(&m, "switch_grp", s->switch_grp);
	json_put_u64(&m, "map_loads", s->map_loads);
	json_put_u64(&m, "total_q_time", s->total_q_time_ns / NSEC_PER_SEC);
	json_put_u64(&m, "q_timeouts", s->q_timeouts);
	json_put(&m, "path_groups", json_groups(v));
	json_put(&m, "mpathfs", json_volume_own(v, p));
	return json_end(&m);
}

/* Takes value. */
static int json_print(FILE *out, const char *key, struct json_object *value)
{
	struct json_maker m;
	struct json_object *o;

	json_begin(&m);
	json_put_u64(&m, "major_version", 0);
	json_put_u64(&m, "minor_version", 1);
	json_put(&m, key, value);
	o = json_end(&m);
	if (!o)
		return -ENOMEM;
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(
			o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return 0;
}

int status_json_maps(FILE *out, const struct volume *const *v, size_t n,
		     const struct partitions *p, uint64_t now)
{
	struct json_maker m;

	json_begin_array(&m);
	for (size_t i = 0; i < n; i++)
		json_append(&m, json_map(v[i], p, now));
	return json_print(out, "maps", json_end(&m));
}

int status_json_map(FILE *out, const struct volume *v,
		    const struct partitions *p, uint64_t now)
{
	return json_print(out, "map", json_map(v, p, now));
}
