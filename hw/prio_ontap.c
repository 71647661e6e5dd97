// SPDX-License-Identifier: MIT
/*
 * NetApp ONTAP, 7-mode (census 3.5): 4 for Fibre Channel to the controller that
 * has the LUN, 3 for an iSCSI adapter, 2 for iSCSI in software, 1 for Fibre
 * Channel through the partner. The array's own command says which, and for
 * Fibre Channel a VPD page.
 */
#include <string.h>

#include "core/device.h"
#include "hw/bytes.h"
#include "hw/commands.h"
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"

enum {
	DIRECT = 4,
	ISCSI_ADAPTER = 3,
	ISCSI_SOFTWARE = 2,
	PROXY = 1,
};

/* The command: GET VENDOR ATTRIBUTES, page 0x41. */
enum { GVA_PAGE = 0x41, GVA_ROOM = 256, GVA_HEADER = 8, GVA_NAME = 12 };
enum { PROXY_PAGE = 0xc1, PROXY_ROOM = 128, PROXY_AT = 19, PROXY_BIT = 2 };

static bool begins(const uint8_t *data, const char *text)
{
	return !memcmp(data, text, strlen(text));
}

static bool gva(struct prio_query *q, uint8_t buf[GVA_ROOM])
{
	static const uint8_t cdb[10] = {0xc0, 0,    0x01,     0x0a,
					0x98, 0x0a, GVA_PAGE, 0x80};
	static const uint8_t format[] = {0x0a, 0x98, 0x0a, 0x01};
	const struct scsi_command c = {.fd = q->dev->fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = GVA_ROOM,
				       .timeout = command_timeout(q->timeout)};
	struct errmsg e;
	size_t got;

	memset(buf, 0, GVA_ROOM);
	if (scsi_read(&c, &got, &e)) {
		prio_undef(q, "GET VENDOR ATTRIBUTES: %.60s", e.text);
		return false;
	}
	if (memcmp(buf + 4, format, sizeof(format))) {
		prio_undef(q, "GET VENDOR ATTRIBUTES: malformed");
		return false;
	}
	return true;
}

/* Unknown: it is not. */
static bool is_proxy(struct prio_query *q)
{
	static const uint8_t format[] = {0x0a, 0x98, 0x0a, 0x00, PROXY_PAGE, 0};
	uint8_t page[PROXY_ROOM];
	size_t got;
	bool known = prio_vpd(q, PROXY_PAGE, page, sizeof(page), &got) &&
		     got > PROXY_AT && page[1] == PROXY_PAGE &&
		     !memcmp(page + 8, format, sizeof(format));

	q->message[0] = '\0';
	return known && page[PROXY_AT] & PROXY_BIT;
}

static int ontap_get(struct prio_query *q)
{
	uint8_t page[GVA_ROOM];
	const uint8_t *name = page + GVA_NAME;

	if (!gva(q, page))
		return PRIO_UNDEF;
	if (be32(page) > GVA_HEADER && page[GVA_HEADER] == GVA_PAGE) {
		if (begins(name, "ism_sw") || begins(name, "iswt"))
			return ISCSI_SOFTWARE;
		if (begins(name, "ism_sn"))
			return ISCSI_ADAPTER;
	}
	return is_proxy(q) ? PROXY : DIRECT;
}

const struct prioritizer_ops prio_ontap = {
	.name = "ontap",
	.get = ontap_get,
	.needs_device = true,
	.blocks = true,
};
