// SPDX-License-Identifier: MIT
/*
 * ALUA (census 3.1): the array says by target port groups how it serves a LUN,
 * and changes that when it is told to (explicit), by itself (implicit), or
 * both.
 *
 *   report -> usable: ready
 *          -> not so, explicit: SET TARGET PORT GROUPS, and once more a report
 *          -> not so, implicit: asked again by the next round
 *          -> transitioning: wait, with a TEST UNIT READY before each report,
 *             as long as the array says (255 s if it does not)
 *
 * What the kernel knows of a disk from when it appeared, group and kind, is
 * asked anew each time: an old group number would activate another one.
 *
 * Beside the census: a path that is LBA dependent takes I/O and counts as
 * ready, where the kernel's activation fails it for nothing; and one that is
 * passive after all has been tried, or for an array that alone decides, is no
 * success, where the kernel lets the next I/O find that out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/access_state.h"
#include "hw/alua.h"
#include "hw/commands.h"
#include "hw/handler_common.h"
#include "hw/handlers.h"
#include "hw/rtpg.h"
#include "hw/vpd.h"

enum {
	STANDARD_SIZE = 36, /* of INQUIRY data, at least */
	TYPE_MASK = 0x1f,
	TYPE_DISK = 0,
	TPGS_BYTE = 5,
	TPGS_SHIFT = 4,
	TPGS_MASK = 3,
	IMPLICIT = 1,
	EXPLICIT = 2,
	ONLY_OPTIMIZED = 0x01, /* the bits of the states it knows */
	RETRIES = 5,
};

/* activate_request.memo: of the path. */
enum {
	NO_EXTENDED_HEADER = 1,
	KNOWS_ONLY_OPTIMIZED = 2,
};

/* activate_request.ticket: beside a bit, what a report said of transitions. */
enum { STATE_WAS_SET = 1, SECONDS_SHIFT = 8 };

/*
 * For the two commands about states: there are arrays that answer when the
 * change is over. A path that is dead has lost the INQUIRY before.
 */
#define LONGEST HANDLER_TRANSITION

#define TRANSITIONING SENSE(SENSE_NOT_READY, 0x04, 0x0a)

/* What the array says of the path. */
struct alua {
	unsigned int tpgs; /* IMPLICIT, EXPLICIT */
	uint16_t number;
	struct rtpg_group group;
	unsigned int transition; /* s; 0: it does not say */
};

static enum activate_result say(struct activate_request *r,
				enum activate_result result, const char *text)
{
	snprintf(r->message, sizeof(r->message), "%s", text);
	return result;
}

/* Its kind and its group */

static enum activate_result find_group(struct activate_request *r,
				       struct alua *al)
{
	CLEANUP_FREE uint8_t *page = NULL;
	struct errmsg e;
	size_t len;
	int error = command_whole_vpd(r->dev->fd, VPD_IDENTITY,
				      handler_timeout(r), &page, &len, &e);

	if (error == -ENODATA)
		return say(r, ACTIVATE_NOSYS, "it has no VPD page 0x83");
	if (error)
		return handler_failed(r, "its port group", error, &e, NULL,
				      NULL, 0);
	if (vpd_target_group(page, len, &al->number))
		return say(r, ACTIVATE_NOSYS,
			   "no target port group in its VPD page 0x83");
	return ACTIVATE_OK;
}

static enum activate_result identify(struct activate_request *r,
				     struct alua *al)
{
	uint8_t data[STANDARD_SIZE];
	enum activate_result result = handler_inquiry(r, data, sizeof(data));

	if (result != ACTIVATE_OK)
		return result;
	al->tpgs = data[TPGS_BYTE] >> TPGS_SHIFT & TPGS_MASK;
	if ((data[0] & TYPE_MASK) != TYPE_DISK)
		return say(r, ACTIVATE_NOSYS, "it is no disk");
	if (!al->tpgs)
		return say(r, ACTIVATE_NOSYS, "the array has no ALUA");
	return find_group(r, al);
}

/* The state of the group */

static int long_timeout(const struct activate_request *r)
{
	return command_timeout(MAX(r->timeout, LONGEST));
}

