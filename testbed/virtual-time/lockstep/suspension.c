// SPDX-License-Identifier: MIT
#include "suspension.h"

#include "complain.h"
#include "network.h"
#include "wire.h"

#define MAX_SUSPENSIONS 64

static struct suspension {
	uint32_t port;
	int64_t from;
	int64_t to;
} suspensions[MAX_SUSPENSIONS];
static uint32_t count;

void suspend(uint32_t port, int64_t from, int64_t to)
{
	if (count == MAX_SUSPENSIONS)
		complain("more than %d suspensions", MAX_SUSPENSIONS);
	for (uint32_t i = 0; i < count; i++) {
		if (suspensions[i].port == port && suspensions[i].to > from)
			complain("two suspensions of port %u meet", port);
	}
	suspensions[count++] = (struct suspension){ port, from, to };
}

int64_t own_time(uint32_t port, int64_t time)
{
	int64_t behind = 0;

	if (time == NEVER)
		return NEVER;
	for (uint32_t i = 0; i < count; i++) {
		const struct suspension *one = &suspensions[i];

		if (one->port == port && one->from < time)
			behind += (one->to < time ? one->to : time) - one->from;
	}
	return time - behind;
}

int64_t common_time(uint32_t port, int64_t own)
{
	int64_t time = own;

	for (uint32_t i = 0; i < count; i++) {
		const struct suspension *one = &suspensions[i];

		if (one->port == port && one->from <= time && time != NEVER)
			time += one->to - one->from;
	}
	return time;
}
