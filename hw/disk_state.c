// SPDX-License-Identifier: MIT
/* What the kernel says of the way to a disk; see disk_state.h. No state. */
#include "hw/disk_state.h"

#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "hw/place.h"
#include "hw/sysfs.h"

struct word {
	const char *text; /* how the kernel's begins */
	enum check_state state;
};

static const struct word scsi_words[] = {
	{"running", CHECK_UP},
	{"blocked", CHECK_PENDING},
	{"quiesce", CHECK_PENDING},
	{"", CHECK_DOWN},
};

/* Once it has begun, a deletion goes on as "deleting (no IO)". */
static const struct word nvme_words[] = {
	{"live", CHECK_UP},
	{"new", CHECK_PENDING},
	{"deleting", CHECK_PENDING},
	{"", CHECK_DOWN},
};

static enum check_state meaning(const struct word *words, const char *text)
{
	while (strncmp(text, words->text, strlen(words->text)))
		words++;
	return words->state;
}

enum check_state disk_state_of(const char *root, dev_t dev, char *message,
			       size_t size)
{
	enum check_state s = CHECK_UP;
	struct place p;
	char text[32];

	message[0] = '\0';
	if (!place_find(root, dev, &p))
		return CHECK_UP;
	if ((p.kind == PLACE_SCSI || p.kind == PLACE_NVME) &&
	    sysfs_text(p.device, "state", text, sizeof(text)))
		s = meaning(p.kind == PLACE_SCSI ? scsi_words : nvme_words,
			    text);
	if (s != CHECK_UP)
		snprintf(message, size, "the kernel says '%s'", text);
	place_free(&p);
	return s;
}

enum check_state disk_state(const struct device *d, char *message, size_t size)
{
	message[0] = '\0';
	if (!d->limits.is_block)
		return CHECK_UP;
	return disk_state_of("", d->id.rdev, message, size);
}
