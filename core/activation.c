// SPDX-License-Identifier: MIT
/*
 * The table of transitions of an activation, and the step that takes them; see
 * activation.h.
 *
 * An event passes through one or more stages. In each the first row whose
 * condition holds is taken: it changes the state and adds to what is to be
 * done. A row says of an answer whether it leaves an error; the stage after it
 * looks at that.
 *
 * As dm does it, but for this: each choice of a group sets or clears `delay`.
 * dm's flag outlives the choice of a bypassed group, so that a good one waits
 * for nothing; and it is lost when a round of another group ends in between.
 */
#include "core/activation.h"

enum { MAX_RETRIES = 50 };

enum stage {
	STAGE_CHOSEN,
	STAGE_NONE,
	STAGE_BEGIN,
	STAGE_JOIN,
	STAGE_FAILED,
	STAGE_DISABLE,
	STAGE_RESULT, /* what the answer means */
	STAGE_GROUP,  /* what that means for the group */
	STAGE_COUNT,  /* was it the last of its round? */
	STAGE_END,    /* of the list of stages */
};

/* Private, beside enum activation_todo: the answer leaves an error. */
enum { LEAVES_ERROR = 1 << 30 };

/* How far one event has come. */
struct step {
	struct activation *a;
	const struct activation_input *in;
	unsigned int todo;
};

struct row {
	enum stage stage;
	const char *name;
	int result;			    /* enum activate_result, ANY */
	bool (*when)(const struct step *s); /* NULL: always */
	void (*act)(struct step *s);	    /* NULL: the state stays */
	unsigned int todo;
};

enum { ANY = -1 };

/* Conditions */

static bool has_no_handler(const struct step *s)
{
	return !s->in->handler;
}

static bool is_bypassed(const struct step *s)
{
	return s->in->bypassed;
}

static bool is_disabled(const struct step *s)
{
	return s->a->disabled;
}

static bool in_progress(const struct step *s)
{
	return s->a->in_progress > 0;
}

static bool is_required(const struct step *s)
{
	return s->a->required;
}

static bool not_required(const struct step *s)
{
	return !s->a->required;
}

static bool no_paths(const struct step *s)
{
	return s->in->paths == 0;
}

static bool is_lead(const struct step *s)
{
	return s->in->path == s->a->lead;
}

/* <=, and the count is 1 during the first round: 0 retries, no other try. */
static bool may_retry(const struct step *s)
{
	return s->a->count <= s->in->retries && !s->a->disabled;
}

static bool lead_in_error(const struct step *s)
{
	return (s->todo & LEAVES_ERROR) && is_lead(s);
}

static bool in_error(const struct step *s)
{
	return s->todo & LEAVES_ERROR;
}

static bool others_run(const struct step *s)
{
	return s->a->in_progress > 1;
}

/* While the round ran, and by its answers or an operator's word. */
static bool newly_chosen(const struct step *s)
{
	return s->a->count == 0;
}

/* Only the last answer of a round decides whether the next one waits. */
static bool asks_for_delay(const struct step *s)
{
	return s->in->event == ACTIVATION_ENDED &&
	       s->in->result == ACTIVATE_RETRY;
}

/* Changes of state */

static void choose(struct step *s)
{
	struct activation *a = s->a;

	a->required = a->queue_io = s->in->handler;
	a->delay = s->in->handler && s->in->bypassed;
	a->count = 0;
	a->lead = s->in->path;
}

static void choose_none(struct step *s)
{
	s->a->required = s->a->queue_io = s->a->delay = false;
	s->a->lead = NULL;
}

static void begin(struct step *s)
{
	s->a->count++;
	s->a->required = false;
	s->a->in_progress = s->in->paths;
	if (s->in->path) /* the one of the choice may be out of use by now */
		s->a->lead = s->in->path;
	if (!s->in->paths)
		s->a->queue_io = false;
}

static void join(struct step *s)
{
	s->a->in_progress++;
}

static void forget_lead(struct step *s)
{
	s->a->lead = NULL;
}

static void disable(struct step *s)
{
	s->a->disabled = true;
}

