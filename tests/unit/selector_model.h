/* SPDX-License-Identifier: MIT */
/*
 * A model of the part of core that uses a selector: it allocates the private
 * state, counts what is in flight on each path, and checks that what select
 * returns is a valid path of the group. Scripts of steps run on it.
 *
 * One thread. Every fault fails the running cmocka test.
 */
#ifndef MPATHFS_TESTS_UNIT_SELECTOR_MODEL_H
#define MPATHFS_TESTS_UNIT_SELECTOR_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/selector.h"
#include "tests/unit/seed.h"

#define MODEL_PATHS 64
/* From one I/O to the next: a prime number of MiB, so that all regions of a
 * selector that looks at the place have their turn. */
#define MODEL_STRIDE (1031ULL << 20)

struct model {
	struct selector s;
	unsigned int n;
	uint64_t now;
	uint64_t off; /* of the next I/O: far from the last, unless set */
	bool valid[MODEL_PATHS];
	struct path_load load[MODEL_PATHS];
	struct sel_path path[MODEL_PATHS];
};

static inline void *model_state(size_t size)
{
	void *p = size ? calloc(1, size) : NULL;

	assert_true(p || size == 0);
	return p;
}

/* An instance without a path, of a selector with arguments. */
static inline void model_create_args(struct model *m,
				     const struct selector_ops *ops, int argc,
				     const char *const *argv)
{
	struct errmsg e = {.text = ""};

	memset(m, 0, sizeof(*m));
	m->s.ops = ops;
	m->s.priv = model_state(ops->state_size);
	m->now = NSEC_PER_SEC;
	if (ops->create(&m->s, argc, argv, &e))
		fail_msg("%s: create: %s", ops->name, e.text);
}

static inline void model_create(struct model *m, const struct selector_ops *ops)
{
	model_create_args(m, ops, 0, NULL);
}

/* What add_path says; the path counts as one of the model if it says 0. */
static inline int model_add(struct model *m, int argc, const char *const *argv,
			    struct errmsg *e)
{
	struct sel_path *p = &m->path[m->n];
	int rc;

	assert_true(m->n < MODEL_PATHS);
	p->load = &m->load[m->n];
	p->index = m->n;
	p->priority = 1;
	p->priv = model_state(m->s.ops->path_size);
	rc = m->s.ops->add_path(&m->s, p, argc, argv, e);
	if (rc) {
		free(p->priv);
		p->priv = NULL;
	} else {
		m->valid[m->n++] = true;
	}
	return rc;
}

/* An instance of n paths, none with arguments. */
static inline void model_init(struct model *m, const struct selector_ops *ops,
			      unsigned int n)
{
	struct errmsg e = {.text = ""};

	model_create(m, ops);
	while (m->n < n)
		if (model_add(m, 0, NULL, &e))
			fail_msg("%s: add_path: %s", ops->name, e.text);
}

static inline void model_destroy(struct model *m)
{
	while (m->n > 0)
		free(m->path[--m->n].priv);
	free(m->s.priv);
}

/* The index that select returns, or -1 for NULL. */
static inline int model_select(struct model *m, size_t bytes)
{
	const struct sel_path *p =
		m->s.ops->select(&m->s, m->off, bytes, ++m->now);

	m->off += MODEL_STRIDE;
	if (!p)
		return -1;
	if (p->index >= m->n || p != &m->path[p->index])
		fail_msg("%s: not a path of the group", m->s.ops->name);
	if (!m->valid[p->index])
		fail_msg("%s: path %u is failed", m->s.ops->name, p->index);
	return (int)p->index;
}

static inline void model_start(struct model *m, unsigned int i, size_t bytes)
{
	atomic_fetch_add_explicit(&m->load[i].ios, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->load[i].bytes, bytes,
				  memory_order_relaxed);
	if (m->s.ops->start_io)
		m->s.ops->start_io(&m->s, &m->path[i], bytes, ++m->now);
}

