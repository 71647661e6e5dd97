/* SPDX-License-Identifier: MIT */
/*
 * The monitor: the thread that makes every change. It owns the volumes,
 * schedules the checkers, takes the lanes' reports, runs the timers
 * (no_path_retry, failback, checks) and carries out what an operator or a new
 * configuration asks for, each time publishing new views to the lanes.
 *
 * All functions are called on its thread; none blocks, but for the grace
 * period after a publication.
 */
#ifndef MPATHFS_CORE_MONITOR_H
#define MPATHFS_CORE_MONITOR_H

#include "core/base.h"
#include "core/config.h"
#include "core/errmsg.h"
#include "core/mailbox.h"
#include "core/path.h"
#include "core/reserver.h"
#include "core/volume.h"

struct device_ops;
struct engine;
struct monitor;
struct selector_ops;
struct checker_ops;
struct handler_ops;
struct pool;
struct prioritizer_ops;

/* Something happened; strings are valid during the call, "" or NULL: none. */
struct event {
	const char *name;   /* "path-failed", "group-switched", ... */
	const char *volume;
	const char *path;
	const char *cause;  /* "EIO on write at sector 2048", "operator" */
	const char *detail; /* more words: "paths 1/2 usable" */
	bool bad;	    /* worth a warning in the log */
};

/* What the monitor needs of its surroundings. */
struct monitor_front {
	/* Append to the events, log, wake readers. */
	void (*event)(struct monitor_front *f, const struct event *ev);
	/* Every lane must look again: a view or a hold has changed. */
	void (*poke_lanes)(struct monitor_front *f);
	/* No lane can hold what was published before. */
	void (*grace)(struct monitor_front *f);
	/* State that outlives the worker (holds, live values) has changed. */
	void (*keep_changed)(struct monitor_front *f);
	/* A check that was asked for has ended. */
	void (*checked)(struct monitor_front *f, struct path *p);
	/* A volume's size or existence has changed. */
	void (*volume_changed)(struct monitor_front *f, struct volume *v);
	/* A stable number for a volume or path, kept by the front;
	 * < KEEP_MAX_VOLUMES. volume is the volume's key, here and below. */
	uint32_t (*volume_id)(struct monitor_front *f, const char *volume);
	uint32_t (*path_id)(struct monitor_front *f, const char *volume,
			    const char *path);
	/* What was kept: is the path held / had it failed / the live text. */
	bool (*kept_held)(struct monitor_front *f, const char *volume,
			  const char *path);
	bool (*kept_failed)(struct monitor_front *f, const char *volume,
			    const char *path);
	const char *(*kept_live)(struct monitor_front *f, const char *volume,
				 enum opt o);
	/* Is a file of the volume open? */
	bool (*volume_busy)(struct monitor_front *f, const struct volume *v);
	/*
	 * Optional. A path of a volume that was found comes back: does it still
	 * lead to that LUN? False: it stays out, and the front sees to it.
	 */
	bool (*same_lun)(struct monitor_front *f, const struct path *p);
	/*
	 * Optional. A path that was down already has been checked once more in
	 * vain: nothing new, but for the log. once: by log_checker_err.
	 */
	void (*still_down)(struct monitor_front *f, const struct path *p,
			   const char *cause, bool once);
	/*
	 * Optional. What was asked for by that ticket has ended, with 0 or
	 * -errno; see reservation.h.
	 */
	void (*reserved)(struct monitor_front *f, const struct volume *v,
			 uint64_t ticket, int result);
	/* Optional. What was kept of its registration: the key as
	 * reservation_key has it, another word if there was none; NULL: nothing
	 * is known. */
	const char *(*kept_registered)(struct monitor_front *f,
				       const char *volume);
	/*
	 * Optional. The device of a path of a volume that was found says that
	 * it is another LUN: it takes no I/O, and is the front's to take out.
	 */
	void (*other_lun)(struct monitor_front *f, const struct path *p);
};

