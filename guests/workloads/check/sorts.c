// SPDX-License-Identifier: GPL-2.0-only
/*
 * sorts - sorts inputs of many lengths and shapes, and checks the result: keys
 * are in order, every record is still there, and records with equal keys have
 * kept their order where the sort is stable.
 *
 * Prints how many inputs were right; exits with 1 at the first that is wrong.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../block-merge.h"
#include "../heap.h"

#define LONGEST           4500
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct sort {
	const char *name;
	void (*run)(struct record *records, uint64_t count);
	bool stable;
};

static const struct sort sorts[] = {
	{ "block_merge_sort", block_merge_sort, true },
	{ "heap_sort", heap_sort, false },
};

static struct prng prng;
static struct record records[LONGEST];
static bool seen[LONGEST];

static uint64_t random_key(uint64_t i, uint64_t count)
{
	(void)i;
	(void)count;
	return prng_u64(&prng);
}

static uint64_t four_of_a_kind(uint64_t i, uint64_t count)
{
	(void)i;
	return prng_below(&prng, (uint32_t)count / 4 + 1);
}

static uint64_t few_keys(uint64_t i, uint64_t count)
{
	(void)i;
	(void)count;
	return prng_below(&prng, 5);
}

static uint64_t equal(uint64_t i, uint64_t count)
{
	(void)i;
	(void)count;
	return 7;
}

static uint64_t ascending(uint64_t i, uint64_t count)
{
	(void)count;
	return i / 2;
}

static uint64_t descending(uint64_t i, uint64_t count)
{
	return (count - i) / 2;
}

static uint64_t up_and_down(uint64_t i, uint64_t count)
{
	return i < count / 2 ? i : count - i;
}

static uint64_t saw(uint64_t i, uint64_t count)
{
	(void)count;
	return i % 97;
}

/* All keys are equal but for those that the tags and the buffer need. */
static uint64_t late_news(uint64_t i, uint64_t count)
{
	return i < count - count / 16 ? 1000 : i;
}

static uint64_t extremes(uint64_t i, uint64_t count)
{
	(void)i;
	(void)count;
	return prng_u32(&prng) & 1 ? UINT64_MAX : 0;
}

static uint64_t (*const shapes[])(uint64_t i, uint64_t count) = {
	random_key, four_of_a_kind, few_keys, equal,     ascending,
	descending, up_and_down,    saw,      late_news, extremes,
};

static const char *fault_of(const struct sort *sort, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++)
		seen[i] = false;
	for (i = 0; i < count; i++) {
		const struct record *record = &records[i];
		uint64_t origin = record->payload[0];

		if (origin >= count || seen[origin])
			return "a record is lost";
		if (record->payload[1] != record->key)
			return "a record is torn";
		seen[origin] = true;
		if (!i)
			continue;
		if (record->key < record[-1].key)
			return "keys are out of order";
		if (sort->stable && record->key == record[-1].key &&
		    origin < record[-1].payload[0])
			return "equals have changed places";
	}
	return NULL;
}

static void examine(const struct sort *sort, unsigned int shape, uint64_t count)
{
	const char *fault;
	uint64_t i;

	for (i = 0; i < count; i++) {
		records[i].key = shapes[shape](i, count);
		records[i].payload[0] = i;
		records[i].payload[1] = records[i].key;
	}
	sort->run(records, count);
	fault = fault_of(sort, count);
	if (!fault)
		return;
	fprintf(stderr, "%s: shape %u, %llu records: %s\n", sort->name, shape,
		(unsigned long long)count, fault);
	exit(1);
}

int main(void)
{
	unsigned int sort, shape, inputs = 0;
	uint64_t count;

	prng_seed(&prng, 1);
	for (sort = 0; sort < ARRAY_SIZE(sorts); sort++) {
		for (shape = 0; shape < ARRAY_SIZE(shapes); shape++) {
			for (count = 0; count <= LONGEST;
			     count += 1 + count / 5) {
				examine(&sorts[sort], shape, count);
				inputs++;
			}
		}
	}
	printf("%u\n", inputs);
	return 0;
}
