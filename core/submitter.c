// SPDX-License-Identifier: MIT
/* A device's submitter thread; see submitter.h. A queue, oldest first. */
#include "core/submitter.h"

#include <errno.h>

#include "core/engine.h"
#include "core/thread.h"

void submitter_init(struct submitter *s)
{
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	CDS_INIT_LIST_HEAD(&s->queue);
	s->running = false;
	s->stop = false;
}

static struct io *take_locked(struct submitter *s)
{
	struct io *io;

	while (cds_list_empty(&s->queue) && !s->stop)
		pthread_cond_wait(&s->more, &s->lock);
	if (s->stop)
		return NULL;
	io = cds_list_first_entry(&s->queue, struct io, link);
	cds_list_del_init(&io->link);
	return io;
}

static void *submitter_main(void *arg)
{
	struct submitter *s = arg;
	struct io *io;

	pthread_mutex_lock(&s->lock);
	while ((io = take_locked(s))) {
		void (*run)(struct io *) = s->run;

		pthread_mutex_unlock(&s->lock);
		run(io);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int start_locked(struct submitter *s)
{
	s->running = thread_start(&s->thread, submitter_main, s) == 0;
	return s->running ? 0 : -EAGAIN;
}

int submitter_add(struct submitter *s, struct io *io, void (*run)(struct io *))
{
	int r = 0;

	pthread_mutex_lock(&s->lock);
	assert(!s->stop);
	s->run = run;
	if (!s->running)
		r = start_locked(s);
	if (!r) {
		cds_list_add_tail(&io->link, &s->queue);
		pthread_cond_signal(&s->more);
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

bool submitter_recall(struct submitter *s, struct io *io)
{
	struct io *it;
	bool found = false;

	pthread_mutex_lock(&s->lock);
	cds_list_for_each_entry(it, &s->queue, link) {
		if (it != io)
			continue;
		cds_list_del_init(&io->link);
		found = true;
		break;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

void submitter_fini(struct submitter *s)
{
	bool running;

	pthread_mutex_lock(&s->lock);
	assert(cds_list_empty(&s->queue));
	s->stop = true;
	running = s->running;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
	if (running)
		pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->more);
	pthread_mutex_destroy(&s->lock);
}
