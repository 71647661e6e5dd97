// SPDX-License-Identifier: MIT
/*
 * See scan.h. The child has a few seconds to live, and gives up its privileges
 * once the volume is open.
 *
 * libblkid says the same, NULL, when there is no table, when a sector could not
 * be read and when it has given up on a table that makes no sense. Only the
 * first is a reason to take partitions away.
 */
#include "fs/scan.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/number.h"
#include "fs/child.h"
#include "fs/log.h"
#include "fs/parttable.h"

#define SECTOR 512
/* Seconds until it is killed. The worker does not wait much longer. */
#define LIFE 15
#define NOBODY 65534

/* The DOS table of a disk's first sector: where in it, in bytes. */
enum {
	DOS_TABLE = 446,
	DOS_ENTRIES = 4,
	DOS_ENTRY_SIZE = 16,
	DOS_TYPE = 4,
	DOS_TYPE_GPT = 0xee,
	DOS_SIGNATURE = 510, /* 0x55, 0xaa */
};

void scan_print(const struct scan *s, char buf[SCAN_WORDS])
{
	snprintf(buf, SCAN_WORDS, "%" PRIu64 " %" PRIu32 " %s", s->size,
		 s->block, s->volume);
}

int scan_parse(const char *words, struct scan *ret)
{
	char copy[SCAN_WORDS], *rest = copy;
	const char *size, *block;
	int64_t bytes, unit;

	if (strlen(words) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, words);
	size = strsep(&rest, " ");
	block = strsep(&rest, " ");
	if (!rest || !*rest || strlen(rest) >= sizeof(ret->volume) ||
	    number_parse(size, 10, 0, INT64_MAX / 16, &bytes) ||
	    number_parse(block, 10, SECTOR, 1 << 20, &unit))
		return -EINVAL;
	strcpy(ret->volume, rest);
	ret->size = (uint64_t)bytes;
	ret->block = (uint32_t)unit;
	return 0;
}

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

/* False: one that has no place, or a number beyond what is sensible. */
static bool take_part(blkid_partition b, uint32_t block, struct part *p)
{
	int64_t start = blkid_partition_get_start(b);
	int64_t size = blkid_partition_get_size(b);
	int number = blkid_partition_get_partno(b);
	const char *type = blkid_partition_get_type_string(b);

	if (number < 1 || number > PART_NUMBER_MAX || start < 0 || size < 1 ||
	    start > INT64_MAX / SECTOR / 4 || size > INT64_MAX / SECTOR / 4)
		return false;
	p->number = (uint32_t)number;
	p->start = (uint64_t)start * SECTOR;
	p->size = (uint64_t)size * SECTOR;
	/* The container of others: what a boot loader needs of it, no more. */
	if (blkid_partition_is_extended(b))
		p->size = MIN(p->size, MAX((uint64_t)2 * SECTOR, block));
	copy_text(p->type, sizeof(p->type), type);
	if (!type)
		snprintf(p->type, sizeof(p->type), "0x%x",
			 (unsigned int)blkid_partition_get_type(b));
	copy_text(p->uuid, sizeof(p->uuid), blkid_partition_get_uuid(b));
	copy_text(p->name, sizeof(p->name), blkid_partition_get_name(b));
	return true;
}

static int take_list(blkid_partlist list, uint32_t block, struct part_table *t)
{
	int n = MAX(blkid_partlist_numof_partitions(list), 0);
	blkid_parttable first = blkid_partlist_get_table(list);

	copy_text(t->type, sizeof(t->type), blkid_parttable_get_type(first));
	t->v = calloc((size_t)n + 1, sizeof(*t->v));
	if (!t->v)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		if (take_part(blkid_partlist_get_partition(list, i), block,
			      &t->v[t->n]))
			t->n++;
	part_table_sort(t);
	return 0;
}

/*
 * A GPT of which neither header is right, because both are damaged or the disk
 * was larger, is none to libblkid. But the first sector still says that there
 * is one: a DOS table with an entry for it, which protects it.
 */
