// SPDX-License-Identifier: MIT
/* Watching interrupted processes; see interrupt.h. A list: there are few. */
#include "fs/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <urcu/list.h>

#include "fs/channel.h"
#include "fs/slot.h"

#define LOOK_EVERY (200 * NSEC_PER_MSEC)

struct watched {
	struct cds_list_head link;
	unsigned int channel;
	const struct slot *slot;
	uint64_t unique;
	uint32_t pid;
};

struct interrupts {
	struct channel *const *channels;
	struct cds_list_head list;
	uint64_t next; /* when to look */
};

struct interrupts *interrupts_new(struct channel *const *channels)
{
	struct interrupts *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->channels = channels;
	CDS_INIT_LIST_HEAD(&i->list);
	i->next = UINT64_MAX;
	return i;
}

static void drop(struct watched *w)
{
	cds_list_del(&w->link);
	free(w);
}

void interrupts_free(struct interrupts *i)
{
	struct watched *w, *next;

	cds_list_for_each_entry_safe(w, next, &i->list, link)
		drop(w);
	free(i);
}

void interrupts_add(struct interrupts *i, const struct lane_report *r)
{
	struct watched *w = calloc(1, sizeof(*w));

	if (!w)
		return; /* it stays unkillable, as it was */
	w->channel = r->channel;
	w->slot = r->slot;
	w->unique = r->unique;
	w->pid = r->pid;
	cds_list_add_tail(&w->link, &i->list);
	i->next = 0;
}

/* "SigPnd:\t0000000000000100": bit N - 1 is signal N. */
static bool mask_has_kill(const char *status, const char *key)
{
	const char *p = strstr(status, key);

	return p && (strtoull(p + strlen(key), NULL, 16) >> (SIGKILL - 1) & 1);
}

bool interrupt_kill_pending(const char *status)
{
	return mask_has_kill(status, "\nSigPnd:") ||
	       mask_has_kill(status, "\nShdPnd:");
}

/*
 * A process that is not there any more is as good as killed. Of one that cannot
 * be looked at nothing is known, and its I/O must not fail for a signal that
 * may be a timer's: one without a number in our name space (0), one that /proc
 * hides from us, or any while no descriptor is free.
 */
bool interrupt_killed(uint32_t pid)
{
	char file[64], text[4096];
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;

	if (!pid)
		return false;
	snprintf(file, sizeof(file), "/proc/%u/status", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return kill((pid_t)pid, 0) < 0 && errno == ESRCH;
	text[n] = '\0';
	return interrupt_kill_pending(text);
}

static bool has_ended(const struct watched *w)
{
	return atomic_load_explicit(&w->slot->live, memory_order_acquire) !=
	       w->unique;
}

uint64_t interrupts_run(struct interrupts *i, uint64_t now)
{
	struct watched *w, *next;

	if (now < i->next)
		return i->next;
	cds_list_for_each_entry_safe(w, next, &i->list, link) {
		if (has_ended(w))
			drop(w);
		else if (interrupt_killed(w->pid) &&
			 channel_kill(i->channels[w->channel], w->unique) == 0)
			drop(w);
	}
	i->next = cds_list_empty(&i->list) ? UINT64_MAX : now + LOOK_EVERY;
	return i->next;
}
