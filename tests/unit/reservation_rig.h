/* SPDX-License-Identifier: MIT */
/*
 * A monitor whose paths a, b and c lead to the LUN of reserve_model.h, a pool
 * whose threads are the test's own, and a lane with I/O that may have to wait.
 */
#ifndef MPATHFS_TESTS_UNIT_RESERVATION_RIG_H
#define MPATHFS_TESTS_UNIT_RESERVATION_RIG_H

#include "core/keybook.h"
#include "core/lane.h"
#include "core/pool.h"
#include "core/reservation_private.h"
#include "tests/unit/monitor_rig.h"
#include "tests/unit/reserve_model.h"

#define RES_JOBS 16
#define RES_REQS 8
#define RES_TICKETS 32

static struct res {
	struct rig *r;
	struct model lun;
	struct pool *own_pool; /* of the monitor */
	struct pool pool;
	struct job *job[RES_JOBS]; /* submitted, no answer yet */
	unsigned int njobs, late;
	const char *hangs; /* the path that does not answer */
	const struct job *hung;
	char sent[1024];	 /* "REG a 0>1; ..." */
	int result[RES_TICKETS]; /* by ticket; 1: not told yet */
	const char *kept;
	struct fake_engine eng;
	struct mailbox box[2];
	struct lane *lane;
	struct lane_front front;
	struct request req[RES_REQS];
	int err[RES_REQS];
	unsigned int nreqs;
} res;

static inline const char *device_name(const struct device *d)
{
	return strrchr(d->path, '/') + 1;
}

/* On a thread of the pool. */
static inline enum reserve_verdict res_reserve(struct reserve_request *q)
{
	const struct reserve_command *c = &q->command;
	const char *name = device_name(q->dev);
	size_t n = strlen(res.sent), room = sizeof(res.sent) - n;
	enum reserve_verdict v;

	n += (size_t)snprintf(res.sent + n, room, "%s%s %s", n ? "; " : "",
			      verb_short(c->verb), name);
	if (!reserve_verb_reads(c->verb))
		snprintf(res.sent + n, sizeof(res.sent) - n, " %llx>%llx%s%s",
			 (unsigned long long)c->key,
			 (unsigned long long)c->other, c->aptpl ? " aptpl" : "",
			 c->all_tg_pt ? " all" : "");
	v = model_ask(&res.lun, name[0] - 'a', c, q);
	snprintf(q->message, sizeof(q->message), "%s", v ? "why" : "");
	return v;
}

static inline bool res_submit(struct pool *p, struct job *j)
{
	(void)p;
	assert_true(res.njobs < RES_JOBS);
	res.job[res.njobs++] = j;
	return true;
}

static inline bool res_recall(struct pool *p, struct job *j)
{
	(void)p;
	(void)j;
	return false;
}

static inline void res_late(struct pool *p, struct job *j)
{
	(void)p;
	(void)j;
	res.late++;
}

static const struct pool_ops res_pool_ops = {res_submit, res_recall, res_late};

static inline void res_poke(struct monitor_front *f)
{
	rig_of(f)->pokes++;
	for (size_t i = 0; i < ARRAY_SIZE(res.box); i++)
		mailbox_poke(&res.box[i]);
}

static inline void res_reserved(struct monitor_front *f, const struct volume *v,
				uint64_t ticket, int result)
{
	(void)f;
	(void)v;
	assert_true(ticket < RES_TICKETS);
	assert_int_equal(res.result[ticket], 1);
	res.result[ticket] = result;
}

static inline const char *res_kept(struct monitor_front *f, const char *volume)
{
	(void)f;
	(void)volume;
	return res.kept;
}

static inline void res_done(struct lane_front *f, struct request *req, int err)
{
	(void)f;
	res.err[req - res.req] = err;
}

static inline struct request *res_replace(struct lane_front *f,
					  struct request *req)
{
	(void)f;
	(void)req;
	return NULL;
}

/* Also when its path has been taken out meanwhile. */
static inline bool job_hangs(const struct job *j)
{
	struct volume *v = monitor_volume(res.r->m, 0);
	struct path *p = v && res.hangs ? volume_path(v, res.hangs) : NULL;
	const void *of = p ? p->reserve.job : NULL;

	if (of == (const void *)j) /* its first member */
		res.hung = j;
	return res.hangs && res.hung == j;
}

/* The threads, one job after the other. */
static inline bool res_work(void)
{
	for (unsigned int i = 0; i < res.njobs; i++) {
		struct job *j = res.job[i];

		if (job_hangs(j))
			continue;
		memmove(&res.job[i], &res.job[i + 1],
			(--res.njobs - i) * sizeof(res.job[0]));
		j->work(j);
		mailbox_post(monitor_mailbox(res.r->m), &j->mail);
		return true;
	}
	return false;
}

/* Monitor, threads and lane, until there is nothing left to do now. */
static inline void res_run(void)
{
	struct mailbox *m = monitor_mailbox(res.r->m);
	bool more;

	do {
		rig_turn(res.r);
		more = res.r->next <= res.r->now;
		more |= lane_run(res.lane, res.r->now) > 0;
		more |= res_work();
		more |= atomic_load(&m->head) || atomic_load(&m->poked);
	} while (more);
}

static inline void res_pass(uint64_t ns)
{
	uint64_t end = res.r->now + ns;

	res_run();
	while (res.r->next <= end) {
		res.r->now = MAX(res.r->next, res.r->now);
		res_run();
	}
	res.r->now = end;
	res_run();
}

static inline struct volume *res_volume(void)
{
	return rig_volume(res.r, "v");
}

