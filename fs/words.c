// SPDX-License-Identifier: MIT
/* See words.h. No state. */
#include "fs/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/volume.h"
#include "fs/log.h"
#include "fs/scan.h"
#include "fs/slice.h"

static void tell(int sock, const char *words, size_t len)
{
	if (send(sock, words, len, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		log_warn("the supervisor cannot be told '%c': %s", words[0],
			 strerror(errno));
}

void words_tell(int sock, enum worker_word word)
{
	char c = (char)word;

	tell(sock, &c, 1);
}

void words_truncate(int sock, const struct volume *v, const struct slice *s)
{
	char words[NAME_SIZE + 40];
	int n;

	if (s)
		n = snprintf(words, sizeof(words), "%c%s/partitions/%u\n",
			     WORD_TRUNCATE, v->name, s->number);
	else
		n = snprintf(words, sizeof(words), "%c%s/volume\n",
			     WORD_TRUNCATE, v->name);
	tell(sock, words, (size_t)n);
}

int words_scan(int sock, const struct scan *what, int pipe)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.align.cmsg_level = SOL_SOCKET};
	char order[SCAN_WORDS], words[SCAN_WORDS + 2];
	struct iovec iov = {.iov_base = words};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int r = 0;

	scan_print(what, order);
	iov.iov_len = (size_t)snprintf(words, sizeof(words), "%c%s\n",
				       WORD_SCAN, order);
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.align), &pipe, sizeof(pipe));
	if (sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		r = -errno;
	close(pipe);
	return r;
}
