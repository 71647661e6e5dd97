// SPDX-License-Identifier: MIT
/*
 * A lane's requests on a fake engine: what goes to which path, and how each
 * request is answered.
 */
#include "tests/unit/lane_rig.h"

#define KB 1024ULL
#define MB (1024ULL * KB)

/*
 * One request on two paths that are taken in turn (0 first). Each step is the
 * oldest attempt that is out: where it must be, and how it ends.
 */
struct step {
	unsigned int path;
	uint64_t off, len;
	int64_t res;
};

static const struct {
	const char *name;
	enum io_op op;
	uint64_t off, len;
	struct step steps[8];
	int err;
	bool failed[2]; /* paths, afterwards */
} cases[] = {
	{"one piece", IO_READ, 0, 4096, {{0, 0, 4096, ALL}}, 0, {0}},
	{"up to the end", IO_READ, RIG_SIZE - 512, 512,
	 {{0, RIG_SIZE - 512, 512, ALL}}, 0, {0}},
	{"a write", IO_WRITE, 8192, 4096, {{0, 8192, 4096, ALL}}, 0, {0}},
	{"two pieces", IO_READ, 64 * KB, 65 * KB,
	 {{0, 64 * KB, 64 * KB, ALL}, {1, 128 * KB, KB, ALL}}, 0, {0}},
	/* no more than four out at once: the fifth when one has ended */
	{"six pieces", IO_WRITE, 0, 6 * 64 * KB,
	 {{0, 0, 64 * KB, ALL}, {1, 64 * KB, 64 * KB, ALL},
	  {0, 128 * KB, 64 * KB, ALL}, {1, 192 * KB, 64 * KB, ALL},
	  {0, 256 * KB, 64 * KB, ALL}, {1, 320 * KB, 64 * KB, ALL}}, 0, {0}},
	{"path error", IO_READ, 0, 4096,
	 {{0, 0, 4096, -EIO}, {1, 0, 4096, ALL}}, 0, {true, false}},
	{"path error of a write", IO_WRITE, 0, 4096,
	 {{0, 0, 4096, -ENOLINK}, {1, 0, 4096, ALL}}, 0, {true, false}},
	{"path error of one piece of two", IO_WRITE, 0, 128 * KB,
	 {{0, 0, 64 * KB, -ETIMEDOUT}, {1, 64 * KB, 64 * KB, ALL},
	  {1, 0, 64 * KB, ALL}}, 0, {true, false}},
	{"target error", IO_READ, 0, 4096, {{0, 0, 4096, -ENODATA}}, ENODATA,
	 {0}},
	{"a full LUN", IO_WRITE, 0, 4096, {{0, 0, 4096, -ENOSPC}}, ENOSPC,
	 {0}},
	{"ours", IO_WRITE, 0, 4096, {{0, 0, 4096, -EINVAL}}, EINVAL, {0}},
	{"target error of one piece", IO_READ, 0, 128 * KB,
	 {{0, 0, 64 * KB, -EREMOTEIO}, {1, 64 * KB, 64 * KB, ALL}}, EREMOTEIO,
	 {0}},
	/* nothing new is begun, nothing is tried again */
	{"target error, then a path error", IO_READ, 0, 6 * 64 * KB,
	 {{0, 0, 64 * KB, -EILSEQ}, {1, 64 * KB, 64 * KB, -EIO},
	  {0, 128 * KB, 64 * KB, ALL}, {1, 192 * KB, 64 * KB, ALL}}, EILSEQ,
	 {false, true}},
	{"the first error counts", IO_READ, 0, 128 * KB,
	 {{0, 0, 64 * KB, -EBADE}, {1, 64 * KB, 64 * KB, -ENOSPC}}, EBADE,
	 {0}},
	{"short", IO_READ, 0, 8192,
	 {{0, 0, 8192, 512}, {1, 512, 7680, 512}, {0, 1024, 7168, ALL}}, 0,
	 {0}},
	{"short write", IO_WRITE, 4096, 8192,
	 {{0, 4096, 8192, 4096}, {1, 8192, 4096, ALL}}, 0, {0}},
	{"short, then a path error", IO_WRITE, 0, 8192,
	 {{0, 0, 8192, 4096}, {1, 4096, 4096, -EIO}, {0, 4096, 4096, ALL}}, 0,
	 {false, true}},
	{"nothing came", IO_READ, 0, 4096,
	 {{0, 0, 4096, 0}, {1, 0, 4096, ALL}}, 0, {true, false}},
	{"discard", IO_DISCARD, 512, MB, {{0, 512, MB, ALL}}, 0, {0}},
	{"a long discard", IO_DISCARD, 0, 300 * MB,
	 {{0, 0, 128 * MB, ALL}, {1, 128 * MB, 128 * MB, ALL},
	  {0, 256 * MB, 44 * MB, ALL}}, 0, {0}},
	{"part of a long discard again", IO_ZERO, 0, 129 * MB,
	 {{0, 0, 128 * MB, -EIO}, {1, 128 * MB, MB, ALL},
	  {1, 0, 128 * MB, ALL}}, 0, {true, false}},
	{"no discard", IO_DISCARD, 0, MB, {{0, 0, MB, -EOPNOTSUPP}},
	 EOPNOTSUPP, {0}},
	{"flush", IO_FLUSH, 0, 0, {{0, 0, 0, ALL}}, 0, {0}},
	{"flush on another path", IO_FLUSH, 0, 0,
	 {{0, 0, 0, -EIO}, {1, 0, 0, ALL}}, 0, {true, false}},
	{"flush, target error", IO_FLUSH, 0, 0, {{0, 0, 0, -ENODATA}},
	 ENODATA, {0}},
	/* refused before they reach a path */
	{"nothing", IO_WRITE, 0, 0, {{0, 0, 0, 0}}, 0, {0}},
	{"read past the end", IO_READ, RIG_SIZE, 512, {{0, 0, 0, 0}}, EIO,
	 {0}},
	{"write past the end", IO_WRITE, RIG_SIZE - 512, 1024, {{0, 0, 0, 0}},
	 ENOSPC, {0}},
	{"an offset that wraps", IO_WRITE, UINT64_MAX - 511, 1024,
	 {{0, 0, 0, 0}}, ENOSPC, {0}},
};

