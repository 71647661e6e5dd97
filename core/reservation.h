/* SPDX-License-Identifier: MIT */
/*
 * The persistent reservation of a volume: is it registered, with which key, and
 * on which paths; and the operations of operators, one after the other. What an
 * operation does is core/reserve.h's.
 *
 * While the volume is registered a path that is not takes no I/O: a path that
 * comes up is registered first. Until that is done it is as if it were not
 * there; if there is no other, I/O is held.
 *
 * All of it is the monitor's; nothing waits.
 */
#ifndef MPATHFS_CORE_RESERVATION_H
#define MPATHFS_CORE_RESERVATION_H

#include <urcu/list.h>
#include "core/base.h"
#include "core/config.h"
#include "core/errmsg.h"
#include "core/keybook.h"
#include "core/reserve.h"
#include "core/timer.h"

struct monitor;
struct operation;
struct path;
struct reserve_job;
struct volume;

/* A volume's; in volume_run. */
struct reservation {
	/* for who looks */
	uint64_t key; /* registered with that; 0: not registered */
	bool aptpl;
	struct reserve_seen seen; /* by the last look */
	/* private to reservation.c and reservation_begin.c */
	bool unknown;		/* nobody knows yet whether it is registered */
	struct prkey candidate; /* with that, if it is */
	char setting[OPT_TEXT_SIZE]; /* reservation_key, as it is in force */
	bool later; /* which is another than what is being asked for */
	struct keybook_query asked;  /* which key, where that is `file` */
	struct cds_list_head queue;  /* operations; the first one runs */
	struct timer kick;	     /* the first is to begin */
	struct timer drain;	     /* is all I/O back? */
	uint64_t drain_until;
	bool hold; /* I/O is held for the operation that runs */
	bool told; /* why the key is not known; once is enough */
};

/* A path's. */
struct path_reserve {
	bool in;    /* it is registered */
	bool out;   /* it is not, and cannot be for now: it is no use */
	bool tried; /* what it needs has been tried in vain: not before its next
		     * good check */
	bool fenced;	 /* no I/O before `stale` is gone */
	uint64_t stale;	 /* it may have that key, and must not; 0: none */
	uint64_t looked; /* ns: when that was last in doubt */
	struct reserve_job *job; /* see reserve_send.h; NULL: none yet */
};

/*
 * An operator's word for op, as its file takes it. 0: it is under way, and
 * monitor_front.reserved will tell its end, not before this has returned;
 * *ticket is what it is told by. Or -errno with the reason in e.
 */
int reservation_ask(struct monitor *m, struct volume *v, enum reserve_op op,
		    const char *words, uint64_t now, uint64_t *ticket,
		    struct errmsg *e) MUST_CHECK;
/* Who is registered, who has reserved it: as above; then it is in v's
 * reservation. */
int reservation_look(struct monitor *m, struct volume *v, uint64_t now,
		     uint64_t *ticket, struct errmsg *e) MUST_CHECK;
const struct reservation *volume_reservation(const struct volume *v);

/* A new volume. */
void reservation_init(struct volume *v);
/* Its settings may be others now. */
void reservation_configure(struct monitor *m, struct volume *v);
/* In the course of settling: which paths may take I/O? */
void reservation_step(struct monitor *m, struct volume *v);
/* Active, not held, and its device is open: it can be asked. */
bool reservation_is_up(const struct path *p);
/* Must I/O wait? After the paths have been offered. */
bool reservation_holds(const struct volume *v);
/* May p not take I/O for now? */
bool reservation_bars(const struct path *p);
/* p's checker calls it good. */
void reservation_path_good(struct path *p);
/* I/O on p has met a reservation conflict. */
void reservation_conflict(struct monitor *m, struct path *p);
/* What is to outlive the worker, as monitor_front.kept_registered has it;
 * false: nothing. */
bool reservation_kept(const struct volume *v, char *buf, size_t size);
/* p is taken out; so is all of v, for good. */
void reservation_drop_path(struct path *p);
void reservation_end(struct monitor *m, struct volume *v);
/* Nothing is out: frees what it has. */
void reservation_fini(struct volume *v);

#endif
