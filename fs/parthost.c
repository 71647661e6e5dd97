// SPDX-License-Identifier: MIT
/* See parthost.h. */
#include "fs/parthost.h"

#include "core/monitor.h"
#include "fs/ino.h"
#include "fs/keep.h"
#include "fs/mount.h"
#include "fs/partitions.h"
#include "fs/slice.h"
#include "fs/tree.h"
#include "fs/words.h"

static int on_scan(void *arg, const struct scan *what, int pipe)
{
	struct parthost *h = arg;

	return words_scan(h->sock, what, pipe);
}

static void on_event(void *arg, const struct event *ev)
{
	struct parthost *h = arg;

	tree_event(h->daemon->tree, ev);
}

static void mend(struct parthost *h, const struct volume *v,
		 const struct slice *s)
{
	/* Without a cache for writes the kernel believes what it is told. */
	if (h->daemon->mount->writeback)
		words_truncate(h->sock, v, s);
}

static void on_resized(void *arg, const struct volume *v, const struct slice *s)
{
	struct parthost *h = arg;

	tree_forget(h->daemon->tree, slice_ino(s));
	mend(h, v, s);
}

static void on_reread(void *arg, const struct volume *v, int result)
{
	struct parthost *h = arg;

	tree_reread(h->daemon->tree, v, result);
}

int parthost_start(struct parthost *h)
{
	struct partitions_params p = {
		.monitor = h->monitor,
		.host.slices = keep_slices(h->daemon->keep),
		.host.event = on_event,
		.host.resized = on_resized,
		.host.arg = h,
		.scan = on_scan,
		.reread = on_reread,
	};

	return partitions_new(&p, &h->partitions);
}

void parthost_past_end(struct parthost *h, uint64_t ino)
{
	struct volume *v = monitor_volume_by_id(h->monitor, ino_volume(ino));
	struct slice *s = NULL;

	if (!v)
		return;
	if (ino_kind(ino) == KIND_PARTITION) {
		s = slice_find(keep_slices(h->daemon->keep), v->id,
			       ino_object(ino));
		if (!s || !s->shown)
			return; /* no name leads to it any more */
	}
	mend(h, v, s);
}
