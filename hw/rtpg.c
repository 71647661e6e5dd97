// SPDX-License-Identifier: MIT
/* REPORT TARGET PORT GROUPS; see rtpg.h. No state. */
#include "hw/rtpg.h"

#include <errno.h>
#include <string.h>

#include "hw/bytes.h"
#include "hw/scsi.h"

enum {
	LENGTH_SIZE = 4, /* of the length field, which does not count itself */
	EXTENDED_SIZE = 8,
	GROUP_SIZE = 8, /* without its ports */
	PORT_SIZE = 4,
	FIRST_ROOM = 128,
	/* A thousand groups of all the ports that one can have. */
	LARGEST = 1 << 20,
	RETRIES = 3,
};

int rtpg_page(const uint8_t *buf, size_t len, struct rtpg_page *ret)
{
	struct rtpg_page p = {.at = LENGTH_SIZE};

	if (len < LENGTH_SIZE)
		return -EINVAL;
	p.size = (size_t)be32(buf) + LENGTH_SIZE;
	if (p.size > LENGTH_SIZE && len > LENGTH_SIZE &&
	    (buf[LENGTH_SIZE] & 0x70) == 0x10) {
		if (MIN(p.size, len) < EXTENDED_SIZE)
			return -EINVAL;
		p.at = EXTENDED_SIZE;
		p.transition_time = buf[5];
	}
	*ret = p;
	return 0;
}

/*
 * The group at *at, which moves behind it.
 *
 * missing: so many bytes a page may lack at its end. LIO does not count the
 * extension of the header in its length, and sends as much less: of the last
 * group's last port, or of that group itself where it has no ports and so is
 * nobody's.
 */
static int next_group(const uint8_t *buf, size_t size, size_t missing,
		      size_t *at, struct rtpg_group *ret)
{
	const uint8_t *g = buf + *at;
	size_t left = size - *at, need;
	bool whole = left >= GROUP_SIZE;

	need = GROUP_SIZE + (whole ? (size_t)g[7] * PORT_SIZE : 0);
	*at += need;
	if (left < need && left + missing != need)
		return -EINVAL;
	if (!whole)
		return -ENODATA;
	*ret = (struct rtpg_group){
		.id = be16(g + 2),
		.state = g[0] & 0x0f,
		.preferred = g[0] & 0x80,
		.supported = g[1],
	};
	return 0;
}

int rtpg_find(const uint8_t *buf, size_t len, uint16_t id,
	      struct rtpg_group *ret)
{
	struct rtpg_group g, found;
	struct rtpg_page p;
	bool is_there = false;
	int r = rtpg_page(buf, len, &p);
	size_t missing;

	if (r)
		return r;
	if (p.size > len)
		return -EOVERFLOW;
	missing = p.at - LENGTH_SIZE;
	while (p.at < p.size) {
		r = next_group(buf, p.size, missing, &p.at, &g);
		if (r == -EINVAL)
			return r;
		if (!r && g.id == id && !is_there) {
			found = g;
			is_there = true;
		}
	}
	if (!is_there)
		return -ENODATA;
	*ret = found;
	return 0;
}

static bool worth_again(const struct scsi_answer *a)
{
	return scsi_interrupted(a) ||
	       (!a->good && sense_key(a) == SENSE_NOT_READY);
}

int rtpg_send(int fd, int timeout, bool extended, uint8_t *buf, size_t size,
	      struct scsi_answer *ret, struct errmsg *e)
{
	const uint8_t cdb[12] = {0xa3,
				 extended ? 0x2a : 0x0a,
				 [6] = (uint8_t)(size >> 24),
				 (uint8_t)(size >> 16),
				 (uint8_t)(size >> 8),
				 (uint8_t)size};
	const struct scsi_command c = {.fd = fd,
				       .cdb = cdb,
				       .cdb_len = sizeof(cdb),
				       .in = buf,
				       .size = size,
				       .timeout = timeout};

	memset(buf, 0, size);
	return scsi_send(&c, ret, e);
}

/* *got is how many bytes of it came. */
static int ask(int fd, int timeout, uint8_t *buf, size_t size, size_t *got,
	       struct errmsg *e)
{
	struct scsi_answer a;
	int again = RETRIES, r;

	do {
		r = rtpg_send(fd, timeout, false, buf, size, &a, e);
		if (r)
			return r;
	} while (worth_again(&a) && again--);
	if (!a.good)
		return errmsg_set(e, scsi_failure(&a), "%s", a.text);
	*got = a.got;
	return 0;
}

/* Room for all of it. */
static int make_room(const uint8_t *buf, size_t got, uint8_t **page,
		     size_t *size, struct errmsg *e)
{
	struct rtpg_page p;
	uint8_t *more;

	if (rtpg_page(buf, got, &p))
		return errmsg_set(e, EINVAL, "a malformed page");
	if (p.size > LARGEST)
		return errmsg_set(e, EOVERFLOW, "a page of %zu bytes", p.size);
	if (p.size <= *size)
		return 0;
	more = realloc(*page, p.size);
	if (!more)
		return errmsg_set(e, ENOMEM, "no memory");
	*page = more;
	*size = p.size;
	return 1;
}

int rtpg_read(int fd, int timeout, uint8_t **page, size_t *len,
	      struct errmsg *e)
{
	size_t size = FIRST_ROOM, got;
	uint8_t *buf = malloc(size);
	int r = buf ? 0 : errmsg_set(e, ENOMEM, "no memory");

	if (!r)
		r = ask(fd, timeout, buf, size, &got, e);
	if (!r)
		r = make_room(buf, got, &buf, &size, e);
	if (r > 0)
		r = ask(fd, timeout, buf, size, &got, e);
	if (r) {
		free(buf);
		errmsg_prefix(e, "REPORT TARGET PORT GROUPS");
		return r;
	}
	*page = buf;
	*len = got;
	return 0;
}
