// SPDX-License-Identifier: MIT
/*
 * The WWID by INQUIRY, for where sysfs has no copy of the page; see
 * identity.h. No state.
 */
#include <errno.h>
#include <string.h>

#include "hw/commands.h"
#include "hw/identity.h"
#include "hw/vpd.h"

static int no_name(int r, struct errmsg *e)
{
	const char *why = "malformed";

	if (r == -ENODATA)
		why = "no name of a LUN in it";
	else if (r == -EOVERFLOW)
		why = "longer than there is room for, or cut off";
	return errmsg_set(e, -r, "VPD page 0x83: %s", why);
}

int identity_inquire_wwid(int fd, int timeout, char *ret, size_t size,
			  struct errmsg *e)
{
	CLEANUP_FREE uint8_t *page = NULL;
	char wwid[NAME_SIZE];
	size_t n;
	bool cut;
	int r = command_whole_vpd(fd, VPD_IDENTITY, timeout, &page, &n, e);

	if (r)
		return r;
	r = vpd_wwid(page, n, wwid, MIN(size, sizeof(wwid)), &cut);
	if (!r && cut)
		r = -EOVERFLOW;
	if (r)
		return no_name(r, e);
	strcpy(ret, wwid);
	return 0;
}
