// SPDX-License-Identifier: MIT
/*
 * Writes of parts of blocks: what they read and write, that neither neighbours
 * nor other lanes' writes are lost, and how they end when something fails.
 */
#include "tests/unit/lane_rig.h"
#include "tests/unit/seed.h"

#define KB 1024ULL

/* What one write of [off, off + len) does, by turns on paths 0 and 1. */
struct step {
	enum io_op op;
	uint64_t off, len;
};

static const struct {
	uint32_t block;
	uint64_t off, len;
	struct step steps[3];
} shapes[] = {
	{512, 0, 100, {{IO_READ, 0, 512}, {IO_WRITE, 0, 512}}},
	{512, 511, 1, {{IO_READ, 0, 512}, {IO_WRITE, 0, 512}}},
	{512, 600, 100, {{IO_READ, 512, 512}, {IO_WRITE, 512, 512}}},
	{512, 0, 513, {{IO_READ, 512, 512}, {IO_WRITE, 0, 1024}}},
	{512, 511, 513, {{IO_READ, 0, 512}, {IO_WRITE, 0, 1024}}},
	{512, 511, 2,
	 {{IO_READ, 0, 512}, {IO_READ, 512, 512}, {IO_WRITE, 0, 1024}}},
	{512, 700, 2000,
	 {{IO_READ, 512, 512}, {IO_READ, 2560, 512}, {IO_WRITE, 512, 2560}}},
	{4096, 512, 512, {{IO_READ, 0, 4096}, {IO_WRITE, 0, 4096}}},
	{4096, 4095, 4098,
	 {{IO_READ, 0, 4096}, {IO_READ, 8192, 4096}, {IO_WRITE, 0, 12288}}},
	{4096, RIG_SIZE - 1, 1,
	 {{IO_READ, RIG_SIZE - 4096, 4096}, {IO_WRITE, RIG_SIZE - 4096, 4096}}},
	{1, 3, 5, {{IO_WRITE, 3, 5}}},
	{512, 1024, 512, {{IO_WRITE, 1024, 512}}},
};

static void test_shapes(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct treq *t;

		rig_init(&r, 2, 2, shapes[i].block, 64 * KB);
		t = rig_write(&r, 0, shapes[i].off, shapes[i].len, 'x');
		for (int k = 0; k < 3 && shapes[i].steps[k].len; k++) {
			const struct step *want = &shapes[i].steps[k];
			const struct io *io = r.eng[0].out[0].io;

			if (!r.eng[0].n || io->op != want->op ||
			    io->off != want->off || io->len != want->len)
				fail_msg("shape %zu, step %d: got %u out, op %d,"
					 " %llu+%llu; expected op %d, %llu+%llu",
					 i + 1, k + 1, r.eng[0].n, io->op,
					 (unsigned long long)io->off,
					 (unsigned long long)io->len, want->op,
					 (unsigned long long)want->off,
					 (unsigned long long)want->len);
			assert_int_equal((uintptr_t)io->buf % 512, 0);
			assert_int_equal(t->answers, 0);
			rig_end(&r, 0, 0, ALL);
		}
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, 0);
		rig_free(&r);
	}
}

/* Random writes whose bytes are disjoint but whose blocks are not. */

#define AREA (96 * KB)
#define BATCH 20

struct fuzz {
	struct rig r;
	char disk[AREA];
	char model[AREA];
	bool taken[AREA]; /* by a write that is under way */
	uint64_t seed;
	uint32_t block;
};

/* A free range of up to *len bytes at a random place. */
static bool free_range(struct fuzz *f, uint64_t *off, uint64_t *len)
{
	uint64_t n = 0, max = 1 + seed_below(&f->seed, seed_below(&f->seed, 2) ?
							      9000 : 700);

	*off = seed_below(&f->seed, AREA);
	if (seed_below(&f->seed, 4) == 0)
		*off -= *off % f->block;
	while (n < max && *off + n < AREA && !f->taken[*off + n])
		n++;
	*len = n;
	return n > 0;
}

static void fuzz_write(struct fuzz *f)
{
	unsigned int lane = seed_below(&f->seed, 2);
	struct treq *t;
	uint64_t off, len;

	if (!free_range(f, &off, &len))
		return;
	t = rig_new_req(&f->r, IO_WRITE, off, len);
	for (uint64_t i = 0; i < len; i++) {
		t->req.buf[i] = (char)seed_next(&f->seed);
		f->taken[off + i] = true;
	}
	memcpy(f->model + off, t->req.buf, len);
	lane_submit(f->r.lane[lane], &t->req, f->r.now);
	rig_run(&f->r);
}

