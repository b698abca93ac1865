// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dijkstra's shortest paths over an adjacency matrix of integer weights, from
 * another source each pass. A matrix needs no heap: to look for the nearest
 * node is no more work than to relax its row.
 */
#include <stdbool.h>
#include <string.h>

#include "workload.h"

#define PASSES 4
/* No edge. */
#define NO_EDGE   0
#define UNREACHED UINT32_MAX

/* The row of node u: the weights of the edges from u to every node. */
static struct {
	uint32_t *weights;
	uint32_t count;
	uint32_t *distance;
	uint8_t *settled;
	uint32_t source[PASSES];
} graph;

static uint64_t bytes_of(uint64_t count)
{
	return count * count * sizeof(*graph.weights) +
	       count * (sizeof(*graph.distance) + sizeof(*graph.settled));
}

/* The largest even number of nodes that fits: rows are folded by pairs. */
static uint32_t count_for(uint64_t bytes)
{
	uint32_t low = 2, high = 1 << 16;

	while (low + 2 < high) {
		uint32_t middle = (low + high) / 4 * 2;

		if (bytes_of(middle) <= bytes)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * One edge in four is there, and always the one to the next node: all nodes
 * can be reached. Weights are from 1 to 32768.
 */
static uint32_t weight_of(uint32_t from, uint32_t to, uint32_t random)
{
	bool next = to == (from + 1) % graph.count;

	return next || !(random & 3) ? 1 + (random >> 17) : NO_EDGE;
}

static void fill(struct arena *arena, struct prng *prng)
{
	uint32_t n = count_for(arena->bytes), u, v;

	graph.count = n;
	graph.weights =
		arena_take(arena, (uint64_t)n * n * sizeof(*graph.weights));
	graph.distance = arena_take(arena, n * sizeof(*graph.distance));
	graph.settled = arena_take(arena, n * sizeof(*graph.settled));
	for (u = 0; u < n; u++)
		for (v = 0; v < n; v++)
			graph.weights[(uint64_t)u * n + v] =
				weight_of(u, v, prng_u32(prng));
	for (u = 0; u < PASSES; u++)
		graph.source[u] = prng_below(prng, n);
}

static void relax(uint32_t v, uint32_t base, uint32_t weight)
{
	if (weight != NO_EDGE && base + weight < graph.distance[v])
		graph.distance[v] = base + weight;
}

/* Reads the whole row of a node that has just been settled. */
static void relax_row(uint32_t u, struct checksum *sum)
{
	const uint32_t *row = graph.weights + (uint64_t)u * graph.count;
	uint32_t base = graph.distance[u], v;
	struct checksum s = *sum;

	for (v = 0; v < graph.count; v += 2) {
		checksum_pair(&s, row[v], row[v + 1]);
		relax(v, base, row[v]);
		relax(v + 1, base, row[v + 1]);
	}
	*sum = s;
}

/* The nearest node that is not settled, the first of several; count if none. */
static uint32_t nearest(void)
{
	uint32_t best = graph.count, distance = UNREACHED, v;

	for (v = 0; v < graph.count; v++) {
		if (!graph.settled[v] && graph.distance[v] < distance) {
			distance = graph.distance[v];
			best = v;
		}
	}
	return best;
}

static void find_paths(uint32_t source, struct checksum *sum)
{
	uint32_t u, v;

	memset(graph.distance, 0xff, graph.count * sizeof(*graph.distance));
	memset(graph.settled, 0, graph.count * sizeof(*graph.settled));
	graph.distance[source] = 0;
	for (u = source; u < graph.count; u = nearest()) {
		graph.settled[u] = 1;
		relax_row(u, sum);
	}
	for (v = 0; v < graph.count; v++)
		checksum_pair(sum, v, graph.distance[v]);
}

static void run(struct checksum *sum)
{
	unsigned int pass;

	for (pass = 0; pass < PASSES; pass++)
		find_paths(graph.source[pass], sum);
}

const struct workload workload = {
	.name = "dijkstra",
	.summary =
		"Finds the shortest paths from a node of a dense graph to all others.",
	.passes = PASSES,
	.fill = fill,
	.run = run,
};
