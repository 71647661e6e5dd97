// SPDX-License-Identifier: MIT
/* The policy of restarts; see restart.h. No clock, no process, no state. */
#include "fs/restart.h"

#include <string.h>

/* Is this the last of RESTART_DEATHS deaths within the window? */
static bool window_full(const struct restart *r, uint64_t now)
{
	return r->nr_deaths == ARRAY_SIZE(r->death) &&
	       now - r->death[ARRAY_SIZE(r->death) - 1] < RESTART_WINDOW;
}

static void note_death(struct restart *r, uint64_t now)
{
	assert(r->nr_deaths == 0 || now >= r->death[0]);
	memmove(&r->death[1], &r->death[0],
		sizeof(r->death) - sizeof(r->death[0]));
	r->death[0] = now;
	if (r->nr_deaths < ARRAY_SIZE(r->death))
		r->nr_deaths++;
}

static uint32_t doubled(unsigned int times)
{
	uint32_t ms = RESTART_PAUSE_MS;

	while (times-- && ms < RESTART_PAUSE_MAX_MS)
		ms *= 2;
	return MIN(ms, RESTART_PAUSE_MAX_MS);
}

uint32_t restart_after(struct restart *r, const struct restart_death *d)
{
	bool young = !d->ready || (d->lived < RESTART_YOUNG && !d->killed);

	if (d->lived >= RESTART_CALM)
		*r = (struct restart){0};
	if (r->pause_ms == 0 && !window_full(r, d->now)) {
		note_death(r, d->now);
		return 0;
	}
	note_death(r, d->now);
	r->pause_ms = doubled(young ? r->nr_young : 0);
	r->nr_young = young ? MIN(r->nr_young + 1, 16) : 0;
	return r->pause_ms;
}