/* Any of those that are out on a lane: mostly well, in part, or not at all. */
static void fuzz_complete(struct fuzz *f, unsigned int lane)
{
	struct fake_engine *e = &f->r.eng[lane];
	unsigned int i = seed_below(&f->seed, e->n);
	unsigned int luck = seed_below(&f->seed, 20);
	int64_t res = ALL;

	if (luck == 0)
		res = -EIO;
	else if (luck == 1 && e->out[i].io->len > f->block)
		res = f->block;
	rig_end(&f->r, lane, i, res);
}

static void fuzz_all_well(struct fuzz *f)
{
	rig_set_path(&f->r, 0, true);
	rig_set_path(&f->r, 1, true);
}

static void fuzz_end(struct fuzz *f)
{
	unsigned int lane = seed_below(&f->seed, 2);

	if (f->r.eng[lane].n)
		fuzz_complete(f, lane);
	if (seed_below(&f->seed, 4) == 0)
		fuzz_all_well(f);
}

static void fuzz_read(struct fuzz *f)
{
	uint64_t off = seed_below(&f->seed, AREA);
	uint64_t len = 1 + seed_below(&f->seed, (unsigned int)(AREA - off));
	struct treq *t = rig_submit(&f->r, 0, IO_READ, off, len);

	while (!t->answers)
		fuzz_end(f);
	assert_int_equal(t->err, 0);
	if (memcmp(t->req.buf + t->req.shift, f->model + off, len))
		fail_msg("read of %llu+%llu: the bytes differ",
			 (unsigned long long)off, (unsigned long long)len);
}

static void fuzz_batch(struct fuzz *f)
{
	unsigned int n = 1 + seed_below(&f->seed, BATCH);

	memset(f->taken, 0, sizeof(f->taken));
	for (unsigned int i = 0; i < n; i++) {
		fuzz_write(f);
		while (seed_below(&f->seed, 3))
			fuzz_end(f);
	}
	for (int turns = 0; f->r.nanswers < f->r.nreqs; turns++) {
		assert_true(turns < 100000); /* something waits for ever */
		fuzz_end(f);
	}
	for (unsigned int i = 0; i < f->r.nreqs; i++)
		assert_int_equal(f->r.req[i].err, 0);
	for (uint64_t i = 0; i < AREA; i++)
		if (f->disk[i] != f->model[i])
			fail_msg("block %u: byte %llu: got %02x, expected %02x",
				 f->block, (unsigned long long)i,
				 (unsigned char)f->disk[i],
				 (unsigned char)f->model[i]);
	fuzz_read(f);
	fuzz_all_well(f);
	rig_forget(&f->r);
}

static void test_random(void **state)
{
	static const uint32_t blocks[] = {512, 4096, 1};
	static struct fuzz f;

	(void)state;
	f.seed = seed_init();
	for (size_t b = 0; b < ARRAY_SIZE(blocks); b++) {
		f.block = blocks[b];
		memset(f.disk, 0, sizeof(f.disk));
		memset(f.model, 0, sizeof(f.model));
		/* pieces of three blocks at most, so that there are many */
		rig_init(&f.r, 2, 2, f.block, 3 * 4096);
		f.r.eng[0].disk = f.r.eng[1].disk = f.disk;
		for (int i = 0; i < 150; i++)
			fuzz_batch(&f);
		rig_free(&f.r);
	}
}

/* Two lanes */

