/* SPDX-License-Identifier: MIT */
/* What lane.c, rmw.c, flush.c and hung.c share; nobody else includes it. */
#ifndef MPATHFS_CORE_LANE_PRIVATE_H
#define MPATHFS_CORE_LANE_PRIVATE_H

#include "core/lane.h"

struct view;
struct volume_lane;

enum piece_state { PIECE_FREE, PIECE_OUT, PIECE_PARKED };

/*
 * DATA: the range goes to the paths. A part-sector write comes there by
 * HELD (its range is another's) -> BARRIER (writes under way elsewhere end)
 * -> EDGES (the blocks it covers in part are read) -> DATA.
 */
enum request_phase {
	PHASE_DONE,
	PHASE_HELD,
	PHASE_BARRIER,
	PHASE_EDGES,
	PHASE_DATA,
};

struct lane {
	unsigned int index;
	unsigned int nr_lanes;
	struct engine *engine;
	struct lane_front *front;
	struct mailbox *mailbox; /* = peers[index] */
	struct mailbox *monitor;
	struct mailbox *peers[LANE_MAX];
	struct cds_list_head out;      /* pieces on devices, oldest first */
	struct cds_list_head waiting;  /* volume_lanes with something parked */
	struct cds_list_head barriers; /* that we have not passed yet */
	unsigned int nr_out;
	uint64_t families;  /* of requests begun here: see struct hold */
	uint64_t now;	    /* of this turn */
	uint64_t hung_scan; /* when to look for what hangs; 0: not at all */
};

/* lane.c */
/* Begins r, which takes the place of elder (NULL: of nobody). */
void lane_begin(struct lane *l, struct request *r, struct request *elder);
struct volume_lane *lane_volume(struct lane *l, struct volume *v);
const struct view *lane_view(struct volume *v);
void lane_piece_begin(struct lane *l, struct request *r, struct piece *p,
		      enum io_op op, char *buf, uint64_t off, uint64_t len);
/* The next step of a request of which something has ended. */
void lane_continue(struct lane *l, struct request *r);
void lane_finish(struct lane *l, struct request *r);
/* Lets r wait until holds have changed; then rmw_begin() again. */
void lane_hold_request(struct lane *l, struct request *r);
/* The engine has given back a piece that no device has seen. */
void lane_recalled(struct lane *l, struct piece *p);
/*
 * Ends what is parked of r, without a step of r itself: true if there was
 * anything, and lane_continue() is the caller's then.
 */
bool lane_end_parked(struct lane *l, struct request *r, int err);
/* Those who wait for r's range may go on. */
void lane_release_hold(struct lane *l, struct request *r);

/* rmw.c */
void rmw_begin(struct lane *l, struct request *r);
void rmw_merge(struct request *r);
/* A piece has ended: may barriers of other lanes pass now? */
void lane_barriers_check(struct lane *l);

/* flush.c */
void flush_begin(struct lane *l, struct request *r);
/* r has flushed. */
void flush_ended(struct request *r);

/* hung.c */
void hung_scan(struct lane *l);
/*
 * p has come back. When nothing of its request is on a device any more, none of
 * its writes is unknown and others may write there. A hold kept while it waits
 * for a path could wait for one that waits for it: two writes that overlap and
 * hung together. A part-sector write holds its range to its end.
 */
void hung_known_again(struct lane *l, const struct piece *p);

#endif
