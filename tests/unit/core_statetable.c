// SPDX-License-Identifier: MIT
/*
 * State files, seen through the two that there are: other programs change
 * them, writing fails, several write at once, and writers are killed.
 */
#include "core/statetable.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include "core/bindings.h"
#include "core/wwids.h"
#include "tests/unit/faults.h"
#include "tests/unit/seed.h"
#include "tests/unit/state_fixture.h"

static bool nobody(void *ctx, const char *alias, const char *wwid)
{
	(void)ctx;
	(void)alias;
	(void)wwid;
	return false;
}

static int name_of(struct bindings *b, const char *wwid, char ret[NAME_SIZE],
		   struct errmsg *e)
{
	struct naming n = {wwid, "", "mpath", false, nobody, NULL};

	return bindings_name(b, &n, ret, e);
}

static void expect_alias(struct bindings *b, const char *wwid, const char *want)
{
	struct errmsg e = {""};
	const char *got;

	if (bindings_refresh(b, &e) < 0)
		fail_msg("%s", e.text);
	got = bindings_alias(b, wwid);
	if (strcmp(got ? got : "-", want ? want : "-") != 0)
		fail_msg("%s: got '%s', expected '%s'", wwid, got, want);
}

/* By an editor, in place, by rename, to nothing; with and without warnings. */
static void test_others(void **state)
{
	struct state_fixture f;
	struct bindings *b;
	struct errmsg e;
	char got[NAME_SIZE], from[512];

	(void)state;
	fixture_init(&f);
	b = bindings_new(f.dir, &f.warn);
	expect_alias(b, "W1", NULL);
	fixture_put(&f, "bindings", "one W1\n");
	expect_alias(b, "W1", "one");
	fixture_put(&f, "bindings", "one W1\ntwo W2\n");
	expect_alias(b, "W2", "two");
	assert_int_equal(name_of(b, "W3", got, &e), 0);
	assert_string_equal(got, "mpatha");
	fixture_put(&f, "edited", "mpathb W3\nodd\n");
	strcpy(from, fixture_path(&f, "edited"));
	assert_int_equal(rename(from, fixture_path(&f, "bindings")), 0);
	expect_alias(b, "W1", NULL);
	expect_alias(b, "W3", "mpathb");
	assert_string_equal(f.told, "bindings:2: alias 'odd' without a WWID - "
				    "the line is left out\n");
	/* told once, as long as nobody changes it */
	expect_alias(b, "W3", "mpathb");
	f.told[0] = '\0';
	assert_int_equal(name_of(b, "W4", got, &e), 0);
	assert_string_equal(f.told, "");
	/* what was not read yet counts for a new name */
	fixture_put(&f, "bindings", "mpatha W5\nmpathb W3\n");
	assert_int_equal(name_of(b, "W6", got, &e), 0);
	assert_string_equal(got, "mpathc");
	fixture_put(&f, "bindings", NULL);
	expect_alias(b, "W3", NULL);
	assert_int_equal(fixture_each(&f, NULL), 0);
	bindings_free(b);
	fixture_fini(&f);
}

