// SPDX-License-Identifier: MIT
/*
 * PERSISTENT RESERVE IN and OUT; see persist.h. No state.
 *
 * A unit attention says that the command was not done, and is most often about
 * reservations itself: it is sent again.
 */
#include "hw/persist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "hw/bytes.h"
#include "hw/commands.h"
#include "hw/nvme.h"
#include "hw/scsi.h"

enum {
	PERSISTENT_RESERVE_IN = 0x5e,
	PERSISTENT_RESERVE_OUT = 0x5f,
	READ_KEYS = 0,
	READ_RESERVATION = 1,
	/* The list of parameters */
	LIST_SIZE = 24,
	LIST_FLAGS = 20,
	ALL_TG_PT = 0x04,
	APTPL = 0x01,
	/* Room for the keys of 127 ways; more are asked for again. */
	FIRST_ROOM = 1024,
	LONGEST = 65535, /* the length in the CDB has 16 bits */
	HOLDER_ROOM = 24,
	TRIES = 5,
};

/* What an answer that is not good means. */
struct meaning {
	unsigned int sense; /* as SENSE() */
	bool any;	    /* the key alone counts */
	enum reserve_verdict verdict;
};

static const struct meaning meanings[] = {
	{SENSE(5, 0x20, 0x00), false, RESERVE_UNSUPPORTED},
	{SENSE_NO_SUCH_LUN, false, RESERVE_NO_ANSWER},
	{SENSE(5, 0x55, 0x04), false, RESERVE_NO_ROOM},
	{SENSE(5, 0x00, 0x00), true, RESERVE_REFUSED},
	{SENSE(2, 0x00, 0x00), true, RESERVE_NO_ANSWER}, /* not on this way */
	{SENSE(6, 0x00, 0x00), true, RESERVE_NO_ANSWER},
	{SENSE(0xb, 0x00, 0x00), true, RESERVE_NO_ANSWER}, /* aborted */
};

static enum reserve_verdict meaning_of(const struct scsi_answer *a)
{
	if (a->status == SCSI_RESERVATION_CONFLICT)
		return RESERVE_CONFLICT;
	if (!a->sense) /* of the way, or of a queue that is full */
		return RESERVE_NO_ANSWER;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if (m->any ? m->sense >> 16 == sense_key(a)
			   : m->sense == a->sense)
			return m->verdict;
	}
	return RESERVE_FAILED;
}

static enum reserve_verdict not_sent(struct reserve_request *r, int error,
				     const struct errmsg *e)
{
	/* EINVAL is a loop device's word for a call that it does not know. */
	if (error == -ENOTTY || error == -EINVAL) {
		snprintf(r->message, sizeof(r->message),
			 "neither a SCSI disk nor an NVMe namespace");
		return RESERVE_UNSUPPORTED;
	}
	snprintf(r->message, sizeof(r->message), "%.90s", e->text);
	return RESERVE_NO_ANSWER;
}

static enum reserve_verdict send(struct reserve_request *r,
				 const struct scsi_command *c, size_t *got)
{
	struct scsi_answer a;
	struct errmsg e;
	int tries = TRIES, error;

	do {
		error = scsi_send(c, &a, &e);
		if (error)
			return not_sent(r, error, &e);
	} while (!a.good && sense_key(&a) == SENSE_UNIT_ATTENTION && --tries);
	*got = a.got;
	if (a.good)
		return RESERVE_OK;
	snprintf(r->message, sizeof(r->message), "%s", a.text);
	return meaning_of(&a);
}

enum reserve_verdict persist_senseless(struct reserve_request *r, int error)
{
	snprintf(r->message, sizeof(r->message),
		 error == -EOVERFLOW ? "its answer is cut off"
				     : "its answer makes no sense");
	return RESERVE_FAILED;
}

/* PERSISTENT RESERVE IN */

static enum reserve_verdict ask(struct reserve_request *r, uint8_t action,
				void *buf, size_t room, size_t *got)
{
	const uint8_t cdb[10] = {PERSISTENT_RESERVE_IN,
				 action, [7] = (uint8_t)(room >> 8),
				 (uint8_t)room};
	const struct scsi_command c = {.fd = r->dev->fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = room,
				       .timeout = command_timeout(r->timeout)};

	return send(r, &c, got);
}

