/* SPDX-License-Identifier: MIT */
/*
 * Loading: what config.c (files), config_section.c (headings and their lines)
 * and config_path.c (the line of a path) share.
 */
#ifndef MPATHFS_CORE_CONFIG_LOAD_H
#define MPATHFS_CORE_CONFIG_LOAD_H

#include "core/config.h"
#include "core/ini.h"

enum load_section {
	LOAD_NO_SECTION, /* before the first heading of a file */
	LOAD_DEFAULTS,
	LOAD_VOLUME,	 /* the last one of config->volumes */
	LOAD_ENTRY,	 /* the last one of config->entries */
	LOAD_FILTER,	 /* a blacklist, or exceptions */
	LOAD_FILTER_DEVICE, /* one device of it */
	LOAD_WRONG_SECTION,
};

struct load {
	const struct config_registry *reg;
	struct config *config;
	struct config_errors *errs;
	int rc; /* the first failure that is not a mistake in a text */
	/* of the file being read */
	const char *file;	     /* valid while it is being read */
	bool in_defaults[OPT_COUNT]; /* said there already */
	/* of the section */
	enum load_section section;
	unsigned int section_line;
	bool path_seen; /* even a wrong one */
	bool builtin;	/* the file is the hardware table */
	bool exception; /* of a filter */
	char *vendor, *product; /* of a filter's device, so far */
};

void load_fail(struct load *l, int rc);
/* "FILE:LINE: what fmt says"; line 0: the whole file is meant. */
void load_error(struct load *l, unsigned int line, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* "FILE:LINE", of which a long FILE loses its beginning. */
void load_where(const struct load *l, unsigned int line, char *where);

/* config_section.c: what the INI tells. */
extern const struct ini_sink load_sink;
void load_end_section(struct load *l);
void load_forget_filter_device(struct load *l);

/* config_path.c: `path = ...` of the last volume. */
void load_path(struct load *l, unsigned int line, const char *value);

/* config_check.c: all files have been read. */
void load_check(struct load *l);

/* config_entry.c */
struct config_value *entry_find(const struct config_entry *t, enum opt o);
/* Adds o, which must not be there; NULL: no memory. */
struct config_value *entry_add(struct config_entry *t, enum opt o);
/*
 * An entry for a device whose patterns are word for word those of an earlier
 * one takes what it does not say itself from there, and the earlier one goes.
 * False: no memory.
 */
bool config_merge_devices(struct config *c);
void config_free_entries(struct config *c);

#endif
