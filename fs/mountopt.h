/* SPDX-License-Identifier: MIT */
/*
 * The words after -o: those of mpathfs itself, which an fstab line has no
 * other place for, apart from those for the mount.
 */
#ifndef MPATHFS_FS_MOUNTOPT_H
#define MPATHFS_FS_MOUNTOPT_H

#include "core/base.h"
#include "core/errmsg.h"

struct mountopt {
	char *config;	 /* of config=FILE; NULL: not given */
	char *state_dir; /* of state_dir=DIR */
	char *fuse;	 /* what is for libfuse and the kernel, "" or a,b,c */
};

/*
 * Adds the words of list ("a,b=c") to *o; of a word given twice the later
 * wins. -EINVAL with the reason in e, or -ENOMEM. Free with mountopt_free().
 */
int mountopt_add(struct mountopt *o, const char *list,
		 struct errmsg *e) MUST_CHECK;
void mountopt_free(struct mountopt *o);

#endif
