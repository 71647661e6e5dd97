// SPDX-License-Identifier: MIT
/*
 * Opening a device and asking the kernel about it; see device.h. The submitter
 * thread is in submitter.c.
 */
#include "core/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/submitter.h"

/* The largest logical block that part-sector writes have room for. */
#define MAX_BLOCK 4096
/* Where the kernel reports no alignment for direct I/O on a file. */
#define FILE_BLOCK 512
/* A file takes any size at once; one request is never larger than this. */
#define FILE_MAX_IO (1u << 20)
#define MIN_MAX_IO 4096

/* A number from /sys/dev/block/M:m/QUEUE/name; 0: there is none. */
static unsigned long queue_limit(dev_t rdev, const char *name)
{
	/* A partition's queue is that of the disk it lies on. */
	static const char *const dirs[] = { "queue", "../queue" };
	unsigned long ret = 0;
	char file[128];

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && !ret; i++) {
		FILE *f;

		snprintf(file, sizeof(file), "/sys/dev/block/%u:%u/%s/%s",
			 major(rdev), minor(rdev), dirs[i], name);
		f = fopen(file, "re");
		if (!f)
			continue;
		if (fscanf(f, "%lu", &ret) != 1)
			ret = 0;
		fclose(f);
	}
	return ret;
}

/* Do large buffers lie in large pages, if they ask for it? */
static bool pages_are_large(void)
{
	CLEANUP_CLOSE int fd = open("/sys/kernel/mm/transparent_hugepage/enabled",
				    O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return !strstr(text, "[never]");
}

/*
 * With RWF_NOWAIT the block layer refuses what it would have to split: more
 * than max_sectors_kb, or more segments than the device takes. Those are of a
 * page each at the worst; in large pages, a few. (Where that goes wrong, the
 * submitter thread does the splitting.)
 */
static uint32_t block_max_io(dev_t rdev, uint32_t block)
{
	uint64_t kb = queue_limit(rdev, "max_sectors_kb");
	uint64_t segments = queue_limit(rdev, "max_segments");
	uint64_t max = FILE_MAX_IO;

	if (kb)
		max = MIN(max, kb * 1024);
	if (segments && !pages_are_large())
		max = MIN(max, segments * 4096);
	max = ROUND_DOWN(max, (uint64_t)block);
	return (uint32_t)MAX(max, MIN_MAX_IO);
}

static int block_limits(struct device *d, struct errmsg *e)
{
	struct device_limits *l = &d->limits;
	int block = 0, ro = 0;

	if (ioctl(d->fd, BLKSSZGET, &block) || block <= 0)
		return errmsg_set(e, errno ? errno : EINVAL,
				  "%s: no logical block size: %s", d->path,
				  strerror(errno));
	if (block > MAX_BLOCK)
		return errmsg_set(e, EINVAL,
				  "%s: logical blocks of %d bytes, the most is %d",
				  d->path, block, MAX_BLOCK);
	if (ioctl(d->fd, BLKGETSIZE64, &l->size))
		return errmsg_set(e, errno, "%s: no size: %s", d->path,
				  strerror(errno));
	if (ioctl(d->fd, BLKROGET, &ro) == 0 && ro)
		l->read_only = l->write_protected = true;
	if (ioctl(d->fd, BLKGETDISKSEQ, &d->id.diskseq))
		d->id.diskseq = 0;
	l->block = (uint32_t)block;
	l->max_io = block_max_io(d->id.rdev, l->block);
	return 0;
}

/* What direct I/O on this file must be aligned to. */
static uint32_t file_block(int fd)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &sx))
		return FILE_BLOCK;
	if (!(sx.stx_mask & STATX_DIOALIGN) || !sx.stx_dio_offset_align)
		return FILE_BLOCK;
	return MAX(sx.stx_dio_offset_align, sx.stx_dio_mem_align);
}

static int reopen_buffered(struct device *d, int flags, struct errmsg *e)
{
	int fd = open(d->path, flags & ~O_DIRECT);

	if (fd < 0)
		return errmsg_set(e, errno, "%s: %s", d->path, strerror(errno));
	close(d->fd);
	d->fd = fd;
	d->limits.block = 1;
	return 0;
}

/*
 * A file whose size is no multiple of its block cannot be written to its end
 * by direct I/O: such a file goes through the page cache, any alignment will
 * do, and the submitter thread does the waiting.
 */
static int file_limits(struct device *d, const struct stat *st, int flags,
		       struct errmsg *e)
{
	struct device_limits *l = &d->limits;

	l->size = (uint64_t)st->st_size;
	l->max_io = FILE_MAX_IO;
	l->block = flags & O_DIRECT ? file_block(d->fd) : 1;
	if (l->block > MAX_BLOCK || l->size % l->block)
		return reopen_buffered(d, flags, e);
	return 0;
}

