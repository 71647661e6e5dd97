/* SPDX-License-Identifier: MIT */
/*
 * What discovery (core/discovery.h) needs of its surroundings: the disks of
 * this machine, the state directory, and what outlives a worker. And reading
 * the configuration again. Monitor's thread, but for finding_load().
 */
#ifndef MPATHFS_FS_FINDING_H
#define MPATHFS_FS_FINDING_H

#include "core/base.h"
#include "core/config.h"
#include "core/errmsg.h"

struct daemon;
struct discovery;
struct kept;
struct monitor;

/* How long what is found is waited for, where it is. */
#define FINDING_SETTLE_MS 5000

struct finding_params {
	const struct daemon *daemon;
	struct monitor *monitor;
	struct kept *kept; /* NULL: nothing is to be kept, nor written: a look
			    * is all that is wanted */
};

/*
 * Discovery, not started. Where disks cannot be listened to, volumes named by
 * hand are all there is: *none says why then, else it is "".
 */
int finding_new(const struct finding_params *p, struct discovery **ret,
		struct errmsg *none) MUST_CHECK;

/*
 * Starts it; none as finding_new() has filled it in. first: of all workers.
 * -errno with the reason in e.
 */
int finding_start(struct discovery *discovery, const struct daemon *d,
		  struct monitor *m, bool first, const struct errmsg *none,
		  struct errmsg *e) MUST_CHECK;

/*
 * Runs monitor and discovery until what is there now has become volumes, ms at
 * most. Nobody is served meanwhile.
 */
void finding_settle(struct discovery *d, struct monitor *m, unsigned int ms);

/*
 * At the end: begins nothing any more, and looks for what has come back. True:
 * nothing of either is under way.
 */
bool finding_quiet(struct discovery *d, struct monitor *m);

/* What the files said, or why they could not be read. */
struct loaded {
	int result; /* 0 or -errno */
	struct config *config;
	struct config_errors errs;
};

/* Reads the configuration again. Any thread: it may block. */
void finding_load(const struct daemon *d, struct loaded *ret);

/*
 * Carries it out, all or nothing, and says in the events how it went; takes
 * what is in l. dry: only tells the difference. 0 or -errno with the reason in
 * e.
 */
int finding_take(struct daemon *d, struct discovery *discovery,
		 struct loaded *l, bool dry, struct errmsg *e) MUST_CHECK;

#endif
