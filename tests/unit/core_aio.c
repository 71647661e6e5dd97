// SPDX-License-Identifier: MIT
/*
 * The libaio engine on real files, of the file systems under /tmp and
 * /dev/shm: through the page cache, directly, with RWF_NOWAIT and without.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/device.h"
#include "core/engine.h"
#include "tests/unit/seed.h"

#define SIZE (256u << 10)
#define SLOTS 48
#define MAX_LEN 16384

struct slot {
	struct io io;
	char *buf;
	int64_t res;
	unsigned int ends;
	bool out;
};

struct fixture {
	char path[64];
	struct device *dev;
	struct engine *e;
	struct slot slot[SLOTS];
	unsigned int ends;
	bool has_zero; /* the file system has FALLOC_FL_ZERO_RANGE */
	char model[SIZE + 1];
};

static struct fixture fx;

static void on_done(struct io *io, int64_t res)
{
	struct slot *s = container_of(io, struct slot, io);

	assert_true(s->out);
	s->out = false;
	s->ends++;
	s->res = res;
	fx.ends++;
}

static void begin(const char *dir, off_t size, unsigned int depth)
{
	struct errmsg e = {.text = ""};
	int fd;

	memset(&fx, 0, sizeof(fx));
	snprintf(fx.path, sizeof(fx.path), "%s/mpathfs-aio.XXXXXX", dir);
	fd = mkstemp(fx.path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
	if (device_open(&device_node_ops, fx.path, false, &fx.dev, &e))
		fail_msg("%s", e.text);
	assert_int_equal(aio_engine_new(depth, &fx.e), 0);
	for (int i = 0; i < SLOTS; i++)
		assert_int_equal(posix_memalign((void **)&fx.slot[i].buf, 4096,
						MAX_LEN),
				 0);
}

static void end(void)
{
	device_close(fx.dev);
	fx.e->ops->free(fx.e);
	unlink(fx.path);
	for (int i = 0; i < SLOTS; i++)
		free(fx.slot[i].buf);
}

static struct slot *submit(unsigned int i, enum io_op op, uint64_t off,
			   uint64_t len)
{
	struct slot *s = &fx.slot[i];

	assert_false(s->out);
	s->io = (struct io){.op = op,
			    .dev = fx.dev,
			    .buf = s->buf,
			    .off = off,
			    .len = len,
			    .done = on_done};
	s->out = true;
	fx.e->ops->submit(fx.e, &s->io);
	return s;
}

/* Sleeps until something has ended, as a lane does. */
static void wait_for(unsigned int ends)
{
	struct pollfd p = {.fd = fx.e->fd, .events = POLLIN};

	fx.e->ops->flush(fx.e);
	fx.e->ops->reap(fx.e);
	while (fx.ends < ends) {
		assert_int_equal(poll(&p, 1, 20000), 1);
		fx.e->ops->clear(fx.e);
		fx.e->ops->reap(fx.e);
		fx.e->ops->flush(fx.e); /* what that has let in */
	}
}

static int64_t run(enum io_op op, uint64_t off, uint64_t len)
{
	struct slot *s = submit(0, op, off, len);

	wait_for(fx.ends + 1);
	return s->res;
}

/* Which file systems, and sizes that allow direct I/O and do not. */
static const struct {
	const char *dir;
	off_t size;
} places[] = {
	{"/tmp", SIZE},
	{"/tmp", SIZE + 1},
	{"/dev/shm", SIZE},
	{"/dev/shm", SIZE + 1},
};

/* One random operation in slot i; ranges that are out do not overlap. */
static void random_io(uint64_t *seed, unsigned int i, off_t size)
{
	uint64_t block = fx.dev->limits.block, part = (uint64_t)size / SLOTS;
	uint64_t n, off, len, first = ROUND_UP(i * part, (uint64_t)4096);
	uint64_t last = ROUND_DOWN((i + 1) * part, (uint64_t)4096);
	unsigned int what = seed_below(seed, 8);
	struct slot *s = &fx.slot[i];

	n = (last - first) / block;
	if (!n)
		return;
	off = seed_below(seed, (unsigned int)n);
	len = (1 + seed_below(seed, (unsigned int)(n - off))) * block;
	off = first + off * block;
	if (what < 3) {
		submit(i, IO_READ, off, MIN(len, MAX_LEN));
	} else if (what < 6) {
		len = MIN(len, MAX_LEN);
		for (uint64_t k = 0; k < len; k++)
			s->buf[k] = fx.model[off + k] = (char)seed_next(seed);
		submit(i, IO_WRITE, off, len);
	} else {
		memset(fx.model + off, 0, len);
		submit(i, what == 6 && fx.has_zero ? IO_ZERO : IO_DISCARD, off, len);
	}
}

static void check_slots(void)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &fx.slot[i];

		assert_false(s->out);
		if (!s->ends)
			continue;
		assert_int_equal(s->ends, 1);
		s->ends = 0;
		if (s->res != (int64_t)s->io.len)
			fail_msg("op %d, %llu+%llu: got %lld", s->io.op,
				 (unsigned long long)s->io.off,
				 (unsigned long long)s->io.len,
				 (long long)s->res);
		if (s->io.op == IO_READ)
			assert_memory_equal(s->buf, fx.model + s->io.off,
					    s->io.len);
	}
}

