/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARENA_H
#define ARENA_H

#include <stdint.h>

/**
 * struct arena - all memory that a workload works in: one anonymous mapping
 * @base: its start, on a page boundary
 * @bytes: what may be taken
 * @taken: what has been taken, from the start on
 * @data: size of what was taken first: by convention the data, which fill()
 *	writes and the checksum covers; what comes after it is scratch
 */
struct arena {
	uint8_t *base;
	uint64_t bytes;
	uint64_t taken;
	uint64_t data;
};

int arena_map(struct arena *arena, uint64_t bytes);
void *arena_take(struct arena *arena, uint64_t bytes);

#endif
