// SPDX-License-Identifier: MIT
/* What devices answer to questions about reservations; see persist.h. Pure. */
#include <errno.h>

#include "hw/bytes.h"
#include "hw/persist.h"

enum {
	HEADER_SIZE = 8, /* generation, and the length of what follows */
	KEY_SIZE = 8,
	HOLDER_SIZE = 24, /* with the header */
	HOLDER_KEY = 8,
	HOLDER_SCOPE_TYPE = 21,
	LUN_SCOPE = 0,
};

int persist_keys_parse(const uint8_t *buf, size_t len, struct persist_keys *ret)
{
	uint32_t size;

	if (len < HEADER_SIZE)
		return -EINVAL;
	size = be32(buf + 4);
	if (size % KEY_SIZE)
		return -EINVAL;
	*ret = (struct persist_keys){
		.generation = be32(buf),
		.n = size / KEY_SIZE,
		.size = (size_t)size + HEADER_SIZE,
	};
	return ret->size > len ? -EOVERFLOW : 0;
}

uint64_t persist_key(const uint8_t *buf, size_t i)
{
	return be64(buf + HEADER_SIZE + i * KEY_SIZE);
}

static enum reserve_type scsi_type(unsigned int type)
{
	static const enum reserve_type types[16] = {
		[1] = RESERVE_WRITE_EXCLUSIVE,
		[3] = RESERVE_EXCLUSIVE_ACCESS,
		[5] = RESERVE_WRITE_EXCLUSIVE_RO,
		[6] = RESERVE_EXCLUSIVE_ACCESS_RO,
		[7] = RESERVE_WRITE_EXCLUSIVE_AR,
		[8] = RESERVE_EXCLUSIVE_ACCESS_AR,
	};

	return types[type & 0x0f];
}

int persist_holder_parse(const uint8_t *buf, size_t len,
			 struct persist_holder *ret)
{
	struct persist_holder h = {.type = RESERVE_NONE};
	uint32_t size;

	if (len < HEADER_SIZE)
		return -EINVAL;
	size = be32(buf + 4);
	if (size && size < HOLDER_SIZE - HEADER_SIZE)
		return -EINVAL;
	if (size && len < HOLDER_SIZE)
		return -EOVERFLOW;
	if (size) {
		h.key = be64(buf + HOLDER_KEY);
		h.type = scsi_type(buf[HOLDER_SCOPE_TYPE]);
		if (buf[HOLDER_SCOPE_TYPE] >> 4 != LUN_SCOPE || !h.type)
			return -EINVAL;
	}
	*ret = h;
	return 0;
}

/* NVMe */

enum {
	REPORT_TYPE = 4,
	REPORT_COUNT = 5,
	HOLDS = 1, /* of a registrant's status */
};

/* Of the two layouts: where the list begins, how long one of it is, where its
 * status and its key are. */
static const struct layout {
	size_t header, entry, status, key;
} layouts[] = {{24, 24, 2, 16}, {64, 64, 2, 8}};

uint64_t persist_report_key(const uint8_t *buf, bool extended, size_t i)
{
	const struct layout *l = &layouts[extended];

	return le64(buf + l->header + i * l->entry + l->key);
}

static bool holds(const uint8_t *buf, bool extended, size_t i)
{
	const struct layout *l = &layouts[extended];

	return buf[l->header + i * l->entry + l->status] & HOLDS;
}

/* NVMe numbers the types in our order. */
static int report_holder(const uint8_t *buf, bool extended, size_t n,
			 struct persist_holder *ret)
{
	struct persist_holder h = {.type = RESERVE_NONE};

	if (buf[REPORT_TYPE] >= RESERVE_TYPES)
		return -EINVAL;
	h.type = (enum reserve_type)buf[REPORT_TYPE];
	for (size_t i = 0; h.type && i < n; i++)
		if (!reserve_type_is_shared(h.type) && holds(buf, extended, i))
			h.key = persist_report_key(buf, extended, i);
	*ret = h;
	return 0;
}

int persist_report_parse(const uint8_t *buf, size_t len, bool extended,
			 struct persist_report *ret)
{
	const struct layout *l = &layouts[extended];
	size_t n;

	if (len < l->header)
		return -EINVAL;
	n = le16(buf + REPORT_COUNT);
	ret->keys = (struct persist_keys){
		.generation = le32(buf),
		.n = n,
		.size = l->header + n * l->entry,
	};
	if (ret->keys.size > len)
		return -EOVERFLOW;
	return report_holder(buf, extended, n, &ret->holder);
}
