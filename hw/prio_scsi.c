// SPDX-License-Identifier: MIT
/* What prioritizers that send SCSI commands share; see prio_scsi.h. */
#include "hw/prio_scsi.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/device.h"
#include "hw/commands.h"

int prio_undef(struct prio_query *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(q->message, sizeof(q->message), fmt, ap);
	va_end(ap);
	return PRIO_UNDEF;
}

bool prio_vpd(struct prio_query *q, uint8_t page, void *buf, size_t size,
	      size_t *got)
{
	struct scsi_answer a;
	struct errmsg e;
	int r = command_vpd(q->dev->fd, page, buf, size,
			    command_timeout(q->timeout), &a, &e);

	if (!r && a.good) {
		*got = a.got;
		return true;
	}
	prio_undef(q, "VPD page 0x%02x: %.70s", page, r ? e.text : a.text);
	return false;
}
