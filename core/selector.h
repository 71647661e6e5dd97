/* SPDX-License-Identifier: MIT */
/*
 * The contract of a path selector: which path of a group the next I/O takes.
 *
 * A selector instance belongs to one group and one lane: only that lane calls
 * its operations once I/O runs, so an instance needs no lock and its lists may
 * be reordered at will ("the winner moves to the tail" rotates ties). What all
 * lanes must agree on, the load of a path, is in struct path_load: core counts
 * it, selectors only read it.
 *
 * Order of calls: create, add_path for every path of the group (the group's
 * order), then any of fail, reinstate, select, start_io, end_io. Every path is
 * valid when added. fail is called once when a path becomes unusable and
 * reinstate once when it is usable again; select returns valid paths only.
 * start_io follows a select that was acted upon; each start_io has one end_io,
 * which may come after fail, or while another group is the current one. (Only
 * when the group is replaced meanwhile it has none: the instance is gone then.)
 * None may block, allocate or take a lock; none but create and add_path may
 * read a file.
 *
 * Core allocates the instance's and every path's private state, zeroed, of the
 * sizes the ops declare, and frees it: a selector cannot leak.
 *
 * Algorithms: those of the kernel's dm path selectors of the same name.
 */
#ifndef MPATHFS_CORE_SELECTOR_H
#define MPATHFS_CORE_SELECTOR_H

#include <stdatomic.h>
#include <urcu/list.h>
#include "core/base.h"
#include "core/errmsg.h"

/*
 * What is in flight on a path, over all lanes and groups. Written by core with
 * relaxed atomic adds (each is a statistic: no other memory is ordered by it).
 * And how much of it the path is to have, in relation to the others; relaxed,
 * too: a lane may see it a moment later.
 */
struct path_load {
	_Atomic uint32_t ios;	 /* submitted and not completed */
	_Atomic uint64_t bytes;	 /* of those */
	_Atomic uint32_t weight; /* 1..SEL_WEIGHT_MAX; 0: nobody has said */
};

enum { SEL_WEIGHT_MAX = 100 };

/* One path as one selector instance sees it. */
struct sel_path {
	/* set by core */
	const struct path_load *load;
	unsigned int index; /* position in the group, 0.. */
	int priority;
	void *priv; /* path_size bytes, zeroed; NULL if 0 */
	/* private to the selector: its list of valid or failed paths */
	struct cds_list_head link;
};

/* One instance: one group on one lane. */
struct selector {
	const struct selector_ops *ops;
	/* private to the selector, set up by sel_lists_init() */
	struct cds_list_head valid;
	struct cds_list_head failed;
	unsigned int nr_valid;
	void *priv; /* state_size bytes, zeroed; NULL if 0 */
};

struct selector_ops {
	const char *name;
	size_t state_size;
	size_t path_size;

	/*
	 * Required. argc words follow the name and count of "NAME N ARGS".
	 * Monitor, before any I/O. 0 or -EINVAL with the reason in e. The words
	 * stay readable during the add_path that follow, no longer.
	 */
	int (*create)(struct selector *s, int argc, const char *const *argv,
		      struct errmsg *e);
	/* Required. argv: the path's own arguments, today always none. */
	int (*add_path)(struct selector *s, struct sel_path *p, int argc,
			const char *const *argv, struct errmsg *e);
	/* Required. p is valid now / is failed now. Lane. */
	void (*fail)(struct selector *s, struct sel_path *p);
	void (*reinstate)(struct selector *s, struct sel_path *p);
	/*
	 * Required. The path for an I/O of that many bytes at off, in bytes
	 * (flush: 0 and 0); now: monotonic ns. NULL only if no path is valid.
	 * Lane, once per I/O: the fast path.
	 */
	struct sel_path *(*select)(struct selector *s, uint64_t off,
				   size_t bytes, uint64_t now);
	/* Optional (NULL: nothing to do). Lane. start: the start_io's now. */
	void (*start_io)(struct selector *s, struct sel_path *p, size_t bytes,
			 uint64_t now);
	void (*end_io)(struct selector *s, struct sel_path *p, size_t bytes,
		       uint64_t start, uint64_t now);
	/*
	 * Required. The status words, as `dmsetup status` shows them: of the
	 * instance when p is NULL, else of the path, into buf (always
	 * terminated). Any thread that may read the instance; reads only
	 * atomics and constants.
	 */
	void (*status)(const struct selector *s, const struct sel_path *p,
		       char *buf, size_t size);
};

/* The list handling every selector needs; core/selector.c. */
void sel_lists_init(struct selector *s);
void sel_add(struct selector *s, struct sel_path *p); /* to valid's tail */
void sel_fail(struct selector *s, struct sel_path *p);
void sel_reinstate_head(struct selector *s, struct sel_path *p);
void sel_reinstate_tail(struct selector *s, struct sel_path *p);
/* Moves a winner to the tail of the valid list, so that ties rotate. */
void sel_rotate(struct selector *s, struct sel_path *p);

/*
 * Reads a word as a decimal number 0..max: digits only, no sign, no blank.
 * -EINVAL if it is anything else; *ret is untouched then.
 */
int sel_arg_uint(const char *word, unsigned int max, unsigned int *ret);

/*
 * The checks that the arguments of the dm selectors have in common: at most
 * max words; a first word, if any, that is a repeat count. The count is the
 * dm table's and has had no effect there for long: any is taken, each I/O
 * is a choice of its own. -EINVAL with the reason in e.
 */
int sel_check_argc(const struct selector *s, int argc, int max,
		   struct errmsg *e);
int sel_check_repeat_count(const struct selector *s, int argc,
			   const char *const *argv, struct errmsg *e);

/*
 * create and add_path of a selector without state: no arguments, and at most
 * a repeat count for each path.
 */
int sel_create_plain(struct selector *s, int argc, const char *const *argv,
		     struct errmsg *e);
int sel_add_path_plain(struct selector *s, struct sel_path *p, int argc,
		       const char *const *argv, struct errmsg *e);

/* NULL-terminated table, made by fs/main.c of selectors/selectors.h. */
extern const struct selector_ops *const selector_table[];

/*
 * Finds "NAME N ARGS..." in table and checks the number of words. On success
 * *ret is the selector and *argc, argv (at most max words, pointing into buf,
 * a copy of text of at least OPT_TEXT_SIZE bytes) its arguments. -EINVAL with
 * the reason in e.
 */
int selector_parse(const struct selector_ops *const *table, const char *text,
		   char *buf, size_t size, const struct selector_ops **ret,
		   int *argc, const char **argv, int max, struct errmsg *e);

/* create() on a scratch instance: are text's name and arguments good? */
int selector_check(const struct selector_ops *const *table, const char *text,
		   struct errmsg *e);

#endif
