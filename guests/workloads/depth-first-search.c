// SPDX-License-Identifier: GPL-2.0-only
/*
 * Depth-first search: walks a random tree in pre-order for the node with a
 * key, once a pass for another key each.
 *
 * The tree grows by branches, as one that a program builds over time does. A
 * branch is a chain of nodes side by side in memory. Its first node is a child
 * of any earlier node. The walk follows a branch for a while, and then goes on
 * somewhere else.
 */
#include "workload.h"

#define PASSES         6
#define BRANCH_MINIMUM 512
#define BRANCH_SPREAD  1024
#define NONE           UINT32_MAX

/*
 * Children are a list, the youngest first; the next node of the same branch is
 * the oldest.
 */
struct node {
	uint64_t key;
	uint32_t child;
	uint32_t sibling;
	uint64_t payload[6];
};

static struct {
	struct node *nodes;
	uint32_t count;
	uint32_t *stack;
	uint32_t stack_size;
	uint64_t wanted[PASSES];
} tree;

/*
 * Only a branch's first node has a sibling, and the walk has at most every
 * sibling and one child on its stack.
 */
static uint32_t stack_size_of(uint32_t count)
{
	return count / BRANCH_MINIMUM + 3;
}

static uint64_t bytes_of(uint32_t count)
{
	return (uint64_t)count * sizeof(*tree.nodes) +
	       stack_size_of(count) * sizeof(*tree.stack);
}

static void hang(uint32_t node, uint32_t parent)
{
	tree.nodes[node].sibling = tree.nodes[parent].child;
	tree.nodes[parent].child = node;
}

static void grow(struct prng *prng)
{
	uint32_t i, j, left = 0;

	for (i = 0; i < tree.count; i++) {
		struct node *node = &tree.nodes[i];
		uint32_t parent = i - 1;

		if (!left) {
			left = BRANCH_MINIMUM + prng_below(prng, BRANCH_SPREAD);
			if (i)
				parent = prng_below(prng, i);
		}
		left--;
		node->key = prng_u64(prng);
		for (j = 0; j < 6; j++)
			node->payload[j] = prng_u64(prng);
		node->child = NONE;
		node->sibling = NONE;
		if (i)
			hang(i, parent);
	}
}

static void fill(struct arena *arena, struct prng *prng)
{
	uint32_t i;

	tree.count = (uint32_t)(arena->bytes / sizeof(*tree.nodes));
	while (bytes_of(tree.count) > arena->bytes)
		tree.count--;
	tree.stack_size = stack_size_of(tree.count);
	tree.nodes = arena_take(arena, tree.count * sizeof(*tree.nodes));
	tree.stack = arena_take(arena, tree.stack_size * sizeof(*tree.stack));
	grow(prng);
	for (i = 0; i < PASSES; i++)
		tree.wanted[i] = tree.nodes[prng_below(prng, tree.count)].key;
}

/* A link that memory has corrupted must give a wrong checksum, not a crash. */
static uint32_t push(uint32_t depth, uint32_t node)
{
	if (node >= tree.count || depth == tree.stack_size)
		return depth;
	tree.stack[depth] = node;
	return depth + 1;
}

static void fold_node(struct checksum *sum, const struct node *node)
{
	uint32_t i;

	checksum_u64(sum, node->key);
	checksum_pair(sum, node->child, node->sibling);
	for (i = 0; i < 6; i++)
		checksum_u64(sum, node->payload[i]);
}

static void walk(uint64_t wanted, struct checksum *sum)
{
	uint32_t visited = 0, depth = push(0, 0);
	struct checksum s = *sum;

	while (depth && visited < tree.count) {
		uint32_t index = tree.stack[--depth];
		const struct node *node = &tree.nodes[index];

		fold_node(&s, node);
		if (node->key == wanted)
			checksum_pair(&s, visited, index);
		visited++;
		depth = push(depth, node->sibling);
		depth = push(depth, node->child);
	}
	*sum = s;
}

static void run(struct checksum *sum)
{
	unsigned int pass;

	for (pass = 0; pass < PASSES; pass++)
		walk(tree.wanted[pass], sum);
}

const struct workload workload = {
	.name = "depth-first-search",
	.summary = "Walks a random tree in pre-order, looking for a key.",
	.passes = PASSES,
	.fill = fill,
	.run = run,
};
