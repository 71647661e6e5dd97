// SPDX-License-Identifier: MIT
/*
 * Who uses a disk already; see disk_holders.h.
 *
 * libmount reads the tables; what is kept of them is a list of device numbers.
 * Some file systems (btrfs) are mounted under a number of their own: there the
 * device that the table names counts. No locks: one thread.
 */
#include "core/disk_holders.h"

#include <dirent.h>
#include <errno.h>
#include <libmount.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct holder {
	dev_t devt;
	char what[64];
};

struct disk_holders {
	struct holder *v;
	size_t n;
};

static int add(struct disk_holders *h, dev_t devt, const char *what,
	       const char *where)
{
	struct holder *v = realloc(h->v, (h->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	h->v = v;
	v[h->n].devt = devt;
	snprintf(v[h->n].what, sizeof(v->what), "%s%s", what, where);
	h->n++;
	return 0;
}

/* The block device that a table names; 0: none. */
static dev_t device_named(const char *source)
{
	struct stat st;

	if (!source || strncmp(source, "/dev/", strlen("/dev/")) != 0)
		return 0;
	return stat(source, &st) || !S_ISBLK(st.st_mode) ? 0 : st.st_rdev;
}

static int add_mount(struct disk_holders *h, struct libmnt_fs *fs)
{
	dev_t devt = mnt_fs_get_devno(fs);
	const char *target = mnt_fs_get_target(fs);

	if (!major(devt))
		devt = device_named(mnt_fs_get_srcpath(fs));
	return devt ? add(h, devt, "mounted at ", target ? target : "?") : 0;
}

static int add_swap(struct disk_holders *h, struct libmnt_fs *fs)
{
	dev_t devt = device_named(mnt_fs_get_srcpath(fs));

	return devt ? add(h, devt, "swap", "") : 0;
}

static int walk(struct disk_holders *h, struct libmnt_table *t,
		int (*each)(struct disk_holders *h, struct libmnt_fs *fs))
{
	struct libmnt_iter *i = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = i ? 0 : -ENOMEM;

	while (!r && mnt_table_next_fs(t, i, &fs) == 0)
		r = each(h, fs);
	mnt_free_iter(i);
	return r;
}

static int read_tables(struct disk_holders *h, const char *mountinfo,
		       const char *swaps)
{
	struct libmnt_table *mounts = mnt_new_table(), *swap = mnt_new_table();
	int r = mounts && swap ? 0 : -ENOMEM;

	if (!r && mnt_table_parse_file(mounts, mountinfo))
		r = -EIO;
	if (!r)
		r = walk(h, mounts, add_mount);
	/* A kernel without swap has no such table. */
	if (!r && access(swaps, F_OK) == 0)
		r = mnt_table_parse_swaps(swap, swaps) ? -EIO :
							 walk(h, swap, add_swap);
	mnt_unref_table(mounts);
	mnt_unref_table(swap);
	return r;
}

int disk_holders_new(const char *mountinfo, const char *swaps,
		     struct disk_holders **ret)
{
	struct disk_holders *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	r = read_tables(h, mountinfo ? mountinfo : "/proc/self/mountinfo",
			swaps ? swaps : "/proc/swaps");
	if (r) {
		disk_holders_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void disk_holders_free(struct disk_holders *h)
{
	if (h)
		free(h->v);
	free(h);
}

/* The number in dir/dev; 0: there is none. */
static dev_t number_of(const char *dir)
{
	char path[PATH_MAX];
	unsigned int maj, min;
	dev_t ret = 0;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/dev", dir) >= PATH_MAX)
		return 0;
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%u:%u", &maj, &min) == 2)
		ret = makedev(maj, min);
	fclose(f);
	return ret;
}

/* What lies on the device, in the kernel's name; "" nothing. */
static void stacked(const char *dir, char *buf, size_t size)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	buf[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/holders", dir) >= PATH_MAX)
		return;
	d = opendir(path);
	if (!d)
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			snprintf(buf, size, "%s", e->d_name);
	closedir(d);
}

/* Of this device alone, a disk or a partition. */
static bool find_one(const struct disk_holders *h, const char *dir, char *buf,
		     size_t size)
{
	dev_t devt;

	stacked(dir, buf, size);
	if (buf[0])
		return true;
	devt = number_of(dir);
	for (size_t i = 0; devt && i < h->n; i++) {
		if (h->v[i].devt == devt) {
			snprintf(buf, size, "%s", h->v[i].what);
			return true;
		}
	}
	return false;
}

void disk_holders_find(const struct disk_holders *h, const char *dir,
		       char *buf, size_t size)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (find_one(h, dir, buf, size))
		return;
	d = opendir(dir);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (snprintf(path, sizeof(path), "%s/%s/partition", dir,
			     e->d_name) >= PATH_MAX ||
		    access(path, F_OK) != 0)
			continue;
		*strrchr(path, '/') = '\0';
		if (find_one(h, path, buf, size))
			break;
	}
	closedir(d);
}
