/* SPDX-License-Identifier: MIT */
/* A state directory for one test: its files, what was told of their lines. */
#ifndef MPATHFS_TESTS_UNIT_STATE_FIXTURE_H
#define MPATHFS_TESTS_UNIT_STATE_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/base.h"
#include "core/statetable.h"

struct state_fixture {
	char dir[64];
	char told[4096]; /* one per line, without "DIR/" */
	struct state_warn warn;
};

static inline void fixture_tell(void *ctx, const char *text)
{
	struct state_fixture *f = ctx;
	size_t len = strlen(f->told), dir = strlen(f->dir);

	assert_int_equal(strncmp(text, f->dir, dir), 0);
	snprintf(f->told + len, sizeof(f->told) - len, "%s\n", text + dir + 1);
}

static inline void fixture_init(struct state_fixture *f)
{
	const char *tmp = getenv("TMPDIR");

	*f = (struct state_fixture){.warn = {fixture_tell, f}};
	snprintf(f->dir, sizeof(f->dir), "%s/mpathfs.XXXXXX",
		 tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
}

/* The path of a file in it; good until the next call. */
static inline const char *fixture_path(const struct state_fixture *f,
				       const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

/* Calls each for every name in it. How many there were. */
static inline size_t fixture_each(const struct state_fixture *f,
				  int (*each)(const char *path))
{
	DIR *d = opendir(f->dir);
	struct dirent *it;
	size_t n = 0;

	assert_non_null(d);
	while ((it = readdir(d))) {
		if (it->d_name[0] == '.')
			continue;
		n++;
		if (each)
			assert_int_equal(each(fixture_path(f, it->d_name)), 0);
	}
	closedir(d);
	return n;
}

static inline void fixture_fini(struct state_fixture *f)
{
	fixture_each(f, remove);
	assert_int_equal(rmdir(f->dir), 0);
}

/* As an editor does that knows nothing of locks; NULL: takes the file away. */
static inline void fixture_put(const struct state_fixture *f, const char *name,
			       const char *text)
{
	FILE *out;

	if (!text) {
		assert_int_equal(remove(fixture_path(f, name)), 0);
		return;
	}
	out = fopen(fixture_path(f, name), "we");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* malloc'ed; NULL: no such file. */
static inline char *fixture_get(const struct state_fixture *f, const char *name)
{
	FILE *in = fopen(fixture_path(f, name), "re");
	char *text = NULL;
	size_t size = 0;

	if (!in)
		return NULL;
	if (getdelim(&text, &size, EOF, in) < 0)
		text[0] = '\0';
	fclose(in);
	return text;
}

/*
 * The lines of a file parted by ';', with all comments or without those that
 * are lines of their own; "-": no such file.
 */
static inline void fixture_lines(const struct state_fixture *f,
				 const char *name, bool comments, char *ret,
				 size_t size)
{
	char *text = fixture_get(f, name), *save;
	size_t len = 0;

	snprintf(ret, size, "%s", text ? "" : "-");
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (comments || line[0] != '#')
			len += (size_t)snprintf(ret + len, size - len, "%s%s",
						len ? ";" : "", line);
	free(text);
}

#endif