static void require(struct step *s)
{
	s->a->required = true;
}

static void one_less(struct step *s)
{
	assert(s->a->in_progress > 0);
	s->a->in_progress--;
}

static void again_delayed(struct step *s)
{
	one_less(s);
	s->a->delay = true;
}

static void again_now(struct step *s)
{
	one_less(s);
	s->a->delay = false;
}

static void end(struct step *s)
{
	one_less(s);
	s->a->queue_io = false;
}

#define FAIL (LEAVES_ERROR | ACTIVATION_FAIL_PATH)
#define BUSY (LEAVES_ERROR | ACTIVATION_BYPASS)

/* In each stage the first that fits is taken. */
static const struct row rows[AROW_COUNT] = {
	[AROW_CHOSEN_PLAIN] = {STAGE_CHOSEN, "chosen, no handler", ANY,
			       has_no_handler, choose, 0},
	[AROW_CHOSEN_BYPASSED] = {STAGE_CHOSEN, "chosen, bypassed", ANY,
				  is_bypassed, choose, 0},
	[AROW_CHOSEN] = {STAGE_CHOSEN, "chosen", ANY, NULL, choose, 0},

	[AROW_NONE] = {STAGE_NONE, "none", ANY, NULL, choose_none, 0},

	[AROW_BEGIN_DISABLED] = {STAGE_BEGIN, "begin, disabled", ANY,
				 is_disabled, NULL, 0},
	[AROW_BEGIN_BUSY] = {STAGE_BEGIN, "begin, one runs", ANY, in_progress,
			     NULL, 0},
	[AROW_BEGIN_NOT_REQUIRED] = {STAGE_BEGIN, "begin, not required", ANY,
				     not_required, NULL, 0},
	[AROW_BEGIN_EMPTY] = {STAGE_BEGIN, "begin, no path", ANY, no_paths,
			      begin, 0},
	[AROW_BEGIN] = {STAGE_BEGIN, "begin", ANY, NULL, begin,
			ACTIVATION_START},

	[AROW_JOIN_DISABLED] = {STAGE_JOIN, "join, disabled", ANY, is_disabled,
				NULL, 0},
	[AROW_JOIN_LATER] = {STAGE_JOIN, "join, a round will come", ANY,
			     is_required, NULL, 0},
	[AROW_JOIN] = {STAGE_JOIN, "join", ANY, NULL, join, ACTIVATION_START},

	[AROW_LEAD_FAILED] = {STAGE_FAILED, "path failed, the lead", ANY,
			      is_lead, forget_lead, 0},
	[AROW_OTHER_FAILED] = {STAGE_FAILED, "path failed, another", ANY, NULL,
			       NULL, 0},

	[AROW_DISABLE] = {STAGE_DISABLE, "disable", ANY, NULL, disable, 0},

	[AROW_OK] = {STAGE_RESULT, "ok", ACTIVATE_OK, NULL, NULL, 0},
	[AROW_NOSYS_NO_HANDLER] = {STAGE_RESULT, "nosys, no handler",
				   ACTIVATE_NOSYS, has_no_handler, NULL, 0},
	[AROW_NOSYS] = {STAGE_RESULT, "nosys", ACTIVATE_NOSYS, NULL, NULL,
			FAIL},
	[AROW_TEMP_BUSY] = {STAGE_RESULT, "busy", ACTIVATE_TEMP_BUSY, NULL,
			    NULL, BUSY},
	[AROW_RETRY] = {STAGE_RESULT, "retry", ACTIVATE_RETRY, may_retry,
			require, 0},
	[AROW_RETRY_SPENT] = {STAGE_RESULT, "retry, spent", ACTIVATE_RETRY,
			      NULL, NULL, ACTIVATION_FAIL_PATH},
	[AROW_IMM_RETRY] = {STAGE_RESULT, "retry at once", ACTIVATE_IMM_RETRY,
			    may_retry, require, 0},
	[AROW_IMM_RETRY_SPENT] = {STAGE_RESULT, "retry at once, spent",
				  ACTIVATE_IMM_RETRY, NULL, NULL,
				  ACTIVATION_FAIL_PATH},
	[AROW_UNAVAIL] = {STAGE_RESULT, "unavailable",
			  ACTIVATE_RES_TEMP_UNAVAIL, may_retry, require, 0},
	[AROW_UNAVAIL_SPENT] = {STAGE_RESULT, "unavailable, spent",
				ACTIVATE_RES_TEMP_UNAVAIL, NULL, NULL,
				ACTIVATION_FAIL_PATH},
	[AROW_OFFLINED] = {STAGE_RESULT, "offline", ACTIVATE_OFFLINED, NULL,
			   NULL, FAIL},
	[AROW_IO] = {STAGE_RESULT, "failed", ACTIVATE_IO, NULL, NULL, FAIL},

	[AROW_LEAD_LOST] = {STAGE_GROUP, "error, of the lead", ANY,
			    lead_in_error, forget_lead, ACTIVATION_DROP},
	[AROW_ERROR] = {STAGE_GROUP, "error, of another", ANY, in_error, NULL,
			0},
	[AROW_TRY_FOLLOWS] = {STAGE_GROUP, "no error, a round follows", ANY,
			      is_required, NULL, 0},
	[AROW_WELL] = {STAGE_GROUP, "no error", ANY, NULL, NULL,
		       ACTIVATION_UNBYPASS},

	[AROW_OTHERS_RUN] = {STAGE_COUNT, "others run", ANY, others_run,
			     one_less, 0},
	[AROW_END] = {STAGE_COUNT, "end", ANY, not_required, end, 0},
	[AROW_END_OTHER] = {STAGE_COUNT, "end, another group is chosen", ANY,
			    newly_chosen, one_less, 0},
	[AROW_AGAIN_DELAYED] = {STAGE_COUNT, "end, again, delayed", ANY,
				asks_for_delay, again_delayed, 0},
	[AROW_AGAIN] = {STAGE_COUNT, "end, again", ANY, NULL, again_now, 0},
};

