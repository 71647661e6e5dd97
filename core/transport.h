/* SPDX-License-Identifier: MIT */
/*
 * The timers of a path's transport and of its disk, which live in the kernel:
 * how long a lost port holds I/O, how long until its disks go, how often and
 * for how long a failed command is tried again (census 5.2). Core decides what
 * they are to be; hw/ knows where each is and in which order the kernel takes
 * them. They are written for each path of a volume when its device is there
 * and when the configuration or the volume has changed.
 */
#ifndef MPATHFS_CORE_TRANSPORT_H
#define MPATHFS_CORE_TRANSPORT_H

#include "core/base.h"

#include "core/config.h"

struct device;
struct monitor;
struct path;
struct volume;

/*
 * What the sections [protocol PROTOCOL] say. They hold for each path by its own
 * protocol, which is known when its device is open: the settings of its volume
 * are those of all of its paths.
 */
struct transport_rule {
	char protocol[24];
	enum opt o;
	int64_t num;
};

struct transport_rules {
	struct transport_rule v[64]; /* three options of each protocol */
	unsigned int n;
};

void transport_rules_of(const struct config *c, struct transport_rules *ret);
/* Events `difference` of what c would change of those in force. */
void transport_compare_rules(struct monitor *m, const struct config *c);

/* Seconds, but for max_retries. */
struct transport_timers {
	int64_t fast_io_fail; /* 0.., TMO_OFF */
	int64_t dev_loss;     /* 1..UINT32_MAX; 0: stays as it is */
	int64_t eh_deadline;  /* 0.., TMO_OFF, TMO_UNSET: stays */
	int64_t max_retries;  /* 0.., TMO_OFF, TMO_UNSET: stays */
	bool queue;	      /* I/O waits for a path without end */
	bool least;	      /* dev_loss: nobody set it, what is longer stays */
};

/* What came of writing them. */
struct transport_report {
	bool supported;	   /* it is a transport that has such timers */
	bool busy;	   /* the port is blocked just now: some are not written */
	bool capped;	   /* dev_loss is less, as fast_io_fail is not set */
	char protocol[24]; /* "scsi:fcp" */
	char refused[128]; /* "", or which was not taken and why */
};

/* Writes; on a thread of the pool, may block. *ret is zeroed before. Made by
 * fs/main.c; see monitor_params. */
extern void (*const transport_set)(const struct device *d,
				   const struct transport_timers *t,
				   struct transport_report *ret);

/* What was changed of what is configured, and why. */
struct transport_notes {
	bool raised;	     /* dev_loss, to cover no_path_retry */
	bool without_fast_io_fail; /* which is not less than dev_loss */
};

/*
 * By the settings, where no_path_retry is that many retries, NO_PATH_FAIL or
 * NO_PATH_QUEUE: dev_loss is at least as long as I/O waits for a path, with a
 * margin for late checks. Pure.
 */
void transport_resolve(const struct settings *s, int64_t no_path_retry,
		       struct transport_timers *ret,
		       struct transport_notes *notes);

/* Of a path. Private to transport.c. */
struct path_transport {
	bool told; /* the device that is open, these: */
	struct transport_timers timers;
};

/* p's device, its volume or the settings may be others: tells it what is new. */
void transport_configure_path(struct monitor *m, struct path *p);
void transport_configure(struct monitor *m, struct volume *v);
void transport_configure_all(struct monitor *m);
/* The device is another: it knows nothing yet. */
void transport_forget(struct path *p);

#endif
