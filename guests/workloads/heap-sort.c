// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap sort of records. No two keys are equal: heap sort is not stable, and the
 * answer must not depend on how it breaks ties.
 */
#include "heap.h"
#include "record-table.h"
#include "workload.h"

static struct record_table table;

static uint64_t make_key(struct prng *prng, uint64_t index, uint64_t count)
{
	(void)count;
	return (uint64_t)prng_u32(prng) << 32 | index;
}

static void fill(struct arena *arena, struct prng *prng)
{
	record_table_fill(&table, arena, prng, make_key);
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
