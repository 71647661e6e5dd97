/* SPDX-License-Identifier: MIT */
/*
 * Discovery on simulated time: disks, their events and their devices are the
 * test's; the state directory, the pool that reads it and the monitor are real.
 */
#ifndef MPATHFS_TESTS_UNIT_DISCOVERY_RIG_H
#define MPATHFS_TESTS_UNIT_DISCOVERY_RIG_H

#include "core/discovery_private.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "selectors/selectors.h"
#include "tests/unit/discovery_disks.h"

/* The monitor's front */

static inline struct rig *rig_of(struct monitor_front *f)
{
	return container_of(f, struct rig, front);
}

static inline void front_event(struct monitor_front *f, const struct event *ev)
{
	struct rig *r = rig_of(f);

	fprintf(r->log_file, "%s%s%s%s%s: %s\n", ev->name, ev->volume ? " " : "",
		ev->volume ? ev->volume : "", ev->path ? " " : "",
		ev->path ? ev->path : "", ev->cause ? ev->cause : "");
	fflush(r->log_file);
}

static inline void front_nothing(struct monitor_front *f)
{
	(void)f;
}

static inline void front_checked(struct monitor_front *f, struct path *p)
{
	(void)f;
	(void)p;
}

static inline void front_changed(struct monitor_front *f, struct volume *v)
{
	(void)v;
	if (rig_of(f)->d)
		discovery_volume_changed(rig_of(f)->d);
}

static inline uint32_t front_volume_id(struct monitor_front *f, const char *key)
{
	struct rig *r = rig_of(f);
	uint32_t i = 0;

	while (i < RIG_VOLUMES && r->ids[i][0] && strcmp(r->ids[i], key))
		i++;
	if (i < RIG_VOLUMES)
		snprintf(r->ids[i], sizeof(r->ids[i]), "%s", key);
	return i;
}

static inline uint32_t front_path_id(struct monitor_front *f, const char *key,
				     const char *path)
{
	(void)f;
	(void)key;
	return (uint32_t)(rig_disk_at(path) - the_rig->disks);
}

static inline bool front_no(struct monitor_front *f, const char *key,
			    const char *path)
{
	(void)f;
	(void)key;
	(void)path;
	return false;
}

static inline const char *front_live(struct monitor_front *f, const char *key,
				     enum opt o)
{
	(void)f;
	(void)key;
	(void)o;
	return NULL;
}

static inline bool front_busy(struct monitor_front *f, const struct volume *v)
{
	return !strcmp(rig_of(f)->busy, v->wwid);
}

static inline bool front_same_lun(struct monitor_front *f, const struct path *p)
{
	return discovery_same_lun(rig_of(f)->d, p);
}

static inline void front_other_lun(struct monitor_front *f,
				   const struct path *p)
{
	discovery_other_lun(rig_of(f)->d, p);
}

static inline bool rig_kept(void *ctx, size_t i, struct discovery_kept *ret)
{
	struct rig *r = ctx;

	if (i >= ARRAY_SIZE(r->kept) || !r->kept[i].wwid)
		return false;
	*ret = r->kept[i];
	return true;
}

static inline bool rig_kept_removed(void *ctx, const char *disk)
{
	return !strcmp(((struct rig *)ctx)->removed, disk);
}

static inline void rig_keep_removed(void *ctx, const char *disk, bool removed)
{
	struct rig *r = ctx;

	snprintf(r->removed, sizeof(r->removed), "%s", removed ? disk : "");
}

/* Checkers and selectors */

static inline enum check_state rig_check(struct checker *c)
{
	const struct rig_disk *disk =
		container_of(c->dev, struct rig_device, d)->disk;

	return disk->error ? CHECK_DOWN : CHECK_UP;
}

static const struct checker_ops rig_checker = {
	.name = "directio", .reads = true, .start = rig_check};
static const struct checker_ops *const rig_checkers[] = {&rig_checker, NULL};
static const struct selector_ops *const rig_selectors[] = SELECTOR_TABLE;

/* Time */

