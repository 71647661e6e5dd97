/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a volume without a single disk (census 6.5, Loss of paths):
 * flush_on_last_del and deferred_remove. A pure function.
 */
#ifndef MPATHFS_CORE_LASTDEL_H
#define MPATHFS_CORE_LASTDEL_H

#include "core/config.h"

struct lastdel_situation {
	enum flush_on_last_del flush;
	bool deferred; /* deferred_remove */
	bool open;     /* a file of it is */
	bool was_open; /* one has been, since the last disk went */
	bool queueing; /* I/O waits for a path */
};

enum lastdel_action {
	LASTDEL_STAY,
	LASTDEL_FAIL, /* it stays, and what waits fails */
	LASTDEL_GO,
};

enum lastdel_action lastdel_decide(const struct lastdel_situation *s);

#endif
