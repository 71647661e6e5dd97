/* SPDX-License-Identifier: MIT */
/*
 * What the daemon says in words: to stderr in the foreground, to syslog in the
 * background. The supervisor and the monitor log; a lane never does, as both
 * may block.
 */
#ifndef MPATHFS_FS_LOG_H
#define MPATHFS_FS_LOG_H

#include "core/base.h"

/*
 * Once, before the first line. verbosity: 0 errors, 1 and warnings, 2 and
 * what happens (the default), 3 and above everything.
 */
void log_init(bool foreground, int verbosity);
/* From now on. Any thread that may log. */
void log_set_verbosity(int verbosity);

/*
 * A daemon that is starting also tells its errors and warnings to whoever
 * started it, as plain lines into the pipe fd (which the log owns from then
 * on), until log_starter_gone() or until nobody reads it.
 */
void log_to_starter(int fd);
void log_starter_gone(void);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
