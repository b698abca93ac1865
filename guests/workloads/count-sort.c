// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting sort of records between two arrays. Every pass sorts by another
 * digit of the key and keeps the order of equals, as in a radix sort; source
 * and target change places after it.
 */
#include <string.h>

#include "record.h"
#include "workload.h"

#define PASSES     3
#define DIGIT_BITS 10
#define DIGITS     (1u << DIGIT_BITS)

static struct {
	struct record *source;
	struct record *target;
	uint32_t *position;
	uint32_t count;
} table;

static uint32_t digit_of(const struct record *record, unsigned int pass)
{
	return record->key >> (pass * DIGIT_BITS) & (DIGITS - 1);
}

static void fill(struct arena *arena, struct prng *prng)
{
	uint64_t position_bytes = DIGITS * sizeof(*table.position);
	uint64_t record_bytes;
	uint32_t i;

	table.count = (uint32_t)((arena->bytes - position_bytes) /
				 (2 * sizeof(*table.source)));
	record_bytes = (uint64_t)table.count * sizeof(*table.source);
	table.source = arena_take(arena, record_bytes);
	table.target = arena_take(arena, record_bytes);
	table.position = arena_take(arena, position_bytes);
	for (i = 0; i < table.count; i++) {
		table.source[i].key = prng_u64(prng);
		record_fill_payload(&table.source[i], prng);
	}
}

/* position[d]: where the first record with digit d goes. */
static void count_digits(unsigned int pass)
{
	uint32_t i, digit, before = 0;

	memset(table.position, 0, DIGITS * sizeof(*table.position));
	for (i = 0; i < table.count; i++)
		table.position[digit_of(&table.source[i], pass)]++;
	for (digit = 0; digit < DIGITS; digit++) {
		uint32_t records = table.position[digit];

		table.position[digit] = before;
		before += records;
	}
}

static void distribute(unsigned int pass)
{
	struct record *source = table.source;
	uint32_t i;

	for (i = 0; i < table.count; i++)
		table.target[table.position[digit_of(&source[i], pass)]++] =
			source[i];
	table.source = table.target;
	table.target = source;
}

static void run(struct checksum *sum)
{
	unsigned int pass;

	(void)sum;
	for (pass = 0; pass < PASSES; pass++) {
		count_digits(pass);
		distribute(pass);
	}
}

static void fold(struct checksum *sum)
{
	records_fold(table.source, table.count, sum);
}

const struct workload workload = {
	.name = "count-sort",
	.summary =
		"Sorts an array of records into another one by counting keys.",
	.passes = PASSES,
	.fill = fill,
	.run = run,
	.fold = fold,
};
