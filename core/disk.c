// SPDX-License-Identifier: MIT
/*
 * Disks, as libudev tells of them; see disk.h.
 *
 * Enumeration and events give names; what a disk is like is read from sysfs
 * when that name is told on, so that it is true then. Only the properties are
 * those of the event: udevd sends them with it. The kernel's events have none;
 * there they are those of udevd's database, if somebody has filled it in.
 *
 * One thread; every call is short: netlink without waiting, sysfs, /proc.
 */
#include "core/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <stdio.h>
#include <string.h>

#include "core/disk_holders.h"
#include "core/number.h"

#define SECTOR 512
/* udevd's own choice. An event takes up to 4 KiB of it, with what the kernel
 * adds: there is room for 30,000; it is not taken before they come. */
#define RECEIVE_BUFFER (128 << 20)
#define UDEVD_CONTROL "/run/udev/control"

/* Who tells of the way to disks, and is above them: NVMe's controllers, and what
 * SCSI disks are on; of those only unit attentions count. */
static const struct {
	const char *subsystem, *devtype;
} tellers[] = {{"nvme", NULL}, {"scsi", "scsi_device"}};
#define UNIT_ATTENTION "SDEV_UA"

struct udev_source {
	struct disk_source base;
	const struct disk_probe *probe;
	struct udev *udev;
	struct udev_monitor *monitor;
	bool udevd; /* the events are udevd's, with properties */
};

static struct udev_source *of(struct disk_source *s)
{
	return container_of(s, struct udev_source, base);
}

/* One disk */

static struct disk *disk_named(const char *name)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->facts = PATH_FACTS_NONE;
	snprintf(d->name, sizeof(d->name), "%s", name);
	return d;
}

/* libudev writes '/' for the '!' of "cciss!c0d0"; nobody else does. */
static const char *name_of(struct udev_device *u)
{
	return strrchr(udev_device_get_syspath(u), '/') + 1;
}

static int take_properties(struct disk *d, struct udev_device *u)
{
	struct udev_list_entry *first =
		udev_device_get_properties_list_entry(u);
	struct udev_list_entry *e;
	size_t n = 0;

	udev_list_entry_foreach(e, first)
		n++;
	d->properties = calloc(n + 1, sizeof(char *));
	if (!d->properties)
		return -ENOMEM;
	n = 0;
	udev_list_entry_foreach(e, first) {
		const char *value = udev_list_entry_get_value(e);

		if (asprintf(&d->properties[n], "%s=%s",
			     udev_list_entry_get_name(e), value ? value : "") <
		    0) {
			d->properties[n] = NULL;
			return -ENOMEM;
		}
		n++;
	}
	return 0;
}

/* 0 where there is none. */
static uint64_t parse(const char *text)
{
	int64_t n;

	return text && !number_parse(text, 10, 0, INT64_MAX / 16, &n) ?
		       (uint64_t)n :
		       0;
}

static uint64_t attribute(struct udev_device *u, const char *name)
{
	return parse(udev_device_get_sysattr_value(u, name));
}

static void read_controller(struct disk *d, struct udev_device *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(tellers); i++) {
		struct udev_device *c =
			udev_device_get_parent_with_subsystem_devtype(
				u, tellers[i].subsystem, tellers[i].devtype);

		if (c)
			snprintf(d->controller, sizeof(d->controller), "%s",
				 udev_device_get_sysname(c));
	}
}

static void read_use(struct disk *d, struct udev_device *u,
		     const struct disk_holders *h)
{
	const char *type = udev_device_get_devtype(u);

	d->use.hidden = attribute(u, "hidden");
	d->use.partition = type && !strcmp(type, "partition");
	d->use.usb = udev_device_get_parent_with_subsystem_devtype(u, "usb",
								   NULL);
	disk_holders_find(h, udev_device_get_syspath(u), d->use.held_by,
			  sizeof(d->use.held_by));
}

static void ask_probe(struct disk *d, const struct disk_probe *p)
{
	if (p->protocol)
		p->protocol(d->devt, d->protocol, sizeof(d->protocol));
	if (p->facts)
		p->facts(d->devt, &d->facts);
	if (p->joined)
		p->joined(d->devt, d->use.joined, sizeof(d->use.joined));
	if (p->wwid)
		p->wwid(d->devt, d->own_wwid, sizeof(d->own_wwid),
			d->own_wwid_from, sizeof(d->own_wwid_from));
}

static int fill(struct disk *d, struct udev_device *u,
		const struct disk_probe *probe, const struct disk_holders *h)
{
	const char *node = udev_device_get_devnode(u);

	snprintf(d->node, sizeof(d->node), "%s", node ? node : "");
	d->devt = udev_device_get_devnum(u);
	d->diskseq = attribute(u, "diskseq");
	d->size = attribute(u, "size") * SECTOR;
	d->read_only = attribute(u, "ro");
	snprintf(d->protocol, sizeof(d->protocol), "undef");
	read_controller(d, u);
	read_use(d, u, h);
	if (d->devt && !d->use.partition)
		ask_probe(d, probe);
	return d->properties ? 0 : take_properties(d, u);
}

