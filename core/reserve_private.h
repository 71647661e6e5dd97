/* SPDX-License-Identifier: MIT */
/* The table of an operation's phases (reserve_table.c), for reserve.c, which
 * runs it. */
#ifndef MPATHFS_CORE_RESERVE_PRIVATE_H
#define MPATHFS_CORE_RESERVE_PRIVATE_H

#include "core/reserve.h"

enum phase {
	/* READ KEYS, READ RESERVATION */
	LOOK_KEYS,
	LOOK_HOLDER,
	/* register, and its end */
	END_LOOK, /* before the last: is it a path that is down that holds it?
		   */
	REGISTER,
	REGISTER_LOOK, /* on none: do paths that are down have it? */
	INSIST,	    /* where another key was found */
	REGISTERED, /* nothing is sent */
	UNDO,
	OLD_LOOK, /* does a path that is down hold it, with the old key? */
	OLD_PREEMPT,
	/* reserve */
	RESERVE,
	RESERVED_BY,
	/* release */
	RELEASE_LOOK,
	RELEASE,
	RELEASE_LOOK_AGAIN,
	OWN_RELEASE,
	/* preempt our own key */
	OWN_HOLD,
	OWN_PREEMPT,
	/* preempt another's, clear */
	PREEMPT,
	PREEMPT_LOOK,
	CLEAR,
	CLEAR_LOOK,
	/* join */
	ADOPT,
	JOIN_ASK,
	JOIN_LOOK,
	JOIN,
	JOIN_LOOK_AGAIN,
	JOIN_UNDO,
	JOIN_LOOK_LAST,
	LEAVE,
	PHASES,
	DONE, /* no phase: the end */
	FAILED,
	LOST,
};

/* Whom a phase asks. */
enum whom {
	ALL,
	ANY,	    /* in turn, until one has done it */
	THE_SAME,   /* that has done the one before */
	CONFLICTED, /* those that answered so when all were asked */
	IDLE,	    /* of them, those without I/O of before */
	SET,	    /* on which this operation has put a key */
	NONE,	    /* nobody */
	HELD_BACK,  /* nobody: I/O is held */
};

struct row {
	bool (*when)(const struct reserve *r); /* NULL: always */
	void (*act)(struct reserve *r);	       /* NULL: nothing */
	enum phase to;
};

#define ROWS 6

struct phase_info {
	enum reserve_verb verb;
	enum whom whom;
	/* Of the command: from the operation's. */
	uint64_t (*key)(const struct reserve *r),
		(*other)(const struct reserve *r);
	void (*always)(struct reserve *r); /* before the rows */
	struct row row[ROWS];
};

extern const struct phase_info reserve_phases[PHASES];

#endif
