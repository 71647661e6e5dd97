// SPDX-License-Identifier: MIT
/*
 * CLARiiON and VNX (census 3.2): of two storage processors one owns the LUN.
 * VPD page 0xc0 says whether it is the path's, a MODE SELECT of the trespass
 * page makes it so: a short one for old Fibre Channel models, else a long one.
 *
 *   page 0xc0 -> owned: ready
 *             -> not:   trespass -> page 0xc0 -> owned: ready
 *
 * Two words: "1" for the short page (by default the model decides), "1" to
 * honor other hosts' reservations.
 *
 * Beside the census: a LUN that is already owned gets no trespass when the
 * words change; they hold from the next one on.
 */
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/handler_common.h"
#include "hw/handlers.h"

enum {
	MODE_SELECT_6 = 0x15,
	MODE_SELECT_10 = 0x55,
	PAGE_FORMAT = 0x10, /* as the standard has it; not of the long one */
	TRESPASS_PAGE = 0x22,
	RESERVATIONS_IGNORED = 0x80,
	LONG_SIZE = 19,
	SHORT_SIZE = 8,
	LONG_FLAGS = 10, /* the byte with RESERVATIONS_IGNORED */
	SHORT_FLAGS = 6,
	RETRIES = 3,
};

/* VPD page 0xc0. */
enum {
	UNIT_PAGE = 0xc0,
	UNIT_SIZE = 252,
	UNIT_STATE = 4,
	UNIT_DEFAULT_SP = 5,
	UNIT_CURRENT_SP = 8,
	UNIT_MODE = 28,
	UNIT_UPGRADING = 48, /* microcode is being exchanged (NDU) */
	UNIT_LEAST = 49,
	MODE_MASK = 0x0f,
	MODE_PNR = 4,
	MODE_ALUA = 6,
	STATE_OWNED = 2,
};

/* Standard INQUIRY data. */
enum {
	STANDARD_SIZE = 252,
	LENGTH_AT = 4, /* the length, after the 5 bytes up to it */
	LENGTH_BASE = 5,
	VENDOR_AT = 8,
	WITH_MODEL = 160, /* bytes, and more: they hold the model */
	MODEL_LENGTH_AT = 99,
	SERIAL_LENGTH_AT = 160,
	SERIAL_AT = 161,
};

static enum activate_result say(struct activate_request *r,
				enum activate_result result, const char *text)
{
	snprintf(r->message, sizeof(r->message), "%s", text);
	return result;
}

static enum activate_result ask(struct activate_request *r, uint8_t *page)
{
	size_t got;
	enum activate_result result =
		handler_page(r, UNIT_PAGE, page, UNIT_SIZE, &got);
	uint8_t mode = page[UNIT_MODE] & MODE_MASK;

	if (result != ACTIVATE_OK)
		return result;
	if (got < UNIT_LEAST)
		return handler_cut_short(r, UNIT_PAGE);
	if (page[UNIT_UPGRADING])
		return say(r, ACTIVATE_TEMP_BUSY,
			   "its microcode is being exchanged");
	if (page[UNIT_STATE] > STATE_OWNED)
		return say(r, ACTIVATE_NOSYS,
			   "VPD page 0xc0: the LUN is in an unknown state");
	if (mode != MODE_PNR && mode != MODE_ALUA)
		return say(r, ACTIVATE_NOSYS,
			   "VPD page 0xc0: the failover mode is neither PNR "
			   "nor ALUA");
	return ACTIVATE_OK;
}

/* Does it want the short page? By its words, or the model. */

/* data: standard INQUIRY data. */
static enum activate_result judge_model(struct activate_request *r,
					const uint8_t *data, bool *is_old)
{
	size_t len = MIN(LENGTH_BASE + (size_t)data[LENGTH_AT],
			 (size_t)STANDARD_SIZE);
	size_t at = SERIAL_AT + (size_t)data[SERIAL_LENGTH_AT];
	size_t model = data[MODEL_LENGTH_AT];

	if (len < WITH_MODEL) {
		*is_old = true; /* a legacy one, on Fibre Channel */
		return memcmp(data + VENDOR_AT, "DGC", 3) ?
			       say(r, ACTIVATE_NOSYS, "it is no CLARiiON") :
			       ACTIVATE_OK;
	}
	if (at + model > len)
		return say(r, ACTIVATE_NOSYS,
			   "INQUIRY: the model reaches over the end");
	*is_old = !model || (model >= 2 && !memcmp(data + at, "FC", 2));
	return ACTIVATE_OK;
}

