// SPDX-License-Identifier: MIT
/* What checkers that send SCSI commands have in common; see asking.h. */
#include "hw/asking.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/device.h"
#include "hw/commands.h"

int asking_fd(const struct checker *c)
{
	return c->dev->fd;
}

int asking_timeout(const struct checker *c)
{
	return command_timeout(c->timeout);
}

enum check_state asking_says(struct checker *c, enum check_state s,
			     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->message, sizeof(c->message), fmt, ap);
	va_end(ap);
	return s;
}

enum check_state asking_unsent(struct checker *c, int r, const struct errmsg *e)
{
	/* EINVAL is a loop device's word for a call that it does not know. */
	if (r == -ENOTTY || r == -EINVAL)
		return asking_says(c, CHECK_UNCHECKED, "not a SCSI disk");
	return asking_says(c, r == -ENOMEM ? CHECK_UNCHECKED : CHECK_DOWN,
			   "%.90s", e->text);
}

enum check_state asking_no_such_lun(struct checker *c)
{
	return asking_says(c, CHECK_DISCONNECTED,
			   "the array has no such LUN here");
}

static bool is_disturbed(int host)
{
	return host == HOST_BUS_BUSY || host == HOST_ERROR ||
	       host == HOST_SOFT_ERROR || host == HOST_TRANSPORT_DISRUPTED;
}

enum check_state asking_vpd(struct checker *c, uint8_t page, void *buf,
			    size_t size, int tries, size_t *got)
{
	struct scsi_answer a;
	struct errmsg e;
	int r;

	do {
		r = command_vpd(asking_fd(c), page, buf, size,
				asking_timeout(c), &a, &e);
		if (r)
			return asking_unsent(c, r, &e);
	} while (is_disturbed(a.host) && --tries > 0);
	*got = a.got;
	if (a.good)
		return CHECK_UP;
	if (a.sense == SENSE_NO_SUCH_LUN)
		return asking_no_such_lun(c);
	return asking_says(c,
			   sense_key(&a) == SENSE_ILLEGAL_REQUEST
				   ? CHECK_UNCHECKED
				   : CHECK_DOWN,
			   "VPD page 0x%02x: %.70s", page, a.text);
}

enum check_state asking_read(struct checker *c, struct scsi_answer *ret)
{
	struct errmsg e;
	int r;

	*ret = (struct scsi_answer){.good = false};
	r = command_read_block(asking_fd(c), c->dev->limits.block,
			       asking_timeout(c), ret, &e);
	if (r)
		return asking_unsent(c, r, &e);
	if (ret->good)
		return CHECK_UP;
	if (ret->status == SCSI_RESERVATION_CONFLICT)
		return asking_says(c, CHECK_UP, "reservation conflict");
	return asking_says(c, CHECK_DOWN, "%s", ret->text);
}
