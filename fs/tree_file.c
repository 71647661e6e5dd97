// SPDX-License-Identifier: MIT
/*
 * Open files of the tree.
 *
 * A file is read from a snapshot made at open (fs/handle.h), so that a reader
 * in several steps sees one moment; a worker that does not know the handle
 * makes another one, for a reader at the beginning. Each write is one command,
 * whatever its offset, as in sysfs. Reads and writes of a volume's data never
 * come here: they are the lanes'.
 *
 * Monitor's thread; no locks.
 */
#define FUSE_USE_VERSION 314
#include "fs/tree_private.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <poll.h>
#include <string.h>
#include "core/volume.h"
#include "fs/handle.h"
#include "fs/keep.h"
#include "fs/mount.h"
#include "fs/node.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "fs/waiting.h"

/* Linux 6.2. An older kernel ignores it. */
#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

#define WRITE_MAX 4096 /* bytes of a control write */

/* FOPEN_PARALLEL_DIRECT_WRITES is newer than libfuse's fuse_file_info. */
static void tree_reply_open(fuse_req_t req, uint64_t fh, uint32_t flags)
{
	struct fuse_open_out out = {.fh = fh, .open_flags = flags};

	fuse_reply_buf(req, (const char *)&out, sizeof(out));
}

/* How often a file of data is open; NULL: there never was such a file. */
static _Atomic uint32_t *tree_opens(struct tree *t, uint64_t ino)
{
	struct slice *s;

	if (ino_volume(ino) >= KEEP_MAX_VOLUMES)
		return NULL;
	if (ino_kind(ino) == KIND_DATA)
		return keep_opens(t->keep, ino_volume(ino));
	s = slice_find(keep_slices(t->keep), ino_volume(ino), ino_object(ino));
	return s ? &s->opens : NULL;
}

/*
 * Who asks for O_DIRECT gets it; others have the page cache, with read-ahead
 * and write-back, as on a block device. The handle is 0 for all, so that it
 * means the same to every worker.
 */
static void tree_open_data(fuse_req_t req, const struct node *n, int flags)
{
	const struct config *c = n->tree->env.daemon->config;
	bool direct = (flags & O_DIRECT) ||
		      c->defaults.v[OPT_CACHE].num == CACHE_DIRECT;
	uint32_t how = 0;

	if ((flags & O_ACCMODE) != O_RDONLY && volume_read_only(n->volume)) {
		fuse_reply_err(req, EROFS);
		return;
	}
	if (direct)
		how = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES;
	/*
	 * As of a block device, only the first open begins with an empty cache.
	 * To empty it, the kernel waits for every page that is being read or
	 * written: without a path an open would hang, beyond the reach of
	 * SIGKILL.
	 */
	if (keep_count(n->tree->keep, tree_opens(n->tree, n->ino),
		       n->tree->unique, true) > 0)
		how |= FOPEN_KEEP_CACHE;
	tree_reply_open(req, 0, how);
}

static int tree_show(const struct node *n, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);
	bool failed;
	int r;

	if (!out)
		return -ENOMEM;
	/* A write-only file is read only by a forged handle. */
	r = n->entry->show ? n->entry->show(n, out) : -EBADF;
	failed = ferror(out);
	failed |= fclose(out) != 0;
	if (failed && r == 0)
		r = -ENOMEM;
	if (r == 0)
		return 0;
	free(*text);
	return r;
}

/* The snapshot of fh; taken now if there is none. 0 or -errno. */
static int tree_snapshot(const struct node *n, uint64_t fh, struct handle **ret)
{
	struct handle *h = handle_find(n->tree, fh);
	char *text;
	size_t size;
	int r;

	if (!h) {
		r = tree_show(n, &text, &size);
		if (r < 0)
			return r;
		h = handle_get(n->tree, fh);
		if (!h) {
			free(text);
			return -ENOMEM;
		}
		h->text = text;
		h->size = size;
	}
	*ret = h;
	return 0;
}

static void tree_reply_text(fuse_req_t req, const struct handle *h, size_t size,
			    off_t off)
{
	if ((uint64_t)off >= h->size)
		fuse_reply_buf(req, NULL, 0);
	else
		fuse_reply_buf(req, h->text + off,
			       MIN(size, h->size - (size_t)off));
}

void tree_go_on(struct tree *t, fuse_req_t req, const struct asked *a)
{
	struct handle *h;
	struct node n;
	int r = node_resolve(t, a->ino, &n);

	if (r == 0)
		r = tree_snapshot(&n, a->fh, &h);
	if (r < 0)
		fuse_reply_err(req, -r);
	else if (a->opens)
		tree_reply_open(req, a->fh, FOPEN_DIRECT_IO);
	else
		tree_reply_text(req, h, a->size, a->off);
}

