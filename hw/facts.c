// SPDX-License-Identifier: MIT
/*
 * What the kernel knows of a disk and of what it leads to; see facts.h. Where
 * the disk is in sysfs tells whom to ask (place.h), and what an array itself is
 * asked is in detect.h. No state.
 */
#include "hw/facts.h"

#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "core/number.h"
#include "hw/ana.h"
#include "hw/detect.h"
#include "hw/disk_state.h"
#include "hw/identity.h"
#include "hw/place.h"
#include "hw/sysfs.h"
#include "hw/vpd.h"

/* A VPD page has 4 bytes and 65535 at most; those of disks, a few hundred. */
#define PAGE_MAX 4096

/* Byte 5 of standard INQUIRY data: TPGS, 1 says implicit only. */
enum { INQUIRY_TPGS = 5, TPGS_SHIFT = 4, TPGS_MASK = 3, TPGS_IMPLICIT = 1 };

/* What stands for the vendor of all NVMe namespaces. */
#define NVME_VENDOR "NVME"

/* Of the one question that is sent. */
enum { ASK_MS = 10000 };

/* SCSI */

static void scsi_pages(const char *device, struct path_facts *f)
{
	uint8_t page[PAGE_MAX];
	char state[32];
	uint16_t tpg;
	size_t n;

	n = sysfs_bytes(device, "vpd_pg80", page, sizeof(page));
	if (vpd_serial(page, n, f->serial, sizeof(f->serial)))
		f->serial[0] = '\0';
	n = sysfs_bytes(device, "vpd_pg83", page, sizeof(page));
	if (!vpd_target_group(page, n, &tpg))
		f->tpg = tpg;
	n = sysfs_bytes(device, "inquiry", page, sizeof(page));
	if (n > INQUIRY_TPGS)
		f->tpgs = page[INQUIRY_TPGS] >> TPGS_SHIFT & TPGS_MASK;
	f->implicit_only = f->tpgs == TPGS_IMPLICIT;
	f->access_state = sysfs_text(device, "access_state", state,
				     sizeof(state));
}

static void scsi_host(const struct place *p, struct path_facts *f)
{
	char host[32];

	if (!place_component(p, "host", host, sizeof(host)))
		return;
	place_class_text(p, "fc_host", host, "node_name", f->host_node,
			 sizeof(f->host_node));
	place_class_text(p, "fc_host", host, "port_name", f->host_port,
			 sizeof(f->host_port));
	/* iSCSI over one network card may go by several addresses. */
	place_class_text(p, "iscsi_host", host, "ipaddress", f->adapter,
			 sizeof(f->adapter));
	if (!f->adapter[0])
		place_pci_address(p, f->adapter, sizeof(f->adapter));
	if (!f->adapter[0])
		snprintf(f->adapter, sizeof(f->adapter), "%s", host);
}

static void fc_target(const struct place *p, const char *class,
		      const char *name, struct path_facts *f)
{
	if (!f->node_name[0])
		place_class_text(p, class, name, "node_name", f->node_name,
				 sizeof(f->node_name));
	if (!f->target_port[0])
		place_class_text(p, class, name, "port_name", f->target_port,
				 sizeof(f->target_port));
}

static void scsi_target(const struct place *p, struct path_facts *f)
{
	char name[64];

	if (place_component(p, "rport-", name, sizeof(name)))
		fc_target(p, "fc_remote_ports", name, f);
	if (place_component(p, "target", name, sizeof(name)))
		fc_target(p, "fc_transport", name, f);
	if (!f->node_name[0] &&
	    place_component(p, "session", name, sizeof(name)))
		place_class_text(p, "iscsi_session", name, "targetname",
				 f->node_name, sizeof(f->node_name));
	if (!f->node_name[0] &&
	    place_component(p, "end_device-", name, sizeof(name)))
		place_class_text(p, "sas_device", name, "sas_address",
				 f->node_name, sizeof(f->node_name));
}

/* In whole seconds; what is no number, or 0, says nothing. */
static void scsi_timeout(const char *device, struct path_facts *f)
{
	char text[16];
	int64_t n;

	if (sysfs_text(device, "timeout", text, sizeof(text)) &&
	    number_parse(text, 10, 1, DISK_TIMEOUT_MAX, &n) == 0)
		f->timeout = (uint32_t)n;
}

