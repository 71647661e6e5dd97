// SPDX-License-Identifier: MIT
/*
 * Running an operation; see reserve.h.
 *
 * A phase sends one command: to each of some targets at once, or to one after
 * the other until one has done it. When all have answered, the first row of the
 * phase whose condition holds is taken.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/reserve_private.h"

static bool is_bad(enum reserve_verdict v)
{
	return v == RESERVE_UNSUPPORTED || v == RESERVE_REFUSED ||
	       v == RESERVE_NO_ROOM || v == RESERVE_FAILED;
}

static enum phase first_phase(const struct reserve *r)
{
	static const enum phase first[] = {
		[RESERVE_OP_LOOK] = LOOK_KEYS,
		[RESERVE_OP_REGISTER] = REGISTER,
		[RESERVE_OP_REGISTER_IGNORE] = REGISTER,
		[RESERVE_OP_RESERVE] = RESERVE,
		[RESERVE_OP_RELEASE] = RELEASE_LOOK,
		[RESERVE_OP_PREEMPT] = PREEMPT,
		[RESERVE_OP_PREEMPT_ABORT] = PREEMPT,
		[RESERVE_OP_CLEAR] = CLEAR,
		[RESERVE_OP_ADOPT] = ADOPT,
		[RESERVE_OP_JOIN] = JOIN_ASK,
		[RESERVE_OP_LEAVE] = LEAVE,
	};
	enum phase p = first[r->op];

	if (p == REGISTER && !r->other && r->key && r->away)
		return END_LOOK;
	/* 0: of all registrants, so of our own paths as well. */
	if (p == PREEMPT && (r->other == r->key || !r->other))
		return OWN_HOLD;
	return p;
}

static enum reserve_verb verb_of(const struct reserve *r, enum phase p)
{
	if (p == REGISTER && r->op == RESERVE_OP_REGISTER_IGNORE)
		return RESERVE_REGISTER_IGNORE;
	if ((p == PREEMPT || p == OWN_PREEMPT) &&
	    r->op == RESERVE_OP_PREEMPT_ABORT)
		return RESERVE_PREEMPT_ABORT;
	return reserve_phases[p].verb;
}

static void ask(struct reserve *r, unsigned int i)
{
	struct reserve_target *t = &r->target[i];

	r->turn.at = i;
	t->ask = t->asked = t->waits = true;
}

static bool is_asked(const struct reserve_target *t, enum whom whom)
{
	switch (whom) {
	case ALL:
		return true;
	case CONFLICTED:
		return t->conflict;
	case IDLE:
		return t->conflict && !t->busy;
	case SET:
		return t->set;
	default:
		return false;
	}
}

static void ask_whom(struct reserve *r, enum whom whom)
{
	if (whom == ANY && r->n)
		ask(r, 0);
	else if (whom == THE_SAME)
		ask(r, r->turn.at);
	for (unsigned int i = 0; i < r->n; i++)
		if (is_asked(&r->target[i], whom))
			ask(r, i);
}

static void end(struct reserve *r, enum phase how)
{
	assert(how == DONE || r->error || how == LOST);
	r->no_answer =
		r->error && !r->turn.bad && !r->turn.nr[RESERVE_CONFLICT];
	r->next = RESERVE_END;
	r->lost = how == LOST;
	if (!r->lost)
		return;
	r->key_after = 0;
	for (unsigned int i = 0; i < r->n; i++)
		r->target[i].in = false;
}

static void begin_phase(struct reserve *r, enum phase p)
{
	const struct phase_info *info;

	r->turn.phase = p;
	if (!r->error)
		r->message[0] = '\0';
	if (p > PHASES) {
		end(r, p);
		return;
	}
	info = &reserve_phases[p];
	memset(r->turn.nr, 0, sizeof(r->turn.nr));
	r->turn.bad = RESERVE_OK;
	r->next = info->whom == HELD_BACK ? RESERVE_HOLD : RESERVE_ASK;
	r->command = (struct reserve_command){
		.verb = verb_of(r, p),
		.type = r->type,
		.key = info->key(r),
		.other = info->other(r),
		.aptpl = r->aptpl,
		.all_tg_pt = r->all_tg_pt,
	};
	if (r->command.verb == RESERVE_REGISTER_IGNORE)
		r->command.key = 0;
	for (unsigned int i = 0; i < r->n; i++)
		r->target[i].asked = false;
	ask_whom(r, info->whom);
}

static bool any_waits(const struct reserve *r)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (r->target[i].waits)
			return true;
	return false;
}

