/* SPDX-License-Identifier: MIT */
/*
 * The contract of a path checker: is this path well?
 *
 * Core decides when, and how long to wait for the answer: past c->timeout the
 * check has failed with CHECK_TIMEOUT, and what is still out is late. It may
 * end when it likes, its answer counts for nothing, and until then no other
 * check of that path is begun and the device and priv stay.
 *
 * A checker that does I/O through an engine has start(); one whose commands
 * block has run(), which gets a thread of the pool. One instance a path; core
 * allocates its priv_size bytes, zeroed.
 */
#ifndef MPATHFS_CORE_CHECKER_H
#define MPATHFS_CORE_CHECKER_H

#include "core/base.h"

struct device;
struct engine;
struct path_facts;

/* Census 4.1; shown as check_state_text() says. */
enum check_state {
	CHECK_UNCHECKED, /* nothing known: neither side of the state changes */
	CHECK_UP,
	CHECK_GHOST, /* passive, usable after activation */
	CHECK_DOWN,
	CHECK_PENDING, /* changing just now: the old state is kept */
	CHECK_TIMEOUT, /* counts as down */
	CHECK_DISCONNECTED, /* the array has no such LUN here; kept as down */
};

static inline bool check_is_good(enum check_state s)
{
	return s == CHECK_UP || s == CHECK_GHOST;
}

struct checker {
	const struct checker_ops *ops;
	/* set by core before each check */
	struct device *dev;
	struct engine *engine;
	uint64_t timeout; /* ns */
	void *priv;
	void *shared;
	/* set by the checker with each answer: "" or what it found */
	char message[96];
	/* and how the array sees the path; a constant, NULL: not asked */
	const char *access_state;
};

/* When a checker is taken for a device by itself: bits. See choice.h. */
enum checker_match {
	CHECKER_BY_DEFAULT = 1, /* where `auto` is configured */
	CHECKER_DETECTED = 2,	/* whatever is, with detect_checker */
};

struct checker_ops {
	const char *name;
	/* Optional (NULL: never). enum checker_match, or 0. Never blocks. */
	unsigned int (*match)(const struct path_facts *f);
	size_t priv_size;
	/*
	 * What the checkers of a volume's paths share: core allocates so many
	 * bytes, zeroed, for the first of them; they are there until the last
	 * has gone. Several of them run at once.
	 */
	size_t shared_size;
	/*
	 * CHECK_UP means that the device itself has just been read. Where it
	 * does not, core reads a block before it takes a path back that has
	 * failed on I/O.
	 */
	bool reads;
	/*
	 * This, or run. On the monitor, never blocks. The answer; or
	 * CHECK_PENDING: I/O was submitted (core flushes), and checker_ended()
	 * will bring it.
	 */
	enum check_state (*start)(struct checker *c);
	/*
	 * On a thread of the pool; may block. The answer. c is a copy, for this
	 * call only; nobody else touches priv meanwhile.
	 */
	enum check_state (*run)(struct checker *c);
};

/*
 * For start(): what it began has ended, s is the answer. On the monitor, once,
 * not from within start(). The device may go when it returns, and so may priv.
 */
void checker_ended(struct checker *c, enum check_state s);

/*
 * What the kernel says of a device, before anything is sent to it: CHECK_UP,
 * let the checker ask; anything else is the verdict, and the checker is not
 * asked. message is "", or what it found. Reads attributes, never blocks. See
 * monitor_params; made by fs/main.c.
 */
extern enum check_state (*const device_state)(const struct device *d,
					      char *message, size_t size);

/*
 * "ready", "faulty", "ghost", "i/o pending", "i/o timeout", "undef",
 * "disconnected".
 */
const char *check_state_text(enum check_state s);

/*
 * What ops->shared_size asks for: NULL, no memory; one user more, returns it;
 * one less (NULL: nothing), the last frees it. Monitor.
 */
void *checker_shared_new(size_t size);
void *checker_shared_get(void *shared);
void checker_shared_put(void *shared);

/* NULL-terminated table, made by fs/main.c. */
extern const struct checker_ops *const checker_table[];

/* NULL if there is none of that name. */
const struct checker_ops *checker_find(const struct checker_ops *const *table,
				       const char *name);

#endif
