/* SPDX-License-Identifier: MIT */
/*
 * One operation on a LUN's persistent reservations, over all paths of a volume
 * (census 6.11), as a machine that knows no clock, no I/O and no locks: answers
 * go in, the next command and whom to ask come out. core/reservation.c carries
 * it out.
 *
 * Each path is a registrant of its own. So a registration is one on each path,
 * all or nothing; a reservation is held by one of them; and one that is down
 * may hold it while the others cannot give it back: then they take it from
 * there by preempting their own key, which ends the registrations of all the
 * others for a moment. I/O is held meanwhile.
 *
 * Whoever was preempted by another host must not be registered again behind its
 * back. So a path that comes up is registered only if another one still is, and
 * it is looked at afterwards whether that was so all the time: the generation
 * of the keys counts the changes. A path of which nobody knows whether it has
 * the key, as an answer was lost, leaves before it is asked again.
 */
#ifndef MPATHFS_CORE_RESERVE_H
#define MPATHFS_CORE_RESERVE_H

#include "core/base.h"
#include "core/reserver.h"

enum reserve_op {
	RESERVE_OP_LOOK, /* who is registered, who has reserved it */
	RESERVE_OP_REGISTER,
	RESERVE_OP_REGISTER_IGNORE,
	RESERVE_OP_RESERVE,
	RESERVE_OP_RELEASE,
	RESERVE_OP_PREEMPT,
	RESERVE_OP_PREEMPT_ABORT,
	RESERVE_OP_CLEAR,
	RESERVE_OP_ADOPT, /* is our key registered? Then on all paths */
	RESERVE_OP_JOIN,  /* the volume is registered: these paths as well */
	RESERVE_OP_LEAVE, /* it is no more: neither these, with key `other` */
};

/* A path. */
struct reserve_target {
	/* set by the caller, and in and stale, as they are */
	const char *name;
	bool busy; /* I/O of before is still out; may change at any time */
	/* to be sent the command, by the caller, who clears it */
	bool ask;
	/* what is known at the end */
	bool in;	/* registered with key_after */
	uint64_t stale; /* that key may be there, and must not; 0: none */
	char why[112];	/* what it did not do last, "" nothing */
	/* private to reserve.c */
	bool asked;    /* in this phase */
	bool waits;    /* its answer is awaited */
	bool set;      /* this operation has put the key there */
	bool conflict; /* when all were asked */
	enum reserve_verdict verdict;
};

enum reserve_next {
	RESERVE_ASK, /* send the command to those with `ask`; answers are out */
	RESERVE_HOLD, /* hold I/O until the end, and say when none is out */
	RESERVE_END,
};

/* What was read. */
struct reserve_seen {
	uint64_t *keys; /* freed by reserve_fini() */
	size_t nkeys;
	uint32_t generation;
	uint64_t holder;
	enum reserve_type type;
};

/* Where it stands. */
struct reserve_turn {
	unsigned int phase;
	unsigned int at; /* the one that is asked, of any */
	unsigned int nr[RESERVE_NO_ANSWER + 1]; /* answers, by verdict */
	enum reserve_verdict bad; /* the first that tells of the LUN */
	uint32_t generation;	  /* as it must be, once paths are registered */
	unsigned int joining;	  /* those that may have been, just now */
};

struct reserve {
	/* set by the caller */
	enum reserve_op op;
	uint64_t key;		/* the volume's; 0: it is not registered */
	uint64_t other;		/* to register, to preempt */
	enum reserve_type type; /* of RELEASE RESERVE_NONE: as it is */
	bool aptpl, all_tg_pt;
	bool away; /* the volume has paths that are not among the targets */
	struct reserve_target *target; /* [n], in the order to be asked in */
	unsigned int n;
	/* what is next */
	enum reserve_next next;
	struct reserve_command command;
	/* at the end */
	int error;	/* errno > 0; 0: done */
	bool lost;	/* another host has ended our registrations */
	bool no_answer; /* ...because none has come: it may at another time */
	uint64_t key_after; /* the volume's from now on */
	char message[160];  /* why not, for people */
	struct reserve_seen seen;
	struct reserve_turn turn; /* private to reserve.c */
};

/* All else is zero. */
void reserve_begin(struct reserve *r);
/*
 * What target i has answered; q NULL: nothing, for a reason that message says.
 * Takes what q has read.
 */
void reserve_answered(struct reserve *r, unsigned int i, enum reserve_verdict v,
		      struct reserve_request *q, const char *message);
/* After RESERVE_HOLD. False: I/O is still out, and was waited for too long. */
void reserve_held(struct reserve *r, bool well);
/* Frees what was read. */
void reserve_fini(struct reserve *r);

/* "register", ...: as the files are called. */
const char *reserve_op_text(enum reserve_op op);

#endif
