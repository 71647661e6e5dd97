/* SPDX-License-Identifier: MIT */
/*
 * Volumes made by hand, without a monitor and without devices: for tests of
 * what is shown of a volume.
 */
#ifndef MPATHFS_TESTS_UNIT_FAKE_VOLUME_H
#define MPATHFS_TESTS_UNIT_FAKE_VOLUME_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/group.h"
#include "core/path.h"
#include "core/volume_private.h"
#include "selectors/selectors.h"

#define FAKE_PATHS 4
#define FAKE_VOLUMES 2

struct fake_path {
	const char *name;	   /* NULL ends the list */
	unsigned int major, minor; /* 0:0: a file */
	int priority;
	bool failed, held, stalled;
	enum check_state check;
};

struct fake_desc {
	const char *name, *wwid;
	uint64_t size;
	bool read_only;
	enum grouping_policy policy;
	unsigned int current; /* 1..: the group; 0: none */
	unsigned int bypassed;
	int64_t no_path_retry;
	struct volume_queueing queueing;
	struct fake_path paths[FAKE_PATHS];
};

struct fake_volume {
	struct volume *v;
	struct device dev[FAKE_PATHS];
};

static const struct selector_ops *const fake_selectors[] = SELECTOR_TABLE;

static inline void fake_settings(struct settings *s)
{
	for (int o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &s->v[o]);
}

static inline struct path *fake_path_new(struct volume *v, uint32_t id,
					 const struct fake_path *d,
					 struct device *dev)
{
	char file[NAME_SIZE + 8];
	struct path *p;

	snprintf(file, sizeof(file), "/dev/%s", d->name);
	p = path_new(v, d->name, file, d->priority, id, v->nr_lanes);
	assert_non_null(p);
	memset(dev, 0, sizeof(*dev));
	dev->limits.is_block = d->major != 0;
	dev->limits.size = v->run->size;
	dev->id.rdev = makedev(d->major, d->minor);
	p->dev = dev;
	p->health.active = !d->failed;
	p->health.held = d->held;
	p->health.stalled = d->stalled;
	p->check.state = d->check;
	return p;
}

static inline void fake_paths(struct fake_volume *f, const struct fake_desc *d)
{
	struct volume *v = f->v;

	v->paths = calloc(FAKE_PATHS, sizeof(struct path *));
	assert_non_null(v->paths);
	while (v->npaths < FAKE_PATHS && d->paths[v->npaths].name) {
		unsigned int i = v->npaths++;

		v->paths[i] = fake_path_new(v, i + 1, &d->paths[i], &f->dev[i]);
	}
}

static inline void fake_new(struct fake_volume *f, const struct fake_desc *d,
			    uint32_t id)
{
	struct volume *v = volume_new(d->name, id, 1);
	struct errmsg e;

	assert_non_null(v);
	f->v = v;
	strcpy(v->wwid, d->wwid);
	fake_settings(&v->settings);
	v->settings.v[OPT_PATH_GROUPING_POLICY].num = d->policy;
	v->settings.v[OPT_NO_PATH_RETRY].num = d->no_path_retry;
	v->run->size = d->size;
	v->run->block = 512;
	v->run->read_only = d->read_only;
	v->run->queueing = d->queueing;
	strcpy(v->run->rounds.handler_text,
	       v->settings.v[OPT_HARDWARE_HANDLER].text);
	fake_paths(f, d);
	assert_int_equal(volume_group_paths(v, v->paths, v->npaths,
					    &v->settings, fake_selectors,
					    &v->groups, &v->ngroups, &e),
			 0);
	volume_offer_paths(v);
	if (d->current)
		v->current = v->groups[d->current - 1];
	if (d->bypassed)
		v->groups[d->bypassed - 1]->bypassed = true;
}

static inline void fake_free(struct fake_volume *f)
{
	for (unsigned int i = 0; i < f->v->npaths; i++)
		f->v->paths[i]->dev = NULL; /* not the path's to close */
	volume_free(f->v);
}

#endif
