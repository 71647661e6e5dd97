// SPDX-License-Identifier: MIT
/*
 * LSI's arrays, NetApp E-series (census 4.3): the volume access control page
 * says whether this controller works, and whether it serves the LUN.
 *
 * When it has first answered, the array is told to say with each aborted task
 * that it was aborted (TAS, in the control mode page), where it can be told;
 * that stays. A task that vanishes would cost its whole timeout.
 */
#include <string.h>

#include "core/facts.h"
#include "hw/access_state.h"
#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/rdac.h"

enum {
	TRIES = 5,
	ROOM = 48, /* for the page C9 */
};

/* The control mode page, with the header of the ten-byte commands. */
enum {
	MODE_SENSE_10 = 0x5a,
	MODE_SELECT_10 = 0x55,
	NO_DESCRIPTORS = 0x08, /* DBD */
	SAVE = 0x01,	       /* SP */
	CONTROL_PAGE = 0x0a,
	CURRENT = 0 << 6,
	CHANGEABLE = 1 << 6,
	HEADER_SIZE = 8,
	AT_CODE = HEADER_SIZE,
	AT_FLAGS = HEADER_SIZE + 5,
	MODE_SIZE = HEADER_SIZE + 12,
	TAS = 0x40,
};

struct rdac_priv {
	bool told; /* or it need not, or cannot be */
};

/* True: buf is that page. */
static bool mode_sense(const struct checker *c, uint8_t which,
		       uint8_t buf[MODE_SIZE])
{
	const uint8_t cdb[10] = {MODE_SENSE_10, NO_DESCRIPTORS,
				 CONTROL_PAGE | which, [8] = MODE_SIZE};
	const struct scsi_command m = {.fd = asking_fd(c),
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = MODE_SIZE,
				       .timeout = asking_timeout(c)};
	size_t got;

	/* Byte 7: block descriptors, which it was asked to leave out. */
	return scsi_read(&m, &got, NULL) == 0 && got == MODE_SIZE &&
	       buf[7] == 0 && (buf[AT_CODE] & 0x3f) == CONTROL_PAGE &&
	       buf[AT_CODE + 1] == MODE_SIZE - HEADER_SIZE - 2;
}

static void tell_of_aborts(const struct checker *c)
{
	static const uint8_t cdb[10] = {MODE_SELECT_10, SAVE, [8] = MODE_SIZE};
	uint8_t mode[MODE_SIZE], changeable[MODE_SIZE];
	const struct scsi_command m = {.fd = asking_fd(c),
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .out = mode,
				       .size = MODE_SIZE,
				       .timeout = asking_timeout(c)};
	size_t sent;

	if (!mode_sense(c, CURRENT, mode) || mode[AT_FLAGS] & TAS ||
	    !mode_sense(c, CHANGEABLE, changeable) ||
	    !(changeable[AT_FLAGS] & TAS))
		return;
	memset(mode, 0, HEADER_SIZE); /* what is sent has none of it */
	mode[AT_CODE] = CONTROL_PAGE;
	mode[AT_FLAGS] |= TAS;
	(void)!scsi_read(&m, &sent, NULL); /* it works without, too */
}

static const char *reason_text(uint8_t reason)
{
	switch (reason) {
	case RDAC_NO_RESPONSE:
		return "the controller does not respond";
	case RDAC_IN_RESET:
		return "the controller is held in reset";
	case RDAC_FIRMWARE:
	case RDAC_FIRMWARE_2:
		return "the controller's firmware is being loaded";
	case RDAC_QUIESCED:
		return "the controller was quiesced by the administrator";
	case RDAC_SERVICE:
		return "the controller is in service mode";
	default:
		return "the controller is unavailable";
	}
}

static enum check_state verdict(struct checker *c, const struct rdac *lun)
{
	if (!lun->connected)
		return asking_says(c, CHECK_DOWN, "the LUN is not connected");
	if (lun->has_states && lun->state == ACCESS_UNAVAILABLE)
		return asking_says(c, CHECK_DOWN, "%s",
				   reason_text(lun->reason));
	/* Both are: a LUN changes its controller. One alone: it boots. */
	if (lun->has_states && lun->state == ACCESS_TRANSITIONING &&
	    lun->other_state != ACCESS_TRANSITIONING)
		return asking_says(c, CHECK_DOWN, "the controller starts up");
	if (lun->owner || lun->ioship)
		return CHECK_UP;
	return asking_says(c, CHECK_GHOST, "the other controller owns the LUN");
}

static enum check_state rdac_run(struct checker *c)
{
	struct rdac_priv *priv = c->priv;
	uint8_t page[ROOM];
	struct rdac lun;
	size_t got;
	enum check_state s =
		asking_vpd(c, RDAC_PAGE, page, sizeof(page), TRIES, &got);

	if (s != CHECK_UP)
		return s;
	if (rdac_parse(page, got, &lun))
		return asking_says(c, CHECK_DOWN, "VPD page 0xc9: malformed");
	if (lun.connected && !priv->told) {
		tell_of_aborts(c);
		priv->told = true;
	}
	return verdict(c, &lun);
}

static unsigned int rdac_match(const struct path_facts *f)
{
	return f->rdac ? CHECKER_DETECTED : 0;
}

const struct checker_ops checker_rdac = {
	.name = "rdac",
	.match = rdac_match,
	.priv_size = sizeof(struct rdac_priv),
	.run = rdac_run,
};
