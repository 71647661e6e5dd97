// SPDX-License-Identifier: MIT
/*
 * See listing.h. Disks are looked at by a child: a process that waits for a
 * device ends, even when it is killed, only when the device has answered, and
 * whoever asked what there is must not wait for that. The child says it all
 * through a pipe: one byte, SAID or REFUSED, and the text.
 */
#include "fs/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/discovery.h"
#include "core/disk.h"
#include "core/volume.h"
#include "fs/child.h"
#include "fs/chosen.h"
#include "fs/dryrun.h"
#include "fs/finding.h"
#include "fs/status.h"
#include "fs/worker.h"

/* How long a child may take to end that has said what it had to say. */
#define CHILD_END_MS 2000

enum { SAID = 'y', REFUSED = 'n' };

static void print_disk(FILE *f, const struct discovery_disk *it)
{
	char size[STATUS_SIZE_TEXT];

	status_size_text(it->disk->size, size);
	fprintf(f, "%s %u:%u %s%s%s\n  no path: %s\n", it->disk->name,
		major(it->disk->devt), minor(it->disk->devt), size,
		*it->wwid ? " " : "", it->wwid, it->reason);
	if (*it->remedy)
		fprintf(f, "  adopted by: %s\n", it->remedy);
}

static void print_disks(FILE *f, const struct discovery *d, bool any)
{
	struct discovery_disk it;
	size_t pos = 0;

	while (discovery_disk(d, &pos, &it)) {
		if (any)
			fputc('\n', f);
		any = true;
		print_disk(f, &it);
	}
}

/* Why paths are not checked and weighed as configured. */
static void print_chosen(FILE *f, const struct monitor *m,
			 const struct volume *const *v, size_t n)
{
	char prefix[NAME_SIZE + 2];

	for (size_t i = 0; i < n; i++) {
		snprintf(prefix, sizeof(prefix), "%s: ", v[i]->name);
		chosen_print(f, m, v[i], prefix);
	}
}

static int print_all(const struct dryrun *d, FILE *f)
{
	CLEANUP_FREE const struct volume **v = NULL;
	size_t n = 0;

	while (monitor_volume(d->monitor, (unsigned int)n))
		n++;
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		v[i] = monitor_volume(d->monitor, (unsigned int)i);
	status_print(f, v, n);
	print_chosen(f, d->monitor, v, n);
	print_disks(f, d->discovery, n > 0);
	return 0;
}

/* The child */

static int look(struct dryrun *d, const struct daemon *daemon,
		struct errmsg *none, struct errmsg *e)
{
	const struct finding_params p = {
		.daemon = daemon,
		.monitor = d->monitor,
	};
	uint64_t start = clock_now(), took;
	int r = finding_new(&p, &d->discovery, none);

	if (r)
		return errmsg_set(e, -r, "%s", strerror(-r));
	r = discovery_start(d->discovery, true, start, e);
	if (r)
		return r;
	finding_settle(d->discovery, d->monitor, FINDING_SETTLE_MS);
	took = (clock_now() - start) / NSEC_PER_MSEC;
	if (took < FINDING_SETTLE_MS)
		dryrun_settle(d, FINDING_SETTLE_MS - (unsigned int)took);
	return 0;
}

static void say(struct dryrun *d, int r, const struct errmsg *none,
		const struct errmsg *e, FILE *f)
{
	fputc(r ? REFUSED : SAID, f);
	if (r)
		fputs(e->text, f);
	else if (print_all(d, f))
		return; /* no memory: a text that does not end is none */
	if (*none->text)
		fprintf(stderr, "mpathfs: %s - no disks are found\n",
			none->text);
	fputc('\0', f);
}

/* Whoever reads what the command prints waits for all who could print more. */
static void let_go(FILE *f)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fclose(f);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

static int child(const struct daemon *daemon, int fd)
{
	struct errmsg none = {.text = ""}, e;
	FILE *f = fdopen(fd, "w");
	struct dryrun *d = NULL;
	int r;

	if (!f)
		return EXIT_FAILURE;
	r = dryrun_new(daemon, true, &d, &e);
	if (!r)
		r = look(d, daemon, &none, &e);
	say(d, r, &none, &e, f);
	let_go(f);
	/* With what hangs nothing can be freed, nor looked at. */
	if (d && !dryrun_end(d))
		_exit(EXIT_SUCCESS);
	return EXIT_SUCCESS;
}

/* The parent */

/* Everything up to the end of file, malloc'ed; NULL: no memory, or an error. */
static char *read_all(int fd, size_t *size)
{
	char *text = NULL, buf[4096];
	FILE *f = open_memstream(&text, size);
	ssize_t n;

	while (f && ((n = read(fd, buf, sizeof(buf))) > 0 ||
		     (n < 0 && errno == EINTR)))
		if (n > 0)
			fwrite(buf, 1, (size_t)n, f);
	if (f)
		fclose(f);
	return text;
}

/* One that hangs is left alone: it ends when its device answers. */
static int wait_child(pid_t pid)
{
	CLEANUP_CLOSE int fd = pidfd_open(pid, 0);
	struct pollfd p = {fd, POLLIN, 0};
	int status;

	if (fd >= 0 && poll(&p, 1, CHILD_END_MS) != 1)
		return 0;
	if (waitpid(pid, &status, 0) != pid || status == 0)
		return 0;
	return -ECHILD;
}

static int print(const char *text, size_t size, struct errmsg *e)
{
	if (size < 2 || text[size - 1])
		return errmsg_set(e, ECHILD,
				  "the look at the disks ended early");
	if (text[0] == REFUSED)
		return errmsg_set(e, EINVAL, "%s", text + 1);
	if (fputs(text + 1, stdout) < 0 || fflush(stdout) < 0)
		return errmsg_set(e, EIO, "stdout cannot be written to");
	return 0;
}

int listing_print(const struct daemon *d, struct errmsg *e)
{
	CLEANUP_FREE char *text = NULL;
	size_t size = 0;
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errmsg_set(e, errno, "pipe: %s", strerror(errno));
	pid = child_fork(&ends[1]);
	if (pid == 0)
		exit(child(d, ends[1]));
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return errmsg_set(e, -pid, "fork: %s", strerror(-pid));
	}
	text = read_all(ends[0], &size);
	close(ends[0]);
	r = print(text, text ? size : 0, e);
	if (wait_child(pid) && !r)
		r = errmsg_set(e, ECHILD, "the look at the disks ended badly");
	return r;
}
