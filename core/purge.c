// SPDX-License-Identifier: MIT
/* Disks that the array has taken away; see purge.h. */
#include "core/purge.h"

#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/errand.h"
#include "core/monitor_private.h"
#include "core/path.h"

struct purging {
	struct errand errand;
	int (*delete)(const struct device *d, struct errmsg *e);
	const struct device *dev; /* stays until the errand is back */
	char cause[160];	  /* what the checker said */
	int result;
	struct errmsg why;
};

static void work(struct errand *e)
{
	struct purging *g = container_of(e, struct purging, errand);

	g->result = g->delete(g->dev, &g->why);
}

static void ended(struct monitor *m, struct errand *e)
{
	const struct purging *g = container_of(e, struct purging, errand);
	struct path *p = e->path;

	if (g->result)
		monitor_event(m, true, "path-not-purged", p->volume->name,
			      p->name, g->why.text, "its disk stays");
	else
		monitor_event(m, false, "path-purged", p->volume->name, p->name,
			      g->cause, "its disk %s is deleted", p->dev_path);
	check_soon(m, p);
}

void purge_disconnected(struct monitor *m, struct path *p, const char *cause)
{
	struct purging *g;
	struct errmsg e;

	if (!m->p.disk_delete || p->check.purged ||
	    !p->volume->settings.v[OPT_PURGE_DISCONNECTED].num ||
	    errand_out(p, ERRAND_PURGE))
		return;
	/* What was checked must be what is there, and known for what it is. */
	if (!p->dev || p->health.reopen || device_recheck(p->dev, &e))
		return;
	g = calloc(1, sizeof(*g));
	if (!g)
		return; /* after the next check */
	p->check.purged = true;
	g->errand = (struct errand){
		.kind = ERRAND_PURGE, .work = work, .ended = ended};
	g->delete = m->p.disk_delete;
	g->dev = p->dev;
	snprintf(g->cause, sizeof(g->cause), "%s", cause);
	errand_begin(m, p, &g->errand);
}

void purge_no_more(struct monitor *m, struct path *p)
{
	errand_withdraw(m, p, ERRAND_PURGE);
	p->check.purged = false;
}
