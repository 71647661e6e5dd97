// SPDX-License-Identifier: MIT
/*
 * VPD pages 0x80 and 0x83; see vpd.h. No state.
 *
 * A page 0x83 is a list of designators: a header of four bytes (type,
 * association, length), then a name. The list is walked once; each designator
 * has a rank, and the best one is written out as text. The writer counts what
 * does not fit any more, so that a cut is seen at the end.
 */
#include "hw/vpd.h"

#include <errno.h>
#include <string.h>

#include "hw/bytes.h"

enum association {
	OF_UNIT,
	OF_PORT,
	OF_DEVICE,
	OF_RESERVED,
};

enum type {
	TYPE_VENDOR,
	TYPE_T10,
	TYPE_EUI64,
	TYPE_NAA,
	TYPE_PORT,
	TYPE_GROUP,
	TYPE_UNIT_GROUP,
	TYPE_MD5,
	TYPE_NAME,
	TYPE_UUID = 10,
};

enum { DESIGNATOR_HEADER = 4, NAME_PREFIX = 4, T10_VENDOR = 8 };

/* Of a page of before SPC-2, whose one name is not in a designator. */
enum { OLD_RESERVED = 6, OLD_SIZE = 20 };

struct designator {
	enum association of;
	enum type type;
	const uint8_t *name;
	size_t len; /* of the name */
};

/* What is still to be read of a page. */
struct cursor {
	const uint8_t *pos;
	size_t left;
};

int vpd_page_size(const uint8_t *page, size_t len, unsigned int code,
		  size_t *ret)
{
	if (len < VPD_HEADER_SIZE || page[1] != code)
		return -ENODATA;
	*ret = VPD_HEADER_SIZE + be16(page + 2);
	return 0;
}

/* What follows the header, if the page is whole. */
static int page_open(const uint8_t *page, size_t len, unsigned int code,
		     struct cursor *ret)
{
	size_t size;
	int r = vpd_page_size(page, len, code, &size);

	if (r < 0)
		return r;
	if (size > len)
		return -EOVERFLOW;
	*ret = (struct cursor){page + VPD_HEADER_SIZE, size - VPD_HEADER_SIZE};
	return 0;
}

static bool page_is_old(const uint8_t *page, const struct cursor *c)
{
	return c->left >= OLD_SIZE - VPD_HEADER_SIZE && page[OLD_RESERVED] != 0;
}

/* The next designator: 1; none left: 0; it reaches over the end: -EOVERFLOW. */
static int designator_next(struct cursor *c, struct designator *ret)
{
	const uint8_t *d = c->pos;
	size_t size;

	if (c->left < DESIGNATOR_HEADER)
		return 0;
	size = DESIGNATOR_HEADER + d[3];
	if (size > c->left)
		return -EOVERFLOW;
	*ret = (struct designator){
		.of = d[1] >> 4 & 3,
		.type = d[1] & 0xf,
		.name = d + DESIGNATOR_HEADER,
		.len = d[3],
	};
	c->pos += size;
	c->left -= size;
	return 1;
}

/* All n bytes are b. */
static bool bytes_are(const uint8_t *p, size_t n, uint8_t b)
{
	while (n > 0 && p[n - 1] == b)
		n--;
	return n == 0;
}

static int rank_naa(const struct designator *d)
{
	static const struct {
		uint8_t len, rank;
	} naa[16] = {[2] = {8, 6}, [3] = {8, 1}, [5] = {8, 7}, [6] = {16, 8}};
	unsigned int kind;

	if (d->len == 0)
		return -EINVAL;
	kind = d->name[0] >> 4;
	return d->len == naa[kind].len ? naa[kind].rank : -EINVAL;
}

static int rank_eui64(const struct designator *d)
{
	if (d->len != 8 && d->len != 12 && d->len != 16)
		return -EINVAL;
	return bytes_are(d->name, d->len, 0) ? -EINVAL : 4;
}

static int rank_name(const struct designator *d)
{
	const char *name = (const char *)d->name;

	if (d->len <= NAME_PREFIX || name[NAME_PREFIX] == '\0')
		return -EINVAL;
	if (memcmp(name, "eui.", NAME_PREFIX) != 0 &&
	    memcmp(name, "naa.", NAME_PREFIX) != 0 &&
	    memcmp(name, "iqn.", NAME_PREFIX) != 0)
		return -EINVAL;
	return 3;
}

static int rank_t10(const struct designator *d)
{
	size_t len = strnlen((const char *)d->name, d->len);

	if (d->len < T10_VENDOR)
		return -EINVAL;
	return bytes_are(d->name, len, ' ') ? -EINVAL : 2;
}

/* How good a name of the LUN it is: 0 if it is none, -EINVAL if invalid. */
static int designator_rank(const struct designator *d)
{
	if (d->of != OF_UNIT)
		return d->of == OF_RESERVED ? -EINVAL : 0;
	switch (d->type) {
	case TYPE_T10:
		return rank_t10(d);
	case TYPE_EUI64:
		return rank_eui64(d);
	case TYPE_NAA:
		return rank_naa(d);
	case TYPE_NAME:
		return rank_name(d);
	case TYPE_UNIT_GROUP:
		return d->len == 4 ? 0 : -EINVAL;
	case TYPE_MD5:
		return d->len == 16 ? 0 : -EINVAL;
	case TYPE_VENDOR:
	case TYPE_UUID:
		return 0;
	default:
		/* A port's, which a LUN cannot have, or reserved. */
		return -EINVAL;
	}
}

