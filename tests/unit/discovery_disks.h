/* SPDX-License-Identifier: MIT */
/*
 * Disks that are the test's: what is told of them, their events, the devices
 * that they are opened as. Part of discovery_rig.h.
 */
#ifndef MPATHFS_TESTS_UNIT_DISCOVERY_DISKS_H
#define MPATHFS_TESTS_UNIT_DISCOVERY_DISKS_H

#include "core/device.h"
#include "core/discovery.h"
#include "core/disk.h"
#include "core/monitor.h"
#include "tests/unit/config_fixture.h"
#include "tests/unit/fake_engine.h"

#define SEC NSEC_PER_SEC
#define MIB (1u << 20)
#define RIG_DISKS 64
#define RIG_VOLUMES 32
#define RIG_EVENTS 4096

struct rig_disk {
	char name[16];
	char wwid[32]; /* "": udev does not know */
	char own[32];  /* by the kernel's copy of its own word */
	char says[32]; /* its own word, when it is asked; "": none */
	char controller[16];
	char protocol[16]; /* "": scsi:fcp */
	uint64_t size, diskseq;
	uint32_t block;
	bool present, read_only;
	int error; /* opening it fails with that */
	int limit_error; /* setting max_sectors_kb does */
	int rescan_error; /* and a look at it anew */
	unsigned int open;
};

struct rig {
	struct fixture *f;
	struct config *config; /* in force */
	struct monitor *m;
	struct discovery *d;
	struct monitor_front front;
	struct disk_source source;
	struct fake_engine engine;
	_Atomic(struct volume *) table[RIG_VOLUMES];
	char ids[RIG_VOLUMES][NAME_SIZE]; /* keys, by number */
	struct rig_disk disks[RIG_DISKS];
	struct disk_event events[RIG_EVENTS];
	unsigned int nevents;
	bool lost; /* events */
	unsigned int triggers;
	_Atomic unsigned int rescans, inquiries; /* on threads of the pool */
	uint64_t now, next;
	char *log; /* an event a line: NAME VOLUME PATH: CAUSE */
	size_t log_size;
	FILE *log_file;
	char busy[NAME_SIZE]; /* WWID of the volume whose files are open */
	struct discovery_kept kept[4];
	char removed[16]; /* kept of the last worker */
};

/* Devices have no place for it, and there is one at a time. */
static struct rig *the_rig;

static inline struct rig_disk *rig_disk_at(const char *node)
{
	const char *name = strrchr(node, '/');

	name = name ? name + 1 : node;
	for (int i = 0; i < RIG_DISKS; i++)
		if (!strcmp(the_rig->disks[i].name, name))
			return &the_rig->disks[i];
	return NULL;
}

/* Devices */

struct rig_device {
	struct device d;
	struct rig_disk *disk;
};

static inline int rig_open(const char *path, bool read_only,
			   struct device **ret, struct errmsg *e)
{
	struct rig_disk *disk = rig_disk_at(path);
	struct rig_device *dev;

	(void)read_only;
	if (!disk || !disk->present)
		return errmsg_set(e, ENOENT, "%s: not there", path);
	if (disk->error)
		return errmsg_set(e, disk->error, "%s: %s", path,
				  strerror(disk->error));
	if (disk->open)
		return errmsg_set(e, EBUSY, "%s: in use", path);
	dev = calloc(1, sizeof(*dev));
	assert_non_null(dev);
	dev->disk = disk;
	dev->d.path = disk->name;
	dev->d.fd = -1;
	dev->d.id.rdev = (dev_t)(disk - the_rig->disks) + 256;
	dev->d.id.diskseq = disk->diskseq;
	dev->d.limits = (struct device_limits){
		.size = disk->size,
		.block = disk->block,
		.max_io = MIB,
		.read_only = disk->read_only,
		.write_protected = disk->read_only,
		.is_block = true,
	};
	disk->open++;
	*ret = &dev->d;
	return 0;
}

