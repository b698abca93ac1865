// SPDX-License-Identifier: GPL-2.0-only
/*
 * flips BYTES STRIDE - counts the flipped bits that a workload's checksum does
 * not notice. It flips one bit of every STRIDE-th byte of the data, one at a
 * time, between fill and run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../workload.h"

#define NO_FLIP UINT64_MAX

static uint64_t checksum_with(struct arena *arena, uint64_t flipped)
{
	struct checksum sum;
	struct prng prng;

	arena->taken = 0;
	prng_seed(&prng, 1);
	checksum_start(&sum);
	workload.fill(arena, &prng);
	if (flipped != NO_FLIP)
		arena->base[flipped] ^= (uint8_t)(1 << flipped % 8);
	workload.run(&sum);
	if (workload.fold)
		workload.fold(&sum);
	return checksum_value(&sum);
}

int main(int argc, char **argv)
{
	uint64_t right, stride, offset, flips = 0, unnoticed = 0;
	struct arena arena;

	if (argc != 3)
		return 64;
	stride = strtoull(argv[2], NULL, 10);
	if (!stride || arena_map(&arena, strtoull(argv[1], NULL, 10)))
		return 71;
	right = checksum_with(&arena, NO_FLIP);
	for (offset = 0; offset < arena.data; offset += stride) {
		flips++;
		unnoticed += checksum_with(&arena, offset) == right;
	}
	printf("{\"workload\":\"%s\",\"dataBytes\":%llu,\"flips\":%llu,\"unnoticed\":%llu}\n",
	       workload.name, (unsigned long long)arena.data,
	       (unsigned long long)flips, (unsigned long long)unnoticed);
	return 0;
}