static int open_text(const char *path, int error, struct errmsg *e)
{
	if (error == EBUSY)
		return errmsg_set(e, error,
				  "%s: in use: mounted, or part of another volume",
				  path);
	return errmsg_set(e, error, "%s: %s", path, strerror(error));
}

static int open_node(struct device *d, const struct stat *st, bool read_only,
		     int *ret_flags, struct errmsg *e)
{
	int flags = O_CLOEXEC | O_DIRECT | (read_only ? O_RDONLY : O_RDWR);

	if (S_ISBLK(st->st_mode) && !read_only)
		flags |= O_EXCL;
	d->fd = open(d->path, flags);
	if (d->fd < 0 && errno == EINVAL) {
		flags &= ~O_DIRECT; /* the file system has none */
		d->fd = open(d->path, flags);
	}
	if (d->fd < 0 && (errno == EROFS || errno == EACCES) && !read_only) {
		flags = (flags & ~O_ACCMODE) | O_RDONLY;
		d->fd = open(d->path, flags);
	}
	if (d->fd < 0)
		return open_text(d->path, errno, e);
	/* Opened for a look only, it is what it would be. */
	d->limits.read_only = read_only ? access(d->path, W_OK) != 0 :
					  (flags & O_ACCMODE) == O_RDONLY;
	*ret_flags = flags;
	return 0;
}

static int fill(struct device *d, bool read_only, struct errmsg *e)
{
	struct stat st;
	int flags = 0, r;

	if (stat(d->path, &st))
		return errmsg_set(e, errno, "%s: %s", d->path, strerror(errno));
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return errmsg_set(e, ENOTBLK,
				  "%s: neither a block device nor a file",
				  d->path);
	r = open_node(d, &st, read_only, &flags, e);
	if (r)
		return r;
	/* Again, of what was opened: the name may have moved on meanwhile. */
	if (fstat(d->fd, &st))
		return errmsg_set(e, errno, "%s: %s", d->path, strerror(errno));
	d->id.dev = st.st_dev;
	d->id.ino = st.st_ino;
	d->id.rdev = st.st_rdev;
	d->limits.is_block = S_ISBLK(st.st_mode);
	r = d->limits.is_block ? block_limits(d, e) :
				 file_limits(d, &st, flags, e);
	if (r)
		return r;
	if (!d->limits.size)
		return errmsg_set(e, ENODATA, "%s: its size is 0", d->path);
	return 0;
}

static void node_close(struct device *d)
{
	submitter_fini(&d->submitter);
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	free(d);
}

static int node_open(const char *path, bool read_only, struct device **ret,
		     struct errmsg *e)
{
	struct device *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return errmsg_set(e, ENOMEM, "%s: no memory", path);
	d->ops = &device_node_ops;
	d->fd = -1;
	atomic_init(&d->nowait, true);
	submitter_init(&d->submitter);
	d->path = strdup(path);
	r = d->path ? fill(d, read_only, e) :
		      errmsg_set(e, ENOMEM, "%s: no memory", path);
	if (r) {
		node_close(d);
		return r;
	}
	*ret = d;
	return 0;
}

/* A descriptor that can only be read from stays so. */
static void look_at_mode(const struct device *d, struct device_limits *ret)
{
	int flags = fcntl(d->fd, F_GETFL), ro = 0;

	ret->write_protected =
		d->limits.is_block && ioctl(d->fd, BLKROGET, &ro) == 0 && ro;
	ret->read_only = ret->write_protected ||
			 (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY);
}

static uint64_t node_size(const struct device *d)
{
	uint64_t size;
	struct statx sx;

	if (d->limits.is_block)
		return ioctl(d->fd, BLKGETSIZE64, &size) ? 0 : size;
	return statx(d->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_SIZE,
		     &sx) ? 0 : sx.stx_size;
}

static void node_look(const struct device *d, struct device_limits *ret)
{
	*ret = d->limits;
	ret->size = node_size(d);
	look_at_mode(d, ret);
}

static int recheck_block(const struct device *d, struct errmsg *e)
{
	uint64_t size = 0, diskseq = 0;

	if (ioctl(d->fd, BLKGETSIZE64, &size) || !size)
		return errmsg_set(e, ENODEV, "the device is gone");
	if (d->id.diskseq && ioctl(d->fd, BLKGETDISKSEQ, &diskseq) == 0 &&
	    diskseq != d->id.diskseq)
		return errmsg_set(e, ESTALE,
				  "another disk has taken the device's name");
	if (size != d->limits.size)
		return errmsg_set(e, ENOSPC,
				  "size is %llu now, it was %llu bytes",
				  (unsigned long long)size,
				  (unsigned long long)d->limits.size);
	return 0;
}

