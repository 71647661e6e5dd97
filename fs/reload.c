// SPDX-License-Identifier: MIT
/*
 * See reload.h. A list of what is asked for; its first is under way. The thread
 * lives as long as one reading; what it reads is its own until its mail is
 * delivered.
 */
#include "fs/reload.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <urcu/list.h>

#include "core/config.h"
#include "core/mailbox.h"
#include "core/monitor.h"
#include "core/thread.h"
#include "fs/finding.h"
#include "fs/log.h"
#include "fs/tree.h"
#include "fs/worker.h"
#include "fs/words.h"

struct request {
	struct cds_list_head link;
	uint32_t id; /* 0: nobody waits */
	bool dry;
};

struct reload {
	struct daemon *d;
	struct monitor *m;
	struct discovery *discovery;
	int sock;
	uint32_t last_id;
	struct cds_list_head requests;
	/* the thread's until its mail is delivered */
	pthread_t thread;
	struct mail mail;
	struct loaded loaded;
};

struct reload *reload_new(struct daemon *d, struct monitor *m,
			  struct discovery *discovery, int sock)
{
	struct reload *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->d = d;
	r->m = m;
	r->discovery = discovery;
	r->sock = sock;
	CDS_INIT_LIST_HEAD(&r->requests);
	return r;
}

bool reload_busy(const struct reload *r)
{
	return r->requests.next != &r->requests;
}

void reload_free(struct reload *r)
{
	assert(!reload_busy(r));
	free(r);
}

static void *read_files(void *arg)
{
	struct reload *r = arg;

	finding_load(r->d, &r->loaded);
	mailbox_post(monitor_mailbox(r->m), &r->mail);
	return NULL;
}

static struct request *first(const struct reload *r)
{
	return cds_list_first_entry(&r->requests, struct request, link);
}

static void deliver(struct mail *m, void *owner);

/* The first request begins. 0 or -errno with the reason in e. */
static int start(struct reload *r, struct errmsg *e)
{
	int err;

	r->mail.deliver = deliver;
	err = thread_start(&r->thread, read_files, r);
	return err ? errmsg_set(e, -err, "no thread to read it: %s",
				strerror(-err)) :
		     0;
}

static void end_first(struct reload *r, int result, const struct errmsg *e)
{
	struct request *q = first(r);
	uint32_t id = q->id;
	bool dry = q->dry;

	cds_list_del(&q->link);
	free(q);
	if (!result && !dry)
		words_tell(r->sock, WORD_RELOADED);
	if (id)
		tree_reloaded(r->d->tree, id, dry, result, e);
	else
		words_tell(r->sock, WORD_RELOAD_ENDED);
}

static void deliver(struct mail *m, void *owner)
{
	struct reload *r = container_of(m, struct reload, mail);
	struct errmsg e = {""};
	int err;

	(void)owner;
	pthread_join(r->thread, NULL); /* it is past its last word */
	err = finding_take(r->d, r->discovery, &r->loaded, first(r)->dry, &e);
	do
		end_first(r, err, &e);
	while (reload_busy(r) && (err = start(r, &e)));
}

int reload_begin(struct reload *r, bool dry, uint32_t *id, struct errmsg *e)
{
	struct request *q = calloc(1, sizeof(*q));
	bool busy = reload_busy(r);
	int err;

	if (!q)
		return errmsg_set(e, ENOMEM, "no memory");
	q->dry = dry;
	if (id) {
		r->last_id += r->last_id == UINT32_MAX ? 2 : 1; /* never 0 */
		*id = q->id = r->last_id;
	}
	cds_list_add_tail(&q->link, &r->requests);
	err = busy ? 0 : start(r, e);
	if (err) {
		cds_list_del(&q->link);
		free(q);
	}
	return err;
}

void reload_by_signal(struct reload *r)
{
	struct errmsg e;

	if (reload_begin(r, false, NULL, &e) == 0)
		return;
	log_warn("SIGHUP: %s", e.text);
	words_tell(r->sock, WORD_RELOAD_ENDED);
}
