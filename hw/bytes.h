/* SPDX-License-Identifier: MIT */
/* Numbers as they stand in what arrays send: SCSI's begin with the high byte,
 * NVMe's with the low one. */
#ifndef MPATHFS_HW_BYTES_H
#define MPATHFS_HW_BYTES_H

#include "core/base.h"

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le16(p + 2) << 16 | le16(p);
}

#endif
