/* SPDX-License-Identifier: MIT */
/*
 * The system calls that write a state file, made to fail, or to kill the
 * process, by a plan. They take the place of libc's in the test that includes
 * this; without a plan they do what libc's do. Not for threads.
 */
#ifndef MPATHFS_TESTS_UNIT_FAULTS_H
#define MPATHFS_TESTS_UNIT_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include "core/base.h"

enum fault_call {
	FAULT_NONE,
	FAULT_OPENAT,
	FAULT_WRITE,
	FAULT_FSYNC,
	FAULT_RENAMEAT,
};

static struct {
	enum fault_call call;
	int skip;	     /* so many of these go well before */
	int err;	     /* then this errno; 0: a write is cut short once */
	unsigned int die_at; /* at this step of all; 0: never */
	unsigned int step;   /* before and after each call, and amid a write */
} faults;

static inline void fault_step(void)
{
	if (++faults.step == faults.die_at)
		kill(getpid(), SIGKILL);
}

static inline bool fault_due(enum fault_call call)
{
	return faults.call == call && faults.skip-- == 0;
}

static inline long fault_end(long r)
{
	int err = errno;

	fault_step();
	errno = err;
	return r;
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	fault_step();
	if (fault_due(FAULT_OPENAT)) {
		errno = faults.err;
		return -1;
	}
	return (int)fault_end(syscall(SYS_openat, dir, path, flags, mode));
}

/* In two parts, so that a death finds half of it written. */
ssize_t write(int fd, const void *buf, size_t n)
{
	bool due = fault_due(FAULT_WRITE);
	long first, rest;

	fault_step();
	if (due && faults.err) {
		errno = faults.err;
		return -1;
	}
	first = syscall(SYS_write, fd, buf, (n + 1) / 2);
	if (first < 0 || due)
		return first;
	fault_step();
	rest = syscall(SYS_write, fd, (const char *)buf + first,
		       n - (size_t)first);
	return fault_end(rest < 0 ? first : first + rest);
}

int fsync(int fd)
{
	fault_step();
	if (fault_due(FAULT_FSYNC)) {
		errno = faults.err;
		return -1;
	}
	return (int)fault_end(syscall(SYS_fsync, fd));
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	fault_step();
	if (fault_due(FAULT_RENAMEAT)) {
		errno = faults.err;
		return -1;
	}
	return (int)fault_end(syscall(SYS_renameat2, from_dir, from, to_dir,
				      to, 0));
}

#endif
