// SPDX-License-Identifier: MIT
/*
 * The kernel's device handler underneath (scsi_dh; census 3.0).
 *
 * Where a disk has one it fails I/O by itself, without a command, while it
 * takes the path for a passive one. What we make active behind its back stays
 * passive to it: so it is told to activate the path, by `dh_state`. It does not
 * tell when it is done, or how that went; both sides are asked until they
 * agree: the kernel's `access_state`, and the array.
 *
 * Whose commands? An attached handler cannot be changed, so it goes first, even
 * if another one is configured (retain_attached_hw_handler). With "no" another
 * one's commands are sent beside it.
 */
#include "hw/handler_common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "hw/access_state.h"
#include "hw/handlers.h"
#include "hw/sysfs.h"

/* As its mode selects may take, and as long as a transition. */
#define PATIENCE HANDLER_PATIENCE

/* activate_request.ticket; not one of any handler's. */
#define TOLD (1ULL << 63)

static const struct handler_ops *const handlers[] = HANDLER_TABLE;

/* What it takes the path for, "" if it does not say (hp_sw). */
static bool usable_words(const char *state)
{
	return !*state || access_usable(access_state_of_text(state));
}

static enum activate_result tell(struct activate_request *r, const char *disk,
				 const char *name)
{
	static const char word[] = "activate\n";
	char path[PATH_MAX], what[48];
	CLEANUP_CLOSE int fd = -1;
	int error;

	if (snprintf(path, sizeof(path), "%s/device/dh_state", disk) < PATH_MAX)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, word, strlen(word)) < 0) {
		error = errno;
		snprintf(r->message, sizeof(r->message),
			 "telling the kernel's handler %.16s: %s", name,
			 strerror(error));
		return error == ENODEV || error == ENXIO ? ACTIVATE_OFFLINED :
							   ACTIVATE_IO;
	}
	r->ticket = TOLD;
	snprintf(what, sizeof(what), "the kernel's handler %.16s is at it",
		 name);
	return handler_wait(r, PATIENCE, what);
}

/* It takes the path for passive still. */
static enum activate_result not_yet(struct activate_request *r, const char *by,
				    const char *state)
{
	char what[64];

	snprintf(what, sizeof(what), "to %.16s the path is %.24s", by, state);
	if (!strcmp(state, "offline")) {
		snprintf(r->message, sizeof(r->message), "%s", what);
		return ACTIVATE_OFFLINED;
	}
	if (!strcmp(state, "transitioning"))
		return handler_wait(r, HANDLER_TRANSITION, what);
	if (r->dev->facts.implicit_only) {
		/* Nobody can do anything; the array may, by itself. */
		snprintf(r->message, sizeof(r->message),
			 "%s, and the array alone decides", what);
		return ACTIVATE_RETRY;
	}
	return handler_wait(r, PATIENCE, what);
}

static enum activate_result look(struct activate_request *r, const char *disk,
				 const char *name)
{
	const struct handler_ops *h = handler_find(handlers, name);
	enum activate_result result;
	struct path_access access;
	char state[32];

	sysfs_text(disk, "device/access_state", state, sizeof(state));
	if (!usable_words(state))
		return not_yet(r, "the kernel", state);
	if (!h || !h->access)
		return ACTIVATE_OK;
	result = h->access(r, &access);
	if (result != ACTIVATE_OK || access.usable)
		return result;
	return not_yet(r, "the array", access.state);
}

enum activate_result
handler_through_kernel(struct activate_request *r, const char *name,
		       enum activate_result (*own)(struct activate_request *r))
{
	CLEANUP_FREE char *disk = sysfs_disk(r->root, r->dev->id.rdev);
	char attached[32];

	if (!disk ||
	    !sysfs_text(disk, "device/dh_state", attached, sizeof(attached)) ||
	    !strcmp(attached, "detached") ||
	    (strcmp(attached, name) && !r->retain))
		return own(r);
	if (r->ticket != TOLD)
		return tell(r, disk, attached);
	return look(r, disk, attached);
}
