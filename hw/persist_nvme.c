// SPDX-License-Identifier: MIT
/*
 * NVMe's reservation commands; see persist.h. No state.
 *
 * There a host is registered, and all its ways with it: what is a registration
 * for each way in SCSI finds the others done already, which is well.
 */
#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/device.h"
#include "hw/bytes.h"
#include "hw/persist.h"

enum {
	RESERVATION_REGISTER = 0x0d,
	RESERVATION_REPORT = 0x0e,
	RESERVATION_ACQUIRE = 0x11,
	RESERVATION_RELEASE = 0x15,
	/* cdw10 */
	REGISTER_NEW = 0,
	REGISTER_END = 1,
	REGISTER_REPLACE = 2,
	ACQUIRE = 0,
	ACQUIRE_PREEMPT = 1,
	ACQUIRE_PREEMPT_ABORT = 2,
	RELEASE = 0,
	RELEASE_CLEAR = 1,
	IGNORE_KEY = 1 << 3,
	TYPE_SHIFT = 8,
	PERSIST_SHIFT = 30,
	PERSIST = 3,
	PERSIST_NOT = 2,
	/* cdw11 of the report */
	EXTENDED = 1,
	/* status */
	STATUS_MASK = 0x7ff,
	STATUS_PATH = 0x300, /* the type of those of the way */
	STATUS_TYPE = 0x700,
	/* The header, and 1023 controllers: 64 KiB, which every device can
	 * send at once. */
	LONGEST = 64 + 1023 * 64,
};

static enum reserve_verdict meaning_of(int status)
{
	switch (status & STATUS_MASK) {
	case 0x83:
		return RESERVE_CONFLICT;
	case 0x01: /* no such command */
		return RESERVE_UNSUPPORTED;
	case 0x02: /* a field is wrong */
		return RESERVE_REFUSED;
	case 0x07: /* aborted */
	case 0x08:
		return RESERVE_NO_ANSWER;
	default:
		return (status & STATUS_TYPE) == STATUS_PATH ? RESERVE_NO_ANSWER
							     : RESERVE_FAILED;
	}
}

static int send_command(struct reserve_request *r, struct nvme_passthru_cmd *c,
			void *buf, size_t size)
{
	c->addr = (uint64_t)(uintptr_t)buf;
	c->data_len = (uint32_t)size;
	c->timeout_ms = (uint32_t)(r->timeout / NSEC_PER_MSEC);
	return ioctl(r->dev->fd, NVME_IOCTL_IO_CMD, c);
}

static enum reserve_verdict failed(struct reserve_request *r, int status)
{
	if (status < 0) {
		snprintf(r->message, sizeof(r->message), "%s", strerror(errno));
		return RESERVE_NO_ANSWER;
	}
	snprintf(r->message, sizeof(r->message), "NVMe status 0x%03x",
		 (unsigned int)status & STATUS_MASK);
	return meaning_of(status);
}

/* The report */

static enum reserve_verdict take_keys(struct reserve_request *r,
				      const uint8_t *buf, bool extended,
				      const struct persist_keys *k)
{
	r->keys = calloc(k->n + 1, sizeof(*r->keys));
	if (!r->keys) {
		snprintf(r->message, sizeof(r->message), "no memory");
		return RESERVE_FAILED;
	}
	for (size_t i = 0; i < k->n; i++)
		r->keys[i] = persist_report_key(buf, extended, i);
	r->nkeys = k->n;
	r->generation = k->generation;
	return RESERVE_OK;
}

/* Which of the two layouts it is depends on how the host is known there. */
static enum reserve_verdict report(struct reserve_request *r, uint32_t nsid)
{
	CLEANUP_FREE uint8_t *buf = calloc(1, LONGEST);
	struct persist_report p;
	bool extended = true;
	int status, error;

	if (!buf) {
		snprintf(r->message, sizeof(r->message), "no memory");
		return RESERVE_FAILED;
	}
	for (;;) {
		struct nvme_passthru_cmd c = {
			.opcode = RESERVATION_REPORT,
			.nsid = nsid,
			.cdw10 = LONGEST / 4 - 1, /* 0 is one word */
			.cdw11 = extended ? EXTENDED : 0,
		};

		status = send_command(r, &c, buf, LONGEST);
		if (status <= 0 || !extended)
			break;
		extended = false;
	}
	if (status)
		return failed(r, status);
	error = persist_report_parse(buf, LONGEST, extended, &p);
	if (error)
		return persist_senseless(r, error);
	r->holder = p.holder.key;
	r->type = p.holder.type;
	if (r->command.verb == RESERVE_READ_HOLDER)
		return RESERVE_OK;
	return take_keys(r, buf, extended, &p.keys);
}

/* The others */

static uint32_t register_flags(const struct reserve_command *rc)
{
	bool ignore = rc->verb == RESERVE_REGISTER_IGNORE;
	uint32_t action = REGISTER_REPLACE;

	if (!rc->other)
		action = REGISTER_END;
	else if (!ignore && !rc->key)
		action = REGISTER_NEW;
	return action | (ignore ? IGNORE_KEY : 0) |
	       (uint32_t)(rc->aptpl ? PERSIST : PERSIST_NOT) << PERSIST_SHIFT;
}

static void compose(const struct reserve_command *rc,
		    struct nvme_passthru_cmd *c)
{
	uint32_t type = (uint32_t)rc->type << TYPE_SHIFT;

	switch (rc->verb) {
	case RESERVE_REGISTER:
	case RESERVE_REGISTER_IGNORE:
		c->opcode = RESERVATION_REGISTER;
		c->cdw10 = register_flags(rc);
		break;
	case RESERVE_RELEASE:
	case RESERVE_CLEAR:
		c->opcode = RESERVATION_RELEASE;
		c->cdw10 = rc->verb == RESERVE_CLEAR ? RELEASE_CLEAR
						     : RELEASE | type;
		break;
	default:
		c->opcode = RESERVATION_ACQUIRE;
		c->cdw10 = type | (rc->verb == RESERVE_RESERVE ? ACQUIRE
				   : rc->verb == RESERVE_PREEMPT
					   ? ACQUIRE_PREEMPT
					   : ACQUIRE_PREEMPT_ABORT);
	}
}

/* Where a host that is new replaces its key, it has none yet. */
static bool is_new_after_all(const struct reserve_command *rc,
			     const struct nvme_passthru_cmd *c, int status)
{
	return rc->verb == RESERVE_REGISTER_IGNORE && status > 0 &&
	       meaning_of(status) == RESERVE_CONFLICT &&
	       (c->cdw10 & 7) == REGISTER_REPLACE;
}

static enum reserve_verdict tell(struct reserve_request *r, uint32_t nsid)
{
	const struct reserve_command *rc = &r->command;
	struct nvme_passthru_cmd c = {.nsid = nsid};
	uint8_t keys[16];
	size_t size;
	int status;

	compose(rc, &c);
	size = c.opcode == RESERVATION_RELEASE ? 8 : sizeof(keys);
	put_le64(keys, rc->key);
	put_le64(keys + 8, rc->other);
	status = send_command(r, &c, keys, size);
	if (is_new_after_all(rc, &c, status)) {
		c.cdw10 = (c.cdw10 & ~(uint32_t)7) | REGISTER_NEW;
		status = send_command(r, &c, keys, size);
	}
	return status ? failed(r, status) : RESERVE_OK;
}

enum reserve_verdict persist_send_nvme(struct reserve_request *r, uint32_t nsid)
{
	return reserve_verb_reads(r->command.verb) ? report(r, nsid)
						   : tell(r, nsid);
}
