// SPDX-License-Identifier: MIT
/* Where a disk is in sysfs; see place.h. No state. */
#include "hw/place.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hw/sysfs.h"

/* "2:0:1:3", and nothing else? */
static bool is_hctl(const char *name)
{
	unsigned int h, c, t;
	unsigned long long lun;
	int n = 0;

	return isdigit((unsigned char)name[0]) &&
	       sscanf(name, "%u:%u:%u:%llu%n", &h, &c, &t, &lun, &n) == 4 &&
	       !name[n];
}

static enum place_kind kind_of(const struct place *p)
{
	if (!p->device)
		return PLACE_OTHER;
	if (is_hctl(strrchr(p->device, '/') + 1))
		return PLACE_SCSI;
	if (!strncmp(p->name, "nvme", strlen("nvme")))
		return PLACE_NVME;
	if (!strncmp(p->name, "dasd", strlen("dasd")))
		return PLACE_DASD;
	return PLACE_OTHER;
}

bool place_find(const char *root, dev_t dev, struct place *ret)
{
	struct place p = {.root = root, .disk = sysfs_disk(root, dev)};

	if (!p.disk)
		return false;
	p.name = strrchr(p.disk, '/') + 1;
	p.device = sysfs_follow(p.disk, "device");
	p.kind = kind_of(&p);
	*ret = p;
	return true;
}

void place_free(struct place *p)
{
	free(p->disk);
	free(p->device);
}

bool place_is_nvme_head(const struct place *p)
{
	return p->kind == PLACE_NVME &&
	       !strncmp(strrchr(p->device, '/') + 1, "nvme-subsys",
			strlen("nvme-subsys"));
}

bool place_component(const struct place *p, const char *prefix, char *buf,
		     size_t size)
{
	size_t n = strlen(prefix);
	const char *found = NULL;

	for (const char *s = p->disk; (s = strchr(s, '/')); s++)
		if (!strncmp(s + 1, prefix, n) &&
		    isdigit((unsigned char)s[1 + n]))
			found = s + 1;
	n = found ? strcspn(found, "/") : 0;
	if (n >= size)
		n = 0;
	snprintf(buf, size, "%.*s", (int)n, found ? found : "");
	return n > 0;
}

static bool class_dir(const struct place *p, const char *class,
		      const char *name, char *buf, size_t size)
{
	return snprintf(buf, size, "%s/sys/class/%s/%s", p->root, class,
			name) < (int)size;
}

bool place_in_class(const struct place *p, const char *class, const char *name)
{
	char dir[PATH_MAX];

	return class_dir(p, class, name, dir, sizeof(dir)) &&
	       access(dir, F_OK) == 0;
}

bool place_class_text(const struct place *p, const char *class,
		      const char *name, const char *attr, char *buf,
		      size_t size)
{
	char dir[PATH_MAX];

	buf[0] = '\0';
	return class_dir(p, class, name, dir, sizeof(dir)) &&
	       sysfs_text(dir, attr, buf, size);
}

int place_class_write(const struct place *p, const char *class,
		      const char *name, const char *attr, const char *text)
{
	char dir[PATH_MAX];

	if (!class_dir(p, class, name, dir, sizeof(dir)))
		return -ENAMETOOLONG;
	return sysfs_write(dir, attr, text);
}

/* Is it "DDDD:BB:DD.F"? */
static bool is_pci(const char *text, size_t n)
{
	static const char form[] = "xxxx:xx:xx.x";

	if (n != strlen(form))
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) :
				     text[i] != form[i])
			return false;
	return true;
}

void place_pci_address(const struct place *p, char *buf, size_t size)
{
	buf[0] = '\0';
	for (const char *s = p->disk; (s = strchr(s, '/')); s++) {
		size_t n = strcspn(s + 1, "/");

		if (is_pci(s + 1, n))
			snprintf(buf, size, "%.*s", (int)n, s + 1);
	}
}
