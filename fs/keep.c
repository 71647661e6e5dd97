// SPDX-License-Identifier: MIT
/*
 * The shared mapping that outlives a worker; see keep.h.
 *
 * Events: a ring addressed by byte positions that only grow; position p lies
 * at p modulo the ring's size. Lines between tail and head are whole. An
 * append first moves the tail past what it is going to overwrite, then copies,
 * then moves the head: three steps, and after each of them every line between
 * tail and head is whole, so a writer may be killed anywhere.
 *
 * Text: two halves and the index of the current one; a new text is written to
 * the other half, then the index is switched.
 *
 * Order: each step is an atomic store with release order, which keeps the
 * compiler and the processor from moving it before the copy it publishes.
 * There is no lock: one process writes at a time, on one thread (keep.h), and
 * readers run on that thread or while no writer lives.
 */
#include "fs/keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fs/slice.h"

#define RING_SIZE (1u << 20) /* a power of two */
#define TEXT_SIZE (8u << 20)

struct keep {
	struct keep_info info;
	_Atomic uint64_t tail;	    /* of the oldest whole line */
	_Atomic uint64_t head;	    /* after the newest */
	_Atomic uint32_t half;	    /* which text is current: 0 or 1 */
	_Atomic uint32_t next_poll; /* place that the next handle takes */
	_Atomic uint64_t polls[KEEP_POLLS]; /* 0: a free place */
	_Atomic uint64_t counted; /* the request that has counted last; 0: none */
	uint32_t count_before, count_after; /* of it */
	_Atomic uint32_t opens[KEEP_MAX_VOLUMES];
	struct slices slices;
	char ring[RING_SIZE];
	char text[2][TEXT_SIZE];
};

#define LOAD(p) atomic_load_explicit(p, memory_order_acquire)
#define STORE(p, v) atomic_store_explicit(p, v, memory_order_release)

int keep_new(struct keep **ret)
{
	struct keep *k;

	/* Comes zeroed; pages take memory only once they are touched. */
	k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k == MAP_FAILED)
		return -ENOMEM;
	*ret = k;
	return 0;
}

void keep_free(struct keep *k)
{
	if (k)
		munmap(k, sizeof(*k));
}

struct keep_info *keep_info(struct keep *k)
{
	return &k->info;
}

static void ring_put(struct keep *k, uint64_t pos, const char *from, size_t n)
{
	size_t at = pos % RING_SIZE;
	size_t first = MIN(n, RING_SIZE - at);

	memcpy(k->ring + at, from, first);
	memcpy(k->ring, from + first, n - first);
}

static void ring_get(const struct keep *k, uint64_t pos, char *to, size_t n)
{
	size_t at = pos % RING_SIZE;
	size_t first = MIN(n, RING_SIZE - at);

	memcpy(to, k->ring + at, first);
	memcpy(to + first, k->ring, n - first);
}

/* The first start of a line at or after the tail with head - start <= room. */
static uint64_t tail_for(const struct keep *k, uint64_t head, uint64_t room)
{
	uint64_t tail = LOAD(&k->tail);

	while (head - tail > room) {
		while (k->ring[tail % RING_SIZE] != '\n')
			tail++;
		tail++;
		assert(tail <= head);
	}
	return tail;
}

int keep_event_append(struct keep *k, const char *line)
{
	size_t len = strlen(line);
	uint64_t head = LOAD(&k->head);

	if (len > KEEP_LINE_MAX)
		return -E2BIG;
	assert(!memchr(line, '\n', len));
	STORE(&k->tail, tail_for(k, head, RING_SIZE - (len + 1)));
	/* The copy must not be seen before the tail has moved. */
	atomic_thread_fence(memory_order_seq_cst);
	ring_put(k, head, line, len);
	ring_put(k, head + len, "\n", 1);
	STORE(&k->head, head + len + 1);
	return 0;
}

uint64_t keep_event_head(const struct keep *k)
{
	return LOAD(&k->head);
}

uint64_t keep_event_tail(const struct keep *k)
{
	return LOAD(&k->tail);
}

/* A line of exactly n bytes, n > 0; only blanks where the words do not fit. */
static void lost_line(char *buf, size_t n)
{
	char words[64];
	int len;

	len = snprintf(words, sizeof(words),
		       "{\"event\":\"lost\",\"bytes\":%zu}", n);
	memset(buf, ' ', n);
	buf[n - 1] = '\n';
	if ((size_t)len < n)
		memcpy(buf, words, (size_t)len);
}

size_t keep_event_read(const struct keep *k, uint64_t pos, char *buf,
		       size_t size)
{
	uint64_t head = LOAD(&k->head);
	uint64_t tail = LOAD(&k->tail);
	size_t n;

	if (pos >= head || size == 0)
		return 0;
	if (pos < tail) {
		n = MIN(tail - pos, size);
		lost_line(buf, n);
		return n;
	}
	n = MIN(head - pos, size);
	ring_get(k, pos, buf, n);
	return n;
}

int keep_text_set(struct keep *k, const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t other = !LOAD(&k->half);

	if (size > TEXT_SIZE)
		return -E2BIG;
	memcpy(k->text[other], text, size);
	STORE(&k->half, other);
	return 0;
}

const char *keep_text(const struct keep *k)
{
	return k->text[LOAD(&k->half)];
}

uint64_t keep_poll_add(struct keep *k, uint64_t kh)
{
	uint32_t place = LOAD(&k->next_poll);
	uint64_t oldest;

	assert(kh != 0);
	for (size_t i = 0; i < KEEP_POLLS; i++)
		if (LOAD(&k->polls[i]) == kh)
			return 0;
	oldest = LOAD(&k->polls[place]);
	STORE(&k->polls[place], kh);
	STORE(&k->next_poll, (place + 1) % KEEP_POLLS);
	return oldest;
}

size_t keep_poll_get(const struct keep *k, uint64_t *buf)
{
	size_t n = 0;
	uint64_t kh;

	for (size_t i = 0; i < KEEP_POLLS; i++) {
		kh = LOAD(&k->polls[i]);
		if (kh)
			buf[n++] = kh;
	}
	return n;
}

void keep_poll_clear(struct keep *k)
{
	for (size_t i = 0; i < KEEP_POLLS; i++)
		STORE(&k->polls[i], 0);
	STORE(&k->next_poll, 0);
}

_Atomic uint32_t *keep_opens(struct keep *k, uint32_t volume_id)
{
	assert(volume_id < KEEP_MAX_VOLUMES);
	return &k->opens[volume_id];
}

uint32_t keep_count(struct keep *k, _Atomic uint32_t *n, uint64_t unique,
		    bool up)
{
	uint32_t before = LOAD(n);

	assert(unique != 0);
	if (LOAD(&k->counted) != unique) {
		STORE(&k->counted, 0);
		/* No store below may be seen before that one. */
		atomic_thread_fence(memory_order_seq_cst);
		k->count_before = before;
		k->count_after = up ? before + 1 : before - (before > 0);
		STORE(&k->counted, unique);
	}
	STORE(n, k->count_after);
	return k->count_before;
}

struct slices *keep_slices(struct keep *k)
{
	return &k->slices;
}
