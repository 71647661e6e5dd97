/* SPDX-License-Identifier: MIT */
/* A registry of selectors and checkers for the tests of the configuration. */
#ifndef MPATHFS_TESTS_UNIT_FAKE_REGISTRY_H
#define MPATHFS_TESTS_UNIT_FAKE_REGISTRY_H

#include <errno.h>
#include <string.h>
#include "core/config.h"

/* Takes "NAME 0" and "NAME 1 WORD". */
static inline int fake_check_selector(const char *text, struct errmsg *e)
{
	const char *args = strchr(text, ' ');

	assert(args);
	if (strcmp(args, " 0") == 0)
		return 0;
	if (strncmp(args, " 1 ", 3) == 0 && !strchr(args + 3, ' '))
		return 0;
	return errmsg_set(e, EINVAL, "fake: arguments");
}

/* Takes any words but one; "hungry" wants some. */
static inline int fake_check_prio(const char *prio, const char *args,
				  struct errmsg *e)
{
	if (strcmp(args, "bad") == 0)
		return errmsg_set(e, EINVAL, "fake: not for %s", prio);
	if (strcmp(prio, "hungry") == 0 && !*args)
		return errmsg_set(e, EINVAL, "fake: wants words");
	if (strcmp(prio, "fasting") == 0 && *args)
		return errmsg_set(e, EINVAL, "fake: takes no words");
	return 0;
}

static const char *const fake_selectors[] = {"round-robin", "queue-length",
					     "service-time", NULL};
static const char *const fake_checkers[] = {"directio", "none", "slow",
					    NULL};

static const struct config_registry fake_registry = {
	.selectors = fake_selectors,
	.checkers = fake_checkers,
	.check_selector = fake_check_selector,
	.check_prio = fake_check_prio,
};

#endif
