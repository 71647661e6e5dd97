/* SPDX-License-Identifier: MIT */
/*
 * The activation of a volume's current group (census 1.3), as a machine that
 * knows no clock, no I/O and no locks: what happened goes in, what is to be
 * done comes out. core/rounds.c carries it out.
 *
 * A round activates every usable path of the group, and there is one round at a
 * time. It ends when the last of its activations has. An answer that asks for
 * another try makes the whole round run again, as often as pg_init_retries
 * allows, however many paths ask.
 */
#ifndef MPATHFS_CORE_ACTIVATION_H
#define MPATHFS_CORE_ACTIVATION_H

#include "core/base.h"
#include "core/handler.h"

struct path;

/* All of it is private to activation.c; who else looks only reads. */
struct activation {
	bool required; /* PG_INIT_REQUIRED: a round is to begin */
	bool queue_io; /* QUEUE_IO: I/O waits until a round has ended */
	bool delay;    /* PG_INIT_DELAY_RETRY: the next round waits before */
	bool disabled; /* PG_INIT_DISABLED: no round, no other try */
	unsigned int in_progress; /* activations that have not ended */
	unsigned int count;	  /* rounds since the group was chosen */
	const struct path *lead;  /* current_pgpath: of the choice; or NULL */
	/* 1 << enum activation_row: taken since somebody cleared it; for the
	 * simulator's coverage. */
	uint64_t reached;
};

enum activation_event {
	/* Another group is current, or the same one is anew: handler (has it
	 * one that activates?), bypassed, path (its first usable one). */
	ACTIVATION_CHOSEN,
	ACTIVATION_NONE, /* no path is usable: no group is current */
	/* A round shall begin, with so many paths; path: the first of them, or
	 * NULL: as it was chosen. */
	ACTIVATION_BEGIN,
	/* A path has joined the current group, which is ready: that one only.
	 */
	ACTIVATION_JOIN,
	ACTIVATION_PATH_FAILED, /* path, whatever the reason */
	ACTIVATION_ENDED,   /* one activation: result, path, handler, retries */
	ACTIVATION_DROPPED, /* one that was to be, and will not */
	ACTIVATION_DISABLE,
};

struct activation_input {
	enum activation_event event;
	enum activate_result result;
	const struct path *path;
	unsigned int paths;
	unsigned int retries; /* pg_init_retries */
	bool handler;
	bool bypassed;
};

/* What is to be done, in this order. */
enum activation_todo {
	ACTIVATION_FAIL_PATH = 1, /* the one whose activation has ended */
	ACTIVATION_BYPASS = 2,	  /* its group; if current, choose anew */
	ACTIVATION_UNBYPASS = 4,  /* its group */
	ACTIVATION_DROP = 8,	  /* no group is current: choose anew */
	/* Activate those paths; after pg_init_delay_msecs, if `delay` is set.
	 */
	ACTIVATION_START = 16,
};

/* The rows of the table of transitions. */
enum activation_row {
	AROW_CHOSEN_PLAIN,
	AROW_CHOSEN_BYPASSED,
	AROW_CHOSEN,
	AROW_NONE,
	AROW_BEGIN_DISABLED,
	AROW_BEGIN_BUSY,
	AROW_BEGIN_NOT_REQUIRED,
	AROW_BEGIN_EMPTY,
	AROW_BEGIN,
	AROW_JOIN_DISABLED,
	AROW_JOIN_LATER,
	AROW_JOIN,
	AROW_LEAD_FAILED,
	AROW_OTHER_FAILED,
	AROW_DISABLE,
	AROW_OK,
	AROW_NOSYS_NO_HANDLER,
	AROW_NOSYS,
	AROW_TEMP_BUSY,
	AROW_RETRY,
	AROW_RETRY_SPENT,
	AROW_IMM_RETRY,
	AROW_IMM_RETRY_SPENT,
	AROW_UNAVAIL,
	AROW_UNAVAIL_SPENT,
	AROW_OFFLINED,
	AROW_IO,
	AROW_LEAD_LOST,
	AROW_ERROR,
	AROW_TRY_FOLLOWS,
	AROW_WELL,
	AROW_OTHERS_RUN,
	AROW_END,
	AROW_END_OTHER,
	AROW_AGAIN_DELAYED,
	AROW_AGAIN,
	AROW_COUNT
};

/* Makes the transition; a set of enum activation_todo. */
unsigned int activation_step(struct activation *a,
			     const struct activation_input *in);

/* Must I/O wait? */
static inline bool activation_holds(const struct activation *a)
{
	return a->queue_io || a->required;
}

/* For coverage: "begin, disabled", ... */
const char *activation_row_name(enum activation_row row);

#endif
