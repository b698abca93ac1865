// SPDX-License-Identifier: GPL-2.0-only
/*
 * errand: a loop that needs home and another node in turn, where jumping never
 * pays.
 *
 *	errand ROUNDS NODES
 *
 * It waits until NODES other nodes are reached. Each round touches a few pages
 * that were pushed, and then writes to a file, which home does. It prints how
 * many words were not what they have to be.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counters.h"
#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)
#define PAGES 2048ul /* most of them elsewhere */
#define STEP  37     /* pages from one that is touched to the next */
#define TOUCH 3      /* pages in a round */

int errand_main(int argc, char **argv)
{
	unsigned long rounds = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long nodes = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	volatile uint64_t *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long wrong = 0, next = 0;
	int fd = open("/tmp/errand", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (p == MAP_FAILED || fd < 0) {
		perror("errand");
		return 2;
	}
	wait_for_nodes(nodes);
	for (unsigned long i = 0; i < PAGES; i++)
		p[i * WORDS] = i;
	for (unsigned long i = 0; i < rounds; i++) {
		for (int j = 0; j < TOUCH; j++) {
			next = (next + STEP) % PAGES;
			wrong += p[next * WORDS] != next;
		}
		if (pwrite(fd, &i, sizeof(i), 0) != sizeof(i))
			wrong++;
	}
	printf("errand: %lu wrong\n", wrong);
	return wrong != 0;
}
