/* SPDX-License-Identifier: MIT */
/*
 * The bindings file, DIR/bindings: which volume has which user friendly name,
 * for ever (census 6.3). Other programs may change it at any time.
 *
 * Whether it has changed is asked of the file itself (statefile_changed())
 * whenever a name is looked for, and statewatch.h tells when to do that anew.
 *
 * Threads: one at a time per object. bindings_refresh() and bindings_name()
 * read a disk and may write it: see statefile.h.
 */
#ifndef MPATHFS_CORE_BINDINGS_H
#define MPATHFS_CORE_BINDINGS_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/statetable.h"

struct bindings;

/*
 * Nothing is read yet, dir need not exist. w is copied: told of every line
 * that is wrong, each time that a changed file is read. NULL: no memory.
 */
struct bindings *bindings_new(const char *dir, const struct state_warn *w);
void bindings_free(struct bindings *b);

/*
 * Reads the file if it has changed. -errno with the reason in e: then what was
 * read last is still in force.
 */
int bindings_refresh(struct bindings *b, struct errmsg *e) MUST_CHECK;

/* What was read last says; NULL: not bound. Valid until the next refresh. */
const char *bindings_alias(const struct bindings *b, const char *wwid);
const char *bindings_wwid(const struct bindings *b, const char *alias);

/* Whose name is asked for. */
struct naming {
	const char *wwid;
	const char *current; /* what the volume is called now; "": nothing */
	const char *prefix;
	bool read_only; /* never writes */
	/*
	 * Is alias the name of a volume, there or configured, of another WWID?
	 * Called while the file is locked.
	 */
	bool (*taken)(void *ctx, const char *alias, const char *wwid);
	void *ctx;
};

/*
 * The name of a volume. It is what the file says, whatever prefix that has. If
 * that says nothing, the current name if it is one of this prefix that nobody
 * else is bound to, else the free one of the lowest id; and that is in the
 * file, on disk, when this returns 0.
 *
 * Otherwise *ret is the current name, if no other WWID is bound to that, else
 * the WWID; this is so
 *   - with 0 if read_only and nothing is bound,
 *   - with -EEXIST if the bound alias is taken,
 *   - with -EINVAL if the prefix makes no names, -ERANGE if it has no more,
 *   - with -errno if the file cannot be read or written: an alias that was not
 *     saved is not used, as the next who asks would give it to another LUN.
 * If the file cannot be read, but what was read last has a name, that counts,
 * and -errno is returned all the same. The reason is in e.
 *
 * *ret is "" only with -EINVAL, if wwid is none (wwid_check()).
 */
int bindings_name(struct bindings *b, const struct naming *n,
		  char ret[NAME_SIZE], struct errmsg *e) MUST_CHECK;

#endif
