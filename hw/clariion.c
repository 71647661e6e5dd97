// SPDX-License-Identifier: MIT
/* A CLARiiON's unit path report; see clariion.h. */
#include "hw/clariion.h"

#include <errno.h>
#include <string.h>

/* Where what stands. */
enum {
	AT_PAGE = 1,
	AT_LUN = 4,
	AT_DEFAULT_SP = 5,
	AT_CURRENT_SP = 8,
	AT_REVISION = 9,
	AT_WWN = 10,
	AT_INITIATOR_TYPE = 27,
	AT_FAILOVER_MODE = 28,
	AT_OPTIONS = 30,
	AT_OPERATIONS = 48,
	PAGE_LEAST = 49,
};

enum {
	INITIATOR_TYPE = 3,
	MODE_MASK = 7,
	MODE_PNR = 4,  /* failover mode 1 */
	MODE_ALUA = 6, /* failover mode 4 */
	OPTION_COMMPATH = 4,
};

static bool is_configured(const uint8_t *page)
{
	unsigned int mode = page[AT_FAILOVER_MODE] & MODE_MASK;

	return page[AT_INITIATOR_TYPE] == INITIATOR_TYPE &&
	       (mode == MODE_PNR || mode == MODE_ALUA) &&
	       page[AT_OPTIONS] & OPTION_COMMPATH;
}

int clariion_parse(const uint8_t *page, size_t len, struct clariion *ret)
{
	if (len > AT_PAGE && page[AT_PAGE] != CLARIION_PAGE)
		return -ENODATA;
	if (len < PAGE_LEAST)
		return -EOVERFLOW;
	if (page[AT_REVISION] != 0)
		return -ENODATA;
	if (page[AT_LUN] > CLARIION_OWNED)
		return -EINVAL;
	*ret = (struct clariion){
		.lun = page[AT_LUN],
		.default_sp = page[AT_DEFAULT_SP],
		.current_sp = page[AT_CURRENT_SP],
		.configured = is_configured(page),
		.busy = page[AT_OPERATIONS] != 0,
	};
	memcpy(ret->wwn, page + AT_WWN, sizeof(ret->wwn));
	return 0;
}
