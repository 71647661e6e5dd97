/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing devices on a thread of its own, since open(2) and
 * close(2) may hang on a device that is dead, and the monitor must not. Devices
 * whose ops never block are opened and closed at once; that it has ended comes
 * by mail all the same.
 */
#ifndef MPATHFS_CORE_OPENING_H
#define MPATHFS_CORE_OPENING_H

#include <pthread.h>
#include "core/base.h"
#include "core/errmsg.h"
#include "core/mailbox.h"

struct device;
struct device_ops;
struct path;
struct path_facts;

/* What is to be done. */
struct opening_task {
	const struct device_ops *ops; /* where dev_path is opened */
	struct device *old;   /* closed first; NULL: none */
	const char *dev_path; /* opened then; NULL: nothing. Copied. */
	bool read_only;
	uint32_t max_sectors_kb; /* 0: as it is */
	/* What fills in facts of what was opened; NULL: nothing is known. */
	void (*identify)(const struct device *d, struct path_facts *ret);
	struct path *path; /* for whom; NULL: nobody, */
	void *ctx;	   /* the caller's */
};

struct opening {
	struct path *path; /* the caller sets it NULL when p goes */
	void *ctx;	   /* of the task */
	/* the result, after opening_wait() or in the mail */
	struct device *dev; /* NULL: failed; the taker sets it NULL */
	struct errmsg why;  /* it has failed; "" and if not, a limit could not
			     * be set */
	/* private to opening.c */
	struct mail mail;
	void (*ended)(struct opening *o, void *owner);
	struct mailbox *mailbox;
	const struct device_ops *ops;
	struct device *old;
	char *dev_path;
	void (*identify)(const struct device *d, struct path_facts *ret);
	bool read_only;
	uint32_t max_sectors_kb;
	bool joined;
	int ended_fd; /* readable when the thread is at its end; -1: none */
	pthread_t thread;
};

/*
 * Begins. ended(o, owner of mailbox) is called on the mailbox's thread in any
 * case, once, also after opening_wait(); it must end with opening_free().
 * -ENOMEM or -EAGAIN: nothing has begun.
 */
int opening_start(const struct opening_task *task, struct mailbox *mailbox,
		  void (*ended)(struct opening *o, void *owner),
		  struct opening **ret) MUST_CHECK;
/* Waits, ms at most. True: it has ended. */
bool opening_wait(struct opening *o, unsigned int ms);
/* Closes a device that nobody took. Only from ended(). */
void opening_free(struct opening *o);

#endif
