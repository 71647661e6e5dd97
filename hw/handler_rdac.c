// SPDX-License-Identifier: MIT
/*
 * LSI's arrays (NetApp E-series and their relatives; census 3.3): of two
 * controllers one owns a volume, and only that serves it. VPD page 0xc9 says
 * whether it is the path's; a MODE SELECT of the redundant controller page
 * moves volumes to the controller that gets it.
 *
 *   page 0xc9 -> owned, or needs no owner: ready
 *             -> not: page 0xc8 for the volume's number and the array, 0xc4 for
 *                the controller; join its batch (rdac_batch.h); come back
 *             -> page 0xc2 for the form, MODE SELECT for the whole batch: ready
 *
 * While another host has the array's configuration locked all of them begin
 * anew after a pause, for a minute.
 */
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/handler_common.h"
#include "hw/handlers.h"
#include "hw/rdac.h"
#include "hw/rdac_batch.h"

/* VPD pages: their number, their size, what stands where. */
enum {
	ACCESS_SIZE = 48, /* of RDAC_PAGE */

	VOLUME_PAGE = 0xc8,
	VOLUME_SIZE = 175,
	VOLUME_ARRAY = 90,
	VOLUME_LUN = 174, /* the last byte of eight */

	CONTROLLER_PAGE = 0xc4,
	CONTROLLER_SIZE = 32,
	CONTROLLER_SLOT = 29,
	FIRST_SLOT = 0x31, /* '1' */

	FIRMWARE_PAGE = 0xc2,
	FIRMWARE_SIZE = 255,
	FIRMWARE_MAX_LUN = 15,

	PAGE_NAME = 4, /* in all of them */
};

enum {
	MODE_SELECT_6 = 0x15,
	MODE_SELECT_10 = 0x55,
	RETRIES = 5,
	GATHER_MS = 20, /* so long a batch is open */
};

/* The mode page, in its two forms: up to 32 volumes, or 256. */
enum {
	REDUNDANT_CONTROLLER = 0x2c,
	WITH_SUBPAGE = 0x40,
	SMALL_HEADER = 4,
	LARGE_HEADER = 8,
	SMALL_LUNS = 32,
	SMALL_SIZE = 0x6e,
	LARGE_SIZE = 0x134,
	/* What follows the page's own header. */
	SERIALS = 32, /* of both controllers; zeros */
	MODE = SERIALS + 1,
	QUIESCENCE = SERIALS + 4,
	OPTIONS = SERIALS + 5,
	LUN_TABLE = SERIALS + 6,
	TRANSFER_VOLUMES = 0x02,
	SECONDS = 20,
	FORCED_QUIESCENCE = 0x02,
	TAKE_THIS_ONE = 0x81,
};

static enum activate_result say(struct activate_request *r,
				enum activate_result result, const char *text)
{
	snprintf(r->message, sizeof(r->message), "%s", text);
	return result;
}

/* Who owns it? */

static enum activate_result ask(struct activate_request *r, struct rdac *ret)
{
	uint8_t page[ACCESS_SIZE];
	size_t got;
	enum activate_result result =
		handler_page(r, RDAC_PAGE, page, sizeof(page), &got);

	if (result != ACTIVATE_OK)
		return result;
	if (rdac_parse(page, got, ret))
		return say(r, ACTIVATE_NOSYS,
			   "VPD page 0xc9: not as RDAC arrays have it");
	if (!ret->connected)
		return say(r, ACTIVATE_IO, "VPD page 0xc9: not connected");
	return ACTIVATE_OK;
}

/* Only the owner serves I/O. */
static bool is_exclusive(const struct rdac *d)
{
	return !d->ioship && !d->avt;
}

static bool is_to_be_moved(const struct rdac *d)
{
	return !d->owner &&
	       (is_exclusive(d) || (d->ioship && d->preference & 1));
}

/* The pages that a batch needs */

/* What is beyond the end would be another volume's number. */
static enum activate_result get_named(struct activate_request *r, uint8_t page,
				      const char *name, uint8_t *buf,
				      size_t size, size_t least)
{
	size_t got;
	enum activate_result result = handler_page(r, page, buf, size, &got);

	if (result == ACTIVATE_OK && memcmp(buf + PAGE_NAME, name, 4)) {
		snprintf(r->message, sizeof(r->message),
			 "VPD page 0x%02x: not as RDAC arrays have it", page);
		return ACTIVATE_NOSYS;
	}
	if (result == ACTIVATE_OK && got < least)
		return handler_cut_short(r, page);
	return result;
}

