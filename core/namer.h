/* SPDX-License-Identifier: MIT */
/*
 * What the bindings and the wwids file say of LUNs, asked and told without
 * waiting: as jobs on the monitor's pool, one at a time, as the files may lie on
 * a disk that hangs.
 *
 * The monitor's thread.
 */
#ifndef MPATHFS_CORE_NAMER_H
#define MPATHFS_CORE_NAMER_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/textlist.h"

struct monitor;
struct namer;

/* What is asked of a LUN: bits. */
enum {
	NAMER_KNOWN = 1, /* does the wwids file have it? */
	NAMER_NAME = 2,	 /* its name in the bindings file, made if need be */
	NAMER_ADD = 4,	 /* put it into the wwids file */
};

struct namer_query {
	unsigned int what;
	char wwid[NAME_SIZE];
	char current[NAME_SIZE]; /* what it is called now, "" nothing */
	char prefix[NAME_SIZE];
	/* the answers */
	bool known;	      /* also after NAMER_ADD */
	char name[NAME_SIZE]; /* "": it has none */
	struct errmsg why;    /* not all is as it should be; "" it is */
};

/* A name that is in use; wwid "" by no LUN. */
struct namer_taken {
	char name[NAME_SIZE];
	char wwid[NAME_SIZE];
	bool yields; /* to whom the bindings file gives that name now */
};

struct namer_batch {
	struct namer_query *query;
	size_t n;
	struct namer_taken *taken;
	size_t ntaken;
	struct textlist warnings; /* lines of the files that make no sense */
};

struct namer_params {
	struct monitor *monitor;
	const char *dir; /* the state directory, which need not exist */
	bool read_only;	 /* nothing is written */
	/* The batch is freed when it returns. */
	void (*answered)(void *ctx, const struct namer_batch *b);
	void *ctx;
};

/* NULL: no memory. */
struct namer *namer_new(const struct namer_params *p);
/* Nothing is out. */
void namer_free(struct namer *n);
bool namer_busy(const struct namer *n);
/* Takes all of *b over; nothing is out. */
void namer_ask(struct namer *n, struct namer_batch *b);
/* What nobody has asked with. */
void namer_batch_fini(struct namer_batch *b);

#endif
