// SPDX-License-Identifier: MIT
/* The blacklist and its exceptions; see filter.h. */
#include "core/filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/config.h"
#include "core/match.h"

struct entry {
	enum filter_kind kind;
	bool exception, implied;
	bool any_vendor, any_product; /* of a device */
	struct match pattern, product;
	char where[WHERE_SIZE];
};

struct filter {
	struct entry *entries;
	size_t n;
};

static const char *const kind_text[FILTER_KINDS] = {
	[FILTER_PROPERTY] = "property", [FILTER_DEVNODE] = "devnode",
	[FILTER_DEVICE] = "device",	[FILTER_PROTOCOL] = "protocol",
	[FILTER_WWID] = "wwid",
};

/* What holds before any file is read: kernel names of disks that may have
 * several paths, and the properties that udev gives such disks. */
static const struct filter_rule builtin[] = {
	{.kind = FILTER_DEVNODE,
	 .implied = true,
	 .pattern = "!^(sd[a-z]|dasd[a-z]|nvme[0-9])",
	 .where = "built in"},
	{.kind = FILTER_PROPERTY,
	 .exception = true,
	 .implied = true,
	 .pattern = "(SCSI_IDENT_|ID_WWN)",
	 .where = "built in"},
};

static void entry_fini(struct entry *t)
{
	if (!t->any_vendor)
		match_fini(&t->pattern);
	if (!t->any_product)
		match_fini(&t->product);
}

struct filter *filter_new(void)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (filter_add(f, &builtin[i], NULL)) {
			filter_free(f);
			return NULL;
		}
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		entry_fini(&f->entries[i]);
	free(f->entries);
	free(f);
}

static int entry_init(struct entry *t, const struct filter_rule *rule,
		      struct errmsg *e)
{
	int r = 0;

	memset(t, 0, sizeof(*t));
	t->kind = rule->kind;
	t->exception = rule->exception;
	t->implied = rule->implied;
	t->any_vendor = !rule->pattern;
	t->any_product = !rule->product;
	snprintf(t->where, sizeof(t->where), "%s", rule->where);
	if (rule->pattern)
		r = match_init(&t->pattern, rule->pattern, e);
	if (r || !rule->product)
		return r;
	r = match_init(&t->product, rule->product, e);
	if (r && rule->pattern)
		match_fini(&t->pattern);
	return r;
}

int filter_add(struct filter *f, const struct filter_rule *rule,
	       struct errmsg *e)
{
	struct entry *entries;
	int r;

	assert(rule->kind < FILTER_KINDS);
	if (!rule->pattern && (rule->kind != FILTER_DEVICE || !rule->product))
		return errmsg_set(e, EINVAL, "%s: a pattern is missing",
				  kind_text[rule->kind]);
	entries = reallocarray(f->entries, f->n + 1, sizeof(*entries));
	if (!entries)
		return errmsg_set(e, ENOMEM, "no memory");
	f->entries = entries;
	r = entry_init(&entries[f->n], rule, e);
	if (!r)
		f->n++;
	return r;
}

bool filter_rule(const struct filter *f, size_t i, struct filter_rule *ret)
{
	const struct entry *t;

	if (!f || i >= f->n)
		return false;
	t = &f->entries[i];
	ret->kind = t->kind;
	ret->exception = t->exception;
	ret->implied = t->implied;
	ret->pattern = t->any_vendor ? NULL : t->pattern.text;
	ret->product = t->any_product ? NULL : t->product.text;
	ret->where = t->where;
	return true;
}

static bool matches(const struct entry *t, const char *text,
		    const char *product)
{
	if (!t->any_vendor && !(text && match_text(&t->pattern, text)))
		return false;
	return t->any_product || (product && match_text(&t->product, product));
}

/* The first rule of that kind and list that matches; NULL: none. */
static const struct entry *find(const struct filter *f, enum filter_kind kind,
				bool exception, const char *text,
				const char *product)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct entry *t = &f->entries[i];

		if (t->kind == kind && t->exception == exception &&
		    matches(t, text, product))
			return t;
	}
	return NULL;
}

static bool reject(enum filter_kind kind, const struct entry *t,
		   const char *text, const char *product, struct errmsg *why)
{
	const char *vendor = t->any_vendor ? "*" : t->pattern.text;

	if (kind == FILTER_DEVICE)
		errmsg_set(why, EPERM,
			   "device '%s' '%s' is blacklisted by '%s' '%s' (%s)",
			   text ? text : "", product ? product : "", vendor,
			   t->any_product ? "*" : t->product.text, t->where);
	else
		errmsg_set(why, EPERM, "%s '%s' is blacklisted by '%s' (%s)",
			   kind_text[kind], text, vendor, t->where);
	return false;
}

static bool properties_allow(const struct filter *f,
			     const struct filter_device *d, struct errmsg *why)
{
	bool identified = false;

	for (const char *const *p = d->properties; p && *p; p++) {
		const struct entry *t;

		if (d->uid_attribute && !strcmp(*p, d->uid_attribute))
			identified = true;
		if (find(f, FILTER_PROPERTY, true, *p, NULL))
			return true;
		t = find(f, FILTER_PROPERTY, false, *p, NULL);
		if (t)
			return reject(FILTER_PROPERTY, t, *p, NULL, why);
	}
	if (identified)
		errmsg_set(why, EPERM,
			   "it has %s, but none of the properties that "
			   "[blacklist_exceptions] names",
			   d->uid_attribute);
	return !identified;
}

static bool kind_allows(const struct filter *f, enum filter_kind kind,
			const char *text, const char *product,
			struct errmsg *why)
{
	const struct entry *t;

	if (!text && !product)
		return true;
	t = find(f, kind, false, text, product);
	if (!t || find(f, kind, true, text, product))
		return true;
	return reject(kind, t, text, product, why);
}

bool filter_allows(const struct filter *f, const struct filter_device *d,
		   struct errmsg *why)
{
	return properties_allow(f, d, why) &&
	       kind_allows(f, FILTER_DEVNODE, d->devnode, NULL, why) &&
	       kind_allows(f, FILTER_DEVICE, d->vendor, d->product, why) &&
	       kind_allows(f, FILTER_PROTOCOL, d->protocol, NULL, why) &&
	       kind_allows(f, FILTER_WWID, d->wwid, NULL, why);
}