/* Neither read nor written over; what was read last stays in force. */
static void test_unreadable(void **state)
{
	struct state_fixture f;
	struct bindings *b;
	struct errmsg e;
	struct stat st;
	char got[NAME_SIZE];

	(void)state;
	fixture_init(&f);
	b = bindings_new(f.dir, &f.warn);
	assert_int_equal(name_of(b, "W1", got, &e), 0);
	fixture_put(&f, "bindings", NULL);
	assert_int_equal(mkfifo(fixture_path(&f, "bindings"), 0600), 0);
	assert_int_equal(bindings_refresh(b, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/bindings: not a regular file"));
	assert_int_equal(name_of(b, "W1", got, &e), -EINVAL);
	assert_string_equal(got, "mpatha");
	assert_int_equal(name_of(b, "W2", got, &e), -EINVAL);
	assert_string_equal(got, "W2");
	assert_int_equal(stat(fixture_path(&f, "bindings"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	fixture_put(&f, "bindings", NULL);
	/* too large: it has a hole, and costs nothing */
	fixture_put(&f, "bindings", "");
	assert_int_equal(truncate(fixture_path(&f, "bindings"), 17 << 20), 0);
	assert_int_equal(name_of(b, "W2", got, &e), -EFBIG);
	assert_string_equal(got, "W2");
	bindings_free(b);
	fixture_fini(&f);
}

static void test_no_directory(void **state)
{
	struct state_warn warn = {0};
	struct bindings *b = bindings_new("/nonexistent/state", &warn);
	struct errmsg e = {""};
	char got[NAME_SIZE];

	(void)state;
	assert_int_equal(bindings_refresh(b, &e), 0);
	assert_int_equal(name_of(b, "W1", got, &e), -ENOENT);
	assert_string_equal(got, "W1");
	assert_non_null(strstr(e.text, "/nonexistent/state: "));
	bindings_free(b);
}

/* Every way in which writing may fail. */
static const struct {
	const char *what;
	enum fault_call call;
	int skip, err;
	bool written; /* all but the last fsync went well */
} failures[] = {
	{"read-only file system", FAULT_OPENAT, 0, EROFS, false},
	{"no inode left", FAULT_OPENAT, 0, ENOSPC, false},
	{"disk full", FAULT_WRITE, 0, ENOSPC, false},
	{"quota", FAULT_WRITE, 0, EDQUOT, false},
	{"I/O error", FAULT_WRITE, 0, EIO, false},
	{"I/O error at fsync", FAULT_FSYNC, 0, EIO, false},
	{"disk full at fsync", FAULT_FSYNC, 0, ENOSPC, false},
	{"rename", FAULT_RENAMEAT, 0, EACCES, false},
	{"rename, disk full", FAULT_RENAMEAT, 0, ENOSPC, false},
	{"I/O error at fsync of the directory", FAULT_FSYNC, 1, EIO, true},
};

static void plan(size_t i)
{
	faults.call = failures[i].call;
	faults.skip = failures[i].skip;
	faults.err = failures[i].err;
}

static void expect_text(const struct state_fixture *f, const char *name,
			const char *what, const char *want)
{
	CLEANUP_FREE char *got = fixture_get(f, name);

	if (strcmp(got ? got : "-", want) != 0)
		fail_msg("%s: %s: got '%s', expected '%s'", what, name, got,
			 want);
}

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		CLEANUP_FREE char *old = NULL;
		struct state_fixture f;
		struct bindings *b;
		struct errmsg e = {""};
		char got[NAME_SIZE];
		int r;

		fixture_init(&f);
		b = bindings_new(f.dir, &f.warn);
		assert_int_equal(name_of(b, "W1", got, &e), 0);
		old = fixture_get(&f, "bindings");
		plan(i);
		r = name_of(b, "W2", got, &e);
		faults.call = FAULT_NONE;
		if (r != -failures[i].err || strcmp(got, "W2") != 0)
			fail_msg("%s: got %d, '%s'", failures[i].what, r, got);
		assert_non_null(strstr(e.text, "/bindings: cannot be written"));
		assert_non_null(strstr(e.text, strerror(failures[i].err)));
		assert_int_equal(fixture_each(&f, NULL), 1); /* no leftover */
		assert_null(bindings_alias(b, "W2"));
		assert_string_equal(bindings_alias(b, "W1"), "mpatha");
		if (!failures[i].written)
			expect_text(&f, "bindings", failures[i].what, old);
		/* and when it is mended, all goes on */
		assert_int_equal(name_of(b, "W2", got, &e), 0);
		assert_string_equal(got, "mpathb");
		bindings_free(b);
		fixture_fini(&f);
	}
}

static void test_wwids_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		CLEANUP_FREE char *old = NULL;
		struct state_fixture f;
		struct wwids *w;
		struct errmsg e;
		int r;

		fixture_init(&f);
		w = wwids_new(f.dir, &f.warn);
		assert_int_equal(wwids_add(w, "W1", &e), 0);
		old = fixture_get(&f, "wwids");
		plan(i);
		r = i % 2 ? wwids_add(w, "W2", &e) : wwids_remove(w, "W1", &e);
		faults.call = FAULT_NONE;
		if (r != -failures[i].err)
			fail_msg("%s: got %d", failures[i].what, r);
		assert_non_null(strstr(e.text, "/wwids: cannot be written"));
		assert_true(wwids_has(w, "W1"));
		assert_false(wwids_has(w, "W2"));
		if (!failures[i].written)
			expect_text(&f, "wwids", failures[i].what, old);
		wwids_free(w);
		fixture_fini(&f);
	}
}

/* What the kernel takes in pieces, or a file system does not know, is well. */
static void test_no_failures(void **state)
{
	static const struct {
		enum fault_call call;
		int skip, err;
	} rows[] = {
		{FAULT_WRITE, 0, 0},
		{FAULT_WRITE, 0, EINTR},
		{FAULT_FSYNC, 1, EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct state_fixture f;
		struct bindings *b;
		struct errmsg e;
		char got[NAME_SIZE], lines[64];

		fixture_init(&f);
		b = bindings_new(f.dir, &f.warn);
		faults.call = rows[i].call;
		faults.skip = rows[i].skip;
		faults.err = rows[i].err;
		assert_int_equal(name_of(b, "W1", got, &e), 0);
		faults.call = FAULT_NONE;
		assert_string_equal(got, "mpatha");
		fixture_lines(&f, "bindings", false, lines, sizeof(lines));
		assert_string_equal(lines, "mpatha W1");
		bindings_free(b);
		fixture_fini(&f);
	}
}

/* A crash's leftover, or a trap laid by somebody: taken away, not followed. */
static void test_leftover(void **state)
{
	struct state_fixture f;
	struct bindings *b;
	struct errmsg e;
	char got[NAME_SIZE];

	(void)state;
	fixture_init(&f);
	b = bindings_new(f.dir, &f.warn);
	fixture_put(&f, "bindings.new", "half a li");
	assert_int_equal(name_of(b, "W1", got, &e), 0);
	assert_int_equal(fixture_each(&f, NULL), 1);
	fixture_put(&f, "victim", "dear\n");
	assert_int_equal(symlink("victim", fixture_path(&f, "bindings.new")),
			 0);
	assert_int_equal(name_of(b, "W2", got, &e), 0);
	expect_text(&f, "victim", "symlink", "dear\n");
	assert_int_equal(fixture_each(&f, NULL), 2);
	bindings_free(b);
	fixture_fini(&f);
}

/* A writer's word that both entries are on disk. */
struct ack {
	pid_t pid;
	char wwid[32];
	char alias[32];
};

/* Names n volumes, each in both files. Ends the process. */
static void writer(const struct state_fixture *f, const char *tag, int n,
		   int ack_fd)
{
	struct state_warn quiet = {.tell = NULL};
	struct bindings *b = bindings_new(f->dir, &quiet);
	struct wwids *w = wwids_new(f->dir, &quiet);
	char alias[NAME_SIZE];
	struct errmsg e;

	for (int i = 0; i < n; i++) {
		struct ack ack = {.pid = getpid()};

		snprintf(ack.wwid, sizeof(ack.wwid), "3600-%s-%d", tag, i);
		if (name_of(b, ack.wwid, alias, &e) < 0 ||
		    wwids_add(w, ack.wwid, &e) < 0)
			_exit(1);
		snprintf(ack.alias, sizeof(ack.alias), "%.31s", alias);
		if (syscall(SYS_write, ack_fd, &ack, sizeof(ack)) < 0)
			_exit(1);
	}
	bindings_free(b);
	wwids_free(w);
	_exit(0);
}

struct model {
	struct ack *acks;
	size_t n, room;
	size_t started; /* never acknowledged, and yet allowed to be there */
};

static void model_add(struct model *m, const struct ack *ack)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->acks = reallocarray(m->acks, m->room, sizeof(*m->acks));
		assert_non_null(m->acks);
	}
	m->acks[m->n++] = *ack;
}

