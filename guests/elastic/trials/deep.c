// SPDX-License-Identifier: GPL-2.0-only
/*
 * deep: a recursion whose stack grows while it is away from home.
 *
 *	deep DEPTH NODES
 *
 * It waits until NODES other nodes are reached. Each step takes a page of stack
 * and touches pages that were pushed; on the way back it looks whether both are
 * as they were. It prints how many words were not.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "counters.h"
#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)
#define PAGES 1024ul /* most of them elsewhere */
#define TOUCH 8      /* pages in a step */

static volatile uint64_t *area;

static __attribute__((noinline)) unsigned long step(unsigned long left)
{
	volatile uint64_t frame[WORDS];
	unsigned long wrong = 0;

	frame[0] = left;
	for (unsigned long i = 0; i < TOUCH; i++) {
		unsigned long at = (left * TOUCH + i) % PAGES;

		wrong += area[at * WORDS] != at;
	}
	if (left)
		wrong += step(left - 1);
	return wrong + (frame[0] != left);
}

int deep_main(int argc, char **argv)
{
	unsigned long depth = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long nodes = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	unsigned long wrong;

	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	wait_for_nodes(nodes);
	for (unsigned long i = 0; i < PAGES; i++)
		area[i * WORDS] = i;
	wrong = step(depth);
	printf("deep: %lu wrong\n", wrong);
	return wrong != 0;
}