static const enum stage stages[][4] = {
	[ACTIVATION_CHOSEN] = {STAGE_CHOSEN, STAGE_END},
	[ACTIVATION_NONE] = {STAGE_NONE, STAGE_END},
	[ACTIVATION_BEGIN] = {STAGE_BEGIN, STAGE_END},
	[ACTIVATION_JOIN] = {STAGE_JOIN, STAGE_END},
	[ACTIVATION_PATH_FAILED] = {STAGE_FAILED, STAGE_END},
	[ACTIVATION_ENDED] = {STAGE_RESULT, STAGE_GROUP, STAGE_COUNT,
			      STAGE_END},
	[ACTIVATION_DROPPED] = {STAGE_COUNT, STAGE_END},
	[ACTIVATION_DISABLE] = {STAGE_DISABLE, STAGE_END},
};

static bool fits(const struct row *r, enum stage stage, const struct step *s)
{
	return r->stage == stage &&
	       (r->result == ANY || r->result == (int)s->in->result) &&
	       (!r->when || r->when(s));
}

static void take(struct step *s, enum stage stage)
{
	int i = 0;

	while (i < AROW_COUNT && !fits(&rows[i], stage, s))
		i++;
	assert(i < AROW_COUNT);
	s->a->reached |= 1ULL << i;
	s->todo |= rows[i].todo;
	if (rows[i].act)
		rows[i].act(s);
}

static void check_invariants(const struct activation *a)
{
	/* I/O waits for something that runs or is to begin. */
	assert(!a->queue_io || a->required || a->in_progress);
	/* pg_init_retries bounds the rounds. */
	assert(a->count <= MAX_RETRIES + 1);
	(void)a;
}

unsigned int activation_step(struct activation *a,
			     const struct activation_input *in)
{
	struct step s = {.a = a, .in = in};
	const enum stage *stage = stages[in->event];

	while (*stage != STAGE_END)
		take(&s, *stage++);
	check_invariants(a);
	return s.todo & ~(unsigned int)LEAVES_ERROR;
}

const char *activation_row_name(enum activation_row row)
{
	return rows[row].name;
}
