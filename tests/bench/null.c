// SPDX-License-Identifier: MIT
/*
 * null: a FUSE daemon that answers at once, the measure of what FUSE itself
 * costs. Its mount has one file, `volume`; a READ is answered with zeros from
 * a buffer that is always there, a WRITE is accepted and forgotten.
 *
 *	null SIZE THREADS MOUNTPOINT
 *
 * It stays in the foreground until the mount is gone.
 *
 * Nothing is shared but constants: each thread has its own clone of the
 * /dev/fuse descriptor and a buffer, and sleeps in read(2) on it, the cheapest
 * way to wait that there is. libfuse mounts and answers INIT; all the rest is
 * the wire of <linux/fuse.h>, on which mpathfs's lanes work too. Opens get
 * direct I/O and parallel writes, as mpathfs gives them to O_DIRECT.
 */
#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "core/base.h"

#define MAX_IO (1u << 20)
#define MAX_THREADS 64
/* A WRITE's two headers come before its data. */
#define BUF_SIZE (MAX_IO + 4096)
#define INO_VOLUME 2
#define VALID_SECONDS 3600

static uint64_t volume_size;
static const char zeros[MAX_IO];

struct server {
	int fd;
	pthread_t thread;
	char *buf;
};

static void null_reply(const struct server *s, const struct fuse_in_header *in,
		       int error, const void *data, size_t len)
{
	struct fuse_out_header h = {
		.len = (uint32_t)(sizeof(h) + len),
		.error = error,
		.unique = in->unique,
	};
	struct iovec v[2] = {
		{.iov_base = &h, .iov_len = sizeof(h)},
		{.iov_base = (void *)(uintptr_t)data, .iov_len = len},
	};

	/* ENOENT: who asked was killed and waits no longer. */
	if (writev(s->fd, v, len ? 2 : 1) < 0 && errno != ENOENT &&
	    errno != ENODEV)
		perror("null: reply");
}

static void null_fill_attr(uint64_t ino, struct fuse_attr *ret)
{
	bool dir = ino == FUSE_ROOT_ID;

	*ret = (struct fuse_attr){
		.ino = ino,
		.size = dir ? 0 : volume_size,
		.mode = dir ? S_IFDIR | 0755 : S_IFREG | 0660,
		.nlink = 1,
		.blksize = 4096,
	};
}

static void null_lookup(const struct server *s, const struct fuse_in_header *in,
			const char *name)
{
	struct fuse_entry_out e = {
		.nodeid = INO_VOLUME,
		.entry_valid = VALID_SECONDS,
		.attr_valid = VALID_SECONDS,
	};

	if (in->nodeid != FUSE_ROOT_ID || strcmp(name, "volume")) {
		null_reply(s, in, -ENOENT, NULL, 0);
		return;
	}
	null_fill_attr(INO_VOLUME, &e.attr);
	null_reply(s, in, 0, &e, sizeof(e));
}

static void null_getattr(const struct server *s,
			 const struct fuse_in_header *in)
{
	struct fuse_attr_out a = {.attr_valid = VALID_SECONDS};

	null_fill_attr(in->nodeid, &a.attr);
	null_reply(s, in, 0, &a, sizeof(a));
}

static void null_open(const struct server *s, const struct fuse_in_header *in)
{
	struct fuse_open_out o = {
		.open_flags = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES,
	};

	null_reply(s, in, 0, &o, sizeof(o));
}

static void null_read(const struct server *s, const struct fuse_in_header *in,
		      const struct fuse_read_in *r)
{
	uint64_t left = r->offset < volume_size ? volume_size - r->offset : 0;

	null_reply(s, in, 0, zeros, MIN(MIN(left, r->size), MAX_IO));
}

static void null_write(const struct server *s, const struct fuse_in_header *in,
		       const struct fuse_write_in *w)
{
	struct fuse_write_out o = {.size = w->size};

	null_reply(s, in, 0, &o, sizeof(o));
}

