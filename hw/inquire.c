// SPDX-License-Identifier: MIT
/*
 * The WWID by INQUIRY, for where sysfs has no copy of the page; see
 * identity.h. No state.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/device.h"
#include "hw/commands.h"
#include "hw/identity.h"
#include "hw/place.h"
#include "hw/vpd.h"

enum { TIMEOUT = 5 }; /* s, for one command */

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

int identity_of_node(const char *node, dev_t devt, char *ret, size_t size,
		     struct errmsg *e)
{
	CLEANUP_CLOSE int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return errmsg_set(e, errno, "%s: %s", node, strerror(errno));
	if (!S_ISBLK(st.st_mode) || st.st_rdev != devt)
		return errmsg_set(e, ESTALE, "%s is another device now", node);
	return identity_inquire_wwid(fd, TIMEOUT, ret, size, e);
}

/* A disk that has no such page, or none that can be read, has answered as well,
 * and a partition may not be asked: the kernel's word counts then. */
static int ask_scsi(int fd, char *ret, size_t size, struct errmsg *e)
{
	int r = identity_inquire_wwid(fd, TIMEOUT, ret, size, e);

	switch (r) {
	case -ENODATA:
	case -EOVERFLOW:
	case -EINVAL:
	case -ENOTTY:
		return 0;
	default:
		return r;
	}
}

int identity_ask(const char *root, const struct device *d, bool send, char *ret,
		 size_t size, struct errmsg *e)
{
	struct place p;
	enum place_kind kind;
	char from[32];
	int r = 0;

	ret[0] = '\0';
	if (!d->limits.is_block || !place_find(root, d->id.rdev, &p))
		return 0;
	kind = p.kind;
	place_free(&p);
	if (kind == PLACE_OTHER)
		return 0;
	if (kind == PLACE_SCSI && send)
		r = ask_scsi(d->fd, ret, size, e);
	if (!r && !*ret)
		identity_wwid(root, d->id.rdev, ret, size, from, sizeof(from));
	return r;
}

int identity_read(const struct device *d, char *ret, size_t size,
		  struct errmsg *e)
{
	return identity_ask("", d, true, ret, size, e);
}
