/* SPDX-License-Identifier: MIT */
/* What hw/ offers; fs/main.c hands it to core. */
#ifndef MPATHFS_HW_CHECKERS_H
#define MPATHFS_HW_CHECKERS_H

#include "core/checker.h"

extern const struct checker_ops checker_directio;
extern const struct checker_ops checker_none;

/* Ends with NULL. */
#define CHECKER_TABLE                                                          \
	{                                                                      \
		&checker_directio, &checker_none, NULL                         \
	}

#endif
