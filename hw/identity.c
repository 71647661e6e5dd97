// SPDX-License-Identifier: MIT
/*
 * Who a disk is and how it is reached, from sysfs; see identity.h. No state.
 *
 * A WWID is given whole or not at all: one that had to be cut might be that of
 * two LUNs.
 */
#include "hw/identity.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hw/facts.h"
#include "hw/place.h"
#include "hw/sysfs.h"
#include "hw/vpd.h"

/* One read of sysfs gives no more. */
#define PAGE_MAX 4096

/*
 * How a SCSI disk is reached: the first line whose component is on the way to
 * it and, where a class is named, has a directory there. (SRP and SAS both have
 * a "port-", every host is a "host".)
 */
static const struct {
	const char *component, *class, *protocol;
} scsi_ways[] = {
	{"rport-", NULL, "scsi:fcp"},
	{"end_device-", NULL, "scsi:sas"},
	{"session", "iscsi_session", "scsi:iscsi"},
	{"port-", "srp_remote_ports", "scsi:srp"},
	{"host", "fc_host", "scsi:fcp"},
	{"host", "spi_host", "scsi:spi"},
	{"ata", NULL, "scsi:ata"},
	{"usb", NULL, "scsi:usb"},
	{"fw", NULL, "scsi:sbp"},
};

static const char *scsi_protocol(const struct place *p)
{
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(scsi_ways); i++) {
		const char *class = scsi_ways[i].class;

		if (place_component(p, scsi_ways[i].component, name,
				    sizeof(name)) &&
		    (!class || place_in_class(p, class, name)))
			return scsi_ways[i].protocol;
	}
	return "scsi:unspec";
}

static const char *nvme_protocol(const struct place *p)
{
	static const char *const known[] = {"nvme:pcie", "nvme:rdma", "nvme:fc",
					    "nvme:tcp",	 "nvme:loop",
					    "nvme:apple-nvme"};
	char transport[16];

	sysfs_text(p->device, "transport", transport, sizeof(transport));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(strchr(known[i], ':') + 1, transport))
			return known[i];
	return "nvme:unspec"; /* also a subsystem of several controllers */
}

static const char *protocol_of(const struct place *p)
{
	switch (p->kind) {
	case PLACE_SCSI:
		return scsi_protocol(p);
	case PLACE_NVME:
		return nvme_protocol(p);
	case PLACE_DASD:
		return "ccw";
	case PLACE_OTHER:
		break;
	}
	return strncmp(p->name, "cciss!", strlen("cciss!")) ? "undef" : "cciss";
}

void identity_protocol(const char *root, dev_t dev, char *buf, size_t size)
{
	struct place p;

	if (!place_find(root, dev, &p)) {
		snprintf(buf, size, "undef");
		return;
	}
	snprintf(buf, size, "%s", protocol_of(&p));
	place_free(&p);
}

static bool scsi_wwid(const struct place *p, char *buf, size_t size)
{
	uint8_t page[PAGE_MAX];
	size_t n = sysfs_bytes(p->device, "vpd_pg83", page, sizeof(page));
	bool cut;

	return !vpd_wwid(page, n, buf, size, &cut) && !cut;
}

static bool nvme_disk_wwid(const struct place *p, char *buf, size_t size)
{
	char text[256];

	return sysfs_text(p->disk, "wwid", text, sizeof(text)) &&
	       !nvme_wwid(text, buf, size);
}

/* "IBM.75000000092461.4400.8a"; the token of a z/VM minidisk that may follow
 * does not count. */
static bool dasd_wwid(const struct place *p, char *buf, size_t size)
{
	char *s = buf;

	if (!sysfs_text(p->device, "uid", buf, size))
		return false;
	for (int dots = 0; (s = strchr(s, '.')); s++)
		if (++dots == 4)
			break;
	if (s)
		*s = '\0';
	return true;
}

/* virtio: what its host calls it, which udev takes for the ID_SERIAL as well. */
static bool other_wwid(const struct place *p, char *buf, size_t size)
{
	return sysfs_text(p->disk, "serial", buf, size);
}

static const struct {
	bool (*read)(const struct place *p, char *buf, size_t size);
	const char *from;
} wwids[] = {
	[PLACE_SCSI] = {scsi_wwid, "sysfs vpd_pg83"},
	[PLACE_NVME] = {nvme_disk_wwid, "sysfs wwid"},
	[PLACE_DASD] = {dasd_wwid, "sysfs uid"},
	[PLACE_OTHER] = {other_wwid, "sysfs serial"},
};

void identity_wwid(const char *root, dev_t dev, char *buf, size_t size,
		   char *from, size_t from_size)
{
	const char *source = NULL;
	struct place p;

	if (place_find(root, dev, &p)) {
		if (wwids[p.kind].read(&p, buf, size))
			source = wwids[p.kind].from;
		place_free(&p);
	}
	if (!source)
		buf[0] = '\0';
	snprintf(from, from_size, "%s", source ? source : "");
}

/*
 * The subsystem has a link to each of its controllers, "nvme4"; the path of its
 * disk nvme0n1 that goes by that one is nvme0c4n1.
 */
static void add_joined(const struct place *p, const char *controller,
		       char *buf, size_t size)
{
	unsigned int subsystem, disk, c;
	size_t used = strlen(buf);
	char path[PATH_MAX];
	int n = 0;

	if (sscanf(controller, "nvme%u%n", &c, &n) != 1 || controller[n] ||
	    sscanf(p->name, "nvme%un%u", &subsystem, &disk) != 2)
		return;
	if (snprintf(path, sizeof(path), "%s/%s/nvme%uc%un%u", p->device,
		     controller, subsystem, c, disk) < PATH_MAX &&
	    access(path, F_OK) == 0)
		snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
			 strrchr(path, '/') + 1);
}

static void list_joined(const struct place *p, char *buf, size_t size)
{
	struct dirent **names;
	int n = scandir(p->device, &names, NULL, versionsort);

	for (int i = 0; i < n; i++) {
		add_joined(p, names[i]->d_name, buf, size);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (!*buf)
		snprintf(buf, size, "none now");
}

void identity_joined(const char *root, dev_t dev, char *buf, size_t size)
{
	struct place p;

	buf[0] = '\0';
	if (!place_find(root, dev, &p))
		return;
	if (place_is_nvme_head(&p))
		list_joined(&p, buf, size);
	place_free(&p);
}

static void probe_protocol(dev_t dev, char *buf, size_t size)
{
	identity_protocol("", dev, buf, size);
}

static void probe_facts(dev_t dev, struct path_facts *ret)
{
	facts_of_disk("", dev, ret);
}

static void probe_joined(dev_t dev, char *buf, size_t size)
{
	identity_joined("", dev, buf, size);
}

static void probe_wwid(dev_t dev, char *buf, size_t size, char *from,
		       size_t from_size)
{
	identity_wwid("", dev, buf, size, from, from_size);
}

const struct disk_probe identity_probe = {
	.protocol = probe_protocol,
	.facts = probe_facts,
	.joined = probe_joined,
	.wwid = probe_wwid,
};
