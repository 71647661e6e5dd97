// SPDX-License-Identifier: MIT
/*
 * What operators write to the files of a reservation: the words, and what can
 * be refused before any path is asked. Monitor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/monitor_private.h"
#include "core/path.h"
#include "core/reservation_private.h"

static int take_key(const struct volume *v, const char *words,
		    struct operation *op, struct errmsg *e)
{
	const char *text = v->settings.v[OPT_RESERVATION_KEY].text;
	struct prkey said, configured = {0};

	if (!prkey_parse(words, &said))
		return errmsg_set(
			e, EINVAL,
			"'%.40s': a key, up to 16 hexadecimal digits, "
			"with :aptpl or not; 0 ends a registration",
			words);
	if (said.key && !*text)
		return errmsg_set(e, EPERM,
				  "reservation_key is not set: paths that come "
				  "up later could not be registered");
	if (said.key && prkey_parse(text, &configured) &&
	    said.key != configured.key)
		return errmsg_set(e, EINVAL, "reservation_key is %s", text);
	op->r.other = said.key;
	op->key = said;
	op->key.aptpl |= configured.aptpl;
	return 0;
}

static int take_type(const char *word, struct operation *op, struct errmsg *e)
{
	op->r.type = reserve_type_parse(word);
	if (op->r.type != RESERVE_NONE)
		return 0;
	return errmsg_set(e, EINVAL,
			  "'%.40s': no type, as "
			  "write-exclusive-registrants-only, or its number",
			  word);
}

static int take_nothing(const char *words, struct operation *op,
			struct errmsg *e)
{
	(void)words;
	(void)op;
	(void)e;
	return 0;
}

/* Without a type: the one that it has. */
static int take_type_or_none(const char *word, struct operation *op,
			     struct errmsg *e)
{
	return *word ? take_type(word, op, e) : 0;
}

/* "KEY TYPE" */
static int take_key_and_type(const char *words, struct operation *op,
			     struct errmsg *e)
{
	size_t len = strcspn(words, " \t");
	char key[32];

	snprintf(key, sizeof(key), "%.*s", (int)MIN(len, sizeof(key) - 1),
		 words);
	if (len >= sizeof(key) || !reserve_key_parse(key, &op->r.other))
		return errmsg_set(e, EINVAL,
				  "'%.40s': KEY TYPE: whose registrations are "
				  "to end, and the type to reserve",
				  words);
	words += len;
	return take_type(words + strspn(words, " \t"), op, e);
}

static int take_words(const struct volume *v, const char *words,
		      struct operation *op, struct errmsg *e)
{
	static int (*const take[])(const char *words, struct operation *op,
				   struct errmsg *e) = {
		[RESERVE_OP_RESERVE] = take_type,
		[RESERVE_OP_RELEASE] = take_type_or_none,
		[RESERVE_OP_PREEMPT] = take_key_and_type,
		[RESERVE_OP_PREEMPT_ABORT] = take_key_and_type,
		[RESERVE_OP_CLEAR] = take_nothing,
	};
	enum reserve_op what = op->r.op;

	if (what == RESERVE_OP_REGISTER || what == RESERVE_OP_REGISTER_IGNORE)
		return take_key(v, words, op, e);
	return take[what](words, op, e);
}

static int check(const struct monitor *m, const struct volume *v,
		 struct errmsg *e)
{
	if (!m->p.reserve)
		return errmsg_set(e, EOPNOTSUPP, "there are no reservations");
	for (unsigned int i = 0; i < v->npaths; i++)
		if (reservation_is_up(v->paths[i]))
			return 0;
	return errmsg_set(e, ENODEV, "no path is usable");
}

static int begin(struct monitor *m, struct volume *v, enum reserve_op op,
		 const struct operation *what, uint64_t *ticket,
		 struct errmsg *e)
{
	struct operation *new = operation_new(m, v, op, ++m->tickets);

	if (!new)
		return errmsg_set(e, ENOMEM, "no memory");
	if (what) {
		new->r.other = what->r.other;
		new->r.type = what->r.type;
		new->key = what->key;
	}
	*ticket = new->ticket;
	return 0;
}

int reservation_ask(struct monitor *m, struct volume *v, enum reserve_op op,
		    const char *words, uint64_t now, uint64_t *ticket,
		    struct errmsg *e)
{
	struct operation what = {.r.op = op};
	int r;

	m->now = now;
	r = take_words(v, words, &what, e);
	if (!r)
		r = check(m, v, e);
	return r ? r : begin(m, v, op, &what, ticket, e);
}

int reservation_look(struct monitor *m, struct volume *v, uint64_t now,
		     uint64_t *ticket, struct errmsg *e)
{
	const struct operation *same = operation_waiting(v, RESERVE_OP_LOOK);
	int r;

	m->now = now;
	if (same) {
		*ticket = same->ticket;
		return 0;
	}
	r = check(m, v, e);
	return r ? r : begin(m, v, RESERVE_OP_LOOK, NULL, ticket, e);
}
