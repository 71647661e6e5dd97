// SPDX-License-Identifier: MIT
/*
 * The checkers that core is given: those of hw/, watched, and scripted ones,
 * which say what the path's access state and faults are worth, or what a fault
 * says they say. "alua" sends a command through the monitor's engine, which
 * fares as reads do; "tur" runs on a thread of the pool; "sysfs" answers at
 * once.
 */
#include "core/checker.h"

#include <stdio.h>

#include "hw/checkers.h"
#include "tests/sim/array.h"
#include "tests/sim/models.h"

struct scripted {
	struct io io;
	struct checker *c;
	char buf[512];
};

static enum check_state begun(struct checker *c, enum check_state s)
{
	struct sim_path *sp = array_path_of(c->dev);

	checks_begun(sp->sv->s, sp);
	if (s != CHECK_PENDING)
		checks_ended(sp->sv->s, sp, s);
	return s;
}

static enum check_state by_access(const struct sim_path *sp)
{
	static const enum check_state state[] = {
		[ACCESS_OPTIMIZED] = CHECK_UP,
		[ACCESS_NONOPTIMIZED] = CHECK_UP,
		[ACCESS_STANDBY] = CHECK_GHOST,
		[ACCESS_UNAVAILABLE] = CHECK_DOWN,
		[ACCESS_TRANSITIONING] = CHECK_PENDING,
	};

	return state[array_access(sp)];
}

static enum check_state verdict(struct checker *c)
{
	const struct sim_dev *sd = container_of(c->dev, struct sim_dev, d);
	const struct sim_path *sp = sd->sp;

	snprintf(c->message, sizeof(c->message), "scripted");
	if (array_fault(sp, FAULT_CHECKER, sp->check.number))
		return (enum check_state)sp->fault[FAULT_CHECKER].err;
	if (sd->dead || array_fault(sp, FAULT_ERROR, sp->check.number))
		return CHECK_DOWN;
	c->message[0] = '\0';
	return by_access(sp);
}

/* hw/, watched */

static enum check_state directio_start(struct checker *c)
{
	enum check_state s = begun(c, checker_directio.start(c));

	array_path_of(c->dev)->check.by_read = s == CHECK_PENDING;
	array_path_of(c->dev)->check.priv = c->priv;
	return s;
}

static enum check_state none_start(struct checker *c)
{
	return begun(c, checker_none.start(c));
}

/* Scripted */

static void command_done(struct io *io, int64_t res)
{
	struct scripted *k = container_of(io, struct scripted, io);
	enum check_state s = verdict(k->c);

	(void)res;
	checks_ended(array_path_of(k->c->dev)->sv->s, array_path_of(k->c->dev),
		     s);
	checker_ended(k->c, s);
}

bool checker_read(const struct io *io, const void *priv)
{
	return (const char *)io >= (const char *)priv &&
	       (const char *)io <
		       (const char *)priv + checker_directio.priv_size;
}

bool checker_command(const struct io *io)
{
	return io->done == command_done;
}

static enum check_state alua_start(struct checker *c)
{
	struct scripted *k = c->priv;

	k->c = c;
	k->io.op = IO_READ;
	k->io.dev = c->dev;
	k->io.buf = k->buf;
	k->io.off = 0;
	k->io.len = sizeof(k->buf);
	k->io.done = command_done;
	c->engine->ops->submit(c->engine, &k->io);
	return begun(c, CHECK_PENDING);
}

static enum check_state tur_run(struct checker *c)
{
	enum check_state s = verdict(c);
	struct sim_path *sp = array_path_of(c->dev);
	struct path *p = sp->sv->v ? volume_path(sp->sv->v, sp->name) : NULL;

	if (!p || p->dev != c->dev)
		return s; /* of a path that was taken out */
	checks_begun(sp->sv->s, sp);
	checks_ended(sp->sv->s, sp, s);
	return s;
}

/* At once: the answer cannot be that it is yet to come. */
static enum check_state sysfs_start(struct checker *c)
{
	enum check_state s = verdict(c);

	return begun(c, s == CHECK_PENDING ? CHECK_UNCHECKED : s);
}

/* Those of hw/ are copied when a run begins: the rest is their own. */
static struct checker_ops sim_directio, sim_none;

static const struct checker_ops sim_alua = {
	.name = "alua",
	.priv_size = sizeof(struct scripted),
	.start = alua_start,
};

static const struct checker_ops sim_tur = {
	.name = "tur",
	.run = tur_run,
};

static const struct checker_ops sim_sysfs = {
	.name = "sysfs",
	.start = sysfs_start,
};

const struct checker_ops *const checker_table[] = {
	&sim_directio, &sim_none, &sim_alua, &sim_tur, &sim_sysfs, NULL};
const char *const sim_checker_names[] = {"directio", "none",  "alua",
					 "tur",	     "sysfs", NULL};

void checkers_init(void)
{
	sim_directio = checker_directio;
	sim_directio.start = directio_start;
	sim_none = checker_none;
	sim_none.start = none_start;
}
