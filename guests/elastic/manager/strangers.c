// SPDX-License-Identifier: GPL-2.0-only
/*
 * A manager proves that it knows the key within some milliseconds, so a caller
 * that has been silent for longer is the one to go when there are too many.
 * Whoever calls anew is heard, and who only keeps connections open keeps nobody
 * away.
 */
#include "strangers.h"

static bool is_stranger(const struct worker *worker)
{
	return worker->pid && worker->work == WORK_GUEST && !worker->proven;
}

static bool is_node(const struct manager *manager, uint32_t address)
{
	for (int i = 0; i < manager->peer_count; i++)
		if (manager->peers[i].host.address == address)
			return true;
	return false;
}

/* Whether @a goes rather than @b: no node's address comes first, then age. */
static bool goes_first(const struct manager *manager, const struct worker *a,
		       const struct worker *b)
{
	bool node_a, node_b;

	if (!b)
		return true;
	node_a = is_node(manager, a->caller);
	node_b = is_node(manager, b->caller);
	return node_a != node_b ? node_b : a->began < b->began;
}

/**
 * stranger_in_the_way - choose who goes when there are too many strangers
 * @manager: the manager
 * @address: of who calls now
 *
 * Of one address there are so many, and of all together so many. Those that do
 * not call from a node's address keep no node away.
 *
 * Return: the worker that speaks to the one that goes, or NULL when there is
 * room.
 */
struct worker *stranger_in_the_way(struct manager *manager, uint32_t address)
{
	struct worker *first = NULL, *first_of_one = NULL;
	int count = 0, count_of_one = 0;

	for (int i = 0; i < WORKERS_MOST; i++) {
		struct worker *worker = &manager->workers[i];

		if (!is_stranger(worker))
			continue;
		count++;
		if (goes_first(manager, worker, first))
			first = worker;
		if (worker->caller != address)
			continue;
		count_of_one++;
		if (goes_first(manager, worker, first_of_one))
			first_of_one = worker;
	}
	if (count_of_one >= STRANGERS_OF_ONE)
		return first_of_one;
	return count >= STRANGERS_MOST ? first : NULL;
}