/* Two part-sector writes of one block: the second begins after the first. */
static void test_serialised(void **state)
{
	static struct rig r;
	static char disk[4096];
	struct treq *a, *b;

	(void)state;
	memset(disk, '.', sizeof(disk));
	rig_init(&r, 2, 2, 512, 64 * KB);
	r.eng[0].disk = r.eng[1].disk = disk;
	a = rig_write(&r, 0, 0, 100, 'a');
	b = rig_write(&r, 1, 50, 100, 'b');
	assert_int_equal(r.eng[1].n, 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(r.eng[1].n, 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(a->answers, 1);
	rig_end(&r, 1, 0, ALL);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(b->answers, 1);
	for (int i = 0; i < 512; i++)
		assert_int_equal(disk[i], i < 50 ? 'a' : i < 150 ? 'b' : '.');
	rig_free(&r);
}

/* What stands in one block must wait, what stands beside it must not. */
static void test_who_waits(void **state)
{
	static const struct {
		enum io_op op;
		uint64_t off, len;
		bool waits;
	} rows[] = {
		{IO_WRITE, 0, 512, true},      {IO_WRITE, 512, 512, false},
		{IO_WRITE, 0, 4096, true},     {IO_WRITE, 512, 100, false},
		{IO_WRITE, 300, 100, true},    {IO_READ, 0, 512, false},
		{IO_DISCARD, 0, 64 * KB, true}, {IO_ZERO, 512, 512, false},
		{IO_ZERO, 0, 512, true},       {IO_FLUSH, 0, 0, false},
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		size_t k = i / 2;
		unsigned int lane = i % 2, before;
		struct treq *t;

		rig_init(&r, 2, 2, 512, 64 * KB);
		rig_write(&r, 0, 0, 100, 'a');
		before = r.eng[lane].n;
		t = rig_submit(&r, lane, rows[k].op, rows[k].off, rows[k].len);
		if ((r.eng[lane].n == before) != rows[k].waits)
			fail_msg("row %zu, lane %u: got %u out, expected %d",
				 k + 1, lane, r.eng[lane].n - before,
				 !rows[k].waits);
		for (int n = 0; n < 10 && !t->answers; n++)
			for (unsigned int l = 0; l < 2; l++)
				while (r.eng[l].n)
					rig_end(&r, l, 0, ALL);
		assert_int_equal(t->answers, 1);
		rig_free(&r);
	}
}

/* A write that is out already, on either lane, is waited for. */
static void test_barrier(void **state)
{
	static struct rig r;

	(void)state;
	for (unsigned int lane = 0; lane < 2; lane++) {
		struct treq *full, *beside, *part;

		rig_init(&r, 2, 2, 512, 64 * KB);
		full = rig_write(&r, lane, 0, 4096, 'f');
		beside = rig_write(&r, lane, 4096, 4096, 'g');
		part = rig_write(&r, 0, 10, 10, 'p');
		assert_int_equal(r.eng[0].submitted + r.eng[1].submitted, 2);
		rig_end(&r, lane, 1, ALL);
		assert_int_equal(beside->answers, 1);
		assert_int_equal(r.eng[0].submitted + r.eng[1].submitted, 2);
		rig_end(&r, lane, 0, ALL);
		assert_int_equal(full->answers, 1);
		rig_end(&r, 0, 0, ALL);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(part->answers, 1);
		rig_free(&r);
	}
}

/* It met a path error, and may not go out again before the part is done. */
static void test_barrier_and_retry(void **state)
{
	static struct rig r;
	struct treq *full, *part;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	full = rig_write(&r, 1, 0, 4096, 'f');
	part = rig_write(&r, 0, 10, 10, 'p');
	rig_end(&r, 1, 0, -EIO);
	assert_int_equal(r.eng[1].n, 0);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(part->answers, 1);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(full->answers, 1);
	rig_free(&r);
}

/* It was taken back from the submitter's queue: the barrier may pass. */
static void test_barrier_and_recall(void **state)
{
	static struct rig r;
	struct treq *full, *part;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	r.eng[1].queue = true;
	full = rig_write(&r, 1, 0, 4096, 'f');
	part = rig_write(&r, 0, 10, 10, 'p');
	assert_int_equal(r.eng[0].n, 0);
	rig_set_path(&r, 0, false);
	assert_int_equal(r.eng[1].n, 0);
	assert_int_equal(r.eng[0].n, 1);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(part->answers, 1);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(full->answers, 1);
	rig_free(&r);
}

/* Errors and kills: both edges read at [500, 1100), then the write. */
static void test_errors(void **state)
{
	static const struct {
		const char *name;
		int64_t res[4]; /* of head, tail, retry or write ... */
		int err;
	} rows[] = {
		{"head on another path", {-EIO, ALL, ALL, ALL}, 0},
		{"tail on another path", {ALL, -EIO, ALL, ALL}, 0},
		{"short read of the head", {100, ALL, ALL, ALL}, 0},
		{"nothing read", {0, ALL, ALL, ALL}, 0},
		{"target error of the head", {-ENODATA, ALL}, ENODATA},
		{"target error of the tail", {ALL, -ENODATA}, ENODATA},
		{"write on another path", {ALL, ALL, -EIO, ALL}, 0},
		{"target error of the write", {ALL, ALL, -ENOSPC}, ENOSPC},
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct treq *t, *next;
		int k = 0;

		rig_init(&r, 2, 1, 512, 64 * KB);
		t = rig_write(&r, 0, 500, 600, 'x');
		next = rig_write(&r, 0, 0, 10, 'y'); /* waits for it */
		for (; k < 4 && !t->answers; k++)
			rig_end(&r, 0, 0, rows[i].res[k]);
		if (t->answers != 1 || t->err != rows[i].err)
			fail_msg("%s: got %u answers, error %d; expected %d",
				 rows[i].name, t->answers, t->err, rows[i].err);
		while (r.eng[0].n)
			rig_end(&r, 0, 0, ALL);
		assert_int_equal(next->err, 0);
		rig_free(&r);
	}
}

/* The blocks between what was written are as they were before. */
static void test_failover_keeps_neighbours(void **state)
{
	static struct rig r;
	static char disk[4096];

	(void)state;
	memset(disk, '.', sizeof(disk));
	rig_init(&r, 2, 1, 4096, 64 * KB);
	r.eng[0].disk = disk;
	rig_write(&r, 0, 1000, 10, 'x');
	rig_end(&r, 0, 0, -EIO);
	rig_end(&r, 0, 0, 2048);
	rig_settle(&r);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, 512);
	rig_end(&r, 0, 0, ALL);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(disk[i], i >= 1000 && i < 1010 ? 'x' : '.');
	rig_free(&r);
}

/* Killed while it waits for the range, the barrier, an edge, a path. */
static void test_kill_held(void **state)
{
	static struct rig r;
	struct treq *a, *b, *c;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	a = rig_write(&r, 0, 0, 10, 'a');
	b = rig_write(&r, 1, 0, 10, 'b');
	c = rig_write(&r, 1, 20, 10, 'c');
	lane_kill(r.lane[1], &b->req);
	assert_int_equal(b->err, EINTR);
	assert_int_equal(b->answers, 1);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(a->answers, 1);
	rig_end(&r, 1, 0, ALL);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(c->err, 0);
	rig_free(&r);
}

static void test_kill_in_barrier(void **state)
{
	static struct rig r;
	struct treq *full, *part, *next;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	full = rig_write(&r, 1, 0, 512, 'f');
	part = rig_write(&r, 0, 0, 10, 'p');
	next = rig_write(&r, 0, 20, 10, 'n');
	lane_kill(r.lane[0], &part->req);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(full->answers, 1);
	assert_int_equal(part->err, EINTR);
	rig_end(&r, 0, 0, ALL); /* its edge: the killed one left none */
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(next->err, 0);
	rig_free(&r);
}

static void test_kill_in_edges(void **state)
{
	static struct rig r;
	struct treq *out, *parked;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	out = rig_write(&r, 0, 0, 10, 'o');
	lane_kill(r.lane[0], &out->req);
	assert_int_equal(out->answers, 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(out->err, EINTR); /* nothing was written */
	assert_int_equal(r.eng[0].n, 0);
	rig_set_path(&r, 0, false);
	rig_set_path(&r, 1, false);
	parked = rig_write(&r, 0, 0, 10, 'p');
	assert_int_equal(volume_parked(r.v), 1);
	lane_kill(r.lane[0], &parked->req);
	assert_int_equal(parked->answers, 1);
	assert_int_equal(parked->err, EINTR);
	rig_free(&r);
}

/* The volume goes while some wait for a range. */
static void test_gone(void **state)
{
	static struct rig r;
	struct treq *a, *b;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	a = rig_write(&r, 0, 0, 10, 'a');
	b = rig_write(&r, 1, 0, 10, 'b');
	r.gone = true;
	rig_settle(&r);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(a->err, ENODEV);
	assert_int_equal(b->err, ENODEV);
	rig_free(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_serialised),
		cmocka_unit_test(test_who_waits),
		cmocka_unit_test(test_barrier),
		cmocka_unit_test(test_barrier_and_retry),
		cmocka_unit_test(test_barrier_and_recall),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_failover_keeps_neighbours),
		cmocka_unit_test(test_kill_held),
		cmocka_unit_test(test_kill_in_barrier),
		cmocka_unit_test(test_kill_in_edges),
		cmocka_unit_test(test_gone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
