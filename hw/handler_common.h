/* SPDX-License-Identifier: MIT */
/*
 * What the hardware handlers have in common: how failures become answers, how
 * they wait, and the kernel's own handler underneath. Any thread.
 */
#ifndef MPATHFS_HW_HANDLER_COMMON_H
#define MPATHFS_HW_HANDLER_COMMON_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/handler.h"
#include "hw/scsi.h"

/* How long an array may take to change a group's state; SPC's largest number,
 * where it does not say itself. */
#define HANDLER_TRANSITION (255 * NSEC_PER_SEC)
/* The timeout of its commands (census 3.2 to 3.4). */
#define HANDLER_PATIENCE (60 * NSEC_PER_SEC)

/* A kind of array: how its vendor and its product begin. */
struct handler_array {
	const char *vendor, *product;
};
bool handler_is_one(const struct path_facts *f,
		    const struct handler_array *arrays, size_t n);

int handler_timeout(const struct activate_request *r);

/*
 * ACTIVATE_WAIT, with pauses that grow to 2 s; ACTIVATE_IO once that has gone
 * on for `patience`. what: for whoever waits with us.
 */
enum activate_result handler_wait(struct activate_request *r,
				  uint64_t patience, const char *what);

/*
 * After a command, which r has sent or not (error): is it to be sent again
 * because a unit attention was in its way, or as it was aborted? At most *left
 * times. What handlers send may be done twice.
 */
bool handler_again(int error, const struct scsi_answer *a,
		   unsigned int *left);

/* What its sense means to a command that has failed. */
struct sense_rule {
	unsigned int sense; /* as SENSE() */
	bool any;	    /* the key alone counts */
	enum activate_result result;
	const char *why; /* for people; NULL: the sense says it */
};

/*
 * A command, `what`, has failed: it was not sent (error, e), or a is not good.
 * The answer by the rules, the first that fits; ACTIVATE_IO, as after no sense,
 * if none does. r->message says it.
 */
enum activate_result handler_failed(struct activate_request *r,
				    const char *what, int error,
				    const struct errmsg *e,
				    const struct scsi_answer *a,
				    const struct sense_rule *rules, size_t n);

/* INQUIRY of a VPD page, of which *got bytes have come, or of the standard data;
 * what does not come is 0. */
enum activate_result handler_page(struct activate_request *r, uint8_t page,
				  void *buf, size_t size, size_t *got);
/* ACTIVATE_IO: fewer bytes of that page have come than it takes to tell. */
enum activate_result handler_cut_short(struct activate_request *r,
				       uint8_t page);
enum activate_result handler_inquiry(struct activate_request *r, void *buf,
				     size_t size);

/*
 * Activates through the kernel's device handler where the disk has one, with
 * `own` where it has not; see handler_kernel.c. name: of the handler that was
 * asked for.
 */
enum activate_result
handler_through_kernel(struct activate_request *r, const char *name,
		       enum activate_result (*own)(struct activate_request *r));

#endif
