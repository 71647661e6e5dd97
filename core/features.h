/* SPDX-License-Identifier: MIT */
/*
 * The words of the dm multipath target that an administrator knows from its
 * table lines (census 1.1), as far as they mean something here:
 *
 *   queue_if_no_path       no_path_retry = queue, where that is not set
 *   pg_init_retries N      1..50: activations beyond the first of a group
 *   pg_init_delay_msecs N  0..60000: before an activation that shall wait
 *   retain_attached_hw_handler, queue_mode MODE   accepted, no effect
 */
#ifndef MPATHFS_CORE_FEATURES_H
#define MPATHFS_CORE_FEATURES_H

#include "core/base.h"
#include "core/errmsg.h"

enum { FEATURES_DELAY_MS = 2000 };

struct features {
	bool queue_if_no_path;
	unsigned int pg_init_retries;	/* 0 unless given */
	unsigned int pg_init_delay_ms;	/* FEATURES_DELAY_MS unless given */
};

/* "COUNT WORD...": -EINVAL with the reason in e. */
int features_parse(const char *text, struct features *ret,
		   struct errmsg *e) MUST_CHECK;

#endif
