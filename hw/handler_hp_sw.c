// SPDX-License-Identifier: MIT
/*
 * MSA1000, EVA and HSG80 with one controller that is active (census 3.4): TEST
 * UNIT READY tells which, START STOP UNIT makes it this one.
 *
 * Beside the census: unit attentions do not keep it at it for ever.
 */
#include <stdio.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/commands.h"
#include "hw/handler_common.h"
#include "hw/handlers.h"

enum { START_STOP_UNIT = 0x1b, START = 0x01 };

enum {
	ATTENTIONS = 16, /* that are put up with */
	SWITCH_TRIES = 3, /* more of them, while the switch is in progress */
};

#define PASSIVE SENSE(SENSE_NOT_READY, 0x04, 0x02)
#define SWITCHING SENSE(SENSE_NOT_READY, 0x04, 0x03)

static enum activate_result ask(struct activate_request *r, bool *active)
{
	unsigned int left = ATTENTIONS;
	struct scsi_answer a;
	struct errmsg e;
	int error;

	do
		error = command_ready(r->dev->fd, handler_timeout(r), &a, &e);
	while (handler_again(error, &a, &left));
	if (error || (!a.good && a.sense != PASSIVE))
		return handler_failed(r, "TEST UNIT READY", error, &e, &a, NULL,
				      0);
	*active = a.good;
	return ACTIVATE_OK;
}

static enum activate_result start(struct activate_request *r)
{
	static const struct sense_rule rules[] = {
		{SWITCHING, false, ACTIVATE_RETRY,
		 "the switch is in progress"},
	};
	static const uint8_t cdb[6] = {START_STOP_UNIT, [4] = START};
	const struct scsi_command c = {
		.fd = r->dev->fd, .cdb = cdb, .cdb_len = sizeof(cdb),
		.timeout = handler_timeout(r)};
	unsigned int left = ATTENTIONS, switching = SWITCH_TRIES;
	struct scsi_answer a;
	struct errmsg e;
	int error;

	do
		error = scsi_send(&c, &a, &e);
	while (handler_again(error, &a, &left) ||
	       (!error && a.sense == SWITCHING && switching--));
	if (!error && a.good)
		return ACTIVATE_OK;
	return handler_failed(r, "START STOP UNIT", error, &e, &a, rules,
			      ARRAY_SIZE(rules));
}

static enum activate_result hp_sw_own(struct activate_request *r)
{
	bool active;
	enum activate_result result = ask(r, &active);

	return result == ACTIVATE_OK && !active ? start(r) : result;
}

static enum activate_result hp_sw_activate(struct activate_request *r)
{
	return handler_through_kernel(r, "hp_sw", hp_sw_own);
}

static enum activate_result hp_sw_access(struct activate_request *r,
					 struct path_access *ret)
{
	bool active;
	enum activate_result result = ask(r, &active);

	if (result == ACTIVATE_OK)
		*ret = (struct path_access){
			.state = active ? "active/optimized" : "standby",
			.usable = active,
		};
	return result;
}

static bool hp_sw_match(const struct path_facts *f)
{
	static const struct handler_array arrays[] = {
		{"COMPAQ", "MSA1000 VOLUME"}, {"COMPAQ", "HSV110"},
		{"HP", "HSV100"}, {"DEC", "HSG80"}};

	return handler_is_one(f, arrays, ARRAY_SIZE(arrays));
}

const struct handler_ops handler_hp_sw = {
	.name = "hp_sw",
	.match = hp_sw_match,
	.activate = hp_sw_activate,
	.access = hp_sw_access,
	.patience = HANDLER_PATIENCE,
};