static inline int rig_recheck(const struct device *d, struct errmsg *e)
{
	const struct rig_disk *disk =
		container_of(d, struct rig_device, d)->disk;

	if (!disk->present || disk->diskseq != d->id.diskseq)
		return errmsg_set(e, ENODEV, "the device is gone");
	if (disk->size != d->limits.size)
		return errmsg_set(e, ENOSPC, "another size");
	return 0;
}

static inline void rig_look(const struct device *d, struct device_limits *ret)
{
	const struct rig_disk *disk =
		container_of(d, struct rig_device, d)->disk;

	*ret = d->limits;
	ret->size = disk->present ? disk->size : 0;
	ret->write_protected = disk->read_only;
	/* a descriptor that cannot be written to stays so */
	ret->read_only = disk->read_only || d->limits.write_protected;
}

static inline void rig_close(struct device *d)
{
	struct rig_device *dev = container_of(d, struct rig_device, d);

	assert_int_equal(dev->disk->open, 1);
	dev->disk->open--;
	free(dev);
}

/* A disk of which the kernel's limit cannot be set. */
static inline int rig_limit(struct device *d, uint32_t max_sectors_kb,
			    struct errmsg *e)
{
	const struct rig_disk *disk =
		container_of(d, struct rig_device, d)->disk;

	d->limits.max_io = max_sectors_kb * 1024;
	return disk->limit_error ? errmsg_set(e, disk->limit_error,
					      "max_sectors_kb = %u: %s",
					      max_sectors_kb,
					      strerror(disk->limit_error)) :
				   0;
}

static struct device_ops rig_devices = {
	.open = rig_open,
	.recheck = rig_recheck,
	.close = rig_close,
	.look = rig_look,
	.limit = rig_limit,
	.at_once = true,
};

static inline int rig_set_ops(const char *path, bool read_only,
			      struct device **ret, struct errmsg *e)
{
	int r = rig_open(path, read_only, ret, e);

	if (!r)
		(*ret)->ops = &rig_devices;
	return r;
}

/* Disks, as the source tells of them */

static inline struct disk *rig_tell(const struct rig_disk *disk)
{
	struct disk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	snprintf(d->name, sizeof(d->name), "%s", disk->name);
	snprintf(d->node, sizeof(d->node), "/dev/%s", disk->name);
	d->devt = (dev_t)(disk - the_rig->disks) + 256;
	d->size = disk->size;
	d->diskseq = disk->diskseq;
	d->read_only = disk->read_only;
	strcpy(d->protocol, *disk->protocol ? disk->protocol : "scsi:fcp");
	strcpy(d->controller, disk->controller);
	d->facts = PATH_FACTS_NONE;
	strcpy(d->facts.vendor, "ACME");
	strcpy(d->facts.product, "RAID");
	strcpy(d->own_wwid, disk->own);
	strcpy(d->own_wwid_from, disk->own[0] ? "sysfs vpd_pg83" : "");
	d->properties = calloc(3, sizeof(char *));
	assert_non_null(d->properties);
	d->properties[0] = strdup("SCSI_IDENT_SERIAL=1");
	if (disk->wwid[0])
		assert_true(asprintf(&d->properties[1], "ID_SERIAL=%s",
				     disk->wwid) > 0);
	return d;
}

static inline int rig_enumerate(struct disk_source *s,
				void (*sink)(void *ctx, struct disk *d),
				void *ctx, struct errmsg *e)
{
	(void)s;
	(void)e;
	for (int i = 0; i < RIG_DISKS; i++)
		if (the_rig->disks[i].present)
			sink(ctx, rig_tell(&the_rig->disks[i]));
	return 0;
}

