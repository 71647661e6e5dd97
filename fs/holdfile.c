// SPDX-License-Identifier: MIT
/*
 * Holds on disk; see holdfile.h. The thread is started by the first text that
 * differs from what the file is known to say; of several texts that come while
 * it writes, the last one counts.
 */
#include "fs/holdfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "fs/log.h"

struct holdfile {
	char *file;
	char *temporary;
	char *dir;
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
	h->dir = strdup(dir);
	if (asprintf(&h->file, "%s/holds", dir) < 0)
		h->file = NULL;
	if (asprintf(&h->temporary, "%s/holds.new", dir) < 0)
		h->temporary = NULL;
	if (!h->dir || !h->file || !h->temporary) {
		holdfile_free(h);
		return NULL;
	}
	return h;
}

void holdfile_load(struct holdfile *h,
		   void (*hold)(void *arg, const char *volume, const char *path),
		   void *arg)
{
	FILE *f = fopen(h->file, "re");
	char volume[NAME_SIZE], path[NAME_SIZE];
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return;
	while (getline(&line, &size, f) > 0)
		if (sscanf(line, "held %127s %127s", volume, path) == 2)
			hold(arg, volume, path);
	free(line);
	fclose(f);
}

static int sync_dir(const char *dir)
{
	CLEANUP_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) ? -errno : 0;
}

static int write_text(const struct holdfile *h, const char *text)
{
	FILE *f = fopen(h->temporary, "we");
	int r = 0;

	if (!f)
		return -errno;
	if (fputs(text, f) < 0 || fflush(f) || fsync(fileno(f)))
		r = -errno;
	if (fclose(f) && !r)
		r = -errno;
	if (!r && rename(h->temporary, h->file))
		r = -errno;
	return r ? r : sync_dir(h->dir);
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
		free(text);
		if (r)
			log_warn("%s: %s - a restart of the daemon will not know which paths are offline",
				 h->file, strerror(-r));
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
	free(h->temporary);
	free(h->file);
	free(h->dir);
	free(h);
}
