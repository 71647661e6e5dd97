/* SPDX-License-Identifier: MIT */
/*
 * A scenario, written by hand, with the log that it must have. Lines, `#` to
 * the end of one is a comment:
 *
 *   lanes N
 *   volume NAME BYTES BLOCK
 *   path NAME PRIORITY [FACT...]    of the volume above, as the next five;
 *                                   serial=TEXT node=TEXT tpg=N weight=N
 *                                   implicit
 *   port-group N STATE              what access it gives at first
 *   exclusive                       one port group is optimized at a time
 *   absent NAME                     not in the first configuration
 *   found                           not named by hand: it may lose all paths
 *   option NAME VALUE
 *   end SECONDS                     then all heals, which is not in the log
 *   at SECONDS WHAT                 or FROM-TO/STEP: again and again
 *   log
 *   ...                             to the end of the file: what must happen
 *
 * WHAT:
 *   read|write|flush|discard|write-zeroes VOLUME [OFFSET LENGTH] [lane N]
 *   kill N                          the I/O that the log calls #N
 *   fault VOLUME PATH|* KIND [ERRNO] SECONDS [spare]   (plan.h)
 *                                   of a hang: what comes back when it is over
 *                                   of checker and activate: what it answers
 *   access VOLUME N STATE [SECONDS] of a port group, after a transition
 *   weight VOLUME PATH N            what the prioritizer weight says
 *   path VOLUME PATH WORD           fail, reinstate, offline, online, check
 *   group VOLUME N WORD             active, enabled, disabled
 *   control VOLUME WORDS
 *   set VOLUME OPTION VALUE
 *   reconfigure VOLUME PATH...
 */
#ifndef MPATHFS_TESTS_SIM_SCRIPT_H
#define MPATHFS_TESTS_SIM_SCRIPT_H

#include <stdbool.h>

/*
 * True: no rule was broken and the log is as expected; else what is not goes
 * to stdout, as comments of TAP. show: the whole log goes there.
 */
bool script_run(const char *file, bool show);

#endif
