/* SPDX-License-Identifier: MIT */
/*
 * A SCSI disk or an NVMe namespace by script: what stands here instead of
 * ioctl(2) expects the commands of the script, in order, and gives their canned
 * answers. Anything else fails the test.
 */
#ifndef MPATHFS_TESTS_UNIT_SCRIPTED_SG_H
#define MPATHFS_TESTS_UNIT_SCRIPTED_SG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/base.h"

struct sg_step {
	uint8_t cdb[16];
	uint8_t cdb_len;
	unsigned int room;    /* bytes for the answer, or of what is sent */
	const uint8_t *sent;  /* NULL: nothing is */
	unsigned int timeout_ms; /* 0: any */
	/* An NVMe command instead, of the admin's or of the I/O's queue, and the
	 * status that answers it. */
	bool is_nvme, is_nvme_io;
	struct nvme_admin_cmd nvme; /* opcode, nsid, cdw10.., data_len */
	int nvme_status;
	/* The answer: an errno of ioctl itself, or */
	int error;
	uint8_t status;
	uint16_t host_status;
	uint8_t sense[32];
	uint8_t sense_len;
	const uint8_t *data;
	unsigned int data_len;
};

static const struct sg_step *sg_script;
static size_t sg_steps, sg_done;
static unsigned int sg_timeout_ms; /* of the last command */
static int sg_nsid;		   /* 0: it is no NVMe namespace */
/* Sees each call of ioctl(2) go to the kernel; NULL: the script answers. */
static void (*sg_recorder)(unsigned long request, const void *arg, int r);

static inline void sg_expect(const struct sg_step *steps, size_t n)
{
	sg_script = steps;
	sg_steps = n;
	sg_done = 0;
}

static inline void sg_all_done(void)
{
	assert_int_equal(sg_done, sg_steps);
}

static inline const struct sg_step *sg_next(bool is_nvme, unsigned int what)
{
	if (sg_done == sg_steps)
		fail_msg("one command too many: %02x", what);
	if (sg_script[sg_done].is_nvme != is_nvme)
		fail_msg("another kind of command: %02x", what);
	return &sg_script[sg_done++];
}

static inline void sg_expect_sent(const struct sg_io_hdr *h,
				  const struct sg_step *s)
{
	assert_int_equal(h->interface_id, 'S');
	assert_int_equal(h->cmd_len, s->cdb_len);
	assert_memory_equal(h->cmdp, s->cdb, s->cdb_len);
	assert_int_equal(h->dxfer_len, s->room);
	if (s->sent) {
		assert_int_equal(h->dxfer_direction, SG_DXFER_TO_DEV);
		assert_memory_equal(h->dxferp, s->sent, s->room);
	} else {
		assert_int_equal(h->dxfer_direction, s->room ?
					 SG_DXFER_FROM_DEV : SG_DXFER_NONE);
	}
	sg_timeout_ms = h->timeout;
	if (s->timeout_ms)
		assert_int_equal(h->timeout, s->timeout_ms);
}

static inline int sg_answer(struct sg_io_hdr *h)
{
	const struct sg_step *s = sg_next(false, h->cmdp[0]);

	sg_expect_sent(h, s);
	if (s->error) {
		errno = s->error;
		return -1;
	}
	assert_true(s->data_len <= h->dxfer_len);
	if (s->data_len)
		memcpy(h->dxferp, s->data, s->data_len);
	h->resid = (int)(s->sent ? 0 : h->dxfer_len - s->data_len);
	h->status = s->status;
	h->masked_status = (uint8_t)(s->status >> 1 & 0x1f);
	h->host_status = s->host_status;
	h->driver_status = s->sense_len ? 8 : 0; /* DRIVER_SENSE */
	assert_true(s->sense_len <= h->mx_sb_len);
	memcpy(h->sbp, s->sense, s->sense_len);
	h->sb_len_wr = s->sense_len;
	h->info = s->status || s->host_status ? SG_INFO_CHECK : SG_INFO_OK;
	return 0;
}

static inline int nvme_answer(struct nvme_admin_cmd *c, bool io)
{
	const struct sg_step *s = sg_next(true, c->opcode);

	assert_int_equal(s->is_nvme_io, io);
	if (s->sent)
		assert_memory_equal((const void *)(uintptr_t)c->addr, s->sent,
				    s->room);

	assert_int_equal(c->opcode, s->nvme.opcode);
	assert_int_equal(c->nsid, s->nvme.nsid);
	assert_int_equal(c->cdw10, s->nvme.cdw10);
	assert_int_equal(c->cdw11, s->nvme.cdw11);
	assert_int_equal(c->cdw12 | c->cdw13 | c->cdw14 | c->cdw15, 0);
	assert_int_equal(c->data_len, s->nvme.data_len);
	sg_timeout_ms = c->timeout_ms;
	if (s->error) {
		errno = s->error;
		return -1;
	}
	assert_true(s->data_len <= c->data_len);
	if (s->data_len)
		memcpy((void *)(uintptr_t)c->addr, s->data, s->data_len);
	return s->nvme_status;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int r;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (sg_recorder) {
		r = (int)syscall(SYS_ioctl, fd, request, arg);
		sg_recorder(request, arg, r);
		return r;
	}
	if (request == SG_IO)
		return sg_answer(arg);
	if (sg_nsid && (request == NVME_IOCTL_ADMIN_CMD ||
			request == NVME_IOCTL_IO_CMD))
		return nvme_answer(arg, request == NVME_IOCTL_IO_CMD);
	if (request == NVME_IOCTL_ID && sg_nsid)
		return sg_nsid;
	errno = ENOTTY;
	return -1;
}

#endif
