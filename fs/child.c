// SPDX-License-Identifier: MIT
/* Children of the supervisor; see child.h. No state, no thread. */
#include "fs/child.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "fs/log.h"

void child_reset_signals(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t child_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		log_starter_gone();
		closefrom(STDERR_FILENO + 1);
		child_reset_signals();
	}
	return pid;
}
