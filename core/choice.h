/* SPDX-License-Identifier: MIT */
/*
 * Which checker and which prioritizer serve a path, and by which policy the
 * paths of a volume are grouped (census 3.5, 4.2, 5.1): what an operator has
 * set live; else, with detect_checker, detect_prio and detect_pgpolicy, what
 * the device suggests; else what is configured.
 *
 * Pure: by the facts of a device and a volume's settings. The monitor's.
 */
#ifndef MPATHFS_CORE_CHOICE_H
#define MPATHFS_CORE_CHOICE_H

#include "core/base.h"
#include "core/config.h"
#include "core/facts.h"

struct checker_ops;
struct monitor;
struct path;
struct prioritizer_ops;

enum chosen_by {
	CHOSEN_BY_SETTING,
	CHOSEN_BY_DEVICE,   /* detected */
	CHOSEN_AS_FALLBACK, /* what is configured cannot work there */
};

struct checker_choice {
	const struct checker_ops *ops; /* NULL: there is none of that name */
	enum chosen_by by;
};

/* table ends with NULL. Its first is taken where `auto` finds none. */
struct checker_choice choose_checker(const struct checker_ops *const *table,
				     const struct path_facts *f,
				     const struct settings *s);

struct prio_choice {
	const struct prioritizer_ops *ops; /* NULL: likewise */
	const char *args; /* prio_args, of s; "" where it takes no such words */
	enum chosen_by by;
};

struct prio_choice choose_prio(const struct prioritizer_ops *const *table,
			       const struct path_facts *f,
			       const struct settings *s);

/*
 * Sets path_grouping_policy in s, unless that is live: group_by_prio (or
 * group_by_tpg, where wanted and known) if the priorities of all paths that
 * have told of themselves are ALUA's; else base's, which is as configured.
 */
void choose_policy(const struct prioritizer_ops *const *table,
		   struct path *const *paths, unsigned int npaths,
		   const struct settings *base, struct settings *s);

/* Those of a path that is there. */
struct checker_choice path_checker(const struct monitor *m,
				   const struct path *p);
struct prio_choice path_prio(const struct monitor *m, const struct path *p);

enum { CHOICE_TEXT = 192 };

/* For people, where it comes from: "detected: TPGS 3", "[defaults] F:12". o is
 * the option that has configured it. */
void choice_text(const struct path *p, enum chosen_by by, enum opt o,
		 char buf[CHOICE_TEXT]);

#endif
