/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

#include "checksum.h"
#include "prng.h"

#ifndef RECORD_BYTES
#define RECORD_BYTES 1024
#endif

/**
 * struct record - what the sorts sort
 * @key: by this
 * @payload: goes with it
 *
 * Large, so that a footprint holds few enough of them for a sort to finish when
 * half of its comparisons are major faults.
 */
struct record {
	uint64_t key;
	uint64_t payload[RECORD_BYTES / sizeof(uint64_t) - 1];
};

void record_swap(struct record *x, struct record *y);
void records_swap(struct record *x, struct record *y, uint64_t count);
void record_fill_payload(struct record *record, struct prng *prng);
void records_fold(const struct record *records, uint64_t count,
		  struct checksum *sum);

#endif
