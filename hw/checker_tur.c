// SPDX-License-Identifier: MIT
/*
 * TEST UNIT READY (census 4.3). A unit attention tells of the past, and most
 * errors of the host adapter are those of a moment: it asks again, five times
 * in all. A reservation conflict is an answer of a LUN that is well.
 *
 * Beside the census: so it does where the command was aborted. Another host
 * that resets the LUN, or preempts, has the commands of all paths aborted, and
 * would fail all of them at once.
 */
#include "core/facts.h"
#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/commands.h"

enum { TRIES = 5 };

static bool worth_again(const struct scsi_answer *a)
{
	switch (a->host) {
	case HOST_OK:
	case HOST_NO_CONNECT:
	case HOST_BAD_TARGET:
	case HOST_ABORT:
	case HOST_TRANSPORT_FAILFAST:
		return scsi_interrupted(a);
	default:
		return true;
	}
}

static enum check_state verdict(struct checker *c, const struct scsi_answer *a)
{
	switch (a->sense) {
	case SENSE(2, 0x04, 0x0b):
		return asking_says(c, CHECK_GHOST, "standby");
	case SENSE(2, 0x04, 0x0a):
		return asking_says(c, CHECK_PENDING,
				   "its access state is changing");
	case SENSE_NO_SUCH_LUN:
		return asking_no_such_lun(c);
	default:
		return asking_says(c, CHECK_DOWN, "%s", a->text);
	}
}

static enum check_state tur_run(struct checker *c)
{
	struct scsi_answer a;
	int tries = TRIES;

	do {
		struct errmsg e;
		int r = command_ready(asking_fd(c), asking_timeout(c), &a, &e);

		if (r)
			return asking_unsent(c, r, &e);
		if (a.good)
			return CHECK_UP;
		if (a.status == SCSI_RESERVATION_CONFLICT)
			return asking_says(c, CHECK_UP, "reservation conflict");
	} while (worth_again(&a) && --tries);
	return verdict(c, &a);
}

static unsigned int tur_match(const struct path_facts *f)
{
	return (f->kind == DEVICE_SCSI ? CHECKER_BY_DEFAULT : 0) |
	       (f->tpgs ? CHECKER_DETECTED : 0);
}

const struct checker_ops checker_tur = {
	.name = "tur",
	.match = tur_match,
	.run = tur_run,
};
