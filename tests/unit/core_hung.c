// SPDX-License-Identifier: MIT
/*
 * What hangs on a path that is out of use: who answers, when, and what must
 * wait until the late one has come back.
 */
#include "tests/unit/lane_rig.h"

#define KB 1024ULL
#define SEC NSEC_PER_SEC

static void rig_pass(struct rig *r, uint64_t ns)
{
	r->now += ns;
	rig_run(r);
}

static void quarantine(struct rig *r)
{
	r->v->settings.v[OPT_REPLAY_WRITES].num = REPLAY_QUARANTINE;
	rig_publish(r);
	rig_run(r);
}

/* The i-th oldest on lane is where it is said to be. */
static void check_out(const struct rig *r, unsigned int lane, unsigned int i,
		      unsigned int path, uint64_t off)
{
	const struct io *io = r->eng[lane].out[i].io;

	assert_true(i < r->eng[lane].n);
	if (rig_path_of(r, io) != path || io->off != off)
		fail_msg("attempt %u: got path %u, offset %llu; expected path "
			 "%u, offset %llu",
			 i, rig_path_of(r, io), (unsigned long long)io->off,
			 path, (unsigned long long)off);
}

/* Before its second is over, nothing; then another path, another buffer. */
static void test_read(void **state)
{
	static struct rig r;
	struct treq *t;
	char *first;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	r.spares = 9;
	t = rig_submit(&r, 0, IO_READ, 4096, 4096);
	first = r.eng[0].out[0].io->buf;
	rig_pass(&r, 100 * SEC); /* slow is not hung: its path is in use */
	assert_int_equal(r.eng[0].n, 1);
	assert_int_equal(r.replace_asked, 0);
	t->req.piece[0].start = r.now; /* a fresh one, for exact times */
	rig_set_path(&r, 0, false);
	assert_int_equal(lane_deadline(r.lane[0]), r.now + SEC);
	rig_pass(&r, SEC - 1);
	assert_int_equal(r.eng[0].n, 1);
	rig_pass(&r, 1);
	assert_int_equal(r.eng[0].n, 2);
	check_out(&r, 0, 1, 1, 4096);
	assert_ptr_not_equal(r.eng[0].out[1].io->buf, first);
	assert_int_equal(lane_deadline(r.lane[0]), 0);
	rig_end(&r, 0, 1, ALL);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, 0);
	assert_ptr_not_equal(t->last, &t->req);
	/* late, in any way: nothing follows */
	rig_end(&r, 0, 0, -EIO);
	assert_int_equal(t->answers, 1);
	assert_int_equal(r.faults, 0);
	rig_free(&r);
}

/* The late one, when the answer is still out; and both ways it may end. */
static void test_late_before_heir(void **state)
{
	static const int64_t late[] = {ALL, -EIO, -ENODATA, 512, 0};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(late); i++) {
		struct treq *t;

		rig_init(&r, 2, 1, 512, 64 * KB);
		r.spares = 1;
		t = rig_submit(&r, 0, IO_READ, 0, 4096);
		rig_set_path(&r, 0, false);
		rig_pass(&r, 2 * SEC);
		rig_end(&r, 0, 0, late[i]);
		assert_int_equal(t->answers, 0);
		assert_int_equal(r.eng[0].n, 1);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->err, 0);
		rig_free(&r);
	}
}

/* One that is back in time, and one that comes back by the path itself. */
static void test_not_hung(void **state)
{
	static struct rig r;
	struct treq *a, *b;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	r.spares = 9;
	a = rig_submit(&r, 0, IO_READ, 0, 4096);
	b = rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC / 2);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(a->answers, 1);
	rig_set_path(&r, 1, false);
	rig_set_path(&r, 1, true); /* in use again: no hedging */
	rig_pass(&r, 5 * SEC);
	assert_int_equal(r.replace_asked, 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(b->answers, 1);
	rig_free(&r);
}