/* One of the others, if it is not the LUN that says no. */
static bool ask_next(struct reserve *r)
{
	enum reserve_verdict v =
		r->n ? r->target[r->turn.at].verdict : RESERVE_OK;

	if (v == RESERVE_OK || (is_bad(v) && v != RESERVE_FAILED) ||
	    r->turn.at + 1 >= r->n)
		return false;
	ask(r, r->turn.at + 1);
	return true;
}

static void end_phase(struct reserve *r)
{
	const struct phase_info *info = &reserve_phases[r->turn.phase];
	const struct row *row = info->row;

	if (info->whom == ALL)
		for (unsigned int i = 0; i < r->n; i++)
			r->target[i].conflict =
				r->target[i].verdict == RESERVE_CONFLICT;
	if (info->always)
		info->always(r);
	while (row->when && !row->when(r))
		row++;
	assert(row < info->row + ROWS && row->to != LOOK_KEYS);
	if (row->act)
		row->act(r);
	begin_phase(r, row->to);
}

static void go_on(struct reserve *r)
{
	while (r->next == RESERVE_ASK && !any_waits(r)) {
		if (reserve_phases[r->turn.phase].whom == ANY && ask_next(r))
			return;
		end_phase(r);
	}
}

/* What cannot even begin. */
static void refuse(struct reserve *r, int error, const char *message)
{
	r->error = error;
	snprintf(r->message, sizeof(r->message), "%s", message);
	end(r, FAILED);
}

void reserve_begin(struct reserve *r)
{
	bool needs_key =
		r->op >= RESERVE_OP_RESERVE && r->op <= RESERVE_OP_JOIN;

	r->key_after = r->key;
	if (!r->n) {
		refuse(r, ENODEV, "no path can be asked");
	} else if (needs_key && !r->key) {
		refuse(r, EBADE, "the volume is not registered");
	} else {
		begin_phase(r, first_phase(r));
		go_on(r);
	}
}

static void take(struct reserve *r, struct reserve_request *q)
{
	struct reserve_seen *s = &r->seen;

	if (r->command.verb == RESERVE_READ_KEYS) {
		free(s->keys);
		s->keys = q->keys;
		s->nkeys = q->nkeys;
		s->generation = q->generation;
		q->keys = NULL;
	} else if (r->command.verb == RESERVE_READ_HOLDER) {
		s->holder = q->holder;
		s->type = q->type;
	}
}

void reserve_answered(struct reserve *r, unsigned int i, enum reserve_verdict v,
		      struct reserve_request *q, const char *message)
{
	struct reserve_target *t = &r->target[i];

	assert(t->waits && r->next == RESERVE_ASK);
	t->waits = t->ask = false;
	t->verdict = v;
	r->turn.nr[v]++;
	if (!r->turn.bad && is_bad(v)) {
		r->turn.bad = v;
		if (!r->error)
			r->message[0] = '\0'; /* it is the better one */
	}
	if (v && !reserve_verb_reads(r->command.verb))
		snprintf(t->why, sizeof(t->why), "%s: %.60s",
			 reserve_verb_text(r->command.verb), message);
	if (v && !r->error && !r->message[0])
		snprintf(r->message, sizeof(r->message), "%s: %s: %s", t->name,
			 reserve_verb_text(r->command.verb), message);
	if (v == RESERVE_OK && q)
		take(r, q);
	go_on(r);
}

void reserve_held(struct reserve *r, bool well)
{
	assert(r->next == RESERVE_HOLD);
	r->turn.nr[RESERVE_OK] = well;
	end_phase(r);
	go_on(r);
}

void reserve_fini(struct reserve *r)
{
	free(r->seen.keys);
	r->seen.keys = NULL;
}

const char *reserve_op_text(enum reserve_op op)
{
	static const char *const text[] = {
		[RESERVE_OP_LOOK] = "look",
		[RESERVE_OP_REGISTER] = "register",
		[RESERVE_OP_REGISTER_IGNORE] = "register-ignore",
		[RESERVE_OP_RESERVE] = "reserve",
		[RESERVE_OP_RELEASE] = "release",
		[RESERVE_OP_PREEMPT] = "preempt",
		[RESERVE_OP_PREEMPT_ABORT] = "preempt-abort",
		[RESERVE_OP_CLEAR] = "clear",
		[RESERVE_OP_ADOPT] = "adopt",
		[RESERVE_OP_JOIN] = "join",
		[RESERVE_OP_LEAVE] = "leave",
	};

	return text[op];
}
