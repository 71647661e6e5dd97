// SPDX-License-Identifier: MIT
/*
 * The command --import-multipath-conf; see import.h. What is written is made in
 * memory first: of a file that cannot be read to its end nothing is written.
 */
#include "fs/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base.h"
#include "core/import.h"

static int complain(const char *what, int errnum)
{
	fprintf(stderr, "mpathfs: %s: %s\n", what, strerror(errnum));
	return EXIT_FAILURE;
}

/* The whole output, malloc'ed, into *ret. 0 or -errno. */
static int translate(FILE *in, const char *name,
		     const struct config_registry *reg, char **ret,
		     struct import_result *result)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	if (!out)
		return -ENOMEM;
	r = import_multipath_conf(in, name, reg, out, stderr, result);
	if (fclose(out) != 0 && !r)
		r = -ENOMEM;
	if (r < 0)
		free(text);
	else
		*ret = text;
	return r;
}

int import_command(const char *file, const struct config_registry *reg)
{
	bool from_stdin = strcmp(file, "-") == 0;
	const char *name = from_stdin ? "stdin" : file;
	FILE *in = from_stdin ? stdin : fopen(file, "re");
	CLEANUP_FREE char *text = NULL;
	struct import_result result;
	int r;

	if (!in)
		return complain(name, errno);
	r = translate(in, name, reg, &text, &result);
	if (!from_stdin)
		fclose(in);
	if (r < 0)
		return complain(name, -r);
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return complain("stdout", errno);
	fprintf(stderr, "%s: %u lines translated, %u left out\n", name,
		result.translated, result.left);
	return EXIT_SUCCESS;
}
