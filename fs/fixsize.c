// SPDX-License-Identifier: MIT
/*
 * A list of volumes, some of them with a child at work; see fixsize.h. A volume
 * named again while its child works is done once more afterwards, as the child
 * may have read the old size. Supervisor only, single-threaded.
 */
#include "fs/fixsize.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "core/number.h"
#include "fs/child.h"
#include "fs/log.h"

struct fix {
	char volume[NAME_SIZE];
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

static struct fix *find(struct fixsize *f, const char *volume)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].volume, volume) == 0)
			return &f->v[i];
	return NULL;
}

/* What VOLUME/size says, or -errno. root: the mount's. */
static int64_t read_size(int root, const char *volume)
{
	CLEANUP_CLOSE int fd = -1;
	char path[NAME_SIZE + 8];
	char text[32];
	int64_t size;
	ssize_t n;
	int r;

	snprintf(path, sizeof(path), "%s/size", volume);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	r = number_parse(text, 10, 0, INT64_MAX / 16, &size);
	return r < 0 ? r : size;
}

static int mend_at(int root, const char *volume)
{
	char path[NAME_SIZE + 48];
	struct statfs fs;
	int64_t size;

	/* Unmounted by somebody: what lies below is none of our business. */
	if (fstatfs(root, &fs) < 0 || fs.f_type != FUSE_SUPER_MAGIC)
		return -ENOTCONN;
	size = read_size(root, volume);
	if (size < 0)
		return (int)size;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s/volume", root,
		 volume);
	return truncate(path, size) < 0 ? -errno : 0;
}

/* In the child: everything here goes through the mount, and may wait. */
static int mend(const char *mountpoint, const char *volume)
{
	CLEANUP_CLOSE int root = open(mountpoint, O_PATH | O_CLOEXEC);
	int r = root < 0 ? -errno : mend_at(root, volume);

	/* A volume or mount that is gone meanwhile has no size to mend. */
	if (r < 0 && r != -ENOENT && r != -ENOTCONN && r != -ECONNABORTED) {
		log_warn("%s: its size cannot be mended: %s - buffered I/O "
			 "takes it for larger than it is",
			 volume, strerror(-r));
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
		pid = child_fork();
		if (pid == 0)
			_exit(mend(f->mountpoint, x->volume));
		if (pid < 0) {
			/* Tried again with the next child or volume. */
			log_warn("%s: cannot fork to mend its size: %s",
				 x->volume, strerror(-pid));
			return;
		}
		x->pid = pid;
		f->running++;
	}
}

static int add_new(struct fixsize *f, const char *volume)
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
	snprintf(f->v[f->n].volume, NAME_SIZE, "%s", volume);
	f->n++;
	return 0;
}

int fixsize_add(struct fixsize *f, const char *volume)
{
	struct fix *x = find(f, volume);
	int r = 0;

	if (x)
		x->again = x->pid != 0;
	else
		r = add_new(f, volume);
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
