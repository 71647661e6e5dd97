// SPDX-License-Identifier: MIT
/*
 * The supervisor; see supervisor.h.
 *
 * One loop over poll(2): a signalfd, the socket pair to the worker and, while
 * there is no worker, the mount (does it still exist?). It keeps descriptors of
 * every channel, so that requests outlive the worker that had read them.
 *
 *   RUNNING   a worker serves, or the next one is due at start_at
 *   STOPPING  a first SIGTERM: a child unmounts; the worker goes on serving,
 *             as the kernel writes back what is dirty, until the mount is gone
 *   KILLING   a second one: the worker is being reaped, no other follows
 *
 * The worker is started again only after waitpid(2) has returned the old one:
 * not before its I/O has ended, so nothing of it can land later.
 *
 * Nothing that may wait for the mount is done here, only in children.
 */
#include "fs/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/config.h"
#include "fs/child.h"
#include "fs/daemonconf.h"
#include "fs/fixsize.h"
#include "fs/harden.h"
#include "fs/keep.h"
#include "fs/log.h"
#include "fs/mount.h"
#include "fs/mountpoint.h"
#include "fs/report.h"
#include "fs/restart.h"
#include "fs/scan.h"
#include "fs/scanner.h"
#include "fs/worker.h"

#define NEVER UINT64_MAX
/* Workers that may die over a configuration before it is given up. */
#define RELOAD_TRIES 2

enum phase { RUNNING, STOPPING, KILLING };

struct supervisor {
	struct daemon *d;
	int ready_fd; /* -1: nobody waits for it any more */
	int sig_fd;
	enum phase phase;
	pid_t unmounter; /* the child that unmounts; 0: none */
	bool detached;	 /* or unmounted: not at its place any more */
	struct fixsize *fixsize;
	struct scanner *scanner;
	bool over; /* the loop ends, with this exit code */
	int exit_code;
	/* the worker */
	pid_t worker;	   /* 0: none */
	int sock;	   /* -1: none */
	bool ready;	   /* it said so */
	uint64_t born;	   /* when it was forked */
	uint64_t start_at; /* when the next one is due; NEVER: not at all */
	unsigned int generation; /* of the next one */
	unsigned int reloads;	 /* asked for, and not heard to have ended */
	unsigned int reload_tries; /* workers that were told */
	struct restart restart;
	/* what follows a WORD_TRUNCATE or WORD_SCAN, as far as it has come */
	char line[SCAN_WORDS];
	size_t line_len;
	char line_word; /* 0: none has begun */
	int line_fd;	/* that came with it; -1: none */
	int new_fd;	/* that came with a line yet to be looked at; likewise */
};

static_assert(SCAN_WORDS > FIXSIZE_NAME, "a line holds either");

static const int own_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

static void own_sigset(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(own_signals); i++)
		sigaddset(set, own_signals[i]);
}