/*
 * AT_STATX_DONT_SYNC: what is known already, without asking a file server that
 * may be hung.
 */
static int recheck_file(const struct device *d, struct errmsg *e)
{
	struct statx sx;

	if (statx(d->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_SIZE,
		  &sx))
		return errmsg_set(e, errno, "%s", strerror(errno));
	if (sx.stx_size != d->limits.size)
		return errmsg_set(e, ENOSPC,
				  "size is %llu now, it was %llu bytes",
				  (unsigned long long)sx.stx_size,
				  (unsigned long long)d->limits.size);
	return 0;
}

static int node_recheck(const struct device *d, struct errmsg *e)
{
	return d->limits.is_block ? recheck_block(d, e) : recheck_file(d, e);
}

/* Writing waits for what is in flight: not where it says so already. */
static int write_max_sectors(const struct device *d, uint64_t kb,
			     struct errmsg *e)
{
	char file[128];
	CLEANUP_CLOSE int fd = -1;

	if (kb == queue_limit(d->id.rdev, "max_sectors_kb"))
		return 0;
	snprintf(file, sizeof(file),
		 "/sys/dev/block/%u:%u/queue/max_sectors_kb",
		 major(d->id.rdev), minor(d->id.rdev));
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0; /* a partition: its disk is another's business */
	if (fd < 0 || dprintf(fd, "%llu", (unsigned long long)kb) < 0)
		return errmsg_set(e, errno, "max_sectors_kb = %llu: %s: %s",
				  (unsigned long long)kb, file,
				  strerror(errno));
	return 0;
}

static int node_limit(struct device *d, uint32_t max_sectors_kb,
		      struct errmsg *e)
{
	struct device_limits *l = &d->limits;
	uint64_t most = d->limits.is_block ?
				queue_limit(d->id.rdev, "max_hw_sectors_kb") :
				0;
	uint64_t kb = most ? MIN(max_sectors_kb, most) : max_sectors_kb;
	uint64_t max;
	int r = 0;

	if (l->is_block) {
		r = write_max_sectors(d, kb, e);
		l->max_io = block_max_io(d->id.rdev, l->block);
	}
	max = ROUND_DOWN(kb * 1024, (uint64_t)l->block);
	l->max_io = (uint32_t)MIN((uint64_t)l->max_io, MAX(max, MIN_MAX_IO));
	return r;
}

int device_limit(struct device *d, uint32_t max_sectors_kb, struct errmsg *e)
{
	if (!max_sectors_kb || !d->ops->limit)
		return 0;
	return d->ops->limit(d, max_sectors_kb, e);
}

int device_open(const struct device_ops *ops, const char *path,
		bool read_only, struct device **ret, struct errmsg *e)
{
	return ops->open(path, read_only, ret, e);
}

int device_recheck(const struct device *d, struct errmsg *e)
{
	return d->ops->recheck(d, e);
}

bool device_ends_before(const struct device *d, uint64_t end)
{
	return d->ops->size && d->ops->size(d) < end;
}

struct device *device_get(struct device *d)
{
	atomic_fetch_add(&d->shares, 1);
	return d;
}

void device_close(struct device *d)
{
	if (atomic_fetch_sub(&d->shares, 1) == 0)
		d->ops->close(d);
}

/* A partition's is that of its disk; nvme has it beside the namespace. */
bool device_access_state(const struct device *d, char *buf, size_t size)
{
	static const char *const names[] = { "device/access_state",
					     "../device/access_state",
					     "ana_state", "../ana_state" };
	size_t n = 0;

	for (size_t i = 0; !n && d->limits.is_block && i < ARRAY_SIZE(names);
	     i++) {
		char file[128];
		FILE *f;

		snprintf(file, sizeof(file), "/sys/dev/block/%u:%u/%s",
			 major(d->id.rdev), minor(d->id.rdev), names[i]);
		f = fopen(file, "re");
		if (!f)
			continue;
		if (fgets(buf, (int)size, f))
			n = strcspn(buf, "\n");
		fclose(f);
	}
	buf[n] = '\0';
	return n > 0;
}

void device_devt_text(const struct device *d, char *buf, size_t size)
{
	if (d->limits.is_block)
		snprintf(buf, size, "%u:%u", major(d->id.rdev),
			 minor(d->id.rdev));
	else
		snprintf(buf, size, "-");
}

const struct device_ops device_node_ops = {
	.open = node_open,
	.recheck = node_recheck,
	.close = node_close,
	.look = node_look,
	.size = node_size,
	.limit = node_limit,
};
