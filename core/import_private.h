/* SPDX-License-Identifier: MIT */
/* What import.c (reading) and import_word.c (writing) share. */
#ifndef MPATHFS_CORE_IMPORT_PRIVATE_H
#define MPATHFS_CORE_IMPORT_PRIVATE_H

#include "core/import.h"

enum block_type {
	BLOCK_UNKNOWN,
	BLOCK_LIST, /* devices, multipaths: only holds others */
	BLOCK_DEFAULTS,
	BLOCK_OVERRIDES,
	BLOCK_PROTOCOL,
	BLOCK_DEVICE,
	BLOCK_MULTIPATH,
	BLOCK_BLACKLIST,
	BLOCK_BLACKLIST_DEVICE,
	BLOCK_EXCEPTIONS,
	BLOCK_EXCEPTIONS_DEVICE,
};

struct item {
	unsigned int line;
	char *keyword, *value;
};

struct block {
	enum block_type type;
	unsigned int line;
	struct item *items; /* as they stand there */
	size_t nitems;
};

struct import {
	const char *name; /* of the file, fit for a comment */
	const struct config_registry *reg;
	FILE *out, *notes;
	FILE *left; /* notes again, for the end of out */
	struct block *blocks;
	size_t nblocks;
	unsigned int values; /* lines that say something, as read */
	struct import_result result;
	int error;
};

/* Something is to be known: to notes, and as a comment to out. */
void import_note(struct import *im, unsigned int line, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* import_word.c: all blocks, as sections. */
void import_write(struct import *im);

#endif
