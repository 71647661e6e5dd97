/* SPDX-License-Identifier: MIT */
/* What reservation.c, operation.c and reserve_send.c share; nobody else. */
#ifndef MPATHFS_CORE_RESERVATION_PRIVATE_H
#define MPATHFS_CORE_RESERVATION_PRIVATE_H

#include "core/reservation.h"

/*
 *   WAITS -> STORES -> RUNS -> STORES_AFTER -> the end
 *
 * A key of the file of keys is there before it is registered anywhere, so that
 * no path can come up without it after a crash; it goes when the registration
 * has.
 */
enum operation_stage { WAITS, STORES, RUNS, STORES_AFTER };

struct operation {
	struct cds_list_head link;
	struct volume *v;
	struct reserve r;
	struct path **paths;	  /* of r's targets; NULL: has gone */
	char (*names)[NAME_SIZE]; /* theirs */
	uint64_t ticket;	  /* 0: nobody's but ours */
	struct prkey key;	  /* to register */
	enum operation_stage stage;
	bool pumping;
	struct keybook_query store;
};

/* operation.c */
/* At the end of v's queue; NULL: no memory. */
struct operation *operation_new(struct monitor *m, struct volume *v,
				enum reserve_op op, uint64_t ticket);
/* Is one of that kind in v's queue, and has not begun? */
struct operation *operation_waiting(struct volume *v, enum reserve_op op);
/* Drops all of v's: who asked is told ENODEV. */
void operations_drop(struct monitor *m, struct volume *v);
/* p is taken out. */
void operation_drop_path(struct volume *v, const struct path *p);
void operations_init(struct volume *v);
/* What was sent to a target has come back. */
void reservation_answered(struct monitor *m, struct operation *op,
			  unsigned int target, enum reserve_verdict v,
			  struct reserve_request *q, const char *message);

/* reservation.c */
/* Is p one for that operation? */
bool reservation_wants(const struct path *p, const struct reserve *r);
/* A key that some path that is up may have, and must not; 0: none. */
uint64_t reservation_stale(const struct volume *v);
/* It has ended: does what follows for the volume and its paths. */
void reservation_ended(struct monitor *m, struct operation *op);
/* Its key is in the file of keys. */
bool reservation_by_file(const struct volume *v);

#endif