/* What n shows has to be asked for first; then a goes on. */
static void tree_ask(fuse_req_t req, const struct node *n,
		     const struct asked *a)
{
	struct errmsg e = {""};
	int r = n->entry->ask(n, &e);

	if (r < 0) {
		tree_refused(n, "", &e, -r);
		fuse_reply_err(req, -r);
		return;
	}
	waiting_reserved(n->tree, req, n->volume, n->tree->ticket, a, 0);
}

static void tree_open_file(fuse_req_t req, const struct node *n, int flags)
{
	int access = flags & O_ACCMODE;
	struct asked a = {
		.ino = n->ino, .fh = handle_number(n->tree), .opens = true};
	struct handle *h;
	int r = 0;

	/* root may open what no mode allows; as in sysfs it stays refused. */
	if ((access != O_RDONLY && !n->entry->store) ||
	    (access != O_WRONLY && !n->entry->show))
		r = -EACCES;
	else if (access != O_WRONLY && !n->entry->ask)
		r = tree_snapshot(n, a.fh, &h);
	if (r < 0)
		fuse_reply_err(req, -r);
	else if (n->entry->ask)
		tree_ask(req, n, &a);
	else
		tree_reply_open(req, a.fh, FOPEN_DIRECT_IO);
}

static void tree_open_events(fuse_req_t req, const struct node *n, int flags)
{
	uint64_t base = keep_event_tail(n->tree->keep);
	uint64_t fh = handle_number_events(n->tree, base);
	struct handle *h;

	if ((flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EACCES);
		return;
	}
	h = handle_get(n->tree, fh);
	if (!h) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	h->pos = base;
	tree_reply_open(req, fh, FOPEN_DIRECT_IO);
}

void tree_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node n;

	if (!tree_node(req, ino, &n))
		return;
	switch (node_type(ino)) {
	case NODE_DATA:
		tree_open_data(req, &n, fi->flags);
		break;
	case NODE_EVENTS:
		tree_open_events(req, &n, fi->flags);
		break;
	case NODE_FILE:
		tree_open_file(req, &n, fi->flags);
		break;
	default:
		fuse_reply_err(req, EISDIR);
	}
}

/* A volume that has gone is still counted down: its file was open till now. */
static void tree_release_data(struct tree *t, uint64_t ino, int flags)
{
	_Atomic uint32_t *opens = tree_opens(t, ino);
	struct volume *v;

	if (opens)
		keep_count(t->keep, opens, t->unique, false);
	v = monitor_volume_by_id(t->env.monitor, ino_volume(ino));
	if (v && ino_kind(ino) == KIND_DATA && (flags & O_ACCMODE) != O_RDONLY)
		partitions_written(t->env.partitions, v);
}

void tree_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct tree *t = tree_of(req);

	if (ino_kind(ino) == KIND_DATA || ino_kind(ino) == KIND_PARTITION)
		tree_release_data(t, ino, fi->flags);
	else
		handle_drop(t, fi->fh);
	fuse_reply_err(req, 0);
}

static void tree_read_file(fuse_req_t req, const struct node *n, size_t size,
			   off_t off, uint64_t fh)
{
	const struct asked a = {
		.ino = n->ino, .fh = fh, .size = size, .off = off};
	struct handle *h = handle_find(n->tree, fh);
	int r;

	/* The rest of another moment's text would not fit what was read. */
	if (!h && off > 0) {
		fuse_reply_err(req, ESTALE);
		return;
	}
	if (!h && n->entry->ask) {
		tree_ask(req, n, &a);
		return;
	}
	r = tree_snapshot(n, fh, &h);

	if (r < 0)
		fuse_reply_err(req, -r);
	else
		tree_reply_text(req, h, size, off);
}

void tree_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	       struct fuse_file_info *fi)
{
	struct tree *t = tree_of(req);
	struct handle *h = handle_find(t, fi->fh);
	struct node n;

	/* A snapshot can be read to its end when what it shows has gone. */
	if (h && h->text) {
		tree_reply_text(req, h, size, off);
		return;
	}
	if (!tree_node(req, ino, &n))
		return;
	if (node_type(ino) == NODE_EVENTS)
		waiting_read_events(t, req, fi->fh,
				    handle_events_base(fi->fh) + (uint64_t)off,
				    size, fi->flags & O_NONBLOCK);
	else if (node_type(ino) == NODE_FILE)
		tree_read_file(req, &n, size, off, fi->fh);
	else /* data: a lane's, which passes on nothing of the sort */
		fuse_reply_err(req, EIO);
}

