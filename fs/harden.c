// SPDX-License-Identifier: MIT
/* Protections of a process; see harden.h. No state. */
#include "fs/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "core/number.h"
#include "fs/log.h"

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

/*
 * May all memory be locked, also what is mapped later? Where a limit holds,
 * mmap() and so malloc() fail once it is reached: better not begin.
 */
static bool may_lock_all(void)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	struct rlimit now;

	if (syscall(SYS_capget, &head, caps) == 0 &&
	    caps[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &
		    CAP_TO_MASK(CAP_IPC_LOCK))
		return true;
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		return true;
	return getrlimit(RLIMIT_MEMLOCK, &now) == 0 &&
	       now.rlim_cur == RLIM_INFINITY;
}

static int lock_memory(void)
{
	if (!may_lock_all())
		return -EPERM;
	/* As it is touched: the shared mapping is far larger than its use. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return -errno;
	return 0;
}

static int spare_from_oom(void)
{
	CLEANUP_CLOSE int fd =
		open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) < 0)
		return -errno;
	return 0;
}

static int flush_without_recursion(void)
{
	return prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* What the kernel allows to anybody; 0: it does not say. */
static rlim_t most_files(void)
{
	CLEANUP_CLOSE int fd = open("/proc/sys/fs/nr_open", O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	int64_t most;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return number_parse(text, 10, 1, INT32_MAX, &most) ? 0 : (rlim_t)most;
}

void process_allow_files(uint64_t max)
{
	rlim_t wanted = max ? (rlim_t)max : most_files();
	struct rlimit now, limit;

	if (getrlimit(RLIMIT_NOFILE, &now))
		return;
	limit = (struct rlimit){wanted, MAX(wanted, now.rlim_max)};
	if (wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	/* The hard limit holds for us. */
	limit = now;
	limit.rlim_cur = wanted ? MIN(wanted, now.rlim_max) : now.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void process_harden(bool say)
{
	static const struct {
		const char *what;
		int (*apply)(void);
	} protections[] = {
		{"PR_SET_IO_FLUSHER", flush_without_recursion},
		{"mlockall", lock_memory},
		{"oom_score_adj -1000", spare_from_oom},
	};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		r = protections[i].apply();
		if (r < 0 && say)
			log_warn("%s: %s - goes on without it; I/O may stall "
				 "when memory is short",
				 protections[i].what, strerror(-r));
	}
}