static void scsi_facts(const struct place *p, struct path_facts *f)
{
	snprintf(f->hctl, sizeof(f->hctl), "%s", strrchr(p->device, '/') + 1);
	sysfs_text(p->device, "vendor", f->vendor, sizeof(f->vendor));
	sysfs_text(p->device, "model", f->product, sizeof(f->product));
	sysfs_text(p->device, "rev", f->revision, sizeof(f->revision));
	scsi_timeout(p->device, f);
	scsi_pages(p->device, f);
	scsi_host(p, f);
	scsi_target(p, f);
}

/*
 * As multipath-tools number them: the controller, its number within the
 * subsystem, the namespace as it is named, and as the controller numbers it.
 */
static void nvme_hctl(const struct place *p, struct path_facts *f)
{
	char channel[16] = "", lun[16] = "";
	unsigned int controller, namespace;
	int n = 0;

	if (sscanf(p->name, "nvme%un%u%n", &controller, &namespace, &n) != 2 ||
	    p->name[n])
		return;
	sysfs_text(p->device, "cntlid", channel, sizeof(channel));
	sysfs_text(p->disk, "nsid", lun, sizeof(lun));
	snprintf(f->hctl, sizeof(f->hctl), "%u:%.10s:%u:%.10s", controller,
		 *channel ? channel : "0", namespace, *lun ? lun : "0");
}

static void nvme_facts(const struct place *p, struct path_facts *f)
{
	const char *dir = p->device;

	snprintf(f->vendor, sizeof(f->vendor), NVME_VENDOR);
	sysfs_text(dir, "model", f->product, sizeof(f->product));
	sysfs_text(dir, "firmware_rev", f->revision, sizeof(f->revision));
	sysfs_text(dir, "serial", f->serial, sizeof(f->serial));
	sysfs_text(dir, "address", f->node_name, sizeof(f->node_name));
	if (!place_is_nvme_head(p))
		nvme_hctl(p, f);
	place_pci_address(p, f->adapter, sizeof(f->adapter));
}

/* virtio keeps the serial with the disk. */
static void other_facts(const struct place *p, struct path_facts *f)
{
	sysfs_text(p->disk, "serial", f->serial, sizeof(f->serial));
	place_pci_address(p, f->adapter, sizeof(f->adapter));
}

void facts_of_disk(const char *root, dev_t dev, struct path_facts *ret)
{
	struct place p;

	if (!place_find(root, dev, &p))
		return;
	if (strlen(p.name) < sizeof(ret->name))
		strcpy(ret->name, p.name);
	if (p.kind == PLACE_SCSI)
		scsi_facts(&p, ret);
	else if (p.kind == PLACE_NVME)
		nvme_facts(&p, ret);
	else
		other_facts(&p, ret);
	ret->kind = p.kind == PLACE_SCSI ? DEVICE_SCSI :
		    p.kind == PLACE_NVME ? DEVICE_NVME :
					   DEVICE_OTHER;
	place_free(&p);
}

/* One that does not answer now is taken for one without. */
static void ask_ana(const struct device *d, struct path_facts *f)
{
	struct errmsg e;

	if (ana_supported(d->fd, ASK_MS, &f->ana, &e) || !f->ana)
		return;
	f->implicit_only = true; /* no host can set a state */
}

/* A disk that the kernel does not reach, or that does not answer, is what the
 * kernel knows of it. */
static void take_wwid(const char *root, const struct device *d,
		      struct path_facts *f)
{
	char message[96];
	struct errmsg e;
	bool runs = disk_state_of(root, d->id.rdev, message,
				  sizeof(message)) == CHECK_UP;

	if (identity_ask(root, d, runs, f->wwid, sizeof(f->wwid), &e))
		(void)!identity_ask(root, d, false, f->wwid, sizeof(f->wwid),
				    &e);
}

void facts_of_device(const char *root, const struct device *d,
		     struct path_facts *ret)
{
	ret->kind = DEVICE_OTHER;
	if (!d->limits.is_block)
		return;
	facts_of_disk(root, d->id.rdev, ret);
	identity_protocol(root, d->id.rdev, ret->protocol,
			  sizeof(ret->protocol));
	take_wwid(root, d, ret);
	if (ret->kind == DEVICE_SCSI)
		detect_array(root, d->fd, d->id.rdev, ret);
	/* What the kernel has joined has no one controller to ask. */
	if (!strcmp(ret->vendor, NVME_VENDOR) && *ret->hctl)
		ask_ana(d, ret);
}

void facts_identify(const struct device *d, struct path_facts *ret)
{
	facts_of_device("", d, ret);
}
