// SPDX-License-Identifier: MIT
/*
 * Makes the mount; see mount.h.
 *
 * libfuse mounts and parses INIT; what it does not know of (flags2) is read
 * here from the same bytes. After that its writes go through a hook to the
 * channel on which the request came, as the kernel looks a request up only on
 * the channel that it was read from. Requests are always read by ourselves.
 *
 * One process, one mount: libfuse hands its hooks only the tree's userdata, so
 * they find the mount in a static. Its fields are constant after INIT but for
 * reply_channel, which belongs to the monitor.
 */
#define FUSE_USE_VERSION 314
#include "fs/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "fs/log.h"
#include "fs/mountpoint.h"

/* Newer than the headers of the oldest systems that we build on. */
#define HAS_RESEND_FLAGS2 (1u << (39 - 32))
#define NOTIFY_RESEND 7

/* What a read must have room for: the largest request and its headers. */
#define INIT_BUF_SIZE (MOUNT_MAX_IO + 4096)

struct mount_private {
	struct mount m; /* first: what everyone else sees */
	struct fuse_lowlevel_ops ops;
	void (*tree_init)(void *userdata, struct fuse_conn_info *conn);
	bool want_writeback;
	bool got_init;
};

static struct mount_private *mount_self;
/* What libfuse complained of last; its functions return only a -1. */
static char mount_complaint[256];

static void take_complaint(enum fuse_log_level level, const char *fmt,
			   va_list ap)
{
	(void)level;
	vsnprintf(mount_complaint, sizeof(mount_complaint), fmt, ap);
	mount_complaint[strcspn(mount_complaint, "\n")] = '\0';
}

/* Once mounted: the monitor's calls of libfuse. */
static void log_complaint(enum fuse_log_level level, const char *fmt,
			  va_list ap)
{
	take_complaint(level, fmt, ap);
	log_warn("libfuse: %s", mount_complaint);
}

static const char *complaint(void)
{
	return *mount_complaint ? mount_complaint : "no reason is known";
}

static ssize_t hook_writev(int fd, struct iovec *iov, int count, void *userdata)
{
	(void)fd;
	(void)userdata;
	return writev(mount_self->m.reply_channel, iov, count);
}

static ssize_t hook_read(int fd, void *buf, size_t size, void *userdata)
{
	(void)userdata;
	return read(fd, buf, size);
}

static const struct fuse_custom_io hooks = {
	.writev = hook_writev,
	.read = hook_read,
};

/* Asks for what the kernel offers; asking for more makes libfuse give up. */
static void negotiate(void *userdata, struct fuse_conn_info *conn)
{
	struct mount_private *p = mount_self;

	conn->max_write = MOUNT_MAX_IO;
	conn->max_readahead = MIN(conn->max_readahead, MOUNT_MAX_IO);
	conn->max_background = MOUNT_MAX_BACKGROUND;
	conn->congestion_threshold = MOUNT_MAX_BACKGROUND / 4 * 3;
	conn->want &=
		~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				FUSE_CAP_SPLICE_MOVE);
	conn->want |=
		conn->capable & (FUSE_CAP_ASYNC_DIO | FUSE_CAP_ASYNC_READ |
				 FUSE_CAP_PARALLEL_DIROPS);
	p->m.writeback =
		p->want_writeback && (conn->capable & FUSE_CAP_WRITEBACK_CACHE);
	if (p->m.writeback)
		conn->want |= FUSE_CAP_WRITEBACK_CACHE;
	if (p->tree_init)
		p->tree_init(userdata, conn);
	p->got_init = true;
}

/* Reads one request, waiting for it; its length or -errno. */
static ssize_t read_request(int fd, void *buf, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, buf, size);
		/* ENOENT: that request was given up, wait for the next. */
	} while (n < 0 && (errno == EINTR || errno == ENOENT));
	return n < 0 ? -errno : n;
}

static void note_init(struct mount *m, const struct fuse_in_header *in,
		      size_t size)
{
	const struct fuse_init_in *init = (const void *)(in + 1);
	/* An old kernel's INIT ends before flags2. */
	size_t with_flags2 = sizeof(*in) +
			     offsetof(struct fuse_init_in, flags2) +
			     sizeof(init->flags2);

	if (in->opcode != FUSE_INIT || size < sizeof(*in) + 8)
		return;
	m->proto_minor = MIN(init->minor, (uint32_t)FUSE_KERNEL_MINOR_VERSION);
	m->can_resend = size >= with_flags2 && (init->flags & FUSE_INIT_EXT) &&
			(init->flags2 & HAS_RESEND_FLAGS2);
}

/* Nothing but INIT comes before INIT is answered. */
static int answer_init(struct mount_private *p, struct errmsg *e)
{
	CLEANUP_FREE char *mem = malloc(INIT_BUF_SIZE);
	struct fuse_buf buf = {.mem = mem};
	ssize_t n;

	if (!mem)
		return errmsg_set(e, ENOMEM, "INIT: out of memory");
	while (!p->got_init) {
		n = read_request(p->m.channel[0], mem, INIT_BUF_SIZE);
		if (n < 0)
			return errmsg_set(e, (int)-n,
					  "the kernel sent no INIT: %s",
					  strerror((int)-n));
		note_init(&p->m, (const void *)mem, (size_t)n);
		buf.size = (size_t)n;
		fuse_session_process_buf(p->m.se, &buf);
		if (fuse_session_exited(p->m.se))
			return errmsg_set(e, EPROTO, "INIT: %s", complaint());
	}
	if (p->m.proto_minor < 31) /* Linux 5.4, older than all we know of */
		return errmsg_set(e, EPROTO,
				  "the kernel speaks FUSE 7.%u only, 7.31 is "
				  "needed",
				  p->m.proto_minor);
	return 0;
}

