// SPDX-License-Identifier: MIT
/*
 * libfuse's operations over the tables of directories.
 *
 * Each operation resolves the inode number it is given into a struct node and
 * answers once; what has to wait goes to fs/waiting.c. The tree is remembered
 * nowhere, neither here (node.c) nor, but for a volume's attributes, in the
 * kernel: all its timeouts are 0. Open files: tree_file.c.
 *
 * Operations that are missing below are answered with ENOSYS by libfuse, which
 * the kernel remembers: it asks no more. That is right for flush (nothing to
 * do at close), lseek, the extended attributes and copy_file_range. It must
 * not happen to fsync, fallocate and poll, which some file of the mount has.
 * opendir, releasedir, forget: libfuse itself gives the answer that is wanted.
 * readdirplus would bring attributes that are out of date at once.
 *
 * Monitor's thread; no locks.
 */
#define FUSE_USE_VERSION 314
#include "fs/tree.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "core/clock.h"
#include "core/volume.h"
#include "fs/events.h"
#include "fs/handle.h"
#include "fs/keep.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/node.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "fs/tree_private.h"
#include "fs/waiting.h"

/* Seconds that the kernel may keep a volume's attributes. */
#define DATA_TIMEOUT 1.0

struct tree *tree_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

bool tree_node(fuse_req_t req, fuse_ino_t ino, struct node *ret)
{
	int r = node_resolve(tree_of(req), ino, ret);

	if (r < 0)
		fuse_reply_err(req, -r);
	return r == 0;
}

void tree_refused(const struct node *n, const char *word,
		  const struct errmsg *e, int err)
{
	char what[NAME_SIZE], detail[2 * NAME_SIZE];
	struct event ev = {
		.name = "refused",
		.volume = n->volume ? n->volume->name : NULL,
		.path = n->path ? n->path->name : NULL,
		.cause = e->text[0] ? e->text : strerror(err),
		.detail = detail,
	};

	node_name(n, what, sizeof(what));
	snprintf(detail, sizeof(detail), "%s: '%.100s'", what, word);
	tree_event(n->tree, &ev);
}

/* ---- attributes ---- */

static mode_t tree_mode(const struct node *n)
{
	switch (node_type(n->ino)) {
	case NODE_DIR:
		return S_IFDIR | 0755;
	case NODE_LINK:
		return S_IFLNK | 0777;
	case NODE_DATA:
		return S_IFREG | (mode_t)n->volume->settings.v[OPT_MODE].num;
	case NODE_FILE:
		return S_IFREG | (n->entry->show ? 0644 : 0200);
	default:
		return S_IFREG | 0644;
	}
}

static void tree_stat_data(const struct node *n, struct stat *st)
{
	const struct volume *v = n->volume;
	const struct slice *s = n->slice;
	uint64_t size = volume_size(v);

	if (s)
		size = slice_within(s->start, s->size, size);
	st->st_uid = (uid_t)v->settings.v[OPT_UID].num;
	st->st_gid = (gid_t)v->settings.v[OPT_GID].num;
	st->st_size = (off_t)size;
	st->st_blocks = st->st_size / 512;
}

/* Returns how long the kernel may believe it, in seconds. */
static double tree_stat(const struct node *n, struct stat *st)
{
	struct tree *t = n->tree;
	uint64_t start = keep_info(t->keep)->start_realtime_ns;
	bool is_data = node_type(n->ino) == NODE_DATA;

	memset(st, 0, sizeof(*st));
	st->st_ino = node_shown(n);
	st->st_mode = tree_mode(n);
	st->st_nlink = S_ISDIR(st->st_mode) ? 2 : 1;
	st->st_uid = t->uid;
	st->st_gid = t->gid;
	st->st_blksize = 4096;
	st->st_mtim.tv_sec = (time_t)(start / NSEC_PER_SEC);
	st->st_mtim.tv_nsec = (long)(start % NSEC_PER_SEC);
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	if (is_data)
		tree_stat_data(n, st);
	return is_data ? DATA_TIMEOUT : 0;
}

static void tree_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = {.generation = 0};
	struct node dir, n;
	int r;

	if (!tree_node(req, parent, &dir))
		return;
	r = node_lookup(&dir, name, &e.ino);
	if (r == 0)
		r = node_resolve(dir.tree, e.ino, &n);
	if (r < 0) {
		fuse_reply_err(req, -r);
		return;
	}
	e.attr_timeout = tree_stat(&n, &e.attr);
	fuse_reply_entry(req, &e);
}

static void tree_getattr(fuse_req_t req, fuse_ino_t ino,
			 struct fuse_file_info *fi)
{
	struct stat st;
	struct node n;
	double timeout;

	(void)fi;
	if (!tree_node(req, ino, &n))
		return;
	timeout = tree_stat(&n, &st);
	fuse_reply_attr(req, &st, timeout);
}

