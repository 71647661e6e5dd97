// SPDX-License-Identifier: MIT
/*
 * A device goes from a path that leaves to one that comes, in one and the same
 * change of configuration: it is held exclusively, so that it cannot be opened
 * once more while the old path has it; see plan.h.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/device.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/plan.h"

static bool stays(const struct plan *plan, const struct path *p)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		const struct planned_volume *pv = &plan->v[i];

		if (pv->v != p->volume)
			continue;
		for (unsigned int k = 0; !pv->same && k < pv->npaths; k++)
			if (pv->list[k] == p)
				return true;
		return pv->same;
	}
	return false;
}

/*
 * Within its volume the lanes know what is out on either path; to another
 * volume it goes only with nothing of the old one's that might land later.
 */
static bool may_go(const struct plan *plan, const struct path *p,
		   const struct path *to)
{
	return !stays(plan, p) && (p->volume == to->volume || path_idle(p)) &&
	       !device_recheck(p->dev, NULL);
}

/* Elsewhere than in /dev there may be a file server that hangs. 0: none. */
static dev_t number_of(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/", 5) || stat(path, &st) ||
	    !S_ISBLK(st.st_mode))
		return 0;
	return st.st_rdev;
}

struct device *handover_find(const struct plan *plan, const struct path *to)
{
	const struct monitor *m = plan->m;
	dev_t devt = number_of(to->dev_path);

	for (unsigned int i = 0; i < m->nvolumes; i++) {
		const struct volume *v = m->volumes[i];

		for (unsigned int k = 0; k < v->npaths; k++) {
			const struct path *p = v->paths[k];

			if (p->dev && p->dev->limits.is_block &&
			    (p->dev->id.rdev == devt ||
			     !strcmp(p->dev_path, to->dev_path)) &&
			    may_go(plan, p, to))
				return device_get(p->dev);
		}
	}
	return NULL;
}
