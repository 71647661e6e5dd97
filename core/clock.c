// SPDX-License-Identifier: MIT
/* The only reader of clocks; see clock.h. No state, any thread. */
#include "core/clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_realtime(void)
{
	return read_clock(CLOCK_REALTIME);
}

void clock_text(uint64_t realtime_ns, char buf[CLOCK_TEXT_SIZE])
{
	time_t sec = (time_t)(realtime_ns / NSEC_PER_SEC);
	unsigned int ms = (unsigned int)(realtime_ns % NSEC_PER_SEC /
					 NSEC_PER_MSEC);
	struct tm tm;
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(buf, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, CLOCK_TEXT_SIZE - n, ".%03uZ", ms % 1000);
}
