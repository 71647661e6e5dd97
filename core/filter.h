/* SPDX-License-Identifier: MIT */
/*
 * Which devices may be paths at all: [blacklist] and [blacklist_exceptions]
 * (census 5.2, end).
 *
 * Rules are of five kinds. A device is looked at kind by kind, in the order of
 * the enum; the first kind that rejects it decides. An exception lifts the
 * blacklist of its own kind only.
 *
 * Properties go the other way round. They are taken in the order of the
 * device: the first whose name an exception matches lets it pass, the first
 * whose name the blacklist matches rejects it. With neither, a device is
 * rejected that has its uid_attribute among them: something has identified it,
 * and yet it shows none of the properties that a disk of a SAN has.
 */
#ifndef MPATHFS_CORE_FILTER_H
#define MPATHFS_CORE_FILTER_H

#include "core/base.h"
#include "core/errmsg.h"

enum filter_kind {
	FILTER_PROPERTY,
	FILTER_DEVNODE,
	FILTER_DEVICE,
	FILTER_PROTOCOL,
	FILTER_WWID,
	FILTER_KINDS
};

struct filter;

/* One line of a blacklist. */
struct filter_rule {
	enum filter_kind kind;
	bool exception;
	bool implied;	      /* built in, or by product_blacklist */
	const char *pattern;  /* of a device: its vendor; NULL: any */
	const char *product;  /* of a device only; NULL: any */
	const char *where;    /* "FILE:LINE", or "built in" */
};

/* What is known of a device; NULL: unknown, which no rule matches. */
struct filter_device {
	const char *devnode;  /* "sdb" */
	const char *vendor;
	const char *product;
	const char *protocol; /* "scsi:fcp" */
	const char *wwid;
	const char *const *properties; /* names, ends with NULL; or NULL */
	const char *uid_attribute; /* "" or NULL: none */
};

/* With the built-in rules. NULL: no memory. */
struct filter *filter_new(void);
void filter_free(struct filter *f);

/*
 * Adds a copy of rule, beside all there are: the built-in ones hold on. -EINVAL with the
 * reason in e: no regular expression, or a device without either pattern.
 */
int filter_add(struct filter *f, const struct filter_rule *rule,
	       struct errmsg *e) MUST_CHECK;

/* The i-th rule, from 0, built-in ones first; false: there are fewer. f NULL:
 * there are none. */
bool filter_rule(const struct filter *f, size_t i, struct filter_rule *ret);

/*
 * May d be a path? If not, why says so: "devnode 'loop0' is blacklisted by
 * '^loop' (FILE:LINE)".
 */
bool filter_allows(const struct filter *f, const struct filter_device *d,
		   struct errmsg *why);

#endif
