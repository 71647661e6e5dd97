/* SPDX-License-Identifier: MIT */
/*
 * The file of reservation keys, DIR/prkeys: which key this host registers with
 * for a LUN, where reservation_key is `file` (census 6.11). One line each,
 * 0xKEY[:aptpl] WWID. Other programs may change it at any time.
 *
 * Threads: one at a time per object. All but prkeys_get() read a disk and may
 * write it: see statefile.h.
 */
#ifndef MPATHFS_CORE_PRKEYS_H
#define MPATHFS_CORE_PRKEYS_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/statetable.h"

struct prkeys;

struct prkey {
	uint64_t key; /* 0: none */
	bool aptpl;
};

/* "0x123abc", "123abc:aptpl": as lines and reservation_key have it. */
bool prkey_parse(const char *word, struct prkey *ret);

/*
 * Nothing is read yet, dir need not exist. w is copied: told of every line
 * that is wrong, each time that a changed file is read. NULL: no memory.
 */
struct prkeys *prkeys_new(const char *dir, const struct state_warn *w);
void prkeys_free(struct prkeys *p);

/*
 * Reads the file if it has changed. -errno with the reason in e: then what was
 * read last is still in force.
 */
int prkeys_refresh(struct prkeys *p, struct errmsg *e) MUST_CHECK;

/* By what was read last. */
struct prkey prkeys_get(const struct prkeys *p, const char *wwid);

/*
 * 0: the file has that key for wwid, or with key 0 none, on disk; nothing is
 * written where that was so before. Lines that say no key stay, at its end.
 * With -errno and the reason in e the file and what is in force are as before.
 */
int prkeys_set(struct prkeys *p, const char *wwid, struct prkey key,
	       struct errmsg *e) MUST_CHECK;

#endif
