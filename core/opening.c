// SPDX-License-Identifier: MIT
/* One thread for one close(2) and open(2); see opening.h. */
#include "core/opening.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "core/device.h"
#include "core/thread.h"

static void close_and_open(struct opening *o)
{
	if (o->old)
		device_close(o->old);
	o->old = NULL;
	if (o->dev_path &&
	    device_open(o->ops, o->dev_path, o->read_only, &o->dev, &o->why))
		o->dev = NULL;
	if (!o->dev)
		return;
	o->why.text[0] = '\0';
	if (!o->read_only)
		(void)!device_limit(o->dev, o->max_sectors_kb, &o->why);
	o->dev->facts = PATH_FACTS_NONE;
	if (o->identify)
		o->identify(o->dev, &o->dev->facts);
}

static void *opening_main(void *arg)
{
	struct opening *o = arg;

	close_and_open(o);
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
	o->ended_fd = eventfd(0, EFD_CLOEXEC);
	if (o->ended_fd < 0)
		return -EAGAIN;
	return thread_start(&o->thread, opening_main, o);
}

static int start(struct opening *o)
{
	if (!o->ops->at_once)
		return start_thread(o);
	o->joined = true;
	close_and_open(o);
	mailbox_post(o->mailbox, &o->mail);
	return 0;
}

static void release(struct opening *o)
{
	if (o->ended_fd >= 0)
		close(o->ended_fd);
	free(o->dev_path);
	free(o);
}

int opening_start(const struct opening_task *task, struct mailbox *mailbox,
		  void (*ended)(struct opening *o, void *owner),
		  struct opening **ret)
{
	struct opening *o = calloc(1, sizeof(*o));
	int r = -ENOMEM;

	if (!o)
		return -ENOMEM;
	o->ended_fd = -1;
	o->ops = task->ops;
	o->path = task->path;
	o->ctx = task->ctx;
	o->old = task->old;
	o->read_only = task->read_only;
	o->max_sectors_kb = task->max_sectors_kb;
	o->identify = task->identify;
	o->mailbox = mailbox;
	o->ended = ended;
	o->mail.deliver = deliver;
	if (task->dev_path)
		o->dev_path = strdup(task->dev_path);
	if (!task->dev_path || o->dev_path)
		r = start(o);
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
