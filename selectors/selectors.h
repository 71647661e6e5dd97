/* SPDX-License-Identifier: MIT */
/*
 * Every path selector there is. To add one: its file, its two lines here, its
 * section in man/mpathfs-selectors.7; tests/conformance/selectors.c then tests
 * it too.
 */
#ifndef MPATHFS_SELECTORS_SELECTORS_H
#define MPATHFS_SELECTORS_SELECTORS_H

#include "core/selector.h"

extern const struct selector_ops sel_round_robin;
extern const struct selector_ops sel_queue_length;
extern const struct selector_ops sel_service_time;
extern const struct selector_ops sel_historical_service_time;
extern const struct selector_ops sel_io_affinity;
extern const struct selector_ops sel_adaptive;
extern const struct selector_ops sel_stripe;

/* The initializer of selector_table[]; the order is that of messages. */
#define SELECTOR_TABLE                                                         \
	{                                                                      \
		&sel_round_robin, &sel_queue_length, &sel_service_time,        \
		&sel_historical_service_time, &sel_io_affinity,                \
		&sel_adaptive, &sel_stripe, NULL,                              \
	}

#endif