static enum activate_result find_controller(struct activate_request *r,
					    struct rdac_controller *c,
					    uint8_t *lun)
{
	uint8_t volume[VOLUME_SIZE], slot[CONTROLLER_SIZE];
	const char *hctl = r->dev->facts.hctl;
	enum activate_result result =
		get_named(r, VOLUME_PAGE, "edid", volume, sizeof(volume),
			  VOLUME_LUN + 1);

	if (result == ACTIVATE_OK)
		result = get_named(r, CONTROLLER_PAGE, "subs", slot,
				   sizeof(slot), CONTROLLER_SLOT + 1);
	if (result != ACTIVATE_OK)
		return result;
	*c = (struct rdac_controller){
		.index = slot[CONTROLLER_SLOT] != FIRST_SLOT,
	};
	memcpy(c->array, volume + VOLUME_ARRAY, sizeof(c->array));
	snprintf(c->host, sizeof(c->host), "%.*s", (int)strcspn(hctl, ":"),
		 hctl);
	*lun = volume[VOLUME_LUN];
	return ACTIVATE_OK;
}

/* Moving */

/* The page without its header, for n volumes. */
static void fill_page(uint8_t *page, const bool *wants, size_t n)
{
	page[MODE] = TRANSFER_VOLUMES;
	page[QUIESCENCE] = SECONDS;
	page[OPTIONS] = FORCED_QUIESCENCE;
	for (size_t i = 0; i < n; i++)
		page[LUN_TABLE + i] = wants[i] ? TAKE_THIS_ONE : 0;
}

/* CHECK CONDITION, and no sense: is it done? To do it once more does no harm. */
static bool says_nothing(const struct scsi_answer *a)
{
	return a->status == SCSI_CHECK_CONDITION && !sense_key(a);
}

static enum activate_result send(struct activate_request *r,
				 const struct scsi_command *c)
{
	/* ACTIVATE_RETRY: at once; ACTIVATE_WAIT: not now. */
	static const struct sense_rule rules[] = {
		{SENSE(SENSE_UNIT_ATTENTION, 0, 0), true, ACTIVATE_RETRY, NULL},
		{SENSE(SENSE_NOT_READY, 0x04, 0x01), false, ACTIVATE_RETRY,
		 NULL},
		{SENSE(SENSE_ILLEGAL_REQUEST, 0x91, 0x36), false, ACTIVATE_WAIT,
		 "the array's configuration is locked"},
	};
	enum activate_result result = ACTIVATE_RETRY;
	struct scsi_answer a;
	struct errmsg e;
	int error;

	for (int i = 0; i <= RETRIES && result == ACTIVATE_RETRY; i++) {
		error = scsi_send(c, &a, &e);
		if (!error && a.good && !(says_nothing(&a) && i < RETRIES)) {
			r->message[0] = '\0';
			return ACTIVATE_OK;
		}
		if (!error && a.good)
			continue;
		result = handler_failed(r, "MODE SELECT", error, &e, &a, rules,
					ARRAY_SIZE(rules));
		if (!error && scsi_aborted(&a))
			result = ACTIVATE_RETRY;
	}
	return result == ACTIVATE_RETRY ? ACTIVATE_IO : result;
}

static enum activate_result send_small(struct activate_request *r,
				       const bool *wants)
{
	static const uint8_t cdb[6] = {MODE_SELECT_6, [4] = SMALL_SIZE};
	uint8_t data[SMALL_SIZE] = {
		[SMALL_HEADER] = REDUNDANT_CONTROLLER,
		[SMALL_HEADER + 1] = SMALL_SIZE - SMALL_HEADER - 2,
	};
	const struct scsi_command c = {
		.fd = r->dev->fd, .cdb = cdb, .cdb_len = sizeof(cdb),
		.out = data, .size = sizeof(data),
		.timeout = handler_timeout(r)};

	fill_page(data + SMALL_HEADER + 2, wants, SMALL_LUNS);
	return send(r, &c);
}

static enum activate_result send_large(struct activate_request *r,
				       const bool *wants)
{
	static const uint8_t cdb[10] = {MODE_SELECT_10,
					[7] = LARGE_SIZE >> 8,
					[8] = LARGE_SIZE & 0xff};
	uint8_t data[LARGE_SIZE] = {
		[LARGE_HEADER] = REDUNDANT_CONTROLLER | WITH_SUBPAGE,
		[LARGE_HEADER + 1] = 0x01, /* the subpage */
		[LARGE_HEADER + 2] = (LARGE_SIZE - LARGE_HEADER - 4) >> 8,
		[LARGE_HEADER + 3] = (LARGE_SIZE - LARGE_HEADER - 4) & 0xff,
	};
	const struct scsi_command c = {
		.fd = r->dev->fd, .cdb = cdb, .cdb_len = sizeof(cdb),
		.out = data, .size = sizeof(data),
		.timeout = handler_timeout(r)};

	fill_page(data + LARGE_HEADER + 4, wants, RDAC_LUNS);
	return send(r, &c);
}

