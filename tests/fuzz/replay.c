// SPDX-License-Identifier: MIT
/*
 * The main of a fuzz target where libFuzzer is not: replays seeds. TAP, one
 * test per seed; of a crash, the seed is the one named last.
 *
 *   TARGET [SEED...]               without seeds: tests/fuzz/seeds/TARGET/
 *   TARGET --unpack DIR [SEED...]  writes their bytes into DIR instead
 *
 * A seed NAME.hex is hex digits, with blanks and # comments as one likes; any
 * other is the bytes themselves.
 */
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct bytes {
	uint8_t *data;
	size_t len;
};

static bool complain(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	return false;
}

/* Exactly as large as the file; the caller frees it. */
static bool file_read(const char *path, struct bytes *ret)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	uint8_t *data;
	bool ok;

	if (!f)
		return complain(path, strerror(errno));
	ok = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
	data = ok ? malloc((size_t)st.st_size) : NULL;
	ok = data &&
	     fread(data, 1, (size_t)st.st_size, f) == (size_t)st.st_size;
	fclose(f);
	if (!ok) {
		free(data);
		return complain(path, "cannot be read");
	}
	*ret = (struct bytes){data, (size_t)st.st_size};
	return true;
}

static int digit(uint8_t c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* In place: from text to the bytes it stands for. */
static bool hex_decode(struct bytes *b)
{
	size_t in, digits = 0;
	bool comment = false;

	for (in = 0; in < b->len; in++) {
		uint8_t c = b->data[in];

		if (c == '#' || c == '\n')
			comment = c == '#';
		if (comment || isspace(c))
			continue;
		if (!isxdigit(c))
			return false;
		/* Never ahead of what is read; two digits fill a byte. */
		b->data[digits / 2] =
			(uint8_t)(b->data[digits / 2] << 4 | digit(c));
		digits++;
	}
	b->len = digits / 2;
	return digits % 2 == 0;
}

static bool seed_read(const char *path, struct bytes *ret)
{
	size_t len = strlen(path);
	struct bytes b;
	uint8_t *exact;

	if (!file_read(path, &b))
		return false;
	if (len > 4 && strcmp(path + len - 4, ".hex") == 0 && !hex_decode(&b)) {
		free(b.data);
		return complain(path, "not pairs of hex digits");
	}
	/* Shrunk, so that ASan sees a read beyond the end. */
	exact = realloc(b.data, MAX(b.len, (size_t)1));
	*ret = (struct bytes){exact ? exact : b.data, b.len};
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool seed_replay(const char *path, unsigned int nr)
{
	struct bytes b;
	bool ok;

	printf("# %s\n", path);
	fflush(stdout);
	ok = seed_read(path, &b);
	if (ok) {
		LLVMFuzzerTestOneInput(b.data, b.len);
		free(b.data);
	}
	printf("%sok %u - %s\n", ok ? "" : "not ", nr, base_name(path));
	return ok;
}

static bool seed_unpack(const char *path, const char *dir)
{
	struct bytes b;
	char *out;
	FILE *f;
	bool ok;

	if (!seed_read(path, &b))
		return false;
	if (asprintf(&out, "%s/%s", dir, base_name(path)) < 0)
		abort();
	f = fopen(out, "w");
	ok = f && fwrite(b.data, 1, b.len, f) == b.len;
	ok = f && fclose(f) == 0 && ok;
	if (!ok)
		complain(out, "cannot be written");
	free(out);
	free(b.data);
	return ok;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

struct run {
	const char *unpack; /* directory, or NULL: replay */
	unsigned int nr;
	bool failed;
};

static void run_seed(struct run *run, const char *path)
{
	bool ok;

	run->nr++;
	ok = run->unpack ? seed_unpack(path, run->unpack)
			 : seed_replay(path, run->nr);
	if (!ok)
		run->failed = true;
}

static void run_target(struct run *run, const char *target)
{
	struct dirent **entries = NULL;
	char *dir, *path;
	int n;

	if (asprintf(&dir, "tests/fuzz/seeds/%s", target) < 0)
		abort();
	n = scandir(dir, &entries, not_hidden, alphasort);
	if (n <= 0)
		run->failed =
			!complain(dir, n < 0 ? strerror(errno) : "no seeds");
	for (int i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
			abort();
		run_seed(run, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	free(dir);
}

int main(int argc, char **argv)
{
	const char *target = base_name(argv[0]);
	struct run run = {0};

	if (argc > 2 && strcmp(argv[1], "--unpack") == 0) {
		run.unpack = argv[2];
		argv += 2;
	}
	if (!argv[1])
		run_target(&run, target);
	while (*++argv)
		run_seed(&run, *argv);
	if (!run.unpack)
		printf("1..%u\n", run.nr);
	return run.failed ? 1 : 0;
}
