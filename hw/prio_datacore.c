// SPDX-License-Identifier: MIT
/*
 * DataCore: 1 for the paths to the storage server that is named, 0 for those to
 * others (census 3.5). A server's name stands in bytes 112 to 127 of its
 * standard INQUIRY data, which the kernel has read when it found the disk.
 */
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/number.h"
#include "hw/prio_args.h"
#include "hw/prioritizers.h"
#include "hw/sysfs.h"

enum { NAME_AT = 112, NAME_END = 128, TIMEOUT_MAX = 3600000 };

/* The name; "": none is given. -EINVAL: see check_args(). */
static int parse(const char *args, char name[PRIO_WORD_SIZE], struct errmsg *e)
{
	static const char words[] =
		"preferredsds=NAME, of 1 to 16 bytes, and timeout=MS are all "
		"that datacore takes";
	char word[PRIO_WORD_SIZE];

	name[0] = '\0';
	while (prio_word(&args, word)) {
		const char *sds = prio_value(word, "preferredsds");
		const char *ms = prio_value(word, "timeout");
		int64_t n;

		if (sds && *sds && !*name && strlen(sds) <= NAME_END - NAME_AT)
			strcpy(name, sds);
		/* Of the command that is not needed here. */
		else if (!ms || number_parse(ms, 10, 1, TIMEOUT_MAX, &n))
			return prio_bad(e, word, words);
	}
	if (!*name)
		return prio_bad(e, "", "datacore needs preferredsds=NAME");
	return 0;
}

static int datacore_get(struct prio_query *q)
{
	CLEANUP_FREE char *disk = sysfs_disk(q->root, q->dev->id.rdev);
	char inquiry[NAME_END], name[PRIO_WORD_SIZE];
	size_t n = 0;

	if (disk && q->dev->limits.is_block)
		n = sysfs_bytes(disk, "device/inquiry", inquiry,
				sizeof(inquiry));
	if (!n || parse(q->args, name, NULL)) {
		snprintf(q->message, sizeof(q->message), "no INQUIRY data");
		return PRIO_UNDEF;
	}
	return n == sizeof(inquiry) &&
	       memmem(inquiry + NAME_AT, NAME_END - NAME_AT, name,
		      strlen(name));
}

static int datacore_check_args(const char *args, struct errmsg *e)
{
	char name[PRIO_WORD_SIZE];

	return parse(args, name, e);
}

const struct prioritizer_ops prio_datacore = {
	.name = "datacore",
	.get = datacore_get,
	.check_args = datacore_check_args,
	.needs_device = true,
};
