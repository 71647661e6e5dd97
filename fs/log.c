// SPDX-License-Identifier: MIT
/*
 * The log; see log.h. Each message is formatted on the stack and leaves in one
 * write, so lines of supervisor and worker, which share a stderr, do not mix.
 *
 * State: where to and how much, set before the first fork and inherited by
 * every worker. Any thread but a lane may log: nothing here changes then but
 * how much (atomic, no order), and starter_fd, which only the process's own
 * single log user touches.
 */
#include "fs/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include "core/clock.h"

/* A process has one log, as it has one stderr. */
static bool log_foreground = true;
static _Atomic int log_verbosity = 2;
static int log_starter_fd = -1;

static const struct {
	const char *word;
	int priority;  /* of syslog */
	int verbosity; /* said from this one on */
} levels[] = {
	{"error: ", LOG_ERR, 0},
	{"warning: ", LOG_WARNING, 1},
	{"", LOG_INFO, 2},
	{"debug: ", LOG_DEBUG, 3},
};

enum level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

void log_set_verbosity(int verbosity)
{
	atomic_store_explicit(&log_verbosity, verbosity, memory_order_relaxed);
}

void log_init(bool foreground, int verbosity)
{
	log_foreground = foreground;
	log_set_verbosity(verbosity);
	if (!foreground)
		openlog("mpathfs", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void log_to_starter(int fd)
{
	/* Full only if the starter hangs; then the syslog has to do. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	log_starter_fd = fd;
}

void log_starter_gone(void)
{
	if (log_starter_fd >= 0)
		close(log_starter_fd);
	log_starter_fd = -1;
}

/* Writes one line; a message too long for it is cut. */
static ssize_t put_line(int fd, const char *head, enum level level,
			const char *text)
{
	char line[1200];
	int n;

	n = snprintf(line, sizeof(line), "%s%s%s\n", head, levels[level].word,
		     text);
	if ((size_t)n >= sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	return write(fd, line, (size_t)n);
}

static void stamp(char *buf, size_t size)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(clock_realtime(), text);
	snprintf(buf, size, "%s mpathfs[%d] ", text, (int)getpid());
}

static void log_va(enum level level, const char *fmt, va_list ap)
{
	int saved = errno;
	char text[1024];
	char head[80];

	if (atomic_load_explicit(&log_verbosity, memory_order_relaxed) <
	    levels[level].verbosity)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (log_foreground) {
		stamp(head, sizeof(head));
		/* Nowhere to complain if stderr is gone. */
		(void)!put_line(STDERR_FILENO, head, level, text);
	} else {
		syslog(levels[level].priority, "%s%s", levels[level].word,
		       text);
	}
	if (log_starter_fd >= 0 && level <= LEVEL_WARN &&
	    put_line(log_starter_fd, "mpathfs: ", level, text) < 0 &&
	    errno == EPIPE)
		log_starter_gone();
	errno = saved;
}

#define LOG_FUNCTION(name, level)                                              \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		log_va(level, fmt, ap);                                        \
		va_end(ap);                                                    \
	}

LOG_FUNCTION(log_error, LEVEL_ERROR)
LOG_FUNCTION(log_warn, LEVEL_WARN)
LOG_FUNCTION(log_info, LEVEL_INFO)
LOG_FUNCTION(log_debug, LEVEL_DEBUG)
