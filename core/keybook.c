// SPDX-License-Identifier: MIT
/*
 * See keybook.h. While a job is out the file is its own, and so is a copy of
 * the query: who asked may have gone when it comes back.
 */
#include "core/keybook.h"

#include <stdio.h>
#include <string.h>

#include "core/monitor_private.h"
#include "core/pool.h"
#include "core/textlist.h"

#define PATIENCE (30 * NSEC_PER_SEC)

struct keybook {
	struct monitor *m;
	const char *dir;
	struct prkeys *keys;
	struct cds_list_head waiting; /* queries, in their order */
	struct keybook_query *out;    /* whose job is out; NULL: nobody's */
	struct timer patience, refuse;
	/* the job's, while it is out */
	struct job job;
	struct keybook_query copy;
	struct textlist warnings;
	bool busy, late;
};

static struct keybook_query *first(struct keybook *b)
{
	return cds_list_empty(&b->waiting)
		       ? NULL
		       : cds_list_first_entry(&b->waiting, struct keybook_query,
					      link);
}

/* On a thread of the pool */

static void take_warning(void *ctx, const char *text)
{
	struct keybook *b = ctx;

	/* Without memory a warning is lost, and no more. */
	(void)!textlist_insert(&b->warnings, b->warnings.n, text);
}

static void work(struct job *j)
{
	struct keybook *b = container_of(j, struct keybook, job);
	struct keybook_query *q = &b->copy;

	q->why.text[0] = '\0';
	if (q->set) {
		(void)!prkeys_set(b->keys, q->wwid, q->key, &q->why);
	} else {
		(void)!prkeys_refresh(b->keys, &q->why);
		q->key = prkeys_get(b->keys, q->wwid);
	}
}

/* On the monitor's */

static void begin(struct keybook *b)
{
	struct keybook_query *q = first(b);

	if (!q || b->busy)
		return;
	b->copy = *q;
	b->out = q;
	b->busy = true;
	timer_set(&b->m->timers, &b->patience, b->m->now + PATIENCE);
	b->m->p.pool->ops->submit(b->m->p.pool, &b->job);
}

static void tell_warnings(struct keybook *b)
{
	for (size_t i = 0; i < b->warnings.n; i++)
		monitor_event(b->m, true, "state-file", NULL, NULL,
			      b->warnings.text[i], NULL);
	textlist_clear(&b->warnings);
}

static void answer(struct keybook *b, struct keybook_query *q)
{
	keybook_forget(b, q);
	q->ended(q, b->m);
}

static void ended(struct mail *mail, void *owner)
{
	struct keybook *b = container_of(mail, struct keybook, job.mail);
	struct keybook_query *q = b->out;

	(void)owner;
	timer_clear(&b->m->timers, &b->patience);
	b->busy = b->late = false;
	tell_warnings(b);
	if (q) {
		q->key = b->copy.key;
		q->why = b->copy.why;
		answer(b, q);
	}
	begin(b);
}

/* Who waits, waits no longer. */
static void refuse_all(struct keybook *b)
{
	struct keybook_query *q;

	while ((q = first(b))) {
		errmsg_put(&q->why, "the state directory does not answer");
		answer(b, q);
	}
}

static void refuse(struct timer *t, void *owner, uint64_t now)
{
	(void)owner;
	(void)now;
	refuse_all(container_of(t, struct keybook, refuse));
}

static void impatient(struct timer *t, void *owner, uint64_t now)
{
	struct keybook *b = container_of(t, struct keybook, patience);
	struct pool *pool = b->m->p.pool;

	(void)owner;
	(void)now;
	if (pool->ops->recall(pool, &b->job)) {
		/* It was no thread's yet: it waits on. */
		pool->ops->submit(pool, &b->job);
		timer_set(&b->m->timers, t, b->m->now + PATIENCE);
		return;
	}
	pool->ops->late(pool, &b->job);
	b->late = true;
	monitor_event(b->m, true, "state-file", NULL, NULL,
		      "the state directory has not answered for 30 s",
		      "%s: no reservation key is read or written until it does",
		      b->dir);
	refuse_all(b);
}

struct keybook *keybook_new(struct monitor *m, const char *dir)
{
	struct keybook *b = calloc(1, sizeof(*b));
	const struct state_warn warn = {take_warning, b};

	if (!b)
		return NULL;
	b->m = m;
	b->dir = dir;
	CDS_INIT_LIST_HEAD(&b->waiting);
	b->job.work = work;
	b->job.mail.deliver = ended;
	b->patience.due = impatient;
	b->refuse.due = refuse;
	b->keys = prkeys_new(dir, &warn);
	if (b->keys)
		return b;
	free(b);
	return NULL;
}

void keybook_free(struct keybook *b)
{
	if (!b)
		return;
	assert(!b->busy && cds_list_empty(&b->waiting));
	prkeys_free(b->keys);
	free(b);
}

bool keybook_busy(const struct keybook *b)
{
	return b && b->busy;
}

void keybook_ask(struct keybook *b, struct keybook_query *q)
{
	q->waits = true;
	cds_list_add_tail(&q->link, &b->waiting);
	if (b->late)
		timer_set(&b->m->timers, &b->refuse, b->m->now);
	else
		begin(b);
}

void keybook_forget(struct keybook *b, struct keybook_query *q)
{
	if (!q->waits)
		return;
	q->waits = false;
	cds_list_del(&q->link);
	if (b->out == q)
		b->out = NULL;
}
