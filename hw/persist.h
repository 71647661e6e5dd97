/* SPDX-License-Identifier: MIT */
/*
 * Persistent reservations: SCSI's PERSISTENT RESERVE IN and OUT (SPC-4, 6.15
 * and 6.16), and NVMe's reservation commands (NVM command set, 3.3). Pure
 * functions on what devices answer, and the two that send.
 */
#ifndef MPATHFS_HW_PERSIST_H
#define MPATHFS_HW_PERSIST_H

#include "core/base.h"
#include "core/reserver.h"

/* What READ KEYS answers: the i-th key is at persist_key(buf, i). */
struct persist_keys {
	uint32_t generation;
	size_t n;    /* keys that the device has, also if fewer have come */
	size_t size; /* bytes of the whole answer */
};

struct persist_holder {
	uint64_t key;
	enum reserve_type type; /* RESERVE_NONE: there is no reservation */
};

/*
 * Of the len bytes that came. -EINVAL: no such answer, or one that makes no
 * sense; -EOVERFLOW: it is longer than len. *ret of the keys is set with
 * -EOVERFLOW too, for whoever makes room.
 */
int persist_keys_parse(const uint8_t *buf, size_t len,
		       struct persist_keys *ret) MUST_CHECK;
uint64_t persist_key(const uint8_t *buf, size_t i);
int persist_holder_parse(const uint8_t *buf, size_t len,
			 struct persist_holder *ret) MUST_CHECK;

/* NVMe's RESERVATION REPORT, with the extended data structure or without: who
 * is registered, and who has reserved. */
struct persist_report {
	struct persist_keys keys;
	struct persist_holder holder;
};
int persist_report_parse(const uint8_t *buf, size_t len, bool extended,
			 struct persist_report *ret) MUST_CHECK;
uint64_t persist_report_key(const uint8_t *buf, bool extended, size_t i);

/* Whichever the device is: what fs/main.c hands to core. */
enum reserve_verdict persist_send(struct reserve_request *r);
/* nsid: of the namespace. */
enum reserve_verdict persist_send_nvme(struct reserve_request *r,
				       uint32_t nsid);

/* The answer that makes no sense; r->message says it. */
enum reserve_verdict persist_senseless(struct reserve_request *r, int error);

#endif
