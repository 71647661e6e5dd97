// SPDX-License-Identifier: MIT
/*
 * A list of files, some of them with a child at work; see fixsize.h. A file
 * named again while its child works is done once more afterwards, as the child
 * may have read the old size. Supervisor only, single-threaded.
 */
#include "fs/fixsize.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/child.h"
#include "fs/log.h"

struct fix {
	char file[FIXSIZE_NAME];
	pid_t pid;  /* 0: waits for its turn */
	bool again; /* named since the child was forked */
};

struct fixsize {
	const char *mountpoint;
	struct fix *v;
	size_t n;
	size_t room;
	size_t running;
};

struct fixsize *fixsize_new(const char *mountpoint)
{
	struct fixsize *f = calloc(1, sizeof(*f));

	if (f)
		f->mountpoint = mountpoint;
	return f;
}

void fixsize_free(struct fixsize *f)
{
	if (!f)
		return;
	free(f->v);
	free(f);
}

static struct fix *find(struct fixsize *f, const char *file)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].file, file) == 0)
			return &f->v[i];
	return NULL;
}

/* In the child: everything here goes through the mount, and may wait. */
static int mend(const char *mountpoint, const char *file)
{
	CLEANUP_CLOSE int root = child_open_mount(mountpoint);
	int r = root < 0 ? root : child_mend_size(root, file);

	/* A file or mount that is gone meanwhile has no size to mend. */
	if (r < 0 && r != -ENOENT && r != -ENOTCONN && r != -ECONNABORTED) {
		log_warn("%s: its size cannot be mended: %s - buffered I/O "
			 "takes it for larger than it is",
			 file, strerror(-r));
		return 1;
	}
	return 0;
}

static void run_some(struct fixsize *f)
{
	struct fix *x;
	pid_t pid;

	for (size_t i = 0; i < f->n && f->running < FIXSIZE_CHILDREN; i++) {
		x = &f->v[i];
		if (x->pid)
			continue;
		pid = child_fork(NULL);
		if (pid == 0)
			_exit(mend(f->mountpoint, x->file));
		if (pid < 0) {
			/* Tried again with the next child or file. */
			log_warn("%s: cannot fork to mend its size: %s",
				 x->file, strerror(-pid));
			return;
		}
		x->pid = pid;
		f->running++;
	}
}

static int add_new(struct fixsize *f, const char *file)
{
	size_t room = f->room ? f->room * 2 : 8;
	struct fix *v;

	if (f->n == f->room) {
		v = realloc(f->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		f->v = v;
		f->room = room;
	}
	f->v[f->n] = (struct fix){0};
	snprintf(f->v[f->n].file, FIXSIZE_NAME, "%s", file);
	f->n++;
	return 0;
}

int fixsize_add(struct fixsize *f, const char *file)
{
	struct fix *x = find(f, file);
	int r = 0;

	if (x)
		x->again = x->pid != 0;
	else
		r = add_new(f, file);
	run_some(f);
	return r;
}

bool fixsize_reaped(struct fixsize *f, pid_t pid)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].pid != pid)
			continue;
		f->running--;
		f->v[i].pid = 0;
		if (!f->v[i].again)
			f->v[i] = f->v[--f->n];
		else
			f->v[i].again = false;
		run_some(f);
		return true;
	}
	return false;
}
