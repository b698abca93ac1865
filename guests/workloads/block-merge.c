// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block merge sort: a stable merge sort that needs no second array. Some 2
 * sqrt(n) records with different keys are gathered at the front. One part of
 * them is the *buffer*: a block of records whose order does not matter, since
 * different keys can be sorted again. The other part are *tags*: they go along
 * with the blocks of a merge and tell afterwards which of the two runs each
 * came from, and in which order.
 *
 * Notation: a merge joins run A (m records at @a) and run B (the n records
 * behind it); among equal keys, A's come first.
 */
#include <stdbool.h>

#include "block-merge.h"
#include "heap.h"

/* Below this, insertion sort. */
#define SMALL_RUN 16

/* @block is 0 when there were too few different keys: then merges rotate. */
struct workspace {
	struct record *tags;
	struct record *buffer;
	uint64_t block;
};

/* What is left of one of two merged runs when the other has ended. */
struct remainder {
	struct record *start;
	bool of_left;
};

/* The first of @count sorted records whose key is not below @key. */
static uint64_t lower_bound(const struct record *records, uint64_t count,
			    uint64_t key)
{
	uint64_t low = 0;

	while (low < count) {
		uint64_t middle = low + (count - low) / 2;

		if (records[middle].key < key)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* The first of @count sorted records whose key is above @key. */
static uint64_t upper_bound(const struct record *records, uint64_t count,
			    uint64_t key)
{
	return key == UINT64_MAX ? count : lower_bound(records, count, key + 1);
}

/*
 * Exchanges two neighbouring runs of m and n records, by swaps of whole runs
 * (Gries and Mills, 1981).
 */
static void rotate(struct record *records, uint64_t m, uint64_t n)
{
	while (m && n) {
		if (m <= n) {
			records_swap(records, records + m, m);
			records += m;
			n -= m;
		} else {
			records_swap(records + m - n, records + m, n);
			m -= n;
		}
	}
}

/*
 * Divides both runs at a common key, exchanges the inner parts, goes on with
 * the halves.
 */
static void merge_by_rotation(struct record *a, uint64_t m, uint64_t n)
{
	uint64_t i, j;

	if (!m || !n || a[m - 1].key <= a[m].key)
		return;
	if (m + n == 2) {
		record_swap(a, a + 1);
		return;
	}
	if (m >= n) {
		i = m / 2;
		j = lower_bound(a + m, n, a[i].key);
	} else {
		j = n / 2;
		i = upper_bound(a, m, a[m + j].key);
	}
	rotate(a + i, m - i, j);
	merge_by_rotation(a, i, j);
	merge_by_rotation(a + i + j, m - i, n - j);
}

/*
 * Merges from the front, with the left run (no longer than the buffer) moved
 * out of the way. Ends as soon as one run does: the remainder is where it
 * belongs.
 */
static struct remainder merge_forward(struct record *buffer, struct record *a,
				      uint64_t m, uint64_t n,
				      bool left_before_equal)
{
	struct record *left = buffer, *left_end = buffer + m;
	struct record *right = a + m, *right_end = right + n;
	struct record *out = a;

	records_swap(buffer, a, m);
	while (left < left_end && right < right_end) {
		bool take_left = left->key < right->key ||
				 (left_before_equal && left->key == right->key);

		record_swap(out++, take_left ? left++ : right++);
	}
	records_swap(out, left, (uint64_t)(left_end - left));
	return (struct remainder){ .start = out, .of_left = left < left_end };
}

/*
 * Merges from the back, with run B (no longer than the buffer) moved out of the
 * way.
 */
static void merge_backward(struct record *buffer, struct record *a, uint64_t m,
			   uint64_t n)
{
	struct record *left = a + m, *right = buffer + n, *out = a + m + n;

	records_swap(buffer, a + m, n);
	while (right > buffer) {
		bool take_left = left > a && left[-1].key > right[-1].key;

		record_swap(--out, take_left ? --left : --right);
	}
}

static void swap_blocks(const struct workspace *space, struct record *blocks,
			uint64_t i, uint64_t j)
{
	if (i == j)
		return;
	records_swap(blocks + i * space->block, blocks + j * space->block,
		     space->block);
	record_swap(space->tags + i, space->tags + j);
}

static uint64_t smallest_tag(const struct workspace *space, uint64_t from,
			     uint64_t count)
{
	uint64_t best = from, i;

	for (i = from + 1; i < from + count; i++)
		if (space->tags[i].key < space->tags[best].key)
			best = i;
	return best;
}

/*
 * Orders blocks by their first keys, A's before B's. What is left of A rolls
 * through B: its first block changes places with the next one of B, so that A's
 * blocks lose their order, but for their tags.
 */
static void arrange_blocks(const struct workspace *space, struct record *blocks,
			   uint64_t a_left, uint64_t b_left)
{
	uint64_t slot, next_a = 0;

	for (slot = 0; a_left; slot++) {
		uint64_t next_b = slot + a_left;

		if (!b_left || blocks[next_a * space->block].key <=
				       blocks[next_b * space->block].key) {
			swap_blocks(space, blocks, slot, next_a);
			a_left--;
			next_a = smallest_tag(space, slot + 1, a_left);
		} else {
			swap_blocks(space, blocks, slot, next_b);
			b_left--;
			if (next_a == slot)
				next_a = next_b;
		}
	}
}

/*
 * Merges arranged blocks from left to right. What is left over of a merge is no
 * longer than a block, and nothing that follows it is smaller than what was put
 * before it.
 */
static void merge_neighbours(const struct workspace *space,
			     struct record *blocks, uint64_t count,
			     uint64_t first_b_tag)
{
	bool pending_of_a = space->tags[0].key < first_b_tag;
	struct record *pending = blocks;
	uint64_t i;

	for (i = 1; i < count; i++) {
		struct record *block = blocks + i * space->block;
		bool block_of_a = space->tags[i].key < first_b_tag;
		struct remainder rest;

		if (block_of_a == pending_of_a) {
			pending = block;
			continue;
		}
		rest = merge_forward(space->buffer, pending,
				     (uint64_t)(block - pending), space->block,
				     pending_of_a);
		pending = rest.start;
		if (!rest.of_left)
			pending_of_a = block_of_a;
	}
}

/*
 * Whole blocks of A and B first. What A has before its whole blocks are its
 * smallest records, and what B has behind its own are its largest: both find
 * their places without going through all of the rest.
 */
static void merge_by_blocks(const struct workspace *space, struct record *a,
			    uint64_t m, uint64_t n)
{
	uint64_t head = m % space->block, tail = n % space->block;
	uint64_t a_blocks = m / space->block, b_blocks = n / space->block;
	uint64_t whole = (a_blocks + b_blocks) * space->block;
	uint64_t first_b_tag = space->tags[a_blocks].key;

	arrange_blocks(space, a + head, a_blocks, b_blocks);
	merge_neighbours(space, a + head, a_blocks + b_blocks, first_b_tag);
	heap_sort(space->tags, a_blocks + b_blocks);
	merge_backward(space->buffer, a + head, whole, tail);
	merge_forward(space->buffer, a, head, whole + tail, true);
}

static void merge(const struct workspace *space, struct record *a, uint64_t m,
		  uint64_t n)
{
	if (a[m - 1].key <= a[m].key)
		return;
	if (!space->block)
		merge_by_rotation(a, m, n);
	else if (m <= space->block)
		merge_forward(space->buffer, a, m, n, true);
	else if (n <= space->block)
		merge_backward(space->buffer, a, m, n);
	else
		merge_by_blocks(space, a, m, n);
}

static void insertion_sort(struct record *records, uint64_t count)
{
	struct record item;
	uint64_t i, hole;

	for (i = 1; i < count; i++) {
		if (records[i - 1].key <= records[i].key)
			continue;
		item = records[i];
		for (hole = i; hole && records[hole - 1].key > item.key; hole--)
			records[hole] = records[hole - 1];
		records[hole] = item;
	}
}

/*
 * Sorts top down, so that a half that fits in memory is finished before the
 * other is touched.
 */
static void sort_run(const struct workspace *space, struct record *records,
		     uint64_t count)
{
	uint64_t half = count / 2;

	if (count <= SMALL_RUN) {
		insertion_sort(records, count);
		return;
	}
	sort_run(space, records, half);
	sort_run(space, records + half, count - half);
	merge(space, records, half, count - half);
}

/*
 * Brings the first records of up to @wanted different keys to the front,
 * sorted; all others keep their order. The growing run travels to the right
 * with the search, over records whose keys it has, and back at the end.
 *
 * Return: how many were found.
 */
static uint64_t gather_different(struct record *records, uint64_t count,
				 uint64_t wanted)
{
	uint64_t start = 0, found = 0, i;

	for (i = 0; i < count && found < wanted; i++) {
		struct record *run = records + start;
		uint64_t place = lower_bound(run, found, records[i].key);

		if (place < found && run[place].key == records[i].key)
			continue;
		rotate(run, found, i - found - start);
		start = i - found;
		rotate(records + start + place, found - place, 1);
		found++;
	}
	rotate(records, start, found);
	return found;
}

static uint64_t square_root(uint64_t n)
{
	uint64_t root = 0, bit;

	for (bit = 1ull << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	return root;
}

/**
 * block_merge_sort() - sorts records by key, stable and in place
 * @records: the first of them
 * @count: how many
 *
 * In the family of WikiSort and GrailSort, after Kim and Kutzner, "Ratio based
 * stable in-place merging" (2008). O(n log n) comparisons and moves; with fewer
 * different keys than 2 sqrt(n), O(n log^2 n) moves. Beyond the records it
 * needs one record and some log2(n) frames of stack.
 */
void block_merge_sort(struct record *records, uint64_t count)
{
	struct workspace space = { .tags = records,
				   .block = square_root(count) };
	uint64_t tags, found;

	if (count <= SMALL_RUN) {
		insertion_sort(records, count);
		return;
	}
	tags = count / space.block;
	space.buffer = records + tags;
	found = gather_different(records, count, tags + space.block);
	if (found < tags + space.block)
		space.block = 0;
	sort_run(&space, records + found, count - found);
	heap_sort(records, found);
	merge_by_rotation(records, found, count - found);
}
