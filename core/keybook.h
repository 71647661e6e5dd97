/* SPDX-License-Identifier: MIT */
/*
 * The file of reservation keys (core/prkeys.h), asked and told without waiting:
 * as jobs on the monitor's pool, one at a time, as the file may lie on a disk
 * that hangs. Whoever waits longer than 30 s is told that it does.
 *
 * The monitor's thread.
 */
#ifndef MPATHFS_CORE_KEYBOOK_H
#define MPATHFS_CORE_KEYBOOK_H

#include <urcu/list.h>
#include "core/base.h"
#include "core/config.h"
#include "core/errmsg.h"
#include "core/prkeys.h"

struct keybook;
struct monitor;

/* A question, or a change. Whoever embeds it owns it again when it has ended.
 */
struct keybook_query {
	/* set by the caller */
	char wwid[OPT_TEXT_SIZE];
	bool set;	  /* that becomes its key; else what is it? */
	struct prkey key; /* also the answer */
	void (*ended)(struct keybook_query *q, struct monitor *m);
	/* set by the keybook */
	struct errmsg why; /* "": well */
	/* private to keybook.c */
	struct cds_list_head link;
	bool waits;
};

/* dir: the state directory, which need not exist. NULL: no memory. */
struct keybook *keybook_new(struct monitor *m, const char *dir);
/* Nothing is out. NULL: nothing. */
void keybook_free(struct keybook *b);
/* Is a job out? NULL: none. */
bool keybook_busy(const struct keybook *b);
/* ended() is not called before it has returned. */
void keybook_ask(struct keybook *b, struct keybook_query *q);
/* It is for nobody; ended() will not be called. Does nothing if it is over. */
void keybook_forget(struct keybook *b, struct keybook_query *q);

#endif
