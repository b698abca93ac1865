// SPDX-License-Identifier: GPL-2.0-only
/*
 * scatter: gives back memory in as many pieces as there can be.
 *
 *	scatter PAGES ROUNDS
 *
 * Each round fills PAGES pages and gives back every other one by a call of its
 * own, the last one first, so that no two are neighbours and none continues
 * another. What was given back has to be zero, and the rest as it was.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)

int scatter_main(int argc, char **argv)
{
	size_t pages = argc > 2 ? strtoul(argv[1], NULL, 0) : 1024;
	int rounds = argc > 2 ? atoi(argv[2]) : 2;
	volatile uint64_t *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long wrong = 0;

	if (p == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	for (int r = 1; r <= rounds; r++) {
		for (size_t i = 0; i < pages; i++)
			p[i * WORDS + r] = i ^ (uint64_t)r << 32;
		for (size_t i = pages - 1; i < pages; i -= 2)
			madvise((void *)(p + i * WORDS), PAGE, MADV_DONTNEED);
		for (size_t i = 0; i < pages; i++) {
			int given = (pages - 1 - i) % 2 == 0;
			uint64_t right = given ? 0 : i ^ (uint64_t)r << 32;

			wrong += p[i * WORDS + r] != right;
		}
	}
	printf("scatter: %lu wrong\n", wrong);
	return wrong != 0;
}
