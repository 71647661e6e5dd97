// SPDX-License-Identifier: MIT
/* One thread for one open(2); see opening.h. */
#include "core/opening.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#include "core/device.h"

static void *opening_main(void *arg)
{
	struct opening *o = arg;

	if (device_open(o->dev_path, o->read_only, &o->dev, &o->why))
		o->dev = NULL;
	eventfd_write(o->ended_fd, 1);
	mailbox_post(o->mailbox, &o->mail);
	return NULL;
}

static void deliver(struct mail *m, void *owner)
{
	struct opening *o = container_of(m, struct opening, mail);

	if (!o->joined)
		pthread_join(o->thread, NULL); /* it is past its last word */
	o->joined = true;
	o->ended(o, owner);
}

static int start_thread(struct opening *o)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&o->thread, NULL, opening_main, o);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

static void release(struct opening *o)
{
	if (o->ended_fd >= 0)
		close(o->ended_fd);
	free(o->dev_path);
	free(o);
}

int opening_start(const char *dev_path, bool read_only, struct path *path,
		  struct mailbox *mailbox,
		  void (*ended)(struct opening *o, void *owner),
		  struct opening **ret)
{
	struct opening *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	o->path = path;
	o->mailbox = mailbox;
	o->ended = ended;
	o->read_only = read_only;
	o->mail.deliver = deliver;
	o->dev_path = strdup(dev_path);
	o->ended_fd = eventfd(0, EFD_CLOEXEC);
	r = o->dev_path && o->ended_fd >= 0 ? start_thread(o) : -ENOMEM;
	if (r) {
		release(o);
		return r;
	}
	*ret = o;
	return 0;
}

bool opening_wait(struct opening *o, unsigned int ms)
{
	struct pollfd p = { .fd = o->ended_fd, .events = POLLIN };

	if (!o->joined && poll(&p, 1, (int)ms) == 1) {
		pthread_join(o->thread, NULL);
		o->joined = true;
	}
	return o->joined;
}

void opening_free(struct opening *o)
{
	assert(o->joined);
	if (o->dev)
		device_close(o->dev);
	release(o);
}