static void check_step(struct rig *r, const char *name, unsigned int n,
		       const struct step *want, const char *buf)
{
	const struct io *io;

	if (!r->eng[0].n)
		fail_msg("%s, step %u: got nothing out", name, n);
	io = r->eng[0].out[0].io;
	if (rig_path_of(r, io) != want->path || io->off != want->off ||
	    io->len != want->len)
		fail_msg("%s, step %u: got path %u, %llu+%llu; expected path "
			 "%u, %llu+%llu",
			 name, n, rig_path_of(r, io), (unsigned long long)io->off,
			 (unsigned long long)io->len, want->path,
			 (unsigned long long)want->off,
			 (unsigned long long)want->len);
	/* Each byte goes where it came from. */
	if (io->buf)
		assert_ptr_equal(io->buf, buf);
}

static bool is_step(const struct step *s, enum io_op op)
{
	return s->len || (op == IO_FLUSH && s->res);
}

static void test_cases(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct step *s = cases[i].steps;
		unsigned int k = 0;
		struct treq *t;

		rig_init(&r, 2, 1, 512, 64 * KB);
		t = rig_submit(&r, 0, cases[i].op, cases[i].off, cases[i].len);
		for (; k < 8 && is_step(&s[k], cases[i].op) && !t->ends; k++) {
			assert_int_equal(t->answers, 0);
			check_step(&r, cases[i].name, k + 1, &s[k],
				   t->req.buf + s[k].off - cases[i].off);
			rig_end(&r, 0, 0, s[k].res);
		}
		if (t->answers != 1 || t->err != cases[i].err || r.eng[0].n)
			fail_msg("%s: got %u answers, error %d, %u out; "
				 "expected 1, %d, 0",
				 cases[i].name, t->answers, t->err, r.eng[0].n,
				 cases[i].err);
		for (int p = 0; p < 2; p++)
			if (r.v->paths[p]->usable == cases[i].failed[p])
				fail_msg("%s: path %d: got usable %d", cases[i].name,
					 p, r.v->paths[p]->usable);
		rig_free(&r);
	}
}

/* All pieces of a request at once, ended in every order. */
static void test_any_order(void **state)
{
	static struct rig r;

	(void)state;
	for (unsigned int order = 0; order < 24; order++) {
		unsigned int left = 4, o = order;
		struct treq *t;

		rig_init(&r, 2, 1, 512, 64 * KB);
		t = rig_submit(&r, 0, IO_READ, 0, 256 * KB);
		assert_int_equal(r.eng[0].n, 4);
		for (; left; o /= left, left--) {
			assert_int_equal(t->answers, 0);
			rig_end(&r, 0, o % left, ALL);
		}
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, 0);
		rig_free(&r);
	}
}