static void test_random(void **state)
{
	uint64_t seed = seed_init();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		begin(places[i].dir, places[i].size, 16);
		fx.has_zero = run(IO_ZERO, 0, 4096) != -EOPNOTSUPP;
		fx.slot[0].ends = 0;
		for (int round = 0; round < 40; round++) {
			unsigned int before = fx.ends, n = 0;

			for (unsigned int k = 0; k < SLOTS; k++)
				random_io(&seed, k, places[i].size);
			for (unsigned int k = 0; k < SLOTS; k++)
				n += fx.slot[k].out;
			wait_for(before + n);
			check_slots();
		}
		assert_int_equal(run(IO_FLUSH, 0, 0), 0);
		end();
	}
}

static void test_results(void **state)
{
	static const struct {
		enum io_op op;
		uint64_t off, len;
		int64_t res;
	} rows[] = {
		{IO_READ, 0, 4096, 4096},
		{IO_READ, SIZE, 4096, 0},
		{IO_READ, SIZE - 4096, 8192, 4096},
		{IO_WRITE, SIZE - 4096, 4096, 4096},
		{IO_WRITE, 100, 512, -EINVAL}, /* misaligned */
		{IO_FLUSH, 0, 0, 0},
		{IO_DISCARD, 0, SIZE, SIZE},
		{IO_DISCARD, 0, 0, -EINVAL},
	};

	(void)state;
	begin("/tmp", SIZE, 16);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t res = run(rows[i].op, rows[i].off, rows[i].len);

		if (rows[i].res == -EINVAL && fx.dev->limits.block == 1)
			continue; /* no direct I/O here */
		if (res != rows[i].res)
			fail_msg("row %zu: got %lld, expected %lld", i + 1,
				 (long long)res, (long long)rows[i].res);
	}
	end();
}

/* A write through the page cache is refused with NOWAIT: done all the same. */
static void test_without_nowait(void **state)
{
	(void)state;
	begin("/tmp", SIZE + 1, 16);
	memset(fx.slot[0].buf, 'x', 100);
	assert_int_equal(run(IO_WRITE, 5, 100), 100);
	memset(fx.slot[0].buf, 0, 100);
	assert_int_equal(run(IO_READ, 5, 100), 100);
	assert_int_equal(fx.slot[0].buf[99], 'x');
	/* Known already: straight to the thread. */
	atomic_store(&fx.dev->nowait, false);
	assert_int_equal(run(IO_READ, SIZE, 10), 1);
	assert_int_equal(run(IO_WRITE, 7, 10), 10);
	end();
}

