// SPDX-License-Identifier: MIT
/*
 * The two pipes between the daemon and who started it; see background.h.
 *
 * "ready" is held by the supervisor alone: its end of file says that the
 * daemon has failed. "words" carries the log; workers hold it too, so its end
 * says nothing, but all that was said before ready's end is in it by then.
 */
#include "fs/background.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fs/log.h"

static void to_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void print_words(int fd)
{
	char buf[4096];
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		(void)!write(STDERR_FILENO, buf, (size_t)n);
}

/* The parent: _exit(), as the daemon has inherited what atexit() would do. */
static void wait_ready(int ready, int words)
{
	char byte;
	ssize_t n;

	do {
		n = read(ready, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS); /* without a word: the log has them */
	print_words(words);
	_exit(EXIT_FAILURE);
}

int background(void)
{
	int ready[2], words[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(ready[1]);
		close(words[1]);
		wait_ready(ready[0], words[0]);
	}
	close(ready[0]);
	close(words[0]);
	setsid();
	to_null();
	log_to_starter(words[1]);
	return ready[1];
}
