// SPDX-License-Identifier: MIT
/*
 * The state directory and its lock; see statedir.h. The lock is a flock(2) on
 * DIR/lock, whose descriptor stays open until the process ends; the file holds
 * the pid of the daemon that has it, for people.
 */
#include "fs/statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

char *statedir_default(void)
{
	const char *home = getenv("XDG_STATE_HOME");
	const char *below = "";
	struct passwd *pw;
	char *dir;

	if (geteuid() == 0)
		return strdup("/var/lib/mpathfs");
	if (!home || home[0] != '/') {
		home = getenv("HOME");
		below = "/.local/state";
	}
	if (!home || home[0] != '/') {
		pw = getpwuid(geteuid());
		home = pw ? pw->pw_dir : NULL;
	}
	if (!home || asprintf(&dir, "%s%s/mpathfs", home, below) < 0)
		return NULL;
	return dir;
}

/* mkdir -p. What is made is for its owner only. */
static int make_dirs(const char *dir)
{
	CLEANUP_FREE char *path = strdup(dir);
	char *slash;

	if (!path)
		return -ENOMEM;
	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int say_taken(int fd, const char *dir, struct errmsg *e)
{
	char pid[16] = "";

	if (pread(fd, pid, sizeof(pid) - 1, 0) <= 0)
		pid[0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	return errmsg_set(e, EBUSY,
			  "%s: in use by another mpathfs%s%s; a second mount "
			  "needs a --state-dir of its own",
			  dir, *pid ? ", process " : "", pid);
}

static int take_lock(const char *dir, struct errmsg *e)
{
	CLEANUP_FREE char *file = NULL;
	int fd;

	if (asprintf(&file, "%s/lock", dir) < 0) {
		file = NULL;
		return errmsg_set(e, ENOMEM, "out of memory");
	}
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errmsg_set(e, errno, "%s: %s", file, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int err = errno;

		if (err == EWOULDBLOCK)
			say_taken(fd, dir, e);
		else
			errmsg_set(e, err, "%s: %s", file, strerror(err));
		close(fd);
		return err == EWOULDBLOCK ? -EBUSY : -err;
	}
	return fd;
}

int statedir_take(const char *dir, char **ret, struct errmsg *e)
{
	CLEANUP_FREE char *path = NULL;
	int r = make_dirs(dir);

	if (r == 0) {
		path = realpath(dir, NULL);
		r = path ? 0 : -errno;
	}
	if (r < 0)
		return errmsg_set(e, -r, "state directory %s: %s", dir,
				  strerror(-r));
	r = take_lock(path, e); /* its descriptor stays open */
	if (r < 0)
		return r;
	*ret = path;
	path = NULL;
	return 0;
}

void statedir_note_pid(const char *path)
{
	CLEANUP_CLOSE int fd = -1;
	CLEANUP_FREE char *file = NULL;
	char pid[16];
	int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	if (asprintf(&file, "%s/lock", path) < 0) {
		file = NULL;
		return;
	}
	/* Only a hint for messages: failing to write it harms nothing. */
	fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		(void)!write(fd, pid, (size_t)n);
}
