/* SPDX-License-Identifier: MIT */
/*
 * Rounds: what core/activation.h decides, carried out on a volume's groups by
 * its hardware handler.
 *
 * Lazily: a group that is chosen is made ready when I/O wants it, not before,
 * so that two hosts of which neither does I/O do not fight over a controller.
 * Until then, and while a round runs, the view has no group and lanes hold
 * their I/O; the first that does says so (volume.wanted).
 *
 * All of it is the monitor's.
 */
#ifndef MPATHFS_CORE_ROUNDS_H
#define MPATHFS_CORE_ROUNDS_H

#include "core/activation.h"
#include "core/config.h"
#include "core/features.h"
#include "core/timer.h"

struct group;
struct monitor;
struct path;
struct volume;

/* A volume's; in volume_run. */
struct rounds {
	struct activation a;
	struct features features;
	const struct handler_ops *handler; /* NULL: none that activates */
	char handler_text[OPT_TEXT_SIZE];  /* the setting that it is of */
	char args[OPT_TEXT_SIZE];	   /* its words after the name */
	char cause[64];			   /* "handler NAME", for events */
	struct timer start;		   /* of a round that is delayed */
	bool settle;		/* a round has changed what had been settled */
	uint64_t unready_since; /* ns: I/O is held since then; 0: it is not */
	uint64_t unready_ns;	/* all such times before */
	char last[160];		/* what the last activation said, for people */
};

/* "none", "ready", "waits for I/O", "round 2, 1 path under way". */
void rounds_text(const struct rounds *r, char *buf, size_t size);

/* hardware_handler and features have been set, or not, or a path says for the
 * first time what array it leads to: does what follows. */
void rounds_configure(struct monitor *m, struct volume *v);
/* The choice of a group: g, or none. In the course of settling. */
void rounds_chosen(struct volume *v, struct group *g);
/* v has new groups, v->current is the successor of what was current. */
void rounds_regrouped(struct volume *v);
/* Begins what is to be begun. True: offer, choose and so on again. */
bool rounds_step(struct monitor *m, struct volume *v);
/* What came of p's activation. message: for people, or "". */
void rounds_ended(struct monitor *m, struct path *p,
		  enum activate_result result, const char *message);
/* p's activation, which has begun or was to, will give no answer. */
void rounds_dropped(struct path *p);
/* p has failed; is up again. */
void rounds_path_failed(struct path *p);
void rounds_path_up(struct monitor *m, struct path *p);
/* A lane has said that it holds I/O. */
void rounds_wanted(struct monitor *m);
/* p is taken out: what is under way is for nobody. */
void rounds_drop_path(struct monitor *m, struct path *p);
/* Likewise all of v; nothing begins any more. */
void rounds_end(struct monitor *m, struct volume *v);

#endif
