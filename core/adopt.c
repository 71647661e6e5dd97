// SPDX-License-Identifier: MIT
/*
 * Which disks become paths; see adopt.h.
 *
 * A disk goes through the rules one by one, and the first that rejects it is
 * told. Only then is it looked at beside the others of its WWID.
 */
#include "core/adopt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/alias.h"
#include "core/config.h"
#include "core/disk.h"
#include "core/filter.h"

struct adopting {
	const struct config *c;
	const struct adopt_hooks *hooks;
	const struct disk *d;
	struct adoption *a;
	struct settings s;
	char uid_attribute[OPT_TEXT_SIZE];
};

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static bool has_prefix(const char *text, const char *prefix, size_t len)
{
	return strncmp(text, prefix, len) == 0;
}

/* uid_attrs: "sd:ID_SERIAL nvme:ID_WWN". True if one of them is for name. */
static bool of_uid_attrs(const char *attrs, const char *name, char *buf,
			 size_t size)
{
	for (const char *p = attrs; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " "), colon = strcspn(p, ":");

		if (has_prefix(name, p, colon)) {
			snprintf(buf, size, "%.*s", (int)(len - colon - 1),
				 p + colon + 1);
			return true;
		}
		p += len;
	}
	return false;
}

static const char *default_attribute(const char *name)
{
	if (has_prefix(name, "nvme", 4))
		return "ID_WWN";
	if (has_prefix(name, "dasd", 4))
		return "ID_UID";
	return "ID_SERIAL";
}

static void settings_of(const struct config *c, const struct disk *d,
			const char *wwid, struct settings *ret)
{
	const struct lun_identity id = {
		.wwid = wwid,
		.vendor = d->facts.vendor,
		.product = d->facts.product,
		.revision = d->facts.revision,
		.protocol = d->protocol,
	};

	config_for_lun(c, &id, ret);
}

static void find_attribute(const struct config *c, const struct disk *d,
			   const struct settings *s, char *buf, size_t size)
{
	const char *text = s->v[OPT_UID_ATTRIBUTE].text;

	if (of_uid_attrs(c->defaults.v[OPT_UID_ATTRS].text, d->name, buf, size))
		return;
	if (!strcmp(text, "auto"))
		text = default_attribute(d->name);
	snprintf(buf, size, "%s", strcmp(text, "none") ? text : "");
}

void adopt_uid_attribute(const struct config *c, const struct disk *d,
			 char *buf, size_t size)
{
	struct settings s;

	settings_of(c, d, "", &s);
	find_attribute(c, d, &s, buf, size);
}

static PRINTF_LIKE(3, 4) bool reject(struct adopting *x, const char *remedy,
				     const char *fmt, ...)
{
	va_list ap;

	x->a->result = ADOPT_REJECTED;
	va_start(ap, fmt);
	vsnprintf(x->a->reason.text, sizeof(x->a->reason.text), fmt, ap);
	va_end(ap);
	snprintf(x->a->remedy.text, sizeof(x->a->remedy.text), "%s", remedy);
	return false;
}

/* What no setting changes, but for USB. */
static bool may_be_used(struct adopting *x)
{
	const struct disk_use *u = &x->d->use;
	const char *volume = x->hooks->by_hand(x->hooks->ctx, x->d);

	if (volume)
		return reject(x, "", "it is a path of [volume %s]", volume);
	if (u->partition)
		return reject(x, "", "it is not a whole disk");
	if (u->hidden)
		return reject(x, "", "the kernel hides it");
	if (!x->d->size)
		return reject(x, "",
			      "its size is 0: it has no medium, or has not "
			      "told its size on this path");
	if (u->usb && !x->c->defaults.v[OPT_ALLOW_USB_DEVICES].num)
		return reject(x, "allow_usb_devices = yes",
			      "it is a USB device");
	return true;
}

static bool not_joined(struct adopting *x)
{
	const char *paths = x->d->use.joined;

	if (!*paths)
		return true;
	return reject(x,
		      "nvme_core.multipath=N on the kernel's command line, "
		      "which leaves the paths to us; or a section [volume "
		      "NAME] with it as the path",
		      "the kernel's own NVMe multipath has joined its paths "
		      "(%s)",
		      paths);
}

static bool not_held(struct adopting *x)
{
	const char *by = x->d->use.held_by;

	if (!*by)
		return true;
	return reject(x, "end that use of it", "it is in use: %s", by);
}

/* The names of the properties. Pointers into d; NULL: no memory. */
static char **property_names(const struct disk *d)
{
	size_t n = 0, bytes = 0;
	char **names, *text;

	for (; d->properties[n]; n++)
		bytes += strcspn(d->properties[n], "=") + 1;
	names = malloc((n + 1) * sizeof(char *) + bytes);
	if (!names)
		return NULL;
	text = (char *)(names + n + 1);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(d->properties[i], "=");

		names[i] = text;
		memcpy(text, d->properties[i], len);
		text[len] = '\0';
		text += len + 1;
	}
	names[n] = NULL;
	return names;
}

static bool not_blacklisted(struct adopting *x)
{
	const struct disk *d = x->d;
	CLEANUP_FREE char **names = property_names(d);
	const struct filter_device f = {
		.devnode = d->name,
		.vendor = or_null(d->facts.vendor),
		.product = or_null(d->facts.product),
		.protocol = or_null(d->protocol),
		/* Where there is no udevd there are no properties to miss. */
		.properties =
			(const char *const *)(names && *names ? names : NULL),
		.uid_attribute = x->uid_attribute,
	};
	struct errmsg why;

	if (filter_allows(x->c->filter, &f, &why))
		return true;
	return reject(x, "a rule in [blacklist_exceptions]", "%s", why.text);
}

