/* SPDX-License-Identifier: MIT */
/* What a configuration may name, for the targets that load one. */
#ifndef MPATHFS_TESTS_FUZZ_REGISTRY_H
#define MPATHFS_TESTS_FUZZ_REGISTRY_H

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include "core/checker.h"
#include "core/config.h"
#include "core/prioritizer.h"
#include "core/selector.h"
#include "hw/checkers.h"
#include "hw/handlers.h"
#include "hw/prioritizers.h"
#include "selectors/selectors.h"

static const struct selector_ops *const fuzz_selectors[] = SELECTOR_TABLE;
static const struct checker_ops *const fuzz_checkers[] = CHECKER_TABLE;
static const struct prioritizer_ops *const fuzz_prioritizers[] =
	PRIORITIZER_TABLE;
static const struct handler_ops *const fuzz_handlers[] = HANDLER_TABLE;

static inline int fuzz_check_selector(const char *text, struct errmsg *e)
{
	return selector_check(fuzz_selectors, text, e);
}

static inline int fuzz_check_prio(const char *prio, const char *args,
				  struct errmsg *e)
{
	return prioritizer_check(fuzz_prioritizers, prio, args, e);
}

/* That of the program, without the hardware table. */
static inline const struct config_registry *fuzz_registry(void)
{
	static const char *selectors[ARRAY_SIZE(fuzz_selectors)];
	static const char *checkers[ARRAY_SIZE(fuzz_checkers)];
	static const char *prioritizers[ARRAY_SIZE(fuzz_prioritizers)];
	static const char *handlers[ARRAY_SIZE(fuzz_handlers)];
	static const struct config_registry reg = {
		.selectors = selectors,
		.checkers = checkers,
		.prioritizers = prioritizers,
		.handlers = handlers,
		.check_selector = fuzz_check_selector,
		.check_prio = fuzz_check_prio,
	};

	for (size_t i = 0; fuzz_selectors[i]; i++)
		selectors[i] = fuzz_selectors[i]->name;
	for (size_t i = 0; fuzz_checkers[i]; i++)
		checkers[i] = fuzz_checkers[i]->name;
	for (size_t i = 0; fuzz_prioritizers[i]; i++)
		prioritizers[i] = fuzz_prioritizers[i]->name;
	for (size_t i = 0; fuzz_handlers[i]; i++)
		handlers[i] = fuzz_handlers[i]->name;
	return &reg;
}

/* config_load() of a text; what it says is wrong goes nowhere but to *first. */
static inline int fuzz_load(const char *text, size_t len, struct config **ret,
			    struct errmsg *first)
{
	struct config_errors errs;
	char path[64];
	int fd = memfd_create("config", MFD_CLOEXEC);
	int r;

	assert(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = config_load(path, NULL, fuzz_registry(), ret, &errs);
	assert(r == 0 || (r == -EINVAL && errs.n > 0));
	*first = errs.n > 0 ? errs.v[0] : (struct errmsg){""};
	config_errors_free(&errs);
	close(fd);
	return r;
}

#endif