/* Path errors until no path is left, then what the volume says. */
static void no_path_left(struct rig *r, bool queue, int64_t res,
			 struct treq **ret)
{
	rig_init(r, 2, 1, 512, 64 * KB);
	r->v->run->queueing.on = queue;
	rig_publish(r);
	*ret = rig_submit(r, 0, IO_WRITE, 0, 4096);
	rig_end(r, 0, 0, res);
	assert_int_equal((*ret)->answers, 0);
	rig_end(r, 0, 0, res);
	/* Until the monitor has looked, it waits in any case. */
	assert_int_equal((*ret)->answers, 0);
	assert_int_equal(volume_parked(r->v), 1);
	rig_settle(r);
	assert_int_equal(r->faults, 2);
}

static void test_no_path_fails(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	no_path_left(&r, false, -EIO, &t);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, EIO);
	/* and what comes now, at once */
	t = rig_submit(&r, 0, IO_READ, 0, 4096);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, EIO);
	rig_free(&r);
}

static void test_no_path_queues(void **state)
{
	static struct rig r;
	struct treq *t, *later;

	(void)state;
	no_path_left(&r, true, -ENOLINK, &t);
	later = rig_submit(&r, 0, IO_READ, 0, 4096);
	assert_int_equal(volume_parked(r.v), 2);
	rig_settle(&r); /* a poke without a path: it goes on waiting */
	assert_int_equal(t->answers + later->answers, 0);
	rig_set_path(&r, 1, true);
	assert_int_equal(r.eng[0].n, 2);
	assert_int_equal(volume_parked(r.v), 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(t->order, 1); /* the first come is the first out */
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(t->err | later->err, 0);
	rig_free(&r);
}

/* Many requests that wait come out in the order in which they came. */
static void test_order_of_parked(void **state)
{
	static struct rig r;
	struct treq *t[20];

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	rig_set_path(&r, 0, false);
	rig_set_path(&r, 1, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++)
		t[i] = rig_submit(&r, 0, IO_READ, i * 65 * KB, 65 * KB);
	assert_int_equal(volume_parked(r.v), 2 * ARRAY_SIZE(t));
	for (int round = 0; round < 3; round++)
		rig_settle(&r); /* looking in vain keeps the order */
	rig_set_path(&r, 0, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		assert_int_equal(r.eng[0].out[0].io->off, i * 65 * KB);
		rig_end(&r, 0, 0, ALL);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(t[i]->order, i + 1);
	}
	rig_free(&r);
}

/* Queueing is switched off, the volume removed: those who wait hear of it. */
static void test_waiting_ends(void **state)
{
	static const struct {
		bool gone;
		int err;
	} ends[] = {{false, EIO}, {true, ENODEV}};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct treq *big, *t, *out;

		rig_init(&r, 1, 1, 512, 64 * KB);
		out = rig_submit(&r, 0, IO_READ, 0, 4096);
		rig_set_path(&r, 0, false);
		big = rig_submit(&r, 0, IO_READ, 0, 6 * 64 * KB);
		t = rig_submit(&r, 0, IO_FLUSH, 0, 0);
		assert_int_equal(volume_parked(r.v), 5);
		r.v->run->queueing.on = false;
		r.gone = ends[i].gone;
		rig_settle(&r);
		assert_int_equal(big->err, ends[i].err);
		assert_int_equal(t->err, ends[i].err);
		rig_end(&r, 0, 0, -EIO);
		assert_int_equal(out->err, ends[i].err);
		/* and what comes now */
		t = rig_submit(&r, 0, IO_WRITE, 0, 4096);
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, ends[i].err);
		rig_free(&r);
	}
}

static void test_read_only(void **state)
{
	static const struct {
		enum io_op op;
		int err;
	} ops[] = {
		{IO_READ, 0},	   {IO_WRITE, EROFS}, {IO_FLUSH, 0},
		{IO_DISCARD, EROFS}, {IO_ZERO, EROFS},
	};
	static struct rig r;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	r.dev[0].limits.read_only = true;
	volume_measure(r.v);
	rig_publish(&r);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		bool flush = ops[i].op == IO_FLUSH;
		struct treq *t = rig_submit(&r, 0, ops[i].op, 0,
					    flush ? 0 : 4096);

		if (r.eng[0].n)
			rig_end(&r, 0, 0, ALL);
		if (t->answers != 1 || t->err != ops[i].err)
			fail_msg("op %d: got %u answers, error %d; expected %d",
				 ops[i].op, t->answers, t->err, ops[i].err);
	}
	rig_free(&r);
}

/* A disk becomes read-only before the volume is known to be: the kernel refuses
 * the write, and that is no fault of the path. Of a file it may be one. */
