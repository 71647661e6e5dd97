// SPDX-License-Identifier: MIT
/* inotify on the state directory; see statewatch.h. No state, no locks. */
#include "core/statewatch.h"

#include <string.h>
#include <sys/inotify.h>

/* By rename, as we do; or in place, as an editor may. */
#define CHANGES (IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE)

int statewatch_open(const char *dir)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0 && inotify_add_watch(fd, dir, CHANGES | IN_ONLYDIR) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool is_ours(const struct inotify_event *ev)
{
	if (ev->mask & IN_Q_OVERFLOW)
		return true;
	return ev->len &&
	       (!strcmp(ev->name, "bindings") || !strcmp(ev->name, "wwids"));
}

bool statewatch_take(int fd)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool any = false;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		for (const char *p = buf; p < buf + n;) {
			const struct inotify_event *ev = (const void *)p;

			any |= is_ours(ev);
			p += sizeof(*ev) + ev->len;
		}
	return any;
}
