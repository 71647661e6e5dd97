/* SPDX-License-Identifier: MIT */
/*
 * What a run is made of: a setup (lanes, volumes, paths, settings) and a list
 * of items, each an I/O, a kill, a fault or an operator's word at a time. Made
 * from a seed here, or from a script (script.h).
 */
#ifndef MPATHFS_TESTS_SIM_PLAN_H
#define MPATHFS_TESTS_SIM_PLAN_H

#include <stdio.h>
#include "core/base.h"
#include "core/config.h"
#include "core/engine.h"
#include "tests/sim/rng.h"

#define SIM_LANES 4
#define SIM_VOLUMES 4
#define SIM_PATHS 8
#define SIM_TPGS 4 /* target port groups of a LUN */
#define SIM_MAX_LEN 32768
#define ALL_PATHS UINT8_MAX
#define WORD_MAX 64

enum fault_kind {
	FAULT_ERROR,  /* a path error; a write may land all the same */
	FAULT_TARGET, /* the LUN's own error, on this path */
	FAULT_HANG,   /* nothing comes back before the end of it */
	FAULT_DELAY,  /* all takes 50 times as long */
	FAULT_SHORT,  /* part of what was asked for */
	FAULT_BUSY,   /* waits for the submitter's thread, unseen by a device */
	FAULT_GONE,   /* the device is not there any more */
	FAULT_SWAP,   /* it went and came back: the open one is dead */
	FAULT_RESIZE, /* it has another size */
	FAULT_CHECKER,	/* the scripted checkers answer err, a check_state */
	FAULT_ACTIVATE, /* the handler answers err, an activate_result */
	FAULT_STRANGER, /* another LUN is in its place, of the same size */
	FAULT_KINDS
};

enum item_kind {
	ITEM_IO,
	ITEM_KILL, /* of the I/O with the number arg */
	ITEM_FAULT,
	ITEM_PATH,    /* word: fail reinstate offline online check, ... */
	ITEM_GROUP,   /* group arg; word: active enabled disabled, or
			 "selector " and one, or "default" */
	ITEM_CONTROL, /* word */
	ITEM_SET,     /* opt = word */
	ITEM_CONFIG,  /* paths of the volume: bits of arg; none: no volume,
			 or a found one without paths */
	ITEM_ACCESS,  /* of target port group arg: word; after dur */
	ITEM_WEIGHT,  /* of the path: arg, for the prioritizers */
	ITEM_KINDS
};

struct item {
	uint64_t at;
	uint32_t id; /* the how-manieth that was made */
	uint8_t kind, vol, path, lane;
	enum io_op op;
	enum fault_kind fault;
	enum opt opt;
	bool dsync, spare;
	uint8_t pct;
	int err;
	uint32_t len;
	uint64_t off;
	uint64_t dur;
	uint64_t arg;
	char word[WORD_MAX];
};

/* What the array says of a path's target port group. */
enum access {
	ACCESS_OPTIMIZED,
	ACCESS_NONOPTIMIZED,
	ACCESS_STANDBY,	      /* I/O fails */
	ACCESS_UNAVAILABLE,   /* likewise */
	ACCESS_TRANSITIONING, /* likewise */
	ACCESS_STATES
};

struct path_setup {
	char name[16];
	int priority;
	int weight; /* what the scripted prioritizers say, at first */
	char serial[8], node[8];
	int tpg; /* below SIM_TPGS */
	bool implicit_only;
	uint32_t max_io;
	uint64_t latency;
	bool read_only;
};

struct vol_setup {
	char name[16];
	uint64_t size;
	uint32_t block;
	bool is_block;
	unsigned int npaths;
	uint32_t present;
	struct path_setup path[SIM_PATHS];
	enum access access[SIM_TPGS]; /* at first */
	bool exclusive; /* one port group can be optimized at a time */
	bool found;	/* not named by hand: it may be without paths */
	bool tells;	/* its disks have a WWID */
	char set[OPT_COUNT][WORD_MAX]; /* "": built in */
};

struct plan {
	uint64_t seed;
	bool exact; /* no jitter: a script */
	unsigned int nlanes, nvols;
	struct vol_setup vol[SIM_VOLUMES];
	struct item *item; /* by time */
	unsigned int nitems, size;
	uint64_t end;
};

/* plan.c */
void plan_random(struct plan *p, uint64_t seed);
/* Room for one more; its id is set. NULL: no memory. */
struct item *plan_add(struct plan *p, uint64_t at, enum item_kind kind);
/* By time; an item keeps its id. */
void plan_sort(struct plan *p);
void plan_clear(struct plan *p);
/* The census' list once more, not core's: does err leave the path alone? */
bool target_error(int err);

/* settings.c */
/* What a volume begins with. */
void settings_random(struct rng *r, struct vol_setup *v);
/* An operator's "set OPTION VALUE". */
void settings_item(struct rng *r, struct item *it);
/* A selector's name. */
const char *settings_selector(struct rng *r);
/* May a marginal path be sampled? That takes minutes. */
bool settings_slow(const struct vol_setup *v);

/* show.c */
/* What is not masked, for people. */
void plan_print(const struct plan *p, const bool *masked, FILE *f);
void plan_item_text(const struct plan *p, const struct item *it, char *buf,
		    size_t size);
const char *fault_name(enum fault_kind k);
const char *access_name(enum access a);
/* What stands after the fault's name, "" where there is nothing. */
const char *fault_argument(enum fault_kind k, int err);
const char *io_op_name(enum io_op op);

#endif
