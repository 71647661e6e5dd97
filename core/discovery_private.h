/* SPDX-License-Identifier: MIT */
/* What discovery.c, found.c, lun.c and their like share; nobody else. */
#ifndef MPATHFS_CORE_DISCOVERY_PRIVATE_H
#define MPATHFS_CORE_DISCOVERY_PRIVATE_H

#include "core/adopt.h"
#include "core/config.h"
#include "core/discovery.h"
#include "core/disk.h"
#include "core/namer.h"
#include "core/timer.h"

struct opening;

/* Of what changes because disks do. */
#define DISCOVERY_CAUSE "discovery"

/* A LUN that some disk leads to, or that has a volume. */
struct lun {
	char wwid[NAME_SIZE];
	/* what the state directory says */
	unsigned int needs;	  /* to be asked: NAMER_... */
	unsigned int asked;	  /* is being asked */
	bool known;		  /* it is in the wwids file */
	bool owed;		  /* it could not be put there */
	bool wanted;		  /* an operator has said so */
	char friendly[NAME_SIZE]; /* by the bindings file; "" nothing yet */
	/* what follows from its disks and the configuration */
	char vendor[64], product[64], revision[64];
	struct volume_config c; /* its paths: room for all */
	const struct config *by;	/* which c.settings are by; NULL: none yet */
	unsigned int ndisks;	/* that are to be its paths */
	char name[NAME_SIZE];	/* "": none yet */
	char next[NAME_SIZE];	/* while names are chosen */
	struct errmsg no_name;	/* why it has another than it should, or none */
	struct errmsg told_name; /* no_name, as it was told last */
	/* its volume */
	struct volume *v; /* NULL: none */
	bool kept;	  /* from the last worker; to be made at once */
	bool settled;	  /* the volume's settings are c.settings */
	bool lost;	    /* it has no disk any more */
	bool was_open;	    /* while it was lost */
	bool flushed;	    /* by an operator */
	struct errmsg told_file; /* what was told of the files last */
	struct errmsg hold; /* it could not be made; "" it could */
	uint64_t open_since;
};

/* A disk. */
struct found {
	struct disk *disk;
	struct adoption a; /* as it was decided last */
	bool dirty;	   /* to be decided anew */
	bool removed;	   /* by an operator */
	bool seen;	   /* by the enumeration that runs */
	bool agreed;	   /* disk and udev said the same of who it is */
	bool distrusted;   /* and do so no more */
	bool inquired;	   /* it was asked itself, see rescan.h */
	unsigned int asked_again; /* of udev: retrigger_tries */
	struct lun *of;	     /* whose path it is to be; NULL: nobody's */
	struct lun *path_of; /* whose it is */
	/* before it is one */
	struct opening *opening;
	struct device *dev;  /* opened, and nobody's yet */
	bool tried;	     /* opening has ended */
	uint64_t other_size; /* refused for that; 0: not */
	struct errmsg no_path; /* why it is not a path of `of` */
};

/* A path of a volume named by hand. */
struct by_hand {
	dev_t devt; /* 0: no block device, or it is not there */
	const char *device, *volume; /* the configuration's */
};

struct discovery {
	struct discovery_params p;
	struct monitor *m;
	const struct config *config;
	struct found **disks; /* by name, as alias_compare() has it */
	size_t ndisks;
	struct lun **luns; /* by WWID */
	size_t nluns;
	struct namer *namer;
	struct by_hand *by_hand; /* paths named by hand */
	size_t nby_hand;
	struct timer timer;	 /* what is not asked for by an event */
	int watch; /* statewatch.h; -1: none */
	int epoll; /* that and the source; -1: none */
	uint64_t reread_at;	 /* the state directory is read anew; 0: not */
	uint64_t retrigger_at;	 /* udev is asked again; 0: not */
	uint64_t reopen_at;	 /* devices are tried again; 0: not */
	unsigned int nopening;
	unsigned int njobs; /* see disk_job.h */
	uint64_t changes;
	bool todo;     /* something has changed */
	bool comparing; /* what is to be is not to be done */
	struct lun *only; /* of the new ones; NULL: all */
	bool renaming; /* names are to be chosen anew */
	bool afresh;   /* the configuration is another: no volume stays as it
			* is */
	bool starting;
	bool stopping;
	const char *cause; /* of what changes now, for events */
};

/* found.c: the disks */

struct found *found_named(const struct discovery *d, const char *name);
/* Takes disk over; NULL: no memory. */
struct found *found_put(struct discovery *d, struct disk *disk);
/* It is gone. */
void found_drop(struct discovery *d, struct found *f);
/* All disks as they are now; those that are not there any more go. */
int found_enumerate(struct discovery *d, struct errmsg *e);
void found_event(struct discovery *d, struct disk_event *ev);
/* Decides on all that are dirty, and whose they are to be. */
void found_decide(struct discovery *d);
/* All disks of that WWID are to be decided anew; "": none. */
void found_spoil(struct discovery *d, const char *wwid);
void found_all_dirty(struct discovery *d);
/* It says that it is another LUN: it is no path until udev has told of it. */
void found_distrust(struct discovery *d, struct found *f);
/* Those without WWID: asks udev again, when it is time. */
void found_retrigger(struct discovery *d);
/* The volume named by hand that has the disk; NULL: none. As of the last
 * decision. */
const char *found_by_hand(const struct discovery *d, const struct disk *disk);

/* found_open.c: their devices */

/* Opens those that are to be paths and are not yet. */
void found_open(struct discovery *d);
/* Closes what it has open, and forgets how that went. */
void found_close(struct discovery *d, struct found *f);
/* Once more with those that could not be opened. */
void found_open_again(struct discovery *d);

/* lun.c */

struct lun *lun_find(const struct discovery *d, const char *wwid);
/* Makes it if need be; NULL: no memory. */
struct lun *lun_get(struct discovery *d, const char *wwid);
/* Those that nothing leads to and that have no volume go. */
void lun_prune(struct discovery *d);
void lun_free_all(struct discovery *d);
/* Their disks are counted, settings made where disks or configuration are
 * others. */
void lun_settings(struct discovery *d);
/* The files of the state directory may say something else now. */
void lun_ask_all(struct discovery *d);
/* What the files are to be asked of, if they can be asked now. */
void lun_ask(struct discovery *d);
/* namer_params.answered */
void lun_answered(void *ctx, const struct namer_batch *b);
/* Is there anything to be said of it? */
static inline bool lun_is_used(const struct lun *l)
{
	return l->ndisks || l->v || l->kept;
}

/* lun_name.c */
/* Names for all LUNs, where anything that counts has changed. */
void lun_names(struct discovery *d);
/* Where no_name is another than was told: tells it, under that event. */
void lun_tell_names(struct discovery *d, const char *event);

/* steps.c */
/* Makes the volumes be what they are to be now. */
void steps_take(struct discovery *d);
/* The same with all volumes, as a transaction. dry: only compares. */
int steps_take_all(struct discovery *d, bool strict, bool dry,
		   struct errmsg *e) MUST_CHECK;
/* What decide, settings and names give now. */
void steps_compute(struct discovery *d);
/* When a new volume waits no longer for the slow ones of its devices. */
uint64_t steps_patience(const struct discovery *d);
/* Volumes without a disk: is it time for them to go? */
void steps_look_at_lost(struct discovery *d);

/* The files of the state directory are read anew then, if not before. */
void discovery_reread(struct discovery *d, uint64_t at);
/* The timer is due at the first of what waits. */
void discovery_set_timer(struct discovery *d);

#endif
