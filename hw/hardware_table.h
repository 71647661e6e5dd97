/* SPDX-License-Identifier: MIT */
/*
 * etc/mpathfs-hardware.conf, compiled in: the arrays that are known, as the
 * text of a configuration file.
 */
#ifndef MPATHFS_HW_HARDWARE_TABLE_H
#define MPATHFS_HW_HARDWARE_TABLE_H

/* [hardware_table, hardware_table_end): no NUL at its end. */
extern const char hardware_table[];
extern const char hardware_table_end[];

#endif
