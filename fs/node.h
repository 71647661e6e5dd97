/* SPDX-License-Identifier: MIT */
/*
 * The contract between tree.c and the directories: a directory is a table of
 * entries, and where its names depend on what there is, a function that lists
 * them. One file each: dir_root.c, dir_volume.c, dir_group.c, dir_path.c,
 * dir_partitions.c, dir_reservation.c, dir_disk.c.
 *
 * Monitor's thread only.
 */
#ifndef MPATHFS_FS_NODE_H
#define MPATHFS_FS_NODE_H

#include <stdio.h>
#include <sys/types.h>
#include <urcu/list.h>
#include "core/base.h"
#include "core/config.h"
#include "core/discovery.h"
#include "core/monitor.h"
#include "fs/ino.h"
#include "fs/tree.h"
#include "fs/worker.h"

struct keep;
struct mount;
struct names;
struct slice;

struct tree {
	/* set by tree_attach() */
	struct tree_env env;
	struct mount *mount;
	struct keep *keep;
	uid_t uid; /* of the daemon: owns everything but volumes */
	gid_t gid;
	uint64_t unique; /* the kernel's number for the request at hand */
	/* private to tree.c */
	uint64_t
		poll_handle; /* the kernel's, of the request at hand; 0: none */
	uint64_t ticket; /* what the request at hand waits for; 0: none */
	uint32_t reload_id; /* likewise, where it is the configuration */
	/* private to handle.c */
	void *handles; /* root of a tsearch(3) tree */
	uint64_t last_fh;
	/* private to waiting.c */
	struct cds_list_head readers;  /* of events */
	struct cds_list_head checkers; /* who waits for an end */
	/* private to names.c */
	struct names *names;
};

/* What an inode number stands for, as of now. */
struct node {
	struct tree *tree;
	uint64_t ino;
	const struct dir_entry *entry; /* NULL: the object itself */
	/* those that its kind has, else NULL */
	struct volume *volume;
	struct group *group;
	struct path *path;
	struct slice *slice; /* KIND_PARTITION */
	enum opt opt;	     /* KIND_SETTING */
	struct discovery_disk disk; /* KIND_DISK */
};

enum node_type { NODE_FILE, NODE_EVENTS, NODE_DATA, NODE_DIR, NODE_LINK };

struct dir_entry {
	const char *name; /* NULL: dir.child names it */
	enum node_type type;
	enum ino_kind kind; /* NODE_DIR, NODE_DATA: what stands there */
	/*
	 * NODE_FILE. The text with its newline into out; 0 or -errno. NULL:
	 * write-only. Errors of out are the caller's to look at.
	 */
	int (*show)(const struct node *n, FILE *out);
	/*
	 * NODE_FILE. word is what was written without its newline. 0 when it
	 * has taken effect, -errno with the reason in e, or STORE_WAITS: it
	 * will when tree_reserved(tree->ticket) comes, if that is set; else
	 * tree_checked(n->path), or tree_reread(n->volume) if n has no path.
	 * NULL: read-only.
	 */
	int (*store)(const struct node *n, const char *word, struct errmsg *e);
	/*
	 * NODE_FILE, optional. What show() shows has to be asked for, each time
	 * that it is opened: STORE_WAITS, until tree_reserved(tree->ticket)
	 * comes; or -errno with the reason in e.
	 */
	int (*ask)(const struct node *n, struct errmsg *e);
	/* NODE_LINK. Where it leads. */
	void (*target)(const struct node *n, char *buf, size_t size);
};

enum { STORE_WAITS = 1 };

/* Which objects a node of the kind has, and must have to be there. */
enum scope {
	SCOPE_NONE,
	SCOPE_VOLUME,
	SCOPE_GROUP,
	SCOPE_PATH,
	SCOPE_OPTION,
	SCOPE_SLICE,
	SCOPE_DISK,
};

#define CHILD_NAME_SIZE (2 * NAME_SIZE) /* "VOLUME:PATH" */
#define LINK_SIZE (4 * NAME_SIZE)

struct child {
	char name[CHILD_NAME_SIZE];
	uint64_t ino;
	uint64_t shown; /* to programs, for ino; set by node_child() */
};

struct dir {
	enum scope self;	  /* of the directory */
	enum scope entries_scope; /* of what its table names */
	enum ino_kind parent;	  /* for ".." */
	const struct dir_entry *entries;
	size_t nentries;
	/*
	 * Optional. The i-th name (0..) beside those of the table; false past
	 * the end.
	 */
	bool (*child)(const struct node *dir, size_t i, struct child *ret);
};

/* By kind; .self of KIND_DATA and KIND_PARTITION are files, all others' are
 * directories. */
extern const struct dir dir_root, dir_by_wwid, dir_paths;
extern const struct dir dir_volume, dir_setting, dir_data;
extern const struct dir dir_groups, dir_group, dir_group_paths;
extern const struct dir dir_volume_paths, dir_path;
extern const struct dir dir_partitions, dir_partition;
extern const struct dir dir_reservation;
extern const struct dir dir_disk;

/* 0, or -ESTALE: what ino stood for is not there (any more). */
int node_resolve(struct tree *t, uint64_t ino, struct node *ret);
/* What kind of file ino is; only for numbers that the tables make. */
enum node_type node_type(uint64_t ino);
/* The inode number of name in dir; -ENOENT, -ENOTDIR. */
int node_lookup(const struct node *dir, const char *name, uint64_t *ret);
/* The inode number of n that stat(2) shows: for people and backups. */
uint64_t node_shown(const struct node *n);
/* The inode number of ".." in dir. */
uint64_t node_parent(const struct node *dir);
/* The i-th name of dir, tables first; false past the end. */
bool node_child(const struct node *dir, size_t i, struct child *ret);
/* Its name within its volume, "groups/1/state", into buf: for people. */
void node_name(const struct node *n, char *buf, size_t size);

#endif