static void test_becomes_read_only(void **state)
{
	static const struct {
		enum io_op op;
		bool is_block;
		int err;
		bool failed;
	} rows[] = {
		{IO_WRITE, true, EROFS, false},	  {IO_DISCARD, true, EROFS, false},
		{IO_ZERO, true, EROFS, false},	  {IO_READ, true, EIO, true},
		{IO_WRITE, false, EIO, true},
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct treq *t;

		rig_init(&r, 1, 1, 512, 64 * KB);
		r.dev[0].limits.is_block = rows[i].is_block;
		t = rig_submit(&r, 0, rows[i].op, 0, 4096);
		rig_end(&r, 0, 0, -EPERM);
		rig_settle(&r);
		if (t->answers == rows[i].failed)
			fail_msg("row %zu: got %u answers", i, t->answers);
		r.v->run->queueing.on = false; /* a failed one waits */
		rig_settle(&r);
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, rows[i].err);
		rig_free(&r);
	}
}

/* A disk is pulled out, and ends at 0: what the kernel refuses there is tried
 * on another path. Where it has not, it is the LUN's word. */
static void test_pulled_out(void **state)
{
	static const struct {
		enum io_op op;
		int64_t res;
		uint64_t end;
		int err; /* 0: another path */
	} rows[] = {
		{IO_WRITE, -ENOSPC, 0, 0},
		{IO_WRITE, -ENOSPC, 8191, 0},
		{IO_WRITE, -ENOSPC, 8192, ENOSPC},
		{IO_WRITE, -ENODATA, 0, ENODATA},
		{IO_DISCARD, -EINVAL, 0, 0},
		{IO_ZERO, -EINVAL, 8191, 0},
		{IO_DISCARD, -EINVAL, 8192, EINVAL},
		{IO_READ, -EINVAL, 0, EINVAL},
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct treq *t;
		unsigned int on;

		rig_init(&r, 2, 1, 512, 64 * KB);
		r.dev[0].limits.size = r.dev[1].limits.size = rows[i].end;
		t = rig_submit(&r, 0, rows[i].op, 4096, 4096);
		on = rig_path_of(&r, r.eng[0].out[0].io);
		rig_end(&r, 0, 0, rows[i].res);
		if (atomic_load(&r.v->paths[on]->usable) != (rows[i].err != 0))
			fail_msg("row %zu: the path is not what it should be", i);
		if (!rows[i].err) {
			assert_int_not_equal(rig_path_of(&r, r.eng[0].out[0].io),
					     on);
			rig_end(&r, 0, 0, ALL);
		}
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, rows[i].err);
		rig_settle(&r);
		rig_free(&r);
	}
}

/* Paths that always come back and always fail: not for ever. */
static void test_retry_limit(void **state)
{
	static const struct {
		int64_t retry;
		uint64_t limit; /* s from the first error */
	} rows[] = {{NO_PATH_FAIL, 30}, {2, 40}, {12, 90}, {NO_PATH_QUEUE, 0}};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct setting *s;
		struct treq *t;
		uint64_t sec = 0;

		rig_init(&r, 2, 1, 512, 64 * KB);
		s = r.v->settings.v;
		s[OPT_NO_PATH_RETRY].num = rows[i].retry;
		s[OPT_POLLING_INTERVAL].num = 5;
		rig_publish(&r);
		t = rig_submit(&r, 0, IO_READ, 0, 4096);
		for (; sec < 1000 && !t->answers; sec++) {
			rig_end(&r, 0, 0, -EIO);
			rig_set_path(&r, 0, true);
			rig_set_path(&r, 1, true);
			r.now += NSEC_PER_SEC;
		}
		if (rows[i].limit && sec != rows[i].limit + 2)
			fail_msg("retry %d: got an answer after %llu s, "
				 "expected %llu",
				 (int)rows[i].retry, (unsigned long long)sec,
				 (unsigned long long)rows[i].limit + 2);
		if (!rows[i].limit) {
			assert_int_equal(t->answers, 0);
			rig_end(&r, 0, 0, ALL);
		}
		assert_int_equal(t->err, rows[i].limit ? EIO : 0);
		rig_free(&r);
	}
}

