/* SPDX-License-Identifier: MIT */
/*
 * The contract of a prioritizer: how good is this path? Higher is better.
 */
#ifndef MPATHFS_CORE_PRIORITIZER_H
#define MPATHFS_CORE_PRIORITIZER_H

#include "core/base.h"
#include "core/errmsg.h"

struct device;
struct path_facts;

/* Nothing is known: left out of its group's mean. Not 0. */
enum { PRIO_UNDEF = -1 };

/* One question. */
struct prio_query {
	/* set by core; all of it stays until get() has returned */
	const struct device *dev; /* open; NULL: it is not (needs_device) */
	const char *dev_path;	  /* the name it is opened by */
	const struct path_facts *facts;
	const char *args;	  /* prio_args, as written */
	const char *root;	  /* stands before /sys and /dev: "" */
	int configured;		  /* of its `path =` line, 1 if none */
	uint64_t timeout;	  /* ns, for the whole of it */
	/* set by the prioritizer: "" or why it is undefined, for people */
	char message[96];
	/* and how the array sees the path; a constant, NULL: not asked */
	const char *access_state;
};

struct prioritizer_ops {
	const char *name;
	/* Required. >= 0, or PRIO_UNDEF. */
	int (*get)(struct prio_query *q);
	/*
	 * Optional (NULL: it looks at none, they may be another's). Are they
	 * good? Monitor, or whoever reads a configuration. 0 or -EINVAL with
	 * the reason in e.
	 */
	int (*check_args)(const char *args, struct errmsg *e);
	/* Optional (NULL: for none). Is it the one for such a device, whatever
	 * is configured? See choice.h. Never blocks. */
	bool (*match)(const struct path_facts *f);
	/* Optional (NULL: for all). Can it work on such a device? */
	bool (*fits)(const struct path_facts *f);
	/* Its priorities are those of ALUA's states: detect_pgpolicy. */
	bool alua;
	bool needs_device;
	/* get() does I/O or may block: a thread of the pool calls it. */
	bool blocks;
};

/* NULL-terminated table, made by fs/main.c. */
extern const struct prioritizer_ops *const prioritizer_table[];

/* NULL if there is none of that name. table ends with NULL. */
const struct prioritizer_ops *
prioritizer_find(const struct prioritizer_ops *const *table, const char *name);

/* check_args of the one of that name. */
int prioritizer_check(const struct prioritizer_ops *const *table,
		      const char *name, const char *args, struct errmsg *e);

#endif
