/* SPDX-License-Identifier: GPL-2.0-only */
/* Deadlines: instants of the monotonic clock, in milliseconds. */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Milliseconds from now until an instant, for poll(2). */
static inline int ms_until(int64_t moment)
{
	int64_t left = moment - now_ms();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

#endif