/* buf as a word: without its newline. */
static int tree_word(const char *buf, size_t size, char word[WRITE_MAX + 1],
		     struct errmsg *e)
{
	word[0] = '\0';
	if (size > WRITE_MAX)
		return errmsg_set(e, E2BIG, "longer than %d bytes", WRITE_MAX);
	if (memchr(buf, '\0', size))
		return errmsg_set(e, EINVAL, "has a NUL byte in it");
	memcpy(word, buf, size);
	word[size] = '\0';
	if (size > 0 && word[size - 1] == '\n')
		word[size - 1] = '\0';
	return 0;
}

/*
 * The mode or the owner of the volume's files may be another now: the kernel
 * must not go on believing the old one, however short that would be.
 */
static void tree_forget_attributes(const struct node *n)
{
	const struct partition *p;
	size_t nr;

	tree_forget(n->tree, ino_make(KIND_DATA, n->volume->id, 0, INO_SELF));
	p = partitions_of(n->tree->env.partitions, n->volume, &nr);
	for (size_t i = 0; i < nr; i++)
		tree_forget(n->tree, slice_ino(p[i].slice));
}

void tree_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		off_t off, struct fuse_file_info *fi)
{
	char word[WRITE_MAX + 1];
	struct errmsg e = {""};
	struct node n;
	int r;

	(void)off; /* each write is one command, also after another or with >>
		    */
	(void)fi;
	if (!tree_node(req, ino, &n))
		return;
	if (!n.entry || !n.entry->store) {
		fuse_reply_err(req, EBADF);
		return;
	}
	n.tree->ticket = 0;
	r = tree_word(buf, size, word, &e);
	if (r == 0)
		r = n.entry->store(&n, word, &e);
	if (r == 0 && ino_kind(ino) == KIND_SETTING)
		tree_forget_attributes(&n);
	if (r == STORE_WAITS && n.tree->ticket) {
		waiting_reserved(n.tree, req, n.volume, n.tree->ticket, NULL,
				 size);
	} else if (r == STORE_WAITS && !n.volume) {
		waiting_reload(n.tree, req, n.tree->reload_id, size);
	} else if (r == STORE_WAITS && n.path) {
		waiting_check(n.tree, req, n.path, size);
	} else if (r == STORE_WAITS) {
		waiting_reread(n.tree, req, n.volume, size);
	} else if (r < 0) {
		tree_refused(&n, word, &e, -r);
		fuse_reply_err(req, -r);
	} else {
		fuse_reply_write(req, size);
	}
}

void tree_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	(void)fi;
	fuse_reply_err(req, 0); /* a write has taken effect when it returns */
}

void tree_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off,
		    off_t length, struct fuse_file_info *fi)
{
	(void)ino;
	(void)mode;
	(void)off;
	(void)length;
	(void)fi;
	fuse_reply_err(req, EOPNOTSUPP);
}

void tree_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
		struct fuse_file_info *fi, unsigned int flags,
		const void *in_buf, size_t in_size, size_t out_size)
{
	(void)ino;
	(void)cmd;
	(void)arg;
	(void)fi;
	(void)flags;
	(void)in_buf;
	(void)in_size;
	(void)out_size;
	fuse_reply_err(req, ENOTTY);
}

/*
 * Everything is ready at any time, but for `events` when its reader has seen
 * all. A reader that only another worker knew is told to look: there is the
 * line about that worker's end. The handle is kept also when there is
 * something to read now: an edge-triggered epoll does not ask again.
 */
void tree_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	       struct fuse_pollhandle *ph)
{
	struct tree *t = tree_of(req);
	const struct handle *h;
	unsigned int ready = POLLIN | POLLRDNORM;
	struct node n;

	if (ph) /* opaque: tree_process() has seen what is in it */
		fuse_pollhandle_destroy(ph);
	if (!tree_node(req, ino, &n))
		return;
	if (node_type(ino) != NODE_EVENTS) {
		fuse_reply_poll(req, ready | POLLOUT | POLLWRNORM);
		return;
	}
	if (t->poll_handle)
		waiting_poll(t, t->poll_handle);
	h = handle_find(t, fi->fh);
	if (h && h->pos >= keep_event_head(t->keep))
		ready = 0;
	fuse_reply_poll(req, ready);
}