/* The mode and the owner of a volume's file are settings of the volume. */
static int tree_set_option(const struct node *n, enum opt o, const char *fmt,
			   unsigned int value, struct errmsg *e)
{
	char text[16];

	snprintf(text, sizeof(text), fmt, value);
	return monitor_set(n->tree->env.monitor, n->volume, o, text,
			   clock_now(), e);
}

static int tree_set_owner(const struct node *n, const struct stat *attr,
			  int to_set, struct errmsg *e)
{
	int r = 0;

	if (!(to_set &
	      (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)))
		return 0;
	if (node_type(n->ino) != NODE_DATA)
		return errmsg_set(e, EPERM,
				  "the mode and the owner of this "
				  "file cannot be changed");
	if (to_set & FUSE_SET_ATTR_MODE)
		r = tree_set_option(n, OPT_MODE, "%04o", attr->st_mode & 07777,
				    e);
	if (r == 0 && (to_set & FUSE_SET_ATTR_UID))
		r = tree_set_option(n, OPT_UID, "%u", attr->st_uid, e);
	if (r == 0 && (to_set & FUSE_SET_ATTR_GID))
		r = tree_set_option(n, OPT_GID, "%u", attr->st_gid, e);
	return r;
}

/*
 * A size is accepted and changes nothing, as on a block device: dd and the
 * shell truncate what they write to. So are times. The answer tells the kernel
 * the true size, also where it trusts its own otherwise (write-back cache).
 */
static void tree_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr,
			 int to_set, struct fuse_file_info *fi)
{
	struct errmsg e = {""};
	struct node n;
	int r;

	if (!tree_node(req, ino, &n))
		return;
	r = tree_set_owner(&n, attr, to_set, &e);
	if (r < 0) {
		tree_refused(&n, "chmod or chown", &e, -r);
		fuse_reply_err(req, -r);
		return;
	}
	tree_getattr(req, ino, fi);
}

static void tree_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st = {
		.f_bsize = 4096, /* a loop device's discard granularity */
		.f_frsize = 4096,
		.f_namemax = CHILD_NAME_SIZE - 1,
	};

	(void)ino;
	fuse_reply_statfs(req, &st);
}

/* ---- directories and links ---- */

static void tree_readlink(fuse_req_t req, fuse_ino_t ino)
{
	char target[LINK_SIZE];
	struct node n;

	if (!tree_node(req, ino, &n))
		return;
	if (!n.entry || !n.entry->target) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	n.entry->target(&n, target, sizeof(target));
	fuse_reply_readlink(req, target);
}

/* Names 0 and 1 are "." and "..", then come those of the directory. */
static bool tree_dir_name(const struct node *dir, size_t i, struct child *ret)
{
	if (i >= 2)
		return node_child(dir, i - 2, ret);
	strcpy(ret->name, i == 0 ? "." : "..");
	ret->shown = ret->ino = i == 0 ? dir->ino : node_parent(dir);
	return true;
}

static mode_t tree_dirent_mode(uint64_t ino)
{
	enum node_type type = node_type(ino);

	return type == NODE_DIR	   ? S_IFDIR
	       : type == NODE_LINK ? S_IFLNK
				   : S_IFREG;
}

static void tree_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			 struct fuse_file_info *fi)
{
	CLEANUP_FREE char *buf = malloc(size);
	size_t used = 0, need;
	struct node dir;
	struct child c;

	(void)fi;
	if (!buf) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if (!tree_node(req, ino, &dir))
		return;
	for (size_t i = (size_t)off; tree_dir_name(&dir, i, &c); i++) {
		struct stat st = {
			.st_ino = c.shown,
			.st_mode = tree_dirent_mode(c.ino),
		};

		need = fuse_add_direntry(req, buf + used, size - used, c.name,
					 &st, (off_t)i + 1);
		if (need > size - used)
			break;
		used += need;
	}
	fuse_reply_buf(req, buf, used);
}

/* ---- what the tree has no use for: nobody makes or removes a name ---- */

static void tree_no_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void tree_no_mknod(fuse_req_t req, fuse_ino_t parent, const char *name,
			  mode_t mode, dev_t rdev)
{
	(void)mode;
	(void)rdev;
	tree_no_unlink(req, parent, name);
}

static void tree_no_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name,
			  mode_t mode)
{
	(void)mode;
	tree_no_unlink(req, parent, name);
}

static void tree_no_create(fuse_req_t req, fuse_ino_t parent, const char *name,
			   mode_t mode, struct fuse_file_info *fi)
{
	(void)mode;
	(void)fi;
	tree_no_unlink(req, parent, name);
}

static void tree_no_symlink(fuse_req_t req, const char *target,
			    fuse_ino_t parent, const char *name)
{
	(void)target;
	tree_no_unlink(req, parent, name);
}

static void tree_no_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
			 const char *name)
{
	(void)ino;
	tree_no_unlink(req, parent, name);
}

