/* SPDX-License-Identifier: MIT */
/*
 * The simulator: the real core on a clock, an I/O engine and devices that are
 * ours, in one thread. A run is a function of a setup and a plan (plan.h),
 * both made from one seed or read from a script: the same seed, the same run,
 * to the last event. See README.md.
 *
 * What the parts know of each other. Files: run.c (clock, turns of the lanes
 * and the monitor), engine.c (attempts and what becomes of them), device.c
 * (paths' devices and faults), lun.c (the medium and what a read may return),
 * front.c (requests and answers), admin.c (configuration, operator), rules.c
 * (invariants). The array is in array.h, the models of core's state machines in
 * models.h.
 */
#ifndef MPATHFS_TESTS_SIM_SIM_H
#define MPATHFS_TESTS_SIM_SIM_H

#include <urcu/list.h>
#include "core/device.h"
#include "core/engine.h"
#include "core/handler.h"
#include "core/lane.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "core/pool.h"
#include "tests/sim/plan.h"

#define NEVER UINT64_MAX
/* Words of the medium: a write stores its own number in each. */
#define WORD sizeof(uint64_t)
#define NO_APP UINT16_MAX /* the writer of what was there at the start */
#define SLOTS 96	  /* requests in core at once, on one lane */
#define SLOT_SIZE (SIM_MAX_LEN + REQUEST_SLACK)

struct sim;
struct sim_vol;
struct sim_path;
struct attempt;

/* An I/O of the plan as its application sees it. */
struct app {
	const struct item *it;
	struct volume *volume;
	struct sim_vol *sv;
	uint64_t inv, resp; /* when it was given to core, and answered */
	uint64_t first_path_error;
	uint64_t flush_need; /* landings that were acknowledged before it */
	uint64_t land_seq;   /* of the last landing of it */
	unsigned int attempts;
	unsigned int out; /* attempts of it that are at an engine */
	int errs[8];	  /* target errors that core was told of */
	unsigned int nerrs;
	bool submitted, answered, killed;
	bool retried_out;    /* a path error came after the time for retries */
	struct request *cur; /* the one that will answer */
	uint64_t landed[SIM_MAX_LEN / WORD / 64]; /* which words of it */
};

/* A request in core: an app's, or one that took another's place. */
struct slot {
	struct request r;
	struct app *app;
	char *buf;
	unsigned int out;
	bool live;
	struct slot *next; /* free */
};

struct sim_engine {
	struct engine base;
	struct sim *s;
	unsigned int lane; /* nlanes: the monitor's */
	struct attempt *batch, **batch_tail;
	struct attempt *ended, **ended_tail;
	unsigned int out;
};

enum attempt_state { AT_FREE, AT_BATCH, AT_QUEUE, AT_DEVICE, AT_ENDED };

/* One try of one io on one path. */
struct attempt {
	struct io *io;
	struct sim_engine *e;
	struct sim_path *sp;
	struct sim_dev *dev;
	struct app *app;   /* NULL: a checker's */
	struct slot *slot; /* likewise */
	struct attempt *next;
	struct cds_list_head link; /* of its path */
	uint64_t begun, done_at;
	int64_t res;
	uint64_t land_len;
	uint64_t number; /* of the app's attempts, or of the path's */
	uint32_t gen;	 /* events of an older one are void */
	uint8_t state;
	bool landed;
};

struct sim_dev {
	struct device d;
	struct sim_path *sp;
	unsigned int out;
	bool dead;	/* its disk is gone or another's now */
	bool condemned; /* core has been told so */
};

struct fault {
	uint64_t until; /* 0: none */
	int err;
	unsigned int pct;
	bool spare; /* not of checkers' reads */
};

/* When a path was checked, as the checkers saw it; see checks.c. */
struct check_model {
	bool running;
	bool by_read; /* its end is that of a read, whose io is in priv */
	const void *priv;
	bool read_well; /* a real read succeeded since the path failed on I/O */
	enum check_state last;
	uint64_t begun, timeout;
	uint64_t due;  /* ns: begun anew by then, at the latest; NEVER */
	uint64_t seen; /* the number at the last look */
	uint64_t number;
	unsigned int orphans; /* checks of former ones that are still out */
	uint64_t failed_at;   /* ns: the path, last */
	uint64_t late;	      /* answers of its prioritizer, until then */
};

/* Is the path held out though it is good? See doubt.c. */
struct doubt_model {
	bool out;	  /* by san_path_err or marginal_path, not in groups */
	bool last_resort; /* in groups of marginal paths */
	bool shaky;	  /* san_path_err, else marginal_path or by hand */
	bool changed;	  /* a setting was, since then */
	bool was_bad;
	unsigned int flaps; /* times it was good after it had been bad */
	uint64_t since;	    /* ns: out, or last, since then */
	uint64_t bad;	    /* ns: last */
	uint64_t failed[8]; /* ns: of its failures, in a ring */
	unsigned int nfailed;
	uint64_t reads; /* of samples, since then */
};