/* Four pieces out, two of them hung: one replacement for all of them. */
static void test_many_pieces(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	r.spares = 9;
	t = rig_submit(&r, 0, IO_READ, 0, 6 * 64 * KB);
	rig_set_path(&r, 0, false);
	rig_pass(&r, 2 * SEC);
	assert_int_equal(r.replace_asked, 1);
	assert_int_equal(r.eng[0].n, 8);
	for (int i = 0; i < 6; i++)
		rig_end(&r, 0, 4, ALL);
	assert_int_equal(t->answers, 1);
	assert_int_equal(r.eng[0].n, 4);
	while (r.eng[0].n) /* no fifth piece of the old one */
		rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

static void test_flush(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	r.spares = 1;
	t = rig_submit(&r, 0, IO_FLUSH, 0, 0);
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	rig_end(&r, 0, 1, 0);
	assert_int_equal(t->answers, 1);
	rig_end(&r, 0, 0, 0);
	rig_free(&r);
}

/* What no device has seen goes to another path at once, a write too. */
static void test_recall(void **state)
{
	static const enum io_op ops[] = {IO_READ, IO_WRITE, IO_DISCARD};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		struct treq *t;

		rig_init(&r, 2, 1, 512, 64 * KB);
		r.eng[0].queue = true;
		t = rig_submit(&r, 0, ops[i], 0, 4096);
		rig_set_path(&r, 0, false);
		assert_int_equal(r.eng[0].n, 1);
		check_out(&r, 0, 0, 1, 0);
		assert_int_equal(r.v->paths[0]->load.ios, 0);
		rig_set_path(&r, 1, false); /* and where there is none: parked */
		assert_int_equal(r.eng[0].n, 0);
		assert_int_equal(volume_parked(r.v), 1);
		rig_set_path(&r, 0, true);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(t->answers, 1);
		assert_int_equal(t->ends, 1);
		rig_free(&r);
	}
}