/* Only what was written since asks the medium. */
static void test_flush_when_needed(void **state)
{
	static const struct {
		enum io_op op; /* what is done before the flush */
		int64_t res;
		bool asks;
	} rows[] = {
		{IO_READ, ALL, true}, /* the first: we know of nothing yet */
		{IO_READ, ALL, false},	{IO_WRITE, ALL, true},
		{IO_READ, ALL, false},	{IO_DISCARD, ALL, true},
		{IO_ZERO, ALL, true},	{IO_WRITE, -ENOSPC, true},
		{IO_READ, -ENODATA, false},
	};
	static struct rig r;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct treq *t;

		rig_submit(&r, 0, rows[i].op, 0, 4096);
		rig_end(&r, 0, 0, rows[i].res);
		t = rig_submit(&r, 0, IO_FLUSH, 0, 0);
		if (t->answers == rows[i].asks)
			fail_msg("row %zu: got %u answers at once", i + 1,
				 t->answers);
		if (rows[i].asks) /* at all paths' one LUN, once */
			rig_end(&r, 0, 0, 0);
		assert_int_equal(t->err, 0);
	}
	rig_free(&r);
}

/* A write that ends while the flush is out is not covered by it. */
static void test_flush_and_writes(void **state)
{
	static struct rig r;
	struct treq *flush;

	(void)state;
	rig_init(&r, 1, 2, 512, 64 * KB);
	rig_submit(&r, 1, IO_WRITE, 0, 4096);
	flush = rig_submit(&r, 0, IO_FLUSH, 0, 0);
	rig_end(&r, 1, 0, ALL);
	rig_end(&r, 0, 0, 0);
	assert_int_equal(flush->answers, 1);
	flush = rig_submit(&r, 0, IO_FLUSH, 0, 0);
	assert_int_equal(flush->answers, 0);
	/* One that fails has flushed nothing. */
	rig_end(&r, 0, 0, -ENODATA);
	assert_int_equal(flush->err, ENODATA);
	flush = rig_submit(&r, 1, IO_FLUSH, 0, 0);
	assert_int_equal(flush->answers, 0);
	rig_end(&r, 1, 0, 0);
	flush = rig_submit(&r, 0, IO_FLUSH, 0, 0);
	assert_int_equal(flush->answers, 1);
	rig_free(&r);
}

/* The group changes while something is out: load and selector stay right. */
static void test_group_changes(void **state)
{
	static struct rig r;
	struct errmsg e;
	struct group **old;
	unsigned int nold;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	old = r.v->groups;
	nold = r.v->ngroups;
	r.v->settings.v[OPT_PATH_GROUPING_POLICY].num = POLICY_FAILOVER;
	assert_int_equal(volume_group_paths(r.v, r.v->paths, 2, &r.v->settings,
					    rig_selectors, &r.v->groups,
					    &r.v->ngroups, &e),
			 0);
	assert_int_equal(r.v->ngroups, 2);
	r.v->current = NULL;
	rig_settle(&r);
	volume_free_groups(old, nold);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, -EIO); /* path 1, which is not in the group now */
	rig_settle(&r);
	assert_int_equal(rig_path_of(&r, r.eng[0].out[0].io), 0);
	rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

static void test_statistics(void **state)
{
	static struct rig r;
	struct path_totals t;

	(void)state;
	rig_init(&r, 1, 2, 512, 64 * KB);
	rig_submit(&r, 0, IO_READ, 0, 65 * KB);
	rig_submit(&r, 1, IO_WRITE, 0, 4096);
	assert_int_equal(r.v->paths[0]->load.ios, 3);
	assert_int_equal(r.v->paths[0]->load.bytes, 69 * KB);
	r.now += 3 * NSEC_PER_MSEC;
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 1, 0, ALL);
	rig_submit(&r, 1, IO_WRITE, 0, 4096);
	rig_end(&r, 1, 0, -ENOSPC); /* an answer of the LUN is one */
	path_totals(r.v->paths[0], &t);
	assert_int_equal(t.ios[0], 2);
	assert_int_equal(t.bytes[0], 65 * KB);
	assert_int_equal(t.ios[1], 2);
	assert_int_equal(t.bytes[1], 4096);
	assert_int_equal(t.errors, 0);
	assert_int_equal(t.ns, 9 * NSEC_PER_MSEC);
	assert_int_equal(t.latency[11], 3); /* 2048 to 4095 us */
	rig_free(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_no_path_fails),
		cmocka_unit_test(test_no_path_queues),
		cmocka_unit_test(test_order_of_parked),
		cmocka_unit_test(test_waiting_ends),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_becomes_read_only),
		cmocka_unit_test(test_pulled_out),
		cmocka_unit_test(test_retry_limit),
		cmocka_unit_test(test_flush_when_needed),
		cmocka_unit_test(test_flush_and_writes),
		cmocka_unit_test(test_group_changes),
		cmocka_unit_test(test_statistics),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
