/* SPDX-License-Identifier: MIT */
/*
 * The contract of a path checker: is this path well?
 *
 * All operations run on the monitor and never block: a checker that does I/O
 * submits it through the engine it is given and answers CHECK_PENDING until
 * the result is there. One instance a path; core allocates its priv_size
 * bytes, zeroed, and keeps them until nothing of the checker's is in flight.
 */
#ifndef MPATHFS_CORE_CHECKER_H
#define MPATHFS_CORE_CHECKER_H

#include "core/base.h"

struct device;
struct engine;

/* Census 4.1; shown as checker_state_text() says. */
enum check_state {
	CHECK_UNCHECKED, /* nothing known: neither side of the state changes */
	CHECK_UP,
	CHECK_GHOST, /* passive, usable after activation */
	CHECK_DOWN,
	CHECK_PENDING, /* running: the old state is kept */
	CHECK_TIMEOUT, /* counts as down */
};

struct checker {
	const struct checker_ops *ops;
	/* set by core before each start */
	struct device *dev;
	struct engine *engine;
	uint64_t timeout; /* ns */
	void *priv;
	/* set by the checker with each result: "" or what it found */
	char message[96];
};

struct checker_ops {
	const char *name;
	size_t priv_size;
	/* Required. Begins a check, or ends it at once. */
	enum check_state (*start)(struct checker *c, uint64_t now);
	/*
	 * Optional (NULL: start never answers CHECK_PENDING). The result of
	 * the check that runs, CHECK_PENDING while it does, CHECK_TIMEOUT from
	 * c->timeout after its start on.
	 */
	enum check_state (*collect)(struct checker *c, uint64_t now);
	/*
	 * Optional (NULL: never). Is something in flight whose memory is
	 * ours? Then neither priv nor the device may go yet, and start() is
	 * not called either: the check stands at CHECK_TIMEOUT meanwhile.
	 */
	bool (*busy)(const struct checker *c);
};

/* "ready", "faulty", "ghost", "i/o pending", "i/o timeout", "undef". */
const char *check_state_text(enum check_state s);

/* NULL-terminated table, made by fs/main.c. */
extern const struct checker_ops *const checker_table[];

/* NULL if there is none of that name. */
const struct checker_ops *checker_find(const struct checker_ops *const *table,
				       const char *name);

#endif
