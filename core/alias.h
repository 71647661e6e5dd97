/* SPDX-License-Identifier: MIT */
/*
 * Names of volumes that were found: user friendly ones, such as mpatha, and
 * what may be an alias or a WWID at all (census 6.3).
 *
 * A user friendly name is a prefix and a number, its id, written with the
 * letters a to z in bijective base 26: a is 1, z 26, aa 27, zz 702, aaa 703.
 *
 * Pure functions, any thread.
 */
#ifndef MPATHFS_CORE_ALIAS_H
#define MPATHFS_CORE_ALIAS_H

#include "core/base.h"
#include "core/errmsg.h"

/*
 * The name of id, 1..INT_MAX, into ret. -ERANGE: no such id; -ENAMETOOLONG:
 * the prefix leaves no room for it.
 */
int alias_format(const char *prefix, int id, char ret[NAME_SIZE]) MUST_CHECK;

/*
 * The id of a name into *ret. -EINVAL: another prefix, or what follows is not
 * one or more of a to z; -ERANGE: more than INT_MAX; -ENAMETOOLONG: no name is
 * that long.
 */
int alias_parse(const char *prefix, const char *alias, int *ret) MUST_CHECK;

/*
 * The order of aliases, as strcmp() tells it: the shorter first, then by the
 * alphabet. Among those of one prefix this is the order of their ids; those of
 * several prefixes may be interleaved.
 */
int alias_compare(const char *a, const char *b);

/*
 * Can it name a volume, in the tree and in the bindings file? A WWID may be
 * called what the mount calls its own files, as it never stands there alone.
 * -EINVAL with the reason in e.
 */
int alias_check(const char *alias, struct errmsg *e) MUST_CHECK;
int wwid_check(const char *wwid, struct errmsg *e) MUST_CHECK;

#endif
