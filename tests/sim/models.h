/* SPDX-License-Identifier: MIT */
/*
 * The state machines of core, written once more from the census, each compared
 * with core's at every step. A model learns what happens from the outside:
 * events, answers of the scripted parts, attempts.
 */
#ifndef MPATHFS_TESTS_SIM_MODELS_H
#define MPATHFS_TESTS_SIM_MODELS_H

#include "core/handler.h"
#include "tests/sim/sim.h"

/* rules.c */
bool starts_with(const char *s, const char *prefix); /* NULL does not */

/* groups.c */
void groups_new(struct sim_vol *sv); /* after a reconfiguration */
void groups_event(struct sim *s, struct sim_vol *sv, struct sim_path *sp,
		  const struct event *ev);
/* pending: a lane's report is on its way and will change things. */
void groups_check(struct sim_vol *sv, bool pending);
/* They are new groups of the same paths: a selector was written. */
void groups_same(struct sim_vol *sv);
/* Have the paths been grouped anew since the last look? */
bool groups_anew(const struct sim_vol *sv);
/* A setting was written: what was timed begins anew. */
void groups_set(struct sim_vol *sv);

/* selectors.c */
/* word was written for g: a selector, or "default". */
void selectors_set(struct sim_vol *sv, const struct group *g, const char *word);
/* path_selector was written, or the volume is new. */
void selectors_forget(struct sim_vol *sv);
void selectors_check(struct sim_vol *sv);

/* queueing.c */
void queueing_new(struct sim_vol *sv);
/* Paths may have come or gone. */
void queueing_note(struct sim_vol *sv);
/* By hand; PIN_NONE: no_path_retry was written. */
void queueing_pin(struct sim_vol *sv, enum queue_pin pin);
/* A setting may have changed. */
void queueing_set(struct sim_vol *sv);
void queueing_check(struct sim_vol *sv);

/* Its last disk is gone: it waits no longer. */
void queueing_lost(struct sim_vol *sv);

/* stats.c */
void stats_event(struct sim_vol *sv, struct sim_path *sp,
		 const struct event *ev);
void stats_reset(struct sim_vol *sv);
void stats_check(struct sim_vol *sv);

/* lost.c */
/* It was found, is there, and has no path. */
bool lost_is(const struct sim_vol *sv);
bool lost_any(const struct sim *s);
/* Opens the disks that are to be paths of one that was found; -errno with the
 * reason in e. Afterwards lost_close(), in any case. */
int lost_open(struct sim_vol *sv, struct device **opened, struct errmsg *e);
void lost_close(struct device **opened);
bool lost_busy(const struct sim *s, const struct volume *v);
/* After whatever may have changed: what becomes of them? */
void lost_look(struct sim *s);
void lost_heal(struct sim *s);

/* checks.c */
/* It is new in the configuration: nothing is known of it. */
void checks_new(struct sim_path *sp);
void checks_begun(struct sim *s, struct sim_path *sp);
void checks_ended(struct sim *s, struct sim_path *sp, enum check_state state);
/* A read of the monitor's came back. */
void checks_read(struct sim *s, struct sim_path *sp, const struct io *io,
		 uint64_t begun, bool well);
void checks_event(struct sim *s, struct sim_path *sp, const struct event *ev);
void checks_check(struct sim_vol *sv);

/* doubt.c */
void doubt_event_seen(struct sim *s, struct sim_path *sp,
		      const struct event *ev);
/* By a check, by I/O or told in an event. */
void doubt_seen(struct sim_path *sp, bool good);
/* A read of the monitor's that is no check's. */
void doubt_read(struct sim_path *sp);
/* A setting may have changed: times of before count for nothing. */
void doubt_set(struct sim_vol *sv);
void doubt_check(struct sim_vol *sv);
void ghost_new(struct sim_vol *sv);
void ghost_note(struct sim_vol *sv);
void ghost_event(struct sim_vol *sv, const struct event *ev);
void ghost_submit(struct sim *s, const struct attempt *a);

/* activation.c */
void activation_answer(struct sim *s, struct sim_path *sp,
		       enum activate_result r);
void activation_begun(struct sim *s, struct sim_path *sp);
void activation_event(struct sim *s, struct sim_vol *sv, struct sim_path *sp,
		      const struct event *ev);
void activation_submit(struct sim *s, const struct attempt *a);
void activation_check(struct sim_vol *sv, bool pending);

#endif
