// SPDX-License-Identifier: GPL-2.0-only
#include "heap.h"

/* Puts @item where it belongs on the way down from the hole at @hole. */
static void sift_down(struct record *heap, uint64_t count, uint64_t hole,
		      const struct record *item)
{
	for (;;) {
		uint64_t child = 2 * hole + 1;

		if (child >= count)
			break;
		if (child + 1 < count && heap[child].key < heap[child + 1].key)
			child++;
		if (item->key >= heap[child].key)
			break;
		heap[hole] = heap[child];
		hole = child;
	}
	heap[hole] = *item;
}

/**
 * heap_sort() - sorts records by key, in place, not stable
 * @records: the first of them
 * @count: how many
 *
 * Williams's algorithm (CACM 7(6), 1964, algorithm 232) with Floyd's way to
 * build the heap, bottom up.
 */
void heap_sort(struct record *records, uint64_t count)
{
	struct record item;
	uint64_t i;

	for (i = count / 2; i-- > 0;) {
		item = records[i];
		sift_down(records, count, i, &item);
	}
	for (i = count; i-- > 1;) {
		item = records[i];
		records[i] = records[0];
		sift_down(records, i, 0, &item);
	}
}
