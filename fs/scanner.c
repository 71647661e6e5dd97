// SPDX-License-Identifier: MIT
/* See scanner.h. A place for each child. Supervisor only, single-threaded. */
#include "fs/scanner.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fs/child.h"
#include "fs/log.h"
#include "fs/scan.h"

struct scanner {
	const char *mountpoint;
	struct child {
		pid_t pid; /* 0: none */
		char volume[NAME_SIZE];
		struct scan next; /* of that volume, when it has ended */
		int next_pipe;	  /* -1: no next */
	} child[SCANNER_CHILDREN];
};

struct scanner *scanner_new(const char *mountpoint)
{
	struct scanner *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->mountpoint = mountpoint;
	for (int i = 0; i < SCANNER_CHILDREN; i++)
		s->child[i].next_pipe = -1;
	return s;
}

static void drop_next(struct child *c)
{
	if (c->next_pipe >= 0)
		close(c->next_pipe);
	c->next_pipe = -1;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	for (int i = 0; i < SCANNER_CHILDREN; i++)
		drop_next(&s->child[i]);
	free(s);
}

/* That of the volume, else a free one; NULL: none is left. */
static struct child *find_child(struct scanner *s, const char *volume)
{
	struct child *c, *found = NULL;

	for (int i = 0; i < SCANNER_CHILDREN; i++) {
		c = &s->child[i];
		if (c->pid && !strcmp(c->volume, volume))
			return c;
		if (!c->pid)
			found = c;
	}
	return found;
}

static void start(struct scanner *s, struct child *c, const struct scan *what,
		  int pipe)
{
	pid_t pid = child_fork(&pipe);

	if (pid == 0)
		_exit(scan_child(s->mountpoint, what, pipe));
	close(pipe);
	if (pid < 0) {
		log_warn("%s: cannot fork to read its partition table: %s",
			 what->volume, strerror(-pid));
		return;
	}
	c->pid = pid;
	strcpy(c->volume, what->volume);
}

void scanner_start(struct scanner *s, const struct scan *what, int pipe)
{
	struct child *c = find_child(s, what->volume);

	if (!c) {
		close(pipe);
	} else if (c->pid) {
		drop_next(c);
		c->next = *what;
		c->next_pipe = pipe;
	} else {
		start(s, c, what, pipe);
	}
}

void scanner_kill(struct scanner *s)
{
	struct child *c;

	for (int i = 0; i < SCANNER_CHILDREN; i++) {
		c = &s->child[i];
		drop_next(c);
		if (c->pid)
			kill(c->pid, SIGKILL);
	}
}

bool scanner_reaped(struct scanner *s, pid_t pid)
{
	struct child *c;
	int pipe;

	for (int i = 0; i < SCANNER_CHILDREN; i++) {
		c = &s->child[i];
		if (c->pid != pid)
			continue;
		c->pid = 0;
		pipe = c->next_pipe;
		c->next_pipe = -1;
		if (pipe >= 0)
			start(s, c, &c->next, pipe);
		return true;
	}
	return false;
}