/* The end, at now, of an I/O begun at start. */
static inline void model_end_at(struct model *m, unsigned int i, size_t bytes,
				uint64_t start, uint64_t now)
{
	assert_true(m->load[i].ios > 0 && m->load[i].bytes >= bytes);
	atomic_fetch_sub_explicit(&m->load[i].ios, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&m->load[i].bytes, bytes,
				  memory_order_relaxed);
	m->now = now;
	if (m->s.ops->end_io)
		m->s.ops->end_io(&m->s, &m->path[i], bytes, start, now);
}

/* The end of one that took a millisecond. */
static inline void model_end(struct model *m, unsigned int i, size_t bytes)
{
	model_end_at(m, i, bytes, m->now, m->now + NSEC_PER_MSEC);
}

static inline void model_fail(struct model *m, unsigned int i)
{
	assert_true(m->valid[i]);
	m->valid[i] = false;
	/* in brackets: cmocka has a macro of that name */
	(m->s.ops->fail)(&m->s, &m->path[i]);
}

static inline void model_reinstate(struct model *m, unsigned int i)
{
	assert_false(m->valid[i]);
	m->valid[i] = true;
	m->s.ops->reinstate(&m->s, &m->path[i]);
}

/* A scenario is an array of steps; the first that differs ends the test. */
enum step_kind { STEP_PICK, STEP_IO, STEP_END, STEP_FAIL, STEP_BACK };

struct step {
	enum step_kind kind;
	int path; /* expected (PICK, IO) or meant (the others) */
	size_t bytes;
};

/* select: nothing is started */
#define PICK(path) {STEP_PICK, path, 4096}
#define PICK_BYTES(path, bytes) {STEP_PICK, path, bytes}
/* select and start; that I/O's end */
#define IO(path, bytes) {STEP_IO, path, bytes}
#define END(path, bytes) {STEP_END, path, bytes}
#define FAIL(path) {STEP_FAIL, path, 0}
#define BACK(path) {STEP_BACK, path, 0}

static inline void model_run(struct model *m, const char *name,
			     const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *st = &steps[i];
		int got = st->path;

		if (st->kind == STEP_PICK || st->kind == STEP_IO)
			got = model_select(m, st->bytes);
		if (got != st->path)
			fail_msg("%s, step %zu: got path %d, expected %d", name,
				 i + 1, got, st->path);
		if (st->kind == STEP_IO)
			model_start(m, (unsigned int)got, st->bytes);
		else if (st->kind == STEP_END)
			model_end(m, (unsigned int)got, st->bytes);
		else if (st->kind == STEP_FAIL)
			model_fail(m, (unsigned int)got);
		else if (st->kind == STEP_BACK)
			model_reinstate(m, (unsigned int)got);
	}
}

/* A scenario of a table: paths 0..n-1, then steps. */
struct scenario {
	const char *name;
	unsigned int paths;
	/* of each path, where one has any: its relative_throughput */
	const char *throughput[4];
	struct step steps[24];
	size_t n;
};

#define STEPS(...)                                                             \
	.steps = {__VA_ARGS__},                                                \
	.n = sizeof((struct step[]){__VA_ARGS__}) / sizeof(struct step)

static inline void scenarios_run(const struct selector_ops *ops,
				 const struct scenario *sc, size_t n)
{
	struct errmsg e = {.text = ""};
	struct model m;

	for (size_t i = 0; i < n; i++, sc++) {
		model_create(&m, ops);
		for (unsigned int p = 0; p < sc->paths; p++) {
			bool has = p < ARRAY_SIZE(sc->throughput) &&
				   sc->throughput[p];
			const char *argv[] = {"1", has ? sc->throughput[p]
						       : NULL};

			if (model_add(&m, has ? 2 : 0, argv, &e))
				fail_msg("%s: %s", sc->name, e.text);
		}
		model_run(&m, sc->name, sc->steps, sc->n);
		model_destroy(&m);
	}
}

/* What add_path says to a path's arguments. */
struct path_args {
	int argc;
	const char *argv[3];
	int rc;
	const char *text;
};

