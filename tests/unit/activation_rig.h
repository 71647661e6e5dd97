/* SPDX-License-Identifier: MIT */
/*
 * A monitor with a scripted hardware handler, a pool whose threads are the
 * test's own, and a lane with I/O that waits for what they do.
 */
#ifndef MPATHFS_TESTS_UNIT_ACTIVATION_RIG_H
#define MPATHFS_TESTS_UNIT_ACTIVATION_RIG_H

#include <errno.h>
#include "core/activate.h"
#include "core/lane.h"
#include "core/pool.h"
#include "tests/unit/monitor_rig.h"

#define ARIG_REQS 8
#define ARIG_JOBS 8

/* What the handler says of a path, by the last word of its device: this... */
static struct script {
	char name[16];
	enum activate_result then[4]; /* ...in turn; the last one remains */
	unsigned int n, asked;
} scripts[4];
static char handler_args[64];
static uint64_t handler_timeout;
static uint64_t handler_since; /* as the last call found it */
static bool handler_retain;

static inline struct script *script_of(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	unsigned int i = 0;

	while (scripts[i].name[0] && strcmp(scripts[i].name, name))
		assert_true(++i < ARRAY_SIZE(scripts));
	snprintf(scripts[i].name, sizeof(scripts[i].name), "%s", name);
	return &scripts[i];
}

static inline void say(const char *path, enum activate_result result)
{
	struct script *s = script_of(path);

	assert_true(s->n < ARRAY_SIZE(s->then));
	s->then[s->n++] = result;
}

static inline enum activate_result script_activate(struct activate_request *r)
{
	struct script *s = script_of(r->dev->path);
	unsigned int i = s->asked++;

	snprintf(handler_args, sizeof(handler_args), "%s", r->args);
	handler_timeout = r->timeout;
	handler_since = r->since;
	handler_retain = r->retain;
	if (!r->since)
		r->since = r->now;
	r->again = 2 * NSEC_PER_SEC;
	snprintf(r->message, sizeof(r->message), "answer %u", s->asked);
	if (!s->n)
		return ACTIVATE_OK;
	return s->then[MIN(i, s->n - 1)];
}

static const struct handler_ops script_handler = {
	.name = "script",
	.activate = script_activate,
};

static const struct handler_ops at_once_handler = {
	.name = "at-once",
	.activate = script_activate,
	.at_once = true,
};

static inline bool is_of_acme(const struct path_facts *f)
{
	return !strcmp(f->vendor, "ACME");
}

static const struct handler_ops patient_handler = {
	.name = "patient",
	.match = is_of_acme,
	.activate = script_activate,
	.patience = 60 * NSEC_PER_SEC,
	.longest = 255 * NSEC_PER_SEC,
};

static const struct handler_ops plain_handler = {.name = "none"};

static const struct handler_ops *const arig_handlers[] = {
	&script_handler, &at_once_handler, &patient_handler, &plain_handler,
	NULL};

struct arig {
	struct rig *r;
	struct pool *own_pool; /* of the monitor */
	struct pool pool;
	struct job *job[ARIG_JOBS]; /* submitted, no answer yet */
	unsigned int njobs, late;
	bool full; /* no thread has begun any */
	struct fake_engine eng;
	struct mailbox box[2];
	struct lane *lane;
	struct lane_front front;
	struct request req[ARIG_REQS];
	int err[ARIG_REQS]; /* of the answer; -1: none yet */
	unsigned int nreqs;
};

static struct arig arig;

static inline struct path *arig_path_of(const struct job *j)
{
	return container_of(j, struct path_activation, job)->path;
}

static inline bool arig_submit(struct pool *p, struct job *j)
{
	assert_ptr_equal(p, &arig.pool);
	assert_true(arig.njobs < ARIG_JOBS);
	arig.job[arig.njobs++] = j;
	return !arig.full;
}

static inline void arig_remove(unsigned int i)
{
	assert_true(i < arig.njobs);
	memmove(&arig.job[i], &arig.job[i + 1],
		(--arig.njobs - i) * sizeof(arig.job[0]));
}

static inline bool arig_recall(struct pool *p, struct job *j)
{
	unsigned int i = 0;

	(void)p;
	if (!arig.full)
		return false;
	while (arig.job[i] != j)
		i++;
	arig_remove(i);
	return true;
}

static inline void arig_late(struct pool *p, struct job *j)
{
	(void)p;
	(void)j;
	arig.late++;
}

static const struct pool_ops arig_pool_ops = {
	arig_submit,
	arig_recall,
	arig_late,
};

static inline void arig_poke(struct monitor_front *f)
{
	rig_of(f)->pokes++;
	for (size_t i = 0; i < ARRAY_SIZE(arig.box); i++)
		mailbox_poke(&arig.box[i]);
}

static inline void arig_done(struct lane_front *f, struct request *req, int err)
{
	(void)f;
	assert_int_equal(arig.err[req - arig.req], -1);
	arig.err[req - arig.req] = err;
}

static inline struct request *arig_replace(struct lane_front *f,
					   struct request *req)
{
	(void)f;
	(void)req;
	return NULL;
}