static enum activate_result wants_short(struct activate_request *r, bool *ret)
{
	uint8_t data[STANDARD_SIZE];
	enum activate_result result;

	*ret = r->args[0] == '1';
	if (r->args[0])
		return ACTIVATE_OK;
	result = handler_inquiry(r, data, sizeof(data));
	return result == ACTIVATE_OK ? judge_model(r, data, ret) : result;
}

/* The second word. */
static bool honors_reservations(const char *args)
{
	const char *second = strchr(args, ' ');

	return second && second[1] == '1';
}

static enum activate_result send(struct activate_request *r,
				 const struct scsi_command *c)
{
	static const struct sense_rule rules[] = {
		{SENSE(SENSE_ILLEGAL_REQUEST, 0x04, 0x00), false,
		 ACTIVATE_TEMP_BUSY, "the array copies the LUN"},
		{SENSE(SENSE_NOT_READY, 0x04, 0x03), false, ACTIVATE_TEMP_BUSY,
		 "its microcode is being exchanged"},
	};
	unsigned int left = RETRIES;
	struct scsi_answer a;
	struct errmsg e;
	int error;

	do
		error = scsi_send(c, &a, &e);
	while (handler_again(error, &a, &left));
	if (!error && a.good)
		return ACTIVATE_OK;
	return handler_failed(r, "trespass", error, &e, &a, rules,
			      ARRAY_SIZE(rules));
}

static enum activate_result trespass(struct activate_request *r, bool is_short)
{
	static const uint8_t cdb_short[] = {MODE_SELECT_6, PAGE_FORMAT, 0, 0,
					    SHORT_SIZE, 0};
	static const uint8_t cdb_long[10] = {MODE_SELECT_10, [8] = LONG_SIZE};
	uint8_t data_short[SHORT_SIZE] = {0, 0, 0, 0, TRESPASS_PAGE, 2, 1,
					  0xff};
	uint8_t data_long[LONG_SIZE] = {[8] = TRESPASS_PAGE, 9, 1, 0xff, 0xff};
	const struct scsi_command c = {
		.fd = r->dev->fd,
		.cdb = is_short ? cdb_short : cdb_long,
		.cdb_len = is_short ? sizeof(cdb_short) : sizeof(cdb_long),
		.out = is_short ? data_short : data_long,
		.size = is_short ? SHORT_SIZE : LONG_SIZE,
		.timeout = handler_timeout(r),
	};

	if (!honors_reservations(r->args)) {
		data_short[SHORT_FLAGS] |= RESERVATIONS_IGNORED;
		data_long[LONG_FLAGS] |= RESERVATIONS_IGNORED;
	}
	return send(r, &c);
}

static enum activate_result take_over(struct activate_request *r)
{
	uint8_t page[UNIT_SIZE];
	bool is_short;
	enum activate_result result = wants_short(r, &is_short);

	if (result == ACTIVATE_OK)
		result = trespass(r, is_short);
	if (result == ACTIVATE_OK)
		result = ask(r, page);
	if (result == ACTIVATE_OK && page[UNIT_STATE] != STATE_OWNED)
		return say(r, ACTIVATE_IO,
			   "the LUN stays with the other storage processor");
	return result;
}

static enum activate_result emc_own(struct activate_request *r)
{
	uint8_t page[UNIT_SIZE];
	enum activate_result result = ask(r, page);

	if (result != ACTIVATE_OK || page[UNIT_STATE] == STATE_OWNED)
		return result;
	return take_over(r);
}

static enum activate_result emc_activate(struct activate_request *r)
{
	return handler_through_kernel(r, "emc", emc_own);
}

static enum activate_result emc_access(struct activate_request *r,
				       struct path_access *ret)
{
	uint8_t page[UNIT_SIZE];
	enum activate_result result = ask(r, page);
	bool owned = page[UNIT_STATE] == STATE_OWNED;

	if (result == ACTIVATE_OK)
		*ret = (struct path_access){
			.state = owned ? "active/optimized" : "standby",
			.usable = owned,
			.preferred = page[UNIT_DEFAULT_SP] ==
				     page[UNIT_CURRENT_SP],
		};
	return result;
}

static bool emc_match(const struct path_facts *f)
{
	static const struct handler_array arrays[] = {
		{"DGC", "RAID"}, {"DGC", "DISK"}, {"DGC", "VRAID"}};

	return handler_is_one(f, arrays, ARRAY_SIZE(arrays));
}

const struct handler_ops handler_emc = {
	.name = "emc",
	.match = emc_match,
	.activate = emc_activate,
	.access = emc_access,
	.patience = HANDLER_PATIENCE,
};
