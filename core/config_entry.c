// SPDX-License-Identifier: MIT
/*
 * Sections that set options for the LUNs they fit, and what comes of all of
 * them for one LUN (census 5.1, 7).
 */
#include "core/config_load.h"

#include <stdio.h>
#include <string.h>
#include "core/match.h"

bool config_protocol_known(const char *name)
{
	static const char *const known[] = {
		"scsi:fcp",	   "scsi:spi",	  "scsi:ssa",	 "scsi:sbp",
		"scsi:srp",	   "scsi:iscsi",  "scsi:sas",	 "scsi:adt",
		"scsi:ata",	   "scsi:usb",	  "scsi:unspec", "nvme:pcie",
		"nvme:rdma",	   "nvme:fc",	  "nvme:tcp",	 "nvme:loop",
		"nvme:apple-nvme", "nvme:unspec", "ccw",	 "cciss",
		"undef",
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

struct config_value *entry_find(const struct config_entry *t, enum opt o)
{
	for (size_t i = 0; i < t->nvalues; i++)
		if (t->values[i].o == o)
			return &t->values[i];
	return NULL;
}

struct config_value *entry_add(struct config_entry *t, enum opt o)
{
	struct config_value *v =
		reallocarray(t->values, t->nvalues + 1, sizeof(*v));

	if (!v)
		return NULL;
	t->values = v;
	v = &t->values[t->nvalues++];
	memset(v, 0, sizeof(*v));
	v->o = o;
	return v;
}

static void free_entry(struct config_entry *t)
{
	for (int i = 0; i < DEVICE_PATTERNS; i++) {
		free(t->pattern[i]);
		if (t->match[i])
			match_fini(t->match[i]);
		free(t->match[i]);
	}
	free(t->values);
}

void config_free_entries(struct config *c)
{
	for (size_t i = 0; i < c->nentries; i++)
		free_entry(&c->entries[i]);
	free(c->entries);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_device(const struct config_entry *a,
			const struct config_entry *b)
{
	return a->kind == ENTRY_DEVICE && b->kind == ENTRY_DEVICE &&
	       same_text(a->pattern[DEVICE_VENDOR],
			 b->pattern[DEVICE_VENDOR]) &&
	       same_text(a->pattern[DEVICE_PRODUCT],
			 b->pattern[DEVICE_PRODUCT]) &&
	       same_text(a->pattern[DEVICE_REVISION],
			 b->pattern[DEVICE_REVISION]);
}

/* What t does not say itself is as from says. False: no memory. */
static bool inherit(struct config_entry *t, const struct config_entry *from)
{
	const char *blacklist = from->pattern[DEVICE_PRODUCT_BLACKLIST];

	for (size_t i = 0; i < from->nvalues; i++) {
		struct config_value *v;

		if (entry_find(t, from->values[i].o))
			continue;
		v = entry_add(t, from->values[i].o);
		if (!v)
			return false;
		v->s = from->values[i].s;
	}
	if (!blacklist || t->pattern[DEVICE_PRODUCT_BLACKLIST])
		return true;
	t->pattern[DEVICE_PRODUCT_BLACKLIST] = strdup(blacklist);
	return t->pattern[DEVICE_PRODUCT_BLACKLIST] != NULL;
}

static void drop_entry(struct config *c, size_t i)
{
	free_entry(&c->entries[i]);
	memmove(&c->entries[i], &c->entries[i + 1],
		(--c->nentries - i) * sizeof(c->entries[0]));
}

bool config_merge_devices(struct config *c)
{
	for (size_t i = c->nentries; i-- > 1;)
		for (size_t k = i; k-- > 0;) {
			if (!same_device(&c->entries[i], &c->entries[k]))
				continue;
			if (!inherit(&c->entries[i], &c->entries[k]))
				return false;
			drop_entry(c, k);
			i--;
		}
	return true;
}

static bool device_fits(const struct config_entry *t,
			const struct lun_identity *id)
{
	const char *const text[] = {
		[DEVICE_VENDOR] = id->vendor,
		[DEVICE_PRODUCT] = id->product,
		[DEVICE_REVISION] = id->revision,
	};

	if (!*id->vendor && !*id->product)
		return false; /* not known: no kind of array */
	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		if (t->match[i] && !match_text(t->match[i], text[i]))
			return false;
	return true;
}

static bool fits(const struct config_entry *t, const struct lun_identity *id)
{
	switch (t->kind) {
	case ENTRY_DEVICE:
		return device_fits(t, id);
	case ENTRY_OVERRIDES:
		return true;
	case ENTRY_PROTOCOL:
		return !strcmp(t->name, id->protocol);
	case ENTRY_MULTIPATH:
		return !strcmp(t->name, id->wwid);
	}
	return false;
}

void config_for_lun(const struct config *c, const struct lun_identity *id,
		    struct settings *ret)
{
	*ret = c->defaults;
	/* A later entry goes before an earlier one of its kind, and a kind with
	 * a higher origin before the others. */
	for (size_t i = 0; i < c->nentries; i++) {
		const struct config_entry *t = &c->entries[i];

		if (!fits(t, id))
			continue;
		for (size_t k = 0; k < t->nvalues; k++) {
			struct setting *s = &ret->v[t->values[k].o];

			if (t->values[k].s.origin >= s->origin)
				*s = t->values[k].s;
		}
	}
	if (*id->wwid)
		snprintf(ret->v[OPT_WWID].text, OPT_TEXT_SIZE, "%s", id->wwid);
}
