/* SPDX-License-Identifier: MIT */
/*
 * The contract of a hardware handler: how a path of an array with active and
 * passive controllers is made ready for I/O.
 *
 * An activation is one call, or several: a handler that has to wait for the
 * array says so and is called again, so that no thread sleeps meanwhile and
 * the time is core's to give.
 */
#ifndef MPATHFS_CORE_HANDLER_H
#define MPATHFS_CORE_HANDLER_H

#include "core/base.h"

struct device;
struct path_facts;

/* What came of an activation; what follows from it: census 1.3. */
enum activate_result {
	ACTIVATE_OK,
	ACTIVATE_NOSYS,		   /* this device knows no such thing */
	ACTIVATE_TEMP_BUSY,	   /* this controller cannot now: another group */
	ACTIVATE_RETRY,		   /* again, after a while */
	ACTIVATE_IMM_RETRY,	   /* again, at once */
	ACTIVATE_RES_TEMP_UNAVAIL, /* likewise */
	ACTIVATE_OFFLINED,	   /* the path is dead */
	ACTIVATE_IO,		   /* anything else went wrong */
	/* Under way: call again after request.again. Counts as no try. */
	ACTIVATE_WAIT,
};

/* One activation. */
struct activate_request {
	/* set by core before each call */
	struct device *dev; /* stays open until activate() has returned */
	const char *args;   /* words after the handler's name, or "" */
	const char *root;   /* stands before /sys: "" but in tests */
	uint64_t timeout;   /* ns, for one command */
	uint64_t now;	    /* ns, monotonic */
	bool retain; /* retain_attached_hw_handler: the kernel's goes first */
	/* the handler's own, from call to call; 0 in the first */
	uint64_t since;  /* now of the call that began to wait */
	uint64_t ticket; /* what it waits for, or what it has done */
	/* likewise, also from one activation of the path to the next */
	uint32_t memo;
	/* set by the handler */
	uint64_t again;	  /* ns, with ACTIVATE_WAIT */
	char message[96]; /* "" or what it found, for people */
};

/* How the array serves a LUN on a path. */
struct path_access {
	const char *state; /* as the kernel's access_state: "standby", ... */
	bool usable;	   /* for I/O, as it is */
	bool preferred;	   /* the array would rather have it here */
};

struct handler_ops {
	const char *name;
	/* Optional (NULL: for none). Is it for that device? Never blocks. */
	bool (*match)(const struct path_facts *f);
	/*
	 * Optional (NULL: nothing to do, groups are ready at once). Makes the
	 * path ready. On a thread of the pool; may block. Activations of the
	 * paths of one group run side by side.
	 */
	enum activate_result (*activate)(struct activate_request *r);
	/*
	 * Optional. Asks the array, changes nothing. ACTIVATE_OK: *ret is
	 * filled in; else why not, as activate() says it. May block.
	 */
	enum activate_result (*access)(struct activate_request *r,
				       struct path_access *ret);
	/* The least that one of its commands is given; 0: any time will do. */
	uint64_t patience; /* ns */
	/* One that may take longer by its nature is given that, and so is the
	 * call; 0: there is none. */
	uint64_t longest; /* ns */
	/* activate() does no I/O, never blocks, and answers no ACTIVATE_WAIT:
	 * called by the monitor. */
	bool at_once;
};

/* Those of fs/main.c; ends with NULL. */
extern const struct handler_ops *const handler_table[];

/* "ok", "busy", "retry", ... */
const char *activate_result_text(enum activate_result r);

/* NULL if there is none of that name. table ends with NULL. */
const struct handler_ops *handler_find(const struct handler_ops *const *table,
				       const char *name);

/* The first that is for that device; NULL: none. */
const struct handler_ops *handler_match(const struct handler_ops *const *table,
					const struct path_facts *f);

#endif
