// SPDX-License-Identifier: MIT
/*
 * The WWID of an NVMe namespace that is too long as it is; declared in vpd.h.
 * No state.
 *
 * Linux makes up the WWID of a namespace that has none: "nvme.", four digits
 * of the vendor, and in fields between '-' the serial and the model, each byte
 * two digits, and the number of the namespace. The blanks that pad serial and
 * model are not in it, but some targets pad with NULs.
 */
#include "hw/vpd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEX_DIGITS "0123456789abcdefABCDEF"

enum { NVME_PREFIX = sizeof("nvme.VVVV-") - 1 };

/* Digits of whole bytes. */
struct field {
	const char *text;
	size_t len;
};

/* The bytes up to a '-': true, and that is where *text is then. */
static bool field_take(const char **text, struct field *ret)
{
	*ret = (struct field){*text, strspn(*text, HEX_DIGITS)};
	*text += ret->len;
	return ret->len % 2 == 0 && **text == '-';
}

static void field_strip_nul(struct field *f)
{
	while (f->len >= 2 && memcmp(f->text + f->len - 2, "00", 2) == 0)
		f->len -= 2;
}

/* In rest: the number of the namespace, with the '-' before it. */
static bool nvme_split(const char *text, struct field *serial,
		       struct field *model, const char **rest)
{
	if (strncmp(text, "nvme.", 5) != 0 ||
	    strspn(text + 5, HEX_DIGITS) != 4 || text[9] != '-')
		return false;
	text += NVME_PREFIX;
	if (!field_take(&text, serial))
		return false;
	text++;
	if (!field_take(&text, model))
		return false;
	*rest = text;
	return text[1 + strspn(text + 1, HEX_DIGITS)] == '\0';
}

int nvme_wwid(const char *text, char *ret, size_t size)
{
	struct field serial, model;
	size_t len = strlen(text);
	const char *rest;

	if (len < size) {
		memcpy(ret, text, len + 1);
		return 0;
	}
	if (!nvme_split(text, &serial, &model, &rest))
		return -EOVERFLOW;
	field_strip_nul(&serial);
	field_strip_nul(&model);
	if (NVME_PREFIX + serial.len + 1 + model.len + strlen(rest) >= size)
		return -EOVERFLOW;
	snprintf(ret, size, "%.*s%.*s-%.*s%s", NVME_PREFIX, text,
		 (int)serial.len, serial.text, (int)model.len, model.text,
		 rest);
	return 0;
}
