// SPDX-License-Identifier: MIT
/*
 * See namer.h. While a job is out the two files are its own. One that does not
 * come back is late: others may use the pool meanwhile, but no other question
 * is asked before it is over.
 */
#include "core/namer.h"

#include <stdio.h>
#include <string.h>

#include "core/bindings.h"
#include "core/monitor_private.h"
#include "core/pool.h"
#include "core/wwids.h"

#define PATIENCE (30 * NSEC_PER_SEC)

struct namer {
	struct namer_params p;
	struct bindings *bindings;
	struct wwids *wwids;
	struct job job;
	struct namer_batch batch;
	struct timer patience;
	bool busy;
};

/* On a thread of the pool */

static void take_warning(void *ctx, const char *text)
{
	struct namer *n = ctx;
	struct textlist *l = &n->batch.warnings;

	/* Without memory a warning is lost, and no more. */
	(void)!textlist_insert(l, l->n, text);
}

static bool is_taken(void *ctx, const char *alias, const char *wwid)
{
	const struct namer *n = ctx;
	const char *owner = bindings_wwid(n->bindings, alias);
	bool own = owner && !strcmp(owner, wwid);

	for (size_t i = 0; i < n->batch.ntaken; i++) {
		const struct namer_taken *t = &n->batch.taken[i];

		if (!strcmp(t->name, alias) && strcmp(t->wwid, wwid) &&
		    !(own && t->yields))
			return true;
	}
	return false;
}

/* Of several errors the first is told. */
static struct errmsg *first_error(struct namer_query *q, struct errmsg *other)
{
	return q->why.text[0] ? other : &q->why;
}

static void find_name(struct namer *n, struct namer_query *q)
{
	const struct naming what = {
		.wwid = q->wwid,
		.current = q->current,
		.prefix = q->prefix,
		.read_only = n->p.read_only,
		.taken = is_taken,
		.ctx = n,
	};
	struct errmsg e = {.text = ""}, other;
	int r = bindings_name(n->bindings, &what, q->name, &e);

	if (r)
		*first_error(q, &other) = e;
}

static void answer(struct namer *n, struct namer_query *q)
{
	struct errmsg other;

	q->name[0] = q->why.text[0] = '\0';
	if (q->what & NAMER_ADD && !n->p.read_only)
		(void)!wwids_add(n->wwids, q->wwid, first_error(q, &other));
	q->known = wwids_has(n->wwids, q->wwid);
	if (q->what & NAMER_NAME)
		find_name(n, q);
}

static void work(struct job *j)
{
	struct namer *n = container_of(j, struct namer, job);
	struct errmsg e = {.text = ""};

	if (wwids_refresh(n->wwids, &e))
		take_warning(n, e.text);
	for (size_t i = 0; i < n->batch.n; i++)
		answer(n, &n->batch.query[i]);
}

/* On the monitor's */

static void ended(struct mail *mail, void *owner)
{
	struct namer *n = container_of(mail, struct namer, job.mail);
	struct monitor *m = owner;
	struct namer_batch b = n->batch;

	timer_clear(&m->timers, &n->patience);
	n->busy = false;
	memset(&n->batch, 0, sizeof(n->batch));
	for (size_t i = 0; i < b.warnings.n; i++)
		monitor_event(m, true, "state-file", NULL, NULL,
			      b.warnings.text[i], NULL);
	n->p.answered(n->p.ctx, &b);
	namer_batch_fini(&b);
}

static void impatient(struct timer *t, void *owner, uint64_t now)
{
	struct namer *n = container_of(t, struct namer, patience);
	struct monitor *m = owner;

	(void)now;
	if (m->p.pool->ops->recall(m->p.pool, &n->job)) {
		/* It was no thread's yet: it waits on. */
		m->p.pool->ops->submit(m->p.pool, &n->job);
		timer_set(&m->timers, t, m->now + PATIENCE);
		return;
	}
	m->p.pool->ops->late(m->p.pool, &n->job);
	monitor_event(m, true, "state-file", NULL, NULL,
		      "the state directory has not answered for 30 s",
		      "%s: LUNs get no names until it does", n->p.dir);
}

struct namer *namer_new(const struct namer_params *p)
{
	struct namer *n = calloc(1, sizeof(*n));
	const struct state_warn warn = {take_warning, n};

	if (!n)
		return NULL;
	n->p = *p;
	n->bindings = bindings_new(p->dir, &warn);
	n->wwids = wwids_new(p->dir, &warn);
	n->job.work = work;
	n->job.mail.deliver = ended;
	n->patience.due = impatient;
	if (n->bindings && n->wwids)
		return n;
	namer_free(n);
	return NULL;
}

void namer_free(struct namer *n)
{
	assert(!n->busy);
	if (n->bindings)
		bindings_free(n->bindings);
	if (n->wwids)
		wwids_free(n->wwids);
	free(n);
}

bool namer_busy(const struct namer *n)
{
	return n->busy;
}

void namer_ask(struct namer *n, struct namer_batch *b)
{
	struct monitor *m = n->p.monitor;

	assert(!n->busy);
	n->batch = *b;
	memset(b, 0, sizeof(*b));
	n->busy = true;
	timer_set(&m->timers, &n->patience, m->now + PATIENCE);
	m->p.pool->ops->submit(m->p.pool, &n->job);
}

void namer_batch_fini(struct namer_batch *b)
{
	free(b->query);
	free(b->taken);
	textlist_clear(&b->warnings);
}
