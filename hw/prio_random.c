// SPDX-License-Identifier: MIT
/*
 * 1 to 10, anew at each refresh (census 3.5): groups change under load all the
 * time, for tests of what stands on the volume.
 */
#include <sys/random.h>

#include "hw/prioritizers.h"

enum { RANDOM_MAX = 10 };

/* Never blocks after the kernel's start; less than a word is all the same. */
static int random_get(struct prio_query *q)
{
	unsigned int n = 0;

	(void)q;
	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) < 0)
		return 1;
	return 1 + (int)(n % RANDOM_MAX);
}

const struct prioritizer_ops prio_random = {
	.name = "random",
	.get = random_get,
};
