/* SPDX-License-Identifier: MIT */
/*
 * What is known of a path's device and of what it leads to, as far as grouping
 * and prioritizers care. The device says most of it, once, when it is opened;
 * a `path =` line may say some of it for one that cannot, and goes first.
 */
#ifndef MPATHFS_CORE_FACTS_H
#define MPATHFS_CORE_FACTS_H

#include <stdio.h>
#include "core/base.h"
#include "core/errmsg.h"

enum { TPG_UNKNOWN = -1, TPG_MAX = 65535 };

enum device_kind {
	DEVICE_UNKNOWN, /* nobody has asked */
	DEVICE_SCSI,
	DEVICE_NVME,
	DEVICE_OTHER, /* a file, too */
};

/* Texts are "" where nothing is known. */
/* Longer ones count as not known. */
#define DISK_TIMEOUT_MAX 86400

struct path_facts {
	char wwid[NAME_SIZE];	/* of the LUN, by what the device itself says */
	char serial[128];	/* likewise: VPD 0x80, an NVMe serial */
	char node_name[224];	/* of the target: FC WWNN, iSCSI name */
	char target_port[224];	/* FC WWPN */
	char host_node[32];	/* of the adapter: FC WWNN and WWPN */
	char host_port[32];
	char adapter[64];	/* of this host: a PCI or IP address, "host2" */
	char name[32];		/* the kernel's, "sdb" */
	char protocol[24];	/* as [protocol ...] has it, once it is open */
	char hctl[48];		/* "2:0:1:3", of NVMe too */
	char vendor[64];
	char product[64];
	char revision[64];
	int tpg;		/* target port group, 0..TPG_MAX or TPG_UNKNOWN */
	bool implicit_only;	/* the array alone decides what works */
	uint8_t tpgs;		/* ALUA: 1 implicit, 2 explicit, 3 both; 0 no */
	bool ana;		/* NVMe: namespaces have access states */
	uint8_t kind;		/* enum device_kind */
	uint32_t timeout;	/* s that the kernel gives a command; 0: unknown */
	/* what a disk of sysfs does not tell, only one that is open */
	bool access_state;	/* the kernel keeps the path's, to be read */
	bool rdac;		/* one of LSI's arrays */
};

struct device;

/* What asks the kernel, and may ask the device; it may block. See
 * monitor_params. Made by fs/main.c. */
extern void (*const device_identify)(const struct device *d,
				     struct path_facts *ret);

#define PATH_FACTS_NONE ((struct path_facts){ .tpg = TPG_UNKNOWN })

/*
 * One word of a `path =` line, "serial=TEXT", "node=TEXT" or "tpg=N", into f.
 * -EINVAL with the reason in e: another word, a bad value, or said already.
 */
int path_facts_parse(const char *word, struct path_facts *f,
		     struct errmsg *e) MUST_CHECK;
/* Those words of f, each after a blank; nothing for what it does not say. */
void path_facts_render(const struct path_facts *f, FILE *out);
/* What given says, else what said does, of what a line may give; the rest is
 * said's. */
void path_facts_merge(const struct path_facts *given,
		      const struct path_facts *said, struct path_facts *ret);
/* "TPGS 3, RDAC, access_state": what it is that suggests a checker or a
 * prioritizer; "" nothing does. */
void path_facts_traits(const struct path_facts *f, char *buf, size_t size);
/* Would grouping, a checker or a prioritizer see a difference? */
bool path_facts_same(const struct path_facts *a, const struct path_facts *b);

#endif
