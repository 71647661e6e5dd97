// SPDX-License-Identifier: MIT
/*
 * A volume with passive paths only; see ghost.h. From its first moment I/O is
 * held, as nothing is known of its paths yet; when each has been checked it is
 * seen whether there is a reason to go on.
 */
#include "core/ghost.h"

#include "core/monitor_private.h"
#include "core/path.h"

void ghost_begin(struct monitor *m, struct volume *v)
{
	uint64_t delay = (uint64_t)v->settings.v[OPT_GHOST_DELAY].num;

	v->run->ghost.until = delay ? m->now + delay * NSEC_PER_SEC : 0;
}

static bool is_usable(const struct path *p)
{
	return p->health.active && !p->health.held && p->dev;
}

struct found {
	bool up, ghost, unchecked;
};

static struct found look(const struct volume *v)
{
	struct found f = { false };

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];
		enum check_state s = p->check.state;

		f.unchecked |= s == CHECK_UNCHECKED && !p->health.held;
		if (!is_usable(p))
			continue;
		f.up |= s == CHECK_UP;
		f.ghost |= s == CHECK_GHOST;
	}
	return f;
}

static void end(struct monitor *m, struct volume *v, const char *cause)
{
	struct ghost *g = &v->run->ghost;

	g->until = 0;
	if (g->told)
		monitor_event(m, false, "ghost-delay-ended", v->name, NULL,
			      cause, "I/O goes on");
	g->told = false;
}

void ghost_step(struct monitor *m, struct volume *v)
{
	struct ghost *g = &v->run->ghost;
	struct found f;

	if (!g->until)
		return;
	f = look(v);
	if (f.up) {
		end(m, v, "a path is up");
	} else if (m->now >= g->until) {
		end(m, v, "ghost_delay has run out");
	} else if (!f.ghost && !f.unchecked) {
		end(m, v, "no path is usable");
	} else if (f.ghost && !f.unchecked && !g->told) {
		g->told = true;
		monitor_event(m, true, "ghost-delay", v->name, NULL,
			      "all usable paths are passive",
			      "I/O waits up to %llu s for one that is up",
			      (unsigned long long)(g->until - m->now +
						   NSEC_PER_SEC - 1) /
				      NSEC_PER_SEC);
	}
}
