// SPDX-License-Identifier: GPL-2.0-only
/*
 * wide: a process with a mapping that needs several entries of the topmost page
 * table, the first of which stays empty.
 *
 *	wide PAGES ROUNDS
 *
 * It writes to PAGES pages at the end of such a mapping and to as many of a
 * small one, in turn, so that both go from node to node. After each round a
 * child, for which fork brings all pages home, reads them, and so does the
 * process. It prints how many reads were wrong, and ends with 1 if any was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)
#define TOP   (1ul << 39) /* of one entry of the topmost table */
#define WIDE  (3 * TOP)

static volatile uint64_t *map(size_t bytes)
{
	void *got = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (got == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return got;
}

static unsigned long count_wrong(volatile uint64_t *small,
				 volatile uint64_t *end, size_t pages,
				 int round)
{
	unsigned long wrong = 0;

	for (size_t i = 0; i < pages; i++) {
		wrong += small[i * WORDS] != (i ^ (uint64_t)round << 32);
		wrong += end[i * WORDS] != ~(i ^ (uint64_t)round << 32);
	}
	return wrong;
}

/* What a child finds wrong; all, if it does not come to say. */
static unsigned long child_wrong(volatile uint64_t *small,
				 volatile uint64_t *end, size_t pages,
				 int round)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(count_wrong(small, end, pages, round) != 0);
	if (child < 0) {
		perror("fork");
		exit(2);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 2 * pages;
	return status ? 2 * pages : 0;
}

int wide_main(int argc, char **argv)
{
	size_t pages = argc > 2 ? strtoul(argv[1], NULL, 0) : 256;
	int rounds = argc > 2 ? atoi(argv[2]) : 4;
	volatile uint64_t *small = map(pages * PAGE);
	volatile uint64_t *end = map(WIDE) + (WIDE / PAGE - pages) * WORDS;
	unsigned long wrong = 0;

	for (int round = 1; round <= rounds; round++) {
		for (size_t i = 0; i < pages; i++) {
			small[i * WORDS] = i ^ (uint64_t)round << 32;
			end[i * WORDS] = ~(i ^ (uint64_t)round << 32);
		}
		wrong += child_wrong(small, end, pages, round);
		wrong += count_wrong(small, end, pages, round);
	}
	printf("wide: %lu wrong\n", wrong);
	return wrong != 0;
}
