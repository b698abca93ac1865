// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block sort of records, of which about four have the same key: the answer has
 * them in the order in which they were made.
 */
#include "block-merge.h"
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
		table.records[i].key =
			prng_below(prng, (uint32_t)table.count / 4);
		record_fill_payload(&table.records[i], prng);
	}
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
