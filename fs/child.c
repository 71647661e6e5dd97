// SPDX-License-Identifier: MIT
/* Children of the supervisor; see child.h. No state, no thread. */
#include "fs/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fs/log.h"

void child_reset_signals(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t child_fork(int *keep)
{
	int last = STDERR_FILENO;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		log_starter_gone();
		if (keep)
			*keep = dup2(*keep, ++last);
		closefrom(last + 1);
		child_reset_signals();
	}
	return pid;
}

int child_open_mount(const char *mountpoint)
{
	struct statfs fs;
	/* A copy of the mount, in nobody's name space. */
	int fd = open_tree(AT_FDCWD, mountpoint,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		fd = open(mountpoint, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == FUSE_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENOTCONN;
}

/* To the size that the kernel believes in: the answer has the true one. */
int child_mend_size(int root, const char *file)
{
	char path[CHILD_FILE_SIZE + 32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", root, file);
	if (stat(path, &st) < 0 || truncate(path, st.st_size) < 0)
		return -errno;
	return 0;
}