static enum reserve_verdict take_keys(struct reserve_request *r,
				      const uint8_t *buf,
				      const struct persist_keys *k)
{
	r->keys = calloc(k->n + 1, sizeof(*r->keys));
	if (!r->keys) {
		snprintf(r->message, sizeof(r->message), "no memory");
		return RESERVE_FAILED;
	}
	for (size_t i = 0; i < k->n; i++)
		r->keys[i] = persist_key(buf, i);
	r->nkeys = k->n;
	r->generation = k->generation;
	return RESERVE_OK;
}

static enum reserve_verdict read_keys(struct reserve_request *r)
{
	CLEANUP_FREE uint8_t *buf = calloc(1, LONGEST);
	struct persist_keys k = {0};
	enum reserve_verdict v;
	size_t got = 0;
	int error;

	if (!buf) {
		snprintf(r->message, sizeof(r->message), "no memory");
		return RESERVE_FAILED;
	}
	v = ask(r, READ_KEYS, buf, FIRST_ROOM, &got);
	if (v)
		return v;
	error = persist_keys_parse(buf, got, &k);
	if (error == -EOVERFLOW && got == FIRST_ROOM && k.size <= LONGEST) {
		v = ask(r, READ_KEYS, buf, k.size, &got);
		if (v)
			return v;
		error = persist_keys_parse(buf, got, &k);
	}
	return error ? persist_senseless(r, error) : take_keys(r, buf, &k);
}

static enum reserve_verdict read_holder(struct reserve_request *r)
{
	uint8_t buf[HOLDER_ROOM] = {0};
	struct persist_holder h;
	size_t got;
	enum reserve_verdict v =
		ask(r, READ_RESERVATION, buf, sizeof(buf), &got);
	int error;

	if (v)
		return v;
	error = persist_holder_parse(buf, got, &h);
	if (error)
		return persist_senseless(r, error);
	r->holder = h.key;
	r->type = h.type;
	return RESERVE_OK;
}

/* PERSISTENT RESERVE OUT */

static uint8_t out_action(enum reserve_verb v)
{
	static const uint8_t actions[] = {
		[RESERVE_REGISTER] = 0,	     [RESERVE_REGISTER_IGNORE] = 6,
		[RESERVE_RESERVE] = 1,	     [RESERVE_RELEASE] = 2,
		[RESERVE_CLEAR] = 3,	     [RESERVE_PREEMPT] = 4,
		[RESERVE_PREEMPT_ABORT] = 5,
	};

	return actions[v];
}

static uint8_t out_type(enum reserve_type t)
{
	static const uint8_t types[RESERVE_TYPES] = {
		[RESERVE_WRITE_EXCLUSIVE] = 1,
		[RESERVE_EXCLUSIVE_ACCESS] = 3,
		[RESERVE_WRITE_EXCLUSIVE_RO] = 5,
		[RESERVE_EXCLUSIVE_ACCESS_RO] = 6,
		[RESERVE_WRITE_EXCLUSIVE_AR] = 7,
		[RESERVE_EXCLUSIVE_ACCESS_AR] = 8,
	};

	return types[t];
}

static enum reserve_verdict tell(struct reserve_request *r)
{
	const struct reserve_command *rc = &r->command;
	uint8_t list[LIST_SIZE] = {0};
	const uint8_t cdb[10] = {PERSISTENT_RESERVE_OUT, out_action(rc->verb),
				 out_type(rc->type), [8] = LIST_SIZE};
	const struct scsi_command c = {.fd = r->dev->fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .out = list,
				       .size = sizeof(list),
				       .timeout = command_timeout(r->timeout)};
	size_t got;

	put_be64(list, rc->key);
	put_be64(list + 8, rc->other);
	list[LIST_FLAGS] = (uint8_t)((rc->all_tg_pt ? ALL_TG_PT : 0) |
				     (rc->aptpl ? APTPL : 0));
	return send(r, &c, &got);
}

static enum reserve_verdict send_scsi(struct reserve_request *r)
{
	switch (r->command.verb) {
	case RESERVE_READ_KEYS:
		return read_keys(r);
	case RESERVE_READ_HOLDER:
		return read_holder(r);
	default:
		return tell(r);
	}
}

enum reserve_verdict persist_send(struct reserve_request *r)
{
	struct errmsg e;
	uint32_t nsid;

	if (nvme_namespace(r->dev->fd, &nsid, &e) == 0)
		return persist_send_nvme(r, nsid);
	return send_scsi(r);
}