static bool wwid_not_blacklisted(struct adopting *x)
{
	const struct filter_device f = {.wwid = x->a->wwid};
	struct errmsg why;

	if (filter_allows(x->c->filter, &f, &why))
		return true;
	return reject(x, "a rule in [blacklist_exceptions]", "%s", why.text);
}

static bool take_wwid(struct adopting *x, const char *wwid, const char *from)
{
	size_t len = strlen(wwid);
	struct errmsg why;

	while (len && (wwid[len - 1] == ' ' || wwid[len - 1] == '\t'))
		len--;
	/* Cut, it might be that of another LUN as well. */
	if (len >= sizeof(x->a->wwid))
		return reject(x, "uid_attribute, with a shorter one",
			      "its WWID by %s has more than %zu bytes", from,
			      sizeof(x->a->wwid) - 1);
	memcpy(x->a->wwid, wwid, len);
	x->a->wwid[len] = '\0';
	snprintf(x->a->wwid_from, sizeof(x->a->wwid_from), "%s", from);
	if (wwid_check(x->a->wwid, &why) == 0)
		return true;
	x->a->wwid[0] = '\0';
	return reject(x, "uid_attribute, with another one",
		      "its WWID by %s is none: %s", from, why.text);
}

/*
 * The device's own word counts only where the property is the usual one: what
 * an administrator has named instead means another kind of identity.
 */
static bool find_wwid(struct adopting *x)
{
	const char *attribute = x->uid_attribute;
	const char *wwid = *attribute ? disk_property(x->d, attribute) : NULL;
	bool usual = !*attribute ||
		     !strcmp(attribute, default_attribute(x->d->name));

	if (or_null(wwid))
		return take_wwid(x, wwid, attribute);
	if (usual && *x->d->own_wwid &&
	    (!*attribute || x->hooks->may_fall_back(x->hooks->ctx, x->d)))
		return take_wwid(x, x->d->own_wwid, x->d->own_wwid_from);
	x->a->result = ADOPT_NO_WWID;
	snprintf(x->a->reason.text, sizeof(x->a->reason.text),
		 *attribute ? "it has no WWID: udev does not give %s"
			    : "it has no WWID%s",
		 attribute);
	snprintf(x->a->remedy.text, sizeof(x->a->remedy.text),
		 "a udev rule that sets %s",
		 *attribute ? attribute : "what uid_attribute names");
	return false;
}

static bool named_in_config(const struct config *c, const char *wwid)
{
	for (size_t i = 0; i < c->nentries; i++)
		if (c->entries[i].kind == ENTRY_MULTIPATH &&
		    !strcmp(c->entries[i].name, wwid))
			return true;
	return false;
}

static void decide_alone(struct adopting *x)
{
	memset(x->a, 0, sizeof(*x->a));
	settings_of(x->c, x->d, "", &x->s);
	find_attribute(x->c, x->d, &x->s, x->uid_attribute,
		       sizeof(x->uid_attribute));
	if (may_be_used(x) && not_blacklisted(x) && not_joined(x) &&
	    not_held(x) && find_wwid(x) && wwid_not_blacklisted(x))
		x->a->result = ADOPT_PATH;
}

static unsigned int paths_of(const struct adoption *out, size_t n,
			     const char *wwid)
{
	unsigned int count = 0;

	for (size_t i = 0; i < n; i++)
		count += out[i].result <= ADOPT_WAIT &&
			 !strcmp(out[i].wwid, wwid);
	return count;
}

static void decide_by_mode(struct adopting *x, const struct adoption *out,
			   size_t n)
{
	enum find_multipaths mode =
		(enum find_multipaths)x->c->defaults.v[OPT_FIND_MULTIPATHS].num;
	const struct adopt_hooks *h = x->hooks;
	struct adoption *a = x->a;

	if (mode == FIND_OFF || mode == FIND_GREEDY ||
	    h->known(h->ctx, a->wwid) || h->volume(h->ctx, a->wwid) ||
	    named_in_config(x->c, a->wwid))
		return;
	if (mode == FIND_STRICT) {
		reject(x,
		       "a section [multipath WWID], `add DEV` written to "
		       "control, or find_multipaths",
		       "nobody has asked for it (find_multipaths = strict)");
	} else if (paths_of(out, n, a->wwid) < 2) {
		a->result = ADOPT_WAIT;
		snprintf(a->reason.text, sizeof(a->reason.text),
			 "it is the only path of its WWID (find_multipaths = "
			 "%s)",
			 x->c->defaults.v[OPT_FIND_MULTIPATHS].text);
		snprintf(a->remedy.text, sizeof(a->remedy.text),
			 "a second path, or what find_multipaths = strict "
			 "would take");
	}
}

void adopt_decide(const struct config *c, const struct adopt_hooks *hooks,
		  const struct disk *const *disks, size_t n,
		  struct adoption *out)
{
	for (size_t i = 0; i < n; i++) {
		struct adopting x = {
			.c = c, .hooks = hooks, .d = disks[i], .a = &out[i]};

		decide_alone(&x);
	}
	for (size_t i = 0; i < n; i++) {
		struct adopting x = {
			.c = c, .hooks = hooks, .d = disks[i], .a = &out[i]};

		if (out[i].result == ADOPT_PATH)
			decide_by_mode(&x, out, n);
	}
}
