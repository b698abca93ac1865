// SPDX-License-Identifier: GPL-2.0-only
/*
 * straddle: an instruction that needs pages of several nodes.
 *
 *	straddle PAGES ROUNDS
 *
 * Each round copies eight bytes that begin in one page and end in the next to
 * shared memory, which only home has. The two pages are elsewhere when it
 * begins. The node that has them cannot do it, and home has to bring both.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "away.h"
#include "trials.h"

#define PAGE 4096ul
#define HALF (sizeof(uint64_t) / 2)

static unsigned char *map(size_t bytes, int how)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static unsigned char of_page(size_t page)
{
	return 1 + page % 255;
}

/* The first of two pages that are both elsewhere. */
static size_t both_away(const unsigned char *memory, size_t pages)
{
	for (;;) {
		for (size_t i = 0; i + 1 < pages; i++)
			if (pages_away(memory + i * PAGE, 2) == 2)
				return i;
		until_away(memory, pages);
	}
}

/* Both accesses are of one instruction. */
static void copy_word(const unsigned char *from, unsigned char *to)
{
	asm volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
}

int straddle_main(int argc, char **argv)
{
	size_t pages = argc > 2 ? strtoul(argv[1], NULL, 0) : 256;
	int rounds = argc > 2 ? atoi(argv[2]) : 20, wrong = 0;
	unsigned char *memory = map(pages * PAGE, MAP_PRIVATE);
	unsigned char *to = map(PAGE, MAP_SHARED);
	unsigned char right[2 * HALF];

	for (size_t i = 0; i < pages; i++)
		memset(memory + i * PAGE, of_page(i), PAGE);
	for (int round = 0; round < rounds; round++) {
		size_t first = both_away(memory, pages);

		memset(right, of_page(first), HALF);
		memset(right + HALF, of_page(first + 1), HALF);
		copy_word(memory + (first + 1) * PAGE - HALF, to);
		wrong += !!memcmp(to, right, sizeof(right));
	}
	printf("straddle: %d wrong\n", wrong);
	return wrong != 0;
}
