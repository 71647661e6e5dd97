/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the configuration: files in a directory made for each test,
 * loaded with the registry of fake_registry.h. Texts are compared without that
 * directory's name.
 */
#ifndef MPATHFS_TESTS_UNIT_CONFIG_FIXTURE_H
#define MPATHFS_TESTS_UNIT_CONFIG_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "core/config.h"
#include "tests/unit/fake_registry.h"

#define NAME_127                                                               \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A42 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct fixture {
	char dir[64]; /* ends with '/' */
	char main[80], conf_dir[80];
	struct config *config;
	struct config_errors errs;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/mpathfs-config.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	strcat(f->dir, "/");
	snprintf(f->main, sizeof(f->main), "%smain", f->dir);
	snprintf(f->conf_dir, sizeof(f->conf_dir), "%sd", f->dir);
	assert_int_equal(mkdir(f->conf_dir, 0700), 0);
	*state = f;
	return 0;
}

static inline void forget(struct fixture *f)
{
	config_free(f->config);
	f->config = NULL;
	config_errors_free(&f->errs);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	forget(f);
	assert_true(strncmp(f->dir, "/tmp/mpathfs-config.", 20) == 0);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static inline void put_bytes(struct fixture *f, const char *name,
			     const char *text, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", f->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static inline void put(struct fixture *f, const char *name, const char *text)
{
	put_bytes(f, name, text, strlen(text));
}

static inline void drop(struct fixture *f, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", f->dir, name);
	assert_int_equal(unlink(path), 0);
}

static inline int load(struct fixture *f)
{
	forget(f);
	return config_load(f->main, f->conf_dir, &fake_registry, &f->config,
			   &f->errs);
}

/* text without the directory of the test, wherever it stands in it. */
static inline void strip(const struct fixture *f, char *text)
{
	size_t len = strlen(f->dir);

	while ((text = strstr(text, f->dir)))
		memmove(text, text + len, strlen(text + len) + 1);
}

/* One line per error. */
static inline char *errors_text(const struct fixture *f)
{
	char *text = NULL;
	size_t size, i;
	FILE *m = open_memstream(&text, &size);

	assert_non_null(m);
	for (i = 0; i < f->errs.n; i++)
		fprintf(m, "%s\n", f->errs.v[i].text);
	assert_int_equal(fclose(m), 0);
	strip(f, text);
	return text;
}

static inline void assert_errors(struct fixture *f, const char *what, int rc,
				 int expected_rc, const char *expected)
{
	CLEANUP_FREE char *got = errors_text(f);

	if (rc != expected_rc || strcmp(got, expected) != 0 || f->config)
		fail_msg("%s\ngot %d:\n%sexpected %d:\n%s", what, rc, got,
			 expected_rc, expected);
}

static inline void assert_loads(struct fixture *f, const char *what)
{
	int rc = load(f);
	CLEANUP_FREE char *got = errors_text(f);

	if (rc || f->errs.n || !f->config)
		fail_msg("%s\ngot %d:\n%sexpected 0", what, rc, got);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
