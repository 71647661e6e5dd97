/* SPDX-License-Identifier: MIT */
/*
 * One volume of up to four paths under one or two lanes, all in the test's own
 * thread: fake engines, fake devices, simulated time, and of the monitor only
 * what turns a report into a new view. Every request counts its answers;
 * rig_free() checks that each had exactly one and that nothing is left over.
 */
#ifndef MPATHFS_TESTS_UNIT_LANE_RIG_H
#define MPATHFS_TESTS_UNIT_LANE_RIG_H

#include <errno.h>
#include "core/group.h"
#include "core/lane.h"
#include "core/path.h"
#include "core/volume_private.h"
#include "selectors/selectors.h"
#include "tests/unit/fake_engine.h"

#define RIG_PATHS 4
#define RIG_LANES 2
#define RIG_REQS 64
#define RIG_SIZE (1ULL << 30)

static const struct selector_ops *const rig_selectors[] = SELECTOR_TABLE;

struct treq {
	struct request req;
	struct treq *root; /* the one the application sent */
	unsigned int ends; /* calls of done() */
	unsigned int answers; /* of the root */
	int err;	      /* of the answer */
	unsigned int order;   /* of the answer: 1, 2, ... */
	struct request *last; /* which gave the answer */
};

struct rig {
	struct volume *v;
	struct device dev[RIG_PATHS];
	unsigned int nlanes;
	struct lane *lane[RIG_LANES];
	struct fake_engine eng[RIG_LANES];
	struct mailbox box[RIG_LANES];
	struct mailbox *boxes[RIG_LANES];
	struct mailbox monitor;
	struct lane_front front;
	uint64_t now;
	bool gone;
	struct treq req[RIG_REQS];
	unsigned int nreqs;
	unsigned int nanswers;
	unsigned int spares;	   /* how many replacements may be had */
	unsigned int replace_asked;
	unsigned int faults;
	struct treq *again; /* submitted in the next done(); may be its own */
};

static inline void rig_publish(struct rig *r)
{
	volume_offer_paths(r->v);
	volume_choose_group(r->v);
	volume_publish(r->v, r->gone, true);
	for (unsigned int i = 0; i < r->nlanes; i++)
		mailbox_poke(&r->box[i]);
}

/* Turns of all lanes until none has anything left to do. */
static inline void rig_run(struct rig *r)
{
	unsigned int did = 1;

	for (int turns = 0; did; turns++) {
		assert_true(turns < 1000);
		did = 0;
		for (unsigned int i = 0; i < r->nlanes; i++)
			did += lane_run(r->lane[i], r->now);
		for (unsigned int i = 0; i < r->nlanes; i++)
			did += atomic_load(&r->box[i].head) != NULL;
	}
}

static inline void rig_conflict(struct mail *m, void *owner)
{
	struct path *p = container_of(m, struct path, conflict.mail);

	(void)owner;
	atomic_store(&p->conflict.reported, false);
}

static inline void rig_fault(struct mail *m, void *owner)
{
	struct path *p = container_of(m, struct path, fault.mail);
	struct rig *r = owner;

	r->faults++;
	atomic_store(&p->fault.reported, false);
	p->health.offered = false;
	p->health.active = false;
}

/* The monitor takes the lanes' reports and publishes; the lanes look again. */
static inline void rig_settle(struct rig *r)
{
	mailbox_deliver(&r->monitor);
	rig_publish(r);
	rig_run(r);
}

/* Path i is (not) in use from now on. */
static inline void rig_set_path(struct rig *r, unsigned int i, bool active)
{
	mailbox_deliver(&r->monitor);
	r->v->paths[i]->health.active = active;
	rig_publish(r);
	rig_run(r);
}

static inline struct treq *rig_new_req(struct rig *r, enum io_op op,
				       uint64_t off, uint64_t len)
{
	struct treq *t = &r->req[r->nreqs++];
	bool data = op == IO_READ || op == IO_WRITE;

	assert_true(r->nreqs <= RIG_REQS);
	memset(t, 0, sizeof(*t));
	t->root = t;
	t->req.op = op;
	t->req.volume = r->v;
	t->req.off = off;
	t->req.len = len;
	if (data)
		assert_int_equal(posix_memalign((void **)&t->req.buf, 4096,
						len + REQUEST_SLACK),
				 0);
	if (data)
		memset(t->req.buf, 0, len);
	return t;
}

static inline void rig_done(struct lane_front *f, struct request *req, int err)
{
	struct rig *r = container_of(f, struct rig, front);
	struct treq *t = container_of(req, struct treq, req), *again = r->again;

	t->ends++;
	if (!req->orphan) {
		t->root->answers++;
		t->root->err = err;
		t->root->last = req;
		t->root->order = ++r->nanswers;
	}
	r->again = NULL;
	if (again == t) /* used again: its count begins anew */
		t->ends = t->answers = 0;
	if (again)
		lane_submit(r->lane[0], &again->req, r->now);
}

static inline struct request *rig_replace(struct lane_front *f,
					  struct request *req)
{
	struct rig *r = container_of(f, struct rig, front);
	struct treq *t = container_of(req, struct treq, req), *heir;

	r->replace_asked++;
	if (!r->spares)
		return NULL;
	r->spares--;
	heir = rig_new_req(r, req->op, req->off, req->len);
	heir->root = t->root;
	heir->req.dsync = req->dsync;
	if (req->op == IO_WRITE)
		memcpy(heir->req.buf, request_payload(req), req->len);
	return &heir->req;
}

static inline struct treq *rig_submit(struct rig *r, unsigned int lane,
				      enum io_op op, uint64_t off, uint64_t len)
{
	struct treq *t = rig_new_req(r, op, off, len);

	lane_submit(r->lane[lane], &t->req, r->now);
	rig_run(r);
	return t;
}

