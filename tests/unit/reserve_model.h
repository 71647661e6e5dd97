/* SPDX-License-Identifier: MIT */
/*
 * A LUN with persistent reservations, as SPC-4 has them: three paths of ours,
 * a, b and c, and another host's one, B. What a path answers may be lost,
 * before or after it is done.
 */
#ifndef MPATHFS_TESTS_UNIT_RESERVE_MODEL_H
#define MPATHFS_TESTS_UNIT_RESERVE_MODEL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/reserve.h"

#define MODEL_OURS 3
#define MODEL_B 3
#define MODEL_WAYS 4

enum model_fault { WELL, LOST_BEFORE, LOST_AFTER, NO_ROOM };

struct model {
	uint64_t key[MODEL_WAYS]; /* 0: not registered */
	int holder;		  /* a way; -1: none */
	enum reserve_type type;	  /* RESERVE_NONE: none */
	uint32_t generation;
	bool merges; /* READ KEYS names each key once */
	enum model_fault fault[MODEL_WAYS];
};

static inline bool model_shared(const struct model *m)
{
	return reserve_type_is_shared(m->type);
}

static inline unsigned int model_registered(const struct model *m)
{
	unsigned int n = 0;

	for (int i = 0; i < MODEL_WAYS; i++)
		n += m->key[i] != 0;
	return n;
}

/* A registration ends, and with the holder's the reservation. */
static inline void model_remove(struct model *m, int way)
{
	m->key[way] = 0;
	if (m->type &&
	    (model_shared(m) ? !model_registered(m) : m->holder == way)) {
		m->type = RESERVE_NONE;
		m->holder = -1;
	}
}

static inline void model_hold(struct model *m, int way, enum reserve_type type)
{
	m->type = type;
	m->holder = reserve_type_is_shared(type) ? -1 : way;
}

static inline bool model_holds(const struct model *m, int way)
{
	return m->type && m->key[way] && (model_shared(m) || m->holder == way);
}

static inline enum reserve_verdict
model_register(struct model *m, int way, const struct reserve_command *c)
{
	if (c->verb == RESERVE_REGISTER && c->key != m->key[way])
		return RESERVE_CONFLICT;
	if (m->fault[way] == NO_ROOM)
		return RESERVE_NO_ROOM;
	m->generation++;
	if (c->other)
		m->key[way] = c->other;
	else
		model_remove(m, way);
	return RESERVE_OK;
}

static inline enum reserve_verdict
model_preempt(struct model *m, int way, const struct reserve_command *c)
{
	uint64_t held = m->holder >= 0 ? m->key[m->holder] : 0;
	bool takes =
		m->type && (model_shared(m) ? !c->other : held == c->other);
	bool any = takes;

	for (int i = 0; i < MODEL_WAYS; i++)
		any |= m->key[i] && m->key[i] == c->other;
	if (!any || (!c->other && !takes))
		return RESERVE_CONFLICT;
	m->generation++;
	for (int i = 0; i < MODEL_WAYS; i++) {
		bool meant = m->key[i] && (m->key[i] == c->other || !c->other);

		if (meant && !(takes && i == way))
			model_remove(m, i);
	}
	if (takes)
		model_hold(m, way, c->type);
	return RESERVE_OK;
}

static inline enum reserve_verdict
model_reserve(struct model *m, int way, const struct reserve_command *c)
{
	if (m->type)
		return model_holds(m, way) && m->type == c->type
			       ? RESERVE_OK
			       : RESERVE_CONFLICT;
	model_hold(m, way, c->type);
	return RESERVE_OK;
}

static inline enum reserve_verdict
model_release(struct model *m, int way, const struct reserve_command *c)
{
	if (!model_holds(m, way))
		return RESERVE_OK;
	if (m->type != c->type)
		return RESERVE_REFUSED;
	m->type = RESERVE_NONE;
	m->holder = -1;
	return RESERVE_OK;
}

static inline enum reserve_verdict model_read(struct model *m,
					      const struct reserve_command *c,
					      struct reserve_request *q)
{
	if (c->verb == RESERVE_READ_HOLDER) {
		q->type = m->type;
		q->holder = m->holder >= 0 ? m->key[m->holder] : 0;
		return RESERVE_OK;
	}
	q->generation = m->generation;
	q->keys = calloc(MODEL_WAYS, sizeof(*q->keys));
	assert_non_null(q->keys);
	for (int i = 0; i < MODEL_WAYS; i++) {
		bool known = false;

		for (size_t k = 0; k < q->nkeys; k++)
			known |= q->keys[k] == m->key[i];
		if (m->key[i] && !(known && m->merges))
			q->keys[q->nkeys++] = m->key[i];
	}
	return RESERVE_OK;
}

