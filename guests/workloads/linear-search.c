// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linear search: looks through an unordered array of 64-bit integers for every
 * occurrence of a value, once a pass for another value each.
 */
#include "workload.h"

#define PASSES 6

static struct {
	uint64_t *values;
	uint64_t count;
	uint64_t wanted[PASSES];
} search;

static void fill(struct arena *arena, struct prng *prng)
{
	uint64_t i;

	search.count = arena->bytes / sizeof(*search.values);
	search.values =
		arena_take(arena, search.count * sizeof(*search.values));
	for (i = 0; i < search.count; i++)
		search.values[i] = prng_u64(prng);
	for (i = 0; i < PASSES; i++)
		search.wanted[i] =
			search.values[prng_below(prng, (uint32_t)search.count)];
}

static void scan(uint64_t wanted, struct checksum *sum)
{
	struct checksum s = *sum;
	uint64_t i;

	for (i = 0; i < search.count; i++) {
		checksum_u64(&s, search.values[i]);
		if (search.values[i] == wanted)
			checksum_u64(&s, i);
	}
	*sum = s;
}

static void run(struct checksum *sum)
{
	unsigned int pass;

	for (pass = 0; pass < PASSES; pass++)
		scan(search.wanted[pass], sum);
}

const struct workload workload = {
	.name = "linear-search",
	.summary =
		"Searches an unordered array of 64-bit integers from end to end.",
	.passes = PASSES,
	.fill = fill,
	.run = run,
};
