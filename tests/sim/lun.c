// SPDX-License-Identifier: MIT
/*
 * The medium of a LUN, and what may be read from it.
 *
 * Every word of 8 bytes holds who wrote it and where it belongs; so a word
 * tells whether it is the right one. What is on the medium is known at each
 * moment, which makes the rules short:
 *
 *   landing  A write may not land over the data of one that was given to core
 *            after it had been answered (rule 3). The words beyond its own
 *            range, which a part-sector write carries, are those that are
 *            there. Its own are as they were given: whoever touches the buffer
 *            meanwhile is found out (rule 5).
 *   write    Answered well: each word of it has landed (rules 2, 8); with
 *            dsync, by an attempt that had it.
 *   read     Answered well: each word was on the medium at some time between
 *            its call and its answer (rule 2).
 *   flush    Answered well: what was acknowledged before it is on stable
 *            storage.
 */
#include <string.h>

#include "tests/sim/sim.h"

bool lun_init(struct sim_vol *sv)
{
	uint64_t n = sv->setup->size / WORD;

	sv->word = malloc(n * sizeof(sv->word[0]));
	sv->by = malloc(n * sizeof(sv->by[0]));
	if (!sv->word || !sv->by)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		sv->word[i] =
			(uint64_t)NO_APP << 40 | (uint64_t)sv->index << 32 | i;
		sv->by[i] = NO_APP;
	}
	sv->nlog = 0;
	sv->landings = sv->acked = sv->durable = 0;
	return true;
}

void lun_free(struct sim_vol *sv)
{
	free(sv->word);
	free(sv->by);
	free(sv->log);
	sv->word = NULL;
	sv->by = NULL;
	sv->log = NULL;
	sv->log_size = 0;
}

/* Never 0, which is what a discard leaves. */
static uint64_t pattern(const struct sim_vol *sv, uint16_t app, uint64_t word)
{
	return (uint64_t)1 << 60 | (uint64_t)app << 40 |
	       (uint64_t)sv->index << 32 | word;
}

void lun_pattern(const struct app *a, char *buf, uint64_t off, uint64_t len)
{
	uint64_t *b = (uint64_t *)buf;

	for (uint64_t i = 0; i < len / WORD; i++)
		b[i] = pattern(a->sv, (uint16_t)a->it->id, off / WORD + i);
}

static void note_landing(struct sim *s, struct sim_vol *sv,
			 const struct attempt *at, uint64_t off, uint64_t len)
{
	struct landing *l;

	if (sv->nlog == sv->log_size) {
		unsigned int size = sv->log_size ? 2 * sv->log_size : 1024;

		l = realloc(sv->log, size * sizeof(*l));
		if (!l) {
			sim_fail(s, "no memory");
			return;
		}
		sv->log = l;
		sv->log_size = size;
	}
	sv->log[sv->nlog++] = (struct landing){
		.at = s->now,
		.off = off,
		.len = len,
		.app = (uint16_t)at->app->it->id,
		.zero = at->io->op != IO_WRITE,
	};
	at->app->land_seq = ++sv->landings;
}

static void mark_landed(struct app *a, uint64_t off, uint64_t len)
{
	uint64_t first = (off - a->it->off) / WORD;

	for (uint64_t i = first; i < first + len / WORD; i++)
		a->landed[i / 64] |= 1ULL << i % 64;
}

/* May a's data replace what is on the medium there? */
static void check_order(struct sim *s, const struct sim_vol *sv,
			const struct app *a, uint64_t word)
{
	uint16_t by = sv->by[word];

	if (by == NO_APP || by == a->it->id || s->apps[by].inv <= a->resp)
		return;
	sim_fail(s,
		 "%s: #%u, answered at %.6f s, lands at sector %llu over #%u "
		 "of %.6f s",
		 sv->name, a->it->id, (double)a->resp / 1e9,
		 (unsigned long long)(word * WORD / 512), by,
		 (double)s->apps[by].inv / 1e9);
}

static void land_own(struct sim *s, struct attempt *at, uint64_t off,
		     uint64_t end)
{
	struct sim_vol *sv = at->sp->sv;
	struct app *a = at->app;
	uint16_t id = (uint16_t)a->it->id;
	const uint64_t *b = at->io->buf;
	bool zero = at->io->op != IO_WRITE;

	if (off >= end)
		return;
	for (uint64_t w = off / WORD; w < end / WORD; w++) {
		uint64_t v = zero ? 0 : b[w - at->io->off / WORD];

		if (!zero && v != pattern(sv, id, w)) {
			sim_fail(s,
				 "%s %s: #%u writes %#llx at byte %llu, which "
				 "is not its data",
				 sv->name, at->sp->name, id,
				 (unsigned long long)v,
				 (unsigned long long)(w * WORD));
			return;
		}
		if (a->answered)
			check_order(s, sv, a, w);
		sv->word[w] = v;
		sv->by[w] = id;
	}
	if (!a->it->dsync || at->io->dsync)
		mark_landed(a, off, end - off);
	note_landing(s, sv, at, off, end - off);
}

