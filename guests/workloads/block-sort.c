// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block sort of records, of which about four have the same key: the answer has
 * them in the order in which they were made.
 */
#include "block-merge.h"
#include "record-table.h"
#include "workload.h"

static struct record_table table;

static uint64_t make_key(struct prng *prng, uint64_t index, uint64_t count)
{
	(void)index;
	return prng_below(prng, (uint32_t)count / 4);
}

static void fill(struct arena *arena, struct prng *prng)
{
	record_table_fill(&table, arena, prng, make_key);
}

static void run(struct checksum *sum)
{
	(void)sum;
	block_merge_sort(table.records, table.count);
}

static void fold(struct checksum *sum)
{
	records_fold(table.records, table.count, sum);
}

const struct workload workload = {
	.name = "block-sort",
	.summary =
		"Sorts an array of records by merging blocks in place, stably.",
	.passes = 1,
	.fill = fill,
	.run = run,
	.fold = fold,
};
