// SPDX-License-Identifier: MIT
/*
 * Files that are replaced as a whole; see statefile.h. The new text is written
 * to NAME.new and that brought to disk, before it is renamed to NAME and the
 * directory brought to disk. A NAME.new that a crash has left is nobody's: who
 * writes next takes it away.
 *
 * The lock is on the directory, as the file itself is another one after each
 * write.
 */
#include "core/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { SIZE_LIMIT = 16 * 1024 * 1024 };

int statefile_init(struct statefile *s, const char *dir, const char *name)
{
	*s = (struct statefile){.dir = strdup(dir)};
	if (asprintf(&s->path, "%s/%s", dir, name) < 0)
		s->path = NULL;
	if (!s->dir || !s->path) {
		statefile_fini(s);
		return -ENOMEM;
	}
	s->name = strrchr(s->path, '/') + 1;
	return 0;
}

void statefile_fini(struct statefile *s)
{
	free(s->dir);
	free(s->path);
	*s = (struct statefile){0};
}

static int dir_open(const struct statefile *s)
{
	int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static struct statefile_id id_of(const struct stat *st)
{
	return (struct statefile_id){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool statefile_changed(const struct statefile *s)
{
	struct statefile_id now = {0};
	struct stat st;

	if (stat(s->path, &st) == 0)
		now = id_of(&st);
	else if (errno != ENOENT)
		return true; /* reading it will tell why */
	return now.dev != s->id.dev || now.ino != s->id.ino ||
	       now.size != s->id.size || !same_time(now.mtime, s->id.mtime) ||
	       !same_time(now.ctime, s->id.ctime);
}

int statefile_lock(const struct statefile *s, struct errmsg *e)
{
	int fd = dir_open(s);
	int r;

	if (fd < 0)
		return errmsg_set(e, -fd, "%s: %s", s->dir, strerror(-fd));
	do {
		r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	} while (r == -EINTR);
	if (r < 0) {
		close(fd);
		return errmsg_set(e, -r, "%s: cannot be locked: %s", s->dir,
				  strerror(-r));
	}
	return fd;
}

void statefile_unlock(int lock)
{
	/* Not by the close alone: a fork may have left a copy of it. */
	flock(lock, LOCK_UN);
	close(lock);
}

/* Up to size bytes: 0 or -errno, *len is how many there were. */
static int read_all(int fd, char *buf, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
		else if (n == 0)
			break;
	}
	return 0;
}

static int read_text(int fd, char **ret, size_t *len, struct statefile_id *id)
{
	CLEANUP_FREE char *text = NULL;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > SIZE_LIMIT)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	r = read_all(fd, text, (size_t)st.st_size, len);
	if (r < 0)
		return r;
	text[*len] = '\0';
	*id = id_of(&st);
	*ret = text;
	text = NULL;
	return 0;
}

int statefile_read(const struct statefile *s, char **ret, size_t *len,
		   struct statefile_id *id, struct errmsg *e)
{
	/* O_NONBLOCK: a FIFO of that name is an error, not a wait. */
	CLEANUP_CLOSE int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r = fd < 0 ? -errno : read_text(fd, ret, len, id);

	if (r == -ENOENT) {
		*ret = strdup("");
		*len = 0;
		*id = (struct statefile_id){0};
		r = *ret ? 0 : -ENOMEM;
	}
	if (r == -EINVAL)
		return errmsg_set(e, EINVAL, "%s: not a regular file", s->path);
	if (r < 0)
		return errmsg_set(e, -r, "%s: cannot be read: %s", s->path,
				  strerror(-r));
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_new(int dir, const char *name, const char *text, size_t len)
{
	int fd, r;

	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static int replace_in(int dir, struct statefile *s, const char *text,
		      size_t len)
{
	CLEANUP_FREE char *temporary = NULL;
	struct stat st;
	int r;

	if (asprintf(&temporary, "%s.new", s->name) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	r = write_new(dir, temporary, text, len);
	if (r == 0 && renameat(dir, temporary, dir, s->name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dir, temporary, 0);
		return r;
	}
	/* Some file systems know no fsync of a directory, and need none. */
	if (fsync(dir) < 0 && errno != EINVAL)
		return -errno;
	if (fstatat(dir, s->name, &st, 0) < 0)
		return -errno;
	s->id = id_of(&st);
	return 0;
}

int statefile_replace(struct statefile *s, const char *text, size_t len,
		      struct errmsg *e)
{
	CLEANUP_CLOSE int dir = dir_open(s);
	int r = dir < 0 ? dir : replace_in(dir, s, text, len);

	return r < 0 ? errmsg_set(e, -r, "%s: cannot be written: %s", s->path,
				  strerror(-r))
		     : 0;
}