/* Asks for it; its ticket. */
static inline uint64_t res_begin(enum reserve_op op, const char *words)
{
	struct errmsg e = {.text = ""};
	uint64_t ticket;

	if (reservation_ask(res.r->m, res_volume(), op, words, res.r->now,
			    &ticket, &e))
		fail_msg("%s %s: %s", reserve_op_text(op), words, e.text);
	assert_int_equal(res.result[ticket], 1); /* not before it returned */
	res.r->next = res.r->now;
	return ticket;
}

/* The same, to its end: what its writer is told. */
static inline int res_ask(enum reserve_op op, const char *words)
{
	uint64_t ticket = res_begin(op, words);

	res_run();
	assert_int_not_equal(res.result[ticket], 1);
	return res.result[ticket];
}

static inline int res_refused(enum reserve_op op, const char *words, char *why,
			      size_t size)
{
	struct errmsg e = {.text = ""};
	uint64_t ticket;
	int r = reservation_ask(res.r->m, res_volume(), op, words, res.r->now,
				&ticket, &e);

	snprintf(why, size, "%s", e.text);
	return r;
}

/* Since the last call these commands, and no others. */
static inline void res_expect_sent(const char *want)
{
	if (strcmp(res.sent, want))
		fail_msg("sent: got\n%s\nexpected\n%s", res.sent, want);
	res.sent[0] = '\0';
}

static inline void res_expect_lun(const char *want)
{
	char got[128];

	model_text(&res.lun, got, sizeof(got));
	if (strcmp(got, want))
		fail_msg("LUN: got '%s', expected '%s'", got, want);
}

/* A write of a block at its number; its number is returned. */
static inline unsigned int res_write(void)
{
	unsigned int i = res.nreqs++;
	struct request *req = &res.req[i];

	assert_true(i < RES_REQS);
	req->op = IO_WRITE;
	req->volume = res_volume();
	req->off = i * 4096ULL;
	req->len = 4096;
	assert_int_equal(
		posix_memalign((void **)&req->buf, 4096, 4096 + REQUEST_SLACK),
		0);
	memset(req->buf, 'w', 4096);
	res.err[i] = -1;
	lane_submit(res.lane, req, res.r->now);
	lane_run(res.lane, res.r->now);
	return i;
}

static inline void res_end_io(unsigned int i, int64_t res_)
{
	fake_complete(&res.eng, i, res_);
	res_run();
}

/* On which paths are how many I/Os? "a a b". */
static inline void res_expect_io(const char *want)
{
	char got[64] = "";

	for (unsigned int i = 0; i < res.eng.n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, device_name(res.eng.out[i].io->dev));
	}
	assert_string_equal(got, want);
}

static inline int res_setup(void **state)
{
	static struct mailbox *boxes[2];
	struct rig *r;

	memset(&res, 0, sizeof(res));
	for (int i = 0; i < RES_TICKETS; i++)
		res.result[i] = 1;
	assert_int_equal(rig_setup(state), 0);
	res.r = r = *state;
	r->front.poke_lanes = res_poke;
	r->front.reserved = res_reserved;
	r->front.kept_registered = res_kept;
	res.own_pool = r->m->p.pool;
	res.pool.ops = &res_pool_ops;
	r->m->p.pool = &res.pool;
	r->m->p.reserve = res_reserve;
	r->m->p.state_dir = r->f->dir;
	r->m->keybook = keybook_new(r->m, r->f->dir);
	model_set(&res.lun, "");
	fake_engine_init(&res.eng);
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		assert_int_equal(mailbox_init(&res.box[i], NULL), 0);
		boxes[i] = &res.box[i];
	}
	res.front = (struct lane_front){res_done, res_replace};
	return lane_new(0, 2, &res.eng.base, &res.front, boxes,
			monitor_mailbox(r->m), &res.lane);
}

static inline int res_teardown(void **state)
{
	struct errmsg e;
	char path[256];

	res.hangs = NULL;
	while (res.eng.n)
		res_end_io(0, ALL);
	res_run();
	assert_int_equal(rig_apply(res.r, "", true, &e), 0);
	res_run();
	assert_int_equal(lane_inflight(res.lane), 0);
	for (unsigned int i = 0; i < res.nreqs; i++) {
		assert_int_not_equal(res.err[i], -1);
		free(res.req[i].buf);
	}
	lane_free(res.lane);
	res.r->m->p.pool = res.own_pool;
	snprintf(path, sizeof(path), "%sprkeys", res.r->f->dir);
	unlink(path);
	rig_teardown(state);
	for (size_t i = 0; i < ARRAY_SIZE(res.box); i++)
		mailbox_fini(&res.box[i]);
	return 0;
}

/* Paths a, b and c of one group, in turns. */
static inline void res_start(const char *options)
{
	struct errmsg e = {.text = ""};
	char text[1024];

	snprintf(text, sizeof(text),
		 "[volume v]\npath = a @a\npath = b @b\npath = c @c\n"
		 "path_grouping_policy = multibus\n"
		 "path_selector = round-robin 0\n%s",
		 options);
	if (rig_apply(res.r, text, true, &e))
		fail_msg("%s: %s", options, e.text);
}

#define KEY "reservation_key = 0x1\n"

/* The same, registered, with no trace of that. */
static inline void res_start_registered(const char *options)
{
	char text[512];

	snprintf(text, sizeof(text), KEY "%s", options);
	res_start(text);
	res_run();
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0x1"), 0);
	res_expect_lun("a=1 b=1 c=1");
	res.sent[0] = res.r->log[0] = '\0';
}

#define RES_TEST(test)                                                         \
	cmocka_unit_test_setup_teardown(test, res_setup, res_teardown)

#endif