void supervisor_block_signals(void)
{
	sigset_t set;

	/* Ignored by whoever started us (nohup), they would never arrive. */
	for (size_t i = 0; i < ARRAY_SIZE(own_signals); i++)
		signal(own_signals[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	own_sigset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void end_with(struct supervisor *s, int exit_code)
{
	s->over = true;
	s->exit_code = exit_code;
}

static void tell_worker(struct supervisor *s, enum worker_word word)
{
	char c = (char)word;

	/* A worker that is dying loses it; the next is told what matters. */
	if (s->sock >= 0 && send(s->sock, &c, 1, MSG_NOSIGNAL) < 0 &&
	    errno != EPIPE && errno != ECONNRESET)
		log_warn("the worker cannot be told '%c': %s", c,
			 strerror(errno));
}

static void take_ready(struct supervisor *s)
{
	s->ready = true;
	if (s->generation == 1)
		log_info("%s: mounted", s->d->mount->mountpoint);
	log_info("worker %d serves", (int)s->worker);
	if (s->ready_fd < 0)
		return;
	/* Whoever started the daemon may be gone already. */
	(void)!write(s->ready_fd, "", 1);
	close(s->ready_fd);
	s->ready_fd = -1;
	log_starter_gone();
}

/* The worker runs with what the files say: so shall the next one. */
static void take_config(struct supervisor *s)
{
	struct daemon *d = s->d;
	struct config_errors errs = {0};
	struct config *c;

	if (config_load(d->config_file, d->config_dir, d->registry, &c,
			&errs) == 0) {
		config_free(d->config);
		d->config = c;
		daemonconf_apply(d);
	} else {
		/* Changed again since the worker has read them. */
		log_warn("%s - another worker would begin with the "
			 "configuration of before",
			 errs.n ? errs.v[0].text : d->config_file);
	}
	config_errors_free(&errs);
}

static void drop_line(struct supervisor *s)
{
	s->line_word = 0;
	if (s->line_fd >= 0)
		close(s->line_fd);
	s->line_fd = -1;
}

/* Once the mount is not at its place, a path below leads to something else. */
static void take_line(struct supervisor *s)
{
	struct scan what;

	if (s->phase != RUNNING)
		return;
	if (s->line_word == WORD_TRUNCATE) {
		if (fixsize_add(s->fixsize, s->line) < 0)
			log_warn("%s: its size cannot be mended: out of memory",
				 s->line);
	} else if (s->line_fd >= 0 && scan_parse(s->line, &what) == 0) {
		scanner_start(s->scanner, &what, s->line_fd);
		s->line_fd = -1;
	}
}

static void take_byte(struct supervisor *s, char c)
{
	if (s->line_word) {
		if (c == '\n') {
			s->line[s->line_len] = '\0';
			take_line(s);
			drop_line(s);
		} else if (s->line_len < sizeof(s->line) - 1) {
			s->line[s->line_len++] = c;
		}
		return;
	}
	switch (c) {
	case WORD_READY:
		take_ready(s);
		break;
	case WORD_RELOADED:
		take_config(s);
		break;
	case WORD_RELOAD_ENDED:
		if (s->reloads > 0)
			s->reloads--;
		break;
	case WORD_SCAN:
		s->line_fd = s->new_fd;
		s->new_fd = -1;
		/* fall through */
	case WORD_TRUNCATE:
		s->line_word = c;
		s->line_len = 0;
		break;
	default:
		log_warn("the worker says '%c', which means nothing", c);
	}
}

/*
 * recv(2), and the descriptor that came along: one at most, as the kernel ends
 * a read behind what was sent with one.
 */
static ssize_t receive(struct supervisor *s, char *buf, size_t size)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {buf, size};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->sock, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&s->new_fd, CMSG_DATA(c), sizeof(s->new_fd));
	return n;
}

static void take_words(struct supervisor *s)
{
	char buf[512];
	ssize_t n;

	while (s->sock >= 0 && (n = receive(s, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			take_byte(s, buf[i]);
	}
	/* The end of it; SIGCHLD says what has become of the worker. */
	if (s->sock >= 0)
		close(s->sock);
	s->sock = -1;
	drop_line(s);
}

/* In the child. Signals are for the supervisor: a ^C reaches both. */
static int be_worker(struct supervisor *s, int sock)
{
	struct keep_info *info = keep_info(s->d->keep);
	sigset_t set;

	close(s->sock);
	close(s->sig_fd);
	if (s->ready_fd >= 0)
		close(s->ready_fd);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	own_sigset(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	atomic_store(&info->worker_pid, getpid());
	atomic_store(&info->worker_start_ns, clock_now());
	return worker_run(s->d, sock, s->generation);
}

static int fork_worker(struct supervisor *s)
{
	int pair[2];
	pid_t pid;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	s->sock = pair[0];
	fflush(NULL); /* or the child says it once more */
	pid = fork();
	if (pid == 0)
		exit(be_worker(s, pair[1]));
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r < 0) {
		close(s->sock);
		s->sock = -1;
		return r;
	}
	s->worker = pid;
	fcntl(s->sock, F_SETFL, O_NONBLOCK);
	return 0;
}

/* What a worker was told and has died with, perhaps because of it. */
static void repeat_reload(struct supervisor *s)
{
	if (s->reloads && s->reload_tries == RELOAD_TRIES) {
		log_error("%d workers died while the configuration was to be read again - the one of before stays",
			  RELOAD_TRIES);
		s->reloads = 0;
	}
	if (!s->reloads)
		return;
	s->reloads = 1;
	s->reload_tries++;
	tell_worker(s, WORD_RELOAD);
}

static void start_worker(struct supervisor *s)
{
	uint64_t now = clock_now();
	int r = fork_worker(s);

	if (r < 0) {
		log_error("no worker can be forked: %s - %s", strerror(-r),
			  s->generation ? "tried again in a second, I/O waits"
					: "gives up");
		s->start_at = now + NSEC_PER_SEC;
		if (s->generation == 0)
			end_with(s, EXIT_FAILURE);
		return;
	}
	s->ready = false;
	s->born = now;
	s->start_at = NEVER;
	s->generation++;
	if (s->phase == STOPPING)
		tell_worker(s, WORD_STOP);
	repeat_reload(s);
}

static void plan_restart(struct supervisor *s, int status)
{
	struct keep_info *info = keep_info(s->d->keep);
	bool was_slow = s->restart.pause_ms > 0;
	struct restart_death death = {.now = clock_now(), .ready = s->ready};
	struct report_death report = {
		.pid = s->worker,
		.status = status,
		.restarts = s->generation,
	};

	death.lived = death.now - s->born;
	death.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	report.delay_ms = restart_after(&s->restart, &death);
	report.slowed = report.delay_ms > 0 && !was_slow;
	s->start_at = death.now + report.delay_ms * NSEC_PER_MSEC;
	atomic_store(&info->last_exit, status);
	atomic_store(&info->restarts, s->generation);
	atomic_store(&info->restart_delay_ms, report.delay_ms);
	report_death(s->d->keep, &report);
}

static void worker_ended(struct supervisor *s, int status)
{
	bool exited = WIFEXITED(status);

	take_words(s);
	scanner_kill(s->scanner);
	atomic_store(&keep_info(s->d->keep)->worker_pid, 0);
	if (s->phase == KILLING) {
		end_with(s, EXIT_SUCCESS);
	} else if (exited && WEXITSTATUS(status) == WORKER_UNMOUNTED) {
		end_with(s, EXIT_SUCCESS);
	} else if (mount_is_gone(s->d->mount)) {
		log_warn("worker %d died while the mount went away",
			 (int)s->worker);
		end_with(s, EXIT_SUCCESS);
	} else if (exited && WEXITSTATUS(status) == WORKER_CANNOT_START &&
		   s->generation == 1) {
		end_with(s, EXIT_FAILURE); /* it has said why */
	} else if (!s->d->mount->can_resend) {
		log_error("worker %d died, and this kernel cannot hand its "
			  "requests to another (Linux 6.9 can) - they fail, "
			  "the mount ends",
			  (int)s->worker);
		end_with(s, EXIT_FAILURE);
	} else {
		plan_restart(s, status);
	}
	s->worker = 0;
}

/* In a child; the exit code is for unmounter_ended(). */
static int unmount(const char *mountpoint, dev_t dev)
{
	struct errmsg e;
	int r = mountpoint_leave(mountpoint, dev, &e);

	if (r < 0)
		log_error("%s - it stays", e.text);
	return r < 0 ? 2 : r;
}

static void start_unmounter(struct supervisor *s)
{
	s->unmounter = child_fork(NULL);
	if (s->unmounter == 0)
		_exit(unmount(s->d->mount->mountpoint,
			      s->d->mount->dev));
	if (s->unmounter < 0) {
		log_error("cannot fork to unmount: %s - unmount it by hand",
			  strerror(-s->unmounter));
		s->unmounter = 0;
	}
}

static void unmounter_ended(struct supervisor *s, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 2;

	s->unmounter = 0;
	s->detached = code != 2;
	if (code == 1)
		log_warn("%s: in use - detached, and served until the last "
			 "user closes it; another SIGTERM ends that",
			 s->d->mount->mountpoint);
}

static void stop(struct supervisor *s)
{
	if (s->phase == RUNNING) {
		log_info("%s: stopping", s->d->mount->mountpoint);
		s->phase = STOPPING;
		tell_worker(s, WORD_STOP);
		scanner_kill(s->scanner);
		start_unmounter(s);
	} else if (s->phase == STOPPING) {
		log_warn("%s: stopping at once - what is open fails",
			 s->d->mount->mountpoint);
		s->phase = KILLING;
		if (s->worker)
			kill(s->worker, SIGKILL);
		else
			end_with(s, EXIT_SUCCESS);
	}
}

/* No worker: the next one is told. */
static void reload(struct supervisor *s)
{
	s->reloads++;
	s->reload_tries = s->worker ? 1 : 0;
	if (s->worker)
		tell_worker(s, WORD_RELOAD);
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->worker)
			worker_ended(s, status);
		else if (pid == s->unmounter)
			unmounter_ended(s, status);
		else if (!scanner_reaped(s->scanner, pid))
			fixsize_reaped(s->fixsize, pid);
	}
}

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->sig_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (info.ssi_signo == SIGHUP)
			reload(s);
		else
			stop(s);
	}
}