static inline enum reserve_verdict model_do(struct model *m, int way,
					    const struct reserve_command *c,
					    struct reserve_request *q)
{
	if (reserve_verb_reads(c->verb))
		return model_read(m, c, q);
	if (c->verb == RESERVE_REGISTER || c->verb == RESERVE_REGISTER_IGNORE)
		return model_register(m, way, c);
	if (!m->key[way] || m->key[way] != c->key)
		return RESERVE_CONFLICT;
	switch (c->verb) {
	case RESERVE_RESERVE:
		return model_reserve(m, way, c);
	case RESERVE_RELEASE:
		return model_release(m, way, c);
	case RESERVE_CLEAR:
		for (int i = 0; i < MODEL_WAYS; i++)
			m->key[i] = 0;
		m->type = RESERVE_NONE;
		m->holder = -1;
		m->generation++;
		return RESERVE_OK;
	default:
		return model_preempt(m, way, c);
	}
}

/* As it comes back on that path. */
static inline enum reserve_verdict model_ask(struct model *m, int way,
					     const struct reserve_command *c,
					     struct reserve_request *q)
{
	enum reserve_verdict v = RESERVE_NO_ANSWER;

	if (m->fault[way] != LOST_BEFORE)
		v = model_do(m, way, c, q);
	return m->fault[way] == LOST_AFTER ? RESERVE_NO_ANSWER : v;
}

/* "a=1 b=1 B=9 held=a:5", "shared=7": what is registered, what is reserved. */
static inline void model_text(const struct model *m, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < MODEL_WAYS; i++)
		if (m->key[i])
			n += (size_t)snprintf(buf + n, size - n, "%s%c=%llx",
					      n ? " " : "", "abcB"[i],
					      (unsigned long long)m -> key[i]);
	for (int t = 1; t <= 8; t++) {
		char number[2] = {(char)('0' + t), '\0'};

		if (!m->type || reserve_type_parse(number) != m->type)
			continue;
		if (m->holder >= 0)
			snprintf(buf + n, size - n, "%sheld=%c:%d",
				 n ? " " : "", "abcB"[m->holder], t);
		else
			snprintf(buf + n, size - n, "%sshared=%d", n ? " " : "",
				 t);
	}
}

static inline void model_set(struct model *m, const char *text)
{
	char copy[128], *rest = copy, *word;

	*m = (struct model){.holder = -1, .generation = 100};
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " "))) {
		const char *value = strchr(word, '=');

		if (!strncmp(word, "held=", 5)) {
			m->holder = (int)(strchr("abcB", value[1]) - "abcB");
			m->type = reserve_type_parse(value + 3);
		} else if (!strncmp(word, "shared=", 7)) {
			m->type = reserve_type_parse(value + 1);
		} else if (*word) {
			m->key[strchr("abcB", word[0]) - "abcB"] =
				strtoull(value + 1, NULL, 16);
		}
	}
}

static inline const char *verb_short(enum reserve_verb v)
{
	static const char *const text[] = {"RK",  "RH",	 "REG", "REGI", "RES",
					   "REL", "CLR", "PRE", "PREA"};

	return text[v];
}

/* An operation on it, with a trace of its commands. */
struct run {
	struct model m;
	struct reserve r;
	struct reserve_target target[MODEL_OURS];
	char trace[512];
};

static inline void note_asked(struct run *run)
{
	const struct reserve_command *c = &run->r.command;
	size_t n = strlen(run->trace), room = sizeof(run->trace) - n;

	n += (size_t)snprintf(run->trace + n, room, "%s%s ", n ? "; " : "",
			      verb_short(c->verb));
	for (unsigned int i = 0; i < run->r.n; i++)
		if (run->target[i].ask)
			run->trace[n++] = run->target[i].name[0];
	run->trace[n] = '\0';
	if (!reserve_verb_reads(c->verb))
		snprintf(run->trace + n, sizeof(run->trace) - n, " %llx>%llx",
			 (unsigned long long)c->key,
			 (unsigned long long)c->other);
}

/* before: what happens meanwhile; NULL: nothing. */
static inline void answer_asked(struct run *run,
				void (*before)(struct run *run, int way))
{
	const struct reserve_command c = run->r.command;
	bool ask[MODEL_OURS];

	for (unsigned int i = 0; i < run->r.n; i++) {
		ask[i] = run->target[i].ask;
		run->target[i].ask = false;
	}
	for (unsigned int i = 0; i < run->r.n; i++) {
		struct reserve_request q = {.nkeys = 0};
		enum reserve_verdict v;

		if (!ask[i])
			continue;
		if (before)
			before(run, run->target[i].name[0] - 'a');
		v = model_ask(&run->m, run->target[i].name[0] - 'a', &c, &q);
		reserve_answered(&run->r, i, v, v ? NULL : &q, "why");
		free(q.keys);
	}
}

static inline void play(struct run *run)
{
	reserve_begin(&run->r);
	while (run->r.next != RESERVE_END) {
		if (run->r.next == RESERVE_HOLD) {
			strcat(run->trace, *run->trace ? "; HOLD" : "HOLD");
			reserve_held(&run->r, true);
			continue;
		}
		note_asked(run);
		answer_asked(run, NULL);
	}
}

static inline void set_up(struct run *run, const char *paths, bool in)
{
	static const char *const names[] = {"a", "b", "c"};

	for (; *paths; paths++)
		run->target[run->r.n++] = (struct reserve_target){
			.name = names[*paths - 'a'], .in = in};
	run->r.target = run->target;
	run->r.away = run->r.n < MODEL_OURS;
}

#endif