/* What a part-sector write brings back unchanged. */
static void check_edge(struct sim *s, const struct attempt *at, uint64_t off,
		       uint64_t end)
{
	const struct sim_vol *sv = at->sp->sv;

	if (off >= end)
		return;
	if (at->io->op == IO_WRITE &&
	    !memcmp((char *)at->io->buf + (off - at->io->off),
		    (char *)sv->word + off, end - off))
		return;
	sim_fail(
		s,
		"%s %s: %s #%u changes bytes %llu..%llu, which are not its own",
		sv->name, at->sp->name, io_op_name(at->io->op), at->app->it->id,
		(unsigned long long)off, (unsigned long long)end);
}

static void land_write(struct sim *s, struct attempt *at)
{
	const struct item *it = at->app->it;
	uint64_t off = at->io->off, end = off + at->land_len;
	uint64_t own = MAX(off, it->off), own_end = MIN(end, it->off + it->len);

	if (end == off)
		return;
	check_edge(s, at, off, MIN(end, it->off));
	check_edge(s, at, MAX(off, it->off + it->len), end);
	land_own(s, at, own, own_end);
}

void lun_land(struct sim *s, struct attempt *at)
{
	struct sim_vol *sv = at->sp->sv;

	at->landed = true;
	if (at->io->op == IO_READ)
		memcpy(at->io->buf, (char *)sv->word + at->io->off,
		       at->land_len);
	else if (at->io->op != IO_FLUSH)
		land_write(s, at);
	else if (at->res >= 0)
		sv->durable = sv->landings;
}

void lun_check_write(struct sim *s, struct app *a)
{
	struct sim_vol *sv = a->sv;

	if (a->it->op == IO_FLUSH) {
		if (sv->durable < a->flush_need)
			sim_fail(s,
				 "%s: flush #%u is answered, but landing %llu "
				 "is in the cache (%llu are on the medium)",
				 sv->name, a->it->id,
				 (unsigned long long)a->flush_need,
				 (unsigned long long)sv->durable);
		return;
	}
	for (uint64_t i = 0; i < a->it->len / WORD; i++) {
		if (a->landed[i / 64] & 1ULL << i % 64)
			continue;
		sim_fail(
			s,
			"%s: #%u is answered, but its byte %llu has not landed",
			sv->name, a->it->id, (unsigned long long)(i * WORD));
		return;
	}
	if (!a->it->dsync)
		sv->acked = MAX(sv->acked, a->land_seq);
}

/* Was v there at some time since inv? From the newest landing backwards. */
static bool was_there(const struct sim_vol *sv, uint64_t word, uint64_t v,
		      uint64_t inv)
{
	uint64_t byte = word * WORD;

	for (unsigned int i = sv->nlog; i-- > 0;) {
		const struct landing *l = &sv->log[i];

		if (byte < l->off || byte >= l->off + l->len)
			continue;
		if (v == (l->zero ? 0 : pattern(sv, l->app, word)))
			return true;
		if (l->at < inv)
			return false; /* it stood when the read came */
	}
	return v == ((uint64_t)NO_APP << 40 | (uint64_t)sv->index << 32 | word);
}

void lun_check_read(struct sim *s, struct app *a, const char *data)
{
	struct sim_vol *sv = a->sv;
	const char *medium = (char *)sv->word + a->it->off;

	if (!memcmp(data, medium, a->it->len))
		return;
	for (uint64_t i = 0; i < a->it->len; i += WORD) {
		uint64_t v, word = (a->it->off + i) / WORD;

		memcpy(&v, data + i, WORD);
		if (v == sv->word[word] || was_there(sv, word, v, a->inv))
			continue;
		sim_fail(s,
			 "%s: read #%u of %.6f s returns %#llx at byte %llu, "
			 "which was not there then; #%u is",
			 sv->name, a->it->id, (double)a->inv / 1e9,
			 (unsigned long long)v,
			 (unsigned long long)(word * WORD), sv->by[word]);
		return;
	}
}
