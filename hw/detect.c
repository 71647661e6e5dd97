// SPDX-License-Identifier: MIT
/* Asking an array what it is; see detect.h. No state. */
#include "hw/detect.h"

#include <errno.h>
#include <string.h>

#include "core/facts.h"
#include "hw/commands.h"
#include "hw/place.h"
#include "hw/rdac.h"
#include "hw/rtpg.h"
#include "hw/sysfs.h"

enum {
	SECONDS = 5, /* for one command: the volume waits for it */
	RDAC_SIZE = 44,
	RDAC_NAME = 4,
	PAGES_MAX = 260, /* of VPD page 0: a header, and one byte a page */
	PAGES_FIRST = 4,
};

/* Does the kernel's copy of VPD page 0 say that the disk has that page? Where
 * there is no copy, it may. */
static bool may_have_page(const char *device, uint8_t code)
{
	uint8_t page[PAGES_MAX];
	size_t n = sysfs_bytes(device, "vpd_pg0", page, sizeof(page));

	return !n || (n > PAGES_FIRST &&
		      memchr(page + PAGES_FIRST, code, n - PAGES_FIRST));
}

static bool is_rdac(int fd)
{
	uint8_t page[RDAC_SIZE];
	struct scsi_answer a;
	struct errmsg e;

	return !command_vpd(fd, RDAC_PAGE, page, sizeof(page), SECONDS, &a,
			    &e) &&
	       a.good && !memcmp(page + RDAC_NAME, "vac1", 4);
}

/* What INQUIRY says counts unless the disk itself contradicts it. */
static bool knows_groups(int fd)
{
	CLEANUP_FREE uint8_t *page = NULL;
	struct errmsg e;
	size_t len;

	return rtpg_read(fd, SECONDS, &page, &len, &e) != -EOPNOTSUPP;
}

static void ask_scsi(int fd, const struct place *p, struct path_facts *f)
{
	char state[32];

	if (sysfs_text(p->device, "state", state, sizeof(state)) &&
	    strcmp(state, "running"))
		return;
	f->rdac = may_have_page(p->device, RDAC_PAGE) && is_rdac(fd);
	/* Where the kernel has a state, its handler has asked. */
	if (!f->tpgs || f->access_state || knows_groups(fd))
		return;
	f->tpgs = 0;
	f->implicit_only = false;
}

void detect_array(const char *root, int fd, dev_t dev, struct path_facts *f)
{
	struct place p;

	if (!place_find(root, dev, &p))
		return;
	ask_scsi(fd, &p, f);
	place_free(&p);
}