static bool has_lost_gpt(int fd)
{
	unsigned char mbr[SECTOR];

	if (pread(fd, mbr, sizeof(mbr), 0) != (ssize_t)sizeof(mbr) ||
	    mbr[DOS_SIGNATURE] != 0x55 || mbr[DOS_SIGNATURE + 1] != 0xaa)
		return false;
	for (int i = 0; i < DOS_ENTRIES; i++)
		if (mbr[DOS_TABLE + i * DOS_ENTRY_SIZE + DOS_TYPE] ==
		    DOS_TYPE_GPT)
			return true;
	return false;
}

/* Why there is no list: 0: there is no table. */
static int why_none(blkid_probe pr, int fd)
{
	if (errno)
		return -errno;
	if (has_lost_gpt(fd))
		return -EUCLEAN;
	/* Is there one, as far as its signature goes? 1: no. */
	blkid_reset_probe(pr);
	return blkid_do_fullprobe(pr) == 1 ? 0 : -EBADMSG;
}

static const char *scan_error(int error)
{
	switch (error) {
	case EBADMSG:
		return "libblkid gives up on a table that contradicts itself";
	case EUCLEAN:
		return "a GPT of which neither header is right: they are damaged, or of a larger disk";
	default:
		return strerror(error);
	}
}

static int probe_table(blkid_probe pr, int fd, const struct scan *s,
		       struct part_table *t)
{
	blkid_partlist list;

	errno = 0;
	if (blkid_probe_set_device(pr, fd, 0, (blkid_loff_t)s->size))
		return errno ? -errno : -EIO;
	blkid_probe_set_sectorsize(pr, s->block);
	blkid_probe_enable_superblocks(pr, 0);
	blkid_probe_enable_partitions(pr, 1);
	errno = 0;
	list = blkid_probe_get_partitions(pr);
	/* One that is empty: all there is is what protects a GPT. */
	return list && blkid_partlist_get_table(list) ?
		       take_list(list, s->block, t) :
		       why_none(pr, fd);
}

int scan_table(int fd, const struct scan *s, struct part_table *ret,
	       struct errmsg *e)
{
	struct part_table t = {.n = 0};
	blkid_probe pr = blkid_new_probe();
	int r = pr ? probe_table(pr, fd, s, &t) : -ENOMEM;

	blkid_free_probe(pr);
	if (r < 0) {
		part_table_free(&t);
		return errmsg_set(e, -r, "%s", scan_error(-r));
	}
	*ret = t;
	return 0;
}

/* The volume's file, with nothing in the page cache but what is dirty. */
static int open_volume(const char *mountpoint, const struct scan *s)
{
	CLEANUP_CLOSE int root = child_open_mount(mountpoint);
	char file[CHILD_FILE_SIZE];
	struct stat st;
	int fd;

	if (root < 0)
		return root;
	snprintf(file, sizeof(file), "%s/volume", s->volume);
	fd = openat(root, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* It has grown: libblkid believes what the kernel does. */
	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size < s->size)
		child_mend_size(root, file);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return fd;
}

/* Wishes: a daemon that is not root's has none to give up. */
static void give_up_privileges(void)
{
	CLEANUP_CLOSE int fd =
		open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Its parent is spared when memory is short; it must not be. */
	if (fd < 0 || write(fd, "1000", 4) < 0)
		log_debug("oom_score_adj: %s", strerror(errno));
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		log_debug("the reader of partition tables keeps its user: %s",
			  strerror(errno));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int write_all(int out, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= (size_t)n) {
		n = write(out, text, len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* The text to write; NULL: no memory. */
static char *read_table(int fd, const struct scan *s)
{
	struct part_table t;
	struct errmsg e;
	char *text;

	if (scan_table(fd, s, &t, &e) < 0)
		return part_table_no(e.text);
	text = part_table_text(&t);
	part_table_free(&t);
	return text;
}

int scan_child(const char *mountpoint, const struct scan *s, int out)
{
	CLEANUP_CLOSE int fd = -1;
	CLEANUP_FREE char *text = NULL;

	alarm(LIFE);
	fd = open_volume(mountpoint, s);
	if (fd < 0)
		return 1; /* it went away meanwhile, or the mount did */
	give_up_privileges();
	text = read_table(fd, s);
	return !text || write_all(out, text, strlen(text)) < 0;
}
