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
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
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

/*
 * Is this line of mountinfo a mount of ours at that place?
 * ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
 */
static bool line_is_ours(char *line, const char *mountpoint)
{
	char *dash = strstr(line, " - ");
	char *save = NULL;
	char *field = strtok_r(line, " ", &save);

	for (int i = 0; i < 4 && field; i++)
		field = strtok_r(NULL, " ", &save);
	if (!field || !dash)
		return false;
	decode_octal(field);
	return strcmp(field, mountpoint) == 0 &&
	       strncmp(dash + 3, "fuse.mpathfs ", 13) == 0;
}

int mountpoint_check_free(const char *mountpoint, struct errmsg *e)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!f)
		return errmsg_set(e, errno, "/proc/self/mountinfo: %s",
				  strerror(errno));
	while (r == 0 && getline(&line, &size, f) > 0)
		if (line_is_ours(line, mountpoint))
			r = errmsg_set(
				e, EBUSY,
				"%s: an mpathfs is mounted there already; "
				"if its daemon is gone, unmount it first",
				mountpoint);
	fclose(f);
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

int mountpoint_leave(const char *mountpoint, struct errmsg *e)
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
