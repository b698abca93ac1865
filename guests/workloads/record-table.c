// SPDX-License-Identifier: GPL-2.0-only
#include "record-table.h"

/**
 * record_table_fill() - fills an arena with records
 * @table: is filled in
 * @arena: all of it is taken
 * @prng: for keys and payloads
 * @key: makes the key of the record at @index of @count
 */
void record_table_fill(struct record_table *table, struct arena *arena,
		       struct prng *prng,
		       uint64_t (*key)(struct prng *prng, uint64_t index,
				       uint64_t count))
{
	uint64_t i;

	table->count = arena->bytes / sizeof(*table->records);
	table->records =
		arena_take(arena, table->count * sizeof(*table->records));
	for (i = 0; i < table->count; i++) {
		table->records[i].key = key(prng, i, table->count);
		record_fill_payload(&table->records[i], prng);
	}
}