struct monitor_params {
	unsigned int nr_lanes;
	struct engine *engine; /* for checkers */
	const struct device_ops *devices; /* NULL: the kernel's */
	struct monitor_front *front;
	const struct selector_ops *const *selectors;
	const struct checker_ops *const *checkers;
	const struct prioritizer_ops *const *prioritizers;
	const struct handler_ops *const *handlers;
	/* For what blocks; its mail goes to monitor_mailbox(). NULL: threads of
	 * the monitor's own. */
	struct pool *pool;
	/*
	 * Fills in what a device says of itself. On the thread that has opened
	 * it; reads attributes, and may send commands: may block. NULL: nothing
	 * is known.
	 */
	void (*identify)(const struct device *d, struct path_facts *ret);
	/* As device_state(), see checker.h. NULL: nothing is known. */
	enum check_state (*device_state)(const struct device *d, char *message,
					 size_t size);
	/* As transport_set(), see transport.h. NULL: the kernel's timers stay
	 * as they are. */
	void (*set_transport)(const struct device *d,
			      const struct transport_timers *t,
			      struct transport_report *ret);
	/* As disk_delete(), see purge.h. NULL: no disk is deleted. */
	int (*disk_delete)(const struct device *d, struct errmsg *e);
	/* As device_reserve(), see reserver.h. NULL: no reservations. */
	enum reserve_verdict (*reserve)(struct reserve_request *r);
	/* Where the file of keys is; NULL: there is none. */
	const char *state_dir;
	/* As device_wwid(), see identity.h. NULL: who is back is not asked. */
	int (*device_wwid)(const struct device *d, char *buf, size_t size,
			   struct errmsg *e);
	const struct config_registry *registry;
	/* lanes look a volume up here by id; [max_volumes], NULL: none */
	_Atomic(struct volume *) *table;
	uint32_t max_volumes;
	bool read_only; /* open devices for reading only (--list) */
};

int monitor_new(const struct monitor_params *p, struct monitor **ret);
/*
 * At the end, when the lanes have ended: is nothing under way any more, no
 * check, no device being opened or closed? Begins nothing new. False for as
 * long as a device hangs.
 */
bool monitor_quiet(struct monitor *m);
/* Commands to devices, of checkers and others, that have missed their time and
 * not come back. */
unsigned int monitor_late_probes(const struct monitor *m);
/* monitor_quiet() has said yes. */
void monitor_free(struct monitor *m);
struct monitor_front *monitor_front_of(struct monitor *m);
/* Where lanes report; the owner that its mail is delivered to is m. */
struct mailbox *monitor_mailbox(struct monitor *m);

/*
 * Makes the volumes be what c says, as a transaction: on failure (-errno, the
 * reason in e) nothing has changed. strict: a device that cannot be opened is
 * an error unless its path is there already (a reconfiguration, a first
 * start); else it becomes a failed path (a worker started again). The monitor
 * keeps c's texts by value; c may be freed afterwards.
 */
int monitor_apply(struct monitor *m, const struct config *c, bool strict,
		  uint64_t now, struct errmsg *e) MUST_CHECK;

/*
 * The same, only told: what monitor_apply() would refuse, or an event
 * `difference` for each volume, path and setting that would be another.
 */
int monitor_compare(struct monitor *m, const struct config *c, uint64_t now,
		    struct errmsg *e) MUST_CHECK;
/* And for each option that only the daemon has, where is says another thing. */
void monitor_compare_daemon(struct monitor *m, const struct config *was,
			    const struct config *is);
/* One that has no path goes, whether its files are open or not. */
void monitor_drop_volume(struct monitor *m, struct volume *v,
			 const char *cause, uint64_t now);

/*
 * Does what is due at now: mail, checks, timers. Returns when it must be called
 * again at the latest (ns).
 */
uint64_t monitor_run(struct monitor *m, uint64_t now);

/* The volumes, by index 0.. in the order of names; NULL past the end. */
struct volume *monitor_volume(struct monitor *m, unsigned int index);
struct volume *monitor_volume_by_name(struct monitor *m, const char *name);
struct volume *monitor_volume_by_key(struct monitor *m, const char *key);
struct volume *monitor_volume_by_id(struct monitor *m, uint32_t id);

/* Operator's words. 0 or -errno with the reason in e; done when they return. */
int monitor_path_state(struct monitor *m, struct path *p, const char *word,
		       uint64_t now, struct errmsg *e);
int monitor_path_check(struct monitor *m, struct path *p, uint64_t now,
		       struct errmsg *e);
int monitor_group_state(struct monitor *m, struct volume *v,
			struct group *g, const char *word, uint64_t now,
			struct errmsg *e);
/* Until path_selector is written, as long as its paths stay together. text: a
 * selector, or "default": the volume's. */
int monitor_group_selector(struct monitor *m, struct volume *v,
			   struct group *g, const char *text, uint64_t now,
			   struct errmsg *e);
/* text: as the option's file takes it, or "default": back to the file's. */
int monitor_set(struct monitor *m, struct volume *v, enum opt o,
		const char *text, uint64_t now, struct errmsg *e);
/* switch-group N | fail-if-no-path | queue-if-no-path | reset-stats | resize.
 */
int monitor_volume_control(struct monitor *m, struct volume *v,
			   const char *words, uint64_t now, struct errmsg *e);
/* The mount goes away: nothing queues any more. */
void monitor_stop_queueing(struct monitor *m, uint64_t now);
/* "active" | "enabled" | "disabled" of a group, as shown. */
const char *monitor_group_state_text(const struct volume *v,
				     const struct group *g);

#endif
