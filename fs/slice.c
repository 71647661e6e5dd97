// SPDX-License-Identifier: MIT
/*
 * The table of slices; see slice.h.
 *
 * A place is taken again only when nobody has it open and all others have been
 * taken since: the search goes round. What a lane reads of it is whole as id is
 * 0 while it changes: the lane looks at id again when it has read the rest.
 */
#include "fs/slice.h"

#include "fs/ino.h"

#define PLACE(id) ((id) & (SLICES_MAX - 1))
/* So that an id fits the object's part of an inode number. */
#define USES_MAX ((1u << (24 - SLICE_PLACE_BITS)) - 1)

#define LOAD(p) atomic_load_explicit(p, memory_order_acquire)
#define STORE(p, v) atomic_store_explicit(p, v, memory_order_release)

struct slice *slice_find(struct slices *all, uint32_t volume, uint32_t id)
{
	struct slice *s = &all->v[PLACE(id)];

	return id && LOAD(&s->id) == id && LOAD(&s->volume) == volume ? s :
									NULL;
}

bool slice_extent(const struct slices *all, uint32_t volume, uint32_t id,
		  uint64_t *start, uint64_t *size)
{
	const struct slice *s = &all->v[PLACE(id)];

	if (!id || LOAD(&s->id) != id || LOAD(&s->volume) != volume)
		return false;
	*start = LOAD(&s->start);
	*size = LOAD(&s->size);
	return LOAD(&s->id) == id; /* the loads before keep their order */
}

struct slice *slice_next(struct slices *all, uint32_t volume, struct slice *s)
{
	struct slice *end = all->v + LOAD(&all->used);

	for (s = s ? s + 1 : all->v; s < end; s++)
		if (LOAD(&s->id) && LOAD(&s->volume) == volume)
			return s;
	return NULL;
}

static bool is_free(const struct slice *s)
{
	return !LOAD(&s->id) || (!LOAD(&s->shown) && !LOAD(&s->opens));
}

static struct slice *free_place(struct slices *all)
{
	uint32_t from = LOAD(&all->next), at;

	for (uint32_t i = 0; i < SLICES_MAX; i++) {
		at = (from + i) % SLICES_MAX;
		if (!is_free(&all->v[at]))
			continue;
		STORE(&all->next, (at + 1) % SLICES_MAX);
		if (at >= LOAD(&all->used))
			STORE(&all->used, at + 1);
		return &all->v[at];
	}
	return NULL;
}

static struct slice *take(struct slices *all, uint32_t volume, uint32_t number,
			  uint64_t start, uint64_t size)
{
	struct slice *s = free_place(all);
	uint32_t uses;

	if (!s)
		return NULL;
	uses = LOAD(&s->uses) % USES_MAX + 1;
	STORE(&s->id, 0);
	/* No store below may be seen before that one. */
	atomic_thread_fence(memory_order_seq_cst);
	STORE(&s->uses, uses);
	STORE(&s->volume, volume);
	STORE(&s->number, number);
	STORE(&s->opens, 0);
	STORE(&s->shown, true);
	STORE(&s->start, start);
	STORE(&s->size, size);
	STORE(&s->id, uses << SLICE_PLACE_BITS | (uint32_t)(s - all->v));
	return s;
}

struct slice *slice_show(struct slices *all, uint32_t volume, uint32_t number,
			 uint64_t start, uint64_t size, bool *resized)
{
	struct slice *s = NULL, *hidden = NULL;

	while ((s = slice_next(all, volume, s))) {
		if (LOAD(&s->number) != number || LOAD(&s->start) != start)
			continue;
		if (LOAD(&s->shown))
			break;
		hidden = s;
	}
	s = s ? s : hidden;
	*resized = s && LOAD(&s->size) != size;
	if (!s)
		return take(all, volume, number, start, size);
	STORE(&s->size, size);
	STORE(&s->shown, true);
	return s;
}

void slice_hide(struct slice *s)
{
	STORE(&s->shown, false);
}

uint32_t slices_opens(struct slices *all, uint32_t volume)
{
	struct slice *s = NULL;
	uint32_t n = 0;

	while ((s = slice_next(all, volume, s)))
		n += LOAD(&s->opens);
	return n;
}

uint64_t slice_ino(const struct slice *s)
{
	return ino_make(KIND_PARTITION, LOAD(&s->volume), LOAD(&s->id),
			INO_SELF);
}

uint64_t slice_ino_shown(const struct slice *s)
{
	return ino_make(KIND_PARTITION, LOAD(&s->volume), LOAD(&s->number),
			INO_SELF);
}
