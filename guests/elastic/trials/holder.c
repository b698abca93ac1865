// SPDX-License-Identifier: GPL-2.0-only
/*
 * holder: a process that looks after its memory when it is told to.
 *
 *	holder PAGES
 *
 * It writes PAGES pages once. At each SIGUSR1 it reads them all, and prints
 * "holder: visit N wrong N". In between it sleeps and wakes.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trials.h"

#define WORDS 512

static volatile sig_atomic_t told;

static void on_signal(int number)
{
	(void)number;
	told++;
}

static uint64_t word(uint64_t i)
{
	return i * 6364136223846793005 + 1442695040888963407;
}

int holder_main(int argc, char **argv)
{
	uint64_t words = (argc > 1 ? strtoull(argv[1], NULL, 0) : 64) * WORDS;
	uint64_t *memory = mmap(NULL, words * 8, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	for (uint64_t i = 0; i < words; i++)
		memory[i] = word(i);
	for (int visit = 0;;) {
		uint64_t wrong = 0;

		if (visit == told) {
			usleep(2000);
			continue;
		}
		for (uint64_t i = 0; i < words; i++)
			wrong += memory[i] != word(i);
		printf("holder: visit %d wrong %llu\n", ++visit,
		       (unsigned long long)wrong);
	}
}