/* Not torn, all there that was acknowledged, and nothing made up. */
static void model_check(const struct model *m, struct state_fixture *f)
{
	struct bindings *b = bindings_new(f->dir, &f->warn);
	struct wwids *w = wwids_new(f->dir, &f->warn);
	CLEANUP_FREE char *text = fixture_get(f, "bindings");
	struct errmsg e;
	size_t lines = 0;

	assert_int_equal(bindings_refresh(b, &e), 0);
	assert_int_equal(wwids_refresh(w, &e), 0);
	assert_string_equal(f->told, "");
	for (size_t i = 0; i < m->n; i++) {
		const char *got = bindings_alias(b, m->acks[i].wwid);

		if (!got || strcmp(got, m->acks[i].alias) != 0)
			fail_msg("%s: got '%s', expected '%s'",
				 m->acks[i].wwid, got, m->acks[i].alias);
		if (!wwids_has(w, m->acks[i].wwid))
			fail_msg("%s: no more in wwids", m->acks[i].wwid);
	}
	for (char *l = text; l && *l; l = strchr(l, '\n') + 1) {
		lines += *l != '#';
		assert_non_null(strchr(l, '\n'));
	}
	assert_in_range(lines, m->n, m->n + m->started);
	bindings_free(b);
	wwids_free(w);
}

