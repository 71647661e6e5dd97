// SPDX-License-Identifier: MIT
/*
 * Holds on disk; see holdfile.h. The thread is started by the first text that
 * differs from what the file is known to say; of several texts that come while
 * it writes, the last one counts.
 */
#include "fs/holdfile.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/statefile.h"
#include "fs/log.h"

struct holdfile {
	struct statefile file;
	pthread_mutex_t lock; /* protects the rest */
	pthread_cond_t more;
	char *pending; /* to be written; NULL: nothing */
	char *last;    /* handed in last */
	pthread_t thread;
	bool running;
	bool stop;
};

struct holdfile *holdfile_new(const char *dir)
{
	struct holdfile *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
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

	if (!f)
		return;
	while (getline(&line, &size, f) > 0)
		if (sscanf(line, "held %128s %127s", volume, path) == 2)
			hold(arg, volume, path);
	free(line);
	fclose(f);
}

static void *holdfile_main(void *arg)
{
	struct holdfile *h = arg;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		char *text = h->pending;
		struct errmsg e;
		int r;

		h->pending = NULL;
		if (!text && h->stop)
			break;
		if (!text) {
			pthread_cond_wait(&h->more, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		r = statefile_replace(&h->file, text, strlen(text), &e);
		free(text);
		if (r < 0)
			log_warn("%s - a restart of the daemon will not know which paths are offline",
				 e.text);
		pthread_mutex_lock(&h->lock);
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
