/* SPDX-License-Identifier: MIT */
/* Where the kernel keeps the timers of transports; see core/transport.h. */
#ifndef MPATHFS_HW_TRANSPORT_H
#define MPATHFS_HW_TRANSPORT_H

#include <sys/types.h>

struct device;
struct transport_report;
struct transport_timers;

/*
 * Writes them for the disk dev: of its remote port (FC), session (iSCSI) or end
 * device (SAS), its host and itself, or its controller (NVMe over fabrics); what has none of them is only told in
 * *ret. root stands before /sys: "" but in tests. May block.
 */
void transport_write_disk(const char *root, dev_t dev,
			  const struct transport_timers *t,
			  struct transport_report *ret);
/* As transport_set(). */
void transport_write(const struct device *d, const struct transport_timers *t,
		     struct transport_report *ret);

#endif