/* No free request: asked again, ten times a second. */
static void test_no_replacement(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	t = rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	assert_int_equal(r.replace_asked, 1);
	assert_int_equal(lane_deadline(r.lane[0]), r.now + SEC / 10);
	rig_pass(&r, SEC / 10 - 1);
	assert_int_equal(r.replace_asked, 1);
	r.spares = 1;
	rig_pass(&r, 1);
	assert_int_equal(r.replace_asked, 2);
	rig_end(&r, 0, 1, ALL);
	assert_int_equal(t->answers, 1);
	rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

/* Killed while it hung: nobody waits for a path on its behalf. */
static void test_killed(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	r.spares = 1;
	t = rig_submit(&r, 0, IO_READ, 0, 4096);
	lane_kill(r.lane[0], &t->req);
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, EINTR);
	rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

/* A read that hangs on every path in turn. */
static void test_hangs_again(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 3, 1, 512, 64 * KB);
	r.spares = 9;
	t = rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	rig_set_path(&r, rig_path_of(&r, r.eng[0].out[1].io), false);
	rig_pass(&r, SEC);
	assert_int_equal(r.eng[0].n, 3);
	rig_end(&r, 0, 1, ALL); /* the second is an orphan, too */
	assert_int_equal(t->answers, 0);
	rig_end(&r, 0, 1, ALL);
	assert_int_equal(t->answers, 1);
	rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

/* replay_writes = wait */

/* Nobody answers, nothing overtakes; reads and others go on. */
static void test_write_waits(void **state)
{
	static struct rig r;
	struct treq *w, *over, *part, *beside, *read;

	(void)state;
	rig_init(&r, 2, 2, 512, 64 * KB);
	r.spares = 9;
	w = rig_write(&r, 0, 4096, 4096, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	assert_int_equal(r.replace_asked, 0);
	over = rig_write(&r, 1, 0, 8192, 'o');
	part = rig_write(&r, 0, 8000, 10, 'p');
	beside = rig_write(&r, 1, 8192, 4096, 'b');
	read = rig_submit(&r, 1, IO_READ, 4096, 4096);
	assert_int_equal(r.eng[0].n, 1);
	assert_int_equal(r.eng[1].n, 2);
	rig_end(&r, 1, 0, ALL);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(beside->answers + read->answers, 2);
	rig_pass(&r, 1000 * SEC);
	assert_int_equal(w->answers + over->answers + part->answers, 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(w->answers, 1);
	assert_int_equal(r.eng[0].n + r.eng[1].n, 1); /* one of the two */
	while (r.eng[0].n + r.eng[1].n)
		rig_end(&r, r.eng[0].n ? 0 : 1, 0, ALL);
	assert_int_equal(over->answers + part->answers, 2);
	assert_int_equal(over->err | part->err | w->err, 0);
	rig_free(&r);
}

/* The late one failed: its fate is known, so it and who waited go again. */
static void test_late_write_fails(void **state)
{
	static struct rig r;
	struct treq *w, *over;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	w = rig_write(&r, 0, 0, 4096, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	over = rig_write(&r, 0, 0, 4096, 'o');
	assert_int_equal(r.eng[0].n, 1); /* only the first copy is out */
	rig_end(&r, 0, 0, -EIO);
	assert_int_equal(r.eng[0].n, 2);
	check_out(&r, 0, 0, 1, 0);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(w->answers, 1);
	assert_int_equal(over->answers, 1);
	assert_int_equal(w->err | over->err, 0);
	rig_free(&r);
}

/* The pieces that do not hang go on, those that wait are of its family. */
static void test_write_of_many_pieces(void **state)
{
	static struct rig r;
	struct treq *w;

	(void)state;
	rig_init(&r, 2, 1, 512, 64 * KB);
	w = rig_write(&r, 0, 0, 6 * 64 * KB, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	rig_end(&r, 0, 1, ALL); /* of path 1 */
	rig_end(&r, 0, 2, ALL);
	assert_int_equal(r.eng[0].n, 4);
	while (r.eng[0].n)
		rig_end(&r, 0, 0, ALL);
	assert_int_equal(w->answers, 1);
	rig_free(&r);
}

/* replay_writes = quarantine */

static void test_quarantine(void **state)
{
	static struct rig r;
	struct treq *w, *over;

	(void)state;
	for (int late_first = 0; late_first < 2; late_first++) {
		rig_init(&r, 2, 2, 512, 64 * KB);
		quarantine(&r);
		r.spares = 9;
		w = rig_write(&r, 0, 0, 4096, 'w');
		rig_set_path(&r, 0, false);
		rig_pass(&r, SEC);
		assert_int_equal(r.eng[0].n, 2);
		check_out(&r, 0, 1, 1, 0);
		assert_int_equal(*(char *)r.eng[0].out[1].io->buf, 'w');
		over = rig_write(&r, 1, 512, 512, 'o');
		assert_int_equal(r.eng[1].n, 0);
		rig_end(&r, 0, !late_first, ALL);
		assert_int_equal(w->answers, !late_first);
		/* The copy has been answered; the first may land still. */
		assert_int_equal(r.eng[1].n, late_first);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(w->answers, 1);
		assert_int_equal(r.eng[1].n, 1);
		rig_end(&r, 1, 0, ALL);
		assert_int_equal(over->answers, 1);
		rig_free(&r);
	}
}

/* Two copies hang: the third passes the range of both. */
static void test_quarantine_twice(void **state)
{
	static struct rig r;
	struct treq *w, *over;

	(void)state;
	rig_init(&r, 3, 1, 512, 64 * KB);
	quarantine(&r);
	r.spares = 9;
	w = rig_write(&r, 0, 0, 4096, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	rig_set_path(&r, rig_path_of(&r, r.eng[0].out[1].io), false);
	rig_pass(&r, SEC);
	assert_int_equal(r.eng[0].n, 3);
	rig_end(&r, 0, 2, ALL);
	assert_int_equal(w->answers, 1);
	over = rig_write(&r, 0, 0, 512, 'o');
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(r.eng[0].n, 1); /* the second holds on */
	rig_end(&r, 0, 0, -EIO);
	assert_int_equal(r.eng[0].n, 1);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(over->answers, 1);
	rig_free(&r);
}

/* Its copy finds no path: it waits, and may be killed. */
static void test_quarantine_no_path(void **state)
{
	static struct rig r;
	struct treq *w;
	struct request *heir;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	quarantine(&r);
	r.spares = 1;
	w = rig_write(&r, 0, 0, 4096, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	assert_int_equal(volume_parked(r.v), 1);
	heir = &r.req[1].req;
	lane_kill(r.lane[0], heir);
	assert_int_equal(w->err, EINTR);
	rig_end(&r, 0, 0, ALL);
	rig_free(&r);
}

/* Part-sector writes */

/* An edge's read hangs: like any read, and nobody waits for it later. */
static void test_edge(void **state)
{
	static struct rig r;
	static char disk[4096];
	struct treq *w, *next;

	(void)state;
	memset(disk, '.', sizeof(disk));
	rig_init(&r, 2, 2, 512, 64 * KB);
	r.eng[0].disk = r.eng[1].disk = disk;
	r.spares = 9;
	w = rig_write(&r, 0, 10, 10, 'w');
	rig_set_path(&r, 0, false);
	rig_pass(&r, SEC);
	assert_int_equal(r.eng[0].n, 2);
	rig_end(&r, 0, 1, ALL);
	rig_end(&r, 0, 1, ALL);
	assert_int_equal(w->answers, 1);
	next = rig_write(&r, 1, 30, 10, 'n');
	rig_end(&r, 1, 0, ALL);
	rig_end(&r, 1, 0, ALL);
	assert_int_equal(next->answers, 1);
	rig_end(&r, 0, 0, ALL); /* the late edge: no write follows */
	assert_int_equal(r.eng[0].n, 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(disk[i], i >= 10 && i < 20   ? 'w'
					  : i >= 30 && i < 40 ? 'n'
							      : '.');
	rig_free(&r);
}

/* Both edges hang. */
static void test_two_edges(void **state)
{
	static struct rig r;
	struct treq *w;

	(void)state;
	rig_init(&r, 3, 1, 512, 64 * KB);
	r.spares = 9;
	w = rig_write(&r, 0, 500, 100, 'w');
	rig_set_path(&r, 0, false);
	rig_set_path(&r, 1, false);
	rig_pass(&r, SEC);
	assert_int_equal(r.replace_asked, 1);
	assert_int_equal(r.eng[0].n, 4);
	for (int i = 0; i < 3; i++)
		rig_end(&r, 0, 2, ALL);
	assert_int_equal(w->answers, 1);
	assert_false(holds_any(&r.v->holds));
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, -EIO);
	rig_free(&r);
}

/* Its write hangs, with its data moved to where the block has it. */
static void test_merged_write(void **state)
{
	static struct rig r;
	static char disk[4096];
	struct treq *w;

	(void)state;
	for (int wait = 0; wait < 2; wait++) {
		memset(disk, '.', sizeof(disk));
		rig_init(&r, 2, 2, 512, 64 * KB);
		if (!wait)
			quarantine(&r);
		r.eng[0].disk = disk;
		r.spares = 9;
		w = rig_write(&r, 0, 10, 100, 'w');
		rig_end(&r, 0, 0, ALL);
		rig_set_path(&r, rig_path_of(&r, r.eng[0].out[0].io), false);
		rig_pass(&r, SEC);
		assert_int_equal(r.eng[0].n, wait ? 1 : 2);
		for (int i = 0; !wait && i < 2; i++)
			rig_end(&r, 0, 1, ALL);
		assert_int_equal(w->answers, !wait);
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(w->answers, 1);
		for (int i = 0; i < 200; i++)
			assert_int_equal(disk[i],
					 i >= 10 && i < 110 ? 'w' : '.');
		rig_free(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_late_before_heir),
		cmocka_unit_test(test_not_hung),
		cmocka_unit_test(test_many_pieces),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_no_replacement),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_hangs_again),
		cmocka_unit_test(test_write_waits),
		cmocka_unit_test(test_late_write_fails),
		cmocka_unit_test(test_write_of_many_pieces),
		cmocka_unit_test(test_quarantine),
		cmocka_unit_test(test_quarantine_twice),
		cmocka_unit_test(test_quarantine_no_path),
		cmocka_unit_test(test_edge),
		cmocka_unit_test(test_two_edges),
		cmocka_unit_test(test_merged_write),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
