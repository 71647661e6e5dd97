// SPDX-License-Identifier: MIT
/*
 * HP's and Compaq's arrays with one active controller (census 4.3): a serial
 * number comes from either controller, TEST UNIT READY succeeds on the active
 * one.
 *
 * Beside the census: one that meets a unit attention or is aborted is sent
 * again, or each reset made a passive path of the active one; and a disk that
 * goes in between is no passive one.
 */
#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/commands.h"
#include "hw/vpd.h"

enum { ROOM = 255, TRIES = 5 };

static enum check_state hp_sw_run(struct checker *c)
{
	uint8_t page[ROOM];
	int tries = TRIES, r;
	struct scsi_answer a;
	struct errmsg e;
	size_t got;
	enum check_state s =
		asking_vpd(c, VPD_SERIAL, page, sizeof(page), 1, &got);

	if (s != CHECK_UP)
		return s;
	do
		r = command_ready(asking_fd(c), asking_timeout(c), &a, &e);
	while (!r && scsi_interrupted(&a) && --tries);
	if (r)
		return asking_unsent(c, r, &e);
	if (!a.good)
		return asking_says(c, CHECK_GHOST, "not ready: %.80s", a.text);
	return CHECK_UP;
}

const struct checker_ops checker_hp_sw = {
	.name = "hp_sw",
	.run = hp_sw_run,
};
