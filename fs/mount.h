/* SPDX-License-Identifier: MIT */
/*
 * The mount: the libfuse session, the /dev/fuse channels, INIT.
 *
 * The supervisor makes it before the first worker; workers inherit it. libfuse
 * mounts, speaks INIT and later answers everything but data requests, always
 * on the monitor thread; lanes read and write the channels themselves.
 */
#ifndef MPATHFS_FS_MOUNT_H
#define MPATHFS_FS_MOUNT_H

#include <sys/types.h>
#include "core/base.h"
#include "core/errmsg.h"

struct fuse_lowlevel_ops;
struct fuse_session;

#define MAX_LANES 16
/* Largest READ or WRITE: 256 pages, the most libfuse 3.14 negotiates. */
#define MOUNT_MAX_IO (1u << 20)
/* Requests in the kernel's background queue; see lane slots. */
#define MOUNT_MAX_BACKGROUND 2048

struct mount_options {
	const char *mountpoint;	  /* absolute, resolved */
	const char *fuse_options; /* of -o, comma separated; NULL: none */
	unsigned int lanes;	  /* 1..MAX_LANES */
	bool writeback;		  /* ask for FUSE_WRITEBACK_CACHE */
};

struct mount {
	/* set by mount_new(), constant afterwards */
	struct fuse_session *se;
	char *mountpoint;
	dev_t dev;		  /* the file system's */
	unsigned int nr_channels; /* = lanes */
	int channel[MAX_LANES];	  /* [0] is the session's own */
	unsigned int proto_minor; /* 7.x, as negotiated */
	bool can_resend;	  /* the kernel knows FUSE_NOTIFY_RESEND */
	bool writeback;		  /* negotiated */
	bool allow_other;
	/* the channel on which libfuse's next reply goes; monitor only */
	int reply_channel;
};

/*
 * Mounts, answers INIT and clones the channels. userdata is libfuse's for ops
 * and must be valid at the same address in every worker. Single-threaded
 * process. On failure nothing stays mounted; the reason is in e.
 */
int mount_new(const struct mount_options *o,
	      const struct fuse_lowlevel_ops *ops, void *userdata,
	      struct mount **ret, struct errmsg *e) MUST_CHECK;

/* What was read and not answered by a worker that has died comes again. */
void mount_ask_resend(const struct mount *m);

/* Has the kernel let go of the mount (umount by anybody)? Does not block. */
bool mount_is_gone(const struct mount *m);

/*
 * Closes this process' descriptors of the channels; the mount itself stays.
 * When no other process holds any, the kernel aborts the connection: open
 * requests end with ECONNABORTED.
 */
void mount_close(struct mount *m);

#endif