/*
 * Reads what the disk of that name is like now. Its properties, if it has some
 * already, stay. -ENODEV: it is gone.
 */
static int read_disk(struct udev_source *s, const struct disk_holders *h,
		     struct disk *d)
{
	struct udev_device *u = udev_device_new_from_subsystem_sysname(
		s->udev, "block", d->name);
	int r;

	if (!u)
		return errno == ENOMEM ? -ENOMEM : -ENODEV;
	r = fill(d, u, s->probe, h);
	udev_device_unref(u);
	return r;
}

/* All disks */

/* One entry, which may be gone by now. */
static int take_entry(struct udev_source *s, const struct disk_holders *h,
		      const char *syspath,
		      void (*sink)(void *ctx, struct disk *d), void *ctx)
{
	struct disk *d = disk_named(strrchr(syspath, '/') + 1);
	int r = d ? read_disk(s, h, d) : -ENOMEM;

	if (!r)
		sink(ctx, d);
	else
		disk_free(d);
	return r == -ENODEV ? 0 : r;
}

static int walk(struct udev_source *s, struct udev_enumerate *all,
		void (*sink)(void *ctx, struct disk *d), void *ctx)
{
	struct disk_holders *h;
	struct udev_list_entry *e;
	int r = disk_holders_new(NULL, NULL, &h);

	if (r)
		return r;
	udev_list_entry_foreach(e, udev_enumerate_get_list_entry(all)) {
		r = take_entry(s, h, udev_list_entry_get_name(e), sink, ctx);
		if (r)
			break;
	}
	disk_holders_free(h);
	return r;
}

static int source_enumerate(struct disk_source *base,
			    void (*sink)(void *ctx, struct disk *d), void *ctx,
			    struct errmsg *e)
{
	struct udev_source *s = of(base);
	struct udev_enumerate *all = udev_enumerate_new(s->udev);
	int r = all ? udev_enumerate_add_match_subsystem(all, "block") :
		      -ENOMEM;

	if (r >= 0)
		r = udev_enumerate_scan_devices(all);
	if (r >= 0)
		r = walk(s, all, sink, ctx);
	udev_enumerate_unref(all);
	if (r < 0)
		return errmsg_set(e, -r, "disks cannot be listed: %s",
				  strerror(-r));
	return 0;
}

/* Events */

static bool is_controller(struct udev_device *u)
{
	const char *subsystem = udev_device_get_subsystem(u);

	for (size_t i = 0; subsystem && i < ARRAY_SIZE(tellers); i++)
		if (!strcmp(subsystem, tellers[i].subsystem))
			return true;
	return false;
}

/* The comings and goings of SCSI devices are their disks', too. */
static bool is_news(struct udev_device *u)
{
	const char *subsystem = udev_device_get_subsystem(u);

	return !subsystem || strcmp(subsystem, "scsi") != 0 ||
	       udev_device_get_property_value(u, UNIT_ATTENTION);
}

static enum disk_action action_of(struct udev_device *u)
{
	const char *word = udev_device_get_action(u);

	if (is_controller(u))
		return DISK_CONTROLLER;
	if (word && !strcmp(word, "add"))
		return DISK_ADD;
	if (word && !strcmp(word, "remove"))
		return DISK_REMOVE;
	/* "change", and what else may become of a disk: "online", "move" */
	return DISK_CHANGE;
}

/* What the message itself says. */
static int take_message(struct udev_source *s, struct udev_device *u,
			struct disk_event *ret)
{
	struct disk *d = disk_named(name_of(u));
	int r = d ? 0 : -ENOMEM;

	if (!r) {
		ret->action = action_of(u);
		ret->disk = d;
		d->devt = udev_device_get_devnum(u);
		if (s->udevd || ret->action == DISK_REMOVE ||
		    ret->action == DISK_CONTROLLER)
			r = take_properties(d, u);
	}
	if (r)
		disk_free(d);
	return r;
}

/*
 * Takes what is there, DISK_BATCH_MAX at most. Whatever cannot be understood or
 * kept counts as lost, as what did not fit into the buffer (ENOBUFS).
 */
static size_t take_messages(struct udev_source *s, struct disk_event *ev,
			    bool *lost)
{
	size_t n = 0;

	for (int i = 0; i < DISK_BATCH_MAX; i++) {
		struct udev_device *u;

		errno = 0;
		u = udev_monitor_receive_device(s->monitor);
		if (u && !is_news(u))
			; /* the next */
		else if (u && take_message(s, u, &ev[n]) == 0)
			n++;
		else if (!u && (!errno || errno == EAGAIN))
			break;
		else if (u || errno != EINTR)
			*lost = true;
		udev_device_unref(u);
	}
	return n;
}

/* Between the event and now another disk has taken the name. */
static bool of_another_disk(const struct disk *d)
{
	uint64_t said = parse(disk_property(d, "DISKSEQ"));

	return said && d->diskseq && said != d->diskseq;
}

