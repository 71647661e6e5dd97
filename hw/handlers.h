/* SPDX-License-Identifier: MIT */
/* What hw/ offers; fs/main.c hands it to core. */
#ifndef MPATHFS_HW_HANDLERS_H
#define MPATHFS_HW_HANDLERS_H

#include "core/handler.h"

extern const struct handler_ops handler_none;
extern const struct handler_ops handler_alua;
extern const struct handler_ops handler_emc;
extern const struct handler_ops handler_hp_sw;
extern const struct handler_ops handler_rdac;

/* Ends with NULL. */
#define HANDLER_TABLE                                                          \
	{                                                                      \
		&handler_none, &handler_alua, &handler_emc, &handler_hp_sw,    \
			&handler_rdac, NULL                                    \
	}

#endif
