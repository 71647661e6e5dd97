// SPDX-License-Identifier: MIT
/* See scanpipe.h. */
#include "fs/scanpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "fs/parttable.h"

int scanpipe_open(struct scanpipe *s, int epoll, int *other)
{
	struct epoll_event ev = {.events = EPOLLIN};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*s = (struct scanpipe){.fd = ends[0]};
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &ev) < 0) {
		int r = -errno;

		scanpipe_close(s);
		close(ends[1]);
		return r;
	}
	*other = ends[1];
	return 0;
}

void scanpipe_close(struct scanpipe *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->text);
	*s = (struct scanpipe){.fd = -1};
}

/* 0: all of it is there. -EAGAIN or another -errno. */
static int read_on(struct scanpipe *s, struct errmsg *e)
{
	ssize_t n;

	if (!s->text)
		s->text = malloc(PART_TABLE_TEXT);
	if (!s->text)
		return errmsg_set(e, ENOMEM, "out of memory");
	while (s->len < PART_TABLE_TEXT) {
		n = read(s->fd, s->text + s->len, PART_TABLE_TEXT - s->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -EAGAIN :
						 errmsg_set(e, errno, "%s",
							    strerror(errno));
		if (n == 0)
			return s->len ? 0 :
					errmsg_set(e, EIO,
						   "it could not be read");
		s->len += (size_t)n;
	}
	return errmsg_set(e, EINVAL, "it does not end");
}

int scanpipe_take(struct scanpipe *s, struct part_table *ret,
		  struct errmsg *e)
{
	int r = read_on(s, e);

	if (r == -EAGAIN)
		return r;
	if (r == 0)
		r = part_table_parse(s->text, s->len, ret, e);
	scanpipe_close(s);
	return r;
}
