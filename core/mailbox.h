/* SPDX-License-Identifier: MIT */
/*
 * Messages from any thread to one: an intrusive stack that senders push onto
 * and the owner takes whole, with an eventfd that wakes the owner.
 *
 * Never on the fast path of an I/O; what goes through here is rare. A mail is
 * embedded in what it is about, so that sending cannot fail.
 *
 * Memory: what the sender wrote before mailbox_post() is seen by the owner's
 * callback (release on push, acquire on take).
 */
#ifndef MPATHFS_CORE_MAILBOX_H
#define MPATHFS_CORE_MAILBOX_H

#include <stdatomic.h>
#include "core/base.h"

struct mail {
	/* set by the sender: called on the owner's thread, may free the mail */
	void (*deliver)(struct mail *m, void *owner);
	/* private to mailbox.c */
	struct mail *next;
};

struct mailbox {
	_Atomic(struct mail *) head;
	_Atomic bool poked;
	int fd; /* eventfd, readable when there is mail or a poke */
	void *owner; /* passed to deliver */
};

int mailbox_init(struct mailbox *b, void *owner);
void mailbox_fini(struct mailbox *b);

/* Any thread. The mail is the owner's until delivered. */
void mailbox_post(struct mailbox *b, struct mail *m);
/*
 * Tells the owner to look again at what it waits for, without a message. What
 * the poker published before is seen by an owner that takes the poke.
 */
void mailbox_poke(struct mailbox *b);
/* Owner: was there a poke since the last call? */
static inline bool mailbox_take_poke(struct mailbox *b)
{
	return atomic_load_explicit(&b->poked, memory_order_relaxed) &&
	       atomic_exchange_explicit(&b->poked, false, memory_order_acquire);
}
/*
 * Owner: delivers everything posted, in the order of posting; returns how
 * many. Does not touch the eventfd, so that it may be called freely.
 */
unsigned int mailbox_deliver(struct mailbox *b);
/* Owner: sleeps until there is mail or a poke. */
void mailbox_wait(struct mailbox *b);
/* Owner: after poll said the eventfd is readable. */
void mailbox_clear(struct mailbox *b);

#endif
