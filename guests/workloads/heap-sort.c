// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap sort of records. No two keys are equal: heap sort is not stable, and the
 * answer must not depend on how it breaks ties.
 */
#include "heap.h"
#include "workload.h"

static struct {
	struct record *records;
	uint64_t count;
} table;

static void fill(struct arena *arena, struct prng *prng)
{
	uint64_t i;

	table.count = arena->bytes / sizeof(*table.records);
	table.records = arena_take(arena, table.count * sizeof(*table.records));
	for (i = 0; i < table.count; i++) {
		table.records[i].key = (uint64_t)prng_u32(prng) << 32 | i;
		record_fill_payload(&table.records[i], prng);
	}
}

static void run(struct checksum *sum)
{
	(void)sum;
	heap_sort(table.records, table.count);
}

static void fold(struct checksum *sum)
{
	records_fold(table.records, table.count, sum);
}

const struct workload workload = {
	.name = "heap-sort",
	.summary = "Sorts an array of records with a binary heap.",
	.passes = 1,
	.fill = fill,
	.run = run,
	.fold = fold,
};