/*
 * What udevd said of another disk is not told of this one: for now it has no
 * properties. Its own event may be to come. Where there is none (loop devices:
 * on detaching, the kernel tells first and then counts on), whoever needs them
 * asks for one by trigger(), as for every disk that lacks them.
 */
static void forget_properties(struct disk *d)
{
	for (char **p = d->properties; *p; p++) {
		free(*p);
		*p = NULL;
	}
}

/* -ENODEV: it is gone; its DISK_REMOVE is to come. */
static int check_event(struct udev_source *s, const struct disk_holders *h,
		       struct disk_event *ev)
{
	int r;

	if (ev->action == DISK_REMOVE || ev->action == DISK_CONTROLLER)
		return 0;
	r = read_disk(s, h, ev->disk);
	if (!r && of_another_disk(ev->disk))
		forget_properties(ev->disk);
	return r;
}

static size_t check_events(struct udev_source *s, const struct disk_holders *h,
			   struct disk_event *ev, size_t n, bool *lost)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		int r = check_event(s, h, &ev[i]);

		if (!r) {
			ev[left++] = ev[i];
			continue;
		}
		disk_free(ev[i].disk);
		if (r != -ENODEV)
			*lost = true;
	}
	return left;
}

static void free_events(struct disk_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		disk_free(ev[i].disk);
	free(ev);
}

static int source_receive(struct disk_source *base, struct disk_event **ret,
			  size_t *ret_n, bool *lost, struct errmsg *e)
{
	struct udev_source *s = of(base);
	struct disk_event *ev = calloc(DISK_BATCH_MAX, sizeof(*ev));
	struct disk_holders *h = NULL;
	size_t n;
	int r;

	if (!ev)
		return errmsg_set(e, ENOMEM, "events of disks: no memory");
	*lost = false;
	n = disk_merge(ev, take_messages(s, ev, lost));
	r = n ? disk_holders_new(NULL, NULL, &h) : 0;
	if (r) {
		free_events(ev, n);
		*lost = true;
		return errmsg_set(e, -r, "the tables of mounts: %s",
				  strerror(-r));
	}
	n = check_events(s, h, ev, n, lost);
	disk_holders_free(h);
	if (!n) {
		free(ev);
		ev = NULL;
	}
	*ret = ev;
	*ret_n = n;
	return 0;
}

static int write_uevent(const char *name)
{
	static const char word[] = "change";
	char path[128];
	CLEANUP_CLOSE int fd = -1;

	if (strchr(name, '/') ||
	    snprintf(path, sizeof(path), "/sys/class/block/%s/uevent", name) >=
		    (int)sizeof(path))
		return -EINVAL;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, word, strlen(word)) < 0 ? -errno : 0;
}

static int source_trigger(struct disk_source *s, const char *name,
			  struct errmsg *e)
{
	int r = write_uevent(name);

	(void)s;
	if (r)
		return errmsg_set(e, -r, "%s: no event can be asked for: %s",
				  name, strerror(-r));
	return 0;
}

static void source_free(struct disk_source *base)
{
	struct udev_source *s = of(base);

	udev_monitor_unref(s->monitor);
	udev_unref(s->udev);
	free(s);
}

static int listen_to(struct udev_source *s)
{
	int r;

	s->udev = udev_new();
	if (!s->udev)
		return -ENOMEM;
	s->monitor = udev_monitor_new_from_netlink(
		s->udev, s->udevd ? "udev" : "kernel");
	if (!s->monitor)
		return errno ? -errno : -ENOMEM;
	r = udev_monitor_filter_add_match_subsystem_devtype(s->monitor, "block",
							    NULL);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(tellers); i++)
		r = udev_monitor_filter_add_match_subsystem_devtype(
			s->monitor, tellers[i].subsystem, tellers[i].devtype);
	/* Without CAP_NET_ADMIN it stays small: more is lost, and told so. */
	udev_monitor_set_receive_buffer_size(s->monitor, RECEIVE_BUFFER);
	if (r >= 0)
		r = udev_monitor_enable_receiving(s->monitor);
	return r < 0 ? r : 0;
}

static const struct disk_source source_ops = {
	.enumerate = source_enumerate,
	.receive = source_receive,
	.trigger = source_trigger,
	.free = source_free,
};

int disk_source_new(const struct disk_probe *probe, struct disk_source **ret,
		    struct errmsg *e)
{
	struct udev_source *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return errmsg_set(e, ENOMEM, "disks: no memory");
	s->base = source_ops;
	s->probe = probe;
	s->udevd = access(UDEVD_CONTROL, F_OK) == 0;
	s->base.kind = s->udevd ? "udev" : "kernel";
	errno = 0;
	r = listen_to(s);
	if (r < 0) {
		source_free(&s->base);
		return errmsg_set(e, -r, "no events of disks (%s): %s",
				  s->udevd ? "udev" : "kernel", strerror(-r));
	}
	s->base.fd = udev_monitor_get_fd(s->monitor);
	*ret = &s->base;
	return 0;
}
