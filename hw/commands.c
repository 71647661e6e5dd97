// SPDX-License-Identifier: MIT
/* SCSI commands that several parts of hw/ send; see commands.h. No state. */
#include "hw/commands.h"

#include <errno.h>
#include <string.h>

#include "hw/vpd.h"

enum {
	TEST_UNIT_READY = 0x00,
	INQUIRY = 0x12,
	READ_10 = 0x28,
	EVPD = 1,
	/* Every device takes this length; some do not take a larger one. */
	SHORT_PAGE = 254,
	LONGEST_PAGE = 65535, /* the length in the CDB has 16 bits */
	TRIES = 3,
};

int command_timeout(uint64_t ns)
{
	return (int)MAX(ns / NSEC_PER_SEC, 1ULL);
}

/* For commands that only ask: whatever was in the way has passed by now. */
static int send_patiently(const struct scsi_command *c, struct scsi_answer *ret,
			  struct errmsg *e)
{
	int r, tries = TRIES;

	do
		r = scsi_send(c, ret, e);
	while (!r && scsi_interrupted(ret) && --tries);
	return r;
}

int command_ready(int fd, int timeout, struct scsi_answer *ret,
		  struct errmsg *e)
{
	static const uint8_t cdb[6] = {TEST_UNIT_READY};
	const struct scsi_command c = {.fd = fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .timeout = timeout};

	return scsi_send(&c, ret, e);
}

static int inquire(int fd, uint8_t evpd, uint8_t page, void *buf, size_t size,
		   int timeout, struct scsi_answer *ret, struct errmsg *e)
{
	const uint8_t cdb[] = {INQUIRY,	      evpd, page, (uint8_t)(size >> 8),
			       (uint8_t)size, 0};
	const struct scsi_command c = {.fd = fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = size,
				       .timeout = timeout};

	memset(buf, 0, size);
	return send_patiently(&c, ret, e);
}

int command_vpd(int fd, uint8_t page, void *buf, size_t size, int timeout,
		struct scsi_answer *ret, struct errmsg *e)
{
	return inquire(fd, EVPD, page, buf, size, timeout, ret, e);
}

int command_inquiry(int fd, void *buf, size_t size, int timeout,
		    struct scsi_answer *ret, struct errmsg *e)
{
	return inquire(fd, 0, 0, buf, size, timeout, ret, e);
}

/* The first `size` bytes of the page; *got is how many came. */
static int read_page(int fd, uint8_t code, int timeout, uint8_t *page,
		     size_t size, size_t *got, struct errmsg *e)
{
	struct scsi_answer a = {.good = false};
	struct errmsg why;
	int r = inquire(fd, EVPD, code, page, size, timeout, &a, &why);

	*got = a.got;
	if (!r && !a.good)
		r = errmsg_set(&why, scsi_failure(&a), "%s", a.text);
	if (r == -EOPNOTSUPP)
		return errmsg_set(e, ENODATA, "it has no VPD page 0x%02x",
				  code);
	if (r)
		return errmsg_set(e, -r, "INQUIRY of VPD page 0x%02x: %s", code,
				  why.text);
	return 0;
}

static int read_whole(int fd, uint8_t code, int timeout, uint8_t *page,
		      size_t *size, struct errmsg *e)
{
	size_t got;
	int r = read_page(fd, code, timeout, page, SHORT_PAGE, &got, e);

	if (r)
		return r;
	r = vpd_page_size(page, got, code, size);
	if (r)
		return errmsg_set(e, -r,
				  "INQUIRY of VPD page 0x%02x: the "
				  "answer is no such page",
				  code);
	*size = MIN(*size, (size_t)LONGEST_PAGE);
	return *size > SHORT_PAGE
		       ? read_page(fd, code, timeout, page, *size, &got, e)
		       : 0;
}

int command_whole_vpd(int fd, uint8_t code, int timeout, uint8_t **page,
		      size_t *size, struct errmsg *e)
{
	uint8_t *buf = calloc(1, LONGEST_PAGE);
	int r;

	if (!buf)
		return errmsg_set(e, ENOMEM, "VPD page 0x%02x: no memory",
				  code);
	r = read_whole(fd, code, timeout, buf, size, e);
	if (r)
		free(buf);
	else
		*page = buf;
	return r;
}

int command_read_block(int fd, size_t block, int timeout,
		       struct scsi_answer *ret, struct errmsg *e)
{
	static const uint8_t cdb[10] = {READ_10, [8] = 1};
	CLEANUP_FREE uint8_t *buf = malloc(block);
	const struct scsi_command c = {.fd = fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = block,
				       .timeout = timeout};

	if (!buf)
		return errmsg_set(e, ENOMEM, "no memory");
	return send_patiently(&c, ret, e);
}
