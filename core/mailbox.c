// SPDX-License-Identifier: MIT
/*
 * A Treiber stack whose owner takes all of it with one exchange and turns the
 * order round: no ABA, since nodes are never popped one by one.
 */
#include "core/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

int mailbox_init(struct mailbox *b, void *owner)
{
	atomic_init(&b->head, NULL);
	atomic_init(&b->poked, false);
	b->owner = owner;
	b->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return b->fd < 0 ? -errno : 0;
}

void mailbox_fini(struct mailbox *b)
{
	assert(!atomic_load(&b->head));
	close(b->fd);
	b->fd = -1;
}

static void wake(struct mailbox *b)
{
	uint64_t one = 1;
	ssize_t n;

	/* Fails only when the counter is full: the owner is awake anyway. */
	do
		n = write(b->fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void mailbox_poke(struct mailbox *b)
{
	atomic_store_explicit(&b->poked, true, memory_order_release);
	wake(b);
}

void mailbox_post(struct mailbox *b, struct mail *m)
{
	struct mail *old = atomic_load_explicit(&b->head, memory_order_relaxed);

	assert(m->deliver);
	do
		m->next = old;
	while (!atomic_compare_exchange_weak_explicit(&b->head, &old, m,
						      memory_order_release,
						      memory_order_relaxed));
	/* Only the first of a batch must wake: the owner takes all. */
	if (!old)
		wake(b);
}

unsigned int mailbox_deliver(struct mailbox *b)
{
	struct mail *m, *next, *fifo = NULL;
	unsigned int n = 0;

	if (!atomic_load_explicit(&b->head, memory_order_relaxed))
		return 0;
	m = atomic_exchange_explicit(&b->head, NULL, memory_order_acquire);
	for (; m; m = next) {
		next = m->next;
		m->next = fifo;
		fifo = m;
	}
	for (m = fifo; m; m = next, n++) {
		next = m->next;
		m->deliver(m, b->owner);
	}
	return n;
}

void mailbox_wait(struct mailbox *b)
{
	struct pollfd p = { .fd = b->fd, .events = POLLIN };

	poll(&p, 1, -1);
	mailbox_clear(b);
}

void mailbox_clear(struct mailbox *b)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(b->fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
}