static int get_report(struct activate_request *r, uint8_t **report, size_t *len,
		      struct scsi_answer *a, struct errmsg *e)
{
	unsigned int left = RETRIES;
	bool extended;
	int error;

	do {
		extended = !(r->memo & NO_EXTENDED_HEADER);
		error = alua_report(r->dev->fd, extended, long_timeout(r),
				    report, len, a, e);
		if (!error && extended &&
		    sense_key(a) == SENSE_ILLEGAL_REQUEST) {
			r->memo |= NO_EXTENDED_HEADER;
			error = alua_report(r->dev->fd, false, long_timeout(r),
					    report, len, a, e);
		}
	} while (handler_again(error, a, &left));
	return error;
}

/* The census' order; *al is changed only with ACTIVATE_OK. */
static enum activate_result no_report(struct activate_request *r,
				      struct alua *al, int error,
				      const struct errmsg *e,
				      const struct scsi_answer *a)
{
	static const struct sense_rule rules[] = {
		{SENSE(SENSE_UNIT_ATTENTION, 0, 0), true, ACTIVATE_RETRY, NULL},
	};
	enum activate_result result;

	if (r->memo & KNOWS_ONLY_OPTIMIZED) {
		al->group.state = ACCESS_OPTIMIZED;
		return ACTIVATE_OK;
	}
	if (!error && a->sense == TRANSITIONING) {
		al->group.state = ACCESS_TRANSITIONING;
		return ACTIVATE_OK;
	}
	result = handler_failed(r, "REPORT TARGET PORT GROUPS", error, e, a,
				rules, ARRAY_SIZE(rules));
	if (error && error != -EOVERFLOW && error != -EINVAL)
		return result == ACTIVATE_IO ? ACTIVATE_TEMP_BUSY : result;
	if (!error && !a->sense && a->host == HOST_NO_CONNECT)
		return ACTIVATE_RES_TEMP_UNAVAIL;
	if (result == ACTIVATE_RETRY)
		return handler_wait(r, HANDLER_TRANSITION,
				    "one unit attention after the other");
	return result;
}

static enum activate_result take_report(struct activate_request *r,
					struct alua *al, const uint8_t *report,
					size_t len)
{
	int error = rtpg_find(report, len, al->number, &al->group);
	struct rtpg_page page;

	if (error || rtpg_page(report, len, &page)) {
		snprintf(r->message, sizeof(r->message),
			 "the report of the target port groups %s",
			 error == -EINVAL    ? "is malformed" :
			 error == -EOVERFLOW ? "is cut short" :
					       "has not the path's group");
		return ACTIVATE_IO;
	}
	if (!access_state_text(al->group.state))
		return say(r, ACTIVATE_NOSYS,
			   "its group is in a state that has no name");
	al->transition = page.transition_time;
	if (al->group.supported == ONLY_OPTIMIZED)
		r->memo |= KNOWS_ONLY_OPTIMIZED;
	return ACTIVATE_OK;
}

static enum activate_result query(struct activate_request *r, struct alua *al)
{
	CLEANUP_FREE uint8_t *report = NULL;
	struct scsi_answer a;
	struct errmsg e;
	size_t len;
	int error = get_report(r, &report, &len, &a, &e);

	if (error || !a.good)
		return no_report(r, al, error, &e, &a);
	return take_report(r, al, report, len);
}

/* Transitions */

/* seconds: as the array says, 0 if it does not. */
static enum activate_result transition(struct activate_request *r,
				       unsigned int seconds)
{
	uint64_t limit = seconds ? seconds * NSEC_PER_SEC : HANDLER_TRANSITION;

	r->ticket = (r->ticket & STATE_WAS_SET) |
		    (uint64_t)seconds << SECONDS_SHIFT;
	return handler_wait(r, limit, "transitioning");
}

/* It was when we last asked: does it say so still, without a report? */
static bool in_transition(struct activate_request *r)
{
	struct scsi_answer a;
	struct errmsg e;

	return !command_ready(r->dev->fd, handler_timeout(r), &a, &e) &&
	       (a.sense == TRANSITIONING ||
		a.sense == SENSE(SENSE_UNIT_ATTENTION, 0x04, 0x0a));
}