static void test_at_once(void **state)
{
	enum { WRITERS = 4, EACH = 25 };
	struct state_fixture f;
	struct model m = {0};
	struct ack ack;
	int fd[2], status;

	(void)state;
	fixture_init(&f);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	for (int i = 0; i < WRITERS; i++) {
		char tag[2] = {(char)('a' + i), '\0'};
		pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid == 0)
			writer(&f, tag, EACH, fd[1]);
	}
	close(fd[1]);
	while (read(fd[0], &ack, sizeof(ack)) == sizeof(ack))
		model_add(&m, &ack);
	close(fd[0]);
	for (int i = 0; i < WRITERS; i++) {
		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
	}
	assert_int_equal(m.n, WRITERS * EACH);
	model_check(&m, &f);
	free(m.acks);
	fixture_fini(&f);
}

/* One who is to die: of itself at a step, or by us after so many acks. */
struct mortal {
	pid_t pid;
	unsigned int die_at;
	unsigned int acks; /* 0: it dies of itself */
};

static void mortal_start(struct mortal *m, const struct state_fixture *f,
			 const char *tag, uint64_t *seed, int ack_fd)
{
	bool by_step = seed_below(seed, 2) == 0;

	m->die_at = by_step ? 1 + seed_below(seed, 50) : 0;
	m->acks = by_step ? 0 : 1 + seed_below(seed, 4);
	m->pid = fork();
	assert_int_not_equal(m->pid, -1);
	if (m->pid == 0) {
		faults.step = 0;
		faults.die_at = m->die_at;
		writer(f, tag, 1000, ack_fd);
	}
}

static void kill_round(struct model *model, struct state_fixture *f, int round,
		       uint64_t *seed)
{
	struct mortal m[2];
	struct ack ack;
	int fd[2], status;

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
		char tag[32];

		snprintf(tag, sizeof(tag), "%d.%zu", round, i);
		mortal_start(&m[i], f, tag, seed, fd[1]);
	}
	close(fd[1]);
	while (read(fd[0], &ack, sizeof(ack)) == sizeof(ack)) {
		model_add(model, &ack);
		for (size_t i = 0; i < ARRAY_SIZE(m); i++)
			if (m[i].pid == ack.pid && m[i].acks > 0 &&
			    --m[i].acks == 0)
				kill(m[i].pid, SIGKILL);
	}
	close(fd[0]);
	for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
		assert_int_equal(waitpid(m[i].pid, &status, 0), m[i].pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			fail_msg("round %d: writer ended with %#x", round,
				 status);
	}
	/* each may have died between the file and its word */
	model->started += ARRAY_SIZE(m);
	model_check(model, f);
}

static void test_killed(void **state)
{
	enum { ROUNDS = 200 };
	uint64_t seed = seed_init();
	struct state_fixture f;
	struct model m = {0};

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < ROUNDS; i++)
		kill_round(&m, &f, i, &seed);
	assert_true(m.n > ROUNDS);
	free(m.acks);
	fixture_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_wwids_failures),
		cmocka_unit_test(test_no_failures),
		cmocka_unit_test(test_leftover),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_killed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
