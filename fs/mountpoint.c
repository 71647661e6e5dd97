// SPDX-License-Identifier: MIT
/*
 * The mount point; see mountpoint.h. What is mounted is read from
 * /proc/self/mountinfo, which asks no file system. No state.
 */
#include "fs/mountpoint.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* "\040" and the like, which /proc uses for blanks and backslashes. */
static void decode_octal(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 |
				       (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

struct line {
	int id, parent;
	dev_t dev;
	bool whole; /* not of a directory below its root */
	bool ours;  /* an mpathfs */
	const char *place;
};

/*
 * A line of mountinfo, which is written into:
 * ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
 */
static bool parse_line(char *text, struct line *ret)
{
	const char *dash = strstr(text, " - ");
	unsigned int major, minor;
	char *field[5], *save = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++)
		if (!(field[i] = strtok_r(i ? NULL : text, " ", &save)))
			return false;
	if (!dash || sscanf(field[2], "%u:%u", &major, &minor) != 2)
		return false;
	decode_octal(field[4]);
	*ret = (struct line){
		.id = atoi(field[0]),
		.parent = atoi(field[1]),
		.dev = makedev(major, minor),
		.whole = strcmp(field[3], "/") == 0,
		.ours = strncmp(dash + 3, "fuse.mpathfs ", 13) == 0,
		.place = field[4],
	};
	return true;
}

/* Calls look for each mount, until it says true. 0 or -errno. */
static int look_at_mounts(bool (*look)(const struct line *l, void *arg),
			  void *arg, struct errmsg *e)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	CLEANUP_FREE char *text = NULL;
	struct line l;
	size_t size = 0;

	if (!f)
		return errmsg_set(e, errno, "/proc/self/mountinfo: %s",
				  strerror(errno));
	while (getline(&text, &size, f) > 0)
		if (parse_line(text, &l) && look(&l, arg))
			break;
	fclose(f);
	return 0;
}

struct at_place {
	const char *place;
	bool found;
	dev_t dev;
};

static bool note_ours(const struct line *l, void *arg)
{
	struct at_place *a = arg;

	if (l->ours && strcmp(l->place, a->place) == 0) {
		a->found = true;
		a->dev = l->dev;
	}
	return false; /* of several, the last is on top */
}

int mountpoint_check_free(const char *mountpoint, struct errmsg *e)
{
	struct at_place a = {.place = mountpoint};
	int r = look_at_mounts(note_ours, &a, e);

	if (r == 0 && a.found)
		r = errmsg_set(e, EBUSY,
			       "%s: an mpathfs is mounted there already; "
			       "if its daemon is gone, unmount it first",
			       mountpoint);
	return r;
}

int mountpoint_device(const char *mountpoint, dev_t *ret, struct errmsg *e)
{
	struct at_place a = {.place = mountpoint};
	int r = look_at_mounts(note_ours, &a, e);

	if (r == 0 && !a.found)
		r = errmsg_set(e, ENOENT,
			       "%s: the mount is not in /proc/self/mountinfo",
			       mountpoint);
	if (r == 0)
		*ret = a.dev;
	return r;
}

/* The directory's links resolved, the last name as it is: "" if it has none. */
static int resolve_parent(const char *text, char *path, size_t size)
{
	CLEANUP_FREE char *for_dir = strdup(text);
	CLEANUP_FREE char *for_base = strdup(text);
	CLEANUP_FREE char *dir = NULL;
	const char *base;

	if (!for_dir || !for_base)
		return -ENOMEM;
	dir = realpath(dirname(for_dir), NULL);
	if (!dir)
		return -errno;
	base = basename(for_base);
	if (!strcmp(base, ".") || !strcmp(base, "..") || !strcmp(base, "/"))
		base = "";
	if ((size_t)snprintf(path, size, "%s/%s", strcmp(dir, "/") ? dir : "",
			     base) >= size)
		return -ENAMETOOLONG;
	return 0;
}

int mountpoint_resolve(const char *text, char **ret, struct errmsg *e)
{
	CLEANUP_FREE char *whole = NULL;
	char path[PATH_MAX];
	struct stat st;
	int r = resolve_parent(text, path, sizeof(path));

	if (r < 0)
		return errmsg_set(e, -r, "%s: %s", text, strerror(-r));
	r = mountpoint_check_free(path, e);
	if (r < 0)
		return r;
	whole = realpath(text, NULL);
	if (!whole)
		return errmsg_set(e, errno, "%s: %s", text, strerror(errno));
	r = mountpoint_check_free(whole, e);
	if (r < 0)
		return r;
	if (stat(whole, &st) < 0)
		return errmsg_set(e, errno, "%s: %s", whole, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return errmsg_set(e, ENOTDIR, "%s: is no directory", whole);
	*ret = whole;
	whole = NULL;
	return 0;
}

static int run_fusermount(const char *option, const char *mountpoint)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		execlp("fusermount3", "fusermount3", "-q", option, "--",
		       mountpoint, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

struct own {
	dev_t dev;
	const char *wanted; /* the place that it should have */
	char place[PATH_MAX];
	int id; /* 0: not found */
	bool covered;
};

static bool note_own(const struct line *l, void *arg)
{
	struct own *o = arg;

	if (l->dev != o->dev || !l->whole)
		return false;
	o->id = l->id;
	snprintf(o->place, sizeof(o->place), "%s", l->place);
	return strcmp(l->place, o->wanted) == 0;
}

static bool note_cover(const struct line *l, void *arg)
{
	struct own *o = arg;

	o->covered = l->parent == o->id && l->id != o->id &&
		     strcmp(l->place, o->place) == 0;
	return o->covered;
}

/*
 * Where the mount is by now: a directory above it may have been renamed. umount
 * by name takes away what is on top, so nothing else may be.
 */
static int find_own(struct own *o, struct errmsg *e)
{
	int r = look_at_mounts(note_own, o, e);

	if (r == 0 && o->id)
		r = look_at_mounts(note_cover, o, e);
	if (r == 0 && o->covered)
		r = errmsg_set(e, EBUSY,
			       "%s: something else is mounted over it",
			       o->place);
	return r;
}

static int leave(const char *mountpoint, struct errmsg *e)
{
	int err;

	if (umount2(mountpoint, UMOUNT_NOFOLLOW) == 0)
		return 0;
	err = errno;
	if (err == EBUSY &&
	    umount2(mountpoint, UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
		return 1;
	if (err == EPERM) {
		if (run_fusermount("-u", mountpoint) == 0)
			return 0;
		if (run_fusermount("-uz", mountpoint) == 0)
			return 1;
		return errmsg_set(e, EPERM, "%s: fusermount3 cannot unmount it",
				  mountpoint);
	}
	if (err == EINVAL)
		return 0; /* somebody was faster */
	return errmsg_set(e, err, "%s: cannot be unmounted: %s", mountpoint,
			  strerror(err));
}

int mountpoint_leave(const char *mountpoint, dev_t dev, struct errmsg *e)
{
	struct own o = {.dev = dev, .wanted = mountpoint};
	int r = find_own(&o, e);

	if (r < 0 || !o.id)
		return r; /* somebody was faster */
	return leave(o.place, e);
}