static int designator_best(struct cursor c, struct designator *ret)
{
	struct designator d;
	int r, rank, best = 0, err = -ENODATA;

	while ((r = designator_next(&c, &d)) > 0) {
		rank = designator_rank(&d);
		if (rank < 0) {
			err = rank;
		} else if (rank > best) {
			best = rank;
			*ret = d;
		}
	}
	if (best > 0)
		return 0;
	return r < 0 ? r : err;
}

/* A text of at most size - 1 bytes; len counts those that did not fit, too. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static void text_put(struct text *t, char c)
{
	if (t->len < t->size - 1)
		t->buf[t->len] = c;
	t->len++;
}

static void text_put_hex(struct text *t, char first, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	text_put(t, first);
	for (; n > 0; n--, p++) {
		text_put(t, digits[*p >> 4]);
		text_put(t, digits[*p & 0xf]);
	}
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void text_put_name(struct text *t, const struct designator *d)
{
	const char *c = (const char *)d->name, *end = c + d->len;
	bool iqn = *c == 'i';

	text_put(t, iqn ? '8' : *c == 'n' ? '3' : '2');
	for (c += NAME_PREFIX; c < end && *c; c++)
		text_put(t, iqn ? *c : to_lower(*c));
}

static void text_put_t10(struct text *t, const struct designator *d)
{
	const char *c = (const char *)d->name, *end = c + d->len;
	bool blank = false;

	text_put(t, '1');
	for (; c < end && *c; c++) {
		if (*c != ' ') {
			if (blank)
				text_put(t, '_');
			text_put(t, *c);
		}
		blank = *c == ' ';
	}
}

/* Ends the text. Whole bytes of hex behind the first character, if hex. */
static bool text_end(struct text *t, bool hex)
{
	bool cut = t->len >= t->size;
	size_t len = cut ? t->size - 1 : t->len;

	if (cut && hex && len % 2 == 0)
		len--;
	t->buf[len] = '\0';
	return cut;
}

static bool text_designator(struct text *t, const struct designator *d)
{
	switch (d->type) {
	case TYPE_EUI64:
		text_put_hex(t, '2', d->name, d->len);
		return text_end(t, true);
	case TYPE_NAA:
		text_put_hex(t, '3', d->name, d->len);
		return text_end(t, true);
	case TYPE_NAME:
		text_put_name(t, d);
		return text_end(t, false);
	default:
		assert(d->type == TYPE_T10);
		text_put_t10(t, d);
		return text_end(t, false);
	}
}

int vpd_wwid(const uint8_t *page, size_t len, char *ret, size_t size, bool *cut)
{
	struct text t = {ret, size, 0};
	struct designator best;
	struct cursor c;
	bool was_cut;
	int r;

	assert(size >= 2);
	r = page_open(page, len, VPD_IDENTITY, &c);
	if (r < 0)
		return r;
	if (page_is_old(page, &c)) {
		best = (struct designator){OF_UNIT, TYPE_NAA, c.pos, c.left};
	} else {
		r = designator_best(c, &best);
		if (r < 0)
			return r;
	}
	was_cut = text_designator(&t, &best);
	if (cut)
		*cut = was_cut;
	return 0;
}

int vpd_serial(const uint8_t *page, size_t len, char *ret, size_t size)
{
	struct cursor c;
	int r = page_open(page, len, VPD_SERIAL, &c);

	assert(size >= 1);
	if (r < 0)
		return r;
	c.left = strnlen((const char *)c.pos, c.left);
	while (c.left > 0 && *c.pos == ' ') {
		c.pos++;
		c.left--;
	}
	while (c.left > 0 && c.pos[c.left - 1] == ' ')
		c.left--;
	if (c.left == 0)
		return -ENODATA;
	c.left = MIN(c.left, size - 1);
	memcpy(ret, c.pos, c.left);
	ret[c.left] = '\0';
	return 0;
}

/* The number in the first designator of that type of the target port. */
static int port_number(const uint8_t *page, size_t len, enum type type,
		       uint16_t *ret)
{
	struct designator d;
	struct cursor c;
	int r = page_open(page, len, VPD_IDENTITY, &c);
	int err = -ENODATA;

	if (r < 0)
		return r;
	if (page_is_old(page, &c))
		return -ENODATA;
	while ((r = designator_next(&c, &d)) > 0) {
		if (d.of != OF_PORT || d.type != type)
			continue;
		if (d.len == 4) {
			*ret = (uint16_t)be16(d.name + 2);
			return 0;
		}
		err = -EINVAL;
	}
	return r < 0 ? r : err;
}

int vpd_target_group(const uint8_t *page, size_t len, uint16_t *ret)
{
	return port_number(page, len, TYPE_GROUP, ret);
}

int vpd_target_port(const uint8_t *page, size_t len, uint16_t *ret)
{
	return port_number(page, len, TYPE_PORT, ret);
}
