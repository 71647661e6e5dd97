// SPDX-License-Identifier: MIT
/*
 * What it means for a path that its checker calls it good (census 4.4, 4.5,
 * 6.5): it is used again, unless it is held out for a while (doubt.c) or is a
 * passive one that I/O would meet with errors, and once it is known what it is
 * worth (prio.c): a path that comes back as a passive one would else join the
 * group that it was in, and have that activated. Upstream asks afterwards.
 * Monitor.
 */
#include "core/monitor_private.h"
#include "core/path.h"

/*
 * Where the array alone decides which ports work, a passive one is no help
 * while no other is left: I/O on it fails, it would come and go. Upstream
 * reinstates it at the next check, as it counts the path itself as one that is
 * left; here it stays out until another path is used, or it is up.
 */
static bool is_no_help(const struct path *p)
{
	return p->check.state == CHECK_GHOST && !p->health.active &&
	       p->said.implicit_only && volume_up(p->volume) == 0;
}

void monitor_path_usable(struct monitor *m, struct path *p, const char *cause)
{
	struct path_health *h = &p->health;
	bool came_up = !h->checker_up;

	if (!prio_is_known(m, p, cause))
		return;
	h->checker_up = true;
	if (is_no_help(p))
		return;
	if (came_up && !h->active)
		p->volume->run->failback.came_up = p;
	monitor_path_reinstated(m, p, cause);
}

void monitor_path_good(struct monitor *m, struct path *p, const char *cause)
{
	if (!identity_is_sure(m, p, cause))
		return;
	reservation_path_good(p);
	if (doubt_good(m, p))
		monitor_path_usable(m, p, cause);
}

void monitor_path_bad(struct monitor *m, struct path *p, const char *cause)
{
	p->health.checker_up = false;
	monitor_path_failed(m, p, cause);
}