static void null_dispatch(const struct server *s,
			  const struct fuse_in_header *in)
{
	const void *arg = in + 1;

	switch (in->opcode) {
	case FUSE_READ:
		null_read(s, in, arg);
		break;
	case FUSE_WRITE:
		null_write(s, in, arg);
		break;
	case FUSE_LOOKUP:
		null_lookup(s, in, arg);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		null_getattr(s, in);
		break;
	case FUSE_OPEN:
		null_open(s, in);
		break;
	case FUSE_FLUSH:
	case FUSE_FSYNC:
	case FUSE_RELEASE:
	case FUSE_DESTROY:
		null_reply(s, in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break; /* these have no answer */
	default:
		null_reply(s, in, -ENOSYS, NULL, 0);
	}
}

static void *null_serve(void *arg)
{
	const struct server *s = arg;

	for (;;) {
		ssize_t n = read(s->fd, s->buf, BUF_SIZE);

		if (n >= (ssize_t)sizeof(struct fuse_in_header)) {
			null_dispatch(s, (const void *)s->buf);
			continue;
		}
		/* ENOENT: the request was withdrawn before it was read. */
		if (n < 0 && (errno == EINTR || errno == ENOENT))
			continue;
		if (n < 0 && errno != ENODEV)
			perror("null: /dev/fuse");
		return NULL;
	}
}

static void null_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->max_write = MAX_IO;
	conn->max_background = 2048;
	conn->congestion_threshold = 2048;
	conn->want |=
		conn->capable & (FUSE_CAP_ASYNC_DIO | FUSE_CAP_ASYNC_READ);
	conn->want &=
		~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				FUSE_CAP_SPLICE_MOVE);
}

/* The mounted session with INIT answered, or NULL: libfuse has said why. */
static struct fuse_session *null_mount(const char *mountpoint)
{
	static const struct fuse_lowlevel_ops ops = {.init = null_init};
	char *argv[] = {"null", "-ofsname=null,subtype=null"};
	struct fuse_args args = FUSE_ARGS_INIT(ARRAY_SIZE(argv), argv);
	struct fuse_session *se;
	struct fuse_buf buf = {0};
	int n;

	se = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	fuse_opt_free_args(&args);
	if (!se)
		return NULL;
	if (fuse_session_mount(se, mountpoint) < 0) {
		fuse_session_destroy(se);
		return NULL;
	}
	n = fuse_session_receive_buf(se, &buf);
	if (n > 0)
		fuse_session_process_buf(se, &buf);
	free(buf.mem);
	if (n > 0)
		return se;
	fprintf(stderr, "null: no INIT from the kernel: %s\n", strerror(-n));
	fuse_session_unmount(se);
	fuse_session_destroy(se);
	return NULL;
}

/* Thread i's channel: the session's own, or a clone of it. -errno. */
static int null_channel(int session_fd, unsigned int i)
{
	uint32_t source = (uint32_t)session_fd;
	int fd, err;

	if (i == 0)
		return session_fd;
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, FUSE_DEV_IOC_CLONE, &source) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int null_start(struct server *s, int session_fd, unsigned int i)
{
	s->fd = null_channel(session_fd, i);
	if (s->fd < 0)
		return s->fd;
	s->buf = aligned_alloc(4096, BUF_SIZE);
	if (!s->buf)
		return -ENOMEM;
	memset(s->buf, 0, BUF_SIZE);
	return -pthread_create(&s->thread, NULL, null_serve, s);
}

/* A number from 1 to max, or 0. */
static uint64_t null_number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && v <= max
		       ? v
		       : 0;
}

int main(int argc, char **argv)
{
	static struct server servers[MAX_THREADS];
	struct fuse_session *se;
	unsigned int nr, i;

	if (argc == 4)
		volume_size = null_number(argv[1], INT64_MAX);
	nr = argc == 4 ? (unsigned int)null_number(argv[2], MAX_THREADS) : 0;
	if (!volume_size || !nr) {
		fprintf(stderr,
			"usage: null SIZE THREADS MOUNTPOINT\n"
			"SIZE in bytes, THREADS 1 to %d\n",
			MAX_THREADS);
		return 2;
	}
	se = null_mount(argv[3]);
	if (!se)
		return 1;
	for (i = 0; i < nr; i++) {
		int err = null_start(&servers[i], fuse_session_fd(se), i);

		if (err) {
			fprintf(stderr, "null: thread %u: %s\n", i,
				strerror(-err));
			fuse_session_unmount(se);
			return 1; /* ends the threads, and so the mount */
		}
	}
	for (i = 0; i < nr; i++)
		pthread_join(servers[i].thread, NULL);
	fuse_session_destroy(se);
	return 0;
}