static void tree_no_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
			   fuse_ino_t newparent, const char *newname,
			   unsigned int flags)
{
	(void)newparent;
	(void)newname;
	(void)flags;
	tree_no_unlink(req, parent, name);
}

/* ---- for the worker ---- */

/*
 * The kernel must ask for each truncation: left to itself at O_TRUNC it
 * believes that the file is empty now.
 */
static void tree_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->want &= ~(unsigned int)FUSE_CAP_ATOMIC_O_TRUNC;
}

struct tree *tree_new(void)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->names = names_new();
	if (!t->names) {
		free(t);
		return NULL;
	}
	waiting_init(t);
	return t;
}

void tree_attach(struct tree *t, const struct tree_env *env)
{
	t->env = *env;
	t->mount = env->daemon->mount;
	t->keep = env->daemon->keep;
	t->uid = geteuid();
	t->gid = getegid();
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	waiting_free(t);
	handle_drop_all(t);
	names_free(t->names);
	free(t);
}

/* The kernel's poll handle in a request, 0: none. */
static uint64_t tree_find_poll_handle(const struct fuse_buf *buf)
{
	struct fuse_in_header in;
	struct fuse_poll_in arg;

	if (buf->size < sizeof(in) + sizeof(arg))
		return 0;
	memcpy(&in, buf->mem, sizeof(in));
	memcpy(&arg, (const char *)buf->mem + sizeof(in), sizeof(arg));
	return in.opcode == FUSE_POLL && (arg.flags & FUSE_POLL_SCHEDULE_NOTIFY)
		       ? arg.kh
		       : 0;
}

/* A request that comes again has the number that it had, and this bit. */
#define UNIQUE_RESENT (UINT64_C(1) << 63)

static uint64_t tree_find_unique(const struct fuse_buf *buf)
{
	struct fuse_in_header in;

	assert(buf->size >= sizeof(in));
	memcpy(&in, buf->mem, sizeof(in));
	return in.unique & ~UNIQUE_RESENT;
}

void tree_process(struct tree *t, unsigned int channel,
		  const struct fuse_buf *buf)
{
	assert(channel < t->mount->nr_channels);
	t->mount->reply_channel = t->mount->channel[channel];
	t->poll_handle = tree_find_poll_handle(buf);
	t->unique = tree_find_unique(buf);
	fuse_session_process_buf(t->mount->se, buf);
}

void tree_event(struct tree *t, const struct event *ev)
{
	/* Whatever makes a path come or go says so. */
	names_stale(t->names);
	events_emit(t->keep, ev);
	waiting_wake_events(t);
}

void tree_checked(struct tree *t, const struct path *p)
{
	waiting_wake_check(t, p);
}

void tree_changed(struct tree *t)
{
	names_stale(t->names);
	partitions_look(t->env.partitions);
	waiting_sweep(t);
}

void tree_reread(struct tree *t, const struct volume *v, int result)
{
	waiting_wake_reread(t, v, result);
}

void tree_reserved(struct tree *t, uint64_t ticket, int result)
{
	waiting_wake_reserved(t, ticket, result);
}

void tree_reloaded(struct tree *t, uint32_t id, bool dry, int result,
		   const struct errmsg *e)
{
	const struct event ev = {
		.name = "refused",
		.cause = e->text[0] ? e->text : strerror(-result),
		.detail = dry ? "control: 'reconfigure --dry-run'" :
				"control: 'reconfigure'",
	};

	if (result < 0)
		tree_event(t, &ev);
	waiting_wake_reload(t, id, result);
}

void tree_forget(struct tree *t, uint64_t ino)
{
	/* Fails if the kernel does not know that file: as good. */
	fuse_lowlevel_notify_inval_inode(t->mount->se, ino, -1, 0);
}

uint64_t tree_run(struct tree *t, uint64_t now)
{
	return waiting_run(t, now);
}

void tree_wake_pollers(struct tree *t)
{
	waiting_wake_pollers(t);
}

const struct fuse_lowlevel_ops tree_ops = {
	.init = tree_init,
	.lookup = tree_lookup,
	.getattr = tree_getattr,
	.setattr = tree_setattr,
	.readlink = tree_readlink,
	.mknod = tree_no_mknod,
	.mkdir = tree_no_mkdir,
	.unlink = tree_no_unlink,
	.rmdir = tree_no_unlink,
	.symlink = tree_no_symlink,
	.rename = tree_no_rename,
	.link = tree_no_link,
	.open = tree_open,
	.read = tree_read,
	.write = tree_write,
	.release = tree_release,
	.fsync = tree_fsync,
	.readdir = tree_readdir,
	.statfs = tree_statfs,
	.create = tree_no_create,
	.ioctl = tree_ioctl,
	.poll = tree_poll,
	.fallocate = tree_fallocate,
};