static inline int rig_receive(struct disk_source *s, struct disk_event **ret,
			      size_t *n, bool *lost, struct errmsg *e)
{
	struct rig *r = the_rig;
	unsigned int take = MIN(r->nevents, (unsigned int)DISK_BATCH_MAX);
	struct disk_event *ev = calloc(take + 1, sizeof(*ev));

	(void)s;
	(void)e;
	assert_non_null(ev);
	memcpy(ev, r->events, take * sizeof(*ev));
	r->nevents -= take;
	memmove(r->events, r->events + take, r->nevents * sizeof(*ev));
	*n = disk_merge(ev, take);
	*ret = ev;
	*lost = r->lost;
	r->lost = false;
	return 0;
}

static inline int rig_trigger(struct disk_source *s, const char *name,
			      struct errmsg *e)
{
	(void)s;
	(void)name;
	(void)e;
	the_rig->triggers++;
	return 0;
}

static inline void rig_source_free(struct disk_source *s)
{
	(void)s;
}

static inline void rig_own_wwid(dev_t devt, char *buf, size_t size, char *from,
				size_t from_size)
{
	snprintf(buf, size, "%s", the_rig->disks[devt - 256].own);
	snprintf(from, from_size, "sysfs vpd_pg83");
}

static inline void rig_identify(const struct device *d, struct path_facts *ret)
{
	strcpy(ret->wwid, container_of(d, struct rig_device, d)->disk->says);
}

static inline int rig_ask_wwid(const struct device *d, char *buf, size_t size,
			       struct errmsg *e)
{
	(void)e;
	snprintf(buf, size, "%s",
		 container_of(d, struct rig_device, d)->disk->says);
	return 0;
}

/* The kernel's copy is a new one. On a thread of the pool, alone. */
static inline int rig_rescan(dev_t devt, struct errmsg *e)
{
	struct rig_disk *disk = &the_rig->disks[devt - 256];

	the_rig->rescans++;
	if (disk->rescan_error)
		return errmsg_set(e, disk->rescan_error, "rescan: %s",
				  strerror(disk->rescan_error));
	strcpy(disk->own, disk->says);
	return 0;
}

/* On a thread of the pool, beside others. */
static inline int rig_inquire(const char *node, dev_t devt, char *buf,
			      size_t size, struct errmsg *e)
{
	const struct rig_disk *disk = rig_disk_at(node);

	assert_ptr_equal(disk, &the_rig->disks[devt - 256]);
	the_rig->inquiries++;
	if (disk->error)
		return errmsg_set(e, disk->error, "INQUIRY: %s",
				  strerror(disk->error));
	snprintf(buf, size, "%s", disk->says);
	return *buf ? 0 : errmsg_set(e, ENODATA, "it has none");
}

static const struct disk_probe rig_probe = {.wwid = rig_own_wwid};

static inline void rig_event(struct rig *r, enum disk_action action,
			     const char *name)
{
	assert_true(r->nevents < RIG_EVENTS);
	r->events[r->nevents++] = (struct disk_event){
		.action = action,
		.disk = rig_tell(rig_disk_at(name)),
	};
}

/* A disk that is there from now on; nobody has been told. */
static inline struct rig_disk *rig_plug(struct rig *r, const char *name,
					const char *wwid)
{
	static uint64_t diskseq;
	struct rig_disk *disk = rig_disk_at(name);

	for (int i = 0; !disk; i++)
		if (!r->disks[i].name[0])
			disk = &r->disks[i];
	snprintf(disk->name, sizeof(disk->name), "%s", name);
	snprintf(disk->wwid, sizeof(disk->wwid), "%s", wwid);
	disk->size = MIB;
	disk->block = 512;
	disk->present = true;
	disk->read_only = false;
	disk->error = 0;
	disk->diskseq = ++diskseq;
	return disk;
}

static inline void rig_add(struct rig *r, const char *name, const char *wwid)
{
	rig_plug(r, name, wwid);
	rig_event(r, DISK_ADD, name);
}

static inline void rig_unplug(struct rig *r, const char *name)
{
	rig_disk_at(name)->present = false;
	rig_event(r, DISK_REMOVE, name);
}

#endif
