// SPDX-License-Identifier: MIT
/* LSI's volume access control page; see rdac.h. */
#include "hw/rdac.h"

#include <errno.h>
#include <string.h>

/* Where what stands. */
enum {
	AT_DEVICE = 0, /* peripheral qualifier and type */
	AT_PAGE = 1,
	AT_LENGTH = 3,
	AT_NAME = 4,
	AT_ACCESS = 8,
	AT_PREFERENCE = 9,
	AT_STATE = 10,
	AT_REASON = 11,
	AT_OTHER_STATE = 12,
	PAGE_LEAST = 13,
};

enum { OWNER = 0x01, HAS_STATES = 0x10, IOSHIP = 0x20, AVT = 0x80 };

/* A disk (type 0) that is there (qualifier 0). */
static bool is_connected(uint8_t device)
{
	return (device & 0x7f) == 0;
}

int rdac_parse(const uint8_t *page, size_t len, struct rdac *ret)
{
	if (len > AT_DEVICE && !is_connected(page[AT_DEVICE])) {
		*ret = (struct rdac){.connected = false};
		return 0;
	}
	if (len > AT_PAGE && page[AT_PAGE] != RDAC_PAGE)
		return -ENODATA;
	if (len < PAGE_LEAST)
		return -EOVERFLOW;
	if (memcmp(page + AT_NAME, "vac", 3))
		return -ENODATA;
	*ret = (struct rdac){
		.connected = true,
		.owner = page[AT_ACCESS] & OWNER,
		.ioship = page[AT_ACCESS] & IOSHIP,
		.avt = page[AT_ACCESS] & AVT,
		.preference = page[AT_PREFERENCE] & 0x0f,
		.length = page[AT_LENGTH],
		.has_states = page[AT_ACCESS] & HAS_STATES,
		.state = page[AT_STATE] & 0x0f,
		.reason = page[AT_REASON],
		.other_state = page[AT_OTHER_STATE] & 0x0f,
	};
	return 0;
}
