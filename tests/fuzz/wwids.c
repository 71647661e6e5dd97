// SPDX-License-Identifier: MIT
/*
 * The wwids file from any bytes: whatever they are, what is written of it reads
 * as the same set, with the same lines left out, and is written the same again.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "core/wwids.h"

static char dir[64], file[80];

static void remove_dir(void)
{
	unlink(file);
	rmdir(dir);
}

/* One for the process, in memory where there is such a place. */
static void make_dir(void)
{
	const char *top = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	if (dir[0])
		return;
	snprintf(dir, sizeof(dir), "%s/mpathfs-fuzz.XXXXXX", top);
	assert(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/wwids", dir);
	atexit(remove_dir);
}

static void file_write(const uint8_t *data, size_t size)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static char *file_text(void)
{
	char *text = NULL;
	size_t room = 0;
	FILE *f = fopen(file, "re");

	assert(f && getdelim(&text, &room, '\0', f) > 0);
	assert(feof(f)); /* no NUL is written */
	fclose(f);
	return text;
}

static void count_told(void *ctx, const char *text)
{
	assert(strncmp(text, file, strlen(file)) == 0);
	(*(size_t *)ctx)++;
}

/* Adds and removes one; returns what is in the file then. */
static char *rewrite(size_t *told)
{
	static const char wwid[] = "3600508b1001c4d5e6f";
	const struct state_warn warn = {count_told, told};
	struct wwids *w = wwids_new(dir, &warn);
	struct errmsg e;
	bool had;

	assert(w && wwids_refresh(w, &e) == 0);
	had = wwids_has(w, wwid);
	assert(wwids_remove(w, wwid, &e) == 0 && !wwids_has(w, wwid));
	assert(wwids_add(w, wwid, &e) == 0 && wwids_has(w, wwid));
	if (!had)
		assert(wwids_remove(w, wwid, &e) == 0);
	assert(wwids_has(w, wwid) == had);
	wwids_free(w);
	return file_text();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t told = 0, again = 0;
	char *text, *text2;

	make_dir();
	file_write(data, size);
	text = rewrite(&told);
	text2 = rewrite(&again);
	assert(strcmp(text, text2) == 0);
	assert(again == told);
	free(text);
	free(text2);
	return 0;
}
