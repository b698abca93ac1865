/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_TABLE_H
#define RECORD_TABLE_H

#include "arena.h"
#include "record.h"

/**
 * struct record_table - records that fill an arena
 * @records: the first of them
 * @count: how many
 */
struct record_table {
	struct record *records;
	uint64_t count;
};

void record_table_fill(struct record_table *table, struct arena *arena,
		       struct prng *prng,
		       uint64_t (*key)(struct prng *prng, uint64_t index,
				       uint64_t count));

#endif
