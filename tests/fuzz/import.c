// SPDX-License-Identifier: MIT
/*
 * A multipath.conf from any bytes: whatever they are, what it is translated to
 * is a configuration that loads, and each note is a line of its own.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "core/import.h"
#include "tests/fuzz/registry.h"

static void notes_verify(const char *notes)
{
	for (const char *p = notes; *p; p = strchr(p, '\n') + 1) {
		unsigned int line;

		assert(sscanf(p, "mp:%u: ", &line) == 1 && line > 0);
		assert(strchr(p, '\n'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *notes;
	size_t text_len, notes_len;
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r")
			    : fopen("/dev/null", "r");
	FILE *out = open_memstream(&text, &text_len);
	FILE *err = open_memstream(&notes, &notes_len);
	struct import_result result;
	struct config *config;
	struct errmsg e;

	assert(in && out && err);
	assert(import_multipath_conf(in, "mp", fuzz_registry(), out, err,
				     &result) == 0);
	fclose(in);
	fclose(out);
	fclose(err);
	assert(strlen(text) == text_len && strlen(notes) == notes_len);
	notes_verify(notes);
	assert(result.left == 0 || notes_len > 0);
	if (fuzz_load(text, text_len, &config, &e) < 0) {
		fprintf(stderr, "%s; of\n%s", e.text, text);
		abort();
	}
	config_free(config);
	free(text);
	free(notes);
	return 0;
}
