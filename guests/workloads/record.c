// SPDX-License-Identifier: GPL-2.0-only
#include "record.h"

#define PAYLOAD_WORDS (sizeof(((struct record *)0)->payload) / sizeof(uint64_t))

static void swap_words(uint64_t *x, uint64_t *y)
{
	uint64_t word = *x;

	*x = *y;
	*y = word;
}

/** record_swap() - exchanges two records, which may be the same one */
void record_swap(struct record *x, struct record *y)
{
	uint32_t i;

	swap_words(&x->key, &y->key);
	for (i = 0; i < PAYLOAD_WORDS; i++)
		swap_words(&x->payload[i], &y->payload[i]);
}

/** records_swap() - exchanges two runs of equal length that do not overlap */
void records_swap(struct record *x, struct record *y, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++)
		record_swap(x + i, y + i);
}

/** record_fill_payload() - random bytes behind the key */
void record_fill_payload(struct record *record, struct prng *prng)
{
	uint32_t i;

	for (i = 0; i < PAYLOAD_WORDS; i++)
		record->payload[i] = prng_u64(prng);
}

/** records_fold() - folds whole records, in their order */
void records_fold(const struct record *records, uint64_t count,
		  struct checksum *sum)
{
	struct checksum s = *sum;
	const struct record *record;
	uint32_t i;

	for (record = records; record < records + count; record++) {
		checksum_u64(&s, record->key);
		for (i = 0; i < PAYLOAD_WORDS; i++)
			checksum_u64(&s, record->payload[i]);
	}
	*sum = s;
}
