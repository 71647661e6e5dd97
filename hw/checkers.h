/* SPDX-License-Identifier: MIT */
/* What hw/ offers; fs/main.c hands it to core. */
#ifndef MPATHFS_HW_CHECKERS_H
#define MPATHFS_HW_CHECKERS_H

#include "core/checker.h"

extern const struct checker_ops checker_ana;
extern const struct checker_ops checker_directio;
extern const struct checker_ops checker_emc_clariion;
extern const struct checker_ops checker_hp_sw;
extern const struct checker_ops checker_none;
extern const struct checker_ops checker_rdac;
extern const struct checker_ops checker_readsector0;
extern const struct checker_ops checker_tur;

/* Ends with NULL. Of those that match a device the first is taken, rdac before
 * tur; where none does, directio. */
#define CHECKER_TABLE                                                          \
	{                                                                      \
		&checker_directio, &checker_ana, &checker_none, &checker_rdac, \
			&checker_tur, &checker_emc_clariion, &checker_hp_sw,   \
			&checker_readsector0, NULL                             \
	}

#endif