/* Setting it */

/* The word "1": a path that works stays as it is, where the array could change
 * it by itself and does not prefer another state. */
static bool good_as_it_is(const struct activate_request *r,
			  const struct alua *al)
{
	if (al->group.state != ACCESS_NON_OPTIMIZED)
		return access_usable(al->group.state);
	return !(al->tpgs & EXPLICIT) ||
	       (!strcmp(r->args, "1") && !al->group.preferred &&
		(al->tpgs & IMPLICIT));
}

static enum activate_result set_state(struct activate_request *r,
				      const struct alua *al)
{
	unsigned int left = RETRIES;
	enum activate_result result;
	struct scsi_answer a;
	struct errmsg e;
	int error;

	do
		error = alua_set_optimized(r->dev->fd, al->number,
					   long_timeout(r), &a, &e);
	while (handler_again(error, &a, &left));
	r->ticket |= STATE_WAS_SET;
	if (!error && (a.good || a.sense))
		return ACTIVATE_OK; /* the next report tells */
	result = handler_failed(r, "SET TARGET PORT GROUPS", error, &e, &a,
				NULL, 0);
	return result == ACTIVATE_IO ? ACTIVATE_TEMP_BUSY : result;
}

static enum activate_result passive(struct activate_request *r,
				    const struct alua *al)
{
	snprintf(r->message, sizeof(r->message), "%s, %s",
		 access_state_text(al->group.state),
		 r->ticket & STATE_WAS_SET ?
			     "though it was told to be active" :
			     "and the array alone decides");
	return ACTIVATE_RETRY;
}

static bool must_set(const struct activate_request *r, const struct alua *al)
{
	return (al->tpgs & EXPLICIT) && !(r->ticket & STATE_WAS_SET) &&
	       al->group.state != ACCESS_TRANSITIONING &&
	       al->group.state != ACCESS_OFFLINE && !good_as_it_is(r, al);
}

static enum activate_result judge(struct activate_request *r,
				  const struct alua *al)
{
	uint8_t state = al->group.state;

	if (state == ACCESS_TRANSITIONING)
		return transition(r, al->transition);
	if (state == ACCESS_OFFLINE)
		return say(r, ACTIVATE_OFFLINED, "offline, says the array");
	return access_usable(state) ? ACTIVATE_OK : passive(r, al);
}

static enum activate_result settle(struct activate_request *r, struct alua *al)
{
	enum activate_result result = query(r, al);

	if (result == ACTIVATE_OK && must_set(r, al)) {
		r->since = 0; /* another transition has its own time */
		result = set_state(r, al);
		if (result == ACTIVATE_OK)
			result = query(r, al);
	}
	return result == ACTIVATE_OK ? judge(r, al) : result;
}

static enum activate_result alua_own(struct activate_request *r)
{
	struct alua al = {0};
	enum activate_result result = identify(r, &al);

	if (result != ACTIVATE_OK)
		return result;
	if (r->since && in_transition(r))
		return transition(
			r, (unsigned int)(r->ticket >> SECONDS_SHIFT));
	return settle(r, &al);
}

static enum activate_result alua_activate(struct activate_request *r)
{
	return handler_through_kernel(r, "alua", alua_own);
}

static enum activate_result alua_access(struct activate_request *r,
					struct path_access *ret)
{
	struct alua al = {0};
	enum activate_result result = identify(r, &al);

	if (result == ACTIVATE_OK)
		result = query(r, &al);
	if (result == ACTIVATE_OK)
		*ret = (struct path_access){
			.state = access_state_text(al.group.state),
			.usable = access_usable(al.group.state),
			.preferred = al.group.preferred,
		};
	return result;
}

static bool alua_match(const struct path_facts *f)
{
	/* Without a group there is nothing to ask for. */
	return f->tpgs && f->tpg != TPG_UNKNOWN;
}

const struct handler_ops handler_alua = {
	.name = "alua",
	.match = alua_match,
	.activate = alua_activate,
	.access = alua_access,
	.patience = HANDLER_PATIENCE,
	.longest = LONGEST,
};
