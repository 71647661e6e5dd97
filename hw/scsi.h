/* SPDX-License-Identifier: MIT */
/* One SCSI command to a disk, by SG_IO; libsgutils2 is behind it. */
#ifndef MPATHFS_HW_SCSI_H
#define MPATHFS_HW_SCSI_H

#include "core/base.h"
#include "core/errmsg.h"

/* Of the SCSI status. */
enum {
	SCSI_CHECK_CONDITION = 0x02,
	SCSI_RESERVATION_CONFLICT = 0x18,
	SCSI_TASK_ABORTED = 0x40,
};

/* What became of it on the way, as the kernel puts it (its DID_...). */
enum {
	HOST_OK = 0,
	HOST_NO_CONNECT = 1,
	HOST_BUS_BUSY = 2,
	HOST_TIME_OUT = 3,
	HOST_BAD_TARGET = 4,
	HOST_ABORT = 5,
	HOST_ERROR = 7,
	HOST_SOFT_ERROR = 0x0b,
	HOST_TRANSPORT_DISRUPTED = 0x0e,
	HOST_TRANSPORT_FAILFAST = 0x0f,
};

/* Sense: key, additional code and qualifier in one number. */
#define SENSE(key, asc, ascq) ((key) << 16 | (asc) << 8 | (ascq))

enum {
	SENSE_NOT_READY = 2,
	SENSE_ILLEGAL_REQUEST = 5,
	SENSE_UNIT_ATTENTION = 6,
	SENSE_ABORTED_COMMAND = 0xb,
};

#define SENSE_NO_SUCH_LUN SENSE(SENSE_ILLEGAL_REQUEST, 0x25, 0x00)

struct scsi_command {
	int fd; /* the disk, open in any way */
	const uint8_t *cdb;
	size_t cdb_len;
	/* One of them, or neither: where the answer goes, what is sent. */
	void *in;
	const void *out;
	size_t size; /* bytes, of that one */
	/*
	 * Seconds, after which the kernel aborts the command; that itself takes
	 * its time, so this blocks: pool threads only.
	 */
	int timeout;
};

struct scsi_answer {
	bool good; /* done, if only at the disk's second try */
	uint8_t status;
	int host;
	unsigned int sense; /* as SENSE(); 0: there is none */
	size_t got;	    /* bytes that came */
	char text[96];	    /* what went wrong, for people; "" if good */
};

static inline unsigned int sense_key(const struct scsi_answer *a)
{
	return a->sense >> 16;
}

/*
 * It was aborted, most often because another host has reset the LUN or has
 * preempted somebody: that says nothing of the way. How much of it was done
 * nobody knows; one that may be done twice can be sent again.
 */
static inline bool scsi_aborted(const struct scsi_answer *a)
{
	return !a->good && (a->status == SCSI_TASK_ABORTED ||
			    sense_key(a) == SENSE_ABORTED_COMMAND);
}

/* That, or a unit attention, which says that nothing of it was done. */
static inline bool scsi_interrupted(const struct scsi_answer *a)
{
	return scsi_aborted(a) ||
	       (!a->good && sense_key(a) == SENSE_UNIT_ATTENTION);
}

/*
 * Sends it. 0: the disk, or the way to it, has answered, in *ret. -ENOTTY: it
 * is no SCSI disk; what ioctl(2) says; with the reason in e.
 *
 * An answer that is about a command of before (a deferred error) says that this
 * one was not done: it is sent again, three times at most in all.
 */
int scsi_send(const struct scsi_command *c, struct scsi_answer *ret,
	      struct errmsg *e) MUST_CHECK;

/*
 * The errno of an answer that is not good. EOPNOTSUPP: the disk does not know
 * the command, or what it asks for; ETIMEDOUT; EIO: it failed, in the disk or
 * on the way.
 */
int scsi_failure(const struct scsi_answer *a);

/*
 * For who wants all or nothing: as scsi_send(), and minus scsi_failure(), with
 * the reason in e. *got is set on success.
 */
int scsi_read(const struct scsi_command *c, size_t *got,
	      struct errmsg *e) MUST_CHECK;

#endif
