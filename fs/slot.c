// SPDX-License-Identifier: MIT
/* A lane's request slots and their buffers; see slot.h. */
#include "fs/slot.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "fs/mount.h"

#define BUFFER_SIZE ((size_t)MOUNT_MAX_IO + REQUEST_SLACK)
/* A cold slot keeps its pages after small transfers only. */
#define KEEP_BYTES (64u << 10)
#define WARM_SLOTS 32

enum { WARM, COLD };

struct slots {
	struct slot *v;
	unsigned int n;
	unsigned int used;
	struct slot *free[2]; /* last in, first out */
	char *buffers;
};

static int kind(const struct slot *s)
{
	return s->index < WARM_SLOTS ? WARM : COLD;
}

static void push_free(struct slots *p, struct slot *s)
{
	int k = kind(s);

	s->req.buf = p->buffers + s->index * BUFFER_SIZE;
	s->next_free = p->free[k];
	p->free[k] = s;
}

/* Kernels before 5.14 have no MADV_POPULATE_WRITE. */
static void warm_up(struct slots *p)
{
	size_t size = MIN(p->n, WARM_SLOTS) * BUFFER_SIZE;

	if (madvise(p->buffers, size, MADV_POPULATE_WRITE) == 0)
		return;
	for (size_t i = 0; i < size; i += 4096)
		p->buffers[i] = 0;
}

int slots_new(unsigned int n, struct slots **ret)
{
	struct slots *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->n = n;
	p->v = aligned_alloc(CACHELINE,
			     ROUND_UP(n * sizeof(*p->v), (size_t)CACHELINE));
	p->buffers = mmap(NULL, n * BUFFER_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!p->v || p->buffers == MAP_FAILED) {
		if (p->buffers == MAP_FAILED)
			p->buffers = NULL;
		slots_free(p);
		return -ENOMEM;
	}
	/*
	 * Large pages make a transfer a few segments instead of hundreds, which
	 * 1 MiB reads feel by an eighth. A wish: small pages do as well.
	 */
	madvise(p->buffers, n * BUFFER_SIZE, MADV_HUGEPAGE);
	warm_up(p);
	for (unsigned int i = n; i-- > 0;) {
		struct slot *s = &p->v[i];

		*s = (struct slot){ .index = i };
		push_free(p, s);
	}
	*ret = p;
	return 0;
}

void slots_free(struct slots *p)
{
	assert(!p->used);
	if (p->buffers)
		munmap(p->buffers, p->n * BUFFER_SIZE);
	free(p->v);
	free(p);
}

static struct slot *pop_free(struct slots *p, int k)
{
	struct slot *s = p->free[k];

	if (!s)
		return NULL;
	p->free[k] = s->next_free;
	p->used++;
	return s;
}

struct slot *slots_get_warm(struct slots *p)
{
	return pop_free(p, WARM);
}

bool slots_left(const struct slots *p, unsigned int reserve)
{
	return p->used + reserve < p->n;
}

struct slot *slots_get(struct slots *p, unsigned int reserve)
{
	struct slot *s;

	if (!slots_left(p, reserve))
		return NULL;
	s = pop_free(p, WARM);
	return s ? s : pop_free(p, COLD);
}

void slot_copy(struct slot *to, const struct slot *from, size_t len)
{
	memcpy(to->header, from->header, SLOT_HEADER);
	if (len > SLOT_HEADER)
		memcpy(to->req.buf, from->req.buf, len - SLOT_HEADER);
}

void slots_put(struct slots *p, struct slot *s)
{
	assert(p->used > 0);
	if (kind(s) == COLD && s->req.len > KEEP_BYTES)
		madvise(p->buffers + s->index * BUFFER_SIZE, BUFFER_SIZE,
			MADV_DONTNEED);
	atomic_store_explicit(&s->live, 0, memory_order_release);
	s->steps.active = false;
	push_free(p, s);
	p->used--;
}

struct slot *slots_find(struct slots *p, uint64_t unique)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (atomic_load_explicit(&p->v[i].live, memory_order_relaxed) ==
		    unique)
			return &p->v[i];
	return NULL;
}

unsigned int slots_used(const struct slots *p)
{
	return p->used;
}
