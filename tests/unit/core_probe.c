// SPDX-License-Identifier: MIT
/* The probe: what it reads, and what it makes of the result. */
#include "tests/unit/fake_engine.h"

#include <errno.h>
#include "core/probe.h"

struct subject {
	struct probe p;
	unsigned int ends;
};

static void on_end(struct probe *p)
{
	container_of(p, struct subject, p)->ends++;
}

static const struct {
	uint32_t block;
	uint64_t size, len;
} shapes[] = {
	{512, 1 << 20, 512},
	{4096, 1 << 20, 4096},
	{1, 1 << 20, 512},
	{1, 100, 100}, /* a file shorter than a block */
};

static void test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct device d = {
			.limits = {.block = shapes[i].block,
				   .size = shapes[i].size},
		};
		struct subject s = {.p.ended = on_end};
		struct fake_engine e;
		const struct io *io;

		fake_engine_init(&e);
		assert_int_equal(probe_start(&s.p, &e.base, &d), 0);
		assert_true(probe_out(&s.p));
		assert_int_equal(e.n, 1);
		io = e.out[0].io;
		assert_int_equal(io->op, IO_READ);
		assert_ptr_equal(io->dev, &d);
		assert_int_equal(io->off, 0);
		assert_int_equal(io->len, shapes[i].len);
		assert_int_equal((uintptr_t)io->buf % shapes[i].block, 0);
		memset(io->buf, 0xff, io->len); /* there is room for it */
		e.base.ops->flush(&e.base);
		fake_complete(&e, 0, ALL);
		assert_true(probe_out(&s.p));
		e.base.ops->reap(&e.base);
		assert_false(probe_out(&s.p));
		assert_true(probe_well(&s.p));
		assert_int_equal(s.ends, 1);
	}
}

static const struct {
	int64_t res;
	const char *text;
	bool well;
} results[] = {
	{512, "", true},
	{511, "short read of block 0", false},
	{0, "short read of block 0", false},
	{-EIO, "EIO on read of block 0", false},
	{-ENODEV, "ENODEV on read of block 0", false},
	/* the LUN's own answer */
	{-EBADE, "EBADE on read of block 0", true},
	{-ENODATA, "ENODATA on read of block 0", true},
	{-EREMOTEIO, "EREMOTEIO on read of block 0", false},
	{-EILSEQ, "EILSEQ on read of block 0", false},
	{-EINVAL, "EINVAL on read of block 0", false},
	{-100000, "error on read of block 0", false},
};

static void test_results(void **state)
{
	struct device d = {.limits = {.block = 512, .size = 1 << 20}};
	struct subject s = {.p.ended = on_end};
	struct fake_engine e;

	(void)state;
	fake_engine_init(&e);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
		char text[64];

		assert_int_equal(probe_start(&s.p, &e.base, &d), 0);
		e.base.ops->flush(&e.base);
		fake_complete(&e, 0, results[i].res);
		e.base.ops->reap(&e.base);
		assert_int_equal(s.ends, i + 1);
		probe_text(&s.p, text, sizeof(text));
		assert_string_equal(text, results[i].text);
		assert_int_equal(probe_well(&s.p), results[i].well);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_results),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
