// SPDX-License-Identifier: MIT
/*
 * The phases of an operation: what each asks whom, what follows from the
 * answers; see reserve.h. Pure: the conditions look, the changes change nothing
 * but the struct reserve.
 */
#include "core/reserve_private.h"

#include <errno.h>
#include <stdio.h>

static size_t count_key(const struct reserve *r, uint64_t key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->seen.nkeys; i++)
		n += r->seen.keys[i] == key;
	return n;
}

/* Conditions, of what the phase's answers were */

static bool any_ok(const struct reserve *r)
{
	return r->turn.nr[RESERVE_OK] > 0;
}

static bool none_ok(const struct reserve *r)
{
	return r->turn.nr[RESERVE_OK] == 0;
}

static bool any_bad(const struct reserve *r)
{
	return r->turn.bad != RESERVE_OK;
}

static bool any_conflict(const struct reserve *r)
{
	return r->turn.nr[RESERVE_CONFLICT] > 0;
}

static bool is_end(const struct reserve *r)
{
	return r->other == 0;
}

/* On no path that was asked is our key what we believe it to be. */
static bool all_conflict(const struct reserve *r)
{
	return r->key && any_conflict(r) && none_ok(r) && !any_bad(r) &&
	       !r->turn.nr[RESERVE_NO_ANSWER];
}

/* Nobody has our key any more: as well. */
static bool ended_already(const struct reserve *r)
{
	return is_end(r) && none_ok(r) && any_conflict(r) && !any_bad(r);
}

static bool conflict_or_bad(const struct reserve *r)
{
	return any_conflict(r) || any_bad(r);
}

static bool conflict_to_insist(const struct reserve *r)
{
	return any_conflict(r) && !is_end(r);
}

/* A path without an answer may have the old key as well. */
static bool old_may_hold(const struct reserve *r)
{
	bool all = !r->away;

	for (unsigned int i = 0; i < r->n; i++)
		all &= r->target[i].set;
	return r->key && r->other && r->key != r->other && !all;
}

static bool is_ours(const struct reserve *r)
{
	return any_ok(r) && r->seen.type && r->seen.holder == r->key &&
	       !reserve_type_is_shared(r->seen.type);
}

static bool held_as_wanted(const struct reserve *r)
{
	return is_ours(r) && r->seen.type == r->type;
}

static bool is_not_ours(const struct reserve *r)
{
	return any_ok(r) && !is_ours(r) &&
	       !(reserve_type_is_shared(r->seen.type));
}

static bool is_of_another_type(const struct reserve *r)
{
	return r->type && r->seen.type != r->type;
}

static bool releases(const struct reserve *r)
{
	return r->op == RESERVE_OP_RELEASE;
}

static bool registers(const struct reserve *r)
{
	return r->op == RESERVE_OP_REGISTER ||
	       r->op == RESERVE_OP_REGISTER_IGNORE;
}

/* It may be done, by one that has not answered. */
static bool any_unanswered(const struct reserve *r)
{
	return r->turn.nr[RESERVE_NO_ANSWER] > 0;
}

/* Done, for all we know, by the one that has not answered? */
static bool done_unanswered(const struct reserve *r)
{
	return any_unanswered(r) && any_conflict(r);
}

static bool is_preempted(const struct reserve *r)
{
	return any_ok(r) && !count_key(r, r->other) && count_key(r, r->key);
}

/* It may wait still for what it aborts. */
static bool preempted_only(const struct reserve *r)
{
	return r->op == RESERVE_OP_PREEMPT_ABORT && is_preempted(r);
}

static bool is_cleared(const struct reserve *r)
{
	return any_ok(r) && !r->seen.nkeys;
}

static bool is_there(const struct reserve *r)
{
	return any_ok(r) && count_key(r, r->key);
}

static bool is_gone(const struct reserve *r)
{
	return any_ok(r) && !count_key(r, r->key);
}

