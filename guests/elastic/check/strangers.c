// SPDX-License-Identifier: GPL-2.0-only
/*
 * strangers CALLER...: callers come one after the other, and none of them ever
 * proves anything. n1 to n9 call from the address of a node, others do not.
 * Prints who is still heard at the end, in the order of their coming.
 */
#include <stdio.h>
#include <stdlib.h>

#include "strangers.h"

static uint32_t address_of(const char *caller)
{
	uint32_t number = (uint32_t)strtoul(caller + 1, NULL, 10);

	return *caller == 'n' ? number : 1000 * (uint32_t)*caller + number;
}

int main(int argc, char **argv)
{
	static struct manager manager;

	for (uint32_t i = 0; i < 9; i++)
		manager.peers[i].host.address = i + 1;
	manager.peer_count = 9;
	for (int i = 1; i < argc && i <= WORKERS_MOST; i++) {
		uint32_t address = address_of(argv[i]);
		struct worker *goes = stranger_in_the_way(&manager, address);

		if (goes)
			goes->pid = 0;
		manager.workers[i - 1] = (struct worker){
			.pid = i,
			.work = WORK_GUEST,
			.caller = address,
			.began = (uint64_t)i,
		};
	}
	for (int i = 1; i < argc && i <= WORKERS_MOST; i++)
		if (manager.workers[i - 1].pid)
			printf("%s ", argv[i]);
	putchar('\n');
	return 0;
}
