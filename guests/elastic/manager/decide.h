/* SPDX-License-Identifier: GPL-2.0-only */
/* Decides when a process is stretched and when it is contracted. */
#ifndef DECIDE_H
#define DECIDE_H

#include <stdbool.h>
#include <stdint.h>

enum action {
	ACTION_STAY,
	ACTION_STRETCH, /* to one node more */
	ACTION_CONTRACT,
};

/**
 * struct situation - what a decision depends on; memory is in pages
 * @resident: pages of the process on this machine
 * @budget: pages that it may have here, 0 for no limit
 * @available: pages that this machine has left
 * @least: pages that this machine should have left
 * @nodes: other nodes that the process is on
 * @lent: pages that those nodes have lent it
 * @away: pages that it has there
 * @limited: whether those nodes have set a limit
 * @calm: milliseconds for which all of it would have fitted here
 */
struct situation {
	uint64_t resident;
	uint64_t budget;
	uint64_t available;
	uint64_t least;
	uint32_t nodes;
	uint64_t lent;
	uint64_t away;
	bool limited;
	uint64_t calm;
};

struct decision {
	enum action action;
	uint32_t look_in; /* milliseconds */
};

bool fits_at_home(const struct situation *now);
struct decision decide(const struct situation *now);

#endif
