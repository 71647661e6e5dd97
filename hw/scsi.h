/* SPDX-License-Identifier: MIT */
/* One SCSI command to a disk, by SG_IO; libsgutils2 is behind it. */
#ifndef MPATHFS_HW_SCSI_H
#define MPATHFS_HW_SCSI_H

#include "core/base.h"
#include "core/errmsg.h"

/* Of the SCSI status. */
enum { SCSI_RESERVATION_CONFLICT = 0x18 };

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
};

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
 * Sends it. 0: the disk, or the way to it, has answered, in *ret. -ENOTTY: it
 * is no SCSI disk; what ioctl(2) says; with the reason in e.
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
