// SPDX-License-Identifier: MIT
/* NVMe admin commands; see nvme.h. No state. */
#include "hw/nvme.h"

#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	GET_LOG_PAGE = 0x02,
	IDENTIFY = 0x06,
	OF_NAMESPACE = 0,
	OF_CONTROLLER = 1,
	LOG_SPECIFIC_SHIFT = 8,
	LOG_RETAIN_EVENT = 1 << 15,
	LOG_LENGTH_SHIFT = 16,
};

static int send(int fd, struct nvme_admin_cmd *c, void *buf, size_t size,
		unsigned int timeout, struct errmsg *e)
{
	int r;

	memset(buf, 0, size);
	c->addr = (uint64_t)(uintptr_t)buf;
	c->data_len = (uint32_t)size;
	c->timeout_ms = timeout;
	r = ioctl(fd, NVME_IOCTL_ADMIN_CMD, c);
	if (r < 0)
		return errmsg_set(e, errno, "%s", strerror(errno));
	if (r > 0)
		return errmsg_set(e, EIO, "NVMe status 0x%03x",
				  (unsigned int)r);
	return 0;
}

static int identify(int fd, uint32_t of, uint32_t nsid, uint8_t *buf,
		    unsigned int timeout, struct errmsg *e)
{
	struct nvme_admin_cmd c = {
		.opcode = IDENTIFY, .nsid = nsid, .cdw10 = of};
	int r = send(fd, &c, buf, NVME_IDENTIFY_SIZE, timeout, e);

	if (r)
		errmsg_prefix(e, "IDENTIFY");
	return r;
}

int nvme_namespace(int fd, uint32_t *ret, struct errmsg *e)
{
	int nsid = ioctl(fd, NVME_IOCTL_ID);

	if (nsid < 0)
		return errmsg_set(e, errno, "%s", strerror(errno));
	*ret = (uint32_t)nsid;
	return 0;
}

int nvme_identify_namespace(int fd, uint32_t nsid,
			    uint8_t buf[NVME_IDENTIFY_SIZE],
			    unsigned int timeout, struct errmsg *e)
{
	return identify(fd, OF_NAMESPACE, nsid, buf, timeout, e);
}

int nvme_identify_controller(int fd, uint8_t buf[NVME_IDENTIFY_SIZE],
			     unsigned int timeout, struct errmsg *e)
{
	return identify(fd, OF_CONTROLLER, 0, buf, timeout, e);
}

int nvme_log(int fd, uint8_t page, unsigned int specific, uint8_t *buf,
	     size_t size, unsigned int timeout, struct errmsg *e)
{
	/* In words of four bytes, without the first: 0 is one. */
	uint32_t words = (uint32_t)(size / 4 - 1);
	struct nvme_admin_cmd c = {
		.opcode = GET_LOG_PAGE,
		.nsid = UINT32_MAX,
		.cdw10 = page | specific << LOG_SPECIFIC_SHIFT |
			 LOG_RETAIN_EVENT |
			 (words & 0xffff) << LOG_LENGTH_SHIFT,
		.cdw11 = words >> 16,
	};
	int r = send(fd, &c, buf, size, timeout, e);

	if (r)
		errmsg_prefix(e, "GET LOG PAGE 0x%02x", page);
	return r;
}