/* What is known of a path's activations; see activation.c. */
struct activation_model {
	bool pending;	  /* of the round that runs, and has not answered */
	unsigned int out; /* on the pool */
	uint64_t begun;	  /* 0: it waits for its turn */
	uint64_t answered_at;
	enum activate_result last;
};

struct sim_path {
	const char *name;
	char dev_path[64];
	struct sim_vol *sv;
	const struct path_setup *setup;
	unsigned int index;
	int priority;
	unsigned int nopen;
	struct fault fault[FAULT_KINDS];
	uint64_t serial;	  /* attempts ever */
	struct cds_list_head out; /* attempts */
	/* what core must know, as we know it */
	bool down;	     /* a path error was delivered, or it was failed */
	bool offline;	     /* by the operator */
	bool stranger;	     /* another LUN: it has said so, or must be asked */
	unsigned int errors; /* path errors delivered since it came up */
	bool io_failed;	     /* one of them took it out */
	uint64_t io_failed_at;
	uint64_t up_at; /* when it last came up */
	struct check_model check;
	struct activation_model act;
	struct doubt_model doubt;
	/* what the scripted parts say */
	int weight;
	uint64_t prios; /* what the prioritizers said of it, bit by bit */
	uint64_t activations, queries;
	uint64_t weighed_at; /* ns: the last query */
};

struct landing {
	uint64_t at, off, len;
	uint16_t app;
	bool zero;
};

/* Our own idea of no_path_retry; see queueing.c. */
struct queue_model {
	bool on, lost;
	bool fresh; /* none has been up yet */
	int pin;
	int64_t rule; /* no_path_retry, as it is in force */
	uint64_t since, from,
		deadline; /* from 0: the countdown has not begun */
};

/* A target port group: `state` holds from then on. */
struct sim_access {
	enum access state;
	uint64_t from;
};

/* Counters of census 6.5, recounted; see stats.c. */
struct stats_model {
	uint64_t path_faults, switch_grp, switch_maybe, q_timeouts,
		map_failures;
	uint64_t q_time; /* ns */
	uint64_t since;	 /* of the last look */
	bool counts;	 /* time counts since then */
};

/* Which group is current, and why; see groups.c. */
struct group_model {
	const struct group *current; /* at the last look */
	const struct group *asked;   /* of the last switch-group */
	const struct group *follow;  /* failback has to go there in this turn */
	struct group **groups;	     /* at the last look */
	uint64_t first;		     /* serial of the first of them, then */
	bool lost;		     /* was without paths since then */
	bool priorities;	     /* have changed since then */
	bool worse;		     /* another is better */
	uint64_t worse_since;
	bool came_up;	       /* a path; nothing was decided since then */
	uint64_t armed;	       /* no timer can have begun before */
	unsigned int switches; /* events since then */
};

/* What was written for single groups; see selectors.c. */
struct own_selectors {
	struct own_selector {
		uint32_t paths; /* bits, of the group */
		char text[WORD_MAX];
	} of[SIM_PATHS];
	unsigned int n;
	uint64_t loads; /* map_loads at the last look */
};

struct sim_vol {
	const char *name;
	const struct vol_setup *setup;
	struct sim *s;
	unsigned int index;
	struct volume *v; /* NULL: not configured */
	uint32_t present; /* paths of the configuration */
	uint32_t known;	  /* those of them that core has */
	bool was_lost;	  /* at the last look: no path */
	bool was_open;	  /* since then */
	struct sim_path paths[SIM_PATHS];
	struct sim_access access[SIM_TPGS];
	struct queue_model q;
	uint64_t last_failure, last_up; /* of its paths, ns */
	struct group_model g;
	struct own_selectors own;
	struct stats_model stats;
	uint64_t ghost_until; /* ghost_delay of a new volume */
	bool ghost_over;
	unsigned int act_retries; /* pg_init_retries, at the last look */
	char features[128];	  /* these make it `retries` */
	unsigned int retries;
	unsigned int live;	  /* requests of it in core */
	uint64_t failing; /* when it last failed for want of a path; NEVER: now
			   */
	/* the LUN */
	uint64_t *word;
	uint16_t *by;
	struct landing *log;
	unsigned int nlog, log_size;
	uint64_t landings, acked, durable;
};

struct event_at {
	uint64_t at;
	uint64_t order; /* of equals, the first made comes first */
	struct attempt *a;
	uint32_t gen;
	bool lands; /* else: is done */
};

struct sim_job {
	struct job *job;
	uint64_t end;
};

struct sim_pool {
	struct pool base;
	struct sim *s;
	struct cds_list_head queue;
	struct sim_job run[128];
	unsigned int nrun;
	unsigned int busy; /* threads: without the late ones */
};

struct sim_lane {
	struct lane *lane;
	struct sim_engine engine;
	struct mailbox box;
	uint64_t wake;
	bool mail; /* it wakes for the mail it has */
	struct slot *slots, *free;
	uint16_t *backlog; /* apps that wait for a slot */
	unsigned int head, tail;
};

