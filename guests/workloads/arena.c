// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"

/**
 * arena_map() - maps the memory
 * @arena: is set up, empty
 * @bytes: how much may be taken; the kernel rounds up to whole pages
 *
 * Every page has 4 KiB. MADV_NOHUGEPAGE sees to that; a kernel without huge
 * pages refuses it with EINVAL, and needs it not.
 *
 * Return: 0, or -1 with errno.
 */
int arena_map(struct arena *arena, uint64_t bytes)
{
	void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return -1;
	if (madvise(base, bytes, MADV_NOHUGEPAGE) && errno != EINVAL)
		return -1;
	*arena = (struct arena){ .base = base, .bytes = bytes };
	return 0;
}

/**
 * arena_take() - take the next bytes, aligned to 8
 * @arena: to take them from
 * @bytes: at most what is left: a workload computes its sizes from
 *	arena->bytes, so more is a mistake in it
 */
void *arena_take(struct arena *arena, uint64_t bytes)
{
	uint64_t start = (arena->taken + 7) & ~(uint64_t)7;

	if (start > arena->bytes || bytes > arena->bytes - start) {
		fprintf(stderr, "%s: %llu bytes wanted after %llu of %llu\n",
			__func__, (unsigned long long)bytes,
			(unsigned long long)start,
			(unsigned long long)arena->bytes);
		abort();
	}
	if (!start)
		arena->data = bytes;
	arena->taken = start + bytes;
	return arena->base + start;
}
