// SPDX-License-Identifier: MIT
/*
 * Cutting a failing plan short: leave out a run of items, see whether it still
 * fails, keep them out if so; long runs first, then halves, down to single
 * items, until nothing can go any more. It must be the same rule that is
 * broken.
 */
#include "tests/sim/shrink.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/sim/sim.h"

static struct outcome *shared(void)
{
	static struct outcome *o;

	if (o)
		return o;
	o = mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (o == MAP_FAILED)
		abort();
	return o;
}

/* The assertion's words would come once for each try. */
static void silence(void)
{
	int fd = open("/dev/null", O_WRONLY);

	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

static _Noreturn void run_child(struct plan *p, const bool *masked, bool say,
				struct outcome *o)
{
	struct sim *s = sim_new();

	if (!s)
		_exit(2);
	if (say)
		s->logging = true;
	else
		silence();
	s->follow = say;
	o->good = sim_run(s, p, masked);
	snprintf(o->why, sizeof(o->why), "%s", s->why);
	o->kind = s->kind;
	o->ended = true;
	fflush(stdout);
	_exit(0);
}

bool shrink_try(struct plan *p, const bool *masked, bool say,
		struct outcome *ret)
{
	struct outcome *o = shared();
	int status = 0;
	pid_t pid;

	memset(o, 0, sizeof(*o));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid)
		run_child(p, masked, say, o);
	waitpid(pid, &status, 0);
	if (!o->ended)
		snprintf(o->why, sizeof(o->why), "it died: %s",
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
					     : "a sanitizer, or no memory");
	*ret = *o;
	return o->ended && o->good;
}

/* Leaves out n of the items that are left, from the from-th on. */
static bool leave_out(struct plan *p, bool *masked, const char *kind,
		      unsigned int from, unsigned int n)
{
	CLEANUP_FREE bool *more = malloc(p->nitems);
	unsigned int seen = 0, out = 0;
	struct outcome o;

	if (!more)
		abort();
	memcpy(more, masked, p->nitems);
	for (unsigned int i = 0; i < p->nitems && out < n; i++) {
		uint32_t id = p->item[i].id;

		if (masked[id] || seen++ < from)
			continue;
		more[id] = true;
		out++;
	}
	if (!out || shrink_try(p, more, false, &o) || o.kind != kind)
		return false;
	memcpy(masked, more, p->nitems);
	return true;
}

static unsigned int left(const struct plan *p, const bool *masked)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->nitems; i++)
		n += !masked[i];
	return n;
}

void shrink_plan(struct plan *p, bool *masked, const char *kind)
{
	bool progress = true;

	while (progress) {
		progress = false;
		for (unsigned int n = left(p, masked) / 2; n; n /= 2) {
			unsigned int from = 0;

			while (from < left(p, masked)) {
				if (leave_out(p, masked, kind, from, n))
					progress = true;
				else
					from += n;
			}
		}
	}
}