/* Until the next worker is due, in ms for poll(2). */
static int time_left(const struct supervisor *s)
{
	uint64_t now = clock_now();

	if (s->worker || s->start_at == NEVER)
		return -1;
	if (s->start_at <= now)
		return 0;
	return (int)((s->start_at - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
}

static void loop_once(struct supervisor *s)
{
	struct pollfd p[] = {
		{.fd = s->sig_fd, .events = POLLIN},
		{.fd = s->sock, .events = POLLIN},
		/* POLLERR: the mount is gone; the worker sees it by itself. */
		{.fd = s->worker ? -1 : s->d->mount->channel[0]},
	};

	if (poll(p, ARRAY_SIZE(p), time_left(s)) < 0 && errno != EINTR) {
		log_error("poll: %s", strerror(errno));
		end_with(s, EXIT_FAILURE);
		return;
	}
	if (p[1].revents)
		take_words(s);
	take_signals(s);
	if (s->over || s->worker)
		return;
	if (mount_is_gone(s->d->mount))
		end_with(s, EXIT_SUCCESS);
	else if (time_left(s) == 0)
		start_worker(s);
}

/*
 * Lets go of the channels, which fails what is still open, and leaves nothing
 * mounted that is ours. The mount answers no one any more: this cannot hang.
 */
static void finish(struct supervisor *s)
{
	const char *mountpoint = s->d->mount->mountpoint;
	bool unmounted = s->detached || mount_is_gone(s->d->mount);

	mount_close(s->d->mount);
	if (!unmounted && !s->unmounter) {
		s->unmounter = child_fork(NULL);
		if (s->unmounter == 0)
			_exit(unmount(mountpoint, s->d->mount->dev));
	}
	if (s->unmounter > 0)
		waitpid(s->unmounter, NULL, 0);
	log_info("%s: ended", mountpoint);
	fixsize_free(s->fixsize);
	scanner_free(s->scanner);
	close(s->sig_fd);
	if (s->sock >= 0)
		close(s->sock);
	if (s->ready_fd >= 0)
		close(s->ready_fd);
}

int supervisor_run(struct daemon *d, int ready_fd)
{
	struct keep_info *info = keep_info(d->keep);
	struct supervisor s = {
		.d = d,
		.ready_fd = ready_fd,
		.sock = -1,
		.line_fd = -1,
		.new_fd = -1,
		.exit_code = EXIT_FAILURE,
	};
	sigset_t set;

	own_sigset(&set);
	s.sig_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	s.fixsize = fixsize_new(d->mount->mountpoint);
	s.scanner = scanner_new(d->mount->mountpoint);
	if (s.sig_fd < 0 || !s.fixsize || !s.scanner) {
		log_error("cannot supervise: %s", strerror(errno));
		s.over = true;
	}
	atomic_store(&info->supervisor_pid, getpid());
	atomic_store(&info->start_realtime_ns, clock_realtime());
	process_harden(false); /* the first worker tells of refusals */
	report_kernel(d->mount);
	while (!s.over)
		loop_once(&s);
	finish(&s);
	return s.exit_code;
}
