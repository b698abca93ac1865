// SPDX-License-Identifier: GPL-2.0-only
/*
 * reserve: a process that asks for all of its memory at once.
 *
 *	reserve MEBIBYTES
 *
 * It writes to each page, and reads all of them back. It prints how many were
 * wrong, and ends with 1 if any was; or "reserve: refused", and ends with 3.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "trials.h"

#define STEP 512 /* words of a page */

/* No two pages have the same word, and none has zero. */
static uint64_t word(size_t i)
{
	return (i + 1) * 6364136223846793005;
}

int reserve_main(int argc, char **argv)
{
	size_t words = (argc > 1 ? strtoull(argv[1], NULL, 0) : 1) << 17;
	uint64_t *memory = malloc(words * sizeof(*memory));
	uint64_t wrong = 0;

	if (!memory) {
		printf("reserve: refused%s\n",
		       errno == ENOMEM ? "" : ", but not by ENOMEM");
		return 3;
	}
	for (size_t i = 0; i < words; i += STEP)
		memory[i + i / STEP % STEP] = word(i);
	for (size_t i = 0; i < words; i += STEP)
		wrong += memory[i + i / STEP % STEP] != word(i);
	printf("reserve: %llu wrong\n", (unsigned long long)wrong);
	return wrong ? 1 : 0;
}