static inline void rig_turn(struct rig *r)
{
	uint64_t a = monitor_run(r->m, r->now);
	uint64_t b = discovery_run(r->d, r->now);

	r->next = MIN(a, b);
}

/* Is a path being asked who it is? */
static inline bool rig_asking(struct rig *r)
{
	struct volume *v;

	for (unsigned int i = 0; (v = monitor_volume(r->m, i)); i++)
		for (unsigned int k = 0; k < v->npaths; k++)
			if (errands_out(v->paths[k]))
				return true;
	return false;
}

/* Until nothing more comes of what is known. */
static inline void rig_settle(struct rig *r)
{
	while (r->nevents || r->lost)
		discovery_input(r->d, r->now);
	for (int i = 0; i < 1000; i++) {
		rig_turn(r);
		if (namer_busy(r->d->namer) || r->d->njobs ||
		    rig_asking(r))
			mailbox_wait(&r->m->mailbox);
		else if (discovery_settled(r->d) && r->next > r->now)
			return;
	}
	fail_msg("it never settles");
}

static inline void rig_pass(struct rig *r, uint64_t ns)
{
	uint64_t then = r->now + ns;

	rig_settle(r);
	while (r->next <= then) {
		r->now = MAX(r->next, r->now);
		rig_settle(r);
	}
	r->now = then;
	rig_settle(r);
}

/* Asking */

/* All volumes: "NAME: PATH PATH; NAME: ..." */
static inline void rig_expect(struct rig *r, const char *want)
{
	char got[4096] = "";
	size_t n = 0;
	struct volume *v;

	for (unsigned int i = 0; (v = monitor_volume(r->m, i)); i++) {
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s:",
				      i ? "; " : "", v->name);
		for (unsigned int k = 0; k < v->npaths; k++)
			n += (size_t)snprintf(got + n, sizeof(got) - n, " %s%s",
					      v->paths[k]->name,
					      atomic_load(&v->paths[k]->usable) ?
						      "" : "!");
	}
	if (strcmp(got, want))
		fail_msg("got\n%s\nexpected\n%s\n%s", got, want, r->log);
}

static inline struct volume *rig_volume(struct rig *r, const char *name)
{
	struct volume *v = monitor_volume_by_name(r->m, name);

	if (!v)
		fail_msg("no volume %s\n%s", name, r->log);
	return v;
}

static inline void rig_forget_log(struct rig *r)
{
	fclose(r->log_file);
	free(r->log);
	r->log_file = open_memstream(&r->log, &r->log_size);
	assert_non_null(r->log_file);
	fflush(r->log_file);
}

/* Since the last time there was this line among the events. */
static inline void rig_expect_event(struct rig *r, const char *line)
{
	if (!strstr(r->log, line))
		fail_msg("no event '%s' in\n%s", line, r->log);
}

static inline void rig_expect_no_event(struct rig *r, const char *line)
{
	if (strstr(r->log, line))
		fail_msg("event '%s' in\n%s", line, r->log);
}

/* NULL: it is not among the disks that are no paths. */
static inline const char *rig_reason(struct rig *r, const char *disk)
{
	struct discovery_disk it;
	size_t pos = 0;

	while (discovery_disk(r->d, &pos, &it))
		if (!strcmp(it.disk->name, disk))
			return it.reason;
	return NULL;
}

/* Why is that disk no path? */
static inline void rig_expect_reason(struct rig *r, const char *disk,
				     const char *reason)
{
	const char *got = rig_reason(r, disk);

	if (!got)
		fail_msg("%s: not among those that are no paths", disk);
	if (!strstr(got, reason))
		fail_msg("%s: got '%s', expected '%s'", disk, got, reason);
}

/* And what would make it one; "": nothing. */
static inline void rig_expect_remedy(struct rig *r, const char *disk,
				     const char *remedy)
{
	struct discovery_disk it;
	size_t pos = 0;

	while (discovery_disk(r->d, &pos, &it))
		if (!strcmp(it.disk->name, disk)) {
			if (*remedy ? !strstr(it.remedy, remedy) : *it.remedy)
				fail_msg("%s: got '%s', expected '%s'", disk,
					 it.remedy, remedy);
			return;
		}
	fail_msg("%s: not among those that are no paths", disk);
}

