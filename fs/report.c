// SPDX-License-Identifier: MIT
/* Messages of the supervisor; see report.h. No state. */
#include "fs/report.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/number.h"
#include "fs/keep.h"
#include "fs/log.h"
#include "fs/mount.h"
#include "fs/restart.h"

static struct json_object *new_event(const struct keep *k, const char *name)
{
	struct json_object *o = json_object_new_object();
	char now[CLOCK_TEXT_SIZE];

	clock_text(clock_realtime(), now);
	json_object_object_add(o, "time", json_object_new_string(now));
	json_object_object_add(o, "pos",
			       json_object_new_uint64(keep_event_head(k)));
	json_object_object_add(o, "event", json_object_new_string(name));
	return o;
}

static void append_event(struct keep *k, struct json_object *o,
			 const struct report_death *d)
{
	const char *line;

	json_object_object_add(o, "restarts",
			       json_object_new_int64(d->restarts));
	json_object_object_add(o, "delay_ms",
			       json_object_new_int64(d->delay_ms));
	line = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	if (!line || keep_event_append(k, line) < 0)
		log_warn("an event is lost: out of memory");
	json_object_put(o);
}

void report_death(struct keep *k, const struct report_death *d)
{
	struct json_object *o = new_event(k, "worker-died");
	bool by_signal = WIFSIGNALED(d->status);
	char when[24] = "at once";
	int how = by_signal ? WTERMSIG(d->status) : WEXITSTATUS(d->status);

	json_object_object_add(o, by_signal ? "signal" : "exit",
			       json_object_new_int(how));
	append_event(k, o, d);
	if (d->delay_ms)
		snprintf(when, sizeof(when), "in %u ms", d->delay_ms);
	log_error("worker %d died (%s %d) - its requests wait for the next "
		  "one, which starts %s",
		  (int)d->pid, by_signal ? "signal" : "exit code", how, when);
	if (!d->slowed)
		return;
	append_event(k, new_event(k, "worker-restart-slowed"), d);
	log_error("%d workers died within %d s - from now on each restart is "
		  "delayed (0.3 s to %d s) until a worker lives for %d s; all "
		  "I/O waits meanwhile",
		  RESTART_DEATHS, (int)(RESTART_WINDOW / NSEC_PER_SEC),
		  RESTART_PAUSE_MAX_MS / 1000,
		  (int)(RESTART_CALM / NSEC_PER_SEC));
}

static void report_timeout(const char *file)
{
	CLEANUP_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	int64_t s;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return; /* an older kernel has no such limit */
	text[strcspn(text, "\n")] = '\0';
	if (number_parse(text, 10, 1, UINT32_MAX, &s) == 0)
		log_warn("%s is %d: the kernel aborts the whole mount when a "
			 "request waits for longer than so many seconds, as "
			 "it may without a path; set it to 0",
			 file, (int)s);
}

void report_kernel(const struct mount *m)
{
	if (!m->can_resend)
		log_warn("this kernel knows no FUSE_NOTIFY_RESEND (Linux 6.9 "
			 "does): a crash of the worker ends the mount, and "
			 "what is open then fails");
	report_timeout("/proc/sys/fs/fuse/default_request_timeout");
	report_timeout("/proc/sys/fs/fuse/max_request_timeout");
}
