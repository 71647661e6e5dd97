// SPDX-License-Identifier: MIT
/*
 * Holds on disk: what is saved is there for the next daemon, also if it cannot
 * be written at first. The file's place is taken by a directory then, which
 * root cannot rename over either; inotify tells when an attempt has ended.
 */
#include "fs/holdfile.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 60000

struct place {
	char dir[64];
	char file[80];
	int watch;
};

static void make_place(struct place *p)
{
	strcpy(p->dir, "/tmp/mpathfs-holdfile.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/holds", p->dir);
	p->watch = inotify_init1(IN_CLOEXEC);
	assert_true(p->watch >= 0);
	assert_true(inotify_add_watch(p->watch, p->dir,
				      IN_DELETE | IN_MOVED_TO) >= 0);
}

static void remove_place(struct place *p)
{
	close(p->watch);
	unlink(p->file);
	assert_int_equal(rmdir(p->dir), 0);
}

/* Until that happens to that name in the directory. */
static void await(const struct place *p, uint32_t what, const char *name)
{
	_Alignas(struct inotify_event) char buf[4096];
	struct pollfd poll_fd = {.fd = p->watch, .events = POLLIN};

	for (;;) {
		ssize_t n;

		if (poll(&poll_fd, 1, DEADLINE_MS) != 1)
			fail_msg("nothing happens to %s", name);
		n = read(p->watch, buf, sizeof(buf));
		assert_true(n > 0);
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev =
				(const void *)(buf + at);

			if ((ev->mask & what) && !strcmp(ev->name, name))
				return;
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	}
}

static void collect(void *arg, const char *volume, const char *path)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s/%s ", volume, path);
}

static void assert_holds(const struct place *p, const char *want)
{
	struct holdfile *h = holdfile_new(p->dir);
	char got[256] = "";

	assert_non_null(h);
	holdfile_load(h, collect, got);
	holdfile_free(h);
	assert_string_equal(got, want);
}

static void save(struct holdfile *h, const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	holdfile_save(h, copy);
}

static void what_is_saved_is_loaded(void **state)
{
	struct holdfile *h;
	struct place p;

	(void)state;
	make_place(&p);
	assert_holds(&p, "");
	h = holdfile_new(p.dir);
	assert_non_null(h);
	save(h, "held v1 p1\n");
	save(h, "held v1 p1\nheld v2 q\n");
	holdfile_free(h);
	assert_holds(&p, "v1/p1 v2/q ");
	remove_place(&p);
}

/* A directory is in the file's place, and v1's p1 could not be saved. */
static struct holdfile *new_that_fails(struct place *p)
{
	struct holdfile *h;

	make_place(p);
	assert_int_equal(mkdir(p->file, 0700), 0);
	h = holdfile_new(p->dir);
	assert_non_null(h);
	save(h, "held v1 p1\n");
	await(p, IN_DELETE, "holds.new"); /* it has failed */
	return h;
}

static void what_cannot_be_written_is_tried_again(void **state)
{
	struct holdfile *h;
	struct place p;

	(void)state;
	h = new_that_fails(&p);
	assert_int_equal(rmdir(p.file), 0);
	save(h, "held v1 p1\n"); /* no news */
	await(&p, IN_MOVED_TO, "holds");
	holdfile_free(h);
	assert_holds(&p, "v1/p1 ");
	remove_place(&p);
}

static void an_end_does_not_wait_for_better_times(void **state)
{
	struct holdfile *h;
	struct place p;

	(void)state;
	h = new_that_fails(&p);
	holdfile_free(h);
	assert_int_equal(rmdir(p.file), 0);
	remove_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_loaded),
		cmocka_unit_test(what_cannot_be_written_is_tried_again),
		cmocka_unit_test(an_end_does_not_wait_for_better_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