/* A file of the state directory. */
static inline void rig_expect_file(struct rig *r, const char *name,
				   const char *line, bool there)
{
	char path[128], text[65536] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", r->f->dir, name);
	f = fopen(path, "r");
	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		fclose(f);
	}
	if (!strstr(text, line) == there)
		fail_msg("%s: '%s' is %sthere:\n%s", name, line,
			 there ? "not " : "", text);
}

/* Beginning and end */

static inline struct config *rig_load(struct rig *r, const char *text)
{
	struct config *c;

	put(r->f, "main", text);
	assert_loads(r->f, text);
	c = r->f->config;
	r->f->config = NULL;
	return c;
}

static inline int rig_begin(struct rig *r, const char *text, struct errmsg *e)
{
	struct discovery_params p = {
		.monitor = r->m,
		.source = &r->source,
		.probe = &rig_probe,
		.rescan = rig_rescan,
		.inquire = rig_inquire,
		.state_dir = r->f->dir,
		.ctx = r,
		.kept = rig_kept,
		.kept_removed = rig_kept_removed,
		.keep_removed = rig_keep_removed,
	};

	r->config = rig_load(r, text);
	p.config = r->config;
	assert_int_equal(discovery_new(&p, &r->d), 0);
	return discovery_start(r->d, !r->kept[0].wwid, r->now, e);
}

static inline void rig_start(struct rig *r, const char *text)
{
	struct errmsg e;

	if (rig_begin(r, text, &e))
		fail_msg("%s", e.text);
	rig_settle(r);
}

static inline int rig_reconfigure(struct rig *r, const char *text, bool dry,
				  struct errmsg *e)
{
	struct config *c = rig_load(r, text);
	int rc = discovery_reconfigure(r->d, c, dry, r->now, e);

	if (rc || dry) {
		config_free(c);
	} else {
		config_free(r->config);
		r->config = c;
	}
	return rc;
}

static inline int rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct monitor_params p;
	void *f;

	assert_non_null(r);
	assert_int_equal(setup(&f), 0);
	the_rig = r;
	r->f = f;
	rig_devices.open = rig_set_ops;
	fake_engine_init(&r->engine);
	r->now = 1000 * SEC;
	r->log_file = open_memstream(&r->log, &r->log_size);
	assert_non_null(r->log_file);
	fflush(r->log_file);
	r->source = (struct disk_source){rig_enumerate, rig_receive,
					 rig_trigger, rig_source_free, -1,
					 "udev"};
	r->front = (struct monitor_front){
		front_event, front_nothing, front_nothing, front_nothing,
		front_checked, front_changed, front_volume_id, front_path_id,
		front_no, front_no, front_live, front_busy, front_same_lun,
		NULL, NULL, NULL, front_other_lun};
	p = (struct monitor_params){
		.nr_lanes = 1,
		.engine = &r->engine.base,
		.devices = &rig_devices,
		.front = &r->front,
		.selectors = rig_selectors,
		.checkers = rig_checkers,
		.registry = &fake_registry,
		.identify = rig_identify,
		.device_wwid = rig_ask_wwid,
		.table = r->table,
		.max_volumes = RIG_VOLUMES,
	};
	assert_int_equal(monitor_new(&p, &r->m), 0);
	*state = r;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;
	void *f = r->f;

	while (!discovery_quiet(r->d) || !monitor_quiet(r->m)) {
		mailbox_wait(&r->m->mailbox);
		mailbox_deliver(&r->m->mailbox);
	}
	monitor_free(r->m);
	discovery_free(r->d);
	for (int i = 0; i < RIG_DISKS; i++)
		assert_int_equal(r->disks[i].open, 0);
	config_free(r->config);
	fclose(r->log_file);
	free(r->log);
	teardown(&f);
	free(r);
	return 0;
}

#define RIG_TEST(test)                                                         \
	cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

#endif
