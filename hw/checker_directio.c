// SPDX-License-Identifier: MIT
/*
 * Reads the first block (census 4.3): all of it came, the path is up; an error
 * or less, it is down; nothing within the timeout, it is down too, which is
 * core's to see: the read that is still out holds up no other path.
 */
#include "hw/checkers.h"

#include <stdio.h>

#include "core/probe.h"

struct directio {
	struct checker *checker;
	struct probe probe;
};

static void directio_ended(struct probe *p)
{
	struct checker *c = container_of(p, struct directio, probe)->checker;

	probe_text(p, c->message, sizeof(c->message));
	checker_ended(c, probe_well(p) ? CHECK_UP : CHECK_DOWN);
}

static enum check_state directio_start(struct checker *c)
{
	struct directio *d = c->priv;

	d->checker = c;
	d->probe.ended = directio_ended;
	if (probe_start(&d->probe, c->engine, c->dev) == 0)
		return CHECK_PENDING;
	snprintf(c->message, sizeof(c->message), "no memory");
	return CHECK_UNCHECKED;
}

const struct checker_ops checker_directio = {
	.name = "directio",
	.priv_size = sizeof(struct directio),
	.reads = true,
	.start = directio_start,
};
