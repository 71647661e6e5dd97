/* SPDX-License-Identifier: MIT */
/* VPD pages to order, and hw/vpd.h asked about them. */
#ifndef MPATHFS_TESTS_UNIT_VPD_PAGE_H
#define MPATHFS_TESTS_UNIT_VPD_PAGE_H

#include <string.h>
#include "hw/vpd.h"

/* Of a designator: association and type, as in its second byte. */
enum {
	DESIG_VENDOR = 0,
	DESIG_T10 = 1,
	DESIG_EUI64 = 2,
	DESIG_NAA = 3,
	DESIG_PORT = 4,
	DESIG_GROUP = 5,
	DESIG_UNIT_GROUP = 6,
	DESIG_MD5 = 7,
	DESIG_NAME = 8,
	DESIG_UUID = 10,
	BY_PORT = 0x10,
	BY_DEVICE = 0x20,
	BY_NOBODY = 0x30,
};

struct vpd_page {
	uint8_t bytes[1024];
	size_t len;
};

/* As a length field, what stands behind the page is far too large. */
static inline void page_begin(struct vpd_page *p, uint8_t code)
{
	memset(p->bytes, 0xed, sizeof(p->bytes));
	memset(p->bytes, 0, VPD_HEADER_SIZE);
	p->bytes[1] = code;
	p->len = VPD_HEADER_SIZE;
}

static inline void page_add(struct vpd_page *p, const void *bytes, size_t n)
{
	assert(n <= sizeof(p->bytes) - p->len);
	memcpy(p->bytes + p->len, bytes, n);
	p->len += n;
	p->bytes[2] = (uint8_t)((p->len - VPD_HEADER_SIZE) >> 8);
	p->bytes[3] = (uint8_t)(p->len - VPD_HEADER_SIZE);
}

static inline void page_designator(struct vpd_page *p, unsigned int by_type,
				   const void *name, size_t n)
{
	const uint8_t head[] = {1, (uint8_t)by_type, 0, (uint8_t)n};

	page_add(p, head, sizeof(head));
	page_add(p, name, n);
}

struct answer {
	int r;
	char text[300];
	bool cut;
};

/*
 * The first len bytes of the page are all there is, and the answer has size
 * bytes: what reads or writes beyond them is a fault for ASan.
 */
static inline struct answer page_ask(const struct vpd_page *p, size_t len,
				     size_t size, bool serial)
{
	struct answer a = {0};
	uint8_t *page = malloc(len);
	char *text = malloc(size);

	assert(size <= sizeof(a.text) && page && text);
	memcpy(page, p->bytes, len);
	memset(text, '?', size);
	a.r = serial ? vpd_serial(page, len, text, size)
		     : vpd_wwid(page, len, text, size, &a.cut);
	if (a.r == 0)
		memcpy(a.text, text, strlen(text) + 1);
	else
		for (size_t i = 0; i < size; i++)
			assert(text[i] == '?');
	free(text);
	free(page);
	return a;
}

#endif
