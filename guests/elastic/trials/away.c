// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the pages of a process are, as it can see it itself.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "away.h"

#define PAGE       4096ul
#define PATIENCE_S 60

size_t pages_away(volatile const void *first, size_t pages)
{
	unsigned char *told = malloc(pages);
	size_t away = 0;

	if (!told || mincore((void *)first, pages * PAGE, told)) {
		perror("mincore");
		exit(2);
	}
	for (size_t i = 0; i < pages; i++)
		away += !(told[i] & 1);
	free(told);
	return away;
}

void until_away(volatile const void *first, size_t pages)
{
	volatile const char *bytes = first;
	time_t begin = time(NULL);

	while (pages_away(first, pages) < pages / 2) {
		if (time(NULL) - begin > PATIENCE_S) {
			fprintf(stderr, "this process is not stretched\n");
			exit(2);
		}
		for (size_t i = 0; i < pages; i++)
			(void)bytes[i * PAGE];
	}
}
