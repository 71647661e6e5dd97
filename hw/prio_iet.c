// SPDX-License-Identifier: MIT
/*
 * iSCSI: 20 for the path to the address that is named, 10 for others (census
 * 3.5). Which address a disk is reached by stands in the name of its link in
 * /dev/disk/by-path, "ip-192.0.2.1:3260-iscsi-iqn...".
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/facts.h"
#include "hw/prio_args.h"
#include "hw/prioritizers.h"

enum { PREFERRED = 20, OTHER = 10 };

/* -EINVAL: see check_args(). */
static int parse(const char *args, struct in_addr *ret, struct errmsg *e)
{
	char word[PRIO_WORD_SIZE], more[PRIO_WORD_SIZE];
	const char *ip;

	if (!prio_word(&args, word))
		return prio_bad(e, "", "iet needs preferredip=ADDRESS");
	ip = prio_value(word, "preferredip");
	if (!ip || inet_pton(AF_INET, ip, ret) != 1)
		return prio_bad(e, word, "preferredip=ADDRESS, an IPv4 one");
	if (prio_word(&args, more))
		return prio_bad(e, more, "preferredip=ADDRESS is all that iet "
					 "takes");
	return 0;
}

/* The first IPv4 address in name. */
static bool address_in(const char *name, struct in_addr *ret)
{
	for (const char *p = name; *p; p++) {
		char text[INET_ADDRSTRLEN];
		size_t n = strspn(p, "0123456789.");

		if (!n)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)n, p);
		if (n < sizeof(text) && inet_pton(AF_INET, text, ret) == 1)
			return true;
		p += n - 1;
	}
	return false;
}

/* Does the link in dir lead to the disk of that name? */
static bool leads_to(int dir, const char *link, const char *disk)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, link, target, sizeof(target) - 1);
	const char *slash;

	if (n < 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return !strcmp(slash ? slash + 1 : target, disk);
}

static int look(DIR *dir, const char *disk, const struct in_addr *preferred)
{
	const struct dirent *d;

	while ((d = readdir(dir))) {
		struct in_addr ip;

		if (address_in(d->d_name, &ip) &&
		    leads_to(dirfd(dir), d->d_name, disk))
			return ip.s_addr == preferred->s_addr ? PREFERRED :
								OTHER;
	}
	return OTHER;
}

static int iet_get(struct prio_query *q)
{
	char path[PATH_MAX];
	struct in_addr preferred;
	int priority;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/dev/disk/by-path", q->root);
	dir = opendir(path);
	if (!dir || !q->facts->name[0] || parse(q->args, &preferred, NULL)) {
		snprintf(q->message, sizeof(q->message),
			 "%s", dir ? "not a disk" : "no /dev/disk/by-path");
		if (dir)
			closedir(dir);
		return PRIO_UNDEF;
	}
	priority = look(dir, q->facts->name, &preferred);
	closedir(dir);
	return priority;
}

static int iet_check_args(const char *args, struct errmsg *e)
{
	struct in_addr ip;

	return parse(args, &ip, e);
}

const struct prioritizer_ops prio_iet = {
	.name = "iet",
	.get = iet_get,
	.check_args = iet_check_args,
};