/* What the runs have reached, summed over seeds. */
struct coverage;

struct sim {
	struct plan *plan;
	const bool *masked; /* items that are left out; NULL: none */
	struct coverage *cov;
	/* time */
	uint64_t now;
	uint64_t rng;
	bool jitter;
	struct event_at *heap;
	unsigned int nheap, heap_size;
	uint64_t order;
	unsigned int still; /* things that have happened since time moved */
	uint64_t busy_ms;   /* the monitor's turns in this millisecond */
	unsigned int busy_turns;
	uint64_t fault_at; /* when the next fault is over */
	unsigned int next_item;
	/* core */
	struct monitor *m;
	struct monitor_front mfront;
	struct lane_front lfront;
	struct sim_engine mengine;
	struct sim_pool pool_sim;
	uint64_t mwake;
	bool mmail; /* the monitor wakes for the mail it has */
	_Atomic(struct volume *) table[SIM_VOLUMES];
	struct sim_lane lanes[SIM_LANES];
	struct mailbox *boxes[SIM_LANES];
	bool acting; /* an operator's word is being carried out */
	bool healed; /* the end: nothing goes wrong any more */
	/* the world */
	struct sim_vol vols[SIM_VOLUMES];
	struct app *apps; /* by item */
	struct attempt *pool, *free;
	uint16_t *killed; /* apps, not answered yet */
	unsigned int nkilled;
	unsigned int unanswered;
	unsigned int answers;
	/* the outcome */
	bool failed;
	char why[512];
	const char *kind; /* of failure: the text it was made of */
	bool logging;
	bool follow; /* each line goes to stdout at once */
	char *log;
	size_t log_len, log_size;
	uint64_t digest; /* of everything that was logged or would have been */
};

/* run.c */
struct sim *sim_new(void);
void sim_free(struct sim *s);
/*
 * Runs the plan, then lets everything heal and end. True: no rule was broken.
 * False: s->why; s cannot be used again, nor taken apart.
 */
bool sim_run(struct sim *s, struct plan *p, const bool *masked);
void sim_fail(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sim_log(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
uint64_t sim_hash(uint64_t a, uint64_t b, uint64_t c);
uint64_t sim_jitter(struct sim *s, uint64_t max);
void sim_at(struct sim *s, uint64_t at, struct attempt *a, bool lands);
void sim_wake_lane(struct sim *s, unsigned int lane, uint64_t after);
void sim_wake_monitor(struct sim *s, uint64_t after);

/* engine.c */
extern const struct engine_ops sim_engine_ops;
void engine_reset(struct sim_engine *e, struct sim *s, unsigned int lane);
void attempt_event(struct sim *s, const struct event_at *ev);
/* What came back is the LUN's own word, and says nothing of the path. */
bool answered_by_target(const struct attempt *a);
/* The path hangs from now on: so does what is on it. */
void engine_hang(struct sim *s, struct sim_path *sp);
/* What waited for the submitter's thread goes to the device. */
void engine_unqueue(struct sim *s, struct sim_path *sp);

/* device.c */
extern const struct device_ops sim_device_ops;
void device_use(struct sim *s); /* whose devices they are from now on */
void fault_begin(struct sim *s, struct sim_path *sp, const struct item *it);
void fault_end(struct sim *s, struct sim_path *sp, enum fault_kind k);
/* Ends what is over; returns when the next one is. */
uint64_t faults_run(struct sim *s);

/* cpu.c */
void cpu_use(unsigned int lane); /* that runs from now on */

/* lun.c */
bool lun_init(struct sim_vol *sv);
void lun_free(struct sim_vol *sv);
void lun_pattern(const struct app *a, char *buf, uint64_t off, uint64_t len);
void lun_land(struct sim *s, struct attempt *a);
void lun_check_write(struct sim *s, struct app *a);
void lun_check_read(struct sim *s, struct app *a, const char *data);

/* front.c */
void front_init(struct sim *s);
void front_submit(struct sim *s, struct app *a);
void front_kill(struct sim *s, struct app *a);
void front_pump(struct sim *s, unsigned int lane);
/* core is told the result of an attempt. */
void front_delivered(struct sim *s, struct attempt *a);

/* admin.c */
struct monitor_front;
void admin_init(struct sim *s);
bool admin_start(struct sim *s);
void admin_item(struct sim *s, const struct item *it);
/* No more faults, everything online, nothing fails for want of a path. */
void admin_heal(struct sim *s);
struct sim_vol *admin_volume(struct sim *s, const char *name);
struct sim_path *admin_path(struct sim_vol *sv, const char *name);
/* The volumes as core has them now. */
void admin_refresh(struct sim *s);

/* rules.c */
void rules_event(struct sim *s, const struct event *ev);
void rules_submit(struct sim *s, const struct attempt *a);
void rules_lane(struct sim *s, unsigned int lane);
void rules_monitor(struct sim *s);
void rules_end(struct sim *s);

#endif