static enum activate_result move(struct activate_request *r, const bool *wants)
{
	uint8_t firmware[FIRMWARE_SIZE];
	size_t got;
	enum activate_result result = handler_page(
		r, FIRMWARE_PAGE, firmware, sizeof(firmware), &got);

	if (result != ACTIVATE_OK)
		return result;
	if (got <= FIRMWARE_MAX_LUN)
		return handler_cut_short(r, FIRMWARE_PAGE);
	return firmware[FIRMWARE_MAX_LUN] >= SMALL_LUNS ?
		       send_large(r, wants) :
		       send_small(r, wants);
}

/* Its batch */

static enum activate_result join(struct activate_request *r)
{
	struct rdac_controller c;
	uint8_t lun;
	enum activate_result result = find_controller(r, &c, &lun);

	if (result != ACTIVATE_OK)
		return result;
	r->ticket = rdac_batch_join(&c, lun, r->now);
	result = handler_wait(r, HANDLER_PATIENCE, "waits for its turn");
	r->again = GATHER_MS * NSEC_PER_MSEC;
	return result;
}

static enum activate_result begin(struct activate_request *r)
{
	struct rdac d;
	enum activate_result result = ask(r, &d);

	return result == ACTIVATE_OK && is_to_be_moved(&d) ? join(r) : result;
}

static enum activate_result ended(struct activate_request *r,
				  enum activate_result result,
				  const char *message)
{
	r->ticket = 0;
	if (result == ACTIVATE_WAIT)
		return handler_wait(r, HANDLER_PATIENCE,
				    "the array's configuration is locked");
	return say(r, result, message);
}

static enum activate_result rdac_own(struct activate_request *r)
{
	struct rdac_batch b;
	enum activate_result result;
	char message[sizeof(b.message)];

	switch (rdac_batch_turn(r->ticket, r->now, &b)) {
	case RDAC_SEND:
		result = move(r, b.wants);
		snprintf(message, sizeof(message), "%s", r->message);
		rdac_batch_end(r->ticket, result, message);
		return ended(r, result, message);
	case RDAC_UNDER_WAY:
		return handler_wait(r, HANDLER_PATIENCE,
				    "the controller moves volumes");
	case RDAC_ENDED:
		return ended(r, b.result, b.message);
	default:
		return begin(r);
	}
}

static enum activate_result rdac_activate(struct activate_request *r)
{
	return handler_through_kernel(r, "rdac", rdac_own);
}

static enum activate_result rdac_access(struct activate_request *r,
					struct path_access *ret)
{
	struct rdac d;
	enum activate_result result = ask(r, &d);

	if (result == ACTIVATE_OK)
		*ret = (struct path_access){
			.state = d.owner	    ? "active/optimized" :
				 is_exclusive(&d) ? "standby" :
						    "active/non-optimized",
			.usable = d.owner || !is_exclusive(&d),
			.preferred = d.preference & 1,
		};
	return result;
}

static bool rdac_match(const struct path_facts *f)
{
	static const struct handler_array arrays[] = {
		{"IBM", "1722"}, {"IBM", "1724"}, {"IBM", "1726"},
		{"IBM", "1742"}, {"IBM", "1745"}, {"IBM", "1746"},
		{"IBM", "1813"}, {"IBM", "1814"}, {"IBM", "1815"},
		{"IBM", "1818"}, {"IBM", "3526"}, {"IBM", "3542"},
		{"IBM", "3552"}, {"SGI", "TP9300"}, {"SGI", "TP9400"},
		{"SGI", "TP9500"}, {"SGI", "TP9700"}, {"SGI", "IS"},
		{"STK", "OPENstorage"}, {"STK", "FLEXLINE 380"},
		{"STK", "BladeCtlr"}, {"SUN", "CSM"}, {"SUN", "LCSM100"},
		{"SUN", "STK6580_6780"}, {"SUN", "SUN_6180"},
		{"SUN", "ArrayStorage"}, {"DELL", "MD3"},
		{"NETAPP", "INF-01-00"}, {"LSI", "INF-01-00"},
		{"ENGENIO", "INF-01-00"}, {"LENOVO", "DE_Series"},
		{"FUJITSU", "ETERNUS_AHB"}};

	return handler_is_one(f, arrays, ARRAY_SIZE(arrays));
}

const struct handler_ops handler_rdac = {
	.name = "rdac",
	.match = rdac_match,
	.activate = rdac_activate,
	.access = rdac_access,
	.patience = HANDLER_PATIENCE,
};