/*
 * Nobody else has changed anything since; or there are more than those that may
 * have been registered just now, who would be the only ones after a preemption.
 */
static bool joined_well(const struct reserve *r)
{
	return any_ok(r) && (r->seen.generation == r->turn.generation ||
			     count_key(r, r->key) > r->turn.joining);
}

/* Changes */

/* Without an answer nobody knows; what was not registered before, and may be
 * now, is not to stay unseen. */
static void note_set(struct reserve *r)
{
	bool fresh = r->turn.phase == JOIN || !r->key;

	for (unsigned int i = 0; i < r->n; i++) {
		struct reserve_target *t = &r->target[i];

		if (!t->asked)
			continue;
		if (t->verdict == RESERVE_OK) {
			t->in = t->set = true;
		} else if (t->verdict == RESERVE_NO_ANSWER) {
			t->in = false;
			if (fresh && r->command.other)
				t->stale = r->command.other;
		}
	}
}

static void note_in(struct reserve *r)
{
	for (unsigned int i = 0; i < r->n; i++)
		r->target[i].in = r->target[i].verdict == RESERVE_OK;
}

static void note_none_in(struct reserve *r)
{
	for (unsigned int i = 0; i < r->n; i++)
		r->target[i].in = false;
}

static void note_end(struct reserve *r)
{
	note_none_in(r);
	r->key_after = 0;
}

/* What was registered is again what it was before: the key, or nothing. */
static void note_undone(struct reserve *r)
{
	for (unsigned int i = 0; i < r->n; i++) {
		struct reserve_target *t = &r->target[i];

		if (!t->set)
			continue;
		t->in = r->command.other && t->verdict == RESERVE_OK;
		if (t->verdict != RESERVE_OK && t->verdict != RESERVE_CONFLICT)
			t->stale = r->command.key;
	}
}

/* Where the end of a registration has not been confirmed, it may be there. Who
 * named no key has asked for nothing: what is there stays. */
static void note_end_confirmed(struct reserve *r)
{
	if (r->command.other || !r->command.key)
		return;
	for (unsigned int i = 0; i < r->n; i++) {
		struct reserve_target *t = &r->target[i];

		t->stale = t->verdict != RESERVE_OK &&
					   t->verdict != RESERVE_CONFLICT
				   ? r->command.key
				   : 0;
	}
}

static void note_registered(struct reserve *r)
{
	r->key_after = r->other;
	note_end_confirmed(r);
}

static void note_left(struct reserve *r)
{
	note_none_in(r);
	note_end_confirmed(r);
}

static void note_type(struct reserve *r)
{
	r->type = r->seen.type;
}

static void note_generation(struct reserve *r)
{
	r->turn.generation = r->seen.generation;
}

static void note_joined(struct reserve *r)
{
	note_set(r);
	r->turn.generation += r->turn.nr[RESERVE_OK];
	r->turn.joining = 0;
	for (unsigned int i = 0; i < r->n; i++)
		r->turn.joining += r->target[i].asked;
}

/* Errors */

static void fail(struct reserve *r, int error, const char *message)
{
	if (r->error)
		return;
	r->error = error;
	if (message)
		snprintf(r->message, sizeof(r->message), "%s", message);
}

/* By the answers: what the LUN says counts more than what the way does. */
static void fail_by_answers(struct reserve *r)
{
	if (r->turn.bad)
		fail(r, reserve_verdict_errno(r->turn.bad), NULL);
	else if (any_conflict(r))
		fail(r, EBADE, NULL);
	else
		fail(r, EIO, NULL);
}

static void fail_conflict(struct reserve *r)
{
	fail(r, EBADE, "another host has reserved it, or it is not registered");
}

/* Whether we are still registered is to be found out. */
static void fail_in_doubt(struct reserve *r)
{
	note_none_in(r);
	fail_by_answers(r);
}