/* All of a table, into a model just created. */
static inline void path_args_run(struct model *m, const struct path_args *a,
				 size_t n)
{
	for (size_t i = 0; i < n; i++, a++) {
		struct errmsg e = {.text = ""};
		int rc = model_add(m, a->argc, a->argv, &e);

		if (rc != a->rc || strcmp(e.text, a->text) != 0)
			fail_msg("path arguments, case %zu: got %d '%s', "
				 "expected %d '%s'",
				 i + 1, rc, e.text, a->rc, a->text);
	}
}

/* The status words of path i (or, -1, of the instance) must be want. */
static inline void model_check_status(struct model *m, int i, const char *want)
{
	char buf[128];

	memset(buf, 'x', sizeof(buf));
	m->s.ops->status(&m->s, i < 0 ? NULL : &m->path[i], buf, sizeof(buf));
	assert_string_equal(buf, want);
}

/*
 * The straightforward selector that a real one is compared with: the valid
 * paths in order, in an array, and the rule that picks one of them.
 */
struct oracle {
	unsigned int order[MODEL_PATHS];
	unsigned int n;
	/* the position in order[] that wins; n > 0 */
	unsigned int (*pick)(const struct oracle *o, const struct model *m,
			     size_t bytes);
	bool back_to_head;
};

static inline void oracle_remove(struct oracle *o, unsigned int pos)
{
	o->n--;
	memmove(&o->order[pos], &o->order[pos + 1],
		(o->n - pos) * sizeof(o->order[0]));
}

static inline int oracle_select(struct oracle *o, const struct model *m,
				size_t bytes)
{
	unsigned int pos, path;

	if (o->n == 0)
		return -1;
	pos = o->pick(o, m, bytes);
	path = o->order[pos];
	oracle_remove(o, pos);
	o->order[o->n++] = path;
	return (int)path;
}

static inline void oracle_fail(struct oracle *o, unsigned int path)
{
	unsigned int pos = 0;

	while (o->order[pos] != path)
		pos++;
	oracle_remove(o, pos);
}

static inline void oracle_reinstate(struct oracle *o, unsigned int path)
{
	if (!o->back_to_head) {
		o->order[o->n++] = path;
		return;
	}
	memmove(&o->order[1], &o->order[0], o->n * sizeof(o->order[0]));
	o->order[0] = path;
	o->n++;
}

/* One random fail or reinstate, of both. */
static inline void oracle_flip(struct oracle *o, struct model *m,
			       unsigned int path)
{
	if (m->valid[path]) {
		model_fail(m, path);
		oracle_fail(o, path);
	} else {
		model_reinstate(m, path);
		oracle_reinstate(o, path);
	}
}

struct inflight {
	unsigned int path;
	size_t bytes;
};

#define ORACLE_DEPTH 48

/*
 * Runs m and o side by side: most steps select and start, some end the oldest
 * I/O, a few fail or reinstate a path. size() gives the I/Os' sizes. All ends
 * with nothing in flight.
 */
static inline void oracle_run(struct oracle *o, struct model *m,
			      uint64_t *seed, size_t (*size)(uint64_t *seed),
			      unsigned int steps)
{
	struct inflight q[ORACLE_DEPTH];
	unsigned int head = 0, tail = 0;

	for (unsigned int i = 0; i < m->n; i++)
		o->order[o->n++] = i;
	for (unsigned int i = 0; i < steps; i++) {
		size_t bytes = size(seed);
		int got, want;

		if (seed_below(seed, 8) == 0)
			oracle_flip(o, m, seed_below(seed, m->n));
		while (tail > head && (tail - head == ORACLE_DEPTH ||
				       seed_below(seed, 2) == 0)) {
			const struct inflight *f = &q[head++ % ORACLE_DEPTH];

			model_end(m, f->path, f->bytes);
		}
		want = oracle_select(o, m, bytes);
		got = model_select(m, bytes);
		if (got != want)
			fail_msg("step %u of %u paths: got %d, expected %d", i,
				 m->n, got, want);
		if (got < 0)
			continue;
		model_start(m, (unsigned int)got, bytes);
		q[tail++ % ORACLE_DEPTH] =
			(struct inflight){(unsigned int)got, bytes};
	}
	for (; head < tail; head++)
		model_end(m, q[head % ORACLE_DEPTH].path,
			  q[head % ORACLE_DEPTH].bytes);
}

#endif
