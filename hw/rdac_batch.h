/* SPDX-License-Identifier: MIT */
/*
 * Volumes of one RDAC controller that wait to be moved to it: one MODE SELECT
 * moves them all (census 3.3), and a controller takes one at a time.
 *
 * Activations run side by side, each of one path. The first that wants a volume
 * moved opens a batch, and gets a ticket; others that come within the next
 * moments join, and get the same. Whoever comes back first with the ticket
 * sends for all of them; the rest hear of it when they come back. So nobody
 * sleeps, and however many volumes an array has, two or three commands do.
 *
 * Whoever does not come back has changed his mind: his path has failed, or
 * another group is in use by now. His volume is left where it is, or it would be
 * taken from where it is used.
 *
 * Any thread.
 */
#ifndef MPATHFS_HW_RDAC_BATCH_H
#define MPATHFS_HW_RDAC_BATCH_H

#include "core/base.h"
#include "core/handler.h"

enum { RDAC_LUNS = 256 };

/* Compared as it is: zeros between and behind. */
struct rdac_controller {
	uint8_t array[16]; /* the array's id */
	uint8_t index;	   /* 0 or 1 */
	char host[16];	   /* of ours; what it calls LUN 3 another may not */
};

struct rdac_batch {
	bool wants[RDAC_LUNS];
	/* when it has ended */
	enum activate_result result;
	char message[96];
};

enum rdac_turn {
	RDAC_SEND,	/* it is the caller's, who calls rdac_batch_end() */
	RDAC_UNDER_WAY, /* come again */
	RDAC_ENDED,	/* result and message say how */
	RDAC_FORGOTTEN, /* nobody knows it any more; look what came of it */
};

/*
 * The ticket, for lun, of the batch that will move it; 0: no room, too many
 * controllers are at it. now: ns, monotonic, here and below; come back within
 * seconds.
 */
uint64_t rdac_batch_join(const struct rdac_controller *c, uint8_t lun,
			 uint64_t now);
enum rdac_turn rdac_batch_turn(uint64_t ticket, uint64_t now,
			       struct rdac_batch *ret);
void rdac_batch_end(uint64_t ticket, enum activate_result result,
		    const char *message);

#endif
