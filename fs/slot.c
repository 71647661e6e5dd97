// SPDX-License-Identifier: MIT
/* A lane's request slots and their buffers; see slot.h. */
#include "fs/slot.h"

#include <errno.h>
#include <sys/mman.h>

#include "fs/mount.h"

#define BUFFER_SIZE ((size_t)MOUNT_MAX_IO + REQUEST_SLACK)
/* The first slots keep their pages; the others do after small transfers. */
#define KEEP_SLOTS 64
#define KEEP_BYTES (64u << 10)

struct slots {
	struct slot *v;
	unsigned int n;
	unsigned int used;
	struct slot *free;
	char *buffers;
};

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
	for (unsigned int i = n; i-- > 0;) {
		struct slot *s = &p->v[i];

		*s = (struct slot){ .index = i };
		s->req.buf = p->buffers + i * BUFFER_SIZE;
		s->next_free = p->free;
		p->free = s;
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

struct slot *slots_get(struct slots *p, unsigned int reserve)
{
	struct slot *s = p->free;

	if (p->used + reserve >= p->n)
		return NULL;
	assert(s);
	p->free = s->next_free;
	p->used++;
	return s;
}

void slots_put(struct slots *p, struct slot *s)
{
	assert(p->used > 0);
	if (s->index >= KEEP_SLOTS && s->req.len > KEEP_BYTES)
		madvise(p->buffers + s->index * BUFFER_SIZE, BUFFER_SIZE,
			MADV_DONTNEED);
	atomic_store_explicit(&s->live, 0, memory_order_release);
	s->req.buf = p->buffers + s->index * BUFFER_SIZE;
	s->steps.active = false;
	s->next_free = p->free;
	p->free = s;
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
