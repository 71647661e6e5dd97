/* SPDX-License-Identifier: MIT */
/*
 * What tree.c and tree_file.c share; nobody else. FUSE_USE_VERSION must be
 * defined before this is included.
 */
#ifndef MPATHFS_FS_TREE_PRIVATE_H
#define MPATHFS_FS_TREE_PRIVATE_H

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif
#include <fuse_lowlevel.h>
#include "fs/node.h"

struct tree *tree_of(fuse_req_t req);
/* The node of ino; false: there is none any more, and req is answered. */
bool tree_node(fuse_req_t req, fuse_ino_t ino, struct node *ret);
/*
 * Says in the events why a word (or an attribute) was refused with err: an
 * errno alone tells little, and there is no other way back to who wrote it.
 */
void tree_refused(const struct node *n, const char *word,
		  const struct errmsg *e, int err);

/* An open of a file that had to be asked for, or a read of one that was opened
 * at another worker's. */
struct asked {
	fuse_ino_t ino;
	uint64_t fh;
	bool opens;
	size_t size; /* of a read, and where */
	off_t off;
};
/* It has been asked for: answers req. */
void tree_go_on(struct tree *t, fuse_req_t req, const struct asked *a);

/* Operations on open files. */
void tree_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void tree_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void tree_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	       struct fuse_file_info *fi);
void tree_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		off_t off, struct fuse_file_info *fi);
void tree_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		struct fuse_file_info *fi);
void tree_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off,
		    off_t length, struct fuse_file_info *fi);
void tree_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
		struct fuse_file_info *fi, unsigned int flags,
		const void *in_buf, size_t in_size, size_t out_size);
void tree_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	       struct fuse_pollhandle *ph);

#endif
