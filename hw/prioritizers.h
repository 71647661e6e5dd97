/* SPDX-License-Identifier: MIT */
/* What hw/ offers; fs/main.c hands it to core. */
#ifndef MPATHFS_HW_PRIORITIZERS_H
#define MPATHFS_HW_PRIORITIZERS_H

#include "core/prioritizer.h"

extern const struct prioritizer_ops prio_alua;
extern const struct prioritizer_ops prio_ana;
extern const struct prioritizer_ops prio_const;
extern const struct prioritizer_ops prio_datacore;
extern const struct prioritizer_ops prio_emc;
extern const struct prioritizer_ops prio_hds;
extern const struct prioritizer_ops prio_hp_sw;
extern const struct prioritizer_ops prio_iet;
extern const struct prioritizer_ops prio_ontap;
extern const struct prioritizer_ops prio_path_latency;
extern const struct prioritizer_ops prio_random;
extern const struct prioritizer_ops prio_rdac;
extern const struct prioritizer_ops prio_sysfs;
extern const struct prioritizer_ops prio_weightedpath;

/* Ends with NULL. Of those that match a device the first is taken: sysfs before
 * alua. */
#define PRIORITIZER_TABLE                                                      \
	{                                                                      \
		&prio_const, &prio_random, &prio_weightedpath,                 \
			&prio_path_latency, &prio_sysfs, &prio_datacore,       \
			&prio_iet, &prio_alua, &prio_emc, &prio_rdac,          \
			&prio_hp_sw, &prio_hds, &prio_ontap, &prio_ana, NULL   \
	}

#endif
