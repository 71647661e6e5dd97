// SPDX-License-Identifier: MIT
/*
 * See daemonconf.h. The lanes' channels are cloned, and writing back is agreed
 * upon with the kernel, before there is a worker: both last as long as the
 * mount. `direct` needs no agreement, as it holds for each open by itself.
 */
#include "fs/daemonconf.h"

#include <errno.h>
#include <sched.h>

#include "core/config.h"
#include "fs/harden.h"
#include "fs/log.h"
#include "fs/mount.h"
#include "fs/worker.h"

#define MAX_AUTO_LANES 4

unsigned int daemonconf_lanes(const struct config *c)
{
	int64_t n = c->defaults.v[OPT_LANES].num;
	cpu_set_t cpus;

	if (n > 0)
		return (unsigned int)MIN(n, MAX_LANES);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	return (unsigned int)MIN(CPU_COUNT(&cpus), MAX_AUTO_LANES);
}

bool daemonconf_writeback(const struct config *c)
{
	return c->defaults.v[OPT_CACHE].num == CACHE_AUTO;
}

static int fixed(const struct config *c, enum opt o, struct errmsg *e)
{
	const struct setting *s = &c->defaults.v[o];

	errmsg_set(e, EINVAL,
		   "%s = %s: the mount was made with another one: unmount, and "
		   "mount again",
		   option_info(o)->name, s->text);
	if (s->where[0])
		errmsg_prefix(e, "%s", s->where);
	return -EINVAL;
}

int daemonconf_check(const struct daemon *d, const struct config *c,
		     struct errmsg *e)
{
	/* What is said there may have been read on other processors. */
	if (c->defaults.v[OPT_LANES].num != d->config->defaults.v[OPT_LANES].num &&
	    daemonconf_lanes(c) != d->lanes)
		return fixed(c, OPT_LANES, e);
	if (c->defaults.v[OPT_CACHE].num != CACHE_DIRECT &&
	    daemonconf_writeback(c) != d->writeback)
		return fixed(c, OPT_CACHE, e);
	return 0;
}

void daemonconf_apply(const struct daemon *d)
{
	const struct setting *s = d->config->defaults.v;

	log_set_verbosity((int)s[OPT_VERBOSITY].num + d->more_verbose);
	process_allow_files((uint64_t)s[OPT_MAX_FDS].num);
}