static int clone_channels(struct mount *m, unsigned int lanes, struct errmsg *e)
{
	uint32_t session_fd = (uint32_t)m->channel[0];
	int fd;

	for (unsigned int i = 1; i < lanes; i++) {
		fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return errmsg_set(e, errno, "/dev/fuse: %s",
					  strerror(errno));
		m->channel[m->nr_channels++] = fd;
		if (ioctl(fd, FUSE_DEV_IOC_CLONE, &session_fd) < 0)
			return errmsg_set(e, errno,
					  "/dev/fuse: cannot be cloned: %s",
					  strerror(errno));
	}
	for (unsigned int i = 0; i < lanes; i++)
		if (fcntl(m->channel[i], F_SETFL, O_NONBLOCK) < 0 ||
		    fcntl(m->channel[i], F_SETFD, FD_CLOEXEC) < 0)
			return errmsg_set(e, errno, "/dev/fuse: %s",
					  strerror(errno));
	return 0;
}

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == n && strncmp(list, word, n) == 0)
			return true;
	return false;
}

static int new_session(struct mount_private *p, const struct mount_options *o,
		       void *userdata, struct errmsg *e)
{
	const char *more = o->fuse_options ? o->fuse_options : "";
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int r = 0;

	p->m.allow_other = geteuid() == 0 || has_word(more, "allow_other");
	if (fuse_opt_add_arg(&args, "mpathfs") ||
	    fuse_opt_add_arg(&args, "-ofsname=mpathfs,subtype=mpathfs,"
				    "default_permissions") ||
	    (p->m.allow_other && fuse_opt_add_arg(&args, "-oallow_other")) ||
	    (*more &&
	     (fuse_opt_add_arg(&args, "-o") || fuse_opt_add_arg(&args, more))))
		r = errmsg_set(e, ENOMEM, "out of memory");
	if (r == 0) {
		p->m.se = fuse_session_new(&args, &p->ops, sizeof(p->ops),
					   userdata);
		if (!p->m.se)
			r = errmsg_set(e, EINVAL, "libfuse: %s", complaint());
	}
	fuse_opt_free_args(&args);
	return r;
}

static int mount_and_init(struct mount_private *p, unsigned int lanes,
			  struct errmsg *e)
{
	struct mount *m = &p->m;
	int r;

	if (fuse_session_mount(m->se, m->mountpoint) < 0)
		return errmsg_set(e, EIO, "%s: cannot be mounted: %s",
				  m->mountpoint, complaint());
	m->channel[0] = fuse_session_fd(m->se);
	m->reply_channel = m->channel[0];
	m->nr_channels = 1;
	r = mountpoint_device(m->mountpoint, &m->dev, e);
	if (r < 0)
		return r;
	r = fuse_session_custom_io(m->se, &hooks, m->channel[0]);
	if (r < 0)
		return errmsg_set(e, -r, "libfuse: %s", complaint());
	r = answer_init(p, e);
	if (r < 0)
		return r;
	return clone_channels(m, lanes, e);
}

static void close_clones(struct mount *m)
{
	while (m->nr_channels > 1)
		close(m->channel[--m->nr_channels]);
}

int mount_new(const struct mount_options *o,
	      const struct fuse_lowlevel_ops *ops, void *userdata,
	      struct mount **ret, struct errmsg *e)
{
	struct mount_private *p = calloc(1, sizeof(*p));
	int r;

	assert(!mount_self && o->lanes >= 1 && o->lanes <= MAX_LANES);
	if (!p)
		return errmsg_set(e, ENOMEM, "out of memory");
	mount_self = p;
	p->ops = *ops;
	p->tree_init = ops->init;
	p->ops.init = negotiate;
	/* libfuse would call it in whichever process frees its session. */
	p->ops.destroy = NULL;
	p->want_writeback = o->writeback;
	p->m.mountpoint = strdup(o->mountpoint);
	*mount_complaint = '\0';
	fuse_set_log_func(take_complaint);
	r = p->m.mountpoint ? new_session(p, o, userdata, e)
			    : errmsg_set(e, ENOMEM, "out of memory");
	if (r == 0)
		r = mount_and_init(p, o->lanes, e);
	fuse_set_log_func(log_complaint);
	if (r == 0) {
		*ret = &p->m;
		return 0;
	}
	if (p->m.se) {
		close_clones(&p->m);
		fuse_session_unmount(p->m.se); /* nothing, if not mounted */
		fuse_session_destroy(p->m.se);
	}
	free(p->m.mountpoint);
	free(p);
	mount_self = NULL;
	return r;
}

/*
 * The session's memory stays as it is: libfuse frees all of it only when it
 * also unmounts, by name, whatever is mounted there by now.
 */
void mount_close(struct mount *m)
{
	while (m->nr_channels > 0)
		close(m->channel[--m->nr_channels]);
}

void mount_ask_resend(const struct mount *m)
{
	struct fuse_out_header out = {
		.len = sizeof(out),
		.error = NOTIFY_RESEND,
	};

	if (write(m->channel[0], &out, sizeof(out)) < 0)
		log_error("the kernel does not send open requests again: %s - they hang until the mount is aborted",
			  strerror(errno));
}

bool mount_is_gone(const struct mount *m)
{
	struct pollfd p = {.fd = m->channel[0]};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}