static void fail_undone(struct reserve *r)
{
	fail(r, EIO, "no path that can do it has answered, and it is not done");
}

static void fail_unconfirmed(struct reserve *r)
{
	fail(r, EIO,
	     "its registrations have ended, but nobody has confirmed that its "
	     "commands are aborted");
}

static void fail_gone(struct reserve *r)
{
	fail(r, EBADE, "another host has ended our registration");
}

static void fail_type(struct reserve *r)
{
	fail(r, EINVAL, "it is reserved, but not as that type");
}

static void fail_busy(struct reserve *r)
{
	fail(r, EBUSY, "I/O has not come back: nothing was changed");
}

static uint64_t ours(const struct reserve *r)
{
	return r->key;
}

static uint64_t others(const struct reserve *r)
{
	return r->other;
}

/* Whose registrations end, to take the reservation from a path of our own. */
static uint64_t owns(const struct reserve *r)
{
	bool asked = r->op == RESERVE_OP_PREEMPT ||
		     r->op == RESERVE_OP_PREEMPT_ABORT;

	return asked ? r->other : r->key;
}

static uint64_t nobodys(const struct reserve *r)
{
	(void)r;
	return 0;
}

/* clang-format off */
const struct phase_info reserve_phases[PHASES] = {
	[LOOK_KEYS] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, FAILED},
		{NULL, NULL, LOOK_HOLDER}}},
	[LOOK_HOLDER] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, FAILED},
		{NULL, NULL, DONE}}},

	[END_LOOK] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys, NULL, {
		{is_ours, note_type, RELEASE},
		{NULL, NULL, REGISTER}}},
	[REGISTER] = {RESERVE_REGISTER, ALL, ours, others, note_set, {
		{ended_already, note_end, DONE},
		{all_conflict, NULL, REGISTER_LOOK},
		{none_ok, fail_by_answers, FAILED},
		{any_bad, fail_by_answers, UNDO},
		{conflict_to_insist, NULL, INSIST},
		{NULL, note_registered, REGISTERED}}},
	[REGISTER_LOOK] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, FAILED},
		{is_gone, fail_gone, LOST},
		{NULL, NULL, INSIST}}},
	[INSIST] = {RESERVE_REGISTER_IGNORE, CONFLICTED, nobodys, others,
		    note_set, {
		{conflict_or_bad, fail_by_answers, UNDO},
		{NULL, note_registered, REGISTERED}}},
	[REGISTERED] = {RESERVE_READ_KEYS, NONE, nobodys, nobodys, NULL, {
		{old_may_hold, NULL, OLD_LOOK},
		{NULL, NULL, DONE}}},
	[UNDO] = {RESERVE_REGISTER, SET, others, ours, note_undone, {
		{NULL, NULL, FAILED}}},
	[OLD_LOOK] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys, NULL, {
		{is_ours, note_type, OLD_PREEMPT},
		{NULL, NULL, DONE}}},
	[OLD_PREEMPT] = {RESERVE_PREEMPT, ANY, others, ours, NULL, {
		{none_ok, fail_by_answers, DONE},
		{NULL, NULL, DONE}}},

	[RESERVE] = {RESERVE_RESERVE, ANY, ours, nobodys, NULL, {
		{any_ok, NULL, DONE},
		{any_conflict, NULL, RESERVED_BY},
		{NULL, fail_by_answers, FAILED}}},
	[RESERVED_BY] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys, NULL, {
		{held_as_wanted, NULL, DONE},
		{any_ok, fail_conflict, FAILED},
		{NULL, fail_by_answers, FAILED}}},

	[RELEASE_LOOK] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, FAILED},
		{is_not_ours, NULL, DONE}, /* as SPC has it */
		{is_of_another_type, fail_type, FAILED},
		{NULL, note_type, RELEASE}}},
	[RELEASE] = {RESERVE_RELEASE, ALL, ours, nobodys, NULL, {
		{any_ok, NULL, RELEASE_LOOK_AGAIN},
		{registers, NULL, REGISTER},
		{NULL, fail_by_answers, FAILED}}},
	[RELEASE_LOOK_AGAIN] = {RESERVE_READ_HOLDER, ANY, nobodys, nobodys,
				NULL, {
		{none_ok, fail_by_answers, FAILED},
		{is_ours, NULL, OWN_HOLD},
		{registers, NULL, REGISTER},
		{NULL, NULL, DONE}}},
	[OWN_RELEASE] = {RESERVE_RELEASE, THE_SAME, ours, nobodys, NULL, {
		{registers, NULL, REGISTER},
		{any_ok, NULL, JOIN_ASK},
		{NULL, fail_by_answers, JOIN_ASK}}},

	/* By reserve_held(). */
	[OWN_HOLD] = {RESERVE_READ_KEYS, HELD_BACK, nobodys, nobodys, NULL, {
		{any_ok, NULL, OWN_PREEMPT},
		{NULL, fail_busy, FAILED}}},
	[OWN_PREEMPT] = {RESERVE_PREEMPT, ANY, ours, owns, NULL, {
		{none_ok, fail_by_answers, JOIN_ASK},
		{releases, NULL, OWN_RELEASE},
		{registers, NULL, OWN_RELEASE},
		{NULL, NULL, JOIN_ASK}}},

	[PREEMPT] = {RESERVE_PREEMPT, ANY, ours, others, NULL, {
		{any_ok, NULL, DONE},
		{done_unanswered, NULL, PREEMPT_LOOK},
		{NULL, fail_by_answers, FAILED}}},
	[PREEMPT_LOOK] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{preempted_only, fail_unconfirmed, FAILED},
		{is_preempted, NULL, DONE},
		{any_ok, fail_conflict, FAILED},
		{NULL, fail_by_answers, FAILED}}},
	[CLEAR] = {RESERVE_CLEAR, ANY, ours, nobodys, NULL, {
		{any_ok, note_end, DONE},
		{any_unanswered, NULL, CLEAR_LOOK},
		{NULL, fail_by_answers, FAILED}}},
	[CLEAR_LOOK] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{is_cleared, note_end, DONE},
		{is_there, fail_undone, FAILED},
		{any_ok, fail_conflict, FAILED},
		{NULL, fail_in_doubt, FAILED}}},

	[ADOPT] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, FAILED},
		{is_gone, note_end, DONE},
		{NULL, NULL, JOIN_ASK}}},
	/* Whoever has the key already succeeds, and nothing changes. */
	[JOIN_ASK] = {RESERVE_REGISTER, ALL, ours, ours, note_in, {
		{any_conflict, NULL, JOIN_LOOK},
		{NULL, NULL, DONE}}},
	[JOIN_LOOK] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{none_ok, fail_by_answers, DONE},
		{is_gone, note_end, LOST},
		{NULL, note_generation, JOIN}}},
	[JOIN] = {RESERVE_REGISTER_IGNORE, IDLE, nobodys, ours, note_joined, {
		{any_ok, NULL, JOIN_LOOK_AGAIN},
		{NULL, NULL, DONE}}},
	[JOIN_LOOK_AGAIN] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{joined_well, NULL, DONE},
		{NULL, NULL, JOIN_UNDO}}},
	[JOIN_UNDO] = {RESERVE_REGISTER, SET, ours, nobodys, note_undone, {
		{NULL, NULL, JOIN_LOOK_LAST}}},
	[JOIN_LOOK_LAST] = {RESERVE_READ_KEYS, ANY, nobodys, nobodys, NULL, {
		{is_gone, note_end, LOST},
		{NULL, NULL, DONE}}},
	[LEAVE] = {RESERVE_REGISTER, ALL, others, nobodys, note_left, {
		{NULL, NULL, DONE}}},
};
/* clang-format on */
