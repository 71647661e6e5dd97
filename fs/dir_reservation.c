// SPDX-License-Identifier: MIT
/*
 * VOLUME/reservation/: the persistent reservation of a volume. What the LUN
 * says is asked for when a file is opened, and what is written is told to it:
 * both wait for an end, and the monitor does not. No locks: the monitor's
 * thread.
 */
#include <errno.h>
#include <inttypes.h>

#include "core/clock.h"
#include "core/path.h"
#include "core/reservation.h"
#include "core/volume.h"
#include "fs/node.h"

static int reservation_look_at(const struct node *n, struct errmsg *e)
{
	struct tree *t = n->tree;
	int r = reservation_look(t->env.monitor, n->volume, clock_now(),
				 &t->ticket, e);

	return r ? r : STORE_WAITS;
}

static size_t key_count(const struct reserve_seen *s, uint64_t key)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nkeys; i++)
		n += s->keys[i] == key;
	return n;
}

static void show_our_paths(const struct volume *v, FILE *out)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i]->reserve.in)
			fprintf(out, " %s", v->paths[i]->name);
}

/* Each once: "KEY COUNT", and the paths that are known to have ours. */
static int reservation_show_keys(const struct node *n, FILE *out)
{
	const struct reservation *r = volume_reservation(n->volume);
	const struct reserve_seen *s = &r->seen;

	for (size_t i = 0; i < s->nkeys; i++) {
		size_t first = 0;

		while (s->keys[first] != s->keys[i])
			first++;
		if (first < i)
			continue;
		fprintf(out, "0x%" PRIx64 " %zu", s->keys[i],
			key_count(s, s->keys[i]));
		if (s->keys[i] == r->key)
			show_our_paths(n->volume, out);
		fputc('\n', out);
	}
	return 0;
}

static int reservation_show_holder(const struct node *n, FILE *out)
{
	const struct reserve_seen *s = &volume_reservation(n->volume)->seen;

	if (s->type == RESERVE_NONE)
		fprintf(out, "none\n");
	else if (reserve_type_is_shared(s->type))
		fprintf(out, "all-registrants\n");
	else
		fprintf(out, "0x%" PRIx64 "\n", s->holder);
	return 0;
}

static int reservation_show_type(const struct node *n, FILE *out)
{
	fprintf(out, "%s\n",
		reserve_type_text(volume_reservation(n->volume)->seen.type));
	return 0;
}

static int reservation_show_key(const struct node *n, FILE *out)
{
	uint64_t key = volume_reservation(n->volume)->key;

	if (key)
		fprintf(out, "0x%" PRIx64 "\n", key);
	else
		fprintf(out, "none\n");
	return 0;
}

static int ask(const struct node *n, enum reserve_op op, const char *word,
	       struct errmsg *e)
{
	struct tree *t = n->tree;
	int r = reservation_ask(t->env.monitor, n->volume, op, word,
				clock_now(), &t->ticket, e);

	return r ? r : STORE_WAITS;
}

static int reservation_register(const struct node *n, const char *word,
				struct errmsg *e)
{
	return ask(n, RESERVE_OP_REGISTER, word, e);
}

static int reservation_register_ignore(const struct node *n, const char *word,
				       struct errmsg *e)
{
	return ask(n, RESERVE_OP_REGISTER_IGNORE, word, e);
}

static int reservation_reserve(const struct node *n, const char *word,
			       struct errmsg *e)
{
	return ask(n, RESERVE_OP_RESERVE, word, e);
}

static int reservation_release(const struct node *n, const char *word,
			       struct errmsg *e)
{
	return ask(n, RESERVE_OP_RELEASE, word, e);
}

static int reservation_preempt(const struct node *n, const char *word,
			       struct errmsg *e)
{
	return ask(n, RESERVE_OP_PREEMPT, word, e);
}

static int reservation_preempt_abort(const struct node *n, const char *word,
				     struct errmsg *e)
{
	return ask(n, RESERVE_OP_PREEMPT_ABORT, word, e);
}

/* Any word, as all there is to say is: now. */
static int reservation_clear(const struct node *n, const char *word,
			     struct errmsg *e)
{
	return ask(n, RESERVE_OP_CLEAR, word, e);
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry reservation_entries[] = {
	{.name = "keys",
	 .ask = reservation_look_at,
	 .show = reservation_show_keys},
	{.name = "holder",
	 .ask = reservation_look_at,
	 .show = reservation_show_holder},
	{.name = "type",
	 .ask = reservation_look_at,
	 .show = reservation_show_type},
	{.name = "key", .show = reservation_show_key},
	{.name = "register", .store = reservation_register},
	{.name = "register-ignore", .store = reservation_register_ignore},
	{.name = "reserve", .store = reservation_reserve},
	{.name = "release", .store = reservation_release},
	{.name = "preempt", .store = reservation_preempt},
	{.name = "preempt-abort", .store = reservation_preempt_abort},
	{.name = "clear", .store = reservation_clear},
};

const struct dir dir_reservation = {
	.self = SCOPE_VOLUME,
	.entries_scope = SCOPE_VOLUME,
	.parent = KIND_VOLUME,
	.entries = reservation_entries,
	.nentries = ARRAY_SIZE(reservation_entries),
};
