// SPDX-License-Identifier: MIT
/* ALUA's commands (census 3.1); see alua.h. No state. */
#include "hw/alua.h"

#include <errno.h>

#include "hw/access_state.h"
#include "hw/rtpg.h"

enum {
	MAINTENANCE_OUT = 0xa4,
	SET_TARGET_PORT_GROUPS = 0x0a, /* the service action */
	FIRST_SIZE = 128, /* of a report: room for ten groups or so */
	LARGEST_SIZE = 65536,
};

/* All of it into *buf, which has room for FIRST_SIZE. */
static int whole_report(int fd, bool extended, int timeout, uint8_t **buf,
			struct scsi_answer *ret, struct errmsg *e)
{
	int r = rtpg_send(fd, timeout, extended, *buf, FIRST_SIZE, ret, e);
	struct rtpg_page p;
	uint8_t *larger;

	if (r || !ret->good)
		return r;
	if (rtpg_page(*buf, ret->got, &p))
		return errmsg_set(e, EINVAL, "a malformed report");
	if (p.size <= FIRST_SIZE)
		return 0;
	if (p.size > LARGEST_SIZE)
		return errmsg_set(e, EOVERFLOW,
				  "a report that claims to have %zu bytes",
				  p.size);
	larger = realloc(*buf, p.size);
	if (!larger)
		return errmsg_set(e, ENOMEM, "no memory");
	*buf = larger;
	return rtpg_send(fd, timeout, extended, *buf, p.size, ret, e);
}

int alua_report(int fd, bool extended, int timeout, uint8_t **report,
		size_t *len, struct scsi_answer *ret, struct errmsg *e)
{
	uint8_t *buf = malloc(FIRST_SIZE);
	int r;

	if (!buf)
		return errmsg_set(e, ENOMEM, "no memory");
	r = whole_report(fd, extended, timeout, &buf, ret, e);
	if (r || !ret->good) {
		free(buf);
		return r;
	}
	*report = buf;
	*len = ret->got;
	return 0;
}

int alua_set_optimized(int fd, uint16_t group, int timeout,
		       struct scsi_answer *ret, struct errmsg *e)
{
	const uint8_t data[8] = {
		[4] = ACCESS_OPTIMIZED,
		[6] = (uint8_t)(group >> 8),
		[7] = (uint8_t)group,
	};
	static const uint8_t cdb[12] = {MAINTENANCE_OUT,
					SET_TARGET_PORT_GROUPS,
					[9] = sizeof(data)};
	const struct scsi_command c = {
		.fd = fd, .cdb = cdb, .cdb_len = sizeof(cdb), .out = data,
		.size = sizeof(data), .timeout = timeout};

	return scsi_send(&c, ret, e);
}
