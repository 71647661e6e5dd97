// SPDX-License-Identifier: MIT
/*
 * Names that may stand in the tree, in a heading of the configuration and on
 * a command line alike; declared in config.h. No state.
 */
#include "core/config.h"

#include <errno.h>
#include <string.h>

/* What else stands at the top of the mount, beside the volumes. */
static const char *const name_reserved[] = {
	"by-wwid", "candidates", "config", "control", "daemon",
	"events",  "metrics",	 "paths",  "status",  "status.json",
};

static const char *name_fault(const char *name)
{
	const char *c;

	if (!*name)
		return "empty";
	if (strlen(name) >= NAME_SIZE)
		return "longer than 127 bytes";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "means a directory";
	if (strchr("-;\"", *name))
		return "begins with '-', ';' or '\"'";
	for (c = name; *c; c++) {
		if (*c == '/' || *c == ']')
			return "has '/' or ']' in it";
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return "has a blank or a control character in it";
	}
	return NULL;
}

int path_name_check(const char *name, struct errmsg *e)
{
	const char *fault = name_fault(name);

	return fault ? errmsg_set(e, EINVAL, "not a name: %s", fault) : 0;
}

int volume_name_check(const char *name, struct errmsg *e)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(name_reserved); i++)
		if (strcmp(name, name_reserved[i]) == 0)
			return errmsg_set(e, EINVAL,
					  "reserved: the mount has a file of "
					  "that name");
	return path_name_check(name, e);
}