static void test_dsync(void **state)
{
	struct slot *s;

	(void)state;
	begin("/tmp", SIZE, 16);
	s = &fx.slot[0];
	s->io = (struct io){.op = IO_WRITE,
			    .dsync = true,
			    .dev = fx.dev,
			    .buf = s->buf,
			    .len = 4096,
			    .done = on_done};
	s->out = true;
	fx.e->ops->submit(fx.e, &s->io);
	wait_for(1);
	assert_int_equal(s->res, 4096);
	end();
}

/* The device refuses: an error by done(), never from within submit. */
static void test_refused(void **state)
{
	int fd;

	(void)state;
	begin("/tmp", SIZE, 16);
	fd = open(fx.path, O_RDONLY);
	dup2(fd, fx.dev->fd);
	close(fd);
	submit(0, IO_WRITE, 0, 4096);
	submit(1, IO_DISCARD, 0, 4096);
	submit(2, IO_READ, 0, 4096);
	assert_int_equal(fx.ends, 0);
	wait_for(3);
	assert_int_equal(fx.slot[0].res, -EBADF);
	assert_int_equal(fx.slot[1].res, -EBADF);
	assert_int_equal(fx.slot[2].res, 4096);
	end();
}

/* The submitter's thread stands still until it is told to go on. */
static sem_t entered, go_on;

static void stand_still(struct io *io)
{
	(void)io;
	sem_post(&entered);
	while (sem_wait(&go_on))
		;
}

static void block_submitter(struct io *blocker)
{
	sem_init(&entered, 0, 0);
	sem_init(&go_on, 0, 0);
	assert_int_equal(submitter_add(&fx.dev->submitter, blocker,
				       stand_still),
			 0);
	while (sem_wait(&entered))
		;
}

static void test_recall(void **state)
{
	struct io blocker;
	struct slot *a, *b, *c;

	(void)state;
	begin("/tmp", SIZE, 16);
	atomic_store(&fx.dev->nowait, false);
	block_submitter(&blocker);
	a = submit(0, IO_READ, 0, 4096);
	b = submit(1, IO_WRITE, 4096, 4096);
	c = submit(2, IO_DISCARD, 8192, 4096);
	fx.e->ops->flush(fx.e);
	assert_int_equal(fx.e->ops->reap(fx.e), 0);
	assert_true(fx.e->ops->recall(fx.e, &b->io));
	b->out = false;
	assert_true(fx.e->ops->recall(fx.e, &c->io));
	c->out = false;
	b = submit(1, IO_READ, 4096, 4096); /* the memory is ours again */
	sem_post(&go_on);
	wait_for(2);
	assert_int_equal(a->res, 4096);
	assert_int_equal(b->res, 4096);
	assert_int_equal(c->ends, 0);
	end();
}

/* What has been submitted cannot be taken back. */
static void test_recall_too_late(void **state)
{
	struct slot *s;

	(void)state;
	begin("/tmp", SIZE, 16);
	s = submit(0, IO_READ, 0, 4096);
	assert_false(fx.e->ops->recall(fx.e, &s->io));
	fx.e->ops->flush(fx.e);
	assert_false(fx.e->ops->recall(fx.e, &s->io));
	wait_for(1);
	assert_int_equal(s->res, 4096);
	end();
}

/* More than the context takes: they wait in order, and may be taken back. */
static void test_full(void **state)
{
	struct io blocker;

	(void)state;
	begin("/tmp", SIZE, 4);
	atomic_store(&fx.dev->nowait, false);
	block_submitter(&blocker);
	for (unsigned int i = 0; i < SLOTS; i++)
		submit(i, IO_READ, 0, 4096);
	fx.e->ops->flush(fx.e);
	assert_true(fx.e->ops->recall(fx.e, &fx.slot[SLOTS - 1].io));
	assert_true(fx.e->ops->recall(fx.e, &fx.slot[0].io));
	sem_post(&go_on);
	wait_for(SLOTS - 2);
	for (unsigned int i = 1; i < SLOTS - 1; i++)
		assert_int_equal(fx.slot[i].res, 4096);
	assert_int_equal(fx.slot[0].ends + fx.slot[SLOTS - 1].ends, 0);
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_without_nowait),
		cmocka_unit_test(test_dsync),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_recall_too_late),
		cmocka_unit_test(test_full),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
