/* SPDX-License-Identifier: MIT */
/*
 * The contract of a reserver: one command of persistent reservations, sent down
 * one path. What SCSI's PERSISTENT RESERVE IN and OUT do, in whatever words the
 * device has for it; core decides which path is asked what, and when.
 */
#ifndef MPATHFS_CORE_RESERVER_H
#define MPATHFS_CORE_RESERVER_H

#include "core/base.h"

struct device;

enum reserve_verb {
	RESERVE_READ_KEYS,
	RESERVE_READ_HOLDER,
	RESERVE_REGISTER,	 /* key becomes `other`; 0: none is there */
	RESERVE_REGISTER_IGNORE, /* the same, whatever key is there now */
	RESERVE_RESERVE,
	RESERVE_RELEASE,
	RESERVE_CLEAR,
	RESERVE_PREEMPT,       /* the registrations of `other` end */
	RESERVE_PREEMPT_ABORT, /* and so do their commands */
};

enum reserve_type {
	RESERVE_NONE,
	RESERVE_WRITE_EXCLUSIVE,
	RESERVE_EXCLUSIVE_ACCESS,
	RESERVE_WRITE_EXCLUSIVE_RO, /* ...registrants only */
	RESERVE_EXCLUSIVE_ACCESS_RO,
	RESERVE_WRITE_EXCLUSIVE_AR, /* ...all registrants */
	RESERVE_EXCLUSIVE_ACCESS_AR,
	RESERVE_TYPES
};

struct reserve_command {
	enum reserve_verb verb;
	enum reserve_type type; /* of RESERVE, RELEASE, PREEMPT... */
	uint64_t key;		/* ours on that path; 0: none */
	uint64_t other;		/* of REGISTER..., PREEMPT... */
	/* Of REGISTER...: it outlives a loss of power; it is for every port of
	 * the target. */
	bool aptpl, all_tg_pt;
};

enum reserve_verdict {
	RESERVE_OK,
	RESERVE_CONFLICT,    /* not with that key on that path */
	RESERVE_UNSUPPORTED, /* the device has no such command */
	RESERVE_REFUSED,     /* it has, but not so */
	RESERVE_NO_ROOM,     /* it takes no more registrations */
	RESERVE_FAILED,	     /* it went wrong in the device */
	RESERVE_NO_ANSWER,   /* it went wrong on the way: done or not */
};

struct reserve_request {
	/* set by core */
	struct device *dev; /* stays open until the call has returned */
	uint64_t timeout;   /* ns */
	struct reserve_command command;
	/* set by the reserver; with RESERVE_OK, by the verb */
	uint64_t *keys; /* all there are, one for each way; core frees them */
	size_t nkeys;
	uint32_t generation;	/* of the keys; one more with each change */
	uint64_t holder;	/* 0, also where all registrants are holders */
	enum reserve_type type; /* RESERVE_NONE: nobody has reserved it */
	/* what went wrong, for people; "" with RESERVE_OK */
	char message[96];
};

/*
 * Sends it and waits for the answer. May block: a thread of the pool. Several
 * at once, for one device one. Made by fs/main.c; see monitor_params.
 */
extern enum reserve_verdict (*const device_reserve)(struct reserve_request *r);

/* "write-exclusive-registrants-only", ...; RESERVE_NONE: "none". */
const char *reserve_type_text(enum reserve_type t);
/* That, or the number that SCSI has for it, as mpathpersist's --prout-type.
 * RESERVE_NONE: no such type. */
enum reserve_type reserve_type_parse(const char *word);
/* Is each registrant a holder? */
bool reserve_type_is_shared(enum reserve_type t);

/* A key as people write it, up to 16 hex digits, with 0x or without. */
bool reserve_key_parse(const char *word, uint64_t *ret);

/* "REGISTER", ... */
const char *reserve_verb_text(enum reserve_verb v);
/* Does it ask only? */
bool reserve_verb_reads(enum reserve_verb v);
/* The errno of a verdict (> 0); RESERVE_OK: 0. */
int reserve_verdict_errno(enum reserve_verdict v);

#endif