/* Monitor and lane, until neither has anything left to do now. */
static inline void arig_run(void)
{
	struct mailbox *m = monitor_mailbox(arig.r->m);
	unsigned int did;

	do {
		rig_turn(arig.r);
		did = lane_run(arig.lane, arig.r->now);
	} while (did || atomic_load(&m->head) || atomic_load(&m->poked));
}

static inline void arig_pass(uint64_t ns)
{
	rig_pass(arig.r, ns);
	arig_run();
}

/* A write of a block at its number; its number is returned. */
static inline unsigned int arig_write(void)
{
	unsigned int i = arig.nreqs++;
	struct request *req = &arig.req[i];

	assert_true(i < ARIG_REQS);
	req->op = IO_WRITE;
	req->volume = rig_volume(arig.r, "v");
	req->off = i * 4096ULL;
	req->len = 4096;
	assert_int_equal(
		posix_memalign((void **)&req->buf, 4096, 4096 + REQUEST_SLACK),
		0);
	memset(req->buf, 'w', 4096);
	arig.err[i] = -1;
	lane_submit(arig.lane, req, arig.r->now);
	arig_run();
	return i;
}

/* On which paths are how many I/Os? "a a b", in the order of submission. */
static inline void arig_expect_io(const char *want)
{
	char got[64] = "";

	for (unsigned int i = 0; i < arig.eng.n; i++) {
		const char *name = strrchr(arig.eng.out[i].io->dev->path, '/');

		strcat(got, i ? " " : "");
		strcat(got, name + 1);
	}
	assert_string_equal(got, want);
}

/* Which paths' activations are out? */
static inline void arig_expect_jobs(const char *want)
{
	char got[64] = "";

	for (unsigned int i = 0; i < arig.njobs; i++) {
		const struct path *p = arig_path_of(arig.job[i]);

		strcat(got, i ? " " : "");
		strcat(got, p ? p->name : "?");
	}
	assert_string_equal(got, want);
}

/* The thread that has the i-th is through with it. */
static inline void arig_end_job(unsigned int i)
{
	struct job *j = arig.job[i];

	arig_remove(i);
	j->work(j);
	mailbox_post(monitor_mailbox(arig.r->m), &j->mail);
	arig_run();
}

/* That path's activation ends so. */
static inline void arig_answer(const char *path, enum activate_result result)
{
	unsigned int i = 0;

	while (strcmp(arig_path_of(arig.job[i])->name, path))
		assert_true(++i < arig.njobs);
	script_of(path)->n = script_of(path)->asked = 0;
	say(path, result);
	arig_end_job(i);
}

static inline void arig_end_io(unsigned int i, int64_t res)
{
	fake_complete(&arig.eng, i, res);
	arig_run();
}

/* All that is out ends well, and each request was answered with 0. */
static inline void arig_finish(void)
{
	while (arig.eng.n)
		arig_end_io(0, ALL);
	for (unsigned int i = 0; i < arig.nreqs; i++)
		assert_int_equal(arig.err[i], 0);
}

static inline int arig_setup(void **state)
{
	static struct mailbox *boxes[2];
	struct rig *r;

	memset(&arig, 0, sizeof(arig));
	memset(scripts, 0, sizeof(scripts));
	assert_int_equal(rig_setup(state), 0);
	arig.r = r = *state;
	r->front.poke_lanes = arig_poke;
	arig.own_pool = r->m->p.pool;
	arig.pool.ops = &arig_pool_ops;
	r->m->p.pool = &arig.pool;
	r->m->p.handlers = arig_handlers;
	fake_engine_init(&arig.eng);
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		assert_int_equal(mailbox_init(&arig.box[i], NULL), 0);
		boxes[i] = &arig.box[i];
	}
	arig.front = (struct lane_front){arig_done, arig_replace};
	return lane_new(0, 2, &arig.eng.base, &arig.front, boxes,
			monitor_mailbox(r->m), &arig.lane);
}

static inline int arig_teardown(void **state)
{
	while (arig.njobs) /* late, or for nobody */
		arig_end_job(0);
	arig_run();
	assert_int_equal(lane_inflight(arig.lane), 0);
	for (unsigned int i = 0; i < arig.nreqs; i++) {
		assert_int_not_equal(arig.err[i], -1);
		free(arig.req[i].buf);
	}
	lane_free(arig.lane);
	arig.r->m->p.pool = arig.own_pool;
	rig_teardown(state);
	for (size_t i = 0; i < ARRAY_SIZE(arig.box); i++)
		mailbox_fini(&arig.box[i]);
	return 0;
}

/* Paths a and b, a group each, and the scripted handler. */
static inline void arig_start(const char *options)
{
	char text[256];

	snprintf(text, sizeof(text), "hardware_handler = 2 script arg\n%s",
		 options);
	rig_start(arig.r, text);
	arig_run();
	arig.r->log[0] = '\0';
}

#define ARIG_TEST(test)                                                        \
	cmocka_unit_test_setup_teardown(test, arig_setup, arig_teardown)

#endif