static inline struct treq *rig_write(struct rig *r, unsigned int lane,
				     uint64_t off, uint64_t len, char c)
{
	struct treq *t = rig_new_req(r, IO_WRITE, off, len);

	memset(t->req.buf, c, len);
	lane_submit(r->lane[lane], &t->req, r->now);
	rig_run(r);
	return t;
}

/* The i-th oldest attempt on that lane's devices ends. */
static inline void rig_end(struct rig *r, unsigned int lane, unsigned int i,
			   int64_t res)
{
	fake_complete(&r->eng[lane], i, res);
	rig_run(r);
}

static inline unsigned int rig_path_of(const struct rig *r, const struct io *io)
{
	return (unsigned int)(io->dev - r->dev);
}

static inline uint64_t rig_device_size(const struct device *d)
{
	return d->limits.size;
}

static const struct device_ops rig_device_ops = {.size = rig_device_size};

static inline void rig_add_path(struct rig *r, unsigned int i, uint32_t block,
				uint32_t max_io)
{
	struct volume *v = r->v;
	char name[8];

	snprintf(name, sizeof(name), "p%u", i);
	v->paths[i] = path_new(v, name, "/dev/null", 1, i + 1, v->nr_lanes);
	assert_non_null(v->paths[i]);
	memset(&r->dev[i], 0, sizeof(r->dev[i]));
	r->dev[i].ops = &rig_device_ops;
	r->dev[i].limits.size = RIG_SIZE;
	r->dev[i].limits.block = block;
	r->dev[i].limits.max_io = max_io;
	v->paths[i]->dev = &r->dev[i];
	v->paths[i]->fault.mail.deliver = rig_fault;
	v->paths[i]->conflict.mail.deliver = rig_conflict;
	v->paths[i]->health.active = true;
	v->npaths++;
}

static inline void rig_add_lanes(struct rig *r)
{
	assert_int_equal(mailbox_init(&r->monitor, r), 0);
	for (unsigned int i = 0; i < r->nlanes; i++) {
		assert_int_equal(mailbox_init(&r->box[i], NULL), 0);
		r->boxes[i] = &r->box[i];
		fake_engine_init(&r->eng[i]);
	}
	for (unsigned int i = 0; i < r->nlanes; i++)
		assert_int_equal(lane_new(i, r->nlanes, &r->eng[i].base,
					  &r->front, r->boxes, &r->monitor,
					  &r->lane[i]),
				 0);
}

/* multibus and round-robin, so that paths are taken in turn. */
static inline void rig_init(struct rig *r, unsigned int npaths,
			    unsigned int nlanes, uint32_t block,
			    uint32_t max_io)
{
	struct errmsg e = {.text = ""};
	struct settings *s;

	memset(r, 0, sizeof(*r));
	r->now = 10 * NSEC_PER_SEC;
	r->nlanes = nlanes;
	r->front.done = rig_done;
	r->front.replace = rig_replace;
	r->v = volume_new("v", 1, nlanes);
	assert_non_null(r->v);
	s = &r->v->settings;
	for (int o = 0; o < OPT_COUNT; o++)
		option_builtin((enum opt)o, &s->v[o]);
	s->v[OPT_PATH_GROUPING_POLICY].num = POLICY_MULTIBUS;
	strcpy(s->v[OPT_PATH_SELECTOR].text, "round-robin 0");
	s->v[OPT_NO_PATH_RETRY].num = NO_PATH_QUEUE;
	r->v->run->queueing.on = true;
	r->v->paths = calloc(RIG_PATHS, sizeof(struct path *));
	for (unsigned int i = 0; i < npaths; i++)
		rig_add_path(r, i, block, max_io);
	volume_measure(r->v);
	if (volume_group_paths(r->v, r->v->paths, npaths, s, rig_selectors,
			       &r->v->groups, &r->v->ngroups, &e))
		fail_msg("%s", e.text);
	rig_add_lanes(r);
	rig_publish(r);
	rig_run(r);
}

/* What must hold when all is over. */
static inline void rig_check_idle(struct rig *r)
{
	for (unsigned int i = 0; i < r->nreqs; i++) {
		const struct treq *t = &r->req[i];

		if (t->ends != 1 || (t->root == t && t->answers != 1))
			fail_msg("request %u: got %u ends, %u answers; "
				 "expected 1 of each",
				 i, t->ends, t->answers);
	}
	for (unsigned int i = 0; i < r->v->npaths; i++) {
		assert_int_equal(r->v->paths[i]->load.ios, 0);
		assert_int_equal(r->v->paths[i]->load.bytes, 0);
	}
	for (unsigned int i = 0; i < r->nlanes; i++) {
		assert_int_equal(r->v->lanes[i].requests, 0);
		assert_int_equal(r->v->lanes[i].parked_n, 0);
		assert_int_equal(lane_inflight(r->lane[i]), 0);
		assert_int_equal(r->eng[i].n, 0);
	}
	assert_false(holds_any(&r->v->holds));
}

/* All of them have been answered: room for others. */
static inline void rig_forget(struct rig *r)
{
	rig_check_idle(r);
	while (r->nreqs)
		free(r->req[--r->nreqs].req.buf);
	r->nanswers = 0;
}

static inline void rig_free(struct rig *r)
{
	mailbox_deliver(&r->monitor);
	rig_run(r);
	rig_forget(r);
	for (unsigned int i = 0; i < r->nlanes; i++) {
		lane_free(r->lane[i]);
		mailbox_fini(&r->box[i]);
	}
	mailbox_fini(&r->monitor);
	for (unsigned int i = 0; i < r->v->npaths; i++)
		r->v->paths[i]->dev = NULL; /* not the path's to close */
	volume_free(r->v);
}

#endif
