/* SPDX-License-Identifier: MIT */
/*
 * The array behind the LUNs and what core asks of it: access states of target
 * port groups, activation, checkers, prioritizers, what a device tells of
 * itself, and the pool on which some of that runs.
 */
#ifndef MPATHFS_TESTS_SIM_ARRAY_H
#define MPATHFS_TESTS_SIM_ARRAY_H

#include "core/checker.h"
#include "core/handler.h"
#include "core/pool.h"
#include "core/prioritizer.h"
#include "tests/sim/sim.h"

/* array.c */
void array_use(struct sim *s); /* whose array it is from now on */
enum access array_access(const struct sim_path *sp);
/* Does a read or write go through? */
bool array_serves(const struct sim_path *sp);
/* dur: it is transitioning for so long, then a. */
void array_set(struct sim *s, struct sim_vol *sv, unsigned int tpg,
	       enum access a, uint64_t dur);
/* At the start; one that is transitioning becomes optimized. */
void array_begin(struct sim *s, struct sim_vol *sv, unsigned int tpg,
		 enum access a);
void array_identify(const struct device *d, struct path_facts *ret);
int array_wwid(const struct device *d, char *buf, size_t size,
	       struct errmsg *e);
/* Does the fault strike the number-th of its kind? */
bool array_fault(const struct sim_path *sp, enum fault_kind k, uint64_t number);
/* 0..99; a script's is 99: nothing out of the ordinary. */
unsigned int array_percent(const struct sim_path *sp, unsigned int salt,
			   uint64_t number);
struct sim_path *array_path_of(const struct device *d);

/* handlers.c */
extern const struct handler_ops *const sim_handlers[];
extern const char *const sim_handler_names[];

/* prios.c */
extern const struct prioritizer_ops *const sim_prioritizers[];
extern const char *const sim_prioritizer_names[];
/* Has a prioritizer said that, or the configuration? */
void prio_say(struct sim_path *sp, int prio);
bool prio_heard(const struct sim_path *sp, int prio);

/* checkers.c */
extern const char *const sim_checker_names[];
void checkers_init(void);
/* Is it a checker's command, and no read of data? */
bool checker_command(const struct io *io);
/* Is it the read of a checker that has that state? */
bool checker_read(const struct io *io, const void *priv);

/* pool.c */
struct pool *pool_init(struct sim *s);
uint64_t pool_next(const struct sim *s); /* when the next job ends */
void pool_run(struct sim *s);		 /* the first one that is due */
/* The path hangs until then: so does what is sent to it. */
void pool_hang(struct sim *s, const struct sim_path *sp, uint64_t until);
/* Nothing takes long any more. */
void pool_heal(struct sim *s);
bool pool_busy(const struct sim *s);

#endif
