// SPDX-License-Identifier: MIT
/*
 * Holds on disk; see holdfile.h. The thread is started by the first text that
 * differs from what the file is known to say; of several texts that come while
 * it writes, the last one counts. What cannot be written (the disk is full, or
 * read-only for now) is tried again until it can, or something newer comes.
 */
#include "fs/holdfile.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/config.h"
#include "core/statefile.h"
#include "fs/log.h"

#define RETRY_SECONDS 1

struct holdfile {
	struct statefile file;
	pthread_mutex_t lock; /* protects the rest */
	pthread_cond_t more;
	char *pending; /* to be written; NULL: nothing */
	char *last;    /* handed in last */
	pthread_t thread;
	bool running;
	bool failing; /* the thread's: the last attempt has failed, and it said so */
	bool stop;
};

struct holdfile *holdfile_new(const char *dir)
{
	struct holdfile *h = calloc(1, sizeof(*h));
	pthread_condattr_t monotonic;

	if (!h)
		return NULL;
	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&h->more, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (statefile_init(&h->file, dir, "holds") < 0) {
		holdfile_free(h);
		return NULL;
	}
	return h;
}

void holdfile_load(struct holdfile *h,
		   void (*hold)(void *arg, const char *volume, const char *path),
		   void *arg)
{
	FILE *f = fopen(h->file.path, "re");
	char volume[VOLUME_KEY_SIZE], path[NAME_SIZE];
	char *line = NULL;
	size_t size = 0;

	if (!f) {
		if (errno != ENOENT)
			log_warn("%s: cannot be read: %s - paths that were offline take I/O",
				 h->file.path, strerror(errno));
		return;
	}
	while (getline(&line, &size, f) > 0)
		if (sscanf(line, "held %128s %127s", volume, path) == 2)
			hold(arg, volume, path);
	if (ferror(f))
		log_warn("%s: cannot be read to its end - paths that were offline may take I/O",
			 h->file.path);
	free(line);
	fclose(f);
}

/* Without the lock: this may wait for a device. 0 or -errno. */
static int write_text(struct holdfile *h, const char *text)
{
	struct errmsg e;
	int r = statefile_replace(&h->file, text, strlen(text), &e);

	if (r < 0 && !h->failing)
		log_warn("%s - tried again; until then a restart of the daemon will not know which paths are offline",
			 e.text);
	else if (r == 0 && h->failing)
		log_info("%s: is written again", h->file.path);
	h->failing = r < 0;
	return r;
}

/* Until there is something newer, or it is time to try again. */
static void pause_locked(struct holdfile *h)
{
	struct timespec then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_sec += RETRY_SECONDS;
	while (!h->pending && !h->stop &&
	       pthread_cond_timedwait(&h->more, &h->lock, &then) == 0)
		;
}

/* text could not be written: it is what is pending, or there is a newer one. */
static void retry_locked(struct holdfile *h, char *text)
{
	pause_locked(h);
	if (h->pending || h->stop)
		free(text);
	else
		h->pending = text;
}

static void *holdfile_main(void *arg)
{
	struct holdfile *h = arg;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		char *text = h->pending;
		int r;

		h->pending = NULL;
		if (!text && h->stop)
			break;
		if (!text) {
			pthread_cond_wait(&h->more, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		r = write_text(h, text);
		pthread_mutex_lock(&h->lock);
		if (r < 0)
			retry_locked(h, text);
		else
			free(text);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void start_locked(struct holdfile *h)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	h->running = pthread_create(&h->thread, NULL, holdfile_main, h) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void holdfile_save(struct holdfile *h, char *text)
{
	pthread_mutex_lock(&h->lock);
	if (strcmp(h->last ? h->last : "", text) == 0) {
		free(text);
	} else {
		free(h->last);
		free(h->pending);
		h->last = strdup(text);
		h->pending = text;
		if (!h->running)
			start_locked(h);
		pthread_cond_signal(&h->more);
	}
	pthread_mutex_unlock(&h->lock);
}

void holdfile_free(struct holdfile *h)
{
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	pthread_cond_signal(&h->more);
	pthread_mutex_unlock(&h->lock);
	if (h->running)
		pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h->pending);
	free(h->last);
	statefile_fini(&h->file);
	free(h);
}
